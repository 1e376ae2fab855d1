"""The model: evidence sums to the logit, at every rate; what it is worth."""

import json
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import expit

from imn.conditioning import remove_baseline
from imn.errors import InputError
from imn.explanation import sigmoid
from imn.labels import LABELS
from imn.leads import LEADS, to_identified
from imn.model import SHIPPED, Model, explain, load_model
from imn.record import Record
from tests.synthetic import ecg


def heartbeat(fs: float, seconds: float, rate: float = 72.0) -> np.ndarray:
    """Regular beats, (12, n) float32, mV."""
    return ecg(fs, np.arange(0.4, seconds, 60.0 / rate), seconds).astype(np.float32)


def record(fs: float, seconds: float, rate: float = 72.0) -> Record:
    return Record(heartbeat(fs, seconds, rate), fs, f"{fs:g}-{seconds:g}", "simulated")


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model()


class TestCompleteness:
    @pytest.mark.parametrize("fs", [62.0, 100.0, 250.0, 360.0, 500.0, 1000.0])
    @pytest.mark.parametrize("seconds", [2.0, 10.0, 60.0])
    def test_parts_sum_to_the_logit(self, model, fs, seconds):
        found = model.explain(record(fs, seconds))
        sums = found.evidence.sum(axis=(1, 2), dtype=float)
        assert found.weights.shape == (len(LABELS), 12, round(fs * seconds))
        assert np.abs(sums + found.bias - found.logits).max() <= 1e-4
        assert found.completeness_error <= 1e-9

    def test_zero_record_has_zero_evidence(self, model):
        found = model.explain(Record(np.zeros((12, 1000)), 100.0, "flat"))
        assert not found.evidence.any()
        np.testing.assert_array_equal(found.logits, model.bias)

    def test_bias_is_no_function_of_the_record(self, model):
        one, two = model.explain(record(100.0, 10.0)), model.explain(record(500.0, 4.0, rate=110.0))
        np.testing.assert_array_equal(one.bias, two.bias)
        assert np.abs(one.logits - two.logits).max() > 0.01

    def test_weights_are_identified(self, model):
        weights = model.explain(record(250.0, 10.0)).weights
        np.testing.assert_allclose(to_identified(weights), weights, atol=1e-5 * np.abs(weights).max())

    def test_gradient_with_weights_held_is_the_weights(self, model):
        import torch

        signal = torch.tensor(heartbeat(100.0, 5.0))[None].requires_grad_()
        weights = model.members[0].weights(signal).detach()
        ((weights[:, 1] * signal).sum() + model.members[0].bias[1]).backward()
        assert signal.grad is not None
        torch.testing.assert_close(signal.grad, weights[:, 1], rtol=0, atol=0)

    def test_logits_of_the_network_are_those_of_the_parts(self, model):
        import torch

        signal = remove_baseline(heartbeat(100.0, 10.0), 100.0)
        with torch.no_grad():
            own = [member(torch.tensor(signal)[None])[0].numpy() for member in model.members]
        np.testing.assert_allclose(model.explain(record(100.0, 10.0)).logits, np.mean(own, axis=0), atol=1e-4)

    def test_ensemble_is_the_mean_of_its_members(self, model):
        one = record(360.0, 5.0)
        alone = [replace(model, members=(member,)).explain(one) for member in model.members]
        both = model.explain(one)
        np.testing.assert_allclose(both.logits, np.mean([e.logits for e in alone], axis=0), atol=1e-5)
        np.testing.assert_allclose(both.weights, np.mean([e.weights for e in alone], axis=0), atol=1e-6)

    def test_repeating_a_recording_keeps_its_logits(self, model):
        # 75 per minute: eight seconds are ten whole beats, so the copy joins without a jump.
        once = heartbeat(100.0, 8.0, 75.0)
        short, long = (model.explain(Record(x, 100.0, "x")) for x in (once, np.tile(once, 2)))
        np.testing.assert_allclose(short.logits, long.logits, atol=0.1)

    @pytest.mark.parametrize("fs", [250.0, 500.0, 1000.0])
    def test_logits_agree_between_rates(self, model, fs):
        np.testing.assert_allclose(
            model.explain(record(fs, 10.0)).logits, model.explain(record(100.0, 10.0)).logits, atol=0.3
        )

    def test_batches_equal_single_recordings(self, model):
        records = [record(100.0, 10.0), record(100.0, 10.0, 90.0), record(250.0, 4.0)]
        for one, many in zip(records, model.explain_many(records), strict=True):
            assert many.record_id == one.id
            np.testing.assert_allclose(many.logits, model.explain(one).logits, atol=1e-4)

    @pytest.mark.parametrize("fs", [1.0, 50.0, 1e6])
    def test_rates_of_no_ecg_are_refused(self, model, fs):
        flat = Record(np.zeros((12, max(200, round(2 * fs))), np.float32), fs, "odd")
        with pytest.raises(InputError, match="sampling rate of 62 to 10000 Hz"):
            model.explain(flat)

    def test_explain_uses_the_shipped_model(self, model):
        assert explain(record(100.0, 10.0)).model == model.name
        assert model.name in explain(record(100.0, 10.0), model).model


def test_card_of_the_shipped_model_is_consistent(model):
    card = json.loads(SHIPPED.with_suffix(".json").read_text())
    assert tuple(card["classes"]) == LABELS == model.classes
    assert tuple(card["leads"]) == LEADS
    assert card["fs"] == 100.0
    assert card["members"] == len(model.members) == len(card["seeds"])
    assert card["data"]["licence"] == "CC BY 4.0"
    assert "chose its epoch on" in card["note"]
    assert card["recipe"]["model"] == "ecglocus"
    assert card["data"]["held_out_fold"] == card["metrics"]["fold"] == 9
    assert not {9, 10} & set(card["data"]["trained_on_folds"])
    figure = card["metrics"]["auroc_macro"]
    assert figure["low"] < figure["value"] < figure["high"]
    assert SHIPPED.stat().st_size < 6e6


def test_importing_imn_leaves_torch_alone():
    modules = "imn, imn.labels, imn.recipe, imn.training, imn.evaluation, imn.classifier"
    code = f"import sys, {modules}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.data
def test_shipped_model_on_fold_9(model, data_dir):
    from imn.evaluation import evaluate

    found = evaluate(model, data_dir / "ptbxl", 9)
    assert found["n"] == 248
    assert found["headline"]["auroc_macro"]["value"] >= 0.90
    assert found["headline"]["leads_auroc"]["value"] >= 0.85
    assert all(row["auroc"] > 0.8 for row in found["rows"][:5])
    assert all(row["auroc"] > 0.75 for row in found["rows"][5:] if row["n_positive"] >= 10)
    card = model.card["metrics"]["auroc_macro"]["value"]
    assert found["headline"]["auroc_macro"]["value"] == pytest.approx(card, abs=1e-3)


def test_logits_beyond_floats_have_probabilities_without_a_warning():
    np.testing.assert_array_equal(sigmoid([-1e5, -800.0, 0.0, 800.0]), [0.0, 0.0, 0.5, 1.0])
    middle = np.linspace(-20, 20, 81)
    np.testing.assert_allclose(sigmoid(middle), expit(middle), rtol=1e-14)
