"""One recording read by one network on one heart, for as many labels as are asked for."""

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any

from annotations.masks import anatomy_hash
from imn.explanation import Explanation
from imn.record import Record
from viewer.analysis import Analysis, analyse, default_target
from viewer.payload import Payload, to_bytes
from viewer.payload_content import payload_of
from viewer.sources import Opened

if TYPE_CHECKING:
    from annotations.annotation import Annotation
    from cine_mapping.anatomy import Anatomy
    from cine_mapping.myocardium import Myocardium
    from imn.model import Model

KEPT = 6
"""Labels whose maps are kept."""
_WORK = Lock()
"""One analysis at a time on a server: twenty users would otherwise take twenty times the memory."""


class _Once:
    """A network that reads a recording once and remembers what it said."""

    def __init__(self, model: "Model") -> None:
        self._model = model
        self._said: Explanation | None = None
        self._apart: list[_Once] | None = None
        self.card = model.card

    def explain(self, record: Record, **options: Any) -> Explanation:
        if self._said is None:
            self._said = self._model.explain(record, **options)
        return self._said

    def apart(self) -> "list[_Once]":
        if self._apart is None:
            self._apart = [_Once(model) for model in self._model.apart()]
        return self._apart


class Reading:
    """Analyses of one recording, made when a label is first asked for.

    Parameters
    ----------
    opened : Opened
    model : Model
    anatomy : Anatomy
    wall : Myocardium or None
        The anatomy's ventricles as a volume, if they are at hand.
    spread : bool
        Ask every network of the ensemble as well.
    """

    def __init__(
        self,
        opened: Opened,
        model: "Model",
        *,
        anatomy: "Anatomy",
        wall: "Myocardium | None" = None,
        spread: bool = True,
    ) -> None:
        self.opened, self.anatomy, self.model = opened, anatomy, model
        self._wall, self._spread = wall, spread
        self._once = _Once(model)
        self._analyses: OrderedDict[Any, Analysis] = OrderedDict()
        self._packed: OrderedDict[Any, tuple[str, bytes]] = OrderedDict()
        self._lock = RLock()

    @property
    def record(self) -> Record:
        """The recording."""
        return self.opened.record

    def explained(self) -> Explanation:
        """Give what the network says of the recording."""
        with _WORK:
            return self._once.explain(self.record)

    def target(self) -> str:
        """Give the label to begin with."""
        said = self.explained()
        return self.opened.target if self.opened.target in said.classes else default_target(said)

    def analysis(self, label: str, annotations: Sequence["Annotation"] = ()) -> Analysis:
        """Analyse the recording for a label and score the annotations of it."""
        marks = tuple(annotations)
        key = (label, marks)
        with self._lock:
            if key not in self._analyses:
                self._keep(self._analyses, key, self._analyse(label, marks))
            return self._analyses[key]

    def packed(self, label: str, annotations: Sequence["Annotation"] = ()) -> tuple[str, bytes]:
        """Give the payload of a label as its key and bytes."""
        marks = tuple(annotations)
        key = (label, marks)
        with self._lock:
            if key not in self._packed:
                payload: Payload = payload_of(self.analysis(label, marks), self.anatomy, annotations=marks)
                self._keep(self._packed, key, (payload.meta["key"], to_bytes(payload)))
            return self._packed[key]

    def _analyse(self, label: str, annotations: Sequence["Annotation"]) -> Analysis:
        model: Any = self._once
        mine = anatomy_hash(self.anatomy)
        annotations = [
            annotation
            for annotation in annotations
            if all(f.vertices is None or f.vertices.sha256 == mine for f in annotation.findings)
        ]
        with _WORK:
            return analyse(
                self.record,
                model,
                self.anatomy,
                target=label,
                annotations=annotations,  # those painted on this heart
                wall=self._wall,
                spread=self._spread,
            )

    @staticmethod
    def _keep(held: OrderedDict[Any, Any], key: Any, value: Any) -> None:
        held[key] = value
        while len(held) > KEPT:
            held.popitem(last=False)
