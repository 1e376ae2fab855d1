"""The decoders that the package ships, as one file, and the thresholds of their credible regions."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from string import ascii_lowercase

import numpy as np
from numpy.typing import NDArray

from cine_mapping.forward.heart import seated_reference
from cine_mapping.myocardium import Myocardium
from cine_mapping.operators.decoder import Decoder, plan_decoder
from imn.archives import check_shapes, read_archive
from imn.errors import InputError
from imn.files import replacing
from imn.perceptron import Perceptron
from imn.reading import refusal

SHIPPED = Path(__file__).parent / "decoders.npz"
FORMAT = "ecglocus-decoders-1"
WHAT, ADVICE = "whole decoders", "learn them anew"
_SHAPES = {"families": "f", "centres": "p4", "usual": "8b", "domains": "d", "origin": ""}


@dataclass(frozen=True, eq=False)
class Learned:
    """What was learned from simulated patients of one anatomy.

    Parameters
    ----------
    families : tuple of str
    centres : (p, 4) float32, mm
        Of the patches.
    usual : (8, b) float32, mV
        Mean normal beat: the reference of the domain ``generic``.
    perceptrons : mapping of str to Perceptron
        By domain.
    thresholds : mapping of str to (families,) float64
        By domain: a node belongs to the 80 % credible region of a family where
        its probability is above.
    presence : mapping of str to float
        By domain: below so high a probability anywhere a map says "no region".
    origin : str
        How it was made, in one sentence.
    """

    families: tuple[str, ...]
    centres: NDArray[np.float32]
    usual: NDArray[np.float32]
    perceptrons: Mapping[str, Perceptron]
    thresholds: Mapping[str, NDArray[np.float64]]
    presence: Mapping[str, float]
    origin: str

    def plan(self, domain: str, myocardium: Myocardium | None = None) -> Decoder:
        """Prepare the decoder of a domain on the heart that was learned on.

        Parameters
        ----------
        domain : str
        myocardium : Myocardium, optional
            Where it lay when its patients were drawn about it: centres are places
            of that frame.  By default the reference as it is seated for simulations.

        Returns
        -------
        Decoder

        Raises
        ------
        InputError
            If there is none for the domain.
        """
        if domain not in self.perceptrons:
            msg = f"expected a domain among {', '.join(self.perceptrons)}, got {domain!r}; choose one of them"
            raise InputError(msg)
        heart = myocardium or seated_reference()
        return plan_decoder(domain, self.families, self.perceptrons[domain], heart, self.centres)


def save_learned(learned: Learned, path: Path) -> Path:
    """Write to one file, weights in half precision.

    Parameters
    ----------
    learned : Learned
    path : Path

    Returns
    -------
    Path
        Of the file.
    """
    arrays: dict[str, NDArray] = {
        "format": np.array(FORMAT),
        "families": np.array(learned.families),
        "centres": learned.centres,
        "usual": learned.usual,
        "origin": np.array(learned.origin),
        "domains": np.array(list(learned.perceptrons)),
    }
    for domain, net in learned.perceptrons.items():
        arrays |= {f"{domain}/mean": net.mean, f"{domain}/scale": net.scale}
        arrays[f"{domain}/thresholds"] = np.asarray(learned.thresholds[domain])
        arrays[f"{domain}/presence"] = np.asarray(learned.presence[domain])
        for i, (weight, bias) in enumerate(zip(net.weights, net.biases, strict=True)):
            arrays |= {f"{domain}/weight{i}": weight.astype(np.float16), f"{domain}/bias{i}": bias}
    with replacing(path) as draft, draft.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)
    return path


def load_learned(path: Path) -> Learned:
    """Read what `save_learned` wrote.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Learned

    Raises
    ------
    InputError
        If it is no such file.
    """
    held = read_archive(path, WHAT, advice=ADVICE, form=FORMAT, shapes=_SHAPES)
    try:
        return _learned(held)
    except ValueError as error:
        raise refusal(path, f"expected {WHAT}, found {error}", ADVICE) from error


def _learned(held: Mapping[str, NDArray]) -> Learned:
    domains = [str(name) for name in held["domains"]]
    return Learned(
        families=tuple(str(name) for name in held["families"]),
        centres=held["centres"],
        usual=held["usual"],
        perceptrons={domain: _perceptron(held, domain) for domain in domains},
        thresholds={domain: held[f"{domain}/thresholds"] for domain in domains},
        presence={domain: float(held[f"{domain}/presence"]) for domain in domains},
        origin=str(held["origin"]),
    )


def _perceptron(held: Mapping[str, NDArray], domain: str) -> Perceptron:
    own = {name.removeprefix(f"{domain}/"): array for name, array in held.items()}
    shapes = {"families": "F", "thresholds": "F", "presence": "", "mean": "a", "scale": "a"}
    layers = sum(name.startswith("weight") for name in own)
    for i, (before, after) in enumerate(pairwise(ascii_lowercase[: layers + 1])):
        shapes |= {f"weight{i}": before + after, f"bias{i}": after}
    check_shapes(own, shapes)
    return Perceptron(
        own["mean"],
        own["scale"],
        tuple(own[f"weight{i}"].astype(np.float32) for i in range(layers)),
        tuple(own[f"bias{i}"] for i in range(layers)),
    )


@lru_cache(maxsize=1)
def shipped() -> Learned:
    """Read the decoders of the reference anatomy."""
    return load_learned(SHIPPED)


@lru_cache(maxsize=3)
def shipped_decoder(domain: str) -> Decoder:
    """Prepare one of them, once."""
    return shipped().plan(domain)
