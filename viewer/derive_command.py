"""What ``ecglocus annotations derive`` does."""

from dataclasses import dataclass
from importlib import metadata
from pathlib import Path


@dataclass(frozen=True)
class Derive:
    """Derive annotations from the statements of PTB-XL or LUDB; take LUDB's wave limits as its experts'."""

    data: Path
    """Root folder of PTB-XL or LUDB in its native layout."""
    out: Path
    """Store to add to (SQLite); an interrupted run goes on where it was."""

    def run(self) -> int:
        """Derive; a recording that cannot be read does not stop the others."""
        return derive(self)


def derive(options: Derive) -> int:
    """Derive the annotations of every recording and add them to a store."""
    from tqdm import tqdm

    from annotations.derive_sources import derive as annotations_of
    from annotations.derive_sources import sources
    from annotations.store import open_store
    from imn.errors import InputError
    from viewer.commands import complain, say

    found = [source for source in sources(options.data) if source.raters]
    tool = f"ecglocus {metadata.version('ecglocus')}"
    added = failures = 0
    with open_store(options.out) as store:
        raters = {rater for source in found for rater in source.raters}
        done = {(a.record_id, a.rater) for r in raters for a in store.latest(rater=r) if a.tool == tool}
        for source in tqdm(found, desc="derive", unit="rec", disable=None):
            if all((source.record_id, rater) in done for rater in source.raters):
                continue
            try:
                added += store.add_all(annotations_of(source, tool=tool))[0]
            except InputError as mistake:
                complain(str(mistake))
                failures += 1
    say(f"{added} annotations of {len(found)} recordings added to {options.out}")
    return 2 if failures else 0
