"""Measured results with where they came from, as JSON and as a table."""

import json
import platform
import subprocess
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

from imn.bootstrap import Interval
from imn.files import replacing

PACKAGES = ("ecglocus", "numpy", "scipy", "torch", "wfdb", "pyvista", "vtk", "matplotlib")


def write_text(path: Path | str, text: str) -> Path:
    """Write a text file whole or not at all.

    Parameters
    ----------
    path : str or Path
    text : str
        Written in UTF-8.

    Returns
    -------
    Path
        Of the file.
    """
    return write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path | str, content: bytes) -> Path:
    """Write a file whole or not at all.

    Parameters
    ----------
    path : str or Path
    content : bytes

    Returns
    -------
    Path
        Of the file.
    """
    with replacing(path) as draft:
        draft.write_bytes(content)
    return Path(path)


def versions(packages: Sequence[str] = PACKAGES) -> dict[str, str]:
    """Give the version of Python and of packages.

    Parameters
    ----------
    packages : sequence of str

    Returns
    -------
    dict of str to str
        ``python``, and each package that is installed.
    """
    found = {"python": platform.python_version()}
    for name in packages:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def commit() -> str | None:
    """Give the revision of the source tree this code runs from.

    Returns
    -------
    str or None
        Git's name of it, 40 hexadecimal digits; None outside a repository.
    """
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def result(
    command: str,
    data: str,
    n: int,
    *,
    rows: Sequence[Mapping[str, Any]],
    headline: Mapping[str, Any],
    tables: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
) -> dict[str, Any]:
    """Put a measurement together with command, revision and versions.

    Parameters
    ----------
    command : str
        What was run.
    data : str
        What it was run on.
    n : int
        How many recordings or cases.
    rows : sequence of mapping
        The table, one mapping per line, all with the same keys.
    headline : mapping of str to mapping
        The figures to remember, each with ``value, low, high, goal``.
    tables : mapping of str to sequence of mapping, optional
        Further tables by title.

    Returns
    -------
    dict, ready for `write_result`
    """
    more = (
        {"tables": {title: [dict(row) for row in held] for title, held in tables.items()}} if tables else {}
    )
    return more | {
        "command": command,
        "commit": commit(),
        "versions": versions(),
        "data": data,
        "n": n,
        "rows": [dict(row) for row in rows],
        "headline": {name: dict(figure) for name, figure in headline.items()},
    }


def figure(
    found: Interval | float | str | None, goal: float | str | None = None, **more: Any
) -> dict[str, Any]:
    """Give one headline figure.

    Parameters
    ----------
    found : Interval, float, str or None
        Without an interval it has none in the result either.
    goal : float or str, optional
    **more : object
        What is to be said of it besides.

    Returns
    -------
    dict
        ``value, low, high, goal`` and what is said besides.
    """
    if isinstance(found, Interval):
        return {"value": found.value, "low": found.low, "high": found.high, "goal": goal} | more
    value = found.item() if isinstance(found, np.generic) else found
    return {"value": value, "low": None, "high": None, "goal": goal} | more


def write_result(path: Path | str, measured: Mapping[str, Any]) -> tuple[Path, Path]:
    """Write a result as JSON, and the same as a Markdown table beside it.

    Parameters
    ----------
    path : path
        Ends in ``.json``; the table gets the same name in ``.md``.
    measured : mapping
        As `result` gives.

    Returns
    -------
    (path of the JSON, path of the table)
    """
    path = Path(path)
    text = json.dumps(measured, indent=2, allow_nan=False) + "\n"
    return write_text(path, text), write_text(path.with_suffix(".md"), markdown(measured))


def markdown(measured: Mapping[str, Any]) -> str:
    """Give a result as Markdown: headline, table, where it came from.

    Parameters
    ----------
    measured : mapping
        As `result` gives it.

    Returns
    -------
    str
    """
    lines = ["| figure | value | 95 % interval | goal |", "|---|---|---|---|"]
    for name, figure in measured["headline"].items():
        interval = (
            f"{_cell(figure['low'])} to {_cell(figure['high'])}" if figure.get("low") is not None else ""
        )
        lines.append(f"| {name} | {_cell(figure['value'])} | {interval} | {_cell(figure.get('goal'))} |")
    lines += _table(measured["rows"])
    for title, rows in measured.get("tables", {}).items():
        lines += ["", f"## {title}", *_table(rows)]
    made = ", ".join(f"{name} {version}" for name, version in measured["versions"].items())
    origin = f"{measured['data']}; n = {measured['n']}."
    return "\n".join([*lines, "", origin, "", f"Made by `{measured['command']}` with {made}.", ""])


def _table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    if not rows:
        return []
    columns = list(rows[0])
    lines = ["", f"| {' | '.join(columns)} |", f"|{'---|' * len(columns)}"]
    return lines + [f"| {' | '.join(_cell(row[c]) for c in columns)} |" for row in rows]


def _cell(value: object) -> str:
    if value is None:
        return ""
    return f"{value:.3f}" if isinstance(value, float) else str(value)
