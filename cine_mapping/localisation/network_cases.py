"""Simulated recordings as a trained network reads them, with the truth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cine_mapping.beats import find_beat
from cine_mapping.forward.families import FAMILIES
from cine_mapping.forward.patients import Patient, draw_patient
from cine_mapping.localisation.cases import NAMES, Lot, Truths, joined, kept
from cine_mapping.operators.evidence_pattern import evidence_pattern
from cine_mapping.operators.pattern import Pattern
from cine_mapping.recordings import Recording, Sampling, simulate_recording
from imn.errors import InputError

if TYPE_CHECKING:
    from imn.model import Model

READ = Sampling(5.0, 100.0)
"""As short and as coarse as the network takes: reading is what costs."""
ASKED: Mapping[str, str] = {
    "normal": "NORM",
    "ischaemia": "STTC",
    "scar": "MI",
    "ectopy": "NORM",
    "WPW": "NORM",
    "LBBB": "CD",
    "RBBB": "CD",
}
"""Label whose evidence is mapped; against ``NORM`` where the network knows no label of the family."""
ATTEMPTS = 20
LABELS = tuple(dict.fromkeys(ASKED.values()))


@dataclass(frozen=True, eq=False)
class NetworkCases(Truths):
    """Evidence of simulated recordings.

    Parameters
    ----------
    values : (s, labels, 8, b) float16
        For each of `LABELS`, as `operators.pattern.Pattern.values`.
    total : (s, labels) float64
        Logit less bias.
    truth, family, patient
        As in `Truths`.
    """

    values: NDArray[np.float16]
    total: NDArray[np.float64]

    def asked_values(self) -> NDArray[np.float32]:
        """Evidence for the label that each family is asked by, (s, 8, b) float32."""
        at = [LABELS.index(ASKED.get(NAMES[family], "NORM")) for family in self.family]
        return self.values[np.arange(len(at)), at].astype(np.float32)

    def patterns(self) -> list[Pattern]:
        """Give each recording's pattern."""
        at = [LABELS.index(ASKED.get(NAMES[family], "NORM")) for family in self.family]
        held = zip(self.family, self.asked_values(), self.total[np.arange(len(at)), at], strict=True)
        return [Pattern(NAMES[family], value.astype(float), float(total)) for family, value, total in held]


def make_network_cases(lot: Lot, model: "Model", folder: Path | None = None) -> NetworkCases:
    """Simulate a lot's recordings and have them read, patient by patient; goes on where it was stopped.

    A recording in which no beat is found is left out, and one whose leads no recorder would take.

    Parameters
    ----------
    lot : Lot
    model : Model
    folder : Path, optional
        Keeps what is made; must hold readings of the same lot by the same model, or none.

    Returns
    -------
    NetworkCases
    """
    from tqdm import tqdm

    parts = []
    for number in tqdm(range(lot.patients), desc="read", disable=None):
        path = None if folder is None else folder / f"{lot.seed}_{number:05d}.npz"
        parts.append(kept(path, NetworkCases, partial(patient_readings, lot, number, model)))
    return joined(parts)


def patient_readings(lot: Lot, number: int, model: "Model") -> NetworkCases:
    """Simulate and read the recordings of one patient of a lot.

    Parameters
    ----------
    lot : Lot
    number : int
        Of the patient; with the lot's seed it decides everything.
    model : Model

    Returns
    -------
    NetworkCases
    """
    rng = np.random.default_rng([lot.seed, number])
    patient = draw_patient(rng)
    drawn = [
        (family, record(patient, family, rng)) for family, count in lot.counts.items() for _ in range(count)
    ]
    read = [(family, recording, _read(recording, model)) for family, recording in drawn]
    found = [(family, recording, patterns) for family, recording, patterns in read if recording and patterns]
    return NetworkCases(
        values=np.stack([[p.values for p in patterns] for _, _, patterns in found]).astype(np.float16),
        total=np.array([[p.total for p in patterns] for _, _, patterns in found]),
        truth=np.stack([np.packbits(recording.truth) for _, recording, _ in found]),
        family=np.array([NAMES.index(family) for family, _, _ in found], dtype=np.int8),
        patient=np.full(len(found), number, dtype=np.int32),
    )


def record(patient: Patient, family: str, rng: np.random.Generator) -> Recording | None:
    """Record a condition; drawn again if it leaves no region, or leads that no recorder takes.

    Parameters
    ----------
    patient : Patient
    family : str
        A name of `FAMILIES`.
    rng : Generator

    Returns
    -------
    Recording or None
        None if `ATTEMPTS` draws were in vain; nothing is refused.
    """
    for _ in range(ATTEMPTS):
        condition = FAMILIES[family](patient.heart.myocardium, rng)
        try:
            recording = simulate_recording(patient, condition, rng, sampling=READ)
        except InputError:
            continue
        if recording.truth.any() or family == "normal":
            return recording
    return None


def _read(recording: Recording | None, model: "Model") -> Sequence[Pattern]:
    """Patterns of all `LABELS`; none where there is no recording or no beat is found in it."""
    if recording is None:
        return ()
    explanation = model.explain(recording.record, spread=False)
    try:
        beat = find_beat(explanation.signal, explanation.fs)
    except InputError:
        return ()
    return [evidence_pattern(explanation, beat, label, family="unknown") for label in LABELS]
