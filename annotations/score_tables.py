"""Scores over recordings as rows of tables, and as one document."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from annotations.paired import paired_interval
from annotations.score_cases import HEART, SEED, Group
from imn.results import result


def case_rows(group: Group) -> list[dict[str, object]]:
    """Give one row per recording, for a table."""
    shown = (
        "Dice",
        "IoU",
        "precision",
        "recall",
        "Dice at a fifth",
        "pointing game",
        "relevance mass",
        "AUPRC",
    )
    distances = ("Hausdorff 95 %, mm", "centre, mm")
    rows = []
    for case in group.cases:
        figures = {name: _finite(case.figures[name]) for name in (*shown, *distances)}
        marked = {"all positive": _finite(case.controls.get("all positive", np.nan))}
        rows.append(
            {"record": case.record, "label": group.label, "provenance": group.provenance, "on": group.where}
            | {"raters": ", ".join(case.raters)}
            | figures
            | marked
        )
    return rows


def figure_rows(group: Group) -> list[dict[str, object]]:
    """Give one row per figure over recordings, for a table."""
    return [
        {"score": name, "mean": m.value, "low": m.low, "high": m.high, "recordings": m.cases}
        for name, m in group.figures.items()
    ]


def control_rows(group: Group) -> list[dict[str, object]]:
    """Give one row per control with the difference to it, for a table."""
    rows = []
    for name, mean in group.controls.items():
        row: dict[str, object] = {"control": name, "Dice": mean.value}
        found = group.differences.get(name)
        entries = asdict(found) if found else {"mean": None, "low": None, "high": None, "p": None}
        p = None if entries["p"] is None else f"{entries['p']:.4f}"
        rows.append(
            row
            | {"map minus control": entries["mean"], "low": entries["low"], "high": entries["high"], "p": p}
        )
    return rows


def document(
    groups: Sequence[Group], *, command: str, data: str, others: Sequence[Group] = ()
) -> dict[str, Any]:
    """Put scores together for `imn.results.write_result`.

    Parameters
    ----------
    groups : sequence of Group
    command, data : str
        What was run, on what.
    others : sequence of Group, optional
        Of other maps of the same recordings against the same annotations, to compare with.

    Returns
    -------
    dict
        One table of recordings, then two for each group: its figures, and Dice beside its controls;
        and a third, of paired differences, where there are others.
    """
    beside = {(other.label, other.provenance, other.where): other for other in others}
    tables: dict[str, list[dict[str, object]]] = {}
    headline = {}
    for group in groups:
        title = (
            f"{group.label}, {group.provenance}, on {'the heart' if group.where == HEART else group.where}"
        )
        dice = group.figures["Dice"]
        headline[f"Dice: {title}"] = {"value": dice.value, "low": dice.low, "high": dice.high, "goal": None}
        tables[f"{title}: {len(group.cases)} recordings"] = figure_rows(group)
        tables[f"{title}: Dice beside its controls"] = control_rows(group)
        if other := beside.get((group.label, group.provenance, group.where)):
            tables[f"{title}: these minus the others"] = contrast_rows(group, other)
    rows = [row for group in groups for row in case_rows(group)]
    records = {case.record for group in groups for case in group.cases}
    return result(command, data, len(records), rows=rows, headline=headline, tables=tables)


def contrast_rows(group: Group, other: Group) -> list[dict[str, object]]:
    """Give one row per figure with its paired difference over the recordings that both have.

    Parameters
    ----------
    group, other : Group

    Returns
    -------
    list of dict
    """
    second = {case.record: case.figures for case in other.cases}
    rows: list[dict[str, object]] = []
    for name in group.cases[0].figures:
        pairs = [
            (case.figures[name], second[case.record][name]) for case in group.cases if case.record in second
        ]
        pairs = [pair for pair in pairs if np.isfinite(pair).all()]
        if len(pairs) < 2:
            continue
        mine, theirs = zip(*pairs, strict=True)
        found = paired_interval(mine, theirs, seed=SEED)
        rows.append(
            {
                "score": name,
                "these": float(np.mean(mine)),
                "the others": float(np.mean(theirs)),
                "difference": found.mean,
                "low": found.low,
                "high": found.high,
                "p": f"{found.p:.4f}",
                "recordings": found.cases,
            }
        )
    return rows


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
