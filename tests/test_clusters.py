"""Clusters of activations: identities of shares and proportions, time, files, and folds kept apart."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from imn.clusters.blocks import (
    EVIDENCE,
    LAST_BLOCKS,
    Activations,
    Block,
    grid_times,
    last_blocks,
    read_activations,
)
from imn.clusters.clusters import (
    Recipe,
    entropy,
    fit_clusters,
    load_clusters,
    proportions,
    save_clusters,
)
from imn.clusters.figures import STATISTICS, agrees, headline, label_rows, patient_draws
from imn.clusters.forest import agreement, fit_forest
from imn.clusters.kept import _read, _write
from imn.clusters.protocol import Data, HeldOut, choose, fewest, score, split
from imn.errors import InputError
from imn.network import Architecture, Network
from imn.rivals import RIVALS
from tests.synthetic import ecg

N_LABELS = 19


@pytest.fixture(scope="module")
def signal():
    rng = np.random.default_rng(0)
    beats = ecg(100.0, np.arange(0.4, 4.0, 0.8), 4.0)
    return np.stack([beats * rng.uniform(0.5, 2) for _ in range(6)]).astype(np.float32)


@pytest.fixture(scope="module")
def network():
    torch.manual_seed(0)
    return Network(Architecture(widths=(8, 8, 8), heads=2)).eval().requires_grad_(False)


@pytest.fixture(scope="module")
def activations(network, signal):
    return read_activations([network], signal)


def toy(n: int = 120, seed: int = 0) -> Activations:
    """Two kinds of moments; the logits follow how many of each a recording has."""
    rng = np.random.default_rng(seed)
    share = rng.uniform(0, 1, n)
    kind = rng.uniform(size=(n, 50)) < share[:, None]
    values = 4.0 * kind[:, None] + rng.normal(0, 0.3, (n, 3, 50))
    logits = np.repeat(6 * (share - 0.5)[:, None], 5, axis=1)
    return Activations((Block("a", 2, 0.5),) * 3, (values,) * 3, logits, 100)


class TestBlocks:
    def test_a_network_says_the_same_while_it_is_listened_to(self, network, signal, activations):
        with torch.inference_mode():
            alone = network(torch.as_tensor(signal)).numpy()
        assert np.allclose(activations.logits, alone, atol=1e-6)
        assert not network.context._forward_hooks

    @pytest.mark.parametrize("name", sorted(RIVALS))
    def test_every_rival_has_three_blocks_on_one_grid(self, name, signal):
        torch.manual_seed(0)
        rival = RIVALS[name](N_LABELS).eval().requires_grad_(False)
        found = read_activations([rival], signal[:2])
        assert len(found.values) == 3 + (name == "paper")
        assert found.on_grid().shape == (2, 200, sum(found.widths))
        assert np.isfinite(found.on_grid()).all()

    def test_every_block_named_has_the_stride_it_says(self, network, signal):
        for block, value in zip(
            last_blocks(network), read_activations([network], signal).values, strict=False
        ):
            assert value.shape[2] == signal.shape[-1] // block.stride

    def test_evidence_sums_to_what_is_not_bias(self, network, signal, activations):
        gathered = activations.values[activations.blocks.index(EVIDENCE)]
        # The Gaussian reflects at the ends, so that nothing is lost.
        assert np.allclose(gathered.sum(-1), activations.logits[:, :5] - network.bias.numpy()[:5], atol=2e-4)

    def test_a_ramp_is_read_off_at_the_moments_of_the_grid(self):
        for block in LAST_BLOCKS["SamplingCNN"]:
            m = 200 // block.stride
            ramp = (np.arange(m) * block.stride + block.first)[None, None]
            found = Activations((block,), (ramp,), np.zeros((1, 5)), 200).on_grid()[0, :, 0]
            inside = (grid_times(200) >= block.first) & (grid_times(200) <= ramp.max())
            assert np.allclose(found[inside], grid_times(200)[inside])

    def test_an_unknown_network_is_named(self):
        with pytest.raises(InputError, match="Linear"):
            last_blocks(torch.nn.Linear(1, 1))

    def test_members_share_one_evidence(self, network, signal, activations):
        twice = read_activations([network, network], signal)
        assert len(twice.values) == 7 and np.allclose(twice.values[-1], activations.values[-1])


class TestShares:
    @pytest.mark.parametrize("kind", ["kmeans", "gaussian"])
    def test_shares_and_proportions_sum_to_one(self, activations, kind):
        clusters = fit_clusters(activations, Recipe(5, kind), "toy")
        shares = clusters.assign(activations)
        assert shares.min() >= 0 and np.allclose(shares.sum(-1), 1, atol=1e-5)
        for hard in (False, True):
            assert np.allclose(proportions(shares, hard=hard).sum(-1), 1, atol=1e-6)
        assert entropy(shares).min() >= 0 and entropy(shares).max() <= 1

    def test_other_numbers_change_nothing(self, activations):
        clusters = fit_clusters(activations, Recipe(5), "toy")
        order = np.array([3, 1, 4, 0, 2])
        shares, other = clusters.assign(activations), clusters.permuted(order).assign(activations)
        assert np.allclose(shares[..., order], other, atol=1e-6)
        assert np.allclose(entropy(shares), entropy(other), atol=1e-6)

    def test_the_same_seed_gives_the_same_clusters(self, activations):
        first, second = (fit_clusters(activations, Recipe(4), "toy") for _ in range(2))
        assert np.array_equal(first.assign(activations), second.assign(activations))

    def test_entropy_is_bounded_by_certain_and_undecided(self):
        assert entropy(np.array([1.0, 0, 0])) == 0
        assert entropy(np.full(7, 1 / 7)) == pytest.approx(1)

    def test_kmeans_gives_a_moment_to_its_nearest_centre(self, activations):
        clusters = fit_clusters(activations, Recipe(6), "toy")
        z = (activations.on_grid() - clusters.mean) @ clusters.axes
        nearest = ((z[:, :, None] - clusters.centres) ** 2).sum(-1).argmin(-1)
        assert (clusters.assign(activations).argmax(-1) == nearest).mean() > 0.999

    def test_without_evidence_it_does_not_count(self, activations):
        clusters = fit_clusters(activations, Recipe(4, evidence=0.0), "toy")
        assert not clusters.axes[-activations.widths[-1] :].any()

    def test_clusters_come_back_from_a_file(self, activations, tmp_path):
        clusters = fit_clusters(activations, Recipe(4), "toy")
        again = load_clusters(save_clusters(tmp_path / "clusters.npz", clusters))
        assert again.model == "toy" and again.widths == clusters.widths
        assert np.array_equal(again.assign(activations), clusters.assign(activations))

    def test_a_file_of_another_kind_is_refused(self, tmp_path):
        np.savez(tmp_path / "other.npz", x=1)
        with pytest.raises(InputError, match="expected a file of clusters"):
            load_clusters(tmp_path / "other.npz")
        with pytest.raises(InputError, match="no such file"):
            load_clusters(tmp_path / "none.npz")

    def test_another_models_activations_are_refused(self, activations):
        clusters = fit_clusters(activations, Recipe(4), "toy")
        with pytest.raises(InputError, match="channels"):
            clusters.assign(toy(4))


class TestForest:
    def test_proportions_reproduce_a_model_that_counts_moments(self):
        known, unseen = toy(200), toy(60, seed=1)
        clusters = fit_clusters(known, Recipe(2), "toy")
        forest = fit_forest(proportions(clusters.assign(known)), known.probabilities, trees=50)
        given = forest.predict(proportions(clusters.assign(unseen)))
        assert agreement(given, unseen.probabilities).mean() > 0.9

    def test_agreement_counts_labels_decided_alike(self):
        assert agreement(np.array([[0.6, 0.4]]), np.array([[0.9, 0.6]])) == 0.5


def folds() -> Data:
    truth = toy(120).probabilities + np.random.default_rng(3).normal(0, 0.3, (120, 5)) > 0.5
    fold = np.repeat(np.arange(1, 6), 24)
    return Data(np.zeros((120, 12, 100), np.float32), truth, fold, np.arange(120).astype(str))


def card(unseen: int = 5) -> dict:
    return {"data": {"trained_on_folds": [1, 2, 3, 4], "held_out_fold": unseen}}


@pytest.fixture(scope="module")
def held() -> HeldOut:
    made, data = toy(120), folds()
    train, test = split(card(), data)
    return score("toy", made[train], made[test], data[train], data[test])


class TestProtocol:
    def test_a_patient_on_both_sides_is_refused(self):
        data = folds()
        data.patient[0] = data.patient[-1]
        with pytest.raises(InputError, match="1 shared"):
            split(card(), data)

    def test_a_fold_trained_on_cannot_be_scored(self):
        with pytest.raises(InputError):
            split(card(unseen=4), folds())
        with pytest.raises(InputError, match="card"):
            split({}, folds())

    def test_sides_are_the_cards(self):
        train, test = split(card(), folds())
        assert not (train & test).any() and set(folds().fold[test]) == {5}

    def test_nothing_of_the_held_out_fold_enters(self, held):
        made, data = toy(120), folds()
        train, test = split(card(), data)
        other = replace(data[test], truth=~data[test].truth)
        # The unseen recordings in another order, with other labels: the same answers, in that order.
        back = np.arange(test.sum())[::-1]
        again = score("toy", made[train], made[test][back], data[train], other[back])
        assert again.recipe == held.recipe
        for name in ("surrogate", "labelled", "plain", "entropy"):
            assert np.allclose(getattr(again, name)[back], getattr(held, name), atol=1e-5)

    def test_selection_sees_training_folds_only(self, monkeypatch):
        from imn.clusters import protocol

        seen = []
        monkeypatch.setattr(protocol, "choose", lambda known, fold: seen.append((known, fold)) or Recipe(2))
        made, data = toy(120), folds()
        train, test = split(card(), data)
        score("toy", made[train], made[test], data[train], data[test])
        ((known, fold),) = seen
        assert len(known) == train.sum() and 5 not in fold

    def test_fits_of_a_choice_do_not_see_the_folds_it_is_compared_on(self, monkeypatch):
        from imn.clusters import protocol

        fitted = []
        real = protocol.fit_clusters
        monkeypatch.setattr(
            protocol, "fit_clusters", lambda a, r, m: fitted.append(a.logits[:, 0]) or real(a, r, m)
        )
        made, fold = toy(96), np.repeat(np.arange(1, 5), 24)
        choose(made, fold, (Recipe(2, evidence=0.0), Recipe(3, evidence=0.0)))
        for logits in fitted:
            assert np.array_equal(logits, made.logits[fold <= 2, 0])

    def test_the_fewest_clusters_as_good_as_the_best_are_chosen(self):
        rng = np.random.default_rng(0)
        best = rng.uniform(1, 2, 500)
        errors = np.array([best + 0.5, best + rng.normal(0, 0.1, 500) - 0.001, best])
        errors[1] += errors[2].mean() - errors[1].mean() + 1e-4
        assert fewest([8, 16, 32], errors) == 1

    def test_figures_of_a_perfect_stand_in(self, held):
        perfect = replace(held, surrogate=held.network)
        assert agrees(perfect) == 1 and STATISTICS["auroc_loss"](perfect) == 0
        found = headline(perfect, resamples=20)
        assert found["agreement"]["low"] == found["agreement"]["high"] == 1
        assert all(row["kappa"] == pytest.approx(1) for row in label_rows(perfect))

    def test_patients_are_drawn_with_all_their_recordings(self):
        patient = np.array(["a", "b", "a", "c"])
        for draw in patient_draws(patient, 30):
            counts = np.bincount(draw, minlength=4)
            assert counts[0] == counts[2] and counts[0] + counts[1] + counts[3] == 3

    def test_a_held_out_fold_comes_back_from_its_file(self, held, tmp_path):
        _write(tmp_path / "fold.npz", held)
        again = _read(tmp_path / "fold.npz")
        assert isinstance(again, HeldOut) and again.recipe == held.recipe and again.model == "toy"
        assert np.array_equal(again.surrogate, held.surrogate)
