"""Receptive fields of the sampling-rate study, counted on the networks themselves."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from imn.rivals.sampling_cnn import SamplingCNN
from imn.sampling.arms import ARMS, CNN, CUT, FAST, HELD, RATES, SLOW, Arm
from imn.sampling.cnn_lstm import CNNLSTM
from imn.sampling.fields import HELD_S, PUBLISHED, SHORT_S, Field, field_for

CNN_ARMS = [arm for arm in ARMS if arm.network == CNN]


def positive(network: nn.Module) -> nn.Module:
    """Make every path through the network count: positive weights, means in place of maxima."""
    for module in network.modules():
        if isinstance(module, nn.Conv1d):
            module.weight.data.fill_(0.1)
    return network.eval()


def counted(stages: nn.Module, n: int) -> int:
    """Samples of the input that a feature in the middle depends on, first to last."""
    x = torch.ones(1, 12, n, requires_grad=True)
    features = stages(x)
    features[0, 0, features.shape[-1] // 2].backward()
    assert x.grad is not None
    reached = torch.nonzero(x.grad[0].abs().sum(0))
    return int(reached.max() - reached.min() + 1)


@pytest.mark.parametrize("arm", CNN_ARMS, ids=lambda arm: arm.name)
def test_closed_form_is_what_the_network_sees(arm):
    assert arm.field is not None
    network = positive(SamplingCNN(1, arm.field))
    means = [nn.AvgPool1d(2) if isinstance(m, nn.MaxPool1d) else m for m in network.features]  # pyright: ignore
    assert counted(nn.Sequential(*means), 2000) == arm.field.samples


def test_published_fields():
    assert PUBLISHED.samples == 54
    assert [round(PUBLISHED.seconds(fs), 3) for fs in RATES] == [0.871, 0.54, 0.216, 0.108]
    assert counted(positive(CNNLSTM(1)).features, 9000) == 2551  # pyright: ignore[reportArgumentType]


def test_published_sizes():
    def size(network: nn.Module) -> int:
        return sum(p.numel() for p in network.parameters())

    assert size(SamplingCNN(2)) == 154_146
    assert size(CNNLSTM(2)) == 1_503_642
    for fs in RATES:
        assert size(SamplingCNN(2, field_for(fs, HELD_S))) == 154_146


def test_steps_of_the_recurrent_part():
    network = CNNLSTM(1).eval()
    lengths = [network.features(torch.zeros(1, 12, round(10 * fs))).shape[-1] for fs in RATES]
    assert lengths == [3, 4, 10, 20]


def test_field_is_constant_in_seconds():
    for fs in RATES:
        assert field_for(fs, HELD_S).seconds(fs) == pytest.approx(HELD_S, rel=0.02)
    assert field_for(62, HELD_S) == PUBLISHED
    assert field_for(SLOW, SHORT_S).seconds(SLOW) == pytest.approx(SHORT_S, abs=1 / SLOW)


@given(fs=st.floats(62.0, 1000.0))
def test_field_is_held_at_any_rate(fs):
    found = field_for(fs, HELD_S)
    assert found.kernels == PUBLISHED.kernels
    assert abs(found.samples - HELD_S * fs) <= 8, "half a step of the coarsest convolution"
    assert max(found.dilations) - min(found.dilations) <= 1


def test_arms_are_those_asked_for():
    assert len(set(ARMS)) == len({arm.name for arm in ARMS}) == len(ARMS)
    fast = {(arm.network, arm.fs, arm.context) for arm in ARMS if arm.source == FAST}
    assert fast == {
        *(("CNN1D", fs, "as published") for fs in RATES),
        *(("CNN-LSTM", fs, "as published") for fs in RATES),
        *(("CNN1D", fs, HELD) for fs in RATES[1:]),
    }
    assert Arm(SLOW, CNN, 100.0, CUT).field == Field((3, 1, 1, 1))
    assert Field((3, 1, 1, 1)).samples == 10


def test_a_flat_lead_says_nothing():
    network = CNNLSTM(1).eval()
    signal = torch.randn(1, 12, 1000, generator=torch.Generator().manual_seed(0))
    flat = signal.clone()
    flat[:, 3] = 0.7
    zero = signal.clone()
    zero[:, 3] = 0.0
    with torch.no_grad():
        np.testing.assert_array_equal(network(flat).numpy(), network(zero).numpy())
