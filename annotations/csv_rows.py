"""Rows of a table of marks, read strictly."""

import csv
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from annotations.annotation import Interval
from annotations.given import Given
from imn.errors import InputError

OF_ANNOTATION = ("annotation", "record_id", "rater", "marked_at", "tool", "state")
OF_FINDING = ("finding", "label", "provenance", "confidence", "note")
OF_MARK = ("leads", "onset_s", "offset_s", "on", "region", "anatomy", "sha256", "vertex", "weight")
COLUMNS: tuple[str, ...] = (*OF_ANNOTATION, *OF_FINDING, *OF_MARK)
UNITLESS = ("onset", "offset")

ASKED = ("record_id", "rater", "label", "provenance", "confidence")
"""Columns that must be there or be given."""
MARKS = {
    (): "nothing",
    ("leads",): "leads",
    ("leads", "onset_s", "offset_s", "on"): "interval",
    ("region",): "region",
    ("anatomy", "sha256"): "heart",
    ("anatomy", "sha256", "vertex", "weight"): "vertex",
}
"""Cells that make a mark together."""

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
WHOLE = re.compile(r"\d{1,18}", re.ASCII)

T = TypeVar("T")


@dataclass(frozen=True)
class Row:
    """One row: whose it is, and its mark.

    Parameters
    ----------
    line : int
        Of the file.
    annotation, finding : tuple of str
        Cells of the columns `OF_ANNOTATION` and `OF_FINDING`.
    leads : tuple of str
    interval : Interval or None
        Has leads of its own.
    region : str
    heart : (str, str) or None
        Name and hash.
    painted : (int, float) or None
        Vertex and weight.
    """

    line: int
    annotation: tuple[str, ...]
    finding: tuple[str, ...]
    leads: tuple[str, ...] = ()
    interval: Interval | None = None
    region: str = ""
    heart: tuple[str, str] | None = None
    painted: tuple[int, float] | None = None

    @property
    def marked(self) -> bool:
        """Whether it holds a mark."""
        return any((self.leads, self.interval, self.region, self.heart))


def read_rows(content: bytes, where: object, given: Given) -> Iterator[Row]:
    """Read the rows of a table.

    Parameters
    ----------
    content : bytes
        In UTF-8.
    where : object
        What the sentence about an error begins with.
    given : Given
        What has no column.

    Yields
    ------
    Row

    Raises
    ------
    InputError
        If it is no table, lacks a column, has an unknown one, or a cell does not
        fit; the sentence names the line.
    """
    try:
        # Spreadsheets put a mark before the first byte of UTF-8.
        lines = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        header = next(lines, [])
        own = _constants(header, given, where)
        for cells in lines:
            line = lines.line_num
            if cells:
                yield worded(line, where, partial(_row, header, cells, own, given=given, line=line))
    except (UnicodeDecodeError, csv.Error) as error:
        msg = f"{where}: expected a table as CSV in UTF-8, found {error}"
        raise InputError(msg) from error


def worded(line: int, where: object, make: Callable[[], T]) -> T:
    """Make something; where that is refused, say of what line of which file it is.

    Parameters
    ----------
    line : int
    where : object
        What the sentence about an error begins with.
    make : callable
        Gives it.

    Returns
    -------
    Any
        What ``make`` gives.

    Raises
    ------
    InputError
        As ``make`` does, with file and line before its sentence.
    """
    try:
        return make()
    except InputError as error:
        msg = f"{where}: line {line}: {error}"
        raise InputError(msg) from error


def number(what: str, cell: str) -> float:
    """Read a number with a decimal point; refuse other words."""
    if not NUMBER.fullmatch(cell):
        msg = f"{what} must be a number with a decimal point, got {cell!r:.80}"
        raise InputError(msg)
    return float(cell)


def _constants(header: list[str], given: Given, where: object) -> dict[str, str]:
    """Give what columns that are not there would hold."""
    valid = (*COLUMNS, *UNITLESS)
    unknown = next((name for name in header if name not in valid), None)
    if unknown is not None or not header:
        found = "no first line" if unknown is None else f"column {unknown!r:.80}"
        msg = f"{where}: expected columns among {', '.join(valid)}, separated by commas, found {found}"
        raise InputError(msg)
    twice = next((name for name in header if header.count(name) > 1), None)
    if twice is not None:
        msg = f"{where}: expected each column once, found {twice} twice; remove one"
        raise InputError(msg)
    both = [name for name in (*ASKED, "state") if name in header and getattr(given, name) is not None]
    if both:
        msg = f"{where}: the file has a column {both[0]}; do not give --{both[0].replace('_id', '')} as well"
        raise InputError(msg)
    given.need(*(name for name in ASKED if name not in header), where=where)
    if set(header) & set(UNITLESS):
        given.need("unit", *(("fs",) if given.unit == "samples" else ()), where=where)
    if set(header) & {"onset", "onset_s"} and "on" not in header:
        given.need("on", where=where)
    if set(header) & {"onset", "onset_s"} and "leads" not in header:
        given.need("leads", where=where)
    said = {name: str(getattr(given, name)) for name in ASKED if name not in header}
    return said | ({} if "state" in header else {"state": given.state or "signed"})


def _row(header: list[str], cells: list[str], own: dict[str, str], *, given: Given, line: int) -> Row:
    if len(cells) != len(header):
        msg = f"expected {len(header)} cells, found {len(cells)}"
        raise InputError(msg)
    row = dict.fromkeys(COLUMNS, "") | own | dict(zip(header, cells, strict=True))
    for name in UNITLESS:
        if row.get(name):
            if row[f"{name}_s"]:
                msg = f"{name} and {name}_s are both there; leave one empty"
                raise InputError(msg)
            row[f"{name}_s"] = repr(_seconds(number(name, row[name]), given))
    if row["onset_s"]:
        row["on"] = row["on"] or given.on or ""
        row["leads"] = row["leads"] or " ".join(given.leads)
    annotation = tuple(row[name] for name in OF_ANNOTATION)
    finding = tuple(row[name] for name in OF_FINDING)
    return Row(line, annotation, finding, **_mark(row))


def _seconds(time: float, given: Given) -> float:
    return time / {"s": 1.0, "ms": 1000.0, "samples": given.fs or 1.0}[given.unit or "s"]


def _mark(row: dict[str, str]) -> dict[str, Any]:
    filled = tuple(name for name in OF_MARK if row[name])
    if filled not in MARKS:
        ways = "; ".join(", ".join(cells) for cells in MARKS if cells)
        msg = f"expected the cells of one mark ({ways}), found {', '.join(filled)}"
        raise InputError(msg)
    leads = tuple(row["leads"].split(" ")) if row["leads"] else ()
    match MARKS[filled]:
        case "interval":
            onset, offset = (number(name, row[name]) for name in ("onset_s", "offset_s"))
            on: Any = row["on"]
            return {"interval": Interval(leads, onset, offset, on)}
        case "heart" | "vertex" as kind:
            heart = {"heart": (row["anatomy"], row["sha256"])}
            if kind == "heart":
                return heart
            if not WHOLE.fullmatch(row["vertex"]):
                msg = f"vertex must be a whole number from 0, got {row['vertex']!r:.80}"
                raise InputError(msg)
            return heart | {"painted": (int(row["vertex"]), number("weight", row["weight"]))}
        case _:
            return {"leads": leads, "region": row["region"]}
