"""Windows, their order, and the deletion and insertion curves."""

import numpy as np
import pytest
import torch

from imn.attribution.perturbation import (
    FRACTIONS,
    Protocol,
    logit_spread,
    perturb,
    perturb_at_random,
    perturb_by_map,
)
from imn.attribution.windows import keep_windows, n_windows, window_ranks, window_sums
from imn.errors import InputError
from tests.attribution_toys import Convolutional, Linear

N = 95
TARGET = torch.tensor([0, 2, 1, 2, 0])
FINE = Protocol(tuple(np.linspace(0, 1, 121).tolist()))


@pytest.fixture
def signal():
    return torch.randn(5, 12, N, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


@pytest.fixture
def linear():
    return Linear(N)


def evidence(linear, signal):
    return (linear.w[TARGET] * signal).detach().numpy()


def test_window_sums_keep_the_total_and_the_short_last_window(signal):
    sums = window_sums(signal.numpy())
    assert sums.shape == (5, 12, n_windows(N)) == (5, 12, 10)
    np.testing.assert_allclose(sums[..., -1], signal[..., 90:].sum(-1))
    np.testing.assert_allclose(sums.sum(-1), signal.sum(-1))


def test_keep_windows_puts_the_reference_elsewhere(signal):
    keep = torch.zeros(12, 10, dtype=torch.bool)
    keep[3, 2] = True
    reference = torch.arange(12.0, dtype=torch.float64)[:, None].expand(12, N)
    kept = keep_windows(signal, keep, reference=reference)
    assert torch.equal(kept[:, 3, 20:30], signal[:, 3, 20:30])
    kept[:, 3, 20:30] = 3.0
    assert torch.equal(kept, reference.expand_as(kept))


def test_ranks_descend_and_equal_scores_come_in_the_same_order_in_every_record():
    scores = np.zeros((3, 12, 10))
    scores[:, 4, 7], scores[:, 2, 1] = 2.0, -1.0
    ranks = window_ranks(scores)
    assert (np.sort(ranks.reshape(3, -1)) == np.arange(120)).all()
    assert (ranks[:, 4, 7] == 0).all()
    assert (ranks[:, 2, 1] == 119).all()
    assert (ranks == ranks[0]).all()
    rest = np.delete(ranks[0].ravel(), [47, 21])
    assert abs(np.corrcoef(rest, np.arange(118))[0, 1]) < 0.3  # storage order would be 1


def test_deletion_of_a_linear_classifier_is_the_logit_minus_cumulative_sums(linear, signal):
    found = perturb_by_map(linear, signal, TARGET, evidence(linear, signal), protocol=FINE, chunk=50)
    sums = -np.sort(-window_sums(evidence(linear, signal)).reshape(5, -1), axis=1)
    fallen = np.concatenate([np.zeros((5, 1)), np.cumsum(sums, 1)], 1)
    whole = linear(signal).detach().numpy()[range(5), TARGET]
    np.testing.assert_allclose(found.deletion.logit, whole[:, None] - fallen, atol=1e-9)
    empty = linear.b.detach().numpy()[TARGET]
    np.testing.assert_allclose(found.insertion.logit, empty[:, None] + fallen, atol=1e-9)
    expected = 1 / (1 + np.exp(fallen - whole[:, None]))
    np.testing.assert_allclose(found.deletion.probability, expected, atol=1e-12)


def test_deletion_and_insertion_of_a_linear_classifier_mirror_each_other(linear, signal):
    found = perturb_by_map(linear, signal, TARGET, evidence(linear, signal))
    total = found.deletion.logit + found.insertion.logit
    np.testing.assert_allclose(total, np.repeat(total[:, :1], len(FRACTIONS), 1), atol=1e-9)


def test_insertion_is_deletion_of_the_least_relevant_read_backwards(signal):
    net = Convolutional()
    scores = np.random.default_rng(3).normal(size=(5, 12, 10))
    most, least = (perturb(net, signal, TARGET, window_ranks(s)) for s in (scores, -scores))
    np.testing.assert_allclose(most.insertion.logit, least.deletion.logit[:, ::-1], atol=1e-12)
    between = least.deletion.area("logit") - most.deletion.area("logit")
    np.testing.assert_allclose(most.area_between("logit"), between, atol=1e-12)
    np.testing.assert_allclose(least.area_between(), -most.area_between(), atol=1e-12)


def test_curves_do_not_depend_on_the_chunk_or_the_batch(signal):
    net = Convolutional()
    maps = signal.numpy()
    whole = perturb_by_map(net, signal, TARGET, maps)
    small = perturb_by_map(net, signal, TARGET, maps, chunk=3)
    alone = perturb_by_map(net, signal[2:3], TARGET[2:3], maps[2:3])
    np.testing.assert_allclose(whole.insertion.logit, small.insertion.logit, atol=1e-12)
    np.testing.assert_allclose(whole.deletion.logit[2:3], alone.deletion.logit, atol=1e-12)


def test_removed_windows_take_the_reference(linear, signal):
    reference = torch.full((12, N), 0.5, dtype=torch.float64)
    found = perturb_by_map(linear, signal, TARGET, signal.numpy(), protocol=Protocol(reference=reference))
    empty = linear(reference[None]).detach().numpy()[0, TARGET]
    np.testing.assert_allclose(found.deletion.logit[:, -1], empty, atol=1e-9)
    np.testing.assert_allclose(found.insertion.logit[:, 0], empty, atol=1e-9)


def test_the_evidence_of_a_linear_classifier_beats_every_other_order(linear, signal):
    best = perturb_by_map(linear, signal, TARGET, evidence(linear, signal)).area_between("logit")
    loud = perturb_by_map(linear, signal, TARGET, signal.abs().numpy()).area_between("logit")
    random = perturb_at_random(linear, signal, TARGET, draws=40)
    again = perturb_at_random(linear, signal[1:], TARGET[1:], draws=40)
    assert (best > loud).all()
    assert (np.abs(random.area_between("logit")) < 0.1 * best).all()
    np.testing.assert_allclose(random.deletion.logit[1:], again.deletion.logit, atol=1e-12)


def test_areas_in_units_of_the_spread_do_not_depend_on_the_temperature(linear, signal):
    with torch.no_grad():
        linear.w *= 0.02
    found = perturb_by_map(linear, signal, TARGET, evidence(linear, signal))
    unit = logit_spread(linear(signal).detach().numpy())[TARGET]
    areas = found.area_between("logit", unit=unit)
    with torch.no_grad():
        linear.w *= 3
        linear.b *= 3
    hot = perturb_by_map(linear, signal, TARGET, evidence(linear, signal))
    unit = logit_spread(linear(signal).detach().numpy())[TARGET]
    np.testing.assert_allclose(hot.area_between("logit", unit=unit), areas)
    assert np.abs(hot.area_between() - found.area_between()).max() > 0.01


@pytest.mark.parametrize("fractions", [(0.0,), (0.1, 1.0), (0.0, 0.5), (0.0, 0.5, 0.5, 1.0)])
def test_fractions_that_do_not_rise_from_0_to_1_are_refused(fractions):
    with pytest.raises(InputError, match="rise from 0 to 1"):
        Protocol(fractions)
