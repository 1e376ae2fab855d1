"""One recording read by one network on one heart, for as many labels as are asked for."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any

from annotations.masks import anatomy_hash
from imn.explanation import Explanation
from imn.record import Record
from viewer.analysis import Analysis, analyse
from viewer.payload import to_bytes
from viewer.payload_content import payload_of
from viewer.payload_recording import Pages, no_page, recording_page
from viewer.rival_reading import NONE, RivalReading, chosen, read_rival, short_name
from viewer.sources import Opened

if TYPE_CHECKING:
    from annotations.annotation import Annotation
    from annotations.scores import Score
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
        self.card, self.name, self.members = model.card, model.name, model.members

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
        self._scores: OrderedDict[Any, tuple[Score, ...]] = OrderedDict()
        self._rivals: OrderedDict[Any, RivalReading] = OrderedDict()
        self._packed: OrderedDict[Any, tuple[str, bytes]] = OrderedDict()
        self._lock = RLock()

    @property
    def record(self) -> Record:
        """The recording."""
        return self.opened.record

    def explained(self) -> Explanation:
        """Give what the network says of the recording.

        Returns
        -------
        Explanation

        Raises
        ------
        InputError
            As `imn.explain`.
        """
        with _WORK:
            return self._once.explain(self.record)

    def target(self) -> str:
        """Give the label to begin with."""
        said = self.explained()
        return self.opened.target if self.opened.target in said.classes else said.default_label

    def analysis(self, label: str) -> Analysis:
        """Analyse the recording for a label; made once, and kept for the last few labels.

        Parameters
        ----------
        label : str
            One of the model's classes.

        Returns
        -------
        Analysis
            Without scores.

        Raises
        ------
        InputError
            As `viewer.analysis.analyse`.
        """
        with self._lock:
            if label not in self._analyses:
                with _WORK:
                    made = self._analyse(label, (), self._spread)
                self._keep(self._analyses, label, made)
            return self._analyses[label]

    def is_scored(self, label: str, annotations: Sequence["Annotation"]) -> bool:
        """Tell whether `scored`, with the same arguments, would answer at once."""
        marks = self._of_label(label, annotations)
        return not marks or (label, marks) in self._scores

    def scored(self, label: str, annotations: Sequence["Annotation"]) -> Analysis:
        """Analyse it and score what raters marked for the label; the baselines take some seconds.

        Parameters
        ----------
        label : str
        annotations : sequence of Annotation
            Those without the label, or painted on another heart, do not count.

        Returns
        -------
        Analysis

        Raises
        ------
        InputError
            As `viewer.analysis.analyse`.
        """
        marks = self._of_label(label, annotations)
        if not marks:
            return self.analysis(label)
        plain, key = self.analysis(label), (label, marks)
        with self._lock:
            if key not in self._scores:
                self._keep(self._scores, key, self._analyse(label, marks, False).scores)
            return replace(plain, scores=self._scores[key])

    def seen(self, label: str, annotations: Sequence["Annotation"] = (), *, rival: str = NONE) -> Analysis:
        """Give what is known of a label at once, and what a rival says of it, which may take a while.

        Parameters
        ----------
        label : str
        annotations : sequence of Annotation
        rival : str
            Of `viewer.rival_reading.choices`.

        Returns
        -------
        Analysis

        Raises
        ------
        InputError
            If the rival cannot be read, has no such label, or cannot read such a recording.
        """
        held = self.scored(label, annotations) if self.is_scored(label, annotations) else self.analysis(label)
        return replace(held, rival=self._rival(held, rival)) if rival != NONE else held

    def packed(
        self,
        label: str,
        annotations: Sequence["Annotation"] = (),
        *,
        rival: str = NONE,
        whole_leads: bool = False,
    ) -> tuple[str, bytes]:
        """Give the payload of a label, with the scores that are already known.

        Parameters
        ----------
        label, annotations, rival
            As in `seen`.
        whole_leads : bool
            As in `payload_of`.

        Returns
        -------
        key : str
        content : bytes
            Of `viewer.payload.to_bytes`.
        """
        marks = tuple(annotations)
        with self._lock:
            known = self.is_scored(label, marks)
            key = (label, marks, known, rival, whole_leads)
            if key not in self._packed:
                held = self.seen(label, marks, rival=rival)
                payload = payload_of(held, self.anatomy, annotations=marks, whole_leads=whole_leads)
                self._keep(self._packed, key, (payload.meta["key"], to_bytes(payload)))
            return self._packed[key]

    def page(self, label: str, number: int | None) -> bytes:
        """Give one page of a long recording as bytes.

        Parameters
        ----------
        label : str
        number : int or None
            From 0; None gives what says that none was asked for.

        Returns
        -------
        bytes
            Of `viewer.payload.to_bytes`.
        """
        held = self.analysis(label)
        return to_bytes(no_page(held) if number is None else recording_page(held, number))

    def more_pages(self, label: str) -> Iterator[bytes]:
        """Give the pages of a long recording that its payload does not hold.

        Parameters
        ----------
        label : str

        Returns
        -------
        iterator of bytes
            Each as `page` gives it, from the second on.
        """
        count = Pages.of(self.analysis(label)).count
        return (self.page(label, number) for number in range(1, count))

    def _rival(self, analysis: Analysis, choice: str) -> RivalReading:
        key = (analysis.target, choice)
        with self._lock:
            if key not in self._rivals:
                with _WORK:
                    rival = chosen(choice, self.model)
                    name = short_name(choice)
                    made = read_rival(analysis, self.anatomy, rival, name=name, wall=self._wall)
                self._keep(self._rivals, key, made)
            return self._rivals[key]

    def _of_label(self, label: str, annotations: "Sequence[Annotation]") -> "tuple[Annotation, ...]":
        """Annotations that say something of a label and can be laid on this heart."""
        mine = anatomy_hash(self.anatomy)
        return tuple(
            annotation
            for annotation in annotations
            if all(f.vertices is None or f.vertices.sha256 == mine for f in annotation.findings)
            and any(finding.label == label for finding in annotation.findings)
        )

    def _analyse(self, label: str, annotations: "Sequence[Annotation]", spread: bool) -> Analysis:
        model: Any = self._once
        return analyse(
            self.record,
            model,
            self.anatomy,
            target=label,
            annotations=annotations,
            wall=self._wall,
            spread=spread,
            # a second run for the scores alone has no use for them
            clusters=not annotations,
        )

    @staticmethod
    def _keep(held: OrderedDict[Any, Any], key: Any, value: Any) -> None:
        held[key] = value
        while len(held) > KEPT:
            held.popitem(last=False)
