"""Simulated 12-lead recordings of a normal or acutely ischaemic heart on a given anatomy.

Excitation spreads from the Purkinje sites (`cine_mapping.activation`), each
vertex runs through its action potential (`cine_mapping.action_potential`), and
the currents in the wall are weighed by the lead vectors (`cine_mapping.source`).

Limits
------
- Homogeneous torso without lungs or blood; no fibre directions.
- A mapping that uses the same anatomy's lead vectors sees an easier world than
  a patient's: agreement on these recordings is not evidence of accuracy.
- Only sinus rhythm with or without an acutely ischaemic region; no scar, block,
  ectopy, pre-excitation or hypertrophy yet.
- Atria are one dipole; no U wave, no atrial repolarisation, no change of the
  action potential with rate.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cine_mapping.action_potential import Cells, Membrane, Repolarisation, durations, potentials
from cine_mapping.activation import Conduction, Wall, activation_times, ventricular_wall
from cine_mapping.anatomy import ATRIA, REGIONS, Anatomy
from cine_mapping.segments import region_mask
from cine_mapping.source import reference_transfer
from imn.errors import InputError
from imn.leads import INDEPENDENT_INDEX, expand
from imn.record import Record

BEAT_MS = (-220.0, 560.0)
STEP_MS = 1.0
BORDER_MM = 8.0


@dataclass(frozen=True)
class Ischaemia:
    """What acute ischaemia does to the cells inside: changes of mV, factors on time and speed."""

    rest: float = 24.0
    amplitude: float = -52.0
    duration: float = 0.88
    speed: float = 0.7
    upstroke: float = 2.0


@dataclass(frozen=True)
class Atria:
    """P wave: a dipole in each atrium (LPS, mA mm), the right one first; centre and width in ms."""

    left: tuple[float, float, float] = (0.75, 0.40, -0.45)
    right: tuple[float, float, float] = (0.30, -0.35, -0.75)
    moment: float = 1.4
    centres: tuple[float, float] = (-98.0, -130.0)
    width: float = 17.0


@dataclass(frozen=True)
class Physiology:
    """Everything that is the same in all simulated beats."""

    conduction: Conduction = Conduction()
    repolarisation: Repolarisation = Repolarisation()
    membrane: Membrane = Membrane()
    atria: Atria = Atria()


@dataclass(frozen=True, eq=False)
class SimulatedBeat:
    """One beat.

    Parameters
    ----------
    leads : (12, t) float64, mV
        Zero in the segment between T and P.
    times : (t,) float64, ms
        From the first ventricular excitation.
    activation : (v,) float64, ms
        NaN off the ventricles.
    truth : (v,) bool
        Ischaemic vertices.
    """

    leads: NDArray[np.float64]
    times: NDArray[np.float64]
    activation: NDArray[np.float64]
    truth: NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Simulation:
    """A simulated recording and what it was made from.

    Parameters
    ----------
    record : Record
    truth : (v,) bool
        Ischaemic vertices of the anatomy's heart; none in a normal recording.
    activation : (v,) float64, ms
        NaN off the ventricles.
    region : str
        The ischaemic regions by name, or ``"normal"``.
    """

    record: Record
    truth: NDArray[np.bool_]
    activation: NDArray[np.float64]
    region: str


def simulate(
    anatomy: Anatomy,
    *,
    ischaemia: str | tuple[str, ...] | None = None,
    seconds: float = 10.0,
    fs: float = 500.0,
    heart_rate: float = 70.0,
    seed: int = 0,
) -> Simulation:
    """Simulate a recording in sinus rhythm.

    Parameters
    ----------
    anatomy : Anatomy
    ischaemia : str or tuple of str, optional
        Acutely ischaemic regions or coronary territories (`REGIONS`,
        `TERRITORIES`); normal if left out.
    seconds : float
    fs : float, Hz
    heart_rate : float, beats per minute
        RR intervals scatter by 2 %.
    seed : int
        Of the scatter and of the noise (5 microvolt).

    Raises
    ------
    InputError
        If a region is unknown, the heart rate is not between 30 and 150, or
        the recording comes out too short for a `Record`.
    """
    if not 30 <= heart_rate <= 150:
        msg = f"heart_rate: expected 30 to 150 beats per minute, got {heart_rate:g}; choose one in this range"
        raise InputError(msg)
    names = (ischaemia,) if isinstance(ischaemia, str) else tuple(ischaemia or ())
    beat = simulate_beat(anatomy, names)
    region = ", ".join(names) or "normal"
    signal = _repeat(beat, seconds=seconds, fs=fs, heart_rate=heart_rate, rng=np.random.default_rng(seed))
    record = Record(
        signal=signal.astype(np.float32),
        fs=fs,
        id=f"simulated {region}" if names else "simulated normal",
        source=f"simulated on the anatomy {anatomy.name!r}: {region}",
        metadata={"simulated": True, "ischaemia": names, "seed": seed, "heart_rate": heart_rate},
    )
    return Simulation(record, beat.truth, beat.activation, region)


def simulate_beat(
    anatomy: Anatomy,
    ischaemia: tuple[str, ...] = (),
    *,
    physiology: Physiology = Physiology(),  # noqa: B008 -- frozen
    injury: Ischaemia = Ischaemia(),  # noqa: B008 -- frozen
) -> SimulatedBeat:
    """Simulate one beat without noise.

    Parameters
    ----------
    anatomy : Anatomy
    ischaemia : tuple of str
    physiology : Physiology
    injury : Ischaemia
    """
    wall = ventricular_wall(anatomy)
    truth = region_mask(anatomy, ischaemia) & anatomy.ventricles
    cells = excite(wall, _soften(wall, truth[anatomy.ventricles]), physiology, injury)
    times = np.arange(*BEAT_MS, STEP_MS)
    leads = reference_transfer(anatomy) @ potentials(cells, times)
    leads += _p_wave(anatomy, times, physiology.atria)
    rest = times < min(physiology.atria.centres) - 3.5 * physiology.atria.width
    activation = np.full(len(anatomy.heart.points), np.nan)
    activation[anatomy.ventricles] = cells.activation
    return SimulatedBeat(leads - leads[:, rest].mean(axis=1, keepdims=True), times, activation, truth)


def excite(wall: Wall, severity: NDArray[np.float64], physiology: Physiology, injury: Ischaemia) -> Cells:
    """Activation and action potentials of all vertices for a severity of ischaemia from 0 to 1, (n,)."""
    membrane = physiology.membrane
    normal = activation_times(wall, physiology.conduction)
    slowed = activation_times(wall, physiology.conduction, 1 + (injury.speed - 1) * severity)
    duration = durations(wall, normal, physiology.repolarisation)
    return Cells(
        activation=slowed,
        duration=duration * (1 + (injury.duration - 1) * severity),
        rest=membrane.rest + injury.rest * severity,
        amplitude=membrane.amplitude + injury.amplitude * severity,
        upstroke=membrane.upstroke * (1 + (injury.upstroke - 1) * severity),
    )


def _soften(wall: Wall, inside: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Severity falls from 1 to 0 over about 8 mm around the region, along the wall and through it."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import dijkstra

    if not inside.any():
        return np.zeros(len(inside))
    size = (len(inside), len(inside))
    graph = coo_array((wall.lengths, wall.edges.T), shape=size).tocsr()
    distance = dijkstra(
        graph, directed=False, indices=np.flatnonzero(inside), min_only=True, limit=3 * BORDER_MM
    )
    return np.where(np.isfinite(distance), np.exp(-((distance / BORDER_MM) ** 2)), 0.0)


def _p_wave(anatomy: Anatomy, times: NDArray[np.float64], atria: Atria) -> NDArray[np.float64]:
    wave = np.zeros((12, len(times)))
    for name, direction, centre in zip(ATRIA, (atria.left, atria.right), atria.centres, strict=True):
        vertices = anatomy.region == REGIONS.index(name)
        if vertices.any():
            dipole = atria.moment * np.array(direction) / np.linalg.norm(direction)
            lead = anatomy.lead_vectors[:, vertices].mean(axis=1) @ dipole
            wave += np.outer(lead, np.exp(-0.5 * ((times - centre) / atria.width) ** 2))
    return wave


def _repeat(
    beat: SimulatedBeat, *, seconds: float, fs: float, heart_rate: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Lay beats one after the other, with scatter of RR and noise, (12, n) mV."""
    now = np.arange(round(seconds * fs)) * 1000 / fs
    rr = 60_000 / heart_rate
    starts = 0.35 * rr + np.cumsum(rr * (1 + 0.02 * rng.standard_normal(int(seconds * 1000 / rr) + 3)))
    eight = beat.leads[list(INDEPENDENT_INDEX)]
    signal = 0.005 * rng.standard_normal((len(eight), len(now)))
    for start in starts - rr:
        for row, lead in zip(signal, eight, strict=True):
            row += np.interp(now - start, beat.times, lead, left=0.0, right=0.0)
    return expand(signal)
