"""What ``ecglocus view`` was asked to open, handed to the page through the environment."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from viewer.cli_told import ToldOptions

VARIABLE = "ECGLOCUS_VIEW"
STORE = "ecglocus-annotations.sqlite"
STORE_SUFFIXES = (".sqlite", ".sqlite3", ".db")


@dataclass(frozen=True)
class AppOptions:
    """What the page offers when it opens.

    Parameters
    ----------
    sources : tuple of str
        Paths of recordings and run directories; none for the demonstration.
    models : tuple of str
        Weights beside the shipped ones.
    anatomies : tuple of str
        Anatomy files beside the reference; the first is shown first.
    store : str
        Annotations are kept there.
    told : ToldOptions
        Of the recordings among the sources.
    """

    sources: tuple[str, ...] = ()
    models: tuple[str, ...] = ()
    anatomies: tuple[str, ...] = ()
    store: str = STORE
    told: ToldOptions = ToldOptions()

    @property
    def first_anatomy(self) -> str:
        """Heart to begin with: the one that was asked for."""
        return self.anatomies[0] if self.anatomies else "reference"

    @property
    def networks(self) -> tuple[str, ...]:
        """Weights that can be read as the network itself: all but those of rivals."""
        return tuple(path for path in self.models if not _is_rival(path))

    def environment(self) -> dict[str, str]:
        """Give the variable that `from_environment` reads."""
        return {VARIABLE: json.dumps(asdict(self))}


def _is_rival(path: str) -> bool:
    """Tell from its card; a file that cannot be read is said to be so when it is chosen."""
    from imn.rivals import RIVALS

    try:
        card = json.loads(Path(path).with_suffix(".json").read_text(encoding="utf-8"))
        return card["recipe"]["model"] in RIVALS
    except (OSError, ValueError, KeyError, TypeError):
        return False


def from_environment(environment: Mapping[str, str] | None = None) -> AppOptions:
    """Read the options of this process; the demonstration where there are none."""
    given = json.loads((os.environ if environment is None else environment).get(VARIABLE, "{}"))
    many = {name: tuple(given.get(name, ())) for name in ("sources", "models", "anatomies")}
    told = given.get("told", {})
    told |= {"leads": tuple(told.get("leads", ()))}
    return AppOptions(**many, store=given.get("store", STORE), told=ToldOptions(**told))


def sorted_paths(paths: tuple[Path, ...], store: Path | None) -> tuple[tuple[str, ...], str]:
    """Tell the store from the recordings among the paths that were given.

    Parameters
    ----------
    paths : tuple of Path
    store : Path or None
        Named as such; wins over one among the paths.

    Returns
    -------
    sources : tuple of str
    store : str
    """
    stores = [path for path in paths if path.suffix.lower() in STORE_SUFFIXES]
    sources = tuple(str(path.resolve()) for path in paths if path not in stores)
    kept = store or (stores[0] if stores else Path(STORE))
    return sources, str(kept.resolve())


def stores_beside(store: str) -> list[str]:
    """List a store and the others of its folder; visitors choose among these and no other files."""
    folder = Path(store).parent
    others = sorted(str(path) for path in folder.iterdir() if path.suffix.lower() in STORE_SUFFIXES)
    return [store, *(path for path in others if path != store)]
