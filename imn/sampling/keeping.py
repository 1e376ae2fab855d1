"""Keep logits in a file each, with all that they depend on."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imn.errors import InputError
from imn.results import write_text


def kept_or_made(
    path: Path, key: Mapping[str, Any], make: Callable[[], NDArray[np.float64]]
) -> NDArray[np.float64]:
    """Give the logits that a file holds; make and keep them where there is none.

    Parameters
    ----------
    path : Path
    key : mapping
        What the logits depend on; fit for JSON.
    make : callable

    Returns
    -------
    (r,) float64

    Raises
    ------
    InputError
        If the file is damaged, or was made from something else.
    """
    wanted = json.loads(json.dumps(key))
    if not path.exists():
        logits = make()
        write_text(path, json.dumps({"key": wanted, "logits": logits.tolist()}, indent=1) + "\n")
        return logits
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
        before, logits = stored["key"], np.array(stored["logits"], dtype=float)
    except (ValueError, TypeError, KeyError) as error:
        msg = f"{path}: damaged; delete it to make it again"
        raise InputError(msg) from error
    if before != wanted:
        msg = f"{path}: made with other recordings or options; give another folder"
        raise InputError(msg)
    return logits
