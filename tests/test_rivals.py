"""What every rival has in common, and the size and field of view of each."""

import subprocess
import sys

import pytest
import torch

from imn.rivals import RIVALS
from imn.rivals.sampling_cnn import SamplingCNN
from imn.rivals.xresnet import XResNet1d101

NAMES = ("paper", "xresnet1d101", "s4", "cnn")
SEEN_DIMENSIONS = {"paper": 4, "xresnet1d101": 3, "s4": 3, "cnn": 3}


def ecg(records: int, n: int, seed: int = 1) -> torch.Tensor:
    return 0.2 * torch.randn(records, 12, n, generator=torch.Generator().manual_seed(seed))


def build(name: str, n_labels: int = 5, seed: int = 0) -> torch.nn.Module:
    torch.manual_seed(seed)
    return RIVALS[name](n_labels)


def test_the_four():
    assert tuple(RIVALS) == NAMES


def test_names_are_known_without_torch():
    code = "import sys, imn.rivals; assert len(imn.rivals.RIVALS) == 4; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("n", [500, 748, 1000])
def test_logits_of_any_length(name, n):
    network = build(name, 7).eval()
    with torch.no_grad():
        logits = network(ecg(2, n))
    assert logits.shape == (2, 7)
    assert torch.isfinite(logits).all()


@pytest.mark.parametrize("name", NAMES)
def test_logits_of_a_minute(name):
    with torch.no_grad():
        assert torch.isfinite(build(name).eval()(ecg(1, 6000))).all()


@pytest.mark.parametrize("name", ["xresnet1d101", "s4", "cnn"])
def test_lengths_that_do_not_halve(name):
    with torch.no_grad():
        assert build(name).eval()(ecg(1, 503)).shape == (1, 5)


@pytest.mark.parametrize("name", NAMES)
def test_same_seed_same_network(name):
    first, again, other = build(name), build(name), build(name, seed=1)
    weights = [torch.cat([p.flatten() for p in network.parameters()]) for network in (first, again, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])
    signal, outputs = ecg(3, 500), []
    for network in (first, again):
        torch.manual_seed(3)
        outputs.append(network.train()(signal))
    assert torch.equal(*outputs)


@pytest.mark.parametrize("name", NAMES)
def test_recordings_do_not_mix(name):
    network, signal = build(name).double().eval(), ecg(4, 500).double()
    together = network(signal)
    apart = torch.cat([network(one[None]) for one in signal])
    torch.testing.assert_close(together, apart, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", NAMES)
def test_gradient_agrees_with_differences(name):
    network, signal = build(name).double().eval(), ecg(1, 500).double().requires_grad_()
    (gradient,) = torch.autograd.grad(network(signal)[0, 2], signal)
    towards, step = ecg(1, 500, seed=5).double(), 1e-7
    with torch.no_grad():
        slope = (network(signal + step * towards) - network(signal - step * towards))[0, 2] / (2 * step)
    torch.testing.assert_close((gradient * towards).sum(), slope, rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_learns(name):
    network = build(name).train()
    network(ecg(4, 500)).square().sum().backward()
    for key, parameter in network.named_parameters():
        assert parameter.grad is not None, key
        assert torch.isfinite(parameter.grad).all(), key
        assert parameter.grad.abs().max() > 0, key


@pytest.mark.parametrize("name", NAMES)
def test_reading_mode_draws_no_numbers(name):
    network, signal = build(name).eval(), ecg(2, 500)
    with torch.no_grad():
        assert torch.equal(network(signal), network(signal))


@pytest.mark.parametrize("name", NAMES)
def test_layer_for_grad_cam_has_time_last(name):
    network, seen = build(name).eval(), []
    network.cam_layer.register_forward_hook(lambda module, given, out: seen.append(out))
    for n in (600, 1200):
        network(ecg(2, n))
    assert [out.ndim for out in seen] == [SEEN_DIMENSIONS[name]] * 2
    assert abs(seen[1].shape[-1] - 2 * seen[0].shape[-1]) <= 1
    assert seen[0].ndim == 3 or seen[0].shape[2] == 12
    (gradient,) = torch.autograd.grad(network(ecg(2, 600))[:, 1].sum(), seen.pop())
    assert gradient.abs().max() > 0


@pytest.mark.parametrize("name", ["paper", "cnn"])
def test_constant_lead_is_as_an_absent_one(name):
    constant, absent = ecg(2, 500), ecg(2, 500)
    constant[:, 3], absent[:, 3] = 0.1, 0.0
    network = build(name).eval()
    with torch.no_grad():
        torch.testing.assert_close(network(constant), network(absent), rtol=0, atol=1e-2)


def test_weights_can_be_stored(tmp_path):
    from safetensors.torch import load_file, save_file

    for name in NAMES:
        network = build(name)
        save_file(network.state_dict(), tmp_path / "weights")
        other = build(name, seed=1)
        other.load_state_dict(load_file(tmp_path / "weights"))
        with torch.no_grad():
            assert torch.equal(network.eval()(ecg(1, 500)), other.eval()(ecg(1, 500)))


def test_number_of_parameters_of_xresnet1d101():
    """Sum over the layers that the benchmark's settings describe; it publishes no total."""
    norm = 2

    def conv(into, out, kernel=1):
        return into * out * kernel + norm * out

    stem = conv(12, 32, 5) + conv(32, 32, 5) + conv(32, 64, 5)
    first = conv(64, 64) + conv(64, 64, 5) + conv(64, 256) + conv(64, 256)
    others = (3 + 4 + 23 + 3 - 1) * (conv(256, 64) + conv(64, 64, 5) + conv(64, 256))
    head = norm * 512 + 512 * 128 + 128 + norm * 128 + 128 * 71 + 71
    assert sum(p.numel() for p in XResNet1d101(71).parameters()) == stem + first + others + head == 1_880_775


def test_layers_of_xresnet1d101():
    network = XResNet1d101(5)
    convolutions = [m for m in network.modules() if isinstance(m, torch.nn.Conv1d)]
    linear = [m for m in network.modules() if isinstance(m, torch.nn.Linear)]
    # The name counts one stem convolution and the read-out; this stem has three, the head two layers.
    assert 1 + len(convolutions) - len(network.stem[:3]) - 1 + 1 == 101
    assert [m.out_features for m in linear] == [128, 5]
    halvings = [m for m in convolutions if m.stride == (2,)]
    assert len(halvings) == 4


def test_number_of_parameters_of_the_sampling_network():
    assert sum(p.numel() for p in SamplingCNN(2).parameters()) == 154_146


def test_sampling_network_sees_54_samples():
    torch.manual_seed(0)
    network = SamplingCNN(2).double().eval()
    # A maximum lets one sample through at a time, so the reach is the union over recordings.
    reach = set()
    for seed in range(40):
        scores = ecg(1, 480, seed).double().requires_grad_()
        (gradient,) = torch.autograd.grad(network.features(scores)[0, :, 30].sum(), scores)
        reach |= set(torch.nonzero(gradient.abs().amax((0, 1)))[:, 0].tolist())
    assert max(reach) - min(reach) + 1 == 54
