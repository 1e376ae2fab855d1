"""Twelve-lead pictures of one simulated recording of each condition, for the documentation.

``python -m viewer.simulated_pictures [FOLDER]``, by default docs/simulated.
"""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cine_mapping.simulated_set import SimulatedSet, simulate_case
from viewer.simulate_command import draw_case
from viewer.small_picture import shrink

SHOWN: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    ("normal", "normal", ()),
    ("ischaemia-lad", "ischaemia", ("LAD",)),
    ("ischaemia-rca", "ischaemia", ("RCA", "RV free wall")),
    ("ischaemia-lcx", "ischaemia", ("LCX",)),
    ("scar-lad", "scar", ("LAD",)),
    ("scar-rca", "scar", ("RCA",)),
    ("ectopy-outflow", "ectopy", ("RV outflow tract",)),
    ("ectopy-rv-apex", "ectopy", ("RV apex",)),
    ("wpw-left", "WPW", ("LCX",)),
    ("wpw-right", "WPW", ("RV free wall",)),
    ("lbbb", "LBBB", ()),
    ("rbbb", "RBBB", ()),
    ("lafb", "LAFB", ()),
    ("lpfb", "LPFB", ()),
    ("lvh", "LVH", ()),
    ("rvh", "RVH", ()),
)
"""File, condition and region."""
COLOURS = 16


def draw_all(folder: Path) -> Iterator[Path]:
    """Draw the reference heart under each condition, 70 beats a minute, and give each file."""
    for seed, (name, family, regions) in enumerate(SHOWN, start=1):
        plan = SimulatedSet((family,), regions, patients=0, seed=seed, heart_rate=70.0)
        path = folder / f"{name}.png"
        with tempfile.TemporaryDirectory() as scratch:
            large = Path(scratch) / "large.png"
            draw_case(large, simulate_case(plan, 0))
            shrink(large, path, colours=COLOURS)
        yield path


if __name__ == "__main__":
    for drawn in draw_all(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/simulated")):
        sys.stdout.write(f"{drawn}\n")
