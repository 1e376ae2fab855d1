"""What a simulation knows, as an annotation."""

import numpy as np
from numpy.typing import NDArray

from annotations.annotation import Annotation, VertexWeights
from annotations.masks import anatomy_hash
from cine_mapping.anatomy import Anatomy

RATER = "ecglocus simulator"


def truth_annotation(
    record_id: str, label: str, mask: NDArray[np.bool_], anatomy: Anatomy, *, note: str = ""
) -> Annotation:
    """Say where a simulated disease is.

    Parameters
    ----------
    record_id : str
    label : str
        The class it speaks for, as the model names it.
    mask : (v,) bool
        Vertices of the anatomy's heart; none where nothing supports the label.
    anatomy : Anatomy
    note : str

    Returns
    -------
    Annotation
        Of provenance ``simulated``.
    """
    index = tuple(np.flatnonzero(mask).tolist())
    painted = VertexWeights(anatomy.name, anatomy_hash(anatomy), index, (1.0,) * len(index))
    return Annotation(
        record_id=record_id,
        label=label,
        rater=RATER,
        confidence=1.0,
        provenance="simulated",
        note=note,
        vertices=painted if index else None,
    )
