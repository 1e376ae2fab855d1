"""Attribution methods: all agree where theory says so, none changes what it looks at."""

import sys

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn import functional

from imn.attribution import methods
from imn.attribution.methods import METHODS
from imn.attribution.windows import window_sums
from imn.errors import InputError
from tests.attribution_toys import Convolutional, Linear

N = 95  # the last window is half as long
TARGET = torch.tensor([0, 2, 1, 2])
NEED_CAPTUM = {"saliency", "input_x_gradient", "integrated_gradients", "gradient_shap", "guided_gradcam"}


@pytest.fixture
def signal():
    return torch.randn(4, 12, N, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def explain(name, classifier, signal, target=TARGET):
    if name in NEED_CAPTUM:
        pytest.importorskip("captum")
    return METHODS[name](classifier, signal, target)


@pytest.mark.parametrize("name", ["own", "input_x_gradient", "integrated_gradients"])
def test_additive_methods_give_weight_times_signal_for_a_linear_classifier(name, signal):
    linear = Linear(N)
    expected = (linear.w[TARGET] * signal).detach().numpy()
    np.testing.assert_allclose(explain(name, linear, signal), expected, atol=1e-9)


def test_saliency_is_the_absolute_weight_of_a_linear_classifier(signal):
    linear = Linear(N)
    np.testing.assert_allclose(explain("saliency", linear, signal), linear.w[TARGET].abs().detach().numpy())


def test_gradient_shap_of_a_linear_classifier_is_against_the_mean_of_its_baselines(signal):
    pytest.importorskip("captum")
    linear = Linear(N)
    baselines = torch.full((3, 12, N), 0.25, dtype=torch.float64)
    found = methods.gradient_shap(linear, signal, TARGET, baselines=baselines, n_samples=4)
    np.testing.assert_allclose(found, (linear.w[TARGET] * (signal - 0.25)).detach().numpy(), atol=1e-9)


def test_occlusion_spreads_each_windows_fall_over_its_samples(signal):
    linear = Linear(N)
    found = methods.occlusion(linear, signal, TARGET, chunk=7)
    evidence = (linear.w[TARGET] * signal).detach().numpy()
    np.testing.assert_allclose(window_sums(found), window_sums(evidence), atol=1e-9)
    assert (found[:, :, 90:] == found[:, :, 90:91]).all()


def test_occlusion_equals_captums(signal):
    captum = pytest.importorskip("captum.attr")
    net = Convolutional().eval()
    with torch.inference_mode():
        theirs = captum.Occlusion(net).attribute(
            signal[..., :90], (1, 10), (1, 10), target=TARGET, perturbations_per_eval=12
        )
    ours = methods.occlusion(net, signal[..., :90], TARGET)
    np.testing.assert_allclose(ours * 10, theirs.numpy(), atol=1e-12)


@pytest.mark.parametrize("activation", [nn.ReLU, nn.GELU])
@pytest.mark.parametrize("rows", [False, True])
def test_integrated_gradients_are_complete(activation, rows, signal):
    net = Convolutional(activation, rows=rows).eval()
    found = explain("integrated_gradients", net, signal)
    with torch.no_grad():
        whole, empty = (net(x)[range(4), TARGET].numpy() for x in (signal, torch.zeros_like(signal)))
    np.testing.assert_allclose(found.sum((1, 2)), whole - empty, atol=1e-2 * np.abs(whole - empty).max())


@pytest.mark.parametrize("rows", [False, True])
def test_guided_gradcam_without_relu_is_gradient_times_gradcam(rows, signal):
    net = Convolutional(nn.GELU, rows=rows).eval()
    leaf = signal.clone().requires_grad_()
    hidden = net.cam_layer(net.body[:2](leaf[:, None] if rows else leaf))
    score = net.head(net.body[3](hidden).flatten(2).mean(-1))[range(4), TARGET].sum()
    gradient, inner = torch.autograd.grad(score, (leaf, hidden))
    weight = inner.flatten(2).mean(-1).reshape(*inner.shape[:2], *[1] * (inner.ndim - 2))
    cam = functional.relu((weight * hidden).sum(1, keepdim=True))
    if rows:
        cam = functional.interpolate(cam, (12, N), mode="bilinear")[:, 0]
    else:
        cam = functional.interpolate(cam, N, mode="linear")
    found = explain("guided_gradcam", net, signal)
    assert np.abs(found).max() > 0
    np.testing.assert_allclose(found, (gradient * cam).detach().numpy(), atol=1e-12)


@pytest.mark.parametrize("inplace", [False, True])
def test_guided_gradcam_guides_relu(inplace, signal):
    net = Convolutional().eval()
    for module in net.modules():
        if isinstance(module, nn.ReLU):
            module.inplace = inplace
    guided = explain("guided_gradcam", net, signal)
    plain = explain("input_x_gradient", net, signal) / signal.numpy()
    ratio = guided / plain
    spread = ratio.std(axis=1) / np.abs(ratio).mean()
    assert guided.any()
    assert spread.max() > 0.1  # with a plain gradient the ratio is Grad-CAM, one value for all leads


@pytest.mark.parametrize("name", sorted(METHODS))
def test_a_map_has_the_signals_shape_and_does_not_depend_on_its_batch(name, signal):
    classifier = Linear(N) if name == "own" else Convolutional().eval()
    together = explain(name, classifier, signal)
    alone = [explain(name, classifier, signal[i : i + 1], TARGET[i : i + 1])[0] for i in range(4)]
    assert together.shape == signal.shape
    assert together.dtype == np.float64
    np.testing.assert_allclose(together, np.stack(alone), atol=1e-12)
    assert np.abs(together[0] - together[1]).max() > 0


def generators():
    """State of the global generators, which captum draws from."""
    return torch.get_rng_state().tolist(), repr(np.random.get_state())  # noqa: NPY002


@pytest.mark.parametrize("name", sorted(set(METHODS) - {"own"}))
def test_methods_leave_classifier_signal_and_generators_as_they_were(name, signal):
    net = Convolutional().train()
    net.head.bias.requires_grad_(False)
    before, drawn = signal.clone(), generators()
    explain(name, net, signal)
    assert net.training
    assert net.dropout.training
    assert net.head.weight.requires_grad
    assert not net.head.bias.requires_grad
    assert all(parameter.grad is None for parameter in net.parameters())
    assert not signal.requires_grad
    assert torch.equal(signal, before)
    assert generators() == drawn


def test_a_missing_captum_says_what_to_install(monkeypatch, signal):
    monkeypatch.setitem(sys.modules, "captum", None)
    monkeypatch.delitem(sys.modules, "captum.attr", raising=False)
    with pytest.raises(InputError, match=r'pip install "ecglocus\[baselines\]"'):
        methods.saliency(Linear(N), signal, TARGET)


def test_a_classifier_without_what_a_method_needs_is_refused(signal):
    with pytest.raises(InputError, match="cam_layer, Linear has none"):
        methods.guided_gradcam(Linear(N), signal, TARGET)
    with pytest.raises(InputError, match="Convolutional gives no evidence"):
        methods.own(Convolutional(), signal, TARGET)
