"""Several networks read as one: means of weights and biases give the mean logit, exactly."""

from functools import partial

import pytest
import torch

from imn.ensemble import Ensemble
from tests.test_network import ARCHITECTURE, ecg, made

assert_exact = partial(torch.testing.assert_close, rtol=0.0, atol=1e-9)


@pytest.fixture(scope="module")
def members():
    networks = [made(ARCHITECTURE) for _ in range(3)]
    for i, network in enumerate(networks):
        torch.manual_seed(10 + i)
        network.head.weight.data.normal_(0, 0.5)
        network.bias.data.normal_()
    return networks


def test_mean_weights_and_biases_give_the_mean_logit(members):
    signal, both = ecg(2, 1003), Ensemble(members)
    sums = (both.weights(signal) * signal[:, None]).sum((2, 3)) + both.biases(signal)
    mean = sum(member(signal) for member in members) / 3
    assert_exact(both(signal), mean)
    assert_exact(sums, mean)
    assert (members[0](signal) - mean).abs().max() > 0.1


def test_parts_are_the_means_of_the_members(members):
    signal, target, both = ecg(2, 500), torch.tensor([1, 17]), Ensemble(members)
    weights = torch.stack([member.weights(signal) for member in members]).mean(0)
    assert_exact(both.weights(signal), weights)
    expected = weights[torch.arange(2), target] * signal
    assert_exact(both.evidence(signal, target), expected)
    assert torch.equal(both.biases(signal)[0], both.biases(signal)[1])


def test_one_network_is_its_own_mean(members):
    signal = ecg(2, 500)
    assert_exact(Ensemble(members[:1])(signal), members[0](signal))
    assert_exact(Ensemble(members[:1]).weights(signal), members[0].weights(signal))
