"""Words of a file that say its limb electrodes may sit on the torso (Mason-Likar): passed on, nothing more.

Sources
-------
Mason & Likar 1966, Am Heart J 71:196 (limb electrodes on the torso, for exercise); DICOM PS3.16 CID 3263
(electrode placement, codes of ISO/IEEE 11073-10102).

Deviations
----------
There is no rule by the signal alone.  Torso electrodes turn the axis to the right and shrink R in I, but
within what hearts differ by anyway: with electrodes moved in the reference torso (leads of PTB-XL
transformed accordingly) a logistic rule on second moments, learned on folds 1 to 8, found 15 of 100
recordings of fold 9 where 1 of 100 was a false alarm, and that of `imn.electrode_interchange` 7.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

PLACEMENT = "placement"
"""Key of a record's metadata: a tuple of such words."""
_SAID = re.compile(
    r"\b(?:mason[\s_-]*likar|torso[\s_-]*(?:electrode|lead|mounted|position)\w*|holter|ambulatory"
    r"|exercise|stress[\s_-]*(?:test|ecg|ekg)|treadmill|(?:bicycle|cycle)?[\s_-]*ergomet\w+|bruce protocol"
    r"|dower|easi)\b",
    re.IGNORECASE,
)
CODES: Mapping[str, str] = {
    "10:11266": "Mason-Likar positions",
    "10:11267": "Mason-Likar positions, V1-V6 in electrode pad",
    "10:11268": "12-lead electrode pad",
    "10:11269": "12 leads derived from Frank XYZ",
    "10:11270": "12 leads derived from non-standard leads",
    "10:11271": "bicycle exercise, limb electrodes on the back",
    "10:11272": "standard positions one intercostal space higher",
    "10:11283": "12 leads from Frank XYZ by Dower's transformation",
    "10:11284": "12 leads from EASI leads",
}
"""Of CID 3263, those that are not the standard twelve leads."""


def placement_words(texts: Iterable[object]) -> tuple[str, ...]:
    """Pick from what a file says the words that speak for electrodes on the torso.

    Parameters
    ----------
    texts : iterable of object
        Comments, descriptions, codes; nothing of them is kept but such words, in lower case.

    Returns
    -------
    tuple of str
        Each once, in the order they are met.
    """
    found = (
        CODES.get(word) or word.strip().lower()
        for text in texts
        for word in ([str(text)] if str(text) in CODES else _SAID.findall(str(text)))
    )
    return tuple(dict.fromkeys(found))


def placement_of(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """Give such words of a record's file, each once.

    Parameters
    ----------
    metadata : mapping
        Of `imn.record.Record`: ``placement`` and ``comments`` are looked at.

    Returns
    -------
    tuple of str
    """
    comments = metadata.get("comments", ())
    comments = (comments,) if isinstance(comments, str) else comments
    return tuple(dict.fromkeys((*metadata.get(PLACEMENT, ()), *placement_words(comments))))


def placement_hint(metadata: Mapping[str, Any]) -> tuple[str, ...]:
    """Say in a sentence what a record's file says of its electrodes.

    Parameters
    ----------
    metadata : mapping
        As in `placement_of`.

    Returns
    -------
    tuple of str
        Empty where nothing is said.
    """
    words = placement_of(metadata)
    if not words:
        return ()
    quoted = ", ".join(f'"{word}"' for word in words)
    return (f"the file says {quoted}: limb electrodes may sit on the torso, which changes I, II and III",)
