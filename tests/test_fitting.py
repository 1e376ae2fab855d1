"""Fitting one network: what is minimised, what decays, which epoch is kept, how rivals go along."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from imn import fitting
from imn.errors import InputError
from imn.fitting import Recordings, fit, loss
from imn.labels import LABELS
from imn.recipe import Recipe, recipe_for
from imn.rivals import RIVALS

K = len(LABELS)
TINY = Recipe(widths=(8, 8, 8), kernel=3, epochs=1, batch=8, n_crop=300, fidelity=0.0)


class Fixed(nn.Module):
    """Read by weights that are the same for every recording, or by the signal itself."""

    def __init__(self, *, linear: bool) -> None:
        super().__init__()
        draw = torch.Generator().manual_seed(1)
        self.w = nn.Parameter(0.02 * torch.randn(K, 12, 300, generator=draw))
        self.linear = linear

    def forward(self, signal: Tensor) -> Tensor:
        return self.read(signal, signal)[1]

    def read(self, signal: Tensor, other: Tensor) -> tuple[Tensor, Tensor]:
        weights = self.w if self.linear else self.w * signal.square().mean((1, 2), keepdim=True)[:, None]
        logits, others = ((weights * x[:, None]).sum((2, 3)) for x in (signal, other))
        return logits, others


class Idle(nn.Module):
    """Says the same whatever its parameters, so that only decay moves them."""

    no_decay = frozenset({"inner.free"})

    def __init__(self, *_: object) -> None:
        super().__init__()
        self.inner = nn.Module()
        self.inner.free, self.inner.kept = nn.Parameter(torch.ones(3)), nn.Parameter(torch.ones(3))
        self.free = nn.Parameter(torch.ones(3))

    def forward(self, signal: Tensor) -> Tensor:
        nothing = sum((0.0 * parameter).sum() for parameter in self.parameters())
        return signal.new_zeros(len(signal), K) + nothing


@pytest.fixture(scope="module")
def recordings() -> Recordings:
    rng = np.random.default_rng(0)
    truth = (rng.random((24, K)) < 0.4).astype(np.float32)
    signal = rng.normal(0, 0.3, (24, 12, 320)).astype(np.float32)
    return Recordings(signal * np.where(truth[:, 1], 3, 1)[:, None, None].astype(np.float32), truth)


def drawn(seed: int) -> Tensor:
    return torch.randn(4, 12, 300, generator=torch.Generator().manual_seed(seed))


def fitted(
    recipe: Recipe, recordings: Recordings, folder: Path, seed: int = 0
) -> tuple[nn.Module, list[dict]]:
    log: list[dict] = []
    network = fit(
        recipe, recordings, recordings, seed=seed, checkpoint=folder / "c.safetensors", log=log.append
    )
    return network, log


class TestLoss:
    def test_local_fidelity_costs_nothing_where_weights_do_not_move(self):
        signal, other, truth = drawn(1), 2 * drawn(2), torch.zeros(4, K)
        faithful = replace(TINY, fidelity=3.0)
        for linear in (True, False):
            network = Fixed(linear=linear)
            found = loss(network, faithful, signal, truth, other) - loss(network, faithful, signal, truth)
            assert bool(found < 1e-5) is linear

    def test_local_fidelity_is_the_mean_square_of_what_is_missed(self):
        network, signal, other, truth = Fixed(linear=False), drawn(1), 2 * drawn(2), torch.zeros(4, K)
        missed = (network.read(signal, other)[1] - network(other)).square().mean()
        for weight in (0.5, 2.0):
            recipe = replace(TINY, fidelity=weight)
            found = loss(network, recipe, signal, truth, other) - loss(network, recipe, signal, truth)
            torch.testing.assert_close(found, weight * missed, rtol=1e-4, atol=1e-5)

    def test_findings_count_by_their_share(self):
        network, signal, truth = Fixed(linear=True), drawn(1), torch.zeros(4, K)
        parts = nn.functional.softplus(network(signal)).mean(0)
        for share in (0.0, 1.7):
            expected = parts[:5].mean() + share * parts[5:].mean()
            torch.testing.assert_close(
                loss(network, replace(TINY, finding_share=share), signal, truth), expected
            )


class TestFit:
    @pytest.mark.parametrize("fidelity", [0.0, 0.3])
    def test_loss_falls(self, recordings, tmp_path, fidelity):
        _, log = fitted(replace(TINY, epochs=5, fidelity=fidelity), recordings, tmp_path)
        assert [line["epoch"] for line in log] == [0, 1, 2, 3, 4]
        assert log[-1]["loss"] < 0.9 * log[0]["loss"]

    def test_what_must_not_decay_does_not(self, recordings, tmp_path, monkeypatch):
        monkeypatch.setattr(fitting, "build", Idle)
        network, _ = fitted(replace(TINY, decay=10.0), recordings, tmp_path)
        assert torch.equal(network.get_parameter("inner.free"), torch.ones(3))
        for name in ("inner.kept", "free"):
            assert (network.get_parameter(name) < 0.999).all()

    def test_what_a_rival_keeps_from_decay_are_parameters_of_its_own(self):
        named = {name: getattr(build(K), "no_decay", frozenset()) for name, build in RIVALS.items()}
        assert named["s4"]
        for name, build in RIVALS.items():
            assert named[name] <= dict(build(K).named_parameters()).keys()

    def test_the_best_epoch_is_kept_and_patience_ends_the_run(self, recordings, tmp_path, monkeypatch):
        scores = iter([0.6, 0.9, 0.8, 0.7, 0.7, 0.7])
        kept: list[Tensor] = []

        def score(network: nn.Module, _: Recordings) -> float:
            kept.append(network.state_dict()["bias"].clone())
            return next(scores)

        monkeypatch.setattr(fitting, "_score", score)
        network, log = fitted(replace(TINY, epochs=6, patience=1), recordings, tmp_path)
        assert [line["auroc"] for line in log] == [0.6, 0.9, 0.8, 0.7]
        assert torch.equal(network.state_dict()["bias"], kept[1])
        assert not network.training

    def test_a_finished_run_is_read_back_without_another_step(self, recordings, tmp_path, monkeypatch):
        network, _ = fitted(replace(TINY, epochs=2), recordings, tmp_path)
        monkeypatch.setattr(fitting, "_epoch", None)
        again, log = fitted(replace(TINY, epochs=2), recordings, tmp_path)
        assert not log
        assert all(torch.equal(a, b) for a, b in zip(network.parameters(), again.parameters(), strict=True))

    def test_a_checkpoint_of_another_recipe_or_seed_is_refused(self, recordings, tmp_path):
        fitted(TINY, recordings, tmp_path)
        for recipe, seed in ((replace(TINY, rate=1e-3), 0), (TINY, 1)):
            with pytest.raises(InputError, match="another recipe or seed"):
                fitted(recipe, recordings, tmp_path, seed)

    def test_a_rival_goes_through_the_same(self, recordings, tmp_path):
        recipe = replace(recipe_for("cnn"), epochs=2, batch=8, n_crop=300)
        network, log = fitted(recipe, recordings, tmp_path)
        assert type(network) is type(RIVALS["cnn"](K))
        assert all(np.isfinite(line["loss"]) for line in log) and log[1]["loss"] < log[0]["loss"]
        torch.manual_seed(0)
        fresh = RIVALS["cnn"](K)
        moved = [not torch.equal(a, b) for a, b in zip(network.parameters(), fresh.parameters(), strict=True)]
        assert all(moved)

    def test_an_unknown_model_is_named(self, recordings, tmp_path):
        with pytest.raises(InputError, match="expected model ecglocus, paper, .* got resnet"):
            fitted(replace(TINY, model="resnet"), recordings, tmp_path)
