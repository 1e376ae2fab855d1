"""What a batch gives on request besides, as further columns: what ``ecglocus explain`` can be asked for."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import REGIONS
from cine_mapping.beat import Beat, fold_mean
from cine_mapping.modalities import TAUGHT, WEIGHTS, Modalities, average
from imn.errors import InputError
from imn.explanation import Explanation
from imn.record import Record

if TYPE_CHECKING:
    import pyarrow

    from cine_mapping.reference_beat import ReferenceBeat
    from imn.clusters.clusters import Clusters
    from imn.model import Model


@dataclass(frozen=True)
class More:
    """What is asked for besides; small, and the same for every worker.

    Parameters
    ----------
    reference : "isoelectric" or "median-beat"
        What evidence is relative to.
    statements : bool
        Give half of the average to what diagnostic statements taught (`Modalities.apply`).
    credible : bool
        The 80 % credible region in simulated recordings, by region of the heart.
    spread : bool
        How far the networks of the ensemble disagree.
    clusters : bool
        The recording as clusters of the shipped network's activations.
    fs, unit, leads, adu_per_mv
        Of files that do not state them, or wrongly, as in `imn.read_record`.
    """

    reference: Literal["isoelectric", "median-beat"] = "isoelectric"
    statements: bool = False
    credible: bool = False
    spread: bool = False
    clusters: bool = False
    fs: float | None = None
    unit: str | None = None
    leads: tuple[str, ...] = ()
    adu_per_mv: float | None = None

    @property
    def asked(self) -> dict[str, Any]:
        """What is not as ever."""
        usual = asdict(More())
        return {name: value for name, value in asdict(self).items() if value != usual[name]}

    @property
    def told(self) -> dict[str, Any]:
        """What reading is told."""
        return {"fs": self.fs, "unit": self.unit, "leads": self.leads, "adu_per_mv": self.adu_per_mv}

    @property
    def maps(self) -> tuple[str, ...]:
        """Names of the maps whose shares are given."""
        return ("average", *WEIGHTS, *((TAUGHT,) if self.statements else ()))


def further_columns(more: More) -> "list[tuple[str, pyarrow.DataType]]":
    """Give name and type of each column that comes to the usual ones.

    Parameters
    ----------
    more : More

    Returns
    -------
    list of (str, pyarrow.DataType)
    """
    import pyarrow as pa

    parts = pa.struct([(name, pa.float32()) for name in REGIONS])
    cluster = [
        ("number", pa.int32()),
        ("wave", pa.string()),
        ("time", pa.float32()),
        ("weight", pa.float32()),
    ]
    credible = [
        ("family", pa.string()),
        ("share", pa.float32()),
        ("stands_out", pa.bool_()),
        ("regions", parts),
    ]
    columns = {
        "constant": (more.reference != "isoelectric", pa.float64()),
        "credible": (more.credible, pa.struct(credible)),
        "spread": (more.spread, pa.struct([("share", pa.float32()), ("regions", parts)])),
        "clusters": (more.clusters, pa.list_(pa.struct(cluster))),
    }
    return [(name, kind) for name, (wanted, kind) in columns.items() if wanted]


@dataclass(frozen=True)
class Besides:
    """All that the further columns take, loaded once in a process.

    Parameters
    ----------
    model : Model
    more : More
        What is asked for.
    """

    model: "Model"
    more: More

    @cached_property
    def reference(self) -> "ReferenceBeat | None":
        """Beat against which the evidence is given; None for the isoelectric line."""
        from cine_mapping.reference_beat import from_card

        return from_card(self.model.card) if self.more.reference == "median-beat" else None

    @cached_property
    def members(self) -> "tuple[Model, ...]":
        """Give each network alone."""
        return self.model.apart()

    @cached_property
    def clusters(self) -> "Clusters | None":
        """Clusters of the model, where they are known."""
        from imn.clusters.sequence import shipped_clusters

        return shipped_clusters(self.model)

    def check(self) -> None:
        """Load what is asked for, so that a mistake is told before any work.

        Raises
        ------
        InputError
            If the model has no median beat, or its clusters are not known.
        """
        if self.more.clusters and self.clusters is None:
            got = self.model.name
            msg = f"clusters: expected the shipped model, whose clusters are known, got {got}; leave them out"
            raise InputError(msg)
        _ = self.reference

    def relative(
        self, explanation: Explanation, beat: Beat
    ) -> tuple[Explanation, NDArray[np.float64] | None]:
        """Give evidence against the reference.

        Parameters
        ----------
        explanation : Explanation
            Against the isoelectric line.
        beat : Beat
            Of the same recording.

        Returns
        -------
        explanation : Explanation
            The same where the isoelectric line is the reference.
        deflection : (12, m) float64, mV, or None
            What the weights then multiply, on the beat; None where the explanation is the same.
        """
        if self.reference is None:
            return explanation, None
        from cine_mapping.reference_beat import NAME

        placed = self.reference.place(beat.r_peaks, explanation.signal.shape[1], explanation.fs)
        other = explanation.against(placed, NAME)
        return other, fold_mean(other.deflection, beat)

    def columns(self, record: Record, plan: Modalities, explanation: Explanation) -> list[dict[str, Any]]:
        """Give the further columns, a row for each label of an explanation.

        Parameters
        ----------
        record : Record
        plan : Modalities
        explanation : Explanation
            Against the reference.

        Returns
        -------
        list of dict
            In the order of its classes.
        """
        rows: list[dict[str, Any]] = [{} for _ in explanation.classes]
        if self.reference is not None:
            _fill(rows, "constant", explanation.constant.tolist())
        if self.more.credible:
            _fill(rows, "credible", [_credible(plan, explanation, label) for label in explanation.classes])
        if self.more.spread:
            _fill(rows, "spread", self._spread(record, plan, explanation))
        if self.more.clusters:
            _fill(rows, "clusters", self._clusters(plan, explanation))
        return rows

    def _spread(self, record: Record, plan: Modalities, explanation: Explanation) -> Iterator[dict[str, Any]]:
        from imn.few_labels import explain_few

        chosen = [self.model.classes.index(label) for label in explanation.classes]
        apart = [explain_few(one, [record], lambda _: chosen)[0].explanation for one in self.members]
        if self.reference is not None:
            name = explanation.reference_name
            apart = [one.against(explanation.reference, name) for one in apart]
        for label in explanation.classes:
            drawn = [average(plan.apply(one, label, statements=self.more.statements)) for one in apart]
            net = np.stack([held.supporting + held.opposing for held in drawn])
            own = average(plan.apply(explanation, label, statements=self.more.statements))
            whole = own.amount
            yield {
                "share": float(net.std(axis=0).sum() / whole) if whole else 0.0,
                "regions": _named(np.std([_by_region(one, plan) for one in net], axis=0)),
            }

    def _clusters(self, plan: Modalities, explanation: Explanation) -> Iterator[list[dict[str, Any]]]:
        from cine_mapping.cluster_waves import beat_states, state_shares, typical
        from imn.clusters.sequence import read_sequence

        if self.clusters is None:
            return
        sequence = read_sequence(self.model, self.clusters, explanation)
        present = np.unique(sequence.clusters)
        hard = sequence.hard[present]
        waves = typical(state_shares(hard, beat_states(plan.beat)))
        for label in explanation.classes:
            weights = hard @ explanation.evidence_for(label).sum(axis=0)
            facts = zip(present.tolist(), waves, hard.mean(axis=1).tolist(), weights.tolist(), strict=True)
            yield [dict(zip(("number", "wave", "time", "weight"), told, strict=True)) for told in facts]


def _fill(rows: Sequence[dict[str, Any]], name: str, values: Any) -> None:
    for row, value in zip(rows, values, strict=True):
        row[name] = value


def _credible(plan: Modalities, explanation: Explanation, label: str) -> dict[str, Any] | None:
    """Give the credible region of a label, as the part of each region's surface that is in it."""
    found = plan.credible(explanation, label)
    if found is None:
        return None
    areas = plan.anatomy.heart.areas
    whole, inside = _by_region(areas, plan), _by_region(areas * found.region, plan)
    parts = np.divide(inside, whole, out=np.zeros(len(REGIONS)), where=whole > 0)
    facts = {"family": found.family, "share": found.share, "stands_out": found.stands_out}
    return facts | {"regions": _named(parts)}


def _by_region(values: NDArray[np.float64], plan: Modalities) -> NDArray[np.float64]:
    return np.bincount(plan.anatomy.region, weights=values, minlength=len(REGIONS)).astype(float)


def _named(parts: NDArray[np.float64]) -> dict[str, float]:
    return dict(zip(REGIONS, parts.tolist(), strict=True))
