"""The same question put to our own network: atrial fibrillation at each rate, on folds it never saw."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from imn.ptbxl import read_index
from imn.sampling.across_rates import record_at
from imn.sampling.arms import FAST, IMN, RATES, RESAMPLED, SLOW, UNTOLD, Arm
from imn.sampling.cases import Cases, read_cases
from imn.sampling.keeping import kept_or_made
from imn.sampling.runs import Held

if TYPE_CHECKING:
    from imn.model import Model

LABEL = "AFIB"
OWN_RATES: Mapping[float, tuple[float, ...]] = {SLOW: (62.0, 100.0, 500.0), FAST: RATES}
"""Rates to ask at, by the rate of the recordings they are made from."""


def own_arms(data_dir: Path, source: float, models: Mapping[int, "Model"], folder: Path) -> list[Held]:
    """Ask our network at each rate, each recording by a model that never saw its fold.

    Nothing is trained: it is fitted at 100 Hz once and resamples whatever it is given.  As a control
    it is given 500 Hz as if that were 100, which its field of view, in samples, would amount to.

    Parameters
    ----------
    data_dir : Path
        PTB-XL in its native layout.
    source : float, Hz
        Of the recordings.
    models : mapping of fold to Model
        Recordings of other folds are left out.
    folder : Path
        Keeps what was asked, a file per fold and rate.

    Returns
    -------
    list of Held
        One per rate, the control last.  ``prior`` is zero: the network was trained on recordings as
        they come.
    """
    folds = {entry.id: entry.fold for entry in read_index(data_dir, models)}
    cases = _within(read_cases(data_dir, source), folds)
    return [
        Held(arm, cases, _together(arm, cases, folds, models, folder), np.zeros(len(cases.ids)))
        for arm in (*(Arm(source, IMN, fs, RESAMPLED) for fs in OWN_RATES[source]), _control(source))
    ]


def _control(source: float) -> Arm:
    return Arm(source, IMN, FAST, UNTOLD)


def _within(cases: Cases, folds: Mapping[int, int]) -> Cases:
    kept = [i for i, ecg_id in enumerate(cases.ids) if ecg_id in folds]
    return replace(
        cases,
        ids=tuple(cases.ids[i] for i in kept),
        patients=tuple(cases.patients[i] for i in kept),
        positive=cases.positive[kept],
        files=tuple(cases.files[i] for i in kept),
    )


def _together(
    arm: Arm, cases: Cases, folds: Mapping[int, int], models: Mapping[int, "Model"], folder: Path
) -> NDArray[np.float64]:
    found = np.empty(len(cases.ids))
    of = np.array([folds[ecg_id] for ecg_id in cases.ids])
    for fold, model in models.items():
        rows = np.flatnonzero(of == fold)
        key = {"arm": asdict(arm), "model": model.name, "ids": [cases.ids[i] for i in rows]}
        path = folder / f"{arm.name}-{model.name.replace(' ', '-')}.json"
        found[rows] = kept_or_made(path, key, partial(_logits, cases, rows, arm, model))
    return found


def _logits(cases: Cases, rows: NDArray[np.int64], arm: Arm, model: "Model") -> NDArray[np.float64]:
    from tqdm import tqdm

    told = SLOW if arm.context == UNTOLD else arm.fs
    records = (record_at(cases.files[i], arm.fs, source=cases.source, told=told) for i in rows)
    words = f"{model.name}, {arm.fs:g} Hz"
    found = tqdm(model.explain_many(records), words, len(rows), unit="rec", disable=None)
    k = model.classes.index(LABEL)
    return np.array([explanation.logits[k] for explanation in found])
