"""The published ECG-IMN: its identities, its size, its field of view."""

import pytest
import torch
from torch.nn import functional

from imn.errors import InputError
from imn.rivals.paper import PaperIMN


def build(n_labels: int = 2, seed: int = 0) -> PaperIMN:
    """Network in double precision whose normalisations are not the identity."""
    torch.manual_seed(seed)
    network = PaperIMN(n_labels).double()
    with torch.no_grad():
        network.train()(ecg(6, 400))
    return network.eval()


def ecg(records: int, n: int, seed: int = 1) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    drift = torch.randn(records, 12, 1, generator=generator, dtype=torch.float64)
    return drift + 0.2 * torch.randn(records, 12, n, generator=generator, dtype=torch.float64)


@pytest.fixture(scope="module")
def network() -> PaperIMN:
    return build()


@pytest.mark.parametrize(("n_labels", "count"), [(1, 139_490), (2, 139_700)])
def test_number_of_parameters(n_labels, count):
    assert sum(p.numel() for p in PaperIMN(n_labels).parameters()) == count


def test_parameters_of_the_parts():
    network = PaperIMN(1)
    parts = [
        sum(p.numel() for p in part.parameters()) for part in (network.encoder, network.decoder, network.bias)
    ]
    assert parts == [116_144, 23_281, 65]


@pytest.mark.parametrize("n", [500, 1244])
def test_shapes(n):
    network, signal = PaperIMN(2).eval(), ecg(2, n).float()
    with torch.no_grad():
        assert network(signal).shape == (2, 2)
        assert network.weights(signal).shape == (2, 2, 12, n)
        assert network.evidence(signal, torch.tensor([0, 1])).shape == (2, 12, n)
        assert network.biases(signal).shape == network.intercepts(signal).shape == (2, 2)


@pytest.mark.parametrize("shape", [(1, 12, 1001), (1, 8, 1000), (12, 1000)])
def test_refuses_other_shapes(network, shape):
    with pytest.raises(InputError, match="divisible by 4, got"):
        network(torch.zeros(shape, dtype=torch.float64))


@pytest.mark.parametrize(("dtype", "atol"), [(torch.float32, 1e-4), (torch.float64, 1e-10)])
def test_evidence_and_bias_sum_to_the_logit(dtype, atol):
    network, signal = build(3).to(dtype), ecg(3, 600).to(dtype)
    target = torch.tensor([2, 0, 1])
    rows = torch.arange(3)
    logit = network(signal)[rows, target]
    total = network.evidence(signal, target).sum((1, 2)) + network.biases(signal)[rows, target]
    torch.testing.assert_close(total, logit, rtol=0, atol=atol)


def test_weights_read_the_millivolts(network):
    signal = ecg(2, 300)
    total = (network.weights(signal) * signal[:, None]).sum((2, 3)) + network.intercepts(signal)
    torch.testing.assert_close(total, network(signal), rtol=0, atol=1e-10)


def test_no_signal_gives_no_evidence(network):
    silence = torch.zeros(1, 12, 400, dtype=torch.float64)
    assert network.evidence(silence, torch.tensor([1])).abs().max() == 0
    assert torch.equal(network(silence), network.biases(silence))


def test_unit_and_offset_do_not_matter(network):
    signal = ecg(2, 400)
    torch.testing.assert_close(network(1000 * signal + 5), network(signal))


def test_scores_are_the_published_ones(network):
    signal = ecg(2, 400)
    scores = (signal - signal.mean(-1, keepdim=True)) / signal.std(-1, keepdim=True)
    weights, used, bias, _ = network._parts(signal)
    torch.testing.assert_close(used, scores)
    torch.testing.assert_close((weights * scores[:, None]).sum((2, 3)) + bias, network(signal))


def test_gradient_is_the_weight_once_the_weight_is_held(network):
    scores = network._parts(ecg(2, 400))[1].requires_grad_()
    weights, _, bias, _ = (
        part.detach() if torch.is_tensor(part) else part for part in network._parts(scores)
    )
    logit = (weights[:, 1] * scores).sum() + bias[:, 1].sum()
    (gradient,) = torch.autograd.grad(logit, scores)
    assert torch.equal(gradient, weights[:, 1])


def test_gradient_less_the_weight_is_how_weight_and_bias_move(network):
    signal = ecg(1, 200).requires_grad_()
    (gradient,) = torch.autograd.grad(network(signal)[0, 1], signal)
    generator = torch.Generator().manual_seed(2)
    # Small, so that hardly any maximum changes hands.
    step, held = 1e-8, signal.detach()
    towards = torch.randn(1, 12, 200, generator=generator, dtype=torch.float64)
    ahead, behind = held + step * towards, held - step * towards
    moved = (network.weights(ahead) - network.weights(behind))[:, 1] / (2 * step)
    shifted = (network.intercepts(ahead) - network.intercepts(behind))[0, 1] / (2 * step)
    rest = ((gradient - network.weights(held)[:, 1]) * towards).sum()
    assert abs(rest) > 1e-3
    torch.testing.assert_close(rest, (moved * held).sum() + shifted, rtol=1e-5, atol=1e-6)


def test_weights_see_38_samples_to_each_side(network):
    n, at = 400, 201
    scores = ecg(1, n)
    changed = scores.clone()
    changed[..., at] += 3.0
    image, other = (s.transpose(1, 2)[:, None] for s in (scores, changed))
    moved = (
        (network.decoder(network.encoder(image)) - network.decoder(network.encoder(other)))
        .abs()
        .amax((0, 1, 3))
    )
    (where,) = torch.nonzero(moved > 0, as_tuple=True)
    assert 35 <= where.max() - at <= 38
    assert 35 <= at - where.min() <= 38


def test_weights_of_a_middle_lead_see_all_leads(network):
    scores = ecg(1, 200).requires_grad_()
    weights = network.decoder(network.encoder(scores.transpose(1, 2)[:, None]))
    (gradient,) = torch.autograd.grad(weights[0, 0, 100, 6], scores)
    assert (gradient.abs().amax((0, 2)) > 0).all()


def test_two_labels_under_softmax_are_one_under_sigmoid(network):
    signal = ecg(2, 200)
    logits, weights, biases = network(signal), network.weights(signal), network.intercepts(signal)
    single = ((weights[:, 1] - weights[:, 0]) * signal).sum((1, 2)) + biases[:, 1] - biases[:, 0]
    torch.testing.assert_close(torch.softmax(logits, 1)[:, 1], torch.sigmoid(single))


def test_same_as_published_layout_of_leads_as_height(network):
    """Leads by samples with kernels (3, 15), as published, gives the same weights."""
    signal = ecg(2, 200)
    hidden = network._parts(signal)[1][:, None]
    layers = [*network.encoder, *network.decoder]
    for layer in layers:
        if isinstance(layer, torch.nn.Conv2d):
            kernel = layer.weight.transpose(2, 3)
            pad = (kernel.shape[2] // 2, kernel.shape[3] // 2)
            hidden = functional.conv2d(hidden, kernel, layer.bias, padding=pad)
        elif isinstance(layer, torch.nn.MaxPool2d):
            hidden = functional.max_pool2d(hidden, (1, 2))
        elif isinstance(layer, torch.nn.Upsample):
            hidden = hidden.repeat_interleave(2, dim=-1)
        elif isinstance(layer, torch.nn.BatchNorm2d | torch.nn.GELU):
            hidden = layer(hidden)
    torch.testing.assert_close(hidden, network._parts(signal)[0])
