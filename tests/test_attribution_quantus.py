"""Our measures against Quantus' on cases small enough for both."""

import warnings

import numpy as np
import pytest
import torch
from torch import nn

from imn.attribution.fidelity import infidelity
from imn.attribution.perturbation import Protocol, perturb_by_map
from tests.attribution_toys import Convolutional

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    quantus = pytest.importorskip("quantus", reason="Quantus is not installed")

WINDOWS = 6
TARGET = torch.tensor([0, 2, 1])
OPTIONS = {"abs": False, "normalise": False, "disable_warnings": True, "perturb_baseline": 0.0}
CALL = {"softmax": False, "channel_first": True}
pytestmark = pytest.mark.filterwarnings("ignore")


def to_image(signal):
    """(B, 12, 24) to (B, 1, 24, 12): a window of four samples becomes a square patch of two by two."""
    return signal.reshape(-1, 12, WINDOWS, 2, 2).swapaxes(2, 3).reshape(-1, 1, 24, 2 * WINDOWS)


class Image(nn.Module):
    """Takes the recording as such an image: Quantus' patches are square."""

    def __init__(self, classifier):
        super().__init__()
        self.classifier = classifier

    def forward(self, image):
        windows = image.reshape(-1, 12, 2, WINDOWS, 2).swapaxes(2, 3)
        return self.classifier(windows.reshape(-1, 12, 4 * WINDOWS))


@pytest.fixture
def case():
    rng = np.random.default_rng(0)
    shape = (3, 12, 4 * WINDOWS)
    net = Image(Convolutional()).float().eval()
    return net, rng.normal(size=shape).astype("f4"), rng.normal(size=shape).astype("f4")


def protocol(steps, width):
    return Protocol(tuple(np.linspace(0, 1, steps + 1).tolist()), width=width)


def test_deletion_is_quantus_pixel_flipping(case):
    net, signal, maps = case
    metric = quantus.PixelFlipping(features_in_step=8, **OPTIONS)
    theirs = np.array(metric(net, to_image(signal), TARGET.numpy(), to_image(maps), **CALL))
    ours = perturb_by_map(net.classifier, torch.from_numpy(signal), TARGET, maps, protocol=protocol(36, 1))
    np.testing.assert_allclose(ours.deletion.logit[:, 1:], theirs, atol=1e-6)


def test_deletion_and_insertion_are_quantus_region_perturbation(case):
    """Quantus gives the fall from the whole signal; least relevant first is our insertion, backwards."""
    net, signal, maps = case
    most, least = (
        np.array(
            quantus.RegionPerturbation(patch_size=2, order=order, regions_evaluation=72, **OPTIONS)(
                net, to_image(signal), TARGET.numpy(), to_image(maps), **CALL
            )
        )
        for order in ("morf", "lerf")
    )
    ours = perturb_by_map(net.classifier, torch.from_numpy(signal), TARGET, maps, protocol=protocol(72, 4))
    whole = ours.deletion.logit[:, :1]
    np.testing.assert_allclose(whole - ours.deletion.logit[:, 1:], most, atol=1e-6)
    np.testing.assert_allclose(whole - ours.insertion.logit[:, -2::-1], least, atol=1e-6)


def test_infidelity_is_quantus(case):
    """Quantus' removals pile up, one more patch at each step, and its map is a gradient."""
    net, signal, gradient = case
    metric = quantus.Infidelity(perturb_patch_sizes=[2], n_perturb_samples=1, **OPTIONS)
    theirs = metric(net, to_image(signal), TARGET.numpy(), to_image(gradient), **CALL)
    patch = np.arange(12 * WINDOWS).reshape(12, WINDOWS).repeat(4, axis=1)
    removed = torch.from_numpy(patch <= np.arange(12 * WINDOWS)[:, None, None]).expand(3, -1, -1, -1)
    ours = infidelity(net.classifier, torch.from_numpy(signal), TARGET, gradient * signal, removed)
    np.testing.assert_allclose(ours.error, theirs, rtol=1e-4)
