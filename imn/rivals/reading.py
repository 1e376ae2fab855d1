"""A rival's evidence for one label of a recording, in the form of our own.

A network that weighs the recording itself (ours, the paper's) tells its own
weights.  Any other is asked by integrated gradients (Sundararajan et al., 2017)
from the isoelectric line: the mean gradient along the way is a weight per
millivolt too, and evidence is that weight times the voltage.  Either way the
weights are found at the network's rate and carried to the recording's samples
by the adjoint of the resampling (`imn.conditioning`), so that beat, heart and
averages take a rival as they take ours.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from imn.attribution.running import frozen
from imn.conditioning import Resampling, remove_baseline
from imn.ensemble import Ensemble
from imn.errors import InputError
from imn.explanation import Explanation
from imn.model import Model, check_record
from imn.network import Network
from imn.record import Record
from imn.storage import FS, load_members

STEPS = 50
AT_ONCE = 16_000
"""Samples of all leads that go through a network together, so that its gradients stay small."""
LONGEST_S = 120.0
"""Gradients of a longer recording take minutes and gigabytes."""
MULTIPLE = 4
"""Networks that halve the rate twice want a multiple; the last samples short of one are left out."""
EXACT = 1e-3
"""Share of the evidence, or logit if that is larger, up to which parts count as summing to the logit."""
OWN, GRADIENTS = "own evidence", "integrated gradients"


@dataclass(frozen=True, eq=False)
class Rival:
    """Networks that are read as one, and how they are asked.

    Parameters
    ----------
    name : str
        Name and content hash of the weights.
    kind : str
        Of the recipe, such as ``paper``.
    classes : tuple of str
    members : tuple of nn.Module
        In evaluation mode, each from (B, 12, n) float32, mV at 100 Hz to (B, k) logits.
    card : mapping
    how : str
        `OWN` or `GRADIENTS`.
    """

    name: str
    kind: str
    classes: tuple[str, ...]
    members: tuple[nn.Module, ...]
    card: Mapping[str, Any]
    how: str

    @property
    def title(self) -> str:
        """Name for a list: the network and how it is asked."""
        return f"{self.kind}, {self.how}"

    def explain(self, record: Record, label: str) -> Explanation:
        """Give what the rival says of one label, on the recording's own samples.

        Parameters
        ----------
        record : Record
        label : str

        Returns
        -------
        Explanation
            Of that label alone.  Its bias is what the rival says beside its evidence: for
            gradients the logit of the isoelectric line.

        Raises
        ------
        InputError
            If the rival has no such label, or the recording is too long or of no rate for it.
        """
        if label not in self.classes:
            msg = (
                f"{self.name}: expected a rival that reads {label}, got one that reads "
                f"{', '.join(self.classes)}; choose another label or another rival"
            )
            raise InputError(msg)
        if self.how == OWN and all(isinstance(member, Network) for member in self.members):
            return self._ours(record, label)
        return self._theirs(record, self.classes.index(label))

    def _ours(self, record: Record, label: str) -> Explanation:
        members = tuple(member for member in self.members if isinstance(member, Network))
        said = Model(self.name, self.classes, members, self.card).explain(record, spread=False)
        k = self.classes.index(label)
        one = {"logits": said.logits[[k]], "bias": said.bias[[k]], "weights": said.weights[[k]]}
        return Explanation(record.id, record.fs, self.name, (label,), signal=said.signal, **one)

    def _theirs(self, record: Record, k: int) -> Explanation:
        check_record(record)
        if record.duration > LONGEST_S:
            msg = (
                f"record {record.id}: expected at most {LONGEST_S:g} s for a rival, got "
                f"{record.duration:g} s; compare on a shorter stretch"
            )
            raise InputError(msg)
        signal = remove_baseline(record.signal, record.fs)
        resampling = Resampling.plan(signal.shape[1], record.fs, FS)
        seen = torch.as_tensor(resampling.apply(signal)[:, : resampling.n_out // MULTIPLE * MULTIPLE]).float()
        weigh = _own_weights if self.how == OWN else _mean_gradients
        with frozen(network := Ensemble(self.members)):
            weights, bias, logit = weigh(network, seen, k)
        whole = np.zeros((12, resampling.n_out), np.float32)
        whole[:, : weights.shape[1]] = weights
        carried = resampling.adjoint(whole).astype(np.float32)[None]
        said = {"logits": np.array([logit]), "bias": np.array([bias]), "weights": carried}
        found = Explanation(record.id, record.fs, self.name, (self.classes[k],), signal=signal, **said)
        if not all(hasattr(member, "intercepts") for member in self.members):
            return found
        # Such a network weighs z-scores: what it calls evidence is counted from each lead's mean.
        means = np.broadcast_to(signal.mean(axis=1, keepdims=True), signal.shape)
        return found.against(means, "mean of each lead")


def conserves(said: Explanation) -> bool:
    """Tell whether evidence and bias sum to the logit, of a rival's explanation.

    Parameters
    ----------
    said : Explanation

    Returns
    -------
    bool
        Up to `EXACT` of its evidence.
    """
    evidence = said.evidence_for(said.classes[0])
    return said.completeness_error <= EXACT * max(1.0, float(np.abs(evidence).sum()))


def _own_weights(network: Ensemble, seen: Tensor, k: int) -> tuple[NDArray[np.float32], float, float]:
    """Weights (12, n) per millivolt that the members state, what they leave, and the logit."""
    with torch.inference_mode():
        weights = network.weights(seen[None])[0, k]
        logit = network(seen[None])[0, k]
    return weights.numpy(), float(logit - (weights * seen).sum()), float(logit)


def _mean_gradients(
    network: nn.Module, seen: Tensor, k: int, *, steps: int = STEPS
) -> tuple[NDArray[np.float32], float, float]:
    """Mean gradient (12, n) from the isoelectric line to the signal, and the logits of both.

    By Gauss-Legendre steps, as `imn.attribution.methods.integrated_gradients`, whose map is
    this times the signal.
    """
    nodes, shares = np.polynomial.legendre.leggauss(steps)
    total, size = torch.zeros_like(seen), max(1, AT_ONCE // seen.shape[1])
    for at in range(0, steps, size):
        way = torch.as_tensor((nodes[at : at + size] + 1) / 2).float()
        share = torch.as_tensor(shares[at : at + size] / 2).float()
        points = (way[:, None, None] * seen).requires_grad_()
        (slopes,) = torch.autograd.grad((network(points)[:, k] * share).sum(), points)
        total += slopes.sum(0)
    with torch.inference_mode():
        nothing, logit = network(torch.stack([torch.zeros_like(seen), seen]))[:, k].tolist()
    return total.numpy(), nothing, logit


def load_rival(path: Path | str) -> Rival:
    """Read any network of this package's files as a rival.

    Parameters
    ----------
    path : path
        A ``.safetensors`` file with its ``.json`` card beside it.

    Returns
    -------
    Rival
        Asked for its own evidence where it has any, else by integrated gradients.

    Raises
    ------
    InputError
        If the file or its card is missing, damaged, or of another kind.
    """
    stored = load_members(path)
    kind = str(stored.card["recipe"]["model"])
    how = OWN if all(hasattr(member, "weights") for member in stored.members) else GRADIENTS
    return Rival(stored.name, kind, stored.classes, stored.members, stored.card, how)


def by_gradients(name: str, classes: Sequence[str], members: Sequence[nn.Module]) -> Rival:
    """Make a rival of a network itself, asked by integrated gradients instead of its own evidence.

    Parameters
    ----------
    name : str
        Name and content hash of the weights.
    classes : sequence of str
    members : sequence of nn.Module
        As in `Rival`.

    Returns
    -------
    Rival
    """
    return Rival(name, "this network", tuple(classes), tuple(members), {}, GRADIENTS)
