"""Maps of what a classifier's logit rests on, all with one signature.

The post-hoc methods are captum's (Kokhlikyan et al., arXiv 2009.07896); each
sees the classifier only from outside.  `own` is what a self-explaining
classifier says of itself.  `random` and `signal_energy` look at no classifier
at all: a measure that cannot tell a method from them measures nothing.

| name | map | captum |
|---|---|---|
| saliency | absolute gradient | Saliency |
| input_x_gradient | signal times gradient | InputXGradient |
| integrated_gradients | from the isoelectric line, 50 steps | IntegratedGradients |
| gradient_shap | gradients from noisy isoelectric lines, 25 draws | GradientShap |
| guided_gradcam | rectified Grad-CAM times guided gradient | LayerGradCam, GuidedBackprop |
| occlusion | fall of the logit without a lead for 100 ms | as Occlusion |
| own | evidence | |

All but saliency and guided_gradcam are in logits and (up to the reference)
meant to sum to the logit; those two have no unit.
"""

import warnings
from collections.abc import Callable, Mapping
from types import MappingProxyType, ModuleType
from typing import Protocol, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from imn.attribution.running import CHUNK, frozen, pick, record_rng
from imn.attribution.windows import WIDTH, keep_windows, n_windows, spread_windows
from imn.errors import InputError

STEPS = 50
N_SAMPLES = 25
BASELINE_NOISE = 0.05
"""Standard deviation of the noise on GradientSHAP's isoelectric baselines, mV."""
RECORDS = 16
"""Recordings whose gradients are held at once."""


class Method(Protocol):
    """One way to explain a classifier.

    Takes a classifier, its signal (B, 12, n) float32 in mV and the label to
    explain (B,) int64, all on one device; gives maps (B, 12, n) of the signal's
    dtype.  No parameter, mode or gradient of the classifier changes.

    Raises
    ------
    InputError
        If captum is missing or the classifier lacks what the method needs.
    """

    def __call__(self, classifier: nn.Module, signal: Tensor, target: Tensor) -> NDArray[np.floating]:
        """Explain one label of each recording."""
        ...


def _captum() -> ModuleType:
    try:
        import captum.attr
    except ImportError as error:
        msg = 'post-hoc attributions need captum, which is not installed: pip install "ecglocus[baselines]"'
        raise InputError(msg) from error
    return captum.attr


def _by_pieces(
    attribute: Callable[[Tensor, Tensor], Tensor],
    classifier: nn.Module,
    signal: Tensor,
    target: Tensor,
    size: int = RECORDS,
) -> NDArray[np.floating]:
    """Apply to a few recordings at a time, the classifier frozen."""
    with frozen(classifier):
        parts = [
            attribute(x, t).detach().cpu()
            for x, t in zip(signal.detach().split(size), target.split(size), strict=True)
        ]
    return torch.cat(parts).numpy()


def saliency(classifier: nn.Module, signal: Tensor, target: Tensor) -> NDArray[np.floating]:
    """Absolute gradient of the logit (Simonyan et al., 2014): no sign, logit per mV; see `Method`."""
    method = _captum().Saliency(classifier)
    return _by_pieces(
        lambda x, t: method.attribute(x.requires_grad_(), t, abs=True), classifier, signal, target
    )


def input_x_gradient(classifier: nn.Module, signal: Tensor, target: Tensor) -> NDArray[np.floating]:
    """Signal times gradient (Shrikumar et al., 2016), logit; see `Method`."""
    method = _captum().InputXGradient(classifier)
    return _by_pieces(lambda x, t: method.attribute(x.requires_grad_(), t), classifier, signal, target)


def integrated_gradients(
    classifier: nn.Module,
    signal: Tensor,
    target: Tensor,
    *,
    steps: int = STEPS,
    baseline: Tensor | float = 0.0,
    chunk: int = CHUNK,
) -> NDArray[np.floating]:
    """Integrated gradients (Sundararajan et al., 2017) by Gauss-Legendre steps, logit.

    Parameters
    ----------
    classifier, signal, target
        See `Method`.
    steps : int
    baseline : float or (1, 12, n) float32 Tensor, mV
        0 is the isoelectric line.
    chunk : int
        Signals per forward pass.
    """
    method = _captum().IntegratedGradients(classifier)

    def attribute(x: Tensor, t: Tensor) -> Tensor:
        return method.attribute(x, baseline, t, n_steps=steps, internal_batch_size=max(chunk, len(x)))

    return _by_pieces(attribute, classifier, signal, target)


def gradient_shap(
    classifier: nn.Module,
    signal: Tensor,
    target: Tensor,
    *,
    baselines: Tensor | None = None,
    n_samples: int = N_SAMPLES,
    seed: int = 0,
) -> NDArray[np.floating]:
    """GradientSHAP (Lundberg and Lee, 2017): mean gradient at random points towards random baselines, logit.

    Each recording is explained alone with the same seed, so its map does not depend on its batch.

    Parameters
    ----------
    classifier, signal, target
        See `Method`.
    baselines : (m, 12, n) float32 Tensor, mV, optional
        Such as recordings of the training set; by default ``n_samples``
        isoelectric lines with white noise of `BASELINE_NOISE`.
    n_samples : int
        Draws per recording.
    seed : int
    """
    method = _captum().GradientShap(classifier)
    if baselines is None:
        noise = np.random.default_rng(seed).normal(0, BASELINE_NOISE, (n_samples, *signal.shape[1:]))
        baselines = torch.as_tensor(noise, dtype=signal.dtype, device=signal.device)
    # captum draws from numpy's and torch's global generators; both are left as they were.
    state = np.random.get_state()  # noqa: NPY002
    devices = [signal.device] if signal.is_cuda else []

    def attribute(x: Tensor, t: Tensor) -> Tensor:
        np.random.seed(seed)  # noqa: NPY002
        torch.manual_seed(seed)
        return method.attribute(x, baselines, n_samples=n_samples, stdevs=0.0, target=t)

    try:
        with torch.random.fork_rng(devices):
            return _by_pieces(attribute, classifier, signal, target, size=1)
    finally:
        np.random.set_state(state)  # noqa: NPY002


def guided_gradcam(classifier: nn.Module, signal: Tensor, target: Tensor) -> NDArray[np.floating]:
    """Guided Grad-CAM (Selvaraju et al., ICCV 2017) at ``classifier.cam_layer``; see `Method`.

    The layer's output is (B, C, T), one Grad-CAM for all leads, or
    (B, C, rows, T) with the leads along the rows.  Only ``nn.ReLU`` modules
    are guided: for a network without them (GELU, functional ReLU) guided
    backpropagation is the plain gradient.

    Deviations
    ----------
    * Grad-CAM is brought to the signal's grid linearly (captum: nearest), and
      the two factors are multiplied here: captum's own GuidedGradCam takes no 2-d layer for a 1-d signal.

    Raises
    ------
    InputError
        If the classifier has no ``cam_layer``, or it is no layer over time.
    """
    layer = getattr(classifier, "cam_layer", None)
    if not isinstance(layer, nn.Module):
        msg = f"guided_gradcam needs a classifier with a cam_layer, {type(classifier).__name__} has none"
        raise InputError(msg)
    captum = _captum()
    camera, guided = captum.LayerGradCam(classifier, layer), captum.GuidedBackprop(classifier)

    def attribute(x: Tensor, t: Tensor) -> Tensor:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Setting backward hooks")
            gradient = guided.attribute(x.requires_grad_(), t)
        cam = camera.attribute(x, t, relu_attributions=True)
        return gradient * _to_grid(cam, x.shape[-2:])

    return _by_pieces(attribute, classifier, signal, target)


def _to_grid(cam: Tensor, shape: torch.Size) -> Tensor:
    """Grad-CAM (B, 1, T) or (B, 1, rows, T) to something that broadcasts to (B, 12, n)."""
    if cam.ndim == 3:
        return functional.interpolate(cam, shape[-1], mode="linear", align_corners=False)
    if cam.ndim == 4:
        return functional.interpolate(cam, tuple(shape), mode="bilinear", align_corners=False)[:, 0]
    msg = f"cam_layer must give (B, C, T) or (B, C, rows, T), got {cam.ndim} axes"
    raise InputError(msg)


def occlusion(
    classifier: nn.Module,
    signal: Tensor,
    target: Tensor,
    *,
    width: int = WIDTH,
    reference: Tensor | float = 0.0,
    chunk: int = CHUNK,
) -> NDArray[np.floating]:
    """Fall of the logit when one window of one lead is removed (Zeiler and Fergus, 2014), logit.

    Each window's fall is spread evenly over its samples, so that window sums are the falls.
    The falls are those of captum's Occlusion (a test compares them); ours spends
    less beside the 1,201 forward passes and shares its removal with the other measures.

    Parameters
    ----------
    classifier, signal, target
        See `Method`.
    width : int, samples
    reference : float or (12, n) float32 Tensor, mV
    chunk : int
        Changed copies of one recording per forward pass.
    """
    n = signal.shape[-1]
    windows = n_windows(n, width)
    lengths = np.diff(np.append(np.arange(0, n, width), n))
    which = torch.arange(12 * windows, device=signal.device).reshape(12, windows)

    def attribute(x: Tensor, t: Tensor) -> Tensor:
        falls = [pick(classifier(x), t)]
        for at in range(0, which.numel(), chunk):
            removed = which.flatten()[at : at + chunk]
            keep = which != removed[:, None, None]
            changed = keep_windows(x, keep, width=width, reference=reference)
            falls.append(classifier(changed)[:, t[0]])
        whole, without = falls[0], torch.cat(falls[1:])
        per_sample = (whole - without).reshape(1, 12, windows) / torch.as_tensor(lengths).to(without)
        return spread_windows(per_sample, n, width)

    with torch.inference_mode():
        return _by_pieces(attribute, classifier, signal, target, size=1)


def own(classifier: nn.Module, signal: Tensor, target: Tensor) -> NDArray[np.floating]:
    """Evidence of a self-explaining classifier, logit; see `Method`.

    Raises
    ------
    InputError
        If the classifier gives no evidence.
    """
    evidence = getattr(classifier, "evidence", None)
    if evidence is None:
        msg = f"own needs a self-explaining classifier, {type(classifier).__name__} gives no evidence"
        raise InputError(msg)
    with torch.inference_mode():
        return _by_pieces(evidence, classifier, signal, target)


def random(classifier: nn.Module, signal: Tensor, target: Tensor, *, seed: int = 0) -> NDArray[np.floating]:
    """White noise, the same whenever the same recording comes: a control; see `Method`."""
    maps = [record_rng(record, seed).standard_normal(tuple(record.shape)) for record in signal]
    return np.stack(maps).astype(signal.detach().cpu().numpy().dtype)


def signal_energy(classifier: nn.Module, signal: Tensor, target: Tensor) -> NDArray[np.floating]:
    """Absolute signal, mV: a control that knows only where the ECG is large; see `Method`."""
    return signal.detach().abs().cpu().numpy()


METHODS: Mapping[str, Method] = MappingProxyType(
    {
        function.__name__: cast(Method, function)
        for function in (
            own, saliency, input_x_gradient, integrated_gradients, gradient_shap, guided_gradcam,
            occlusion, random, signal_energy,
        )
    }
)  # fmt: skip
"""All methods by name, with their default settings."""
