"""A few labels' explanation is what all labels' explanation holds of them."""

import numpy as np
import pytest

from imn.errors import InputError
from imn.few_labels import explain_few
from imn.model import load_model
from imn.record import Record
from tests.synthetic import ecg


@pytest.fixture(scope="module")
def model():
    return load_model()


def records(fs: float, count: int) -> list[Record]:
    made = [ecg(fs, np.arange(0.4 + 0.05 * i, 6.0, 0.8), 6.0, noise_mv=0.01) for i in range(count)]
    return [Record((signal * (-1) ** i).astype(np.float32), fs, f"r{i}") for i, signal in enumerate(made)]


@pytest.mark.parametrize("fs", [100.0, 250.0])
def test_it_is_the_models_own_explanation(model, fs):
    held = records(fs, 3)
    wanted = iter(((1, 3), (4, 0), (1, 6)))
    found = explain_few(model, held, lambda _: next(wanted))
    for record, one, ks in zip(held, found, ((1, 3), (4, 0), (1, 6)), strict=True):
        whole = model.explain(record, spread=False)
        assert one.explanation.classes == tuple(model.classes[k] for k in ks)
        np.testing.assert_allclose(one.logits, whole.logits, atol=2e-5)
        for held_weights, k in zip(one.explanation.weights, ks, strict=True):
            scale = np.abs(whole.weights[k]).max()
            np.testing.assert_allclose(held_weights, whole.weights[k], atol=1e-5 * scale)
        np.testing.assert_array_equal(one.explanation.signal, whole.signal)
        np.testing.assert_array_equal(one.explanation.logits, one.logits[list(ks)])
        assert one.explanation.completeness_error < 1e-9


def test_the_label_is_chosen_by_the_logits(model):
    found = explain_few(model, records(100.0, 2), lambda logits: [int(np.argmin(logits))])
    for one in found:
        assert one.explanation.classes == (model.classes[int(np.argmin(one.logits))],)


def test_what_no_network_was_made_for_is_refused(model):
    slow = Record(np.random.default_rng(0).normal(size=(12, 500)).astype(np.float32), 50.0, "slow")
    with pytest.raises(InputError, match="62 to 10000 Hz"):
        explain_few(model, [slow], lambda _: [0])
