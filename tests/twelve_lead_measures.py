"""What a cardiologist reads off a simulated beat."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from cine_mapping.forward.beat import VirtualBeat
from imn.leads import LEADS

QRS_SLOPE = 0.010
"""mV/ms in any lead: steeper is QRS."""


@dataclass(frozen=True, eq=False)
class Reading:
    """Measures by lead name; mV, ms, degrees."""

    beat: VirtualBeat

    @cached_property
    def qrs(self) -> NDArray[np.bool_]:
        beat = self.beat
        last = beat.activation[np.isfinite(beat.activation)].max() + 25
        slope = np.abs(np.gradient(beat.leads, beat.times, axis=1)).max(axis=0)
        steep = np.flatnonzero((slope > QRS_SLOPE) & (beat.times < last))
        return (np.arange(len(slope)) >= steep[0]) & (np.arange(len(slope)) <= steep[-1])

    @property
    def duration(self) -> float:
        return float(np.ptp(self.beat.times[self.qrs]))

    @property
    def axis(self) -> float:
        area = self["area"]
        return float(np.rad2deg(np.arctan2(2 / np.sqrt(3) * area["aVF"], area["I"])))

    def __getitem__(self, what: str) -> dict[str, float]:
        qrs, leads, times = self.beat.leads[:, self.qrs], self.beat.leads, self.beat.times
        end = times[self.qrs][-1]
        late = leads[:, times > end + 80]
        values = {
            "R": lambda: qrs.max(axis=1),
            "S": lambda: qrs.min(axis=1),
            "area": lambda: qrs.sum(axis=1) * np.diff(times)[0],
            "first": lambda: leads[:, (times >= times[self.qrs][0]) & (times < times[self.qrs][0] + 30)].mean(
                axis=1
            ),
            "last": lambda: leads[:, (times > end - 40) & (times <= end)].mean(axis=1),
            "ST": lambda: leads[:, np.abs(times - end - 20).argmin()],
            "T": lambda: late[np.arange(12), np.abs(late).argmax(axis=1)],
        }[what]()
        return dict(zip(LEADS, values.tolist(), strict=True))
