"""A view of an analysis as a value: what is shown, when, from where; as JSON and as a link."""

import base64
import json
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import Anatomy
from cine_mapping.heart_map import HeartMap
from cine_mapping.modalities import weights_of
from imn.errors import InputError
from viewer.analysis import Analysis
from viewer.rival_reading import LESS, RIVAL, share_factors

KEYS = frozenset(
    ("label", "map", "sign", "mode", "t_ms", "interval_ms", "playing", "speed", "loop", "colormap", "range")
    + ("threshold", "isolines", "labels", "edges", "atria", "torso", "electrodes", "path", "cut", "camera")
    + (
        "layout",
        "source",
        "paper",
        "compare",
        "mask",
        "tool",
        "brush_mm",
        "theme",
        "evidence",
        "marks",
        "credible",
        "cluster",
        "rival",
        "page",
    )
)
LONGEST = 20_000
MOMENT_MS = 10.0
"""A moment's evidence is told per so many ms, so that it does not depend on the sampling rate."""


def to_link(view: Mapping[str, Any]) -> str:
    """Write a view as text for an address.

    Parameters
    ----------
    view : mapping
        What is not in `KEYS` is left out.

    Returns
    -------
    str
        URL-safe base64 of compressed JSON.
    """
    known = {name: value for name, value in view.items() if name in KEYS}
    packed = zlib.compress(json.dumps(known, separators=(",", ":"), sort_keys=True).encode(), 9)
    return base64.urlsafe_b64encode(packed).decode("ascii").rstrip("=")


def from_link(link: str) -> dict[str, Any]:
    """Read what `to_link` wrote.

    Parameters
    ----------
    link : str

    Returns
    -------
    dict
        As `checked_view` gives it.

    Raises
    ------
    InputError
        If it is no such link.
    """
    try:
        if len(link) > LONGEST:
            msg = "too long"
            raise ValueError(msg)
        packed = base64.urlsafe_b64decode(link + "=" * (-len(link) % 4))
        text = zlib.decompressobj().decompress(packed, LONGEST).decode("utf-8")
        return checked_view(json.loads(text))
    except (ValueError, RecursionError, zlib.error) as error:
        msg = f"expected a link made by the viewer, could not read it ({error}); copy the whole link"
        raise InputError(msg) from error


def checked_view(view: Any) -> dict[str, Any]:
    """Keep the keys of a view that are known.

    Parameters
    ----------
    view : object
        In JSON's types.

    Returns
    -------
    dict

    Raises
    ------
    InputError
        If it is not a JSON object.
    """
    if not isinstance(view, dict):
        msg = f"expected a view as a JSON object, got {type(view).__name__}; save it in the viewer"
        raise InputError(msg)
    return {name: value for name, value in view.items() if name in KEYS}


def values_of(analysis: Analysis, anatomy: Anatomy, view: Mapping[str, Any]) -> NDArray[np.float64]:
    """Compute what a view colours the heart by.

    Parameters
    ----------
    analysis : Analysis
    anatomy : Anatomy
    view : mapping

    Returns
    -------
    (v,) float64
        Over the interval or per 10 ms of a moment, in the unit that `unit_of` names.
    """
    shown = view.get("map") or "average"
    if shown == "spread" and analysis.spread is not None:
        values = analysis.spread
    elif shown == "disagreement":
        values = _disagreement(analysis, view)
    elif shown in (RIVAL, LESS) and analysis.rival is not None:
        values = _with_rival(analysis.rival.heart, analysis, view)
    else:
        values = _of_map(analysis.maps.get(shown, analysis.average), analysis, view)
    if view.get("mode") == "instant" and shown != "spread":
        values = values * MOMENT_MS * analysis.beat.fs / 1000.0
    areas = anatomy.heart.areas / 100.0
    return np.divide(values, areas, out=np.zeros(len(areas)), where=areas > 0)


def unit_of(view: Mapping[str, Any]) -> str:
    """Name the unit of `values_of`.

    Parameters
    ----------
    view : mapping

    Returns
    -------
    str
    """
    instant = view.get("mode") == "instant" and view.get("map") != "spread"
    unit = "% of each map's evidence" if view.get("map") == LESS else "logit"
    return f"{unit} per cm² in 10 ms" if instant else f"{unit} per cm²"


def _with_rival(rival: HeartMap, analysis: Analysis, view: Mapping[str, Any]) -> NDArray[np.float64]:
    """Give the rival's map, or the model's average less the rival's, both brought to one size."""
    own = _of_map(rival, analysis, view)
    if view.get("map") == RIVAL:
        return own
    model, other = share_factors(analysis)
    return model * _of_map(analysis.average, analysis, view) - other * own


def _of_map(held: HeartMap, analysis: Analysis, view: Mapping[str, Any]) -> NDArray[np.float64]:
    courses = {
        "for": held.positive,
        "against": held.negative,
    }.get(str(view.get("sign")), held.positive + held.negative)
    return held.basis @ _coefficients(courses, analysis, view)


def _coefficients(
    courses: NDArray[np.float64], analysis: Analysis, view: Mapping[str, Any]
) -> NDArray[np.float64]:
    """Take one moment of the courses, linear between samples, or their sum over an interval."""
    beat, n = analysis.beat, courses.shape[1]

    def sample(ms: float) -> float:
        return float(np.clip(ms * beat.fs / 1000.0 + beat.r_peak, 0, n - 1))

    if view.get("mode") == "instant":
        at = sample(float(view.get("t_ms") or 0.0))
        first = min(int(at), max(n - 2, 0))
        share = at - first
        return (1 - share) * courses[:, first] + share * courses[:, min(first + 1, n - 1)]
    card = _card(analysis, view)
    if analysis.clusters is not None and card is not None:
        courses = courses * (analysis.clusters.beat == card)
    interval = view.get("interval_ms")
    if not interval:
        return courses.sum(axis=1)
    ends = [np.ceil(ms * beat.fs / 1000.0 + beat.r_peak - 1e-6) for ms in sorted(interval)]
    first, last = (int(np.clip(end, 0, n)) for end in ends)
    return courses[:, first:last].sum(axis=1)


def map_name(analysis: Analysis, view: Mapping[str, Any]) -> str:
    """Name the map that `values_of` gives.

    Parameters
    ----------
    analysis : Analysis
    view : mapping

    Returns
    -------
    str
    """
    shown = view.get("map") or "average"
    if shown not in (RIVAL, LESS):
        return str(shown)
    if analysis.rival is None:
        return "average"
    title = analysis.rival.title
    return f"rival ({title})" if shown == RIVAL else f"model less rival ({title}), each as a share of its own"


def cluster_name(analysis: Analysis, view: Mapping[str, Any]) -> str | None:
    """Name the cluster that `values_of` keeps to.

    Parameters
    ----------
    analysis : Analysis
    view : mapping

    Returns
    -------
    str or None
        None for all moments.
    """
    card = _card(analysis, view)
    return None if analysis.clusters is None or card is None else analysis.clusters.cards[card].name


def _card(analysis: Analysis, view: Mapping[str, Any]) -> int | None:
    """Place of the view's cluster among the recording's; None at a moment, and where it has none such."""
    if analysis.clusters is None or view.get("mode") == "instant" or view.get("map") == "spread":
        return None
    numbers = [card.number for card in analysis.clusters.cards]
    return numbers.index(view["cluster"]) if view.get("cluster") in numbers else None


def _disagreement(analysis: Analysis, view: Mapping[str, Any]) -> NDArray[np.float64]:
    """Weighted standard deviation over the modalities that are averaged."""
    names = [name for name in analysis.maps if weights_of(analysis.maps)[name] > 0]
    weights = np.array([weights_of(analysis.maps)[name] for name in names])
    stack = np.stack([_of_map(analysis.maps[name], analysis, view) for name in names])
    mean = np.average(stack, axis=0, weights=weights)
    return np.sqrt(np.average((stack - mean) ** 2, axis=0, weights=weights))
