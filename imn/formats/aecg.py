"""HL7 annotated ECG (FDA XML): the rhythm of one recording.

Standard: HL7 V3 annotated ECG, release 1 (Brown & Badilini 2005, implementation guide).

Deviations
----------
- Derived series (median beats) and annotations are left out.
- MUSE and other vendors' XML is refused: no permissive library reads it.
"""

from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element

import numpy as np
from numpy.typing import NDArray

from imn.assembly import Channels
from imn.electrode_placement import PLACEMENT, placement_words
from imn.reading import Told, check_size, missing_library, read_by_library, refusal

if TYPE_CHECKING:
    from collections.abc import Iterator

SUFFIXES = (".xml",)
LARGEST = 32 * 2**20
MOST_TAGS = 500_000
"""An hour of annotated beats; each takes a hundred bytes of memory."""
_LEAD = "MDC_ECG_LEAD_"
_SECONDS = {"s": 1.0, "ms": 1e-3, "us": 1e-6}


def recognises(path: Path) -> bool:
    """Tell by its suffix whether a path may be an annotated ECG."""
    return path.suffix.lower() in SUFFIXES


def read(path: Path, told: Told) -> Channels:
    """Read the rhythm series of an annotated ECG.

    Raises
    ------
    InputError
        If it is other XML, is damaged, or holds several series.
    """
    try:
        from defusedxml.ElementTree import parse
    except ImportError as error:
        raise missing_library(path, "XML", "defusedxml") from error
    check_size(path, LARGEST)
    if path.read_bytes().count(b"<") > MOST_TAGS:
        raise refusal(path, f"expected at most {MOST_TAGS} tags, found more", "export the rhythm alone")
    kind = "well-formed XML without entities"
    root = read_by_library(path, kind, lambda: parse(path, forbid_dtd=True).getroot())
    assert root is not None
    return read_by_library(path, "an HL7 annotated ECG", lambda: _channels(path, root, told))


def _channels(path: Path, root: Element, told: Told) -> Channels:
    if _tag(root) != "AnnotatedECG":
        said = f"expected an HL7 annotated ECG (AnnotatedECG), found {_tag(root)[:60]}"
        raise refusal(path, said, "export the recording as annotated ECG, DICOM or WFDB")
    series = [s for component in _children(root, "component") for s in _children(component, "series")]
    if len(series) != 1:
        raise refusal(path, f"expected one series, found {len(series)}", "export one rhythm")
    sets = [q for component in _children(series[0], "component") for q in _children(component, "sequenceSet")]
    if len(sets) != 1:
        raise refusal(path, f"expected one set of sequences, found {len(sets)}", "export one rhythm")
    sequences = [q for component in _children(sets[0], "component") for q in _children(component, "sequence")]
    coded = [(_attribute(sequence, "code", "code"), sequence) for sequence in sequences]
    steps = [_step(path, sequence) for code, sequence in coded if code.startswith("TIME_")]
    leads = [(code.removeprefix(_LEAD), sequence) for code, sequence in coded if code.startswith(_LEAD)]
    if len(steps) != 1 or not leads:
        said = f"expected one time sequence and leads, found {len(steps)} and {len(leads)}"
        raise refusal(path, said, "export the rhythm whole")
    rows = [_row(path, sequence, digital=told.digital) for _, sequence in leads]
    if len({len(values) for values, _ in rows}) != 1:
        raise refusal(path, "expected leads of one length, found several", "get an undamaged copy")
    names, units = [name for name, _ in leads], [unit for _, unit in rows]
    signal, words = np.stack([values for values, _ in rows]), placement_words(_said(root))
    metadata = {PLACEMENT: words} if words else {}
    return Channels(names, units, signal, 1 / steps[0], path.stem, str(path), metadata)


def _said(element: Element) -> "Iterator[str]":
    """Texts, and names of codes and devices, but for samples and whom it is of."""
    left = [element]
    while left:
        now = left.pop()
        if _tag(now) not in ("digits", "subject", "name"):
            yield now.text or ""
            yield from (now.attrib.get(name, "") for name in ("code", "displayName", "value"))
            left.extend(reversed(now))


def _row(path: Path, sequence: Element, *, digital: bool) -> tuple[NDArray[np.float64], str]:
    value = _only(path, sequence, "value")
    digits = np.array((_only(path, value, "digits").text or "").split(), dtype=float)
    if digital:
        return digits, "adu"
    (origin, unit), (scale, other) = (_quantity(path, value, name) for name in ("origin", "scale"))
    if unit != other:
        raise refusal(
            path, f"expected one unit for origin and scale, found {unit} and {other}", "export it anew"
        )
    return origin + scale * digits, unit


def _step(path: Path, sequence: Element) -> float:
    step, unit = _quantity(path, _only(path, sequence, "value"), "increment")
    if unit not in _SECONDS or not 0 < step < np.inf:
        said = f"expected the time from sample to sample in s, ms or us, found {step:g} {unit[:20]}"
        raise refusal(path, said, "state it")
    return step * _SECONDS[unit]


def _quantity(path: Path, parent: Element, name: str) -> tuple[float, str]:
    element = _only(path, parent, name)
    return float(element.attrib["value"]), element.attrib["unit"]


def _only(path: Path, parent: Element, name: str) -> Element:
    found = list(_children(parent, name))
    if len(found) != 1:
        raise refusal(
            path, f"expected one {name} in {_tag(parent)}, found {len(found)}", "get an undamaged copy"
        )
    return found[0]


def _attribute(parent: Element, name: str, attribute: str) -> str:
    return next((child.attrib.get(attribute, "") for child in _children(parent, name)), "")


def _children(parent: Element, name: str) -> "Iterator[Element]":
    return (child for child in parent if _tag(child) == name)


def _tag(element: Element) -> str:
    return element.tag.rpartition("}")[2]
