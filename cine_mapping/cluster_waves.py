"""Which wave of the ECG a cluster of moments goes with."""

import numpy as np
from numpy.typing import NDArray

from cine_mapping.beat import Beat
from cine_mapping.wave_share import t_onset

STATES = ("P", "PR", "QRS", "ST", "T", "TP")
"""P wave, P end to QRS onset, QRS onset to J, J to T onset, T wave, and all that is left."""


def beat_states(beat: Beat) -> NDArray[np.int64]:
    """Give the state of each sample of a recording whose beat is known.

    Parameters
    ----------
    beat : Beat

    Returns
    -------
    (n,) int64
        Place in `STATES`.  Without a P wave there is neither P nor PR.
    """
    marks, at = beat.fiducials, np.full(beat.signal.shape[1], STATES.index("TP"))
    limits = [
        ("P", marks.p_onset, marks.p_end),
        ("PR", marks.p_end, marks.qrs_onset),
        ("QRS", marks.qrs_onset, marks.j_point),
        ("ST", marks.j_point, t_onset(marks)),
        ("T", t_onset(marks), marks.t_end + 1),
    ]
    for name, start, stop in limits:
        if start is not None and stop is not None:
            at[start:stop] = STATES.index(name)
    return at[beat.phase]


def state_shares(shares: NDArray[np.floating], states: NDArray[np.integer]) -> NDArray[np.float64]:
    """Tell how the time of each cluster is spread over the states.

    Parameters
    ----------
    shares : (K, n) float
        How much each sample belongs to each cluster.
    states : (n,) int
        Place in `STATES`; negative where it is not known.

    Returns
    -------
    (K, 6) float64
        Samples of each cluster in each state.
    """
    known = states >= 0
    return shares[:, known] @ np.eye(len(STATES))[states[known]]


def typical(counts: NDArray[np.floating]) -> list[str]:
    """Name the state in which each cluster spends most of its time.

    Parameters
    ----------
    counts : (K, 6) float
        As `state_shares` gives them.

    Returns
    -------
    list of K str
        Of `STATES`; "" for a cluster without any time.
    """
    return ["" if not row.sum() else STATES[int(row.argmax())] for row in counts]


def mutual_information(counts: NDArray[np.floating]) -> float:
    """Give the information that clusters hold of states, as a share of the states' own entropy.

    Parameters
    ----------
    counts : (K, 6) float
        Samples of each cluster in each state.

    Returns
    -------
    float
        0 where they are independent, 1 where the cluster tells the state.
    """
    joint = counts / counts.sum()
    alone = joint.sum(axis=1, keepdims=True) * joint.sum(axis=0)
    some = joint > 0
    information = (joint[some] * np.log(joint[some] / alone[some])).sum()
    states = joint.sum(axis=0)
    states = states[states > 0]
    own = -(states * np.log(states)).sum()
    return float(information / own) if own > 0 else 0.0
