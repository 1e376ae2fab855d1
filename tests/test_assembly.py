"""Channels become leads only where names, units, gains and heights can be those of a recording."""

import numpy as np
import pytest

from imn.assembly import Channels, assemble
from imn.errors import InputError
from imn.fuzz.sound_files import FS, sound_signal
from imn.leads import LEADS
from imn.record import Record


def read(signal: np.ndarray, unit: str = "mV") -> Record:
    return assemble(Channels(LEADS, [unit] * len(LEADS), signal, FS, "rec"))


def test_gains_that_make_every_lead_as_high_are_suspected():
    signal = sound_signal()
    with pytest.raises(InputError, match="the gains look made up"):
        read(signal / np.ptp(signal, axis=1, keepdims=True))


def test_samples_beyond_a_volt_are_refused():
    with pytest.raises(InputError, match="samples within 1000 mV, found 1.55e\\+03 mV; correct the unit"):
        read(sound_signal(), unit="V")


@pytest.mark.parametrize("lead", LEADS)
def test_a_flat_lead_is_named(lead):
    signal = sound_signal()
    signal[LEADS.index(lead)] = 0.3
    with pytest.raises(InputError, match=f"found lead {lead} flat; give"):
        read(signal)
