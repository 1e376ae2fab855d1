"""Local fidelity, infidelity and bias share on classifiers of known answers."""

import numpy as np
import pytest
import torch

from imn.attribution.fidelity import (
    bias_share,
    cosine,
    infidelity,
    input_gradient,
    local_fidelity,
    local_model_infidelity,
    noisy_neighbours,
    removal_masks,
    remove,
)
from imn.errors import InputError
from imn.leads import EXPANSION, IDENTIFIED
from tests.attribution_toys import Convolutional, Linear, Square

N = 100
TARGET = torch.tensor([0, 2, 1])
FIRST = torch.zeros(3, dtype=torch.int64)


@pytest.fixture
def signal():
    """Three physically possible recordings."""
    eight = np.random.default_rng(0).normal(size=(3, 8, N))
    return torch.from_numpy(EXPANSION @ eight)


def test_a_linear_classifier_is_read_perfectly(signal):
    linear = Linear(N)
    masks = removal_masks(signal)
    np.testing.assert_allclose(local_fidelity(linear, signal, TARGET, identified=False), 1)
    np.testing.assert_allclose(local_fidelity(linear, signal, TARGET), 1)
    for neighbours in (noisy_neighbours(signal), remove(signal, masks)):
        assert local_model_infidelity(linear, signal, TARGET, neighbours).per_record.max() < 1e-12
    maps = (linear.w[TARGET] * signal).detach().numpy()
    assert infidelity(linear, signal, TARGET, maps, masks).pooled < 1e-12


def test_the_gradient_is_that_of_finite_differences(signal):
    net = Convolutional()
    gradient = input_gradient(net, signal, TARGET)
    step = torch.zeros_like(signal)
    step[:, 4, 37] = 1e-5
    net.eval()
    with torch.no_grad():
        rise = (net(signal + step) - net(signal - step))[range(3), TARGET].numpy() / 2e-5
    np.testing.assert_allclose(gradient[:, 4, 37], rise, rtol=1e-6)


def test_weights_parallel_to_the_gradient_may_still_forecast_badly(signal):
    """Half the gradient explains 1 - 1/4 of the variance of small changes, whatever its direction."""
    square = Square()
    np.testing.assert_allclose(local_fidelity(square, signal, FIRST), 1)
    near = local_model_infidelity(square, signal, FIRST, noisy_neighbours(signal, count=256, size=1e-4))
    np.testing.assert_allclose(near.per_record, 0.25, rtol=0.02)
    # Removal takes x * x / 2, which is just what the evidence says.
    masks = removal_masks(signal)
    assert infidelity(square, signal, FIRST, 0.5 * signal.numpy() ** 2, masks).pooled < 1e-12


def test_infidelity_of_a_wrong_map(signal):
    linear, masks = Linear(N), removal_masks(signal)
    right = (linear.w[TARGET] * signal).detach().numpy()

    def of(maps, rescale=False):
        return infidelity(linear, signal, TARGET, maps, masks, rescale=rescale).per_record

    np.testing.assert_allclose(of(0 * right), 1)
    np.testing.assert_allclose(of(-right), 4)
    np.testing.assert_allclose(of(7 * right, rescale=True), 0, atol=1e-12)
    np.testing.assert_allclose(of(-right, rescale=True), 1)  # no factor turns a map over
    np.testing.assert_allclose(of(0 * right, rescale=True), 1)


def test_cosine_sees_only_the_identified_part(signal):
    weights = np.random.default_rng(1).normal(size=(3, 12, N))
    unseen = (np.eye(12) - IDENTIFIED) @ np.random.default_rng(2).normal(size=(3, 12, N))
    np.testing.assert_allclose(cosine(weights, weights + 9 * unseen), 1)
    assert cosine(weights, weights + 9 * unseen, identified=False).max() < 0.5
    np.testing.assert_allclose(cosine(weights, -weights), -1)
    assert np.isnan(cosine(weights, 0 * weights)).all()


def test_noisy_neighbours_are_possible_and_of_the_stated_size(signal):
    signal[:, 7] *= 10
    noise = (noisy_neighbours(signal, count=64) - signal[:, None]).numpy()
    np.testing.assert_allclose(IDENTIFIED @ noise, noise, atol=1e-12)
    # The chest leads are independent of the others, so projection leaves their noise alone.
    ratio = noise[:, :, 6:].std((1, 3)) / signal[:, 6:].numpy().std(-1)
    np.testing.assert_allclose(ratio, 0.1, rtol=0.05)


def test_removal_masks_take_whole_windows_of_the_stated_share(signal):
    masks = removal_masks(signal, count=5, share=0.2)
    windows = masks.unflatten(-1, (10, 10))
    assert masks.shape == (3, 5, 12, N)
    assert (windows.all(-1) == windows.any(-1)).all()
    assert (windows.any(-1).sum((-1, -2)) == 24).all()
    assert torch.equal(masks[1:], removal_masks(signal[1:], count=5, share=0.2))
    assert not torch.equal(masks, removal_masks(signal, count=5, share=0.2, seed=1))


def test_bias_share_is_the_part_of_the_variance_outside_the_evidence():
    logits = np.random.default_rng(0).normal(size=(50, 3))
    biases = np.stack([np.full(50, 2.0), 0.5 * logits[:, 1], logits[:, 2]], 1)
    np.testing.assert_allclose(bias_share(biases, logits), [0, 0.25, 1], atol=1e-12)


def test_a_black_box_has_no_weights_to_compare(signal):
    with pytest.raises(InputError, match="Convolutional gives no weights"):
        local_fidelity(Convolutional(), signal, TARGET)
