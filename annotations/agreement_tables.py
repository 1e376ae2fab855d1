"""Agreement as rows of tables and as one document; the consensus as annotations."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotations.annotation import Annotation, Finding, Interval, VertexWeights
from annotations.masks import anatomy_hash, scored_areas
from annotations.panel import MODEL, nominal_beat
from annotations.panel_agreement import Agreement
from annotations.score_cases import HEART, Mean
from cine_mapping.anatomy import Anatomy
from cine_mapping.beat import Beat
from imn import bootstrap
from imn.leads import LEADS
from imn.results import result

Row = dict[str, object]


def document(found: Sequence[Agreement], *, command: str, data: str) -> dict[str, Any]:
    """Put agreement together for `imn.results.write_result`.

    Parameters
    ----------
    found : sequence of Agreement
    command, data : str
        What was run, on what.

    Returns
    -------
    dict
        Rows of all coefficients, then tables of pairs and of raters for each panel.
    """
    rows: list[Row] = []
    tables: dict[str, list[Row]] = {}
    headline: dict[str, Row] = {}
    for agreement in found:
        title = title_of(agreement)
        rows += _coefficients(agreement, title)
        if agreement.pairs:
            tables[f"{title}: pairs"] = _pairs(agreement)
            tables[f"{title}: raters against what all mean together (STAPLE)"] = _raters(agreement)
        headline |= _headline(agreement, title)
    records = {record for agreement in found for record in agreement.panel.records}
    return result(command, data, len(records), rows=rows, headline=headline, tables=tables)


def _headline(agreement: Agreement, title: str) -> dict[str, Row]:
    figures: dict[str, Row] = {}
    if agreement.alpha:
        a = agreement.alpha
        figures[f"alpha: {title}"] = {"value": a.value, "low": finite(a.low), "high": finite(a.high)}
    if agreement.model and agreement.model.difference:
        d = agreement.model.difference
        name = f"Dice with the model minus Dice among raters: {title}"
        figures[name] = {"value": d.mean, "low": d.low, "high": d.high}
    return {name: figure | {"goal": None} for name, figure in figures.items()}


def title_of(agreement: Agreement) -> str:
    """Name a panel in a heading."""
    panel = agreement.panel
    where = "the heart" if panel.where == HEART else panel.where
    return f"{panel.label}, {panel.provenance}, on {where}"


def consensus_annotations(
    agreement: Agreement, anatomy: Anatomy, beats: Mapping[str, Beat]
) -> list[Annotation]:
    """Give the region that raters mean as annotations: derived, since a rule made it from others.

    Parameters
    ----------
    agreement : Agreement
    anatomy : Anatomy
        That the panel is on.
    beats : mapping of str to Beat
        As they were given to `annotations.panel.panels_on_leads`.

    Returns
    -------
    list of Annotation
        One for each recording that two raters or more rated: vertices weighted by their probability,
        or intervals on the beat, where it is a half or more.
    """
    panel = agreement.panel
    raters = [rater for rater in panel.raters if rater != MODEL]
    made = []
    for i, (record, probability) in enumerate(agreement.consensus.items()):
        if panel.rated(i)[: len(raters)].sum() < 2:
            continue
        inside = probability >= 0.5
        marks: dict[str, Any] = {}
        if inside.any():
            marks = (
                {"vertices": _painted(probability, anatomy)}
                if panel.where == HEART
                else {"intervals": _stretches(inside, beats.get(record, nominal_beat()))}
            )
        sure = float(np.where(inside, probability, 1 - probability).mean())
        note = f"consensus of {', '.join(raters)} by STAPLE"[:10_000]
        finding = Finding(panel.label, "derived", round(sure, 4), note=note, **marks)
        made.append(Annotation(record, f"STAPLE of {len(raters)} {panel.provenance} readings", (finding,)))
    return made


def _coefficients(agreement: Agreement, title: str) -> list[Row]:
    rows = [
        _row(title, "Fleiss' kappa among raters", agreement.fleiss),
        _row(title, "Krippendorff's alpha among raters", agreement.alpha),
    ]
    if MODEL in agreement.panel.raters:
        rows.append(_row(title, "Krippendorff's alpha, the model as one more", agreement.alpha_with_model))
    if agreement.model:
        among, beside = agreement.model.among, agreement.model.with_model
        rows += [
            _row(title, "Dice among raters", among),
            _row(title, "Dice of the model with raters", beside),
            _row(title, "model minus among", None),
            _row(title, "Williams' index of the model", agreement.model.williams),
        ]
        if found := agreement.model.difference:
            p = f"{found.p:.4f}"
            rows[-2] |= {"value": found.mean, "low": found.low, "high": found.high, "p": p}
    return [row for row in rows if row["value"] is not None]


def _row(title: str, name: str, figure: bootstrap.Interval | Mean | None) -> Row:
    value, low, high = (figure.value, figure.low, figure.high) if figure else (None, None, None)
    return {
        "panel": title,
        "figure": name,
        "value": finite(value),
        "low": finite(low),
        "high": finite(high),
        "p": None,
    }


def _pairs(agreement: Agreement) -> list[Row]:
    return [
        {
            "raters": f"{pair.a} and {pair.b}",
            "recordings": pair.records,
            "Dice": pair.dice.value,
            "Dice low": pair.dice.low,
            "Dice high": pair.dice.high,
            "Cohen's kappa": finite(pair.kappa.value) if pair.kappa else None,
            "kappa low": finite(pair.kappa.low) if pair.kappa else None,
            "kappa high": finite(pair.kappa.high) if pair.kappa else None,
        }
        for pair in agreement.pairs
    ]


def _raters(agreement: Agreement) -> list[Row]:
    return [
        {
            "rater": one.rater,
            "recordings": one.records,
            "marked part": finite(one.marked),
            "sensitivity": finite(one.sensitivity),
            "specificity": finite(one.specificity),
        }
        for one in agreement.performance
    ]


def finite(value: float | None) -> float | None:
    """Give a figure as JSON can hold it: None where it is not defined."""
    return float(value) if value is not None and np.isfinite(value) else None


def _painted(probability: NDArray[np.float64], anatomy: Anatomy) -> VertexWeights:
    vertices = np.flatnonzero(scored_areas(anatomy) > 0)
    inside = probability >= 0.5
    # just below a half would fall out of the region when it is read as a mask
    weights = np.clip(np.round(probability[inside], 4), 0.5, 1.0)
    return VertexWeights(
        anatomy.name, anatomy_hash(anatomy), tuple(vertices[inside].tolist()), tuple(weights.tolist())
    )


def _stretches(inside: NDArray[np.bool_], beat: Beat) -> tuple[Interval, ...]:
    """Give runs of marked samples as intervals about the R peak, lead by lead."""
    intervals = []
    for lead, row in zip(LEADS, inside.reshape(len(LEADS), -1), strict=True):
        edges = np.flatnonzero(np.diff(np.concatenate([[False], row, [False]]).astype(int)))
        for first, stop in edges.reshape(-1, 2):
            onset, offset = ((int(end) - beat.r_peak) / beat.fs for end in (first, stop))
            intervals.append(Interval((lead,), onset, offset, "beat"))
    return tuple(intervals)
