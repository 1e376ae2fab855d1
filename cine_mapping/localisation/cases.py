"""Many simulated beats whose true region is known: what mappings learn from, and what they are scored on.

A patient's number and a seed give everything about it, so that cases are the
same whoever makes them, in whatever order.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self, TypeVar

import numpy as np
from numpy.typing import NDArray

from cine_mapping.forward.beat import VirtualBeat, simulate_beat
from cine_mapping.forward.families import FAMILIES
from cine_mapping.forward.patients import Patient, Setting, draw_patient, reference_setting
from imn.archives import read_archive
from imn.errors import InputError
from imn.files import replacing
from imn.leads import INDEPENDENT_INDEX

ATTEMPTS = 200
STEP_MS = 4.0
TIMES_MS = np.arange(-40.0, 561.0, STEP_MS)
"""After QRS onset."""
NAMES = tuple(FAMILIES)


@dataclass(frozen=True)
class Lot:
    """Which cases to make.

    Parameters
    ----------
    seed : int
        Lots of different seeds share no patient.
    patients : int
    counts : mapping of str to int
        Cases of each family for each patient.
    """

    seed: int
    patients: int
    counts: Mapping[str, int]


@dataclass(frozen=True, eq=False)
class Truths:
    """What is behind simulated cases.

    Parameters
    ----------
    truth : (s, ceil(n / 8)) uint8
        Diseased nodes of the setting's myocardium, packed.
    family : (s,) int8
        Index into `NAMES`.
    patient : (s,) int32
    """

    truth: NDArray[np.uint8]
    family: NDArray[np.int8]
    patient: NDArray[np.int32]

    def __len__(self) -> int:
        """Give the number of cases."""
        return len(self.family)

    def masks(self, nodes: int) -> NDArray[np.bool_]:
        """Unpack the diseased nodes of each case.

        Parameters
        ----------
        nodes : int
            Of the setting's myocardium.

        Returns
        -------
        (s, n) bool
        """
        return np.unpackbits(self.truth, axis=1, count=nodes).astype(bool)

    def take(self, rows: NDArray) -> Self:
        """Pick some of the cases.

        Parameters
        ----------
        rows : (k,) int or (s,) bool

        Returns
        -------
        Truths
            Of the same class.
        """
        return type(self)(**{field.name: getattr(self, field.name)[rows] for field in fields(self)})


Some = TypeVar("Some", bound=Truths)


@dataclass(frozen=True, eq=False)
class Cases(Truths):
    """Beats in the eight independent leads at `TIMES_MS`, with what is behind them.

    Parameters
    ----------
    sick, well : (s, 8, t) float16, mV
        The patient's beat with the condition and without.
    truth, family, patient
        As in `Truths`.
    """

    sick: NDArray[np.float16]
    well: NDArray[np.float16]


def joined(parts: Sequence[Some]) -> Some:
    """Put cases one after the other.

    Parameters
    ----------
    parts : sequence of Truths
        At least one, all of one class.

    Returns
    -------
    Truths
        Of that class.
    """
    names = [field.name for field in fields(parts[0])]
    return type(parts[0])(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in names})


def kept(path: Path | None, kind: type[Some], make: Callable[[], Some]) -> Some:
    """Read cases from a file where it is there; make them, and keep them there, where it is not.

    Parameters
    ----------
    path : Path or None
        None keeps nothing.
    kind : type
        `Truths` or what is made of it.
    make : callable
        Gives the cases.

    Returns
    -------
    Truths
        Of this kind.

    Raises
    ------
    InputError
        If the file is no archive that can be read.
    """
    if path is not None and path.is_file():
        return kind(**read_archive(path, "cases", advice="remove the file, they are made anew"))
    cases = make()
    if path is not None:
        arrays = {field.name: getattr(cases, field.name) for field in fields(kind)}
        with replacing(path) as draft, draft.open("wb") as file:
            np.savez_compressed(file, allow_pickle=False, **arrays)
    return cases


def patient_cases(lot: Lot, number: int, setting: Setting | None = None) -> Cases:
    """Make the cases of one patient of a lot.

    Parameters
    ----------
    lot : Lot
    number : int
        Of the patient; with the lot's seed it decides everything.
    setting : Setting, optional
        What the patient is drawn about; the reference by default.

    Returns
    -------
    Cases
    """
    rng = np.random.default_rng([lot.seed, number])
    patient = draw_patient(rng, setting)
    well = _course(simulate_beat(patient.heart, physiology=patient.physiology, step=STEP_MS))
    drawn = [
        (NAMES.index(family), *_case(patient, family, rng))
        for family, count in lot.counts.items()
        for _ in range(count)
    ]
    return Cases(
        sick=np.stack([course for _, course, _ in drawn]).astype(np.float16),
        well=np.repeat(well[None], len(drawn), axis=0).astype(np.float16),
        truth=np.stack([np.packbits(truth) for _, _, truth in drawn]),
        family=np.array([family for family, _, _ in drawn], dtype=np.int8),
        patient=np.full(len(drawn), number, dtype=np.int32),
    )


def _case(
    patient: Patient, family: str, rng: np.random.Generator
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Course and truth of a condition; drawn again if it leaves no region in this heart."""
    for _ in range(ATTEMPTS):
        condition = FAMILIES[family](patient.heart.myocardium, rng)
        try:
            beat = simulate_beat(patient.heart, condition, physiology=patient.physiology, step=STEP_MS)
        except InputError:
            continue
        if beat.truth.any() or family == "normal":
            return _course(beat), beat.truth
    msg = f"expected a heart in which {family} leaves a region, found none; use another one"
    raise InputError(msg)


def _course(beat: VirtualBeat) -> NDArray[np.float64]:
    """Independent leads at `TIMES_MS` after the first excitation, (8, t)."""
    since = beat.times - beat.activation[np.isfinite(beat.activation)].min()
    leads = beat.leads[list(INDEPENDENT_INDEX)]
    return np.stack([np.interp(TIMES_MS, since, lead) for lead in leads])


def make_cases(
    lot: Lot,
    *,
    setting: Setting | None = None,
    folder: Path | None = None,
    workers: int = 1,
) -> Cases:
    """Make a lot, patient by patient, and go on where an earlier run was stopped.

    Parameters
    ----------
    lot : Lot
    setting : Setting, optional
        The reference anatomy by default.
    folder : Path, optional
        Keeps what is made; must hold cases of the same lot and setting, or none.
    workers : int
        Processes.

    Returns
    -------
    Cases

    Raises
    ------
    InputError
        If the folder holds cases of another count or a heart of another size.
    """
    from tqdm import tqdm

    numbers = range(lot.patients)
    one = _Worker(lot, setting or reference_setting(), folder)
    if workers <= 1:
        return joined([one(number) for number in tqdm(numbers, desc="simulate", disable=None)])
    from concurrent.futures import ProcessPoolExecutor
    from multiprocessing import get_context

    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        made = tqdm(pool.map(one, numbers), total=lot.patients, desc="simulate", disable=None)
        return joined(list(made))


@dataclass(frozen=True, eq=False)
class _Worker:
    lot: Lot
    setting: Setting
    folder: Path | None

    def __call__(self, number: int) -> Cases:
        path = None if self.folder is None else self.folder / f"{self.lot.seed}_{number:05d}.npz"
        return self._checked(path, kept(path, Cases, lambda: patient_cases(self.lot, number, self.setting)))

    def _checked(self, path: Path | None, cases: Cases) -> Cases:
        """Refuse what cannot be of this lot and setting."""
        count, width = sum(self.lot.counts.values()), -(-len(self.setting.myocardium.points) // 8)
        if cases.truth.shape != (count, width):
            got = cases.truth.shape
            msg = f"{path}: expected {(count, width)} cases and bytes, got {got}; name another folder"
            raise InputError(msg)
        return cases
