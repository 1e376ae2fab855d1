"""Noise, stability of maps, and their dependence on what was learned."""

from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from imn.attribution.noise import KINDS, Noise
from imn.attribution.running import record_rng
from imn.attribution.sanity import cascade, layers, likeness, randomised
from imn.attribution.stability import map_correlation, max_sensitivity, median_over_records, seed_correlations
from imn.errors import InputError
from imn.leads import IDENTIFIED
from tests.synthetic import ecg

N = 500


@pytest.fixture(scope="module")
def signal():
    """Three recordings that differ, (3, 12, 500) float32."""
    beats = [np.arange(0.5, 5, rr) for rr in (0.7, 0.8, 1.1)]
    return torch.tensor(np.stack([ecg(100, times, N / 100) for times in beats]), dtype=torch.float32)


class Linear(nn.Module):
    """Logit of a fixed weight on the signal."""

    def __init__(self):
        super().__init__()
        self.read = nn.Linear(12 * N, 2)

    def forward(self, signal):
        return self.read(signal.flatten(1))

    def maps(self, signal, target):
        weight = self.read.weight.detach()[target].reshape(-1, 12, N)
        return (weight * signal).numpy()


def _power_db(values):
    return 10 * np.log10((values**2).mean())


def _share_in(noise, low, high, fs=100.0):
    power = (np.abs(np.fft.rfft(noise * np.hanning(noise.shape[1]), axis=1)) ** 2).sum(axis=0)
    rate = np.fft.rfftfreq(noise.shape[1], 1 / fs)
    return power[(rate >= low) & (rate <= high)].sum() / power.sum()


# Noise


@settings(max_examples=20, deadline=None)
@given(kind=st.sampled_from(KINDS), snr=st.floats(-10, 40), seed=st.integers(0, 1000), level=st.floats(-5, 5))
def test_noise_has_the_stated_power_and_obeys_einthoven(kind, snr, seed, level):
    x = ecg(100, [0.5, 1.5, 2.5], 4.0)
    noise = Noise(kind, snr).draw(x + level, np.random.default_rng(seed))
    power = 10 * np.log10(x.var(axis=1).mean())
    assert power - _power_db(noise) == pytest.approx(snr, abs=1e-9)
    assert pytest.approx(noise, abs=1e-9) == IDENTIFIED @ noise


@pytest.mark.parametrize(("kind", "low", "high"), [("wander", 0, 0.7), ("mains", 49, 51), ("muscle", 19, 46)])
@pytest.mark.parametrize("fs", [100.0, 250.0, 500.0])
def test_noise_lies_in_its_band_at_every_rate(kind, low, high, fs):
    x = ecg(fs, np.arange(0.5, 10), 10.0)
    assert _share_in(Noise(kind, 0, fs).draw(x, np.random.default_rng(0)), low, high, fs) > 0.99


def test_mains_at_the_limit_of_the_rate_alternate_and_never_fall_silent():
    x = ecg(100, np.arange(0.5, 10), 10.0)
    for seed in range(20):
        noise = Noise("mains", 10).draw(x, np.random.default_rng(seed))[[0, 1, *range(6, 12)]]
        assert ((noise[:, 1:] * noise[:, :-1]) <= 0).mean() > 0.97
        assert (noise.std(axis=1) > 0).all()


def test_independent_leads_have_independent_noise_and_a_seed_repeats_it():
    x = ecg(100, np.arange(0.5, 10), 10.0)
    draw = partial(Noise("muscle", 10).draw, x)
    one, same, other = (draw(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert (one == same).all()
    assert abs(np.corrcoef(one.ravel(), other.ravel())[0, 1]) < 0.1
    chest = np.corrcoef(one[6:])
    assert np.abs(chest - np.eye(6)).max() < 0.3


def test_a_flat_recording_gets_no_noise():
    assert not Noise("wander", 10).draw(np.ones((12, 300)), np.random.default_rng(0)).any()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda: Noise("hum", 10), "wander, mains, muscle"),  # pyright: ignore[reportArgumentType]
        (lambda: Noise("mains", 10, fs=50), "at least 100 Hz"),
        (lambda: Noise("mains", 10).draw(np.zeros((2, 12, 100)), np.random.default_rng(0)), "one recording"),
        (lambda: Noise("muscle", 10).draw(np.ones((12, 2)), np.random.default_rng(0)), "long enough"),
    ],
)
def test_noise_that_cannot_be_made_is_refused(wrong, sentence):
    with pytest.raises(InputError, match=sentence):
        wrong()


# Correlation of maps


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 1000), gain=st.floats(0.01, 100), level=st.floats(-10, 10), ranks=st.booleans())
def test_a_map_agrees_with_itself_at_any_scale(seed, gain, level, ranks):
    maps = np.random.default_rng(seed).standard_normal((2, 12, 40))
    assert map_correlation(maps, maps, ranks=ranks) == pytest.approx(1)
    assert map_correlation(maps, gain * maps + level, ranks=ranks) == pytest.approx(1)
    assert map_correlation(maps, -maps, ranks=ranks) == pytest.approx(-1)


def test_correlations_are_those_of_scipy():
    from scipy.stats import pearsonr, spearmanr

    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, 3, 12, 50)).round(1)
    for i in range(3):
        assert map_correlation(a, b)[i] == pytest.approx(pearsonr(a[i].ravel(), b[i].ravel())[0])
        assert map_correlation(a, b, ranks=True)[i] == pytest.approx(spearmanr(a[i].ravel(), b[i].ravel())[0])


def test_a_map_that_points_nowhere_agrees_with_none():
    a = np.random.default_rng(0).standard_normal((1, 12, 30))
    assert map_correlation(np.full_like(a, 0.1), a) == 0
    assert map_correlation(a, np.zeros_like(a), ranks=True) == 0


def test_seeds_that_share_a_part_agree_by_its_share():
    rng = np.random.default_rng(0)
    common, own = rng.standard_normal((6, 12, 400)), rng.standard_normal((4, 6, 12, 400))
    found = seed_correlations(np.sqrt(0.7) * common + np.sqrt(0.3) * own)
    assert found == pytest.approx(0.7, abs=0.03)
    middle = median_over_records(found)
    assert middle.low <= np.median(found) == middle.value <= middle.high


# Max-sensitivity


def test_the_sensitivity_of_a_linear_map_is_known(signal):
    model, target = Linear(), torch.tensor([0, 1, 1])
    noise = Noise("muscle", 20)
    found = max_sensitivity(model.maps, signal, target, noise=noise, draws=4, seed=5)
    for i in range(3):
        rng = record_rng(signal[i], 5)
        weight = model.read.weight.detach().numpy()[target[i]].reshape(12, N)
        x = signal[i].numpy()
        changes = [np.linalg.norm(weight * noise.draw(x, rng)) for _ in range(4)]
        assert found[i] == pytest.approx(max(changes) / np.linalg.norm(weight * x), rel=1e-4)


def test_sensitivity_grows_by_ten_for_twenty_decibels_and_with_draws(signal):
    model, target = Linear(), torch.tensor([0, 1, 1])
    at = partial(max_sensitivity, model.maps, signal, target)
    quiet, loud = (at(noise=Noise("wander", snr), draws=2) for snr in (40, 20))
    assert loud == pytest.approx(10 * quiet, rel=1e-3)
    assert (at(noise=Noise("wander", 20), draws=6) >= loud).all()


def test_sensitivity_does_not_depend_on_the_batch_or_the_unit_of_the_map(signal):
    model, target = Linear(), torch.tensor([0, 1, 1])
    noise = Noise("mains", 20)
    whole = max_sensitivity(model.maps, signal, target, noise=noise, draws=2)
    alone = max_sensitivity(model.maps, signal[2:], target[2:], noise=noise, draws=2)
    assert alone == pytest.approx(whole[2:])
    scaled = max_sensitivity(lambda x, t: 7 * model.maps(x, t), signal, target, noise=noise, draws=2)
    assert scaled == pytest.approx(whole)


def test_the_signal_as_a_map_moves_by_the_noise(signal):
    level = signal - signal.mean(dim=-1, keepdim=True)
    for snr in (20, 10):
        noise = Noise("muscle", snr)
        found = max_sensitivity(lambda x, t: x.numpy(), level, torch.zeros(3), noise=noise, draws=3)
        assert found == pytest.approx(10 ** (-snr / 20), rel=1e-4)


def test_a_map_that_never_changes_has_no_sensitivity_and_one_that_appears_has_no_bound(signal):
    target, noise = torch.zeros(3, dtype=torch.int64), Noise("muscle", 20)
    assert (max_sensitivity(lambda x, t: np.ones(x.shape), signal, target, noise=noise) == 0).all()
    assert (max_sensitivity(lambda x, t: np.zeros(x.shape), signal, target, noise=noise) == 0).all()
    appears = max_sensitivity(lambda x, t: (x - signal).numpy(), signal, target, noise=noise)
    assert np.isinf(appears).all()


def test_sensitivity_is_that_of_captum(signal):
    """With the same noise handed to both."""
    captum = pytest.importorskip("captum.metrics", reason="captum is not installed")
    model, noise = (
        nn.Sequential(nn.Flatten(), nn.Linear(12 * N, 8), nn.Tanh(), nn.Linear(8, 2)),
        Noise("muscle", 10),
    )
    target = torch.tensor([0, 1, 1])

    @torch.enable_grad()
    def gradients(x, t):
        x = x.detach().requires_grad_()
        total = model(x)[torch.arange(len(x)), t].sum()
        return x * torch.autograd.grad(total, x)[0]

    found = max_sensitivity(
        lambda x, t: gradients(x, t).detach().numpy(), signal, target, noise=noise, draws=3
    )
    rngs = [record_rng(record, 0) for record in signal]

    def perturb(x):
        copies = [
            r + torch.tensor(noise.draw(r.numpy(), rng)).to(r)
            for r, rng in zip(signal, rngs, strict=True)
            for _ in range(3)
        ]
        return torch.stack(copies)

    def attribute(inputs, target):
        return (gradients(inputs[0] if isinstance(inputs, tuple) else inputs, target),)

    expected = captum.sensitivity_max(attribute, signal, perturb, n_perturb_samples=3, target=target)
    assert found == pytest.approx(expected.detach().numpy(), rel=1e-4)


# Sanity


class Branched(nn.Module):
    """Convolutions and a parameter of the network's own."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.linspace(0.5, 1.5, 12)[:, None])
        self.body = nn.Sequential(nn.Conv1d(12, 8, 5, padding=2), nn.BatchNorm1d(8), nn.GELU())
        self.head = nn.Conv1d(8, 24, 3, padding=1)

    def forward(self, signal):
        return (self.weights(signal) * signal[:, None]).sum((2, 3))

    def weights(self, signal):
        return self.head(self.body(self.scale * signal)).unflatten(1, (2, 12))


def _weights(signal, network):
    with torch.inference_mode():
        return network.eval().weights(signal)[:, 0].numpy()


def test_a_linear_network_that_forgets_all_has_another_map(signal):
    network = Linear()
    stages = cascade(network, lambda net: net.read.weight.detach()[:1].reshape(1, 12, N).numpy())
    assert [stage.share for stage in stages] == pytest.approx([0, 1])
    assert (stages[0].likeness.signed[0], stages[0].likeness.magnitude[0]) == pytest.approx((1, 1))
    assert abs(stages[-1].likeness.signed[0]) < 0.05
    assert abs(stages[-1].likeness.magnitude[0]) < 0.05


def test_the_cascade_goes_from_last_to_first_and_leaves_the_network_alone(signal):
    network = Branched()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    generator = torch.random.get_rng_state()
    stages = cascade(network, partial(_weights, signal))
    assert layers(network) == ("", "body.0", "body.1", "head")
    assert [stage.layer for stage in stages] == [None, "head", "body.1", "body.0", ""]
    assert stages[-1].share == pytest.approx(1)
    assert [stage.share for stage in stages] == sorted(stage.share for stage in stages)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert torch.equal(torch.random.get_rng_state(), generator)


def test_each_step_changes_its_layers_only():
    network = Branched()
    names = {"head": ["head."], "body.1": ["body.1."], "body.0": ["body.0."], "": ["scale"]}
    last = {name: value.clone() for name, value in network.state_dict().items()}
    for layer, copy in randomised(network, seed=1):
        now = {name: value.clone() for name, value in copy.state_dict().items()}
        changed = {name for name in now if not torch.equal(now[name], last[name])}
        assert all(name.startswith(tuple(names[layer])) for name in changed)
        assert changed or layer == "body.1"  # which still is as it began
        last = now


def test_a_seed_repeats_the_cascade_and_few_stages_reach_the_same_end():
    network = Branched()
    ends = [
        list(randomised(network, stages=s, seed=seed))[-1][1]
        for s, seed in ((10, 3), (10, 3), (2, 3), (10, 4))
    ]
    heads = [end.get_parameter("head.weight") for end in ends]
    assert torch.equal(heads[0], heads[1])
    assert torch.equal(heads[0], heads[2])
    assert not torch.equal(heads[0], heads[3])
    assert len(list(randomised(network, stages=2))) == 2


def test_a_map_of_the_signal_alone_passes_no_sanity_check(signal):
    """What does not look at the network cannot change with it: the check must say so."""
    stages = cascade(Branched(), lambda network: signal.abs().numpy())
    assert all(stage.likeness.signed == pytest.approx(1) for stage in stages)


def test_flipped_signs_are_opposite_in_value_and_alike_in_magnitude():
    a = np.random.default_rng(0).standard_normal((2, 12, 40))
    found = likeness(a, -a)
    assert found.signed == pytest.approx(-1)
    assert found.magnitude == pytest.approx(1)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (lambda: map_correlation(np.zeros((2, 12, 5)), np.zeros((2, 12, 6))), "two maps"),
        (lambda: map_correlation(np.full((1, 12, 5), np.nan), np.zeros((1, 12, 5))), "finite maps"),
        (lambda: seed_correlations(np.zeros((1, 2, 12, 5))), "at least two models"),
        (lambda: list(randomised(nn.GELU())), "0 layers"),
        (lambda: list(randomised(nn.Linear(2, 2), stages=0)), "0 stages"),
        (
            lambda: max_sensitivity(
                lambda x, t: x, torch.ones(1, 12, 9), torch.zeros(1), noise=Noise("mains", 9), draws=0
            ),
            "at least one draw",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(wrong, sentence):
    with pytest.raises(InputError, match=sentence):
        wrong()
