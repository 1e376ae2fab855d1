"""The shortest way from an explanation to a map."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from cine_mapping.anatomy import Anatomy
from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.beats import find_beat
from cine_mapping.heart_map import HeartMap
from cine_mapping.modalities import average, plan_modalities
from imn.errors import InputError

if TYPE_CHECKING:
    from imn.explanation import Explanation

MODALITY = "average"


def map_evidence(
    explanation: "Explanation",
    label: str | None = None,
    *,
    modality: str = MODALITY,
    anatomy: Anatomy | str | Path = "reference",
) -> HeartMap:
    """Map the evidence for a class onto a heart.

    Parameters
    ----------
    explanation : Explanation
    label : str, optional
        By default the most probable superclass (`Explanation.default_label`).
    modality : str
        ``average``, which is what is drawn everywhere, or one of `cine_mapping.modalities.WEIGHTS`:
        ``leads``, ``vcg``, ``path``, ``simulations``; ``statements`` where they taught anything of the label.
    anatomy : Anatomy, str or Path
        A heart, the name of a shipped one, or its file.

    Returns
    -------
    HeartMap
        Its sum is logit minus bias.

    Raises
    ------
    InputError
        If there is no such class, modality or anatomy, or the recording has no beat.
    """
    label = label or explanation.default_label
    explanation.index_of(label)  # before beats are looked for, which takes a while
    heart = anatomy if isinstance(anatomy, Anatomy) else _loaded(str(anatomy))
    plan = plan_modalities(heart, find_beat(explanation.signal, explanation.fs))
    maps = plan.apply(explanation, label, statements=modality == "statements")
    if modality == MODALITY:
        return average(maps)
    if modality not in maps:
        msg = f"modality must be {MODALITY} or one of {', '.join(maps)} for {label}, got {modality!r}"
        raise InputError(msg)
    return maps[modality]


@lru_cache(maxsize=2)
def _loaded(name_or_path: str) -> Anatomy:
    return load_anatomy(name_or_path)
