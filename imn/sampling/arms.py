"""What is compared with what: network, rate, receptive field, and the recordings a rate is made from."""

from dataclasses import dataclass

from imn.sampling.fields import HELD_S, PUBLISHED, SHORT_S, Field, field_for

FAST, SLOW = 500.0, 100.0
RATES = (62.0, 100.0, 250.0, 500.0)
CNN, LSTM, IMN = "CNN1D", "CNN-LSTM", "IMN"
AS_PUBLISHED, HELD, CUT = "as published", "held", "cut"
RESAMPLED, UNTOLD = "resampled", "not resampled"
"""Our network brings what it gets to 100 Hz; the control is not told the rate, and takes it for 100 Hz."""
_SECONDS = {HELD: HELD_S, CUT: SHORT_S}


@dataclass(frozen=True)
class Arm:
    """One network at one rate.

    Parameters
    ----------
    source : float, Hz
        Of the recordings that the rate is made from.
    network : str
        ``CNN1D``, ``CNN-LSTM`` or ``IMN``, ours.
    fs : float, Hz
    context : str
        Receptive field of CNN1D: ``as published`` (a number of samples), ``held`` at 0.87 s, or
        ``cut`` to 0.108 s.  Of ours: ``resampled`` or ``not resampled``.
    """

    source: float
    network: str
    fs: float
    context: str = AS_PUBLISHED

    @property
    def name(self) -> str:
        """For files."""
        words = (f"from{self.source:g}", self.network, f"{self.fs:g}Hz", self.context.replace(" ", "-"))
        return "-".join(words).lower()

    @property
    def field(self) -> Field | None:
        """Receptive field of CNN1D; None for the others."""
        if self.network != CNN:
            return None
        return PUBLISHED if self.context == AS_PUBLISHED else field_for(self.fs, _SECONDS[self.context])


ARMS = (
    # More recordings first.  At 500 Hz nothing above 50 Hz is in them, so that noise cannot do the harm.
    Arm(SLOW, CNN, 100.0),
    Arm(SLOW, CNN, 100.0, HELD),
    Arm(SLOW, CNN, 100.0, CUT),
    Arm(SLOW, CNN, 62.0),
    Arm(SLOW, CNN, 500.0),
    Arm(SLOW, CNN, 500.0, HELD),
    # At 62 Hz the published network is the one whose field is held.
    *(Arm(FAST, CNN, fs, context) for fs in RATES for context in (AS_PUBLISHED, HELD)[: 1 + (fs > RATES[0])]),
    *(Arm(FAST, LSTM, fs) for fs in RATES),
    *(Arm(SLOW, LSTM, fs) for fs in (62.0, 100.0, 500.0)),
)
"""Every run of the study, those that decide the question first."""

DECIDING = tuple(arm for arm in ARMS if arm.source == SLOW and arm.network == CNN)
"""Run once more from another seed, to see whether the answer is one network's luck."""
