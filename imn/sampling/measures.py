"""What is measured of a detector, with intervals over patients: a patient's recordings are drawn together.

A measure takes truth (r,) bool, logit (r,) and probability (r,) of each recording, and weights
(b, r): how often each recording was drawn.  It gives (b,) values; NaN where it is not defined.
"""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from imn.bootstrap import Interval, percentile_interval, resamples_of
from imn.calibration import BINS
from imn.sampling.runs import Held

Values = NDArray[np.float64]
Measure = Callable[[NDArray[np.bool_], Values, Values, Values], Values]


def auroc(truth: NDArray[np.bool_], logit: Values, probability: Values, weights: Values) -> Values:
    """Area under the ROC curve; ties count half; see `Measure`.

    By the logit with the training's own odds in it, since these differ a little between folds.
    """
    positive, negative = probability[truth], probability[~truth]
    above = (positive[:, None] > negative).astype(float) + 0.5 * (positive[:, None] == negative)
    on_positive, on_negative = weights[:, truth], weights[:, ~truth]
    pairs = on_positive.sum(axis=1) * on_negative.sum(axis=1)
    return _share(((on_positive @ above) * on_negative).sum(axis=1), pairs)


def sensitivity(truth: NDArray[np.bool_], logit: Values, probability: Values, weights: Values) -> Values:
    """Share of AF with a logit above 0 after balanced training, as published; see `Measure`."""
    return _share(weights @ (truth & (logit > 0)), weights @ truth)


def specificity(truth: NDArray[np.bool_], logit: Values, probability: Values, weights: Values) -> Values:
    """Share of normal recordings without a logit above 0; see `Measure`."""
    return _share(weights @ (~truth & (logit <= 0)), weights @ ~truth)


def brier(truth: NDArray[np.bool_], logit: Values, probability: Values, weights: Values) -> Values:
    """Mean squared distance of probability and truth; see `Measure`."""
    return _share(weights @ (probability - truth) ** 2, weights.sum(axis=1))


def calibration_error(
    truth: NDArray[np.bool_], logit: Values, probability: Values, weights: Values
) -> Values:
    """Give the expected calibration error over ten bins of the probability, as `imn.calibration`.

    See `Measure`.
    """
    gaps = (probability - truth)[:, None] * (bin_of(probability)[:, None] == np.arange(BINS))
    return _share(np.abs(weights @ gaps).sum(axis=1), weights.sum(axis=1))


MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "auroc": auroc,
        "sensitivity": sensitivity,
        "specificity": specificity,
        "ece": calibration_error,
        "brier": brier,
    }
)


def bin_of(probability: Values) -> NDArray[np.int64]:
    """Give the number of the bin that each probability falls in, 0 to 9."""
    return np.minimum((probability * BINS).astype(int), BINS - 1)


def patient_weights(patients: Sequence[str], *, resamples: int = 1000, seed: int = 0) -> Values:
    """Draw patients with replacement, each with all of their recordings.

    Parameters
    ----------
    patients : sequence of str
        Of each recording.
    resamples : int
    seed : int

    Returns
    -------
    (b, r) float64
        How often each recording is drawn.
    """
    names, of = np.unique(np.asarray(patients), return_inverse=True)
    draws = resamples_of(len(names), resamples=resamples, seed=seed)
    return np.stack([np.bincount(draw, minlength=len(names))[of] for draw in draws]).astype(float)


def measured(held: Held, weights: Values) -> dict[str, Interval]:
    """Give every measure of one arm with its interval.

    Parameters
    ----------
    held : Held
    weights : (b, r) float64
        As `patient_weights` gives.

    Returns
    -------
    dict of Interval, by names as in `MEASURES`

    Notes
    -----
    The calibration error of a resample holds the noise of the sample once more; its interval is
    shifted by the mean of that excess (see `imn.calibration.calibration`).
    """
    found = {}
    for name, measure in MEASURES.items():
        value, drawn = _apply(measure, held, weights)
        if name == "ece":
            drawn = np.maximum(drawn - (np.nanmean(drawn) - value), 0.0)
        found[name] = _interval(value, drawn)
    return found


def differences(first: Held, second: Held, weights: Values) -> dict[str, Interval]:
    """Give every measure of one arm minus that of another, on the same draws of the same recordings.

    Parameters
    ----------
    first, second : Held
    weights : (b, r) float64
        As `patient_weights` gives them.

    Returns
    -------
    dict of str to Interval
        By name of `MEASURES`.

    Raises
    ------
    ValueError
        If the arms are of other recordings.
    """
    if first.cases.ids != second.cases.ids:
        msg = "arms of the same recordings can be compared, these are of others"
        raise ValueError(msg)
    found = {}
    for name, measure in MEASURES.items():
        (one, drawn), (other, against) = (_apply(measure, held, weights) for held in (first, second))
        found[name] = _interval(one - other, drawn - against)
    return found


def _interval(value: np.floating, drawn: Values) -> Interval:
    # Without a single positive nothing is defined, in no draw either.
    return percentile_interval(value, drawn) if np.isfinite(value) else Interval(*[float("nan")] * 3)


def _apply(measure: Measure, held: Held, weights: Values) -> tuple[np.floating, Values]:
    given = (held.cases.positive, held.logits, held.probability)
    return measure(*given, np.ones((1, len(held.logits))))[0], measure(*given, weights)


def _share(part: Values, whole: Values) -> Values:
    return np.where(whole > 0, part / np.maximum(whole, 1e-300), np.nan)
