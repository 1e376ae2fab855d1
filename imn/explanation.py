"""What the network says about one recording, and the evidence it says it on."""

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from imn.described import Described
from imn.errors import InputError
from imn.labels import default_label

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ISOELECTRIC = "isoelectric"
"""Name of the reference that is zero throughout: the isoelectric line itself."""
SAID = 5
"""Classes that are named where an explanation says what it is."""


@dataclass(frozen=True, eq=False, repr=False)
class Explanation(Described):
    """Logits of one recording with the weights and signal they are the sum of.

    ``logit[k] == (weights[k] * (signal - reference)).sum() + bias[k]``: nothing
    else enters, so ``evidence = weights * (signal - reference)`` is all of the
    decision but the bias, and the bias is a constant plus what the weights make
    of the reference.  Against zero an absent wave earns nothing; against a
    reference that has the wave its absence is evidence too.

    Parameters
    ----------
    record_id : str
    fs : float, Hz
        The recording's own sampling rate; all arrays live on its samples.
    model : str
        Name and content hash of the weights used.
    classes : tuple of str
    logits : (k,) float64
    bias : (k,) float64
        What is not evidence.  Against the isoelectric line one constant per class,
        the same for every recording; see `constant`.
    weights : (k, 12, n) float32, logit per mV
    signal : (12, n) float32, mV
        The recording minus its isoelectric baseline.
    reference : (12, n) float32, mV
        What the signal is compared with; zero by default (and then no memory is used for it).
    reference_name : str
    weight_spread : (k, 12, n) float32, logit per mV, optional
        Standard deviation of the weights over the members of an ensemble.
    """

    record_id: str
    fs: float
    model: str
    classes: tuple[str, ...]
    logits: NDArray[np.float64]
    bias: NDArray[np.float64]
    weights: NDArray[np.float32]
    signal: NDArray[np.float32]
    reference: NDArray[np.float32] = field(default_factory=lambda: np.zeros((), np.float32))
    reference_name: str = ISOELECTRIC
    weight_spread: NDArray[np.float32] | None = None

    def __post_init__(self) -> None:
        # A view of one zero where nothing else was given: shape without memory.
        object.__setattr__(self, "reference", np.broadcast_to(self.reference, self.signal.shape))

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Sigmoid of the logits, (k,) float64."""
        return sigmoid(self.logits)

    @property
    def constant(self) -> NDArray[np.float64]:
        """Bias without the reference's part: the same for every recording, (k,) float64, logit."""
        return self.bias - _sums(self.weights, self.reference)

    @property
    def deflection(self) -> NDArray[np.float64]:
        """What the weights multiply, signal minus reference, (12, n) float64, mV."""
        return np.subtract(self.signal, self.reference, dtype=float)

    @property
    def evidence(self) -> NDArray[np.float32]:
        """Share of each lead and sample in each logit, (k, 12, n) float32."""
        return self.weights * self.deflection.astype(np.float32)

    @property
    def spread(self) -> NDArray[np.float32]:
        """Standard deviation of the evidence over the members, (k, 12, n) float32, logit.

        Over the members at hand, not an estimate for members unseen (divided by
        their number, not one less); zero where there is one.

        Raises
        ------
        ValueError
            If the recording was explained without it.
        """
        if self.weight_spread is None:
            msg = "the spread was not asked for; explain the recording with spread=True"
            raise ValueError(msg)
        return self.weight_spread * np.abs(self.deflection).astype(np.float32)

    def against(self, reference: ArrayLike, name: str) -> "Explanation":
        """Give the same logits as evidence against another reference, exactly.

        Parameters
        ----------
        reference : (12, n) float, mV
            On the samples of the recording, above the isoelectric line.
        name : str
            What it is, such as "median beat".

        Returns
        -------
        Explanation

        Raises
        ------
        InputError
            If the reference has another shape, or a value that is not finite.
        """
        given = np.asarray(reference, dtype=np.float32)
        if given.shape != self.signal.shape or not np.isfinite(given).all():
            msg = (
                f"record {self.record_id}: expected a reference of {self.signal.shape} finite values in mV, "
                f"got {given.shape}; place it on the samples of the recording"
            )
            raise InputError(msg)
        bias = self.constant + _sums(self.weights, given)
        return replace(self, bias=bias, reference=given, reference_name=name)

    def index_of(self, label: str) -> int:
        """Place of a class among `classes`, and so in logits, bias and weights.

        Parameters
        ----------
        label : str

        Returns
        -------
        int

        Raises
        ------
        InputError
            If the model has no such class.
        """
        if label not in self.classes:
            msg = f"label must be one of {', '.join(self.classes)}, got {label!r}"
            raise InputError(msg)
        return self.classes.index(label)

    def evidence_for(self, label: str) -> NDArray[np.float64]:
        """Evidence for one class, which sums with its bias to its logit.

        Parameters
        ----------
        label : str
            One of `classes`.

        Returns
        -------
        (12, n) float64, logit

        Raises
        ------
        InputError
            If the model has no such class.
        """
        return self.weights[self.index_of(label)].astype(float) * self.deflection

    @property
    def completeness_error(self) -> float:
        """Largest ``|sum(evidence) + bias - logit|`` over the classes."""
        total = np.array([self.evidence_for(label).sum() for label in self.classes])
        return float(np.abs(total + self.bias - self.logits).max())

    @property
    def default_label(self) -> str:
        """The most probable superclass; of a model without superclasses its most probable label."""
        return default_label(self.classes, self.logits)

    def plot(self, label: str | None = None, *, layout: str = "3x4+1", title: str | None = None) -> "Figure":
        """Draw the recording on ECG paper with the evidence for one class behind the traces.

        Parameters
        ----------
        label : str, optional
            By default `default_label`.
        layout, title
            As in `Record.plot`.

        Returns
        -------
        matplotlib.figure.Figure
            Of the size and time of `Record.plot`.

        Raises
        ------
        InputError
            If the model has no such class, or there is no such layout.
        """
        from imn.plotting import drawing_of

        return drawing_of("explanation")(self, label or self.default_label, layout=layout, title=title)

    def _facts(self) -> dict[str, str]:
        likely = np.argsort(-self.logits)[:SAID]
        chances = [f"{self.classes[k]} {self.probabilities[k]:.2f}" for k in likely]
        others = len(self.classes) - len(chances)
        against = "" if self.reference_name == ISOELECTRIC else f"against the {self.reference_name}"
        return {
            "record": self.record_id,
            "probabilities": ", ".join(chances) + (f" and {others} more" if others else ""),
            "samples": f"{self.signal.shape[1]} samples at {self.fs:g} Hz",
            "reference": against,
            "model": self.model,
        }


@np.errstate(over="ignore")
def sigmoid(logits: ArrayLike) -> NDArray[np.float64]:
    """Give probabilities of logits; zero, without a warning, where exp is beyond floats.

    Parameters
    ----------
    logits : (...) float

    Returns
    -------
    (...) float64
        0 to 1.
    """
    return 1.0 / (1.0 + np.exp(-np.asarray(logits, dtype=float)))


def _sums(weights: NDArray[np.float32], signal: NDArray[np.float32]) -> NDArray[np.float64]:
    """``sum(weights[k] * signal)`` in double precision, (k,)."""
    if not signal.any():
        return np.zeros(len(weights))
    return np.einsum("klt,lt->k", weights, signal, dtype=float, optimize=False)
