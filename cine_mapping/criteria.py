"""Cardiologists' criteria on measured beats: bundle branch and fascicular blocks, ST elevation, infarct, WPW.

Sources
-------
AHA/ACCF/HRS recommendations: Surawicz et al. 2009, Circulation 119:e235 (III,
conduction), Wagner et al. 2009, Circulation 119:e262 (VI, ischaemia and
infarction).  Fourth universal definition of myocardial infarction: Thygesen et
al. 2018, Circulation 138:e618 (thresholds of ST elevation, table of Q waves).
R progression: DePace et al. 1983, J Am Coll Cardiol 1:1387.  Left ventricular
hypertrophy: Sokolow & Lyon 1949, Am Heart J 37:161.

Deviations
----------
- Of notches and of the R peak's time nothing is asked.
- A single beat without atria: nothing is said of rhythm and of the PR interval,
  so pre-excitation is what widens QRS and slurs its start.
- Sex and age are not known: V2 and V3 have the threshold of men over 40.
- A Q wave is judged by depth and by the mean over the first 40 ms of QRS, not by its duration.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cine_mapping.ecg_measures import EcgMeasures
from imn.leads import LEADS

INFERIOR, LATERAL, ANTERIOR = ("II", "III", "aVF"), ("I", "aVL", "V5", "V6"), ("V1", "V2", "V3", "V4")
CONTIGUOUS = (
    *zip(("V1", "V2", "V3", "V4", "V5"), ("V2", "V3", "V4", "V5", "V6"), strict=True),
    ("aVL", "I"),
    ("II", "aVF"),
    ("aVF", "III"),
)
"""Neighbours on the chest, and in the frontal plane (in the order of Cabrera; I and II are apart)."""
ST_MV = np.array([0.2 if lead in ("V2", "V3") else 0.1 for lead in LEADS])
RECIPROCAL_MV = -0.05
WIDE_MS, SLURRED_MS = 120.0, 36.0

Test = Callable[[EcgMeasures], NDArray[np.bool_]]


@dataclass(frozen=True)
class Criterion:
    """What a reader looks for.

    Parameters
    ----------
    name : str
    says : str
        The criterion in a sentence.
    test : function of EcgMeasures
        Which beats fulfil it, (b,) bool.
    """

    name: str
    says: str
    test: Test


def _in(values: NDArray[Any], *leads: str) -> NDArray[Any]:
    return values[:, [LEADS.index(lead) for lead in leads]]


def _one(values: NDArray[np.float64], lead: str) -> NDArray[np.float64]:
    return values[:, LEADS.index(lead)]


def lbbb(m: EcgMeasures) -> NDArray[np.bool_]:
    """Left bundle branch block."""
    free = (_in(m.q, "I", "V6") < 0.1 * _in(m.r, "I", "V6").clip(min=0.3)).all(axis=1)
    upright = (_in(m.area, "I", "V6") > 0).all(axis=1)
    return (m.qrs_ms >= WIDE_MS) & (_one(m.s, "V1") > 2 * _one(m.r, "V1")) & upright & free


def rbbb(m: EcgMeasures) -> NDArray[np.bool_]:
    """Right bundle branch block."""
    end = (_in(m.last, "V1", "V2") > 0).any(axis=1)
    late = (_one(m.late_r, "V1") > 0.2) | _upright(m, "V1")
    return (m.qrs_ms >= WIDE_MS) & end & late & (_in(m.last, "I", "V6") < 0).all(axis=1)


def lafb(m: EcgMeasures) -> NDArray[np.bool_]:
    """Left anterior fascicular block."""
    return (m.axis_deg <= -45) & (m.axis_deg >= -90) & (m.qrs_ms < WIDE_MS) & _upright(m, "aVL")


def lpfb(m: EcgMeasures) -> NDArray[np.bool_]:
    """Left posterior fascicular block."""
    turned = (m.axis_deg >= 90) & (m.axis_deg <= 180)
    return turned & (m.qrs_ms < WIDE_MS) & ~_upright(m, "aVL")


def _upright(m: EcgMeasures, lead: str) -> NDArray[np.bool_]:
    return _one(m.r, lead) > _one(m.s, lead)


def st_elevated(m: EcgMeasures, leads: tuple[str, ...] = LEADS) -> NDArray[np.bool_]:
    """ST elevation at J in two contiguous leads among those given.

    Parameters
    ----------
    m : EcgMeasures
    leads : tuple of str

    Returns
    -------
    (b,) bool
    """
    high, found = m.j >= ST_MV, np.zeros(len(m), dtype=bool)
    for pair in CONTIGUOUS:
        if set(pair) <= set(leads):
            found |= _in(high, *pair).all(axis=1)
    return found


def _depressed(m: EcgMeasures, *leads: str) -> NDArray[np.bool_]:
    return _in(m.j, *leads).min(axis=1) <= RECIPROCAL_MV


def st_lad(m: EcgMeasures) -> NDArray[np.bool_]:
    """ST elevation of the left anterior descending artery."""
    return st_elevated(m, ANTERIOR) & _depressed(m, *INFERIOR)


def st_rca(m: EcgMeasures) -> NDArray[np.bool_]:
    """ST elevation of the right coronary artery."""
    return st_elevated(m, INFERIOR) & (_one(m.j, "III") > _one(m.j, "II")) & _depressed(m, "I", "aVL")


def st_lcx(m: EcgMeasures) -> NDArray[np.bool_]:
    """ST elevation of the circumflex artery."""
    wall = st_elevated(m, (*LATERAL, *INFERIOR))
    return wall & (_one(m.j, "II") > _one(m.j, "III")) & _depressed(m, "V1", "V2", "V3")


def _q(m: EcgMeasures) -> NDArray[np.bool_]:
    """Deep enough a Q, with a start of QRS that is negative on the whole, (b, 12)."""
    return (m.q >= 0.1) & (m.first < 0)


def infarct_anterior(m: EcgMeasures) -> NDArray[np.bool_]:
    """Old anterior infarct: Q or QS in two of V2 to V4, or no R progression to V3."""
    return (_in(_q(m), "V2", "V3", "V4").sum(axis=1) >= 2) | (_one(m.r, "V3") <= 0.3)


def infarct_inferior(m: EcgMeasures) -> NDArray[np.bool_]:
    """Old inferior infarct: Q in two inferior leads."""
    return _in(_q(m), *INFERIOR).sum(axis=1) >= 2


def preexcitation(m: EcgMeasures) -> NDArray[np.bool_]:
    """Pre-excitation: a wide QRS with a slurred start."""
    return (m.qrs_ms >= 110) & (m.slur_ms >= SLURRED_MS)


def wide(m: EcgMeasures) -> NDArray[np.bool_]:
    """Ectopic or paced ventricular beat: wide, T against QRS in the lead of the greatest QRS."""
    greatest = np.abs(m.area).argmax(axis=1)[:, None]
    against = np.take_along_axis(m.area, greatest, 1) * np.take_along_axis(m.t, greatest, 1) < 0
    return (m.qrs_ms >= WIDE_MS) & against[:, 0]


def lvh(m: EcgMeasures) -> NDArray[np.bool_]:
    """Left ventricular hypertrophy by voltage."""
    return _one(m.s, "V1") + _in(m.r, "V5", "V6").max(axis=1) >= 3.5


CRITERIA: Mapping[str, Criterion] = {
    criterion.name: criterion
    for criterion in (
        Criterion("LBBB", "QRS >= 120 ms, rS or QS in V1, upright I and V6 without Q", lbbb),
        Criterion("RBBB", "QRS >= 120 ms, late or wide R in V1, last 40 ms negative in I and V6", rbbb),
        Criterion("LAFB", "axis -90 ... -45 degrees, QRS < 120 ms, upright aVL", lafb),
        Criterion("LPFB", "axis 90 ... 180 degrees, QRS < 120 ms, negative aVL", lpfb),
        Criterion("ST LAD", "ST elevation in two of V1-V4, depression in II, III or aVF", st_lad),
        Criterion("ST RCA", "ST elevation in two of II, III, aVF, III > II, depression in I or aVL", st_rca),
        Criterion("ST LCX", "ST elevation lateral or inferior, II > III, depression in V1-V3", st_lcx),
        Criterion("ST elevation", "ST elevation in any two contiguous leads", st_elevated),
        Criterion("anterior infarct", "Q or QS in two of V2-V4, or R in V3 <= 0.3 mV", infarct_anterior),
        Criterion("inferior infarct", "Q >= 0.1 mV in two of II, III, aVF", infarct_inferior),
        Criterion("WPW", "QRS >= 110 ms with a slurred start", preexcitation),
        Criterion("ectopy", "QRS >= 120 ms, T against QRS", wide),
        Criterion("LVH", "S in V1 plus R in V5 or V6 >= 3.5 mV", lvh),
    )
}
