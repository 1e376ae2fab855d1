"""Measure realism: draw virtual patients, read PTB-XL, compare.

Classifiers: a random forest on samples of the median beat in the eight
independent leads, trained on simulated beats and tested on real ones, and the
reverse; beside them the same within either kind, whole patients held out, as
what is possible at all.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cine_mapping.criteria import CRITERIA
from cine_mapping.forward.beat import simulate_beat
from cine_mapping.forward.conditions import Condition, Infarct, Ischaemia
from cine_mapping.forward.families import FAMILIES
from cine_mapping.forward.patients import Patient, draw_patient
from cine_mapping.forward.regions import LAD, LCX, RCA, Segments
from cine_mapping.realism import (
    CLASSES,
    FASCICLE,
    Sample,
    joined,
    read_real,
    read_simulated,
    real_class,
    tabulate,
    within,
)
from imn.errors import InputError
from imn.metrics import auroc_intervals
from imn.ptbxl import read_index, read_signals
from imn.results import figure, result

FOLDS = range(1, 10)
TREES, SPLITS, SEED = 300, 5, 0
SCAR_SHARES, DEPTHS, ACUTE_SHARES = (0.2, 0.7), (0.7, 1.0), (0.5, 1.0)
"""Of a territory and of its wall's depth that an infarct takes; of a territory behind an occlusion."""
GOALS = {"met": 0.90, "of_normal": 0.10}
MET_BY = {
    "LBBB": "LBBB",
    "RBBB": "RBBB",
    "ischaemia LAD": "ST LAD",
    "ischaemia RCA": "ST RCA",
    "ischaemia LCX": "ST LCX",
    "WPW": "WPW",
    "anterior infarct": "anterior infarct",
    "inferior infarct": "inferior infarct",
    "LAFB": "LAFB",
    "LPFB": "LPFB",
    "ectopy": "ectopy",
    "LVH": "LVH",
}
"""The criterion for each simulated condition."""
ASKED = ("LBBB", "RBBB", "ischaemia LAD", "ischaemia RCA", "ischaemia LCX", "WPW")
"""Conditions whose criteria enter the headline; the others are known for missing many real cases too."""


@dataclass(frozen=True)
class Size:
    """How much to simulate.

    Parameters
    ----------
    patients : int
    seed : int
        That they are drawn with.
    """

    patients: int = 100
    seed: int = 0


def bench_realism(data_dir: Path, size: Size, command: str) -> dict[str, Any]:
    """Compare simulated with real beats.

    Parameters
    ----------
    data_dir : Path
        PTB-XL in its native layout; folds 1-9 are read.
    size : Size
    command : str
        What was run, for the record.

    Returns
    -------
    dict
        As `imn.results.result` gives; one row per class and measure.
    """
    real, simulated = read_classes(data_dir), simulate_classes(size)
    rows = [row for name in CLASSES for row in _compare(name, real[name], simulated[name])]
    met = [_judge(name, simulated, real) for name in MET_BY]
    learned = _cross(real, simulated)
    share = float(np.mean([row["sim_within"] for row in rows]))
    asked = [row for row in met if row["condition"] in ASKED]
    headline = {
        "within_real_5_95": figure(share, None),
        "criteria_met_least": figure(min(row["met"] for row in asked), GOALS["met"]),
        "criteria_of_normal_most": figure(max(row["of_sim_normal"] for row in asked), GOALS["of_normal"]),
    } | {
        name: {k: row[k] for k in ("value", "low", "high")} | {"goal": None}
        for name, row in (("auroc_sim_to_real", learned[0]), ("auroc_real_to_sim", learned[1]))
    }
    data = (
        f"PTB-XL folds 1-9, 100 Hz (CC BY 4.0, Wagner et al. 2020), against {size.patients} virtual "
        f"patients about the reference anatomy, seed {size.seed}; the simulator's early sites, speeds, "
        "conductivities and repolarisation were fitted to medians of these recordings (not of infarcts), "
        "the severity of ischaemia and pre-excitation so that the criteria are met"
    )
    n = sum(len(sample) for sample in (*real.values(), *simulated.values()))
    return result(
        command, data, n, rows=rows, headline=headline, tables={"Criteria": met, "Classifiers": learned}
    )


def read_classes(data_dir: Path) -> dict[str, Sample]:
    """Measure the real recordings of each class.

    Parameters
    ----------
    data_dir : Path
        PTB-XL in its native layout.

    Returns
    -------
    dict of str to Sample
        By `CLASSES`, and `FASCICLE` where there is any.

    Raises
    ------
    InputError
        If PTB-XL is damaged, or a class has no recording.
    """
    chosen = [(entry, name) for entry in read_index(data_dir, FOLDS) if (name := real_class(entry))]
    signals = read_signals([entry for entry, _ in chosen], progress=True)
    patients = np.unique([entry.patient for entry, _ in chosen], return_inverse=True)[1]
    found: dict[str, list[Sample]] = {name: [] for name in (*CLASSES, FASCICLE)}
    for (_, name), signal, patient in zip(chosen, signals, patients, strict=True):
        try:
            found[name].append(read_real(signal, int(patient)))
        except InputError:
            continue  # no beat stands out of the noise
    if missing := [name for name in CLASSES if not found[name]]:
        lacking = ", ".join(missing)
        msg = f"{data_dir}: expected recordings of each class, found none of {lacking}; give all folds 1-9"
        raise InputError(msg)
    return {name: joined(samples) for name, samples in found.items() if samples}


def simulate_classes(size: Size) -> dict[str, Sample]:
    """Simulate and measure a beat of each class and condition for each patient.

    Parameters
    ----------
    size : Size

    Returns
    -------
    dict of str to Sample
        By name, as `conditions_of`.
    """
    from tqdm import tqdm

    found: dict[str, list[Sample]] = {}
    for number in tqdm(range(size.patients), desc="simulate", unit="patient", disable=None):
        rng = np.random.default_rng((size.seed, number))
        patient = draw_patient(rng)
        for name, condition in conditions_of(patient, rng).items():
            beat = simulate_beat(patient.heart, condition, physiology=patient.physiology)
            found.setdefault(name, []).append(read_simulated(beat, number))
    return {name: joined(samples) for name, samples in found.items()}


def conditions_of(patient: Patient, rng: np.random.Generator) -> dict[str, Condition]:
    """Draw a condition of each kind: families as they are, territories by size and depth.

    Parameters
    ----------
    patient : Patient
    rng : Generator

    Returns
    -------
    dict of str to Condition
    """
    myocardium = patient.heart.myocardium
    families = ("normal", "LBBB", "RBBB", "LAFB", "LPFB", "WPW", "ectopy", "LVH")
    drawn = {name: FAMILIES[name](myocardium, rng) for name in families}
    for wall, territory in (("anterior infarct", LAD), ("inferior infarct", RCA)):
        scar = FAMILIES["scar"](myocardium, rng)
        if isinstance(scar, Infarct):
            drawn[wall] = replace(scar, region=_part(territory, rng, SCAR_SHARES, DEPTHS))
    for name, territory in (("LAD", LAD), ("RCA", RCA), ("LCX", LCX)):
        acute = FAMILIES["ischaemia"](myocardium, rng)
        if isinstance(acute, Ischaemia):
            drawn[f"ischaemia {name}"] = replace(
                acute, region=_part(territory, rng, ACUTE_SHARES, (1.0, 1.0))
            )
    return drawn


def _part(
    territory: Segments,
    rng: np.random.Generator,
    shares: tuple[float, float],
    depths: tuple[float, float],
) -> Segments:
    return replace(territory, share=float(rng.uniform(*shares)), transmurality=float(rng.uniform(*depths)))


def _compare(name: str, real: Sample, simulated: Sample) -> Iterable[dict[str, Any]]:
    drawn = tabulate(simulated.measures)
    for measure, values in tabulate(real.measures).items():
        yield {
            "class": name,
            "measure": measure,
            "n_real": len(real),
            "n_sim": len(simulated),
            **_percentiles("real", values),
            **_percentiles("sim", drawn[measure]),
            "sim_within": within(drawn[measure], values, circular=measure.endswith("deg")),
        }


def _percentiles(kind: str, values: NDArray[np.float64]) -> dict[str, float]:
    return {f"{kind}_p{q}": round(float(np.percentile(values, q)), 3) for q in (10, 50, 90)}


def _judge(name: str, simulated: Mapping[str, Sample], real: Mapping[str, Sample]) -> dict[str, Any]:
    criterion = CRITERIA[MET_BY[name]]

    def share(sample: Sample | None) -> float | None:
        return None if sample is None else float(criterion.test(sample.measures).mean())

    return {
        "condition": name,
        "criterion": criterion.says,
        "met": share(simulated[name]),
        "of_sim_normal": share(simulated["normal"]),
        "of_real_class": share(real.get(name)),
        "of_real_normal": share(real["normal"]),
    }


def _cross(real: Mapping[str, Sample], simulated: Mapping[str, Sample]) -> list[dict[str, Any]]:
    """AUROC of each class, one row per direction."""
    (waves, kinds, groups), (drawn, own, patients) = (_stack(part) for part in (real, simulated))
    scores = {
        "simulated to real": (kinds, _forest(drawn, own).predict_proba(waves)),
        "real to simulated": (own, _forest(waves, kinds).predict_proba(drawn)),
        "real to real": (kinds, _held_out(waves, kinds, groups)),
        "simulated to simulated": (own, _held_out(drawn, own, patients)),
    }
    rows = []
    for direction, (truth, score) in scores.items():
        per_class, macro = auroc_intervals(truth[:, None] == np.arange(len(CLASSES)), score)
        row = {"direction": direction, "value": macro.value, "low": macro.low, "high": macro.high}
        rows.append(row | {name: found.value for name, found in zip(CLASSES, per_class, strict=True)})
    return rows


def _stack(samples: Mapping[str, Sample]) -> tuple[NDArray, NDArray[np.int64], NDArray[np.int64]]:
    of_classes = [samples[name] for name in CLASSES]
    kinds = np.repeat(np.arange(len(CLASSES)), [len(sample) for sample in of_classes])
    stacked = joined(of_classes)
    return stacked.waves, kinds, stacked.groups


def _forest(waves: NDArray, kinds: NDArray[np.int64]) -> Any:
    try:
        from sklearn.ensemble import RandomForestClassifier
    except ModuleNotFoundError as error:
        msg = "the realism benchmark needs scikit-learn; install it with: pip install scikit-learn"
        raise InputError(msg) from error
    forest = RandomForestClassifier(
        TREES, class_weight="balanced", min_samples_leaf=3, random_state=SEED, n_jobs=1
    )
    return forest.fit(waves, kinds)


def _held_out(waves: NDArray, kinds: NDArray[np.int64], groups: NDArray[np.int64]) -> NDArray[np.float64]:
    """Score every beat by a forest that saw none of its patient."""
    place = np.random.default_rng(SEED).permutation(groups.max() + 1) % SPLITS
    fold, scores = place[groups], np.zeros((len(kinds), len(CLASSES)))
    for k in range(SPLITS):
        scores[fold == k] = _forest(waves[fold != k], kinds[fold != k]).predict_proba(waves[fold == k])
    return scores
