"""Early sites and speeds that give a heart of any shape and pose a usual QRS.

What excites one heart in the usual way does not excite another so: places in
ventricular coordinates differ by what nobody sees on a surface.  So they are sought
at random, as they were on the reference heart.  Many other choices fit as well
(Grandits et al. 2024, arXiv 2411.00165).
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from cine_mapping.forward.beat import VirtualBeat, simulate_beat
from cine_mapping.forward.eikonal import Speeds
from cine_mapping.forward.heart import VirtualHeart
from cine_mapping.forward.physiology import Physiology
from imn.leads import LEADS

DRAWS, NARROWER = 300, 0.4
STEP_MS = 4.0
STEEP = 0.010
"""mV/ms in any lead: steeper is QRS."""
HEIGHT, TURN_DEG, DELAY_MS, SPEED = 0.12, 25.0, 2.0, 0.15
"""Spread of the sites' places and times, and of the logarithms of the speeds."""
FAR = 0.3
"""What a mean square of one spread away from the base costs."""
DURATION_MS, AXIS_DEG = (92.0, 8.0), (40.0, 20.0)
NET = np.array([-0.65, -0.5, -0.2, 0.3, 0.65, 0.75])
NET_SPREAD = 0.15
"""(R - S) / (R + S) from V1 to V6, and R of I, II, V5 and S of V2 in mV: those of healthy adults, rounded."""
HEIGHTS_MV = {"I": 0.6, "II": 0.9, "V5": 1.4, "V2": -1.3}
HEIGHT_SPREAD = 0.4


def fit_physiology(
    hearts: Sequence[VirtualHeart], base: Physiology | None = None, *, seed: int = 0, draws: int = DRAWS
) -> Physiology:
    """Search early sites and speeds for a usual QRS; takes some 30 ms a draw and heart.

    Parameters
    ----------
    hearts : sequence of VirtualHeart
        One heart in several places and shapes, so that a small change of either does no harm.
    base : Physiology, optional
        About which is searched, first widely, then closely about the best.
    seed, draws : int

    Returns
    -------
    Physiology
        With `base`'s action potentials.
    """
    rng = np.random.default_rng(seed)
    base = base or Physiology()
    place = np.zeros(3 * len(base.sites) + 3)
    found, least = base, np.inf
    for number in range(draws):
        wide = number < draws // 2
        step = rng.standard_normal(len(place)) if number else 0 * place
        tried = step if wide else place + NARROWER * step
        physiology = _moved(base, tried)
        beats = (simulate_beat(heart, physiology=physiology, step=STEP_MS) for heart in hearts)
        score = float(np.mean([unlikeness(beat) for beat in beats]) + FAR * (tried**2).mean())
        if score < least:
            found, place, least = physiology, tried, score
    return found


def unlikeness(beat: VirtualBeat) -> float:
    """Mean square of what separates a QRS from the usual one, in spreads.

    Parameters
    ----------
    beat : VirtualBeat

    Returns
    -------
    float
    """
    duration, axis, high, low = qrs_measures(beat)
    chest = slice(LEADS.index("V1"), None)
    net = (high + low)[chest] / (high - low)[chest].clip(1e-6)
    size = [
        np.log(max((high if mv > 0 else -low)[LEADS.index(k)], 0.02) / abs(mv))
        for k, mv in HEIGHTS_MV.items()
    ]
    away = [(duration - DURATION_MS[0]) / DURATION_MS[1], (axis - AXIS_DEG[0]) / AXIS_DEG[1]]
    return float(np.mean(np.square([*away, *((net - NET) / NET_SPREAD), *np.array(size) / HEIGHT_SPREAD])))


def qrs_measures(
    beat: VirtualBeat,
) -> tuple[float, float, NDArray[np.float64], NDArray[np.float64]]:
    """Measure the QRS of a simulated beat.

    Parameters
    ----------
    beat : VirtualBeat

    Returns
    -------
    duration : float, ms
    axis : float, degrees
        In the frontal plane.
    high : (12,) float64, mV
        Highest voltage, none below zero.
    low : (12,) float64, mV
        Lowest voltage, none above zero.
    """
    late = beat.activation[np.isfinite(beat.activation)].max() + 25
    slope = np.abs(np.gradient(beat.leads, beat.times, axis=1)).max(axis=0)
    steep = np.flatnonzero((slope > STEEP) & (beat.times < late))
    qrs = beat.leads[:, steep[0] : steep[-1] + 1]
    area = dict(zip(LEADS, qrs.sum(axis=1), strict=True))
    axis = np.rad2deg(np.arctan2(2 / np.sqrt(3) * area["aVF"], area["I"]))
    duration = beat.times[steep[-1]] - beat.times[steep[0]]
    return float(duration), float(axis), qrs.max(axis=1).clip(0), qrs.min(axis=1).clip(None, 0)


def _moved(base: Physiology, place: NDArray[np.float64]) -> Physiology:
    """Sites and speeds so many spreads away."""
    site_moves, (muscle, left, right) = place[:-3].reshape(-1, 3), np.exp(SPEED * place[-3:])
    sites = tuple(
        replace(
            site,
            apicobasal=float(np.clip(site.apicobasal + HEIGHT * up, 0.1, 0.9)),
            rotational_deg=float(site.rotational_deg + TURN_DEG * around),
            delay=float(max(0.0, site.delay + DELAY_MS * later)),
        )
        for site, (up, around, later) in zip(base.sites, site_moves, strict=True)
    )
    speeds = Speeds(
        along=float(base.speeds.along * muscle),
        across=float(base.speeds.across * muscle),
        left_endocardium=float(base.speeds.left_endocardium * left),
        right_endocardium=float(base.speeds.right_endocardium * right),
    )
    return replace(base, sites=sites, speeds=speeds)
