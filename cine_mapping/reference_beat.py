"""A beat that stands for no class: what a recording's own beats are compared with."""

import json
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imn.conditioning import remove_baseline
from imn.errors import InputError
from imn.leads import INDEPENDENT, INDEPENDENT_INDEX, expand
from imn.ptbxl import read_index, read_signals
from imn.results import write_text

NAME = "median beat"
"""What an `imn.explanation.Explanation` against it calls its reference."""
KEY = "reference_beat"
"""Its place in a model card."""
LEARN_FS = 100.0
SPAN_S = (-0.36, 0.72)
"""From the earliest start of a beat (`cine_mapping.median_beat`) to the end of a late T wave."""
BEFORE_SHARE = 0.4
"""Where beats meet: so much of the way between two R peaks belongs to the later one."""
FADE_S = 0.04
FEWEST = 0.5
"""A moment is learnt where this share of the recordings has it; fast rhythms end early."""


@dataclass(frozen=True, eq=False)
class ReferenceBeat:
    """Median beat of many recordings of all classes.

    Parameters
    ----------
    signal : (12, m) float64, mV
        Above the isoelectric line; obeys Einthoven's and Goldberger's identities.
    fs : float, Hz
    r_index : int
        Sample of the R peak.
    """

    signal: NDArray[np.float64]
    fs: float
    r_index: int

    def place(self, r_peaks: ArrayLike, n: int, fs: float) -> NDArray[np.float32]:
        """Put the beat at every R peak of a recording.

        Where beats would overlap each is cropped, 40 % of the way back from the later
        R peak; at every end it fades to zero within 40 ms.

        Parameters
        ----------
        r_peaks : (k,) int, ascending
            Samples of the recording.
        n : int
            Samples of the recording.
        fs : float, Hz

        Returns
        -------
        (12, n) float32, mV
            Zero where no beat is, as around a T wave whose R peak came before the recording.
        """
        from scipy.interpolate import make_interp_spline

        own = (np.arange(self.signal.shape[1]) - self.r_index) / self.fs
        spline = make_interp_spline(own, self.signal[list(INDEPENDENT_INDEX)], k=3, axis=1)
        peaks = np.asarray(r_peaks, dtype=np.int64)
        before, after = np.full((2, peaks.size), np.inf)
        before[1:] = after[:-1] = np.diff(peaks) / fs
        starts, ends = (
            np.maximum(own[0], -BEFORE_SHARE * before),
            np.minimum(own[-1], (1 - BEFORE_SHARE) * after),
        )
        placed = np.zeros((len(INDEPENDENT), n))
        for peak, start, end in zip(peaks, starts, ends, strict=True):
            samples = np.arange(max(0, math.ceil(peak + start * fs)), min(n, math.floor(peak + end * fs) + 1))
            t = (samples - peak) / fs
            near_end = np.clip(np.minimum(t - start, end - t) / FADE_S, 0.0, 1.0)
            placed[:, samples] += spline(t) * (0.5 - 0.5 * np.cos(np.pi * near_end))
        return expand(placed).astype(np.float32)

    def to_card(self) -> dict[str, Any]:
        """Give it as plain JSON values, in whole microvolts.

        Returns
        -------
        dict
            For a model card's entry `KEY`: ``fs`` (Hz), ``r_index``, ``leads`` (the eight
            independent ones, from which the others follow) and ``microvolts``, one row per lead.
        """
        rows = np.round(1000 * self.signal[list(INDEPENDENT_INDEX)]).astype(int)
        return {
            "fs": self.fs,
            "r_index": self.r_index,
            "leads": list(INDEPENDENT),
            "microvolts": rows.tolist(),
        }


def from_card(card: Mapping[str, Any]) -> ReferenceBeat:
    """Read the reference beat that a model was given.

    Parameters
    ----------
    card : mapping
        Of a model (`imn.model.Model.card`).

    Returns
    -------
    ReferenceBeat

    Raises
    ------
    InputError
        If the card has none, or it is damaged.
    """
    if KEY not in card:
        msg = (
            "expected a model whose card has a reference beat, found none in it; "
            "train the model again, or explain against the isoelectric line"
        )
        raise InputError(msg)
    try:
        entry = card[KEY]
        rows, fs, r_index = np.asarray(entry["microvolts"], float), float(entry["fs"]), int(entry["r_index"])
        sound = entry["leads"] == list(INDEPENDENT) and rows.shape == (len(INDEPENDENT), len(rows.T))
        sound = sound and 0 <= r_index < len(rows.T) and len(rows.T) > 3 and 0 < fs < math.inf
    except (ValueError, TypeError, KeyError) as error:
        raise _damaged() from error
    if not sound or not np.isfinite(rows).all():
        raise _damaged()
    return ReferenceBeat(expand(rows / 1000), fs, r_index)


def _damaged() -> InputError:
    leads = ", ".join(INDEPENDENT)
    return InputError(
        f"expected the card's {KEY} to hold fs, r_index, leads {leads} and as many rows of microvolts; "
        "fetch the model again"
    )


def learn(signals: Iterable[ArrayLike], fs: float = LEARN_FS) -> ReferenceBeat:
    """Take the median over recordings of their median beats, R peaks on each other.

    All classes alike: whoever gives a class more recordings makes it heavier.
    Time is not stretched by heart rate, so what is learnt of late T waves is blurred.

    Parameters
    ----------
    signals : iterable of (12, n) float, mV
        Above the isoelectric line (`imn.conditioning.remove_baseline`).
    fs : float, Hz
        Of all of them.

    Returns
    -------
    ReferenceBeat

    Raises
    ------
    InputError
        If no recording has a heart beat.
    """
    window = np.arange(math.ceil(SPAN_S[0] * fs), math.floor(SPAN_S[1] * fs) + 1)
    beats = [beat for signal in signals if (beat := _own_beat(signal, fs, window)) is not None]
    if not beats:
        msg = "expected recordings with heart beats to learn a reference beat from, found none; give others"
        raise InputError(msg)
    stack = np.stack(beats)
    known = np.flatnonzero(np.isfinite(stack[:, 0]).mean(axis=0) >= FEWEST)
    # Medians of the independent leads only: those of all twelve would not belong to any signal.
    middle = np.nanmedian(stack[:, :, known[0] : known[-1] + 1], axis=0)
    return ReferenceBeat(expand(middle), fs, int(-window[0] - known[0]))


def _own_beat(signal: ArrayLike, fs: float, window: NDArray[np.int64]) -> NDArray[np.float32] | None:
    """Median beat of one recording on the window around its R peak, NaN beyond its ends, (8, w)."""
    from cine_mapping.median_beat import median_beat
    from cine_mapping.r_peaks import find_r_peaks

    leads = np.asarray(signal, dtype=float)
    peaks = find_r_peaks(leads, fs)
    if not peaks.size:
        return None
    aligned = median_beat(leads, fs, peaks)
    at = aligned.r_peak + window
    inside = (at >= 0) & (at < aligned.signal.shape[1])
    found = np.full((len(INDEPENDENT), window.size), np.nan, np.float32)
    found[:, inside] = aligned.signal[list(INDEPENDENT_INDEX)][:, at[inside]]
    return found


def add_to_card(weights: Path, data: Path) -> None:
    """Learn the beat of the recordings that a model was trained on, and put it into the model's card.

    Parameters
    ----------
    weights : Path
        Of the model; a card that has a beat is left as it is.
    data : Path
        Root folder of PTB-XL.
    """
    path = weights.with_suffix(".json")
    card = json.loads(path.read_text(encoding="utf-8"))
    if KEY not in card:
        signals = read_signals(read_index(data, card["data"]["trained_on_folds"]))
        card[KEY] = learn(remove_baseline(signals, LEARN_FS), LEARN_FS).to_card()
        write_text(path, json.dumps(card, indent=2, allow_nan=False) + "\n")
