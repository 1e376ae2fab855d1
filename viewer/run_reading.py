"""A run directory read back: the map and the evidence that were written, ready to be scored."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from annotations.baselines import Case
from annotations.masks import anatomy_hash, scored_areas
from cine_mapping.anatomy import Anatomy
from cine_mapping.beat import Beat, Evidence, fold_mean
from cine_mapping.beats import find_beat
from imn.archives import read_archive
from imn.errors import InputError
from imn.explanation import Explanation
from imn.json_files import read_object

CHANGED = 0.01
"""Part of a map that may lie elsewhere when it is made anew; beyond, its controls would be another's."""


@dataclass(frozen=True, eq=False)
class Run:
    """What ``ecglocus explain`` wrote of one recording.

    Parameters
    ----------
    folder : Path
    record, label : str
    explanation : Explanation
        Of the one label.
    beat : Beat
        Found anew on the signal that was written.
    evidence : Evidence
    supporting : (v,) float64, logit
        Of the average map that was drawn.
    anatomy : Anatomy
    heart : str
        Name or file that the anatomy was asked for by.
    """

    folder: Path
    record: str
    label: str
    explanation: Explanation
    beat: Beat
    evidence: Evidence
    supporting: NDArray[np.float64]
    anatomy: Anatomy
    heart: str

    def case(self, truth: NDArray[np.bool_]) -> Case:
        """Give the case to judge for what is annotated.

        The map is the one that was written; the controls that need another one
        (signal energy, permuted leads) are projected anew.

        Parameters
        ----------
        truth : (v,) bool

        Returns
        -------
        Case
            Its `project` refuses with an `InputError` if this version maps the same evidence elsewhere.
        """
        weights = self.explanation.weights[0]
        mesh, areas = self.anatomy.heart, scored_areas(self.anatomy)
        return Case(truth, areas, mesh.triangles, weights, self.explanation.deflection, self._project)

    @cached_property
    def _project(self) -> "_Projection":
        return _Projection(self)


class _Projection:
    """The written map for the written weights; others are mapped, once the way has proved to be the same."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._plan: Any = None

    def __call__(self, weights: NDArray[np.floating]) -> NDArray[np.float64]:
        if np.array_equal(weights, self._run.explanation.weights[0]):
            return self._run.supporting
        if self._plan is None:
            self._plan = self._checked_plan()
        return self._map(weights)

    def _checked_plan(self) -> Any:
        from cine_mapping.forward_setting import load_wall
        from cine_mapping.modalities import plan_modalities

        run = self._run
        deflection = (
            fold_mean(run.explanation.deflection, run.beat) if run.explanation.reference.any() else None
        )
        self._plan = plan_modalities(run.anatomy, run.beat, deflection, wall=load_wall(run.heart))
        again = self._map(run.explanation.weights[0])
        moved = np.abs(again - run.supporting).sum() / max(np.abs(run.supporting).sum(), 1e-12)
        if moved > CHANGED:
            msg = (
                f"{run.folder}: {moved:.0%} of the map lies elsewhere when this version makes it anew; "
                "explain the recording again, or leave out the baselines with --draws 0"
            )
            raise InputError(msg)
        return self._plan

    def _map(self, weights: NDArray[np.floating]) -> NDArray[np.float64]:
        from cine_mapping.modalities import average

        run = self._run
        other = replace(run.explanation, weights=weights.astype(np.float32)[None])
        return average(self._plan.apply(other, run.label)).supporting


def is_run(folder: Path) -> bool:
    """Tell whether a folder is a run directory."""
    return (folder / "summary.json").is_file() and (folder / "evidence.npz").is_file()


@lru_cache(maxsize=4)
def load_once(name: str) -> Anatomy:
    """Load an anatomy, the same object each time it is asked for."""
    from cine_mapping.anatomy_io import load_anatomy

    return load_anatomy(name)


def open_run(folder: Path) -> Run:
    """Read a run directory.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    Run

    Raises
    ------
    InputError
        If a file is missing or broken, or the anatomy is not the one it was made on.
    """
    summary, arrays = _read(folder)
    try:
        heart = str(summary.get("config", {}).get("anatomy", summary["anatomy"]))
        anatomy = _anatomy(folder, heart, summary)
        explanation = _explanation(arrays)
        beat = find_beat(explanation.signal, explanation.fs)
        evidence = Evidence(str(arrays["label"]), arrays["beat_evidence"], arrays["beat_dipole"])
        supporting = _supporting(summary, arrays)
    except (KeyError, IndexError, TypeError) as error:
        msg = f"{folder}: expected what ecglocus explain writes, {error} is missing; explain it again"
        raise InputError(msg) from error
    if evidence.leads.shape != beat.signal.shape or len(supporting) != len(anatomy.heart.points):
        msg = f"{folder}: evidence and map do not fit the recording's beat and heart; explain it again"
        raise InputError(msg)
    return Run(
        folder, summary["record"], evidence.label, explanation, beat, evidence, supporting, anatomy, heart
    )


def _read(folder: Path) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    what, advice = "a file of a run directory of ecglocus explain", "explain the recording again"
    summary = read_object(folder / "summary.json", what, advice=advice)
    return summary, read_archive(folder / "evidence.npz", what, advice=advice)


def _anatomy(folder: Path, name: str, summary: Mapping[str, Any]) -> Anatomy:
    anatomy = load_once(name)
    if anatomy_hash(anatomy) != summary["inputs"]["anatomy_sha256"]:
        msg = f"{folder}: made on an anatomy {name} that has changed since; explain the recording again"
        raise InputError(msg)
    return anatomy


def _explanation(arrays: Mapping[str, NDArray[Any]]) -> Explanation:
    return Explanation(
        record_id=str(arrays["record"]),
        fs=float(arrays["fs"]),
        model=str(arrays["model"]),
        classes=(str(arrays["label"]),),
        logits=np.atleast_1d(arrays["logit"]).astype(float),
        bias=np.atleast_1d(arrays["bias"]).astype(float),
        weights=arrays["weights"][None],
        signal=arrays["signal"],
        reference=arrays["reference"],
        reference_name=str(arrays["reference_name"]),
    )


def _supporting(summary: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> NDArray[np.float64]:
    """Average the maps that were written by the weights that were."""
    weights = {name: float(held["weight"]) for name, held in summary["modalities"].items()}
    maps = [
        weight * (arrays[f"{name}_basis"].astype(float) @ arrays[f"{name}_positive"].sum(axis=1))
        for name, weight in weights.items()
        if weight
    ]
    return np.sum(maps, axis=0) / sum(weights.values())
