"""A state-space classifier: S4D layers in the arrangement of the PTB-XL S4 models.

Layer: Gu, Gupta, Goel, Re, arXiv 2206.11893 (2022), S4D-Lin, zero-order hold.
Classifier: Mehari, Strodthoff, "Towards quantitative precision for ECG analysis",
IEEE JBHI 27 (2023) 5326: four bidirectional layers of state size 8, gated
linear units, dropout 0.2, mean over time.

Deviations
----------
* Diagonal state matrix (S4D) in place of diagonal plus low rank (S4).
* 128 channels in place of 512, so that it trains on one CPU core.
* Layers are normalised before, not after, they act.
* Reads the whole recording at once, at 100 Hz; published on crops of 2.5 s.
* Millivolts are divided by a constant.
"""

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from imn.leads import LEADS
from imn.rivals.scaling import SIGNAL_SD

N_CHANNELS = 128
N_STATE = 8
N_LAYERS = 4
DROPOUT = 0.2
STEP_MIN, STEP_MAX = 1e-3, 1e-1


class LongConvolution(torch.autograd.Function):
    """Circular convolution over time with one kernel per channel, by real Fourier transforms.

    torch differentiates a real transform through a complex one of twice the size
    and transforms each recording's share of the kernel's gradient; here the shares
    are added first.
    """

    @staticmethod
    def forward(ctx: Any, signal: Tensor, kernel: Tensor) -> Tensor:
        """Convolve by Fourier transforms.

        Parameters
        ----------
        ctx : object
            Keeps what `backward` needs.
        signal : (B, channels, n) Tensor
        kernel : (channels, m) Tensor
            m is n or more; the signal is padded with zeros to it.

        Returns
        -------
        (B, channels, n) Tensor
        """
        n, m = signal.shape[-1], kernel.shape[-1]
        spectra = torch.fft.rfft(signal, m), torch.fft.rfft(kernel)
        ctx.save_for_backward(*spectra)
        ctx.m = m
        return torch.fft.irfft(spectra[0] * spectra[1], m)[..., :n]

    @staticmethod
    @once_differentiable
    def backward(  # pyright: ignore[reportIncompatibleMethodOverride]
        ctx: Any, *grad_outputs: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Correlate the gradient with the kernel, and with the signal."""
        (gradient,), (signal, kernel) = grad_outputs, ctx.saved_tensors
        spectrum = torch.fft.rfft(gradient, ctx.m)
        of_kernel = torch.fft.irfft((spectrum * signal.conj()).sum(0), ctx.m)
        return torch.fft.irfft(spectrum * kernel.conj(), ctx.m)[..., : gradient.shape[-1]], of_kernel


class StateSpace(nn.Module):
    """One linear state-space system per channel and direction: h' = A h + u, y = Re(C h).

    Parameters
    ----------
    n_channels : int
    n_state : int
        Even; complex states come in conjugate pairs, of which one is kept.
    """

    def __init__(self, n_channels: int, n_state: int) -> None:
        super().__init__()
        shape = (2, n_channels, n_state // 2)
        span = math.log(STEP_MAX / STEP_MIN)
        self.log_step = nn.Parameter(math.log(STEP_MIN) + span * torch.rand(2, n_channels, 1))
        self.log_decay = nn.Parameter(torch.full(shape, math.log(0.5)))
        self.frequency = nn.Parameter(math.pi * torch.arange(n_state // 2).expand(shape).clone().float())
        self.read_out = nn.Parameter(torch.randn(*shape, 2) * math.sqrt(0.5))

    def discrete(self) -> tuple[Tensor, Tensor]:
        """Give the systems in steps of one sample, by zero-order hold.

        Returns
        -------
        exponent, gain : (2, channels, n_state / 2) complex
            The response at lag j is ``2 Re(sum(gain * exp(exponent * j)))``.
        """
        pole = torch.complex(-self.log_decay.exp(), self.frequency)
        exponent = pole * self.log_step.exp()
        return exponent, torch.view_as_complex(self.read_out) * torch.expm1(exponent) / pole

    def responses(self, n: int) -> Tensor:
        """Give the impulse responses of both directions.

        Parameters
        ----------
        n : int
            Samples.

        Returns
        -------
        (2, channels, n)
        """
        exponent, gain = self.discrete()
        # Lag j is block * coarse + fine: two short tables of powers and one product in place of n powers.
        block = math.isqrt(n - 1) + 1
        lag = torch.arange(block, device=exponent.device, dtype=self.log_step.dtype)
        fine = torch.exp(exponent[..., None] * lag)
        coarse = torch.exp(exponent[..., None] * (block * lag)) * gain[..., None]
        return 2 * (coarse.transpose(-1, -2) @ fine).real.flatten(-2)[..., :n]

    def forward(self, hidden: Tensor) -> Tensor:
        """Let past and future act on every sample.

        Parameters
        ----------
        hidden : (B, channels, n)

        Returns
        -------
        (B, channels, n)
            The first direction sees samples up to and with the present one,
            the second those after it.
        """
        past, future = self.responses(hidden.shape[-1])
        # Circular over 2 n samples: negative lags stand at the end and nothing wraps round.
        kernel = torch.cat([past, future.flip(-1)], dim=-1)
        return LongConvolution.apply(hidden.to(kernel.dtype), kernel)


class Layer(nn.Module):
    """Normalise, let time act, gate, and add to what came in."""

    def __init__(self, n_channels: int, n_state: int) -> None:
        super().__init__()
        self.norm = nn.LayerNorm(n_channels)
        self.system = StateSpace(n_channels, n_state)
        self.direct = nn.Parameter(torch.randn(n_channels, 1))
        self.dropout = nn.Dropout1d(DROPOUT)
        self.mix = nn.Conv1d(n_channels, 2 * n_channels, 1)

    def forward(self, hidden: Tensor) -> Tensor:
        """(B, channels, n) to the same shape."""
        inner = self.norm(hidden.transpose(1, 2)).transpose(1, 2).contiguous()
        inner = functional.gelu(self.system(inner) + self.direct * inner)
        return hidden + self.dropout(functional.glu(self.mix(self.dropout(inner)), dim=1))


class S4Classifier(nn.Module):
    """Bidirectional S4D classifier.

    Parameters
    ----------
    n_labels : int
        K.
    n_channels : int
    n_state : int
    """

    def __init__(self, n_labels: int, n_channels: int = N_CHANNELS, n_state: int = N_STATE) -> None:
        super().__init__()
        self.embed = nn.Conv1d(len(LEADS), n_channels, 1)
        self.layers = nn.Sequential(*(Layer(n_channels, n_state) for _ in range(N_LAYERS)))
        self.head = nn.Linear(n_channels, n_labels)

    @property
    def cam_layer(self) -> nn.Module:
        """The last layer, (B, channels, n)."""
        return self.layers[-1]

    @property
    def no_decay(self) -> frozenset[str]:
        """Names of parameters that weight decay must leave alone: poles and steps."""
        ends = ("log_step", "log_decay", "frequency")
        return frozenset(name for name, _ in self.named_parameters() if name.endswith(ends))

    def forward(self, signal: Tensor) -> Tensor:
        """Give the logits.

        Parameters
        ----------
        signal : (B, 12, n) float, mV

        Returns
        -------
        (B, K)
        """
        return self.head(self.layers(self.embed(signal / SIGNAL_SD)).mean(-1))
