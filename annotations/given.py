"""What a file from elsewhere does not say, and its importer must: nothing of it is guessed."""

from dataclasses import dataclass, fields
from typing import Literal

from annotations.annotation import Provenance, State, TimeBase
from imn.errors import InputError

Unit = Literal["s", "ms", "samples"]

ALONE = ("fs", "unit", "on", "leads", "array", "value")
"""What may be given beside a file of our own without making it one from elsewhere."""


@dataclass(frozen=True)
class Given:
    """Options of an import; None where nothing was given.

    Parameters
    ----------
    record_id, rater, label : str or None
    provenance : "expert", "derived", "simulated" or None
    confidence : float or None
        0 to 1.
    state : "draft", "signed", "adjudicated" or None
        Signed, where neither file nor importer says otherwise.
    fs : float or None, Hz
        Sampling rate of marks that count samples.
    unit : "s", "ms", "samples" or None
        Of columns ``onset`` and ``offset``.
    on : "beat", "recording" or None
        What times count from.
    leads : tuple of str
        The lead of all marks, or the record's leads in the order of its signals.
    array : str or None
        Of a label map: which of its arrays.
    value : int or None
        Of a label map: the code in that array.
    """

    record_id: str | None = None
    rater: str | None = None
    label: str | None = None
    provenance: Provenance | None = None
    confidence: float | None = None
    state: State | None = None
    fs: float | None = None
    unit: Unit | None = None
    on: TimeBase | None = None
    leads: tuple[str, ...] = ()
    array: str | None = None
    value: int | None = None

    def __post_init__(self) -> None:
        if self.fs is not None and not 0 < self.fs <= 1e6:
            msg = f"the sampling rate must be above 0 and at most 1000000 Hz, got {self.fs:g}"
            raise InputError(msg)

    @property
    def speaks(self) -> bool:
        """Whether it says whose the marks are or what they speak for."""
        return any(getattr(self, f.name) not in (None, ()) for f in fields(self) if f.name not in ALONE)

    def need(self, *names: str, where: object) -> None:
        """Refuse to go on without these.

        Parameters
        ----------
        *names : str
            Of fields.
        where : object
            The file that does not say them, for the refusal's sentence.

        Raises
        ------
        InputError
            Naming the options that are missing.
        """
        missing = [name.replace("_id", "") for name in names if getattr(self, name) in (None, ())]
        if missing:
            options = [f"--{name}" for name in missing]
            msg = f"{where}: the file does not say {_joined(missing)}; give {_joined(options)}"
            raise InputError(msg)


NO_OPTIONS = Given()


def _joined(words: list[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)
