"""Evidence onto the heart."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cine_mapping.anatomy_io import load_anatomy
    from cine_mapping.beat import fold_evidence
    from cine_mapping.beats import find_beat
    from cine_mapping.mapping import map_evidence
    from cine_mapping.projection import cross_modal_average, plan_projection
    from cine_mapping.recordings import simulate_recording

# Loaded at first use, so that naming the package costs nothing.
_LAZY = {
    "cross_modal_average": "cine_mapping.projection",
    "find_beat": "cine_mapping.beats",
    "fold_evidence": "cine_mapping.beat",
    "load_anatomy": "cine_mapping.anatomy_io",
    "map_evidence": "cine_mapping.mapping",
    "plan_projection": "cine_mapping.projection",
    "simulate_recording": "cine_mapping.recordings",
}

__all__ = [
    "cross_modal_average",
    "find_beat",
    "fold_evidence",
    "load_anatomy",
    "map_evidence",
    "plan_projection",
    "simulate_recording",
]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
