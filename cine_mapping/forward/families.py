"""Families of conditions, each drawn at random: place, size, depth and severity.

Nothing is drawn from a list of segments, so that a mapping learned from such
draws cannot do well by remembering a catalogue.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np

from cine_mapping.forward.conditions import (
    LAFB,
    LBBB,
    LPFB,
    RBBB,
    Condition,
    Ectopy,
    Hypertrophy,
    Infarct,
    Ischaemia,
    Normal,
    Preexcitation,
)
from cine_mapping.forward.regions import av_ring, draw_ellipsoid
from cine_mapping.myocardium import Myocardium

Draw = Callable[[Myocardium, np.random.Generator], Condition]


def _ischaemia(myocardium: Myocardium, rng: np.random.Generator) -> Condition:
    usual, severity = Ischaemia(draw_ellipsoid(myocardium, rng)), rng.uniform(0.7, 1.2)
    return replace(
        usual,
        rest=usual.rest * severity,
        amplitude=usual.amplitude * severity,
        duration=float(rng.uniform(0.78, 0.96)),
        speed=float(rng.uniform(0.5, 0.85)),
        upstroke=float(rng.uniform(1.3, 2.5)),
        border=float(rng.uniform(5, 11)),
    )


def _scar(myocardium: Myocardium, rng: np.random.Generator) -> Condition:
    region = draw_ellipsoid(myocardium, rng)
    return Infarct(region, speed=float(rng.uniform(0.45, 0.8)), border=float(rng.uniform(3, 8)))


def _ectopy(myocardium: Myocardium, rng: np.random.Generator) -> Condition:
    volumes = myocardium.node_volumes
    return Ectopy(
        int(rng.choice(len(volumes), p=volumes / volumes.sum())),
        left=float(rng.uniform(0.65, 0.9)),
        right=float(rng.uniform(0.55, 0.8)),
    )


def _wpw(myocardium: Myocardium, rng: np.random.Generator) -> Condition:
    return Preexcitation(int(rng.choice(av_ring(myocardium))), early=float(rng.uniform(50, 80)))


def _lbbb(_: Myocardium, rng: np.random.Generator) -> Condition:
    return replace(LBBB, left=LBBB.left * float(rng.uniform(0.8, 1.1)))


def _rbbb(_: Myocardium, rng: np.random.Generator) -> Condition:
    return replace(RBBB, right=RBBB.right * float(rng.uniform(0.8, 1.2)))


FAMILIES: Mapping[str, Draw] = {
    "normal": lambda myocardium, rng: Normal(),
    "ischaemia": _ischaemia,
    "scar": _scar,
    "ectopy": _ectopy,
    "WPW": _wpw,
    "LBBB": _lbbb,
    "RBBB": _rbbb,
    "LAFB": lambda myocardium, rng: LAFB,
    "LPFB": lambda myocardium, rng: LPFB,
    "LVH": lambda myocardium, rng: Hypertrophy(
        source=float(rng.uniform(1.3, 2.0)), speed=float(rng.uniform(0.75, 0.95))
    ),
    "RVH": lambda myocardium, rng: Hypertrophy(1, source=float(rng.uniform(1.6, 3.0))),
}
"""A condition of each kind for a heart; `draw_patient` gives the heart."""
