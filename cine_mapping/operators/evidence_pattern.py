"""A network's evidence in the form that mappings take."""

import numpy as np
from numpy.typing import NDArray

from cine_mapping.beat import Beat, fold
from cine_mapping.operators.pattern import Pattern, binned
from imn.explanation import Explanation
from imn.leads import EXPANSION, INDEPENDENT_INDEX

FAMILY_OF = {
    "MI": "scar",
    "AMI": "scar",
    "IMI": "scar",
    "LMI": "scar",
    "STTC": "ischaemia",
    "ISCA": "ischaemia",
    "ISCI": "ischaemia",
    "ISCL": "ischaemia",
    "CLBBB": "LBBB",
    "CRBBB": "RBBB",
    "IRBBB": "RBBB",
    "LAFB": "LAFB",
    "LVH": "LVH",
    "HYP": "LVH",
}
"""What a label speaks of; ``unknown`` where it is not named."""


def evidence_pattern(
    explanation: Explanation, beat: Beat, label: str, *, family: str | None = None
) -> Pattern:
    """Fold the evidence for a label onto the beat's bins, signed by the deflection that it lies on.

    Weights are folded to the eight independent leads, which leaves every sum as
    it is; what they give there is positive where the network asks for more voltage
    than the reference has, negative where for less.

    Parameters
    ----------
    explanation : Explanation
    beat : Beat
        Of the same recording.
    label : str
    family : str, optional
        By default what the label speaks of (`FAMILY_OF`).

    Returns
    -------
    Pattern
        Its total is the label's logit less its bias.
    """
    k = explanation.classes.index(label)
    courses = signed_evidence(explanation.weights[k], explanation.deflection)
    folded = fold(courses, beat) / max(len(beat.r_peaks), 1)
    times = (np.arange(folded.shape[1]) - beat.fiducials.qrs_onset) * 1000 / beat.fs
    total = float(explanation.evidence_for(label).sum())
    return Pattern(family or FAMILY_OF.get(label, "unknown"), binned(folded, times), total)


def signed_evidence(weights: NDArray[np.floating], deflection: NDArray[np.floating]) -> NDArray[np.float64]:
    """Weights in the independent leads times the size of the deflection.

    Parameters
    ----------
    weights, deflection : (12, n) float

    Returns
    -------
    (8, n) float64
    """
    return (EXPANSION.T @ weights) * np.abs(np.asarray(deflection, float)[list(INDEPENDENT_INDEX)])
