"""Checks that the values of this package share: each gives a sound value back or says what is wrong."""

import re
from collections.abc import Iterable
from datetime import datetime
from math import isfinite
from numbers import Integral, Real

from imn.errors import InputError

MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z")


def names_of(what: str, given: Iterable[str], *, valid: tuple[str, ...]) -> tuple[str, ...]:
    """Give names as a tuple.

    Parameters
    ----------
    what : str
        They name, for the sentence.
    given : iterable of str
    valid : tuple of str

    Returns
    -------
    tuple of str

    Raises
    ------
    InputError
        If it is a text instead, or a name is not valid or there twice.
    """
    if isinstance(given, str):
        msg = f"give a tuple of {what} names, even for one, got the text {given!r}"
        raise InputError(msg)
    names = tuple(given)
    for name in names:
        one_of(what, name, valid=valid)
    if len(set(names)) < len(names):
        msg = f"each {what} must be named once, got {', '.join(names)}"
        raise InputError(msg)
    return names


def one_of(what: str, given: object, *, valid: tuple[str, ...]) -> None:
    """Refuse what is not among the valid.

    Parameters
    ----------
    what : str
        It is, for the sentence.
    given : object
    valid : tuple of str

    Raises
    ------
    InputError
        If it is none of these.
    """
    if given not in valid:
        msg = f"{what} must be one of {', '.join(valid)}, got {given!r:.80}"
        raise InputError(msg)


def line(what: str, given: object) -> None:
    """Refuse what is not one line of printable text."""
    # str.isprintable also refuses line breaks, control characters and lone surrogates
    if not isinstance(given, str) or not given.strip() or not given.isprintable():
        msg = f"{what} must be one line of printable text, got {given!r:.80}"
        raise InputError(msg)


def text(what: str, given: object) -> None:
    """Refuse what no file in UTF-8 could hold."""
    if not isinstance(given, str) or any("\ud800" <= c <= "\udfff" for c in given):
        msg = f"{what} must be text that UTF-8 can hold, got {given!r:.80}"
        raise InputError(msg)


def number(what: str, given: object) -> float:
    """Give a number as float; refuse what is none or not finite."""
    # bool is a Real for Python, but True is nobody's confidence or time
    if isinstance(given, bool) or not isinstance(given, Real) or not isfinite(given):
        msg = f"{what} must be a finite number, got {given!r:.80}"
        raise InputError(msg)
    return float(given)


def vertex(given: object) -> int:
    """Give the number of a vertex as int; refuse what is none."""
    if isinstance(given, bool) or not isinstance(given, Integral) or given < 0:
        msg = f"index must hold vertex numbers from 0, got {given!r:.80}"
        raise InputError(msg)
    return int(given)


def moment(what: str, given: object) -> None:
    """Refuse what is not a moment in UTC as ISO 8601 writes it."""
    try:
        if isinstance(given, str) and MOMENT.fullmatch(given):
            datetime.fromisoformat(given)
            return
    except ValueError:
        pass  # such as a 30th of February: no moment, as below
    msg = f"{what} must be a moment in UTC such as 2026-11-21T17:40:00Z, got {given!r:.80}"
    raise InputError(msg)


def values_of(what: str, given: Iterable[object], kind: type) -> tuple:
    """Give values as a tuple.

    Parameters
    ----------
    what : str
        They are, for the sentence.
    given : iterable
    kind : type

    Returns
    -------
    tuple

    Raises
    ------
    InputError
        If one is of another type.
    """
    values = () if isinstance(given, str) else tuple(given)
    if isinstance(given, str) or not all(isinstance(value, kind) for value in values):
        msg = f"{what} must all be values of {kind.__name__}"
        raise InputError(msg)
    return values
