"""Simulate patients of an anatomy, learn its mappings from them, calibrate them on others."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cine_mapping.forward.patients import Setting, reference_setting
from cine_mapping.localisation.cases import Cases, make_cases
from cine_mapping.localisation.learning import learn
from cine_mapping.localisation.lots import CALIBRATION, READ_CALIBRATION, READ_TRAIN, TRAIN
from cine_mapping.localisation.network_cases import NetworkCases, make_network_cases
from cine_mapping.localisation.patterns import differences, usual_beat
from cine_mapping.operators.learned import Learned
from imn.perceptron import Fitting

if TYPE_CHECKING:
    from imn.model import Model


@dataclass(frozen=True, eq=False)
class Lesson:
    """What to learn from.

    Parameters
    ----------
    setting : Setting, optional
        The reference anatomy by default.
    patients : int
        Virtual patients to learn from; a tenth as many besides to calibrate on.
    model : Model, optional
        Network whose evidence is to be mapped; only for the reference anatomy.
    folder : Path, optional
        Keeps what is simulated, so that an interrupted run goes on.
    workers : int
        Processes that simulate.
    fitting : Fitting
    """

    setting: Setting | None = None
    patients: int = TRAIN.patients
    model: "Model | None" = None
    folder: Path | None = None
    workers: int = 1
    fitting: Fitting = Fitting()


def learn_anatomy(lesson: Lesson) -> Learned:
    """Simulate, fit and calibrate.

    Parameters
    ----------
    lesson : Lesson

    Returns
    -------
    Learned
        For the domains ``own`` and ``generic``, and ``network`` where the lesson has a model.
    """
    setting = lesson.setting or reference_setting()
    train_lot = replace(TRAIN, patients=lesson.patients)
    held_lot = replace(CALIBRATION, patients=max(2, lesson.patients // 10))
    train, held = (
        make_cases(lot, setting=setting, folder=_within(lesson, "cases"), workers=lesson.workers)
        for lot in (train_lot, held_lot)
    )
    usual = usual_beat(train)
    lessons: dict[str, tuple[Cases | NetworkCases, NDArray[np.floating]]] = {}
    checks: dict[str, tuple[Cases | NetworkCases, NDArray[np.floating]]] = {}
    for domain, reference in (("own", None), ("generic", usual)):
        lessons[domain] = train, differences(train, reference)
        checks[domain] = held, differences(held, reference)
    origin = f"{len(train)} simulated beats of {lesson.patients} patients about {setting.myocardium.name}"
    if lesson.model is not None:
        read, held_read = (
            make_network_cases(lot, lesson.model, _within(lesson, "read"))
            for lot in (READ_TRAIN, READ_CALIBRATION)
        )
        lessons["network"] = read, read.asked_values()
        checks["network"] = held_read, held_read.asked_values()
        origin += f", {len(read)} recordings read by {lesson.model.name}"
    return learn(
        lessons,
        checks,
        setting.myocardium,
        usual=usual,
        fitting=lesson.fitting,
        origin=f"learned from {origin}",
    )


def _within(lesson: Lesson, name: str) -> Path | None:
    return None if lesson.folder is None else lesson.folder / name
