"""The measurements as tables, and the figures to remember."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from imn.attribution.bench import CONTROLS, Arrays, Cases
from imn.attribution.fidelity import Infidelity, bias_share
from imn.attribution.noise import KINDS
from imn.attribution.stability import median_over_records
from imn.attribution.subjects import RIVALS, SUBJECTS
from imn.bootstrap import Interval, interval, paired_interval
from imn.calibration import calibration
from imn.explanation import sigmoid
from imn.labels import LABELS, SUPERCLASSES, WORDS
from imn.metrics import auroc, auroc_intervals, macro_gain
from imn.results import figure

OURS = SUBJECTS[0].name
K = len(SUPERCLASSES)
Measured = Mapping[tuple[str, str], Arrays]
Row = dict[str, Any]


def accuracy(cases: Cases, measured: Measured) -> list[Row]:
    """Tabulate how well each subject tells the superclasses apart, and how honest its probabilities are.

    Parameters
    ----------
    cases : Cases
    measured : mapping of (subject, method) to arrays
        As `imn.attribution.bench.read_measurements` gives.

    Returns
    -------
    list of dict
    """
    truth, ours = cases.truth[:, :K], measured[OURS, ""]["logits"][:, :K]
    rows = []
    for subject in SUBJECTS:
        own = measured[subject.name, ""]
        logits = own["logits"][:, :K]
        _, macro = auroc_intervals(truth, logits)
        found = calibration(truth, sigmoid(logits))
        rows.append(
            {
                "model": subject.name,
                "macro AUROC": cell(macro),
                "ecglocus minus it": cell(macro_gain(truth, ours, logits)),
                "ECE": cell(found.error_macro),
                "ECE if calibrated": float(np.mean(found.error_if_calibrated)),
                "Brier": cell(found.brier_macro),
                "bias share": _bias(own),
            }
        )
    return rows


def per_label(cases: Cases, measured: Measured) -> list[Row]:
    """Tabulate AUROC of each label, rare ones with their counts; see `accuracy`."""
    rows = []
    for k, name in enumerate(LABELS):
        truth = cases.truth[:, k]
        row: Row = {"label": name, "finding": WORDS[name], "n": int(truth.sum())}
        for subject in SUBJECTS:
            value = float(auroc(truth, measured[subject.name, ""]["logits"][:, k]))
            row[subject.name] = value if np.isfinite(value) else None
        rows.append(row)
    return rows


def methods(cases: Cases, measured: Measured) -> list[Row]:
    """Tabulate each method on each model: seeds, deletion, forecast, noise, sanity.

    Parameters
    ----------
    cases, measured
        As in `accuracy`.

    Returns
    -------
    list of dict
    """
    rows = []
    for subject in SUBJECTS:
        unit = spread(cases, measured[subject.name, ""])
        for method in (*subject.methods, *CONTROLS):
            own = measured[subject.name, method]
            n = len(own["between_logit"])
            row: Row = {"model": subject.name, "method": method, "n": n}
            row["seed correlation"] = cell(median_over_records(own["seed"])) if "seed" in own else None
            row["by 100 ms"] = float(np.median(own["seed_windows"])) if "seed" in own else None
            row["between curves, probability"] = cell(interval(own["between_probability"]))
            row["between curves, logit/SD"] = cell(interval(own["between_logit"] / unit[:n]))
            row["infidelity"] = Infidelity(own["error"], own["scale"]).pooled
            row |= {f"sensitivity, {kind}": _median(own.get(kind)) for kind in KINDS}
            row["likeness, all weights random"] = (
                _median(own["forgotten"][-1]) if "forgotten" in own else None
            )
            rows.append(row)
    return rows


def randomisation(measured: Measured, shuffled: float) -> list[Row]:
    """Tabulate the rank correlation with the map before, while layers start anew from the last to the first.

    Of values; of magnitudes at the end, where maps that carry the signal stay alike
    whatever the network does.

    Parameters
    ----------
    measured : mapping of (subject, method) to arrays
    shuffled : float
        Likeness of a network that learned from shuffled labels.

    Returns
    -------
    list of dict
    """
    rows: list[Row] = []
    for subject in SUBJECTS:
        for method in (*subject.methods, "signal_energy"):
            own = measured[subject.name, method]
            if "forgotten" not in own:
                continue
            row: Row = {"model": subject.name, "method": method}
            row |= {f"stage {i + 1}": float(np.median(stage)) for i, stage in enumerate(own["forgotten"])}
            row["magnitudes at the end"] = float(np.median(own["forgotten_magnitude"][-1]))
            labels = (subject.name, method) == (SUBJECTS[1].name, "own")
            rows.append(row | {"labels shuffled": shuffled if labels else None})
    return rows


def local(measured: Measured) -> list[Row]:
    """Tabulate how close weights of self-explaining subjects are to behaviour nearby; see `accuracy`."""
    rows = []
    for subject in SUBJECTS:
        own = measured[subject.name, ""]
        if "cosine" in own:
            row: Row = {"model": subject.name, "cosine of W and gradient": cell(interval(own["cosine"]))}
            for name in ("noise", "removal"):
                row[f"LFR infidelity, {name}"] = Infidelity(own[f"{name}_error"], own[f"{name}_scale"]).pooled
            rows.append(row)
    return rows


def spread(cases: Cases, own: Arrays) -> NDArray[np.float64]:
    """Give the standard deviation over the fold of the logit explained in each recording.

    Parameters
    ----------
    cases : Cases
    own : dict of str to array
        The subject's own figures, with ``logits`` (r, k).

    Returns
    -------
    (m,) float64, logit
    """
    return own["logits"].std(axis=0)[cases.target.numpy()]


def deletion_margins(cases: Cases, measured: Measured) -> list[Row]:
    """Tabulate area between the curves of our own evidence, less that of every other method and model.

    On our own model in logits, where nothing but the order differs; against
    rivals in probability and in logits over their spread, each rival by its best method.  See `accuracy`.
    """
    ours = measured[OURS, "own"]
    rows = []
    for method in (*SUBJECTS[0].methods[1:], *CONTROLS):
        rows.append(
            _margin(
                "ecglocus", method, "logit", ours["between_logit"], measured[OURS, method]["between_logit"]
            )
        )
    unit = spread(cases, measured[OURS, ""])
    for subject in RIVALS:
        theirs = spread(cases, measured[subject.name, ""])
        full = [method for method in subject.methods if method != "occlusion"]
        for scale, name in (("probability", "between_probability"), ("logit/SD", "between_logit")):
            areas = {method: measured[subject.name, method][name] for method in full}
            best = max(areas, key=lambda method: float(areas[method].mean()))
            if scale == "probability":
                pair = ours[name], areas[best]
            else:
                pair = ours[name] / unit[: len(ours[name])], areas[best] / theirs[: len(areas[best])]
            rows.append(_margin(subject.name, best, scale, *pair))
            few = measured[subject.name, "occlusion"][name]
            other = few if scale == "probability" else few / theirs[: len(few)]
            rows.append(_margin(subject.name, "occlusion", scale, pair[0][: len(few)], other))
    return rows


def _margin(
    model: str, method: str, scale: str, ours: NDArray[np.float64], theirs: NDArray[np.float64]
) -> Row:
    n = min(len(ours), len(theirs))
    found = paired_interval(ours[:n], theirs[:n])
    row: Row = {"model": model, "method": method, "scale": scale, "n": n, "ours": float(ours[:n].mean())}
    return row | {
        "its": float(theirs[:n].mean()),
        "margin": found.value,
        "low": found.low,
        "high": found.high,
    }


def headline(cases: Cases, measured: Measured, margins: Sequence[Row]) -> dict[str, Row]:
    """Give the figures to remember that follow from the measurements.

    Parameters
    ----------
    cases : Cases
    measured : mapping of (subject, method) to arrays
        As `imn.attribution.bench.read_measurements` gives.
    margins : sequence of dict
        As `deletion_margins` gives.

    Returns
    -------
    dict of str to dict
        Each as `imn.results.figure` gives it.
    """
    truth, ours = cases.truth[:, :K], measured[OURS, ""]
    _, macro = auroc_intervals(truth, ours["logits"][:, :K])
    gains = {
        s.name: macro_gain(truth, ours["logits"][:, :K], measured[s.name, ""]["logits"][:, :K])
        for s in RIVALS
    }
    best = min(gains, key=lambda name: gains[name].value)
    others = {
        f"{s.name}, {m}": float(np.median(measured[s.name, m]["seed"])) for s in RIVALS for m in s.methods
    }
    next_best = max(others, key=lambda name: others[name])
    closest = min(margins, key=lambda row: row["margin"])
    shares = bias_share(ours["biases"], ours["logits"])
    return {
        "auroc_macro": figure(macro, 0.90),
        "auroc_minus_best_rival": figure(gains[best], -0.005, rival=best),
        "bias_share": figure(float(shares.max()), 0.0),
        "seed_correlation": figure(median_over_records(measured[OURS, "own"]["seed"]), 0.80),
        "seed_correlation_one_network": figure(
            median_over_records(measured[SUBJECTS[1].name, "own"]["seed"])
        ),
        "seed_correlation_best_rival": figure(others[next_best], method=next_best),
        "deletion_margin": {
            "value": closest["margin"],
            "low": closest["low"],
            "high": closest["high"],
            "goal": 0.0,
            "against": f"{closest['model']}, {closest['method']}, {closest['scale']}",
        },
    }


def _bias(own: Arrays) -> float | None:
    if "biases" not in own:
        return None
    return float(bias_share(own["biases"][:, :K], own["logits"][:, :K]).mean())


def _median(values: NDArray[np.float64] | None) -> float | None:
    return None if values is None else float(np.median(values))


def cell(found: Interval) -> str:
    """Write a figure with its interval."""
    return f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"
