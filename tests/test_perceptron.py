"""The small network: NumPy gives what torch fitted, what can be learned is learned, seeds decide."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from imn.perceptron import Fitting, Perceptron, fit

SMALL = Fitting(width=24, hidden=2, epochs=40, batch=50, learning_rate=1e-2, dropout=0.1)


def signs(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Inputs far from zero mean and unit scale; two targets, the first of which no line can tell."""
    rng = np.random.default_rng(seed)
    values = rng.standard_normal((count, 3))
    targets = np.stack([values[:, 0] * values[:, 1] > 0, values[:, 2] > 0.5], axis=1)
    return 40 * values + [100, -3, 7], targets.astype(float)


def fitted(fitting: Fitting = SMALL) -> Perceptron:
    given, wanted = signs(400, 0)
    return fit(lambda _: given, wanted, fitting)


@pytest.fixture(scope="module")
def net() -> Perceptron:
    return fitted()


def test_numpy_gives_what_torch_fitted(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[torch.nn.Sequential] = []

    class Kept(torch.nn.Sequential):
        def __init__(self) -> None:
            super().__init__()
            made.append(self)

    monkeypatch.setattr(torch.nn, "Sequential", Kept)
    given, _ = signs(400, 0)
    net = fitted(replace(SMALL, epochs=3))
    (theirs,) = made
    standard = torch.as_tensor(((given - given.mean(axis=0)) / (given.std(axis=0) + 1e-2)).astype(np.float32))
    with torch.no_grad():
        expected = theirs.eval()(standard).sigmoid().numpy()
    np.testing.assert_allclose(net(given), expected, atol=1e-6)
    assert np.ptp(expected) > 0.1, "a network that tells nothing would agree with anything"


def test_what_can_be_learned_is_learned(net: Perceptron) -> None:
    given, wanted = signs(1000, 1)
    found = net(given)
    assert ((found > 0.5) == wanted).mean(axis=0) == pytest.approx([1, 1], abs=0.07)
    # Probabilities: as many positives as they promise.
    assert found.mean(axis=0) == pytest.approx(wanted.mean(axis=0), abs=0.05)


def test_the_same_seed_gives_the_same_weights(net: Perceptron) -> None:
    again, other = fitted(), fitted(replace(SMALL, seed=1))
    for one, two, three in zip(net.weights, again.weights, other.weights, strict=True):
        np.testing.assert_array_equal(one, two)
        assert not np.allclose(one, three)


def test_noise_is_drawn_anew_in_each_epoch() -> None:
    given, wanted = signs(100, 0)
    seen = []

    def inputs(rng: np.random.Generator) -> np.ndarray:
        seen.append(given + rng.standard_normal(given.shape))
        return seen[-1]

    fit(inputs, wanted, replace(SMALL, epochs=3))
    assert len(seen) == 4
    assert all(not np.array_equal(a, b) for a, b in zip(seen, seen[1:], strict=False))


def test_what_lies_far_off_is_still_a_probability(net: Perceptron) -> None:
    found = net(np.array([[1e6, -1e6, 1e6], [0, 0, 0], [-1e6, 1e6, -1e6]]))
    assert ((found >= 0) & (found <= 1)).all()
