"""Every model and every method, measured on the same recordings.

A *measurement* is one subject read by one method.  Each is kept in the run
folder as soon as it is made, so that a run that was cut continues, and
several can be made at once; `imn.attribution.tables` puts them together.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from functools import partial
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from time import perf_counter
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from tqdm import tqdm

from imn.archives import read_archive
from imn.attribution.fidelity import (
    infidelity,
    local_fidelity,
    local_model_infidelity,
    noisy_neighbours,
    removal_masks,
    remove,
)
from imn.attribution.methods import METHODS
from imn.attribution.noise import KINDS, Noise
from imn.attribution.perturbation import perturb_by_map
from imn.attribution.sanity import cascade
from imn.attribution.stability import map_correlation, max_sensitivity
from imn.attribution.subjects import SUBJECTS, Subject, load, weights_path
from imn.attribution.windows import window_sums
from imn.conditioning import remove_baseline
from imn.ensemble import Ensemble
from imn.files import replacing
from imn.labels import SUPERCLASSES
from imn.ptbxl import FS, Entry, labels, read_index, read_signals

CONTROLS = ("random", "signal_energy")
WITHOUT_UNIT = ("saliency", "guided_gradcam", *CONTROLS)
"""Maps that are given the best factor before they forecast a fall of the logit."""
Arrays = dict[str, NDArray[np.float64]]


@dataclass(frozen=True)
class Size:
    """How many recordings each kind of measurement takes; the first ones of one shuffled order.

    Parameters
    ----------
    fold : int
    records : int
        Maps, deletion and insertion, seeds.
    occluded : int
        The same by occlusion, at 1,201 forward passes each.
    disturbed : int
        Noise and weight randomisation.
    draws : int
        Of each kind of noise.
    snr_db : float
    stages : int
        Of weight randomisation.
    """

    fold: int = 9
    records: int = 48
    occluded: int = 8
    disturbed: int = 6
    draws: int = 2
    snr_db: float = 15.0
    stages: int = 4

    def of(self, method: str) -> int:
        """Give how many recordings a method is measured on."""
        return self.occluded if method == "occlusion" else self.records


@dataclass(frozen=True, eq=False)
class Cases:
    """Recordings in the order of measurement, and the label that is explained in each.

    Parameters
    ----------
    entries : tuple of Entry
        Every recording of the fold.
    signal : (r, 12, n) float32 Tensor, mV
    truth : (r, k) bool
    chosen : (m,) int64
        Recordings that are explained, those with a superclass, in shuffled order.
    target : (m,) int64 Tensor
        One of the recording's own superclasses; drawn where it has several.
    """

    entries: tuple[Entry, ...]
    signal: Tensor
    truth: NDArray[np.bool_]
    chosen: NDArray[np.int64]
    target: Tensor

    def first(self, count: int) -> tuple[Tensor, Tensor]:
        """Give signal and target of the first recordings to explain."""
        return self.signal[self.chosen[:count]], self.target[:count]


def read_cases(data: Path, fold: int) -> Cases:
    """Read a fold and choose what to explain, the same for every subject.

    Parameters
    ----------
    data : Path
        Root folder of PTB-XL.
    fold : int

    Returns
    -------
    Cases
    """
    entries = read_index(data, [fold])
    signal = torch.from_numpy(remove_baseline(read_signals(entries), FS))
    truth, rng = labels(entries).astype(bool), np.random.default_rng(0)
    order = rng.permutation(len(entries))
    named = [i for i in order if truth[i, : len(SUPERCLASSES)].any()]
    target = [int(rng.choice(np.flatnonzero(truth[i, : len(SUPERCLASSES)]))) for i in named]
    return Cases(entries, signal, truth, np.array(named), torch.tensor(target))


def measure_all(data: Path, models: Path, size: Size, *, workers: int = 1) -> None:
    """Make every measurement that the run folder lacks.

    Parameters
    ----------
    data : Path
        Root folder of PTB-XL.
    models : Path
        As `imn.attribution.subjects.train_all` leaves it; gets ``measured/*.npz``.
    size : Size
    workers : int
        Processes at work.
    """
    left = [
        (subject, method)
        for subject in SUBJECTS
        for method in ("", *subject.methods, *CONTROLS)
        if not measurement_path(models, subject, method, size).exists()
    ]
    # Longest first, so that no worker is left alone with one at the end.
    left.sort(key=lambda pair: (pair[0].model != "paper", -pair[0].members, pair[1] != "occlusion"))
    make = partial(_make, data, models, size)
    if workers == 1:
        for pair in tqdm(left, desc="measure", disable=None):
            make(pair)
        return
    # Forking a process in which torch has threads would hang.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        for _ in tqdm(pool.map(make, left), total=len(left), desc="measure", disable=None):
            pass


def measurement_path(models: Path, subject: Subject, method: str, size: Size) -> Path:
    """Name the file of a measurement, see `measure_all`, by what decides it; "" for the own figures."""
    sizes = "-".join(f"{value:g}" for value in asdict(size).values())
    digest = sha256()
    for side in "ab":
        digest.update(weights_path(subject, models, side).read_bytes())
    name = f"{subject.name.replace(', ', '-')}-{method or 'logits'}-{digest.hexdigest()[:8]}.npz"
    return models / "measured" / sizes / name


def _make(data: Path, models: Path, size: Size, pair: tuple[Subject, str]) -> None:
    subject, method = pair
    torch.set_num_threads(1)
    cases = read_cases(data, size.fold)
    one, other = (load(subject, models, side) for side in "ab")
    found = measure(one, other, method, cases, size) if method else own_figures(one, cases)
    path = measurement_path(models, subject, method, size)
    path.parent.mkdir(parents=True, exist_ok=True)
    with replacing(path) as draft, draft.open("wb") as file:
        np.savez(file, allow_pickle=False, **found)


@torch.inference_mode()
def own_figures(network: nn.Module, cases: Cases) -> Arrays:
    """Measure what a subject says, and where its bias stands.

    Parameters
    ----------
    network : nn.Module
    cases : Cases

    Returns
    -------
    dict
        ``logits`` and, of a self-explaining one, ``biases`` (r, k); ``cosine`` of weights and gradient;
        ``noise_error``, ``noise_scale`` and the like for ``removal``: `Infidelity` of the linear model.
    """
    found = {"logits": _by_batch(network, cases.signal)}
    if not hasattr(network, "weights"):
        return found
    found["biases"] = _by_batch(cast(Ensemble, network).biases, cases.signal)
    signal, target = cases.first(48)
    with torch.inference_mode(False):
        found["cosine"] = local_fidelity(network, signal, target)
    near = noisy_neighbours(signal, count=8)
    removed = remove(signal, removal_masks(signal, count=8))
    for name, neighbours in (("noise", near), ("removal", removed)):
        error = local_model_infidelity(network, signal, target, neighbours)
        found |= {f"{name}_error": error.error, f"{name}_scale": error.scale}
    return found


def _by_batch(function: Callable[[Tensor], Tensor], signal: Tensor) -> NDArray[np.float64]:
    return torch.cat([function(part) for part in signal.split(32)]).double().numpy()


def measure(one: nn.Module, other: nn.Module, method: str, cases: Cases, size: Size) -> Arrays:
    """Measure one method on one subject.

    Parameters
    ----------
    one, other : nn.Module
        The subject, trained from two sets of seeds.
    method : str
    cases : Cases
    size : Size

    Returns
    -------
    dict of arrays, one value per recording
        ``seed`` and ``seed_windows`` correlation; ``deletion``, ``between``
        (`Perturbation.area_between`) each in logits and probability;
        ``error, scale`` of infidelity; sensitivity to each kind of noise;
        ``forgotten`` (stages, records): likeness to the map before; ``seconds``.
        Controls look at no network: their seeds agree and nothing is forgotten, which
        tells how much of each figure is the signal's own.
    """
    explain = METHODS[method]
    signal, target = cases.first(size.of(method))
    start = perf_counter()
    maps = explain(one, signal, target)
    seconds = (perf_counter() - start) / len(signal)
    found = {"seconds": np.array([seconds])} | _deletion(one, signal, target, maps)
    found |= _forecast(one, signal, target, maps, rescale=method in WITHOUT_UNIT)
    again = explain(other, signal, target)
    found["seed"] = map_correlation(maps, again)
    found["seed_windows"] = map_correlation(window_sums(maps), window_sums(again))
    if method == "occlusion":
        return found
    signal, target = cases.first(size.disturbed)
    for kind in KINDS:
        noise = Noise(kind, size.snr_db)
        found[kind] = max_sensitivity(partial(explain, one), signal, target, noise=noise, draws=size.draws)
    stages = cascade(one, lambda network: explain(network, signal, target), stages=size.stages)
    found["forgotten"] = np.array([stage.likeness.signed for stage in stages[1:]])
    found["forgotten_magnitude"] = np.array([stage.likeness.magnitude for stage in stages[1:]])
    return found


def _deletion(one: nn.Module, signal: Tensor, target: Tensor, maps: NDArray[np.floating]) -> Arrays:
    curves = perturb_by_map(one, signal, target, maps)
    return {
        f"{name}_{scale}": value
        for scale in ("logit", "probability")
        for name, value in (
            ("deletion", curves.deletion.area(scale)),
            ("insertion", curves.insertion.area(scale)),
            ("between", curves.area_between(scale)),
        )
    }


def _forecast(
    one: nn.Module, signal: Tensor, target: Tensor, maps: NDArray[np.floating], *, rescale: bool
) -> Arrays:
    masks = removal_masks(signal, count=8)
    error = infidelity(one, signal, target, maps, masks, rescale=rescale)
    return {"error": error.error, "scale": error.scale}


def read_measurements(
    models: Path, size: Size, subjects: Sequence[Subject] = SUBJECTS
) -> dict[tuple[str, str], Arrays]:
    """Read back every measurement, by subject and method ("" for its own figures); see `measure_all`."""
    found: dict[tuple[str, str], Arrays] = {}
    for subject in subjects:
        for method in ("", *subject.methods, *CONTROLS):
            path = measurement_path(models, subject, method, size)
            found[subject.name, method] = read_archive(path, "a measurement", advice="measure it first")
    return found
