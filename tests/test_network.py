"""The hypernetwork: its logit is the sum of its evidence, and its weights see the whole recording."""

from copy import deepcopy
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter1d
from torch import Tensor

from imn.augmentation import disturb
from imn.labels import LABELS
from imn.layers import Smooth, folded
from imn.leads import IDENTIFIED
from imn.network import N_REFERENCE, WEIGHT_SCALE, Architecture, Network
from imn.recipe import MIXTURES

ARCHITECTURE = Architecture(mixtures=MIXTURES, widths=(8, 12, 16))
assert_exact = partial(torch.testing.assert_close, rtol=0.0, atol=1e-9)


def at(*names: str) -> list[int]:
    return [LABELS.index(name) for name in names]


def ecg(records: int, n: int, seed: int = 1) -> Tensor:
    draw = torch.Generator().manual_seed(seed)
    return 0.3 * torch.randn(records, 12, n, generator=draw, dtype=torch.float64)


def made(architecture: Architecture = ARCHITECTURE) -> Network:
    """A network in double precision whose biases and statistics are not those of a fresh one."""
    torch.manual_seed(0)
    network = Network(architecture).double()
    with torch.no_grad():
        network.train()(ecg(8, 600, seed=7))
    network.bias.data.normal_()
    # Fresh weights hardly tell a label's readers apart; then every mixture would be an even one.
    network.head.weight.data.mul_(30)
    return network.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def network() -> Network:
    return made()


class TestSum:
    @pytest.mark.parametrize("n", [500, 997, 1000, 1003, 2000])
    def test_logits_are_weights_times_signal_plus_bias(self, network, n):
        signal = ecg(2, n)
        weights = network.weights(signal)
        assert weights.shape == (2, len(LABELS), 12, n)
        sums = (weights * signal[:, None]).sum((2, 3)) + network.bias
        assert_exact(network(signal), sums)

    def test_evidence_and_biases_sum_to_the_logit_of_the_target(self, network):
        signal, target = ecg(3, 500), torch.tensor([1, 4, 11])
        evidence, biases = network.evidence(signal, target), network.biases(signal)
        rows = torch.arange(3)
        sums = evidence.sum((1, 2)) + biases[rows, target]
        assert_exact(network(signal)[rows, target], sums)

    def test_bias_is_the_same_whatever_the_recording(self, network):
        biases = network.biases(torch.cat([ecg(2, 500), torch.zeros(1, 12, 500).double()]))
        assert biases.shape == (3, len(LABELS))
        assert torch.equal(biases[0], biases[1]) and torch.equal(biases[0], biases[2])
        assert_exact(network(torch.zeros(1, 12, 500).double()), biases[:1])

    def test_weights_of_one_recording_read_another(self, network):
        signal, other = ecg(2, 1003), ecg(2, 1003, seed=2)
        logits, others = network.read(signal, other)
        sums = (network.weights(signal) * other[:, None]).sum((2, 3)) + network.bias
        assert_exact(others, sums)
        assert_exact(logits, network(signal))
        assert (others - network(other)).abs().max() > 0.01

    def test_gradient_is_the_weights_and_how_they_move(self, network):
        signal, along = ecg(1, 500), ecg(1, 500, seed=3)
        step, held = 1e-5, signal.clone().requires_grad_()
        moved = (network.weights(signal + step * along) - network.weights(signal - step * along)) / (2 * step)
        for k in at("MI", "CD", "LVH"):
            (gradient,) = torch.autograd.grad(network(held)[0, k], held)
            own, through = network.weights(signal)[:, k] * along, moved[:, k] * signal
            assert float((gradient * along).sum()) == pytest.approx(float((own + through).sum()), rel=1e-5)
            assert through.sum().abs() > 1e-3

    def test_a_network_can_be_copied_after_a_gradient_was_taken(self, network):
        held = ecg(1, 500).requires_grad_()
        logits = network(held)
        logits.sum().backward()
        assert torch.equal(deepcopy(network)(held), logits)


class TestFolded:
    def test_it_reads_alike_and_leaves_the_network_as_it_was(self, network):
        signal, before = ecg(2, 997), deepcopy(network.state_dict())
        light = folded(network)
        assert not any(isinstance(part, torch.nn.BatchNorm1d) for part in light.modules())
        assert_exact(light(signal), network(signal))
        assert_exact(light.weights(signal), network.weights(signal))
        assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


class TestReaders:
    def test_a_mixture_is_a_convex_combination_of_its_own_readers(self, network):
        signal = ecg(1, 500)
        weights, logits = network.weights(signal)[0].flatten(1).numpy(), network(signal)[0]
        readers = network.architecture.readers
        for name, kinds in MIXTURES:
            shares, *_ = np.linalg.lstsq(weights[at(*readers)].T, weights[LABELS.index(name)], rcond=None)
            own = [readers.index(kind) for kind in kinds]
            assert shares[own].sum() == pytest.approx(1, abs=1e-9)
            assert (shares[own] > 0).all() and np.ptp(shares[own]) > 0.01
            np.testing.assert_allclose(np.delete(shares, own), 0, atol=1e-9)
            # The kind that responds most strongly has the most say.
            np.testing.assert_allclose(shares[own], torch.softmax(logits[at(*kinds)], 0), atol=1e-9)

    @pytest.mark.parametrize(("reader", "moved"), [("AFIB", ("AFIB",)), ("AMI", ("MI", "AMI"))])
    def test_a_reader_has_weights_of_its_own(self, network, reader, moved):
        signal, other = ecg(2, 500), made()
        row = network.architecture.readers.index(reader)
        other.head.weight.data[12 * row : 12 * (row + 1)] += 0.1
        differ = (network.weights(signal) != other.weights(signal)).flatten(2).any(2)
        assert [name for name, d in zip(LABELS, differ[0], strict=True) if d] == list(moved)
        assert torch.equal(differ[0], differ[1])

    def test_without_mixtures_every_label_is_a_reader(self):
        architecture = replace(ARCHITECTURE, mixtures=())
        assert architecture.readers == LABELS
        assert torch.equal(architecture.mixing(), torch.eye(len(LABELS)))
        network, signal = made(architecture), ecg(2, 500)
        sums = (network.weights(signal) * signal[:, None]).sum((2, 3)) + network.bias
        assert_exact(network(signal), sums)


class TestWeights:
    def test_no_weight_is_spent_on_what_no_signal_can_be(self, network):
        weights = network.weights(ecg(2, 500))
        projected = torch.tensor(IDENTIFIED) @ weights
        torch.testing.assert_close(projected, weights, rtol=0, atol=1e-6 * float(weights.abs().max()))
        free = made(replace(ARCHITECTURE, identified=False)).weights(ecg(2, 500))
        assert (torch.tensor(IDENTIFIED) @ free - free).abs().max() > 0.01 * free.abs().max()

    @pytest.mark.parametrize("n", [1000, 2000])
    @pytest.mark.parametrize("heads", [0, 4])
    def test_weights_at_one_end_depend_on_the_other_end(self, n, heads):
        signal = ecg(1, n).requires_grad_()
        weights = made(replace(ARCHITECTURE, heads=heads)).weights(signal)
        direction = ecg(1, 50, seed=5)[:, None]
        (slope,) = torch.autograd.grad((weights[..., :50] * direction).sum(), signal)
        assert slope[..., -50:].abs().max() > 1e-4 * slope.abs().max()

    def test_weights_are_scaled_to_ten_seconds(self, network):
        flat = made()
        flat.head.weight.zero_()
        torch.nn.init.ones_(flat.get_parameter("head.bias"))
        for n in (500, 1000, 2000):
            weights = flat.weights(ecg(1, n))[0, :, :, 8:-8]
            expected = torch.tensor(IDENTIFIED).sum(1) * WEIGHT_SCALE * N_REFERENCE / n
            torch.testing.assert_close(
                weights, expected[None, :, None].expand_as(weights), rtol=1e-6, atol=1e-9
            )

    def test_recordings_of_a_batch_do_not_meet(self, network):
        signal = ecg(4, 500)
        apart = torch.cat([network.weights(one[None]) for one in signal])
        assert_exact(network.weights(signal), apart)


class TestSmoothing:
    @pytest.mark.parametrize("sd_s", [0.0, 0.01, 0.02, 0.05])
    def test_it_is_a_gaussian_in_seconds(self, sd_s):
        signal = ecg(2, 300)
        expected = (
            gaussian_filter1d(signal.numpy(), 50 * sd_s, mode="nearest", truncate=3) if sd_s else signal
        )
        np.testing.assert_allclose(Smooth(sd_s).double()(signal), expected, atol=1e-7)

    @pytest.mark.parametrize("sd_s", [0.0, 0.02])
    @pytest.mark.parametrize("m", [2, 5, 300])
    def test_its_adjoint_gives_the_same_products(self, sd_s, m):
        smooth, x, y = Smooth(sd_s).double(), ecg(2, m), ecg(2, m, seed=2)
        assert_exact((smooth(x) * y).sum((1, 2)), (x * smooth.adjoint(y)).sum((1, 2)))

    def test_it_smooths_the_weights_and_nothing_else(self):
        signal, own = ecg(2, 1000), at("NORM", "AMI", "AFIB")
        rough, smooth = (
            made(replace(ARCHITECTURE, smoothing_s=sd)).weights(signal)[:, own].numpy() for sd in (0.0, 0.03)
        )
        # The network works at 50 Hz: every second sample of its weights is a series of its own.
        for phase in (0, 1):
            expected = gaussian_filter1d(rough[..., phase::2], 1.5, truncate=3)
            np.testing.assert_allclose(smooth[..., phase::2][..., 8:-8], expected[..., 8:-8], atol=1e-7)
        assert np.diff(smooth).std() < 0.7 * np.diff(rough).std()


class TestDisturb:
    def test_windows_of_a_lead_are_flattened_whole_or_left_alone(self):
        signal = ecg(40, 500)
        found = disturb(signal, torch.Generator().manual_seed(0))
        gone = found != signal
        assert (found[gone] == 0).all()
        # All windows of a batch lie on one grid of 100 ms.
        grids = [s for s in range(10) if not (gone[..., 1:] != gone[..., :-1])[..., grid_inside(s)].any()]
        assert len(grids) == 1
        share = gone.double().mean((1, 2))
        assert share.min() < 0.2 and share.max() > 0.8
        assert (gone.any(1) & ~gone.all(1)).any()

    def test_the_same_seed_gives_the_same_neighbours(self):
        signal = ecg(4, 497)
        first, again, other = (disturb(signal, torch.Generator().manual_seed(s)) for s in (0, 0, 1))
        assert torch.equal(first, again) and not torch.equal(first, other)


def grid_inside(start: int) -> list[int]:
    """Steps from one sample to the next that stay inside a window, on the grid through ``start``."""
    return [i for i in range(499) if (i + 1 - start) % 10]
