"""What the clusters of a network's activations say about one recording: names, weights, maps, sequence."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cine_mapping.beat import fold_mean
from cine_mapping.cluster_maps import cluster_maps
from cine_mapping.cluster_waves import STATES, beat_states, state_shares, typical
from cine_mapping.heart_map import HeartMap
from cine_mapping.modalities import Modalities
from imn.clusters.sequence import ClusterSequence
from imn.explanation import Explanation

WINDOW_S = 0.2
"""A mean waveform reaches so far before and after the middle of the cluster's stretches."""
HUES = {"P": 0.36, "PR": 0.47, "QRS": 0.03, "ST": 0.80, "T": 0.60, "TP": None}
"""Hue of each state from 0 to 1; TP is grey."""


@dataclass(frozen=True, eq=False)
class ClusterCard:
    """One cluster in one recording.

    Parameters
    ----------
    number : int
        Of the cluster in the model's own count.
    name : str
        Its typical wave and a letter, in order of time spent: ``QRS a``.
    wave : str
        Of `cine_mapping.cluster_waves.STATES`.
    colour : str
        As ``#rrggbb``.
    time : float
        Share of the recording.
    weight : float, logit
        Evidence for the target inside its samples; all cards sum to logit minus bias.
    waveform : (12, w) float64, mV
        Mean over its stretches, `WINDOW_S` to either side of their middle.
    heart : HeartMap
        That evidence on the heart.
    """

    number: int
    name: str
    wave: str
    colour: str
    time: float
    weight: float
    waveform: NDArray[np.float64]
    heart: HeartMap


@dataclass(frozen=True, eq=False)
class ClusterReading:
    """A recording as a sequence of clusters.

    Parameters
    ----------
    target : str
    cards : tuple of ClusterCard
        Clusters that this recording has, by wave, then by time spent.
    order : (n,) int64
        Card of each sample.
    beat : (m,) int64
        Card of each sample of the median beat.
    entropy : (n,) float64
        How undecided the assignment is, 0 to 1.
    """

    target: str
    cards: tuple[ClusterCard, ...]
    order: NDArray[np.int64]
    beat: NDArray[np.int64]
    entropy: NDArray[np.float64]

    def plain(self) -> dict[str, Any]:
        """Give what a viewer needs, in JSON's types.

        Returns
        -------
        dict
            ``clusters``: number, name, wave, colour, time, weight; ``beat``: card per sample of the beat;
            ``runs``: first sample and card of each stretch of the recording; ``entropy``: per sample
            of the recording, in percent.
        """
        changes = np.flatnonzero(np.diff(self.order, prepend=-1))
        facts = ("number", "name", "wave", "colour", "time", "weight")
        return {
            "target": self.target,
            "clusters": [{name: getattr(card, name) for name in facts} for card in self.cards],
            "beat": self.beat.tolist(),
            "runs": [[int(first), int(self.order[first])] for first in changes],
            "entropy": np.round(100 * self.entropy).astype(int).tolist(),
        }


def read_clusters(
    plan: Modalities,
    explanation: Explanation,
    label: str,
    sequence: ClusterSequence,
    *,
    statements: bool = False,
) -> ClusterReading:
    """Put together what is known of each cluster in one recording.

    Parameters
    ----------
    plan : Modalities
        Of this recording's beat.
    explanation : Explanation
    label : str
    sequence : ClusterSequence
    statements : bool
        As in `Modalities.apply`.

    Returns
    -------
    ClusterReading
        Its cards in order of their waves in the beat, then of falling time.
    """
    present = np.unique(sequence.clusters)
    hard = sequence.hard[present]
    waves = typical(state_shares(hard, beat_states(plan.beat)))
    time = hard.mean(axis=1)
    ranks = np.lexsort((-time, [STATES.index(wave) for wave in waves]))
    maps = cluster_maps(plan, explanation, label, hard, statements=statements)
    weights = hard @ explanation.evidence_for(label).sum(axis=0)
    seen: dict[str, int] = {}
    cards = []
    for i in ranks:
        place = seen[waves[i]] = seen.get(waves[i], -1) + 1
        mean = _waveform(explanation, hard[i] > 0)
        name, colour = f"{waves[i]} {chr(97 + place)}", _colour(waves[i], place)
        facts = (int(present[i]), name, waves[i], colour, float(time[i]), float(weights[i]))
        cards.append(ClusterCard(*facts, mean, maps[i]))
    beat = fold_mean(hard[ranks], plan.beat).argmax(axis=0)
    return ClusterReading(label, tuple(cards), hard[ranks].argmax(axis=0), beat, sequence.entropy)


def _waveform(explanation: Explanation, inside: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Mean signal around the middle of each stretch, (12, w) mV; stretches too near an end are left out."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], inside, [False]]).astype(int)))
    middles = (edges[::2] + edges[1::2]) // 2
    reach, n = round(WINDOW_S * explanation.fs), inside.size
    kept = middles[(middles >= reach) & (middles + reach < n)]
    if not kept.size:
        return np.zeros((explanation.signal.shape[0], 2 * reach + 1))
    around = kept[:, None] + np.arange(-reach, reach + 1)
    return explanation.signal[:, around].mean(axis=1, dtype=float)


def _colour(wave: str, place: int) -> str:
    """Give the colour of the wave, lighter or darker by its place among the wave's clusters."""
    from colorsys import hls_to_rgb

    hue, light = HUES[wave], (0.45, 0.62, 0.33, 0.74, 0.25, 0.82)[place % 6]
    red, green, blue = (light,) * 3 if hue is None else hls_to_rgb(hue, light, 0.62)
    return f"#{round(255 * red):02x}{round(255 * green):02x}{round(255 * blue):02x}"
