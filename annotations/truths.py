"""What a simulation knows, as an annotation."""

import numpy as np
from numpy.typing import NDArray

from annotations.annotation import Annotation, Finding, VertexWeights
from annotations.masks import anatomy_hash
from cine_mapping.anatomy import Anatomy

RATER = "ecglocus simulator"


def truth_annotation(
    record_id: str, label: str, mask: NDArray[np.bool_], anatomy: Anatomy, *, note: str = ""
) -> Annotation:
    """Say where a simulated disease is, as an annotation of one finding (`truth_finding`).

    Parameters
    ----------
    record_id : str
    label, mask, anatomy, note
        As in `truth_finding`.

    Returns
    -------
    Annotation
    """
    return Annotation(record_id, RATER, (truth_finding(label, mask, anatomy, note=note),))


def truth_finding(label: str, mask: NDArray[np.bool_], anatomy: Anatomy, *, note: str = "") -> Finding:
    """Say where a simulated disease is.

    Parameters
    ----------
    label : str
        The class it speaks for, as the model names it.
    mask : (v,) bool
        Vertices of the anatomy's heart; none where nothing supports the label.
    anatomy : Anatomy
    note : str

    Returns
    -------
    Finding
        Of provenance ``simulated``.
    """
    index = tuple(np.flatnonzero(mask).tolist())
    painted = VertexWeights(anatomy.name, anatomy_hash(anatomy), index, (1.0,) * len(index))
    return Finding(label, "simulated", 1.0, vertices=painted if index else None, note=note)
