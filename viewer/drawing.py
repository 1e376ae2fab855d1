"""The pictures of one analysis: which to make, and their words."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cine_mapping.anatomy import Anatomy
from cine_mapping.modalities import weights_of
from cine_mapping.path import activation_path
from cine_mapping.shares import region_densities
from viewer.analysis import Analysis
from viewer.summary import RESEARCH_USE

FLAT = ("ecg", "beat", "bullseye")
"""Pictures that need no OpenGL."""


@dataclass(frozen=True)
class Drawing:
    """Pictures to make, and why one is missing.

    Parameters
    ----------
    names : tuple of str
        Of heart, ecg, beat, bullseye.
    reason : str or None
        One sentence; None where nothing is missing.
    """

    names: tuple[str, ...]
    reason: str | None = None


def plan_drawing(wanted: bool) -> Drawing:
    """Find out which pictures are wanted and can be made on this machine.

    Parameters
    ----------
    wanted : bool

    Returns
    -------
    Drawing
        With the reason where some or all are left out.
    """
    from viewer.offscreen import rendering_problem

    if not wanted:
        return Drawing((), "Pictures were not asked for (--no-render).")
    problem = rendering_problem()
    return Drawing(FLAT, problem) if problem else Drawing(("heart", *FLAT))


def draw(analysis: Analysis, anatomy: Anatomy, folder: Path, names: Sequence[str]) -> dict[str, Path]:
    """Draw pictures into a folder.

    Parameters
    ----------
    analysis : Analysis
    anatomy : Anatomy
    folder : Path
    names : sequence of str
        Of heart, ecg, beat, bullseye; where there are any and clusters are known, these as well.

    Returns
    -------
    dict of str to Path
        Picture by name.
    """
    makers = {"heart": _heart, "ecg": _ecg, "beat": _beat, "bullseye": _bullseye, "clusters": _clusters}
    if names and analysis.clusters is not None:
        names = [*names, "clusters"]
    label = analysis.target
    chance = analysis.explanation.probabilities[analysis.explanation.classes.index(label)]
    title = f"{analysis.record.id}: evidence for {label}, probability {chance:.2f}"
    pictures = {name: folder / f"{name}.png" for name in names}
    for name, path in pictures.items():
        makers[name](path, analysis, anatomy, title)
    return pictures


def _ecg(path: Path, analysis: Analysis, _: Anatomy, title: str) -> None:
    from viewer.ecg_picture import EcgSheet, draw_ecg

    explanation = analysis.explanation
    sheet = EcgSheet(title=title, subtitle=RESEARCH_USE, label=analysis.target)
    evidence = explanation.evidence_for(analysis.target)
    draw_ecg(path, explanation.signal, fs=explanation.fs, evidence=evidence, sheet=sheet)


def _beat(path: Path, analysis: Analysis, _: Anatomy, title: str) -> None:
    from viewer.beat_picture import draw_beat

    draw_beat(path, analysis.beat, evidence=analysis.evidence.leads, title=title, label=analysis.target)


def _bullseye(path: Path, analysis: Analysis, anatomy: Anatomy, _: str) -> None:
    from viewer.bullseye import draw_bullseye

    densities = region_densities(analysis.average, anatomy)
    draw_bullseye(path, densities, title=f"Evidence for {analysis.target}")


def _clusters(path: Path, analysis: Analysis, anatomy: Anatomy, title: str) -> None:
    from viewer.cluster_ribbon import draw_ribbon

    if analysis.clusters is not None:
        draw_ribbon(path, analysis.clusters, analysis.explanation, anatomy, title=title)


def _heart(path: Path, analysis: Analysis, anatomy: Anatomy, title: str) -> None:
    from viewer.heart_overlay import FOUND_COLOUR, Mark
    from viewer.heart_picture import Sheet, density, draw_heart

    marks, points = [], analysis.beat.fiducials
    averaged = [name for name in analysis.maps if weights_of(analysis.maps)[name] > 0]
    subtitle = f"{anatomy.name} anatomy, average of {', '.join(averaged)}"
    for score in analysis.scores:
        if score.mesh is not None:
            marks = [
                Mark(score.truth, f"{score.finding.provenance} region"),
                Mark(score.found, "found region of the same size", colour=FOUND_COLOUR, dashed=True),
            ]
            beside = ", ".join(f"{name} {dice:.2f}" for name, dice in score.baselines.items())
            subtitle = f"Dice {score.mesh.dice:.2f} beside {beside}"
            break
    draw_heart(
        path,
        anatomy,
        density(analysis.average.supporting + analysis.average.opposing, anatomy),
        marks=marks,
        track=activation_path(anatomy, analysis.beat)[: points.j_point - points.qrs_onset],
        sheet=Sheet(title=title, subtitle=subtitle),
    )
