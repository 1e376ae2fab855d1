"""ECG in, prediction and evidence out."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from imn.explanation import Explanation
    from imn.formats import read_record
    from imn.model import explain, load_model
    from imn.record import Record

# Loaded at first use, so that geometry and annotations start without torch.
_LAZY = {
    "Explanation": "imn.explanation",
    "Record": "imn.record",
    "explain": "imn.model",
    "load_model": "imn.model",
    "read_record": "imn.formats",
}

__all__ = ["Explanation", "Record", "explain", "load_model", "read_record"]


def __getattr__(name: str) -> Any:
    if name in _LAZY:
        return getattr(import_module(_LAZY[name]), name)
    msg = f"module {__name__!r} has no attribute {name!r}"
    raise AttributeError(msg)
