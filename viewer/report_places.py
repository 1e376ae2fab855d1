"""The part of the report that says where the evidence lies."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cine_mapping.anatomy import AHA_SEGMENTS
from viewer.html import meter, number, picture, row, table

Summary = Mapping[str, Any]


def places(summary: Summary, pictures: Mapping[str, Path]) -> str:
    """Give the bull's-eye with the tables of regions and territories, and how sure the place is.

    Parameters
    ----------
    summary : mapping
        As in ``summary.json``.
    pictures : mapping of str to Path
        ``bullseye`` counts, where it is there.

    Returns
    -------
    str
        HTML.
    """
    eye = picture(pictures["bullseye"], "Bull's-eye of the densities below") if "bullseye" in pictures else ""
    territories = _territories(summary)
    pair = f'<div class="pair"><div>{eye}{territories}</div><div>{_regions(summary)}</div></div>'
    return _credible(summary) + _spread(summary) + pair


def _spread(summary: Summary) -> str:
    """Say how far the networks of the ensemble disagree."""
    if summary.get("spread") is None:
        return ""
    words = "Over the networks of the ensemble the evidence at a vertex varies by"
    return f"<p>{words} {percent(summary['spread'])} of its size on average.</p>"


def _credible(summary: Summary) -> str:
    """Say how large a region must be to hold the true one, from simulations."""
    found = summary.get("credible")
    if not found:
        return ""
    if not found["stands_out"]:
        return "<p>No region stands out: nine of ten normal simulated recordings look like this one.</p>"
    words = (
        f"In four of five simulated recordings with such evidence nine tenths of the true region "
        f"({found['family']}) lie within the {percent(found['share'])} of the ventricles' surface "
        "that are marked as credible in map.vtp."
    )
    return f"<p>{words}</p>"


def _regions(summary: Summary) -> str:
    names = list(summary.get("modalities", {}))
    others = [{e["name"]: e["share"] for e in summary["modalities"][name]["regions"]} for name in names]
    rows = [
        row(
            _numbered(entry["name"]),
            [number(times(entry["density"])), number(percent(entry["share"]))]
            + [number(percent(shares.get(entry["name"], 0.0))) for shares in others],
        )
        for entry in sorted(summary["regions"], key=lambda entry: -entry["density"])
    ]
    heads = ["region", ">density", ">average", *(f">{name}" for name in names)]
    words = "Density of the average (1: an even spread), and shares by region"
    return table(heads, rows, f"{words}; {_averaged(summary)}")


def _averaged(summary: Summary) -> str:
    weights = {name: held["weight"] for name, held in summary.get("modalities", {}).items()}
    beside = [name for name, weight in weights.items() if not weight]
    words = "averaged: " + ", ".join(name for name, weight in weights.items() if weight)
    return words + (f"; shown beside: {', '.join(beside)}" if beside else "")


def _territories(summary: Summary) -> str:
    names = list(summary.get("modalities", {}))
    rows = [
        row(
            territory,
            [number(percent(share)), meter(share)]
            + [
                number(percent(summary["modalities"][name]["territories"].get(territory, 0.0)))
                for name in names
            ],
        )
        for territory, share in summary["territories"].items()
    ]
    heads = ["territory", ">average", "", *(f">{name}" for name in names)]
    return table(heads, rows, "Share by coronary territory, of the ventricles")


def _numbered(region: str) -> str:
    return f"{AHA_SEGMENTS.index(region) + 1} {region}" if region in AHA_SEGMENTS else region


def times(density: float) -> str:
    """Say a density, 1 being an even spread."""
    return f"{density:.1f}\u00a0\u00d7"


def percent(share: float) -> str:
    """Say a share in per cent."""
    return f"{100 * share:.1f}\u00a0%"
