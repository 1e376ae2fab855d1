"""Simulated recordings for tests of what comes after them."""

import numpy as np

from cine_mapping.forward.conditions import Ischaemia
from cine_mapping.forward.heart import reference_heart
from cine_mapping.forward.patients import Patient
from cine_mapping.forward.physiology import Physiology
from cine_mapping.forward.regions import Segments
from cine_mapping.recordings import Recording, RecordingSpread, Sampling, simulate_recording


def ischaemia(region: str, fs: float) -> Recording:
    """Acute ischaemia of the reference heart for ten seconds, without noise: the same at every rate."""
    patient = Patient(reference_heart(), Physiology())
    condition, rng = Ischaemia(Segments((region,))), np.random.default_rng(0)
    spread = RecordingSpread(noise=None)
    return simulate_recording(
        patient, condition, rng, sampling=Sampling(10.0, fs), spread=spread, heart_rate=70.0
    )
