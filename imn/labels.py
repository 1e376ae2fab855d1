"""What the network is asked about: PTB-XL's superclasses, and findings that have a place in the heart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SUPERCLASSES = ("NORM", "MI", "STTC", "CD", "HYP")
"""Superclasses of PTB-XL; the first outputs of every network, in this order."""


@dataclass(frozen=True)
class Finding:
    """A localised label: what it is called and which SCP-ECG statements mean it.

    Parameters
    ----------
    name : str
    words : str
    codes : frozenset of str
        Listed with any likelihood, also 0 (unknown).
    """

    name: str
    words: str
    codes: frozenset[str]


def _finding(name: str, words: str, *codes: str) -> Finding:
    return Finding(name, words, frozenset(codes or (name,)))


FINDINGS = (
    _finding("AMI", "anterior infarct", "AMI", "ASMI", "ALMI", "INJAS", "INJAL"),
    _finding("IMI", "inferior infarct", "IMI", "ILMI", "IPMI", "IPLMI", "INJIN", "INJIL"),
    _finding("LMI", "lateral infarct", "LMI", "ALMI", "ILMI", "IPLMI", "INJAL", "INJLA", "INJIL"),
    _finding("ISCA", "anterior ischaemia", "ISCAN", "ISCAS", "ISCAL"),
    _finding("ISCI", "inferior ischaemia", "ISCIN", "ISCIL"),
    _finding("ISCL", "lateral ischaemia", "ISCLA", "ISCAL", "ISCIL"),
    _finding("CLBBB", "complete left bundle branch block"),
    _finding("CRBBB", "complete right bundle branch block"),
    _finding("IRBBB", "incomplete right bundle branch block"),
    _finding("LAFB", "left anterior fascicular block"),
    _finding("IVCD", "non-specific intraventricular conduction disturbance"),
    _finding("1AVB", "first degree atrioventricular block"),
    _finding("LVH", "left ventricular hypertrophy"),
    _finding("AFIB", "atrial fibrillation"),
)
"""Localised labels.  Statements of several walls (``ALMI``: anterolateral) belong to each of them."""

ANTERIOR, INFERIOR, LATERAL = (finding.codes for finding in FINDINGS[:3])

LABELS = SUPERCLASSES + tuple(finding.name for finding in FINDINGS)
"""Names of a network's outputs."""

WORDS = {
    "NORM": "normal ECG",
    "MI": "myocardial infarction",
    "STTC": "ST-T changes",
    "CD": "conduction disturbance",
    "HYP": "hypertrophy",
} | {finding.name: finding.words for finding in FINDINGS}
"""Each label in words."""


def default_label(classes: Sequence[str], logits: NDArray[np.floating]) -> str:
    """Name the most probable superclass.

    Parameters
    ----------
    classes : sequence of str
    logits : (k,) float
        Of these classes.

    Returns
    -------
    str
        Of a model without superclasses its most probable label.
    """
    order: list[str] = [classes[int(k)] for k in np.argsort(-logits)]
    return next((label for label in order if label in SUPERCLASSES), order[0])
