"""One recording through every stage: prediction, beat, maps, scores."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import Anatomy
from cine_mapping.beat import Beat, Evidence, fold_evidence, fold_mean
from cine_mapping.beats import find_beat
from cine_mapping.heart_map import HeartMap
from cine_mapping.modalities import TAUGHT, Credible, Modalities, average, plan_modalities
from cine_mapping.reference_beat import NAME
from imn.electrode_interchange import hints
from imn.errors import InputError
from imn.explanation import Explanation
from imn.record import Record

if TYPE_CHECKING:
    from annotations.annotation import Annotation
    from annotations.scores import Score
    from cine_mapping.myocardium import Myocardium
    from cine_mapping.reference_beat import ReferenceBeat
    from imn.model import Model
    from viewer.cluster_reading import ClusterReading
    from viewer.rival_reading import RivalReading


@dataclass(frozen=True, eq=False)
class Analysis:
    """Everything that is known about one recording after the main job.

    Parameters
    ----------
    record : Record
    explanation : Explanation
    beat : Beat
    target : str
        The class explained.
    evidence : Evidence
        For the target, folded onto the beat.
    maps : dict of str to HeartMap
        One per modality.
    average : HeartMap
        Over the modalities.
    scores : tuple of Score
        One per finding of the target in this recording.
    seconds : dict of str to float
        Time each stage took.
    credible : Credible, optional
        Where such evidence comes from in simulations, where they know the disease.
    spread : (v,) float64, logit, optional
        How far the networks of the ensemble disagree (`Modalities.spread`).
    clusters : ClusterReading, optional
        The recording as a sequence of clusters of the network's activations.
    rival : RivalReading, optional
        What another network, or another way to ask this one, says of the same label.
    """

    record: Record
    explanation: Explanation
    beat: Beat
    target: str
    evidence: Evidence
    maps: dict[str, HeartMap]
    average: HeartMap
    scores: tuple["Score", ...] = ()
    seconds: dict[str, float] = field(default_factory=dict)
    credible: Credible | None = None
    spread: NDArray[np.float64] | None = None
    clusters: "ClusterReading | None" = None
    rival: "RivalReading | None" = None

    @property
    def conservation_error(self) -> float:
        """Largest difference between a map's sum and logit minus bias."""
        k = self.explanation.classes.index(self.target)
        expected = self.explanation.logits[k] - self.explanation.bias[k]
        return max(abs(heart_map.total - expected) for heart_map in (*self.maps.values(), self.average))


def analyse(
    record: Record,
    model: "Model",
    anatomy: Anatomy,
    *,
    target: str | None = None,
    annotations: Sequence["Annotation"] = (),
    reference: "ReferenceBeat | None" = None,
    wall: "Myocardium | None" = None,
    spread: bool = False,
    statements: bool = False,
    draws: int = 100,
    clusters: bool = False,
) -> Analysis:
    """Predict, explain, find the beat, project and score.

    Parameters
    ----------
    record : Record
    model : Model
    anatomy : Anatomy
    target : str, optional
        Class to explain; by default `imn.explanation.Explanation.default_label`.
    annotations : sequence of Annotation
        Those of other recordings or of other classes are passed over.
    reference : ReferenceBeat, optional
        Beat against which the evidence is given; the isoelectric line by default.
    wall : Myocardium, optional
        The anatomy's ventricles as a volume (`plan_modalities`).
    spread : bool
        Ask every network of the ensemble alone as well; takes about as long again.
    statements : bool
        Give half of the average to what diagnostic statements taught (`Modalities.apply`).
    draws : int
        For each control of a score that is drawn (`annotations.scores.score_finding`).
    clusters : bool
        Also tell moments apart as the network does, where its clusters are known (the shipped model).

    Returns
    -------
    Analysis

    Raises
    ------
    InputError
        If the model has no such class, or the recording has no beat.
    """
    seconds: dict[str, float] = {}
    with _timed(seconds, "predict"):
        explanation = model.explain(record)
    target = target or explanation.default_label
    if target not in explanation.classes:
        msg = f"target must be one of {', '.join(explanation.classes)}, got {target!r}"
        raise InputError(msg)
    with _timed(seconds, "beat"):
        beat = find_beat(explanation.signal, explanation.fs)
        beat = replace(beat, quality=(*beat.quality, *hints(record, explanation.signal)))
    with _timed(seconds, "project"):
        deflection, placed = None, None
        if reference is not None:
            placed = reference.place(beat.r_peaks, explanation.signal.shape[1], explanation.fs)
            explanation = explanation.against(placed, NAME)
            deflection = fold_mean(explanation.deflection, beat)
        plan = plan_modalities(anatomy, beat, deflection, wall=wall)
        evidence = fold_evidence(explanation, beat, target)
        maps = plan.apply(explanation, target, statements=statements)
        credible = plan.credible(explanation, target)
    drawn = average(maps)
    result = Analysis(
        record, explanation, beat, target, evidence, maps, drawn, seconds=seconds, credible=credible
    )
    if spread:
        with _timed(seconds, "spread"):
            apart = [one.explain(record, spread=False) for one in model.apart()]
            members = apart if placed is None else [one.against(placed, NAME) for one in apart]
            result = replace(result, spread=plan.spread(members, target, statements=statements))
    if clusters:
        with _timed(seconds, "clusters"):
            found = _clusters(model, plan, explanation, target, statements=statements)
            result = replace(result, clusters=found)
    with _timed(seconds, "score"):
        scores = _scores(result, plan, annotations, draws)
    return replace(result, scores=scores)


def _clusters(
    model: "Model", plan: Modalities, explanation: Explanation, target: str, *, statements: bool
) -> "ClusterReading | None":
    from imn.clusters.sequence import read_sequence, shipped_clusters
    from viewer.cluster_reading import read_clusters

    known = shipped_clusters(model)
    if known is None:
        return None
    sequence = read_sequence(model, known, explanation)
    return read_clusters(plan, explanation, target, sequence, statements=statements)


def _scores(
    analysis: Analysis, plan: Modalities, annotations: Sequence["Annotation"], draws: int
) -> tuple["Score", ...]:
    mine = [
        (annotation, finding)
        for annotation in annotations
        for finding in annotation.findings
        if (annotation.record_id, finding.label) == (analysis.record.id, analysis.target)
    ]
    if not mine:
        return ()
    from annotations.baselines import Case
    from annotations.masks import scored_areas
    from annotations.scores import score_finding

    explanation, k = analysis.explanation, analysis.explanation.classes.index(analysis.target)
    taught = TAUGHT in analysis.maps

    def supporting(weights: NDArray[np.floating]) -> NDArray[np.float64]:
        """Map other weights on the same signal the same way."""
        stack = np.broadcast_to(weights.astype(np.float32), explanation.weights.shape)
        other = replace(explanation, weights=stack)
        return average(plan.apply(other, analysis.target, statements=taught)).supporting

    anatomy = plan.anatomy

    def case(truth: NDArray[np.bool_]) -> Case:
        mesh, areas = anatomy.heart, scored_areas(anatomy)
        return Case(truth, areas, mesh.triangles, explanation.weights[k], explanation.deflection, supporting)

    return tuple(
        score_finding(
            annotation,
            finding,
            anatomy=anatomy,
            beat=analysis.beat,
            evidence=analysis.evidence,
            case=case,
            draws=draws,
        )
        for annotation, finding in mine
    )


@contextmanager
def _timed(seconds: dict[str, float], stage: str) -> Iterator[None]:
    start = time.perf_counter()
    yield
    seconds[stage] = time.perf_counter() - start
