"""Clusters against the waves that LUDB's cardiologists marked: how much one tells of the other."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from annotations.ludb import LudbEntry, read_marks, read_signal
from annotations.wave_points import POINTS, beat_points
from cine_mapping.cluster_waves import STATES, mutual_information, typical
from imn.bootstrap import percentile_interval, resamples_of
from imn.clusters.blocks import FS, grid_times, read_activations
from imn.clusters.clusters import Clusters
from imn.conditioning import Resampling, remove_baseline

if TYPE_CHECKING:
    from imn.model import Model

RESAMPLES, SHIFTS, SEED = 1000, 100, 0
LEAST_SHIFT_S = 0.1
"""A shift by a whole heart beat would find the waves again; shifts are drawn anew for every recording."""


def marked_states(points: NDArray[np.float64], at: NDArray[np.float64]) -> NDArray[np.int64]:
    """Give the state at some moments of a recording by its marked waves.

    Parameters
    ----------
    points : (k, 9) float64, samples
        As `annotations.wave_points.beat_points` gives.
    at : (s,) float64, samples
        Moments asked for.

    Returns
    -------
    (s,) int64
        Place in `cine_mapping.cluster_waves.STATES`; -1 where no pair of marks says what it is.
    """
    states = np.full(at.size, -1)

    def mark(name: str, start: float, stop: float) -> None:
        # NaN, where a limit is missing, compares as false.
        states[(at >= start) & (at < stop)] = STATES.index(name)

    column = {name: points[:, i] for i, name in enumerate(POINTS)}
    following = np.append(column["P onset"][1:], np.nan)
    for k in range(len(points)):
        mark("P", column["P onset"][k], column["P end"][k])
        mark("PR", column["P end"][k], column["QRS onset"][k])
        mark("QRS", column["QRS onset"][k], column["QRS end"][k])
        mark("ST", column["QRS end"][k], column["T onset"][k])
        mark("T", column["T onset"][k], column["T end"][k])
        mark("TP", column["T end"][k], following[k])
    return states


def count_states(
    model: "Model", clusters: Clusters, entries: Sequence[LudbEntry]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Count moments of each cluster in each state.

    Parameters
    ----------
    model : Model
    clusters : Clusters
        Of this model.
    entries : sequence of r LudbEntry

    Returns
    -------
    counts : (r, K, 6) float64
        By recording; those without a marked moment are left out.
    shifted : (SHIFTS, K, 6) float64
        Over all recordings, the clusters shifted around in time by chance.
    """
    from tqdm import tqdm

    rng, counts = np.random.default_rng(SEED), []
    shifted = np.zeros((SHIFTS, len(clusters), len(STATES)))
    for entry in tqdm(entries, desc="LUDB", disable=None):
        record = read_signal(entry)
        signal = remove_baseline(record.signal, record.fs)
        shown = Resampling.plan(signal.shape[1], record.fs, FS).apply(signal[None])
        shares = clusters.assign(read_activations(model.members, shown))[0]
        at = grid_times(shown.shape[-1]) * record.fs / FS
        states = marked_states(beat_points(read_marks(entry), record.fs), at)
        known = states >= 0
        if not known.any():
            continue
        where = np.eye(len(STATES))[states[known]]
        counts.append(shares[known].T @ where)
        least = round(LEAST_SHIFT_S * FS / 2)
        for i, shift in enumerate(rng.integers(least, len(shares) - least, SHIFTS)):
            shifted[i] += np.roll(shares, shift, axis=0)[known].T @ where
    return np.array(counts), shifted


def state_figures(counts: NDArray[np.float64], shifted: NDArray[np.float64]) -> dict[str, Mapping[str, Any]]:
    """Give the mutual information with its interval over recordings, and that of shifted sequences.

    Parameters
    ----------
    counts, shifted
        As `count_states` gives them.

    Returns
    -------
    dict of str to mapping
        Each with ``value, low, high``.
    """
    draws = resamples_of(len(counts), resamples=RESAMPLES)
    drawn = [mutual_information(counts[at].sum(axis=0)) for at in draws]
    chance = [mutual_information(one) for one in shifted]
    found = percentile_interval(mutual_information(counts.sum(axis=0)), drawn)
    by_chance = percentile_interval(float(np.mean(chance)), chance)
    return {"waves_information": vars(found), "waves_information_shifted": vars(by_chance)}


def state_rows(counts: NDArray[np.float64]) -> list[dict[str, Any]]:
    """Give a row per cluster: its typical wave, and how its time is spread over the states.

    Parameters
    ----------
    counts : (r, K, 6) float64
        As `count_states` gives them.

    Returns
    -------
    list of dict
        The cluster with most time first.
    """
    total = counts.sum(axis=0)
    names = typical(total)
    shares = total / np.maximum(total.sum(axis=1, keepdims=True), 1e-12)
    return [
        {"cluster": int(k), "wave": names[k], "time": float(total[k].sum() / total.sum())}
        | {state: float(shares[k, i]) for i, state in enumerate(STATES)}
        for k in np.argsort(-total.sum(axis=1))
    ]
