"""Fail if a package that ecglocus needs at run time is under another than a permissive licence.

Run time is what ``pip install ecglocus`` brings, and every extra but those of `LISTED`, whose
packages are only listed.  What an extra needs that is not installed here is named as such.
"""

import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement

LISTED = ("movie", "browser", "test", "dev", "docs", "delineate", "forward", "anatomy", "fuzz")
"""For tests, comparisons and films; ``movie`` brings ffmpeg, a program under the GPLv3, and says so."""
PERMISSIVE = re.compile(
    r"\b(MIT(-0|-CMU)?|BSD\w*|0BSD|Apache|ISC\w*|PSF\w*|Python( Software Foundation)?|MPL|Mozilla|HPND|Zlib|"
    r"Unlicense|CC0|NCSA|BSL|Boost|WTFPL|CNRI-Python|public domain|Historical Permission)\b",
    re.I,
)
"""MPL-2.0 binds its own files alone."""
COPYLEFT = re.compile(r"\b[AL]?GPL|General Public|Affero|EUPL|SSPL|non-?commercial", re.I)
STATED = {"nvidia": "NVIDIA", "cuda": "NVIDIA"}
"""Proprietary libraries that the default build of PyTorch brings, redistributable with it."""


def main() -> int:
    """Print a line for each package; 1 if one is not permissive."""
    run_time, others = packages()
    wrong = 0
    for name, package in sorted(run_time.items()):
        said = _licence(package) if package else "not installed here"
        fits = package is None or _permissive(name, said)
        wrong += not fits
        print(f"{'run time' if fits else 'NOT PERMISSIVE':16}{name:32}{said}")
    for name, package in sorted(others.items()):
        print(f"{'besides':16}{name:32}{_licence(package) if package else 'not installed here'}")
    print(f"{len(run_time)} packages at run time, {wrong} of them not under a permissive licence")
    return int(wrong > 0)


Packages = dict[str, Distribution | None]


def packages() -> tuple[Packages, Packages]:
    """Give what is needed at run time and what is needed besides, by name."""
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    own = [line for extra, lines in extras.items() if extra not in LISTED for line in lines]
    run_time = _needed([*project["dependencies"], *own])
    besides = _needed([line for extra in LISTED for line in extras[extra] if not line.startswith("ecglocus")])
    return run_time, {name: package for name, package in besides.items() if name not in run_time}


def _permissive(name: str, said: str) -> bool:
    """Judge an expression: every part joined by AND, one of those joined by OR."""
    if name.split("-")[0] in STATED:
        return True
    parts = re.split(r"\band\b|;", said, flags=re.I)
    return all(any(_fits(choice) for choice in re.split(r"\bor\b", part, flags=re.I)) for part in parts)


def _fits(choice: str) -> bool:
    # GCC's run-time library, which wheels with Fortran in them carry, may be linked with anything.
    if re.search(r"WITH GCC-exception", choice, re.I):
        return True
    return bool(PERMISSIVE.search(choice)) and not COPYLEFT.search(choice)


def _licence(package: Distribution) -> str:
    """Give the licence as an expression, by classifiers, or by the first line of the old field."""
    stated = package.metadata.get("License-Expression")
    classified = [
        entry.rpartition("::")[2].strip()
        for entry in package.metadata.get_all("Classifier", [])
        if entry.startswith("License ::") and not entry.endswith("OSI Approved")
    ]
    old = (package.metadata.get("License") or "").strip().partition("\n")[0][:80]
    return stated or "; ".join(classified) or old or "none stated"


def _needed(lines: Iterable[str]) -> Packages:
    """Follow requirements to all that they bring."""
    found: Packages = {}
    waiting = [step for line in lines for step in _steps(line, "")]
    seen = set(waiting)
    while waiting:
        name, extra = waiting.pop()
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:
            found[name] = None
            continue
        fresh = {step for line in found[name].requires or () for step in _steps(line, extra)} - seen
        seen |= fresh
        waiting += fresh
    return found


def _steps(line: str, extra: str) -> Iterator[tuple[str, str]]:
    """Give name and extra of what a requirement brings here."""
    requirement = Requirement(line)
    name = re.sub(r"[-_.]+", "-", requirement.name).lower()
    if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
        yield name, ""
        yield from ((name, more) for more in requirement.extras)


if __name__ == "__main__":
    sys.exit(main())
