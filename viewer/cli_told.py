"""The options that say of recordings what their files do not, for every command that reads some."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class ToldOptions:
    """Said of recordings whose files leave it out; what a file does say must agree."""

    fs: float | None = None
    """Sampling rate, Hz, of tables and arrays that do not state it."""
    unit: str | None = None
    """Unit of tables and arrays that do not state it: mV, uV or V."""
    leads: tuple[str, ...] = ()
    """Names of the columns of tables and arrays that do not state them."""
    adu_per_mv: float | None = None
    """Steps of the converter per mV, alike in all leads, instead of gains that are wrong: 1000 for LUDB."""

    @property
    def arguments(self) -> dict[str, Any]:
        """What `imn.formats.read_record` takes."""
        return asdict(self)

    @property
    def words(self) -> str:
        """What is told, as it is typed."""
        given = {name.replace("_", "-"): value for name, value in asdict(self).items() if value}
        return "".join(f" --{name} {_typed(value)}" for name, value in given.items())


UNTOLD = ToldOptions()


def _typed(value: float | str | tuple[str, ...]) -> str:
    if isinstance(value, tuple):
        return " ".join(value)
    return value if isinstance(value, str) else f"{value:g}"
