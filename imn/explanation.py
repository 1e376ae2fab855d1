"""What the network says about one recording, and the evidence it says it on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Explanation:
    """Logits of one recording with the weights and signal they are the sum of.

    ``logit[k] == (weights[k] * signal).sum() + bias[k]``: nothing else enters,
    so ``evidence = weights * signal`` is all of the decision.

    Parameters
    ----------
    record_id : str
    fs : float, Hz
        The recording's own sampling rate; weights and signal live on its samples.
    model : str
        Name and content hash of the weights used.
    classes : tuple of str
    logits : (k,) float64
    bias : (k,) float64
        One constant per class, the same for every recording.
    weights : (k, 12, n) float32, logit per mV
    signal : (12, n) float32, mV
        What the weights multiply: the recording minus its isoelectric baseline.
    """

    record_id: str
    fs: float
    model: str
    classes: tuple[str, ...]
    logits: NDArray[np.float64]
    bias: NDArray[np.float64]
    weights: NDArray[np.float32]
    signal: NDArray[np.float32]

    @property
    def probabilities(self) -> NDArray[np.float64]:
        """Sigmoid of the logits, (k,) float64."""
        return 1.0 / (1.0 + np.exp(-self.logits))

    @property
    def evidence(self) -> NDArray[np.float32]:
        """Share of each lead and sample in each logit, (k, 12, n) float32."""
        return self.weights * self.signal

    def evidence_for(self, label: str) -> NDArray[np.float64]:
        """Evidence for one class, (12, n) float64, logit.

        Raises
        ------
        ValueError
            If the model has no such class.
        """
        if label not in self.classes:
            msg = f"label must be one of {', '.join(self.classes)}, got {label!r}"
            raise ValueError(msg)
        return self.weights[self.classes.index(label)].astype(float) * self.signal

    @property
    def completeness_error(self) -> float:
        """Largest ``|sum(evidence) + bias - logit|`` over the classes."""
        total = np.array([self.evidence_for(label).sum() for label in self.classes])
        return float(np.abs(total + self.bias - self.logits).max())
