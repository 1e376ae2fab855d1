"""Made-up ECGs: sums of Gaussian waves that obey Einthoven's and Goldberger's identities."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from imn.leads import LEADS, expand

# Centre after the R peak (s), width (s), height in I, II, V1 ... V6 (mV).
WAVES = {
    "P": (-0.17, 0.022, (0.10, 0.15, 0.06, 0.08, 0.08, 0.08, 0.07, 0.06)),
    "Q": (-0.028, 0.008, (-0.05, -0.05, 0.10, 0.15, 0.05, -0.08, -0.08, -0.06)),
    "R": (0.0, 0.010, (0.80, 1.10, 0.20, 0.50, 0.90, 1.40, 1.30, 1.00)),
    "S": (0.026, 0.009, (-0.10, -0.15, -0.90, -1.20, -0.70, -0.30, -0.10, -0.05)),
    "T": (0.27, 0.045, (0.20, 0.30, -0.05, 0.30, 0.35, 0.35, 0.30, 0.20)),
}


def ecg(
    fs: float,
    r_times: Sequence[float] | NDArray[np.float64],
    duration: float,
    *,
    waves: Sequence[str] = tuple(WAVES),
    noise_mv: float = 0.0,
) -> NDArray[np.float64]:
    """Twelve leads, (12, n) mV, with a beat at each of ``r_times`` (s)."""
    t = np.arange(round(duration * fs)) / fs
    eight = np.zeros((8, t.size))
    for name in waves:
        centre, width, heights = WAVES[name]
        shape = sum(np.exp(-0.5 * ((t - r - centre) / width) ** 2) for r in r_times)
        eight += np.array(heights)[:, None] * shape
    eight += noise_mv * np.random.default_rng(0).standard_normal(eight.shape)
    return expand(eight)


def write_wfdb(
    folder: Path,
    signal: NDArray[np.float64],
    *,
    fs: float = 100.0,
    names: Sequence[str] = LEADS,
    units: Sequence[str] | None = None,
    gain: float = 1000.0,
) -> Path:
    """Write channels as record ``rec``; give the path of its header."""
    import wfdb

    c = len(names)
    wfdb.wrsamp(
        "rec",
        fs=fs,
        units=list(units or ["mV"] * c),
        sig_name=list(names),
        p_signal=signal.T.copy(),
        fmt=["16"] * c,
        adc_gain=[gain] * c,
        baseline=[0] * c,
        write_dir=str(folder),
    )
    return folder / "rec.hea"
