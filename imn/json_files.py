"""JSON from files: an object, or one sentence."""

import json
from pathlib import Path
from typing import Any

from imn.reading import refusal

_KINDS = {
    **{list: "a list", str: "text", int: "a number", float: "a number", bool: "a truth value"},
    type(None): "null",
}


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
    except OSError as error:
        said = f"expected {what}, could not read it ({error.strerror or error})"
        raise refusal(path, said, advice) from error
    except (ValueError, RecursionError) as error:
        raise refusal(path, f"expected {what} as JSON, found {_words(error)}", advice) from error
    if not isinstance(found, dict):
        kind = _KINDS[type(found)]
        raise refusal(path, f"expected {what}, an object of JSON, found {kind}", advice)
    return found


def _words(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"other text at line {error.lineno}, column {error.colno}"
    if isinstance(error, UnicodeDecodeError):
        return "bytes that are no UTF-8"
    return "brackets nested beyond reason" if isinstance(error, RecursionError) else "a number beyond reason"
