"""JSON from files and from strangers: an object or one sentence."""

import json
from pathlib import Path
from typing import Any

from imn.reading import refusal


def read_object(path: Path, what: str, *, advice: str) -> dict[str, Any]:
    """Read a JSON file that holds an object.

    Parameters
    ----------
    path : Path
    what : str
        Is expected, for the sentence: "the card of a model".
    advice : str
        What to do where it is not there.

    Returns
    -------
    dict

    Raises
    ------
    InputError
        If the file is missing, no JSON, nested beyond reason, or holds something else.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise refusal(path, f"expected {what}, found no such file", advice) from error
    except (OSError, ValueError, RecursionError) as error:
        why = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise refusal(path, f"expected {what} as JSON, could not read it ({why})", advice) from error
    if not isinstance(found, dict):
        raise refusal(path, f"expected {what}, a JSON object, found a {type(found).__name__}", advice)
    return found
