"""One 12-lead recording as a value."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imn.described import Described
from imn.errors import InputError
from imn.leads import LEADS
from imn.limb_leads import DERIVED_LEADS

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SHORTEST_S = 2.0


@dataclass(frozen=True, eq=False, repr=False)
class Record(Described):
    """A 12-lead recording in standard lead order.

    Parameters
    ----------
    signal : (12, n) float32, mV
        Rows in the order of `imn.leads.LEADS`.
    fs : float, Hz
    id : str
    source : str
        Where it came from: a path, or the name of a simulator.
    metadata : mapping
        Whatever the file said besides (age, sex, comments), and ``derived_leads``: the limb leads
        that it does not hold (`imn.limb_leads`).

    Raises
    ------
    InputError
        If the shape is not (12, n), a value is not finite, or the recording
        is shorter than 2 s.
    """

    signal: NDArray[np.float32]
    fs: float
    id: str
    source: str = ""
    metadata: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        signal = np.array(self.signal, dtype=np.float32)
        if signal.ndim != 2 or signal.shape[0] != len(LEADS):
            msg = f"record {self.id}: expected a signal of shape (12, n), got {signal.shape}; give one"
            raise InputError(msg)
        if not np.isfinite(self.fs) or self.fs <= 0:
            msg = f"record {self.id}: expected a sampling rate above 0 Hz, got {self.fs}; correct it"
            raise InputError(msg)
        if signal.shape[1] < SHORTEST_S * self.fs:
            got = signal.shape[1] / self.fs
            msg = f"record {self.id}: expected at least {SHORTEST_S:g} s, got {got:.2f} s; give a longer one"
            raise InputError(msg)
        bad = [LEADS[i] for i in np.flatnonzero(~np.isfinite(signal).all(axis=1))]
        if bad:
            msg = (
                f"record {self.id}: expected finite samples, found NaN or infinity in lead {', '.join(bad)}; "
                "cut or repair these stretches first"
            )
            raise InputError(msg)
        signal.setflags(write=False)
        object.__setattr__(self, "signal", signal)
        object.__setattr__(self, "fs", float(self.fs))
        object.__setattr__(self, "metadata", MappingProxyType(dict(self.metadata)))

    @property
    def duration(self) -> float:
        """Length in seconds."""
        return self.signal.shape[1] / self.fs

    def plot(self, *, layout: str = "3x4+1", title: str | None = None) -> "Figure":
        """Draw the recording on ECG paper, 25 mm/s and 10 mm/mV.

        Parameters
        ----------
        layout : "3x4+1", "6x2" or "12x1"
        title : str, optional
            By default the recording's name.

        Returns
        -------
        matplotlib.figure.Figure
            Of true print size; the first 10 s are shown.

        Raises
        ------
        InputError
            If there is no such layout.
        """
        from imn.plotting import drawing_of

        return drawing_of("record")(self, layout=layout, title=title)

    def _facts(self) -> dict[str, str]:
        derived = ", ".join(self.metadata.get(DERIVED_LEADS, ()))
        return {
            "record": self.id,
            "leads": f"{len(LEADS)} leads" + (f", of which {derived} derived" if derived else ""),
            "length": f"{self.duration:g} s at {self.fs:g} Hz",
            "range": f"{self.signal.min():.2f} to {self.signal.max():.2f} mV",
            "source": self.source,
        }
