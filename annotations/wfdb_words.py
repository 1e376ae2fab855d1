"""WFDB annotation files, read strictly.

The format is the 16-bit one of the WFDB Applications Guide, annot(5): words of
six bits of code and ten bits of time, with escapes for longer times, channels
and notes.  ``wfdb.rdann`` reads it too, but on a damaged file it may not come
back (a definition that does not parse is tried again for ever) or go on past
the damage; here a file is read whole, or refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NoReturn

from imn.errors import InputError

NOTE, OPEN, CLOSE = 22, 39, 40
"""Codes of a comment, and of the onset "(" and the end ")" of a waveform."""
SKIP, NUM, SUB, CHAN, AUX = 59, 60, 61, 62, 63
RESOLUTION = re.compile(r"## time resolution: (\d+(?:\.\d+)?)\s*", re.ASCII)


@dataclass(frozen=True)
class Mark:
    """One annotation of the file.

    Parameters
    ----------
    sample : int
        From the start of the recording.
    code : int
        1 to 49, as in annot(5).
    chan : int
        Signal it is of.
    note : str
        One character for each byte.
    """

    sample: int
    code: int
    chan: int = 0
    note: str = ""


def read_marks(content: bytes, where: object) -> tuple[float | None, tuple[Mark, ...]]:
    """Read an annotation file.

    Parameters
    ----------
    content : bytes
    where : object
        What the sentence about an error begins with.

    Returns
    -------
    (float or None, Hz; tuple of Mark)
        The sampling rate that the file states, and its marks without definitions.

    Raises
    ------
    InputError
        If the file breaks off, goes on after its end, or holds a mark before the
        recording begins.
    """
    marks = tuple(_marks(_Words(content, where)))
    rates = {
        float(found[1])
        for mark in marks
        if mark.code == NOTE and mark.sample == 0 and (found := RESOLUTION.fullmatch(mark.note))
    }
    if len(rates) > 1 or 0.0 in rates:
        msg = f"{where}: expected one sampling rate above 0 in a WFDB annotation file, found {sorted(rates)}"
        raise InputError(msg)
    kept = tuple(
        mark
        for mark in marks
        if mark.code and not (mark.code == NOTE and mark.sample == 0 and mark.note.startswith("## "))
    )
    return next(iter(rates), None), kept


class _Words:
    """The file as 16-bit words, one after the other."""

    def __init__(self, content: bytes, where: object) -> None:
        self._content, self._at, self.where = content, 0, where

    def next(self) -> tuple[int, int]:
        """Give code and value of the next word."""
        word = int.from_bytes(self.take(2), "little")
        return word >> 10, word & 1023

    def take(self, count: int) -> bytes:
        """Give the next bytes."""
        taken = self._content[self._at : self._at + count]
        self._at += count
        if len(taken) < count:
            self.refuse("breaks off")
        return taken

    def back(self) -> None:
        """Go back by a word."""
        self._at -= 2

    @property
    def rest(self) -> bytes:
        """What is left."""
        return self._content[self._at :]

    def refuse(self, found: str) -> NoReturn:
        """Say what was found instead of an annotation file."""
        msg = f"{self.where}: expected a WFDB annotation file, found one that {found}; get it again"
        raise InputError(msg)


def _marks(words: _Words) -> Iterator[Mark]:
    sample = chan = 0
    while True:
        code, value = words.next()
        while code == SKIP:
            high, low = (int.from_bytes(words.take(2), "little") for _ in range(2))
            skipped = high << 16 | low
            sample += skipped - (1 << 32 if skipped >> 31 else 0)
            code, value = words.next()
        if code == value == 0:
            break
        if code > SKIP:
            words.refuse("describes a mark before there is one")
        sample += value
        if sample < 0:
            words.refuse("marks a time before the recording begins")
        chan, note = _escapes(words, chan)
        yield Mark(sample, code, chan, note)
    if any(words.rest):
        words.refuse("goes on after its end")


def _escapes(words: _Words, chan: int) -> tuple[int, str]:
    """Read what describes the mark before: its channel, which the next mark keeps, and its note."""
    note = ""
    while True:
        code, value = words.next()
        if code == CHAN:
            chan = value & 255
        elif code == AUX:
            note = words.take(value + value % 2)[:value].decode("latin-1")
        elif code not in (NUM, SUB):
            words.back()
            return chan, note
