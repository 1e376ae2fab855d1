"""What the leads can see: against closed forms on small hearts, then on the reference heart."""

from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.forward.heart import VirtualHeart
from cine_mapping.localisation.visibility import (
    Catalogue,
    components,
    explained,
    make_catalogue,
    plan_sight,
    twins,
)
from cine_mapping.operators.lead_fields import node_transfer
from imn.errors import InputError
from tests.muscle_slab import slab
from viewer import visibility_picture


@pytest.fixture(scope="module")
def patch() -> VirtualHeart:
    """A small piece of muscle with arbitrary lead fields."""
    muscle = slab(size=(7, 7, 4), step=8.0)
    rng = np.random.default_rng(0)
    electrodes = rng.uniform(-60, 110, (9, 3))
    return VirtualHeart(muscle, 300 / cdist(electrodes, muscle.points))


def test_what_is_left_is_the_posterior_variance(patch: VirtualHeart) -> None:
    """By the other form of Bayes' rule: precisions add up."""
    noise, change, width = 0.05, 25.0, 12.0
    prior = np.exp(-0.5 * cdist(patch.myocardium.points, patch.myocardium.points, "sqeuclidean") / width**2)
    prior = change**2 * (prior + 1e-9 * np.eye(len(prior)))
    leads = node_transfer(patch)
    posterior = np.linalg.inv(np.linalg.inv(prior) + leads.T @ leads / noise**2)
    sight = plan_sight(patch, width=width, noise=noise, change=change)
    np.testing.assert_allclose(1 - sight.share, np.diag(posterior) / change**2, atol=1e-4)


def test_more_noise_shows_less(heart: VirtualHeart) -> None:
    sights = [plan_sight(heart, noise=noise) for noise in (1e-3, 0.02, 0.5, 1e3)]
    for clear, dim in zip(sights, sights[1:], strict=False):
        assert (clear.share >= dim.share - 1e-9).all()
        assert clear.rank >= dim.rank
    assert sights[0].rank == 8
    assert sights[-1].rank == 0
    assert sights[-1].share.max() < 1e-3


def test_eight_leads_cannot_see_most_of_the_wall(heart: VirtualHeart) -> None:
    """Eight numbers explain eight dimensions: the traces of prior and posterior differ by at most that."""
    share = plan_sight(heart, noise=1e-4).share
    assert ((share > 0) & (share <= 1 + 1e-9)).all()
    volumes = heart.myocardium.node_volumes
    seen = float(share @ volumes / volumes.sum())
    assert 0.2 < seen < 0.6
    # A finer prior has more dimensions for the same eight leads.
    assert plan_sight(heart, width=10.0, noise=1e-4).share @ volumes < 0.5 * share @ volumes


def test_components_are_counted() -> None:
    rng = np.random.default_rng(1)
    mixed = rng.standard_normal((50, 3)) @ rng.standard_normal((3, 8 * 36))
    assert components(mixed.reshape(50, 8, 36), noise=1e-6) == 3
    assert components(mixed.reshape(50, 8, 36), noise=1e6) == 0


def test_all_or_nothing_is_explained() -> None:
    rng = np.random.default_rng(2)
    hidden = rng.standard_normal((400, 4))
    patterns = (hidden @ rng.standard_normal((4, 8 * 36))).reshape(400, 8, 36)
    truths = np.column_stack([hidden[:, 0], rng.standard_normal(400), np.zeros(400)])
    found = explained(patterns, truths, noise=1e-3)
    assert found[0] > 0.99
    assert found[1] < 0.05
    assert found[2] == 0
    assert explained(patterns, truths, noise=1e4)[0] < 0.01


def test_twins_are_those_with_one_pattern_and_two_places() -> None:
    rng = np.random.default_rng(3)
    patterns = rng.standard_normal((4, 8, 36))
    patterns[1] = 3 * patterns[0]
    patterns[3] = patterns[2]
    truths = np.zeros((4, 10), dtype=bool)
    truths[0, :3], truths[1, 2:6], truths[2, :4], truths[3, :5] = True, True, True, True
    (pair,) = twins(Catalogue(patterns, truths), np.ones(10))
    assert (pair.first, pair.second) == (0, 1)
    assert pair.correlation == pytest.approx(1)
    assert pair.dice == pytest.approx(2 / 7)
    weighted = np.where(np.arange(10) == 2, 1e-6, 1.0)
    assert twins(Catalogue(patterns, truths), weighted)[0].dice < 1e-3
    assert not twins(Catalogue(patterns, truths), np.ones(10), apart=0.2)


def test_a_catalogue_is_told_by_its_seed(heart: VirtualHeart) -> None:
    one, same, other = (make_catalogue(heart, "WPW", 2, seed=seed) for seed in (5, 5, 6))
    assert np.array_equal(one.patterns, same.patterns)
    assert np.array_equal(one.truths, same.truths)
    assert not np.array_equal(one.truths, other.truths)
    assert one.truths.any(axis=1).all()
    assert np.abs(one.patterns).max(axis=(1, 2)).min() > 0.05


def test_what_cannot_be_asked_is_refused(heart: VirtualHeart) -> None:
    with pytest.raises(InputError, match="choose from"):
        make_catalogue(heart, "flu", 1)
    with pytest.raises(InputError, match="four or more"):
        explained(np.zeros((3, 8, 36)), np.zeros((3, 5)))


def test_the_picture_takes_values_from_the_nodes(
    heart: VirtualHeart, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = []
    monkeypatch.setattr(visibility_picture, "draw_heart", lambda *given, **_: drawn.append(given))
    anatomy = load_anatomy("reference")
    height = heart.myocardium.points[:, 2].astype(float)
    visibility_picture.draw_visibility(
        tmp_path / "seen.png", height, anatomy=anatomy, myocardium=heart.myocardium
    )
    ((path, shown, values),) = drawn
    assert path == tmp_path / "seen.png"
    assert shown is anatomy
    of_ventricles = anatomy.heart.points[anatomy.ventricles, 2]
    assert np.abs(values[anatomy.ventricles] - of_ventricles).mean() < 3
    assert (values[~anatomy.ventricles] == 0).all()
