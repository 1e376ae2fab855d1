"""A set of simulated recordings as one value: every one of them follows from it and its number."""

import json
from dataclasses import asdict, dataclass, is_dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import REGIONS, Anatomy
from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.asked_conditions import check_place, draw_condition
from cine_mapping.forward.conditions import Condition
from cine_mapping.forward.heart import place_heart
from cine_mapping.forward.patients import Patient, Setting, draw_patient
from cine_mapping.forward.physiology import Physiology
from cine_mapping.forward_setting import load_setting
from cine_mapping.myocardium import Myocardium
from cine_mapping.myocardium_io import load_myocardium
from cine_mapping.noise import NoiseSpread
from cine_mapping.recordings import Recording, RecordingSpread, Sampling, simulate_recording
from cine_mapping.rhythm import check_heart_rate
from cine_mapping.volume_conductor import solve_torso
from imn.errors import InputError

BLOCK = 25
"""Recordings that are made, and kept or lost, together."""
PATIENT, RECORDING = 0, 1
"""First number of a seed's branch."""


@dataclass(frozen=True)
class SimulatedSet:
    """What is to be simulated.

    Parameters
    ----------
    conditions : tuple of str
        Names of `FAMILIES`; recording i has the (i mod number)-th.
    regions : tuple of str
        Where ischaemia, scars, ectopic and accessory sites are; anywhere if empty.
    transmurality : float or None
        As in `draw_condition`.
    each : int
        Recordings of each condition.
    patients : int
        Over whom they are spread, one after the other; 0 for the anatomy's own heart, unaltered.
    seed : int
    anatomy : str
        As `forward_setting.load_setting`.
    noise : bool
    heart_rate : float or None
        Drawn if None.
    sampling : Sampling

    Raises
    ------
    InputError
        If a condition is unknown or repeated, or a number makes no sense.
    """

    conditions: tuple[str, ...]
    regions: tuple[str, ...] = ()
    transmurality: float | None = None
    each: int = 1
    patients: int = 1
    seed: int = 0
    anatomy: str = "reference"
    noise: bool = True
    heart_rate: float | None = None
    sampling: Sampling = Sampling()

    def __post_init__(self) -> None:
        for name in self.conditions:
            check_place(name, self.regions, self.transmurality)
        if self.heart_rate is not None:
            check_heart_rate(self.heart_rate)
        if not self.conditions or len(set(self.conditions)) < len(self.conditions):
            msg = f"expected at least one condition, each once, got {', '.join(self.conditions) or 'none'}"
            raise InputError(msg)
        for name, least in (("each", 1), ("patients", 0), ("seed", 0)):
            if (value := getattr(self, name)) < least:
                msg = f"{name}: expected {least} or more, got {value}; give another number"
                raise InputError(msg)

    @property
    def count(self) -> int:
        """Number of recordings."""
        return self.each * len(self.conditions)

    def patient_of(self, number: int) -> int:
        """Tell which patient a recording is of.

        Parameters
        ----------
        number : int
            0 ... count - 1.

        Returns
        -------
        int
            0 ... patients - 1; -1 for the anatomy's own heart, where there are no patients.
        """
        return number * min(self.patients, self.count) // self.count if self.patients else -1

    def blocks(self) -> list[range]:
        """Cut the recordings into blocks of one patient each.

        Returns
        -------
        list of range
            Of numbers of recordings, at most `BLOCK` in each; together all of them, in order.
        """
        patients = [self.patient_of(number) for number in range(self.count)]
        starts = np.flatnonzero(np.diff(patients, prepend=-2))
        ends = [*starts[1:], self.count]
        return [
            range(first, min(first + BLOCK, end))
            for start, end in zip(starts.tolist(), ends, strict=True)
            for first in range(start, end, BLOCK)
        ]


@dataclass(frozen=True, eq=False)
class SimulatedCase:
    """One recording of a set.

    Parameters
    ----------
    recording : Recording
    family : str
        Its condition, one of the set's `conditions`.
    row : dict
        Its line in the set's table, by column.
    """

    recording: Recording
    family: str
    row: dict[str, Any]


def simulate_case(plan: SimulatedSet, number: int) -> SimulatedCase:
    """Simulate one recording of a set; the same for the same set and number, whoever asks.

    Parameters
    ----------
    plan : SimulatedSet
    number : int
        0 ... count - 1.

    Returns
    -------
    SimulatedCase

    Raises
    ------
    InputError
        As `simulate_recording` and `draw_condition`, or if the anatomy cannot be read.
    """
    rng = np.random.default_rng([plan.seed, RECORDING, number])
    family, patient = plan.conditions[number % len(plan.conditions)], plan.patient_of(number)
    person, name = _patient(plan.anatomy, plan.seed, patient), f"sim{plan.seed}-{number:06d}"
    condition = draw_condition(family, plan.regions, person.heart, rng, transmurality=plan.transmurality)
    recording = simulate_recording(
        person,
        condition,
        rng,
        sampling=plan.sampling,
        spread=RecordingSpread(noise=NoiseSpread() if plan.noise else None),
        heart_rate=plan.heart_rate,
        anatomy=load_ground(plan.anatomy).anatomy,
        name=name,
    )
    row = {
        "record": name,
        "condition": family,
        "asked_region": " + ".join(plan.regions),
        "patient": patient,
        **_place(recording.truth, person.heart.myocardium),
        **recording.drawn,
        "beats": len(recording.onsets_s),
        "drawn": _drawn(condition),
    }
    return SimulatedCase(recording, family, row)


@dataclass(frozen=True, eq=False)
class Ground:
    """What a set is simulated on.

    Parameters
    ----------
    anatomy : Anatomy
        Whose surface truths are given on, and whose atria give P waves.
    setting : Setting
        What patients are drawn about.
    wall : Myocardium
        The setting's nodes where the anatomy has them.
    """

    anatomy: Anatomy
    setting: Setting
    wall: Myocardium


@lru_cache(maxsize=2)
def load_ground(anatomy: str) -> Ground:
    """Load what a set is simulated on.

    Parameters
    ----------
    anatomy : str
        ``"reference"``, or the file of an anatomy.

    Returns
    -------
    Ground

    Raises
    ------
    InputError
        If the anatomy or its wall cannot be read.
    """
    setting = load_setting(anatomy)
    # The reference heart is seated anew in its torso before patients are drawn about it.
    wall = load_myocardium(anatomy) if anatomy == "reference" else setting.myocardium
    return Ground(load_anatomy(anatomy), setting, wall)


@lru_cache(maxsize=2)
def _physiology(anatomy: str) -> Physiology:
    """Early sites and speeds of an anatomy's heart: those of the reference fit no other."""
    if anatomy == "reference":
        return Physiology()
    from cine_mapping.forward_setting import physiology_of

    return physiology_of(load_ground(anatomy).setting)


@lru_cache(maxsize=2)
def _patient(anatomy: str, seed: int, number: int) -> Patient:
    setting, physiology = load_ground(anatomy).setting, _physiology(anatomy)
    if number >= 0:
        rng = np.random.default_rng([seed, PATIENT, number])
        return draw_patient(rng, setting, physiology=physiology)
    return Patient(
        place_heart(setting.myocardium, solve_torso(setting.torso), setting.electrodes), physiology
    )


def _place(truth: NDArray[np.bool_], myocardium: Myocardium) -> dict[str, Any]:
    """Volume of the truth, ml and share of the wall, and the region that holds most of it."""
    volumes = np.where(truth, myocardium.node_volumes, 0.0)
    parts = np.bincount(myocardium.region, volumes)
    return {
        "truth_region": REGIONS[int(parts.argmax())] if truth.any() else "",
        "truth_ml": float(volumes.sum() / 1000),
        "truth_share": float(volumes.sum() / myocardium.node_volumes.sum()),
    }


def _drawn(condition: Condition) -> str:
    """Everything a condition says of itself, as JSON."""
    known = asdict(condition) if is_dataclass(condition) else {}
    return json.dumps({"kind": type(condition).__name__} | known)
