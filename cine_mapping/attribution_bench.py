"""Measure ecglocus and its rivals as explanations: all of `imn.attribution`, and what needs beats.

Beats tell in which wave evidence lies, and where the reference beat stands
against which evidence may be counted.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cine_mapping.r_peaks import find_r_peaks
from cine_mapping.reference_beat import add_to_card, from_card
from cine_mapping.wave_share import WAVES, wave_table
from imn.attribution.territory import FORMS, contrasts, lead_contrast, map_forms, territory_auroc
from imn.bootstrap import Interval
from imn.formats import read_record
from imn.ptbxl import FS, Entry, read_index
from imn.record import Record
from imn.results import result

if TYPE_CHECKING:
    from imn.attribution.bench import Size
    from imn.explanation import Explanation
    from imn.model import Model

WAVED = ("MI", "CD", "HYP", "STTC")
RATES = (62.0, 100.0, 128.0, 250.0, 257.0, 360.0, 500.0, 1000.0)
LENGTHS_S = (5.0, 10.0, 30.0, 60.0)
GOAL_TERRITORY = 0.90
Row = dict[str, Any]


def bench_attribution(data: Path, models: Path, size: "Size", *, workers: int = 1) -> dict[str, Any]:
    """Measure what is missing, and put everything together.

    Parameters
    ----------
    data : Path
        Root folder of PTB-XL.
    models : Path
        As `imn.attribution.subjects.train_all` leaves it; a run cut before its end continues there.
    size : Size
    workers : int
        Processes at work.

    Returns
    -------
    dict as `imn.results.result` gives
    """
    from imn.attribution import tables
    from imn.attribution.bench import measure_all, read_cases, read_measurements
    from imn.model import load_model

    weights = models / "ecglocus-a" / "ecglocus.safetensors"
    add_to_card(weights, data)
    measure_all(data, models, size, workers=workers)
    cases, measured = read_cases(data, size.fold), read_measurements(models, size)
    model = load_model(weights)
    margins = tables.deletion_margins(cases, measured)
    places = list(territory_rows(data, models, model, size.fold))
    complete, speeds = completeness_rows(model, cases.entries[0]), speed_rows(model, models, cases.entries[0])
    headline = tables.headline(cases, measured, margins) | {
        "completeness_error": tables.figure(max(row["largest error"] for row in complete), 1e-4),
        "speed_vs_ig": tables.figure(speeds[-1]["times ours"], 50.0),
        "territory_auroc": tables.figure(_interval(places[0]), GOAL_TERRITORY, n=places[0]["n"]),
        "territory_auroc_findings": tables.figure(_interval(places[1]), None, n=places[1]["n"]),
    }
    shuffled = shuffled_likeness(models, size, data)
    return result(
        "ecglocus bench attribution --data PTBXL --models MODELS",
        f"PTB-XL fold {size.fold}, 100 Hz (CC BY 4.0, Wagner et al. 2020), trained on 1 to 8; {model.name}",
        len(cases.entries),
        rows=tables.accuracy(cases, measured),
        headline=headline,
        tables={
            "AUROC of each label": tables.per_label(cases, measured),
            "Methods": tables.methods(cases, measured),
            "Area between the curves, ours less others": margins,
            "Weights against behaviour nearby": tables.local(measured),
            "Likeness (Spearman) after randomisation": tables.randomisation(measured, shuffled),
            "Evidence by wave": wave_rows(model, cases.entries),
            "Anterior from inferior infarct by leads": places,
            "Completeness": complete,
            "Time for one recording of 10 s": speeds,
        },
    )


def wave_rows(model: "Model", entries: tuple[Entry, ...]) -> list[Row]:
    """Tabulate in which wave the evidence lies, over the recordings that have the label.

    Parameters
    ----------
    model : Model
    entries : tuple of Entry

    Returns
    -------
    list of dict
        One for each label of `WAVED` and wave.
    """
    rows = []
    for label in WAVED:
        own = [entry for entry in entries if label in entry.superclasses]
        found = list(model.explain_many(read_record(entry.file) for entry in own))
        maps, signals = [e.evidence_for(label) for e in found], [e.signal for e in found]
        table = wave_table(maps, signals, found[0].fs)
        for i, wave in enumerate(WAVES):
            shares = {
                name: float(getattr(table.shares, name)[:, i].mean())
                for name in ("absolute", "positive", "signal", "time")
            }
            row = {"label": label, "wave": wave, "n": int(table.scored.sum())}
            rows.append(
                row
                | {f"share of {name}": value for name, value in shares.items()}
                | {
                    "evidence over time": shares["absolute"] / shares["time"],
                    "signal over time": shares["signal"] / shares["time"],
                }
            )
    return rows


def territory_rows(data: Path, models: Path, model: "Model", fold: int) -> Iterator[Row]:
    """Tell anterior from inferior infarcts by the leads that evidence lies in, each remedy in turn.

    The first row is the shipped model's MI evidence, the second that of whichever
    of AMI and IMI its logits prefer.

    Parameters
    ----------
    data : Path
        Root folder of PTB-XL.
    models : Path
        As `imn.attribution.subjects.train_all` leaves it.
    model : Model
    fold : int

    Yields
    ------
    dict
    """
    from imn.attribution.subjects import VARIANTS
    from imn.model import load_model

    entries = [entry for entry in read_index(data, [fold]) if entry.territory]
    truth = np.array([entry.territory == "anterior" for entry in entries])
    found = list(model.explain_many(read_record(entry.file) for entry in entries))
    weights, signal = _weights(found, "MI"), np.stack([e.signal for e in found])
    yield _row("ecglocus", "MI", ("evidence", "positive"), truth, lead_contrast(weights * signal))
    yield _row("ecglocus", "AMI or IMI", ("evidence", "positive"), truth, lead_contrast(_preferred(found)))
    forms = contrasts(map_forms(weights, signal, reference=_references(model, found)))
    for key, contrast in forms.items():
        yield _row("ecglocus", "MI", key, truth, contrast)
    for name in VARIANTS:
        other = load_model(models / name / "ecglocus.safetensors")
        found = list(other.explain_many(read_record(entry.file) for entry in entries))
        for form in FORMS:
            maps = _weights(found, "MI") * signal
            yield _row(name, "MI", ("evidence", form), truth, lead_contrast(maps, form))


def _row(
    model: str, label: str, key: tuple[str, str], truth: NDArray[np.bool_], contrast: NDArray[np.float64]
) -> Row:
    found = territory_auroc(truth, contrast)
    row: Row = {"model": model, "label": label, "map": key[0], "form": key[1], "n": len(truth)}
    return row | {"auroc": found.value, "low": found.low, "high": found.high}


def _interval(row: Mapping[str, Any]) -> Interval:
    return Interval(row["auroc"], row["low"], row["high"])


def _weights(found: list["Explanation"], label: str) -> NDArray[np.float64]:
    return np.stack([e.weights[e.classes.index(label)] for e in found]).astype(float)


def _preferred(found: list["Explanation"]) -> NDArray[np.float64]:
    """Evidence of the more probable of AMI and IMI in each recording."""
    names = ("AMI", "IMI")
    chosen = [max(names, key=lambda name: e.logits[e.classes.index(name)]) for e in found]
    return np.stack([e.evidence_for(name) for e, name in zip(found, chosen, strict=True)])


def _references(model: "Model", found: list["Explanation"]) -> NDArray[np.float32]:
    beat = from_card(model.card)
    return np.stack([beat.place(find_r_peaks(e.signal, e.fs), e.signal.shape[1], e.fs) for e in found])


def completeness_rows(model: "Model", entry: Entry) -> list[Row]:
    """Tabulate how exactly parts sum to logits, at every rate and length tried.

    Parameters
    ----------
    model : Model
    entry : Entry

    Returns
    -------
    list of dict
        ``Hz``, ``s`` and ``largest error`` in logit.
    """
    from scipy.signal import resample

    whole = read_record(entry.file).signal
    rows = []
    for fs in RATES:
        for length in LENGTHS_S:
            repeated = np.tile(whole, -(-round(length * FS) // whole.shape[1]))[:, : round(length * FS)]
            signal = np.asarray(resample(repeated, round(length * fs), axis=1), np.float32)
            error = model.explain(Record(signal, fs, "completeness", str(entry.file))).completeness_error
            rows.append({"Hz": fs, "s": length, "largest error": error})
    return rows


def speed_rows(model: "Model", models: Path, entry: Entry, repeats: int = 7) -> list[Row]:
    """Time our explanation of all labels against post-hoc ones of one label, turn by turn in one process.

    Parameters
    ----------
    model : Model
    models : Path
        With the networks that the post-hoc methods explain.
    entry : Entry
    repeats : int
        The median counts.

    Returns
    -------
    list of dict
        One for each way, ours first.
    """
    from imn.attribution.running_times import post_hoc

    record = read_record(entry.file)
    rivals = post_hoc(models, record)
    times: dict[str, list[float]] = {name: [] for name in ("ecglocus", *rivals)}
    for _ in range(repeats):
        for name, run in (("ecglocus", lambda: model.explain(record)), *rivals.items()):
            start = perf_counter()
            run()
            times[name].append(perf_counter() - start)
    middle = {name: float(np.median(held)) for name, held in times.items()}
    return [
        {"what": name, "s": value, "times ours": value / middle["ecglocus"]} for name, value in middle.items()
    ]


def shuffled_likeness(models: Path, size: "Size", data: Path) -> float:
    """Median likeness of our evidence to that of a network that learned from shuffled labels.

    Parameters
    ----------
    models, size, data
        As in `imn.attribution.running_times.shuffled_likeness`.

    Returns
    -------
    float
    """
    from imn.attribution.running_times import shuffled_likeness as measure

    return measure(models, size, data)
