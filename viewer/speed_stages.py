"""What the speed measurement runs: stages of a batch and their floors, made ready beforehand."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from viewer.batch_stages import Station, placed

if TYPE_CHECKING:
    from imn.few_labels import FewLabels
    from imn.record import Record

Run = Callable[[], object]


def finding(records: "Sequence[Record]", few: "Sequence[FewLabels]") -> Run:
    """Give the search for beats, and for hints about electrodes."""
    from cine_mapping.beats import find_beat
    from imn.electrode_interchange import hints

    signals = [one.explanation.signal for one in few]

    def run() -> None:
        for record, signal in zip(records, signals, strict=True):
            find_beat(signal, record.fs)
            hints(record, signal)

    return run


def line(records: "Sequence[Record]") -> tuple[Run, Run]:
    """Give the isoelectric line, and SciPy's medians and Fourier transforms for it alone."""
    from scipy.fft import irfft, rfft
    from scipy.ndimage import median_filter

    from imn.conditioning import WINDOWS_S, remove_baseline

    fs, signals = records[0].fs, [record.signal for record in records]

    def filters() -> None:
        for signal in signals:
            for window in WINDOWS_S:
                median_filter(signal.ravel(), size=2 * round(window * fs / 2) + 1)
            irfft(rfft(signal.astype(float)))

    return lambda: [remove_baseline(signal, fs) for signal in signals], filters


def beat_filters(signals: NDArray[np.floating], fs: float) -> Run:
    """Give the filters that a recording's beats are found and delineated by, alone."""
    from scipy.interpolate import make_interp_spline
    from scipy.ndimage import gaussian_filter1d
    from scipy.signal import butter, sosfiltfilt

    from cine_mapping.beats import find_beat
    from cine_mapping.delineation import GRID_HZ, P_T_SMOOTHING_MS, QRS_SMOOTHING_MS

    sos = butter(2, (8.0, 20.0), "bandpass", fs=fs, output="sos")
    beats = [find_beat(signal, fs).signal.astype(float) for signal in signals]

    def run() -> None:
        for signal, beat in zip(signals, beats, strict=True):
            sosfiltfilt(sos, signal[:8], axis=1)
            m = beat.shape[1]
            fine = make_interp_spline(np.arange(m), beat, axis=1)(np.arange(0, m - 1, fs / GRID_HZ))
            for leads, ms in ((fine[:8], QRS_SMOOTHING_MS), (fine, P_T_SMOOTHING_MS)):
                gaussian_filter1d(leads, ms * GRID_HZ / 1000, axis=1)

    return run


def balls(station: Station, few: "Sequence[FewLabels]") -> tuple[Run, Run]:
    """Give the balls around the paths, and their exponentials alone."""
    from cine_mapping.beats import find_beat
    from cine_mapping.places import path_basis
    from cine_mapping.projection import path_places

    found = [find_beat(one.explanation.signal, one.explanation.fs) for one in few]
    paths = [path_places(station.anatomy, beat) for beat in found]
    vertices = len(station.anatomy.region)
    exponents = [np.zeros((len(path), vertices), np.float32) for path in paths]

    def run() -> None:
        for path in paths:
            path_basis(station.anatomy, path)

    def exponentials() -> None:
        for each in exponents:
            np.exp(each)

    return run, exponentials


def projecting(station: Station, few: "Sequence[FewLabels]") -> tuple[Run, Run]:
    """Give the maps and their shares, and the products of bases and courses alone."""
    from cine_mapping.beats import find_beat
    from cine_mapping.modalities import plan_modalities

    explained = [one.explanation for one in few]
    beats = [find_beat(one.signal, one.fs) for one in explained]

    def run() -> None:
        for one, beat in zip(explained, beats, strict=True):
            plan = plan_modalities(station.anatomy, beat)
            placed(plan.apply(one, one.classes[0]), plan, float(one.logits[0] - one.bias[0]))

    maps = [
        plan_modalities(station.anatomy, beat).apply(one, one.classes[0])
        for one, beat in zip(explained, beats, strict=True)
    ]
    factors = [
        (held.basis, np.stack([held.positive.sum(axis=1), held.negative.sum(axis=1)], axis=1))
        for each in maps
        for held in each.values()
    ]
    return run, lambda: [basis @ sums for basis, sums in factors]


def writing(station: Station, paths: Sequence[str], out: Path) -> tuple[Run, Run]:
    """Give the writing of a shard, and a copy in memory of its bytes.

    Parameters
    ----------
    station : Station
    paths : sequence of str
        Recordings of the shard.
    out : Path

    Returns
    -------
    write, copy : callable
    """
    from viewer.batch_folder import Shard, write_shard

    done, shard = station.run(0, paths), Shard(0, 0, len(paths))
    write_shard(out, shard, done, station.model.classes)
    held = np.frombuffer(b"".join(file.read_bytes() for file in out.rglob("*.parquet")), np.uint8)
    return lambda: write_shard(out, shard, done, station.model.classes), held.copy
