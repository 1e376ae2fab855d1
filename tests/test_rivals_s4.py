"""State-space layers: the fast convolution against the recurrence it stands for."""

import math

import pytest
import torch

from imn.rivals.s4 import LongConvolution, S4Classifier, StateSpace

N_CHANNELS, N_STATE = 3, 8


@pytest.fixture
def system() -> StateSpace:
    torch.manual_seed(0)
    return StateSpace(N_CHANNELS, N_STATE).double()


def signal(n: int, records: int = 2) -> torch.Tensor:
    return torch.randn(
        records, N_CHANNELS, n, generator=torch.Generator().manual_seed(1), dtype=torch.float64
    )


def recurrence(system: StateSpace, past_and_present: torch.Tensor, direction: int) -> torch.Tensor:
    """Step the discrete system through the signal, one sample at a time."""
    step = system.log_step.exp()[direction]
    pole = torch.complex(-system.log_decay.exp(), system.frequency)[direction]
    keep, take = torch.exp(pole * step), (torch.exp(pole * step) - 1) / pole
    read = torch.view_as_complex(system.read_out)[direction]
    state = torch.zeros(len(past_and_present), *pole.shape, dtype=torch.complex128)
    out = []
    for sample in past_and_present.unbind(-1):
        state = keep * state + take * sample[..., None]
        out.append(2 * (read * state).sum(-1).real)
    return torch.stack(out, dim=-1)


@pytest.mark.parametrize("n", [1, 2, 97, 500])
def test_convolution_is_the_recurrence(system, n):
    x = signal(n)
    forward = recurrence(system, x, 0)
    backward = recurrence(system, x.flip(-1), 1).flip(-1)
    # The backward direction is strictly anticausal: it sees the samples after the present one.
    later = torch.cat([backward[..., 1:], torch.zeros_like(x[..., :1])], dim=-1)
    torch.testing.assert_close(system(x), forward + later, rtol=0, atol=1e-8)


def test_first_poles_are_s4d_lin(system):
    pole = torch.complex(-system.log_decay.exp(), system.frequency)
    torch.testing.assert_close(pole.real, torch.full_like(pole.real, -0.5))
    torch.testing.assert_close(
        pole.imag, (math.pi * torch.arange(4).double()).expand(2, 3, 4), rtol=1e-6, atol=0
    )
    assert 1e-3 <= system.log_step.exp().min() <= system.log_step.exp().max() <= 0.1


def test_zero_order_hold_is_exact_for_a_held_input(system):
    """One step of the discrete system is the continuous one under constant input, integrated finely."""
    exponent, gain = system.discrete()
    pole, step = exponent / system.log_step.exp(), system.log_step.exp()
    nodes, parts = torch.linspace(0, 1, 2001, dtype=torch.float64), torch.ones(2001, dtype=torch.float64)
    parts[1:-1:2], parts[2:-1:2] = 4, 2
    held = (torch.exp(pole[..., None] * step[..., None] * nodes) * parts).sum(-1) * step / 6000
    torch.testing.assert_close(gain, torch.view_as_complex(system.read_out) * held)


def test_responses_do_not_depend_on_length(system):
    torch.testing.assert_close(system.responses(1000)[..., :321], system.responses(321))


def test_gradients_of_the_long_convolution():
    kernel = torch.randn(N_CHANNELS, 14, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(LongConvolution.apply, (signal(7).requires_grad_(), kernel))


def test_whole_recording_is_seen():
    torch.manual_seed(0)
    network = S4Classifier(2).double().eval()
    x = 0.2 * torch.randn(1, 12, 1000, dtype=torch.float64, requires_grad=True)
    seen = []
    network.cam_layer.register_forward_hook(lambda module, given, out: seen.append(out))
    network(x)
    (gradient,) = torch.autograd.grad(seen[0][0, :, 500].sum(), x)
    assert (gradient.abs().amax((0, 1)) > 0).all()


def test_poles_and_steps_are_named_for_the_optimiser():
    network = S4Classifier(2)
    named = dict(network.named_parameters())
    assert network.no_decay <= named.keys()
    assert len(network.no_decay) == 3 * 4


def test_number_of_parameters():
    """Per layer: norm, steps, poles and read-outs of two directions, direct path, gate."""
    d, half = 128, N_STATE // 2
    layer = 2 * d + 2 * d + 2 * d * half * (1 + 1 + 2) + d + (d * 2 * d + 2 * d)
    count = sum(p.numel() for p in S4Classifier(5).parameters())
    assert count == 12 * d + d + 4 * layer + 5 * d + 5


def test_size_of_the_published_model_can_be_built():
    network = S4Classifier(5, n_channels=512).eval()
    with torch.no_grad():
        assert network(torch.zeros(1, 12, 500)).shape == (1, 5)
