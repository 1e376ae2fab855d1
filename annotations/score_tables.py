"""Scores over recordings as rows of tables, and as one document."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from annotations.score_cases import HEART, Group
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


def document(groups: Sequence[Group], *, command: str, data: str) -> dict[str, Any]:
    """Put scores together for `imn.results.write_result`.

    Parameters
    ----------
    groups : sequence of Group
    command, data : str
        What was run, on what.

    Returns
    -------
    dict
        One table of recordings, then two for each group: its figures, and Dice beside its controls.
    """
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
    rows = [row for group in groups for row in case_rows(group)]
    records = {case.record for group in groups for case in group.cases}
    return result(command, data, len(records), rows=rows, headline=headline, tables=tables)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
