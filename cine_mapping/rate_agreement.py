"""Whether the heart shows the same region, whatever rate a recording was sampled at.

Each rate goes the whole way by itself: resampled, explained, its own beats found and delineated,
its own maps.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import Anatomy
from cine_mapping.beats import find_beat
from cine_mapping.modalities import average, plan_modalities
from imn.errors import InputError
from imn.ptbxl import Entry
from imn.results import write_text
from imn.sampling.across_rates import (
    COMPARED,
    PAIRS,
    correlations,
    on_grid,
    pair_correlations,
    record_at,
)
from imn.sampling.arms import FAST, RATES, SLOW
from imn.sampling.cases import fast_file

if TYPE_CHECKING:
    from imn.explanation import Explanation
    from imn.model import Model

ASKED = ("MI", "STTC", "CD", "HYP")
"""Labels whose disease has a place in the ventricles."""
TOP = 0.1
"""Share of the ventricles' area that counts as the top region; two drawn at random share a tenth."""


@dataclass(frozen=True, eq=False)
class Agreement:
    """What one recording gives at several rates.

    Parameters
    ----------
    logits : (4, k) float64
        At `imn.sampling.arms.RATES`.
    evidence : (3, k) float64
        Correlation of the evidence over leads and time, for `PAIRS` of rates.
    control : (1, k) float64
        The same of 100 Hz and of 500 Hz that the network takes for 100 Hz.
    heart : (3, 4) float64
        Correlation of the average map over the ventricles, for the labels `ASKED`.
    dice : (3, 4) float64
        Of the top regions of that map.
    """

    logits: NDArray[np.float64]
    evidence: NDArray[np.float64]
    control: NDArray[np.float64]
    heart: NDArray[np.float64]
    dice: NDArray[np.float64]


def agree(path: Path, model: "Model", anatomy: Anatomy) -> Agreement:
    """Explain a 500 Hz recording at every rate and compare.

    Parameters
    ----------
    path : Path
        Of the 500 Hz recording.
    model : Model
    anatomy : Anatomy

    Returns
    -------
    Agreement
    """
    found = {fs: model.explain(record_at(path, fs), spread=False) for fs in RATES}
    grids = [on_grid(found[fs].evidence, fs) for fs in COMPARED]
    untold = model.explain(record_at(path, FAST, told=SLOW), spread=False)
    control = on_grid(untold.evidence, FAST)
    maps = dict(zip(COMPARED, (_supporting(found[fs], anatomy) for fs in COMPARED), strict=True))
    inside, areas = anatomy.ventricles, anatomy.heart.areas[anatomy.ventricles]
    pairs = [(maps[one][:, inside], maps[other][:, inside]) for one, other in PAIRS]
    return Agreement(
        np.array([found[fs].logits for fs in RATES]),
        pair_correlations(grids),
        correlations(*(grid.reshape(len(grid), -1) for grid in (grids[0], control)))[None],
        np.array([correlations(*pair) for pair in pairs]),
        np.array([[_top_dice(a, b, areas) for a, b in zip(*pair, strict=True)] for pair in pairs]),
    )


def agree_all(
    entries: Sequence[Entry], models: Mapping[int, "Model"], anatomy: Anatomy, folder: Path
) -> list[Agreement]:
    """Compare rates on many recordings; what is measured is kept and not measured again.

    Parameters
    ----------
    entries : sequence of Entry
        With a 500 Hz recording each.
    models : mapping of fold to Model
    anatomy : Anatomy
    folder : Path
        One file per recording and model.

    Returns
    -------
    list of Agreement, one per entry

    Raises
    ------
    InputError
        If a kept file is damaged.
    """
    from tqdm import tqdm

    found = []
    for entry in tqdm(entries, desc="maps across rates", unit="rec", disable=None):
        model = models[entry.fold]
        path = folder / f"{model.name.replace(' ', '-')}-{entry.id}.json"
        if not path.exists():
            write_text(path, _packed(agree(fast_file(entry), model, anatomy)))
        found.append(_unpacked(path))
    return found


def top_region(
    values: NDArray[np.float64], areas: NDArray[np.float64], share: float = TOP
) -> NDArray[np.bool_]:
    """Mark the vertices with the largest values, up to a share of the area.

    Parameters
    ----------
    values, areas : (v,) float64
    share : float, 0 to 1

    Returns
    -------
    (v,) bool
        The largest is always in.
    """
    order = np.argsort(-values, kind="stable")
    before = areas[order].cumsum() - areas[order]
    marked = np.zeros(len(values), dtype=bool)
    marked[order[before < share * areas.sum()]] = True
    return marked


def _top_dice(first: NDArray[np.float64], second: NDArray[np.float64], areas: NDArray[np.float64]) -> float:
    """Dice of two top regions by area; NaN where a map holds nothing."""
    if not (first.any() and second.any()):
        return float("nan")
    one, other = top_region(first, areas), top_region(second, areas)
    return float(2 * areas[one & other].sum() / (areas[one].sum() + areas[other].sum()))


def _supporting(explanation: "Explanation", anatomy: Anatomy) -> NDArray[np.float64]:
    """Evidence for each of `ASKED` on the vertices, (4, v)."""
    plan = plan_modalities(anatomy, find_beat(explanation.signal, explanation.fs))
    return np.array([average(plan.apply(explanation, label)).supporting for label in ASKED])


def _packed(found: Agreement) -> str:
    parts = {name: getattr(found, name).astype(object) for name in Agreement.__annotations__}
    for values in parts.values():
        # JSON has no NaN; an array of objects reads None back as one.
        values[values != values] = None  # noqa: PLR0124
    return json.dumps({name: values.tolist() for name, values in parts.items()}) + "\n"


def _unpacked(path: Path) -> Agreement:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return Agreement(**{name: np.array(held[name], dtype=float) for name in Agreement.__annotations__})
    except (ValueError, TypeError, KeyError) as error:
        msg = f"{path}: damaged; delete it to measure this recording again"
        raise InputError(msg) from error
