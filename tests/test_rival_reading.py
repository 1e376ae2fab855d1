"""A rival's evidence in the form of our own: sums, agreement with captum's integrated gradients, refusals."""

import numpy as np
import pytest
import torch
from torch import nn

from imn.classifier import build
from imn.errors import InputError
from imn.labels import LABELS
from imn.model import load_model
from imn.recipe import recipe_for
from imn.record import Record
from imn.rivals.reading import GRADIENTS, OWN, by_gradients, conserves, load_rival
from imn.storage import save_members


def record(fs=100.0, seconds=4.0):
    rng = np.random.default_rng(3)
    t = np.arange(round(fs * seconds)) / fs
    beats = np.exp(-(((t % 0.8) - 0.4) ** 2) / 0.0004)
    return Record(beats * rng.normal(size=(12, 1)) + 0.01 * rng.normal(size=(12, t.size)), fs, "r")


class Half(nn.Module):
    """Half the sum of squares: its integrated gradients are half the squares, exactly."""

    def forward(self, signal):
        return 0.5 * (signal**2).sum((1, 2))[:, None]


@pytest.mark.parametrize("fs", [100.0, 257.0, 500.0])
def test_gradients_sum_to_the_logit_on_the_recordings_own_samples(fs):
    given = record(fs)
    said = by_gradients("half", ("MI",), [Half()]).explain(given, "MI")
    assert said.signal.shape == given.signal.shape
    assert said.bias == 0
    assert said.completeness_error < 1e-4 * abs(said.logits[0])
    assert conserves(said)
    if fs == 100:
        assert said.evidence[0] == pytest.approx(0.5 * said.signal**2, rel=1e-4, abs=1e-7)


def test_gradients_are_captums():
    pytest.importorskip("captum", reason="captum is not installed")
    from imn.attribution.methods import integrated_gradients

    torch.manual_seed(0)
    network = nn.Sequential(nn.Conv1d(12, 4, 9), nn.GELU(), nn.Flatten(), nn.Linear(4 * 392, 3)).eval()
    said = by_gradients("n", ("a", "b", "c"), [network]).explain(record(), "b")
    expected = integrated_gradients(network, torch.as_tensor(said.signal)[None], torch.tensor([1]))[0]
    assert said.evidence[0] == pytest.approx(expected, abs=float(1e-5 * np.abs(expected).max()))


@pytest.mark.parametrize("kind", ["ecglocus", "paper", "cnn"])
def test_any_network_of_the_package_can_be_a_rival(tmp_path, kind):
    torch.manual_seed(0)
    recipe = recipe_for(kind)
    path = save_members(tmp_path / f"{kind}.safetensors", [build(recipe).eval()], recipe, {})
    rival = load_rival(path)
    assert rival.how == (GRADIENTS if kind == "cnn" else OWN)
    given = record(500.0, 3.006)  # 301 samples at 100 Hz, no multiple of four
    said = rival.explain(given, "HYP")
    assert said.classes == ("HYP",)
    assert said.weights.shape == (1, *given.signal.shape)
    if rival.how == OWN:
        assert said.completeness_error < 1e-3 * np.abs(said.evidence).sum()
    if kind == "ecglocus":
        whole = load_model(path).explain(given)
        expected = whole.evidence[LABELS.index("HYP")]
        assert said.evidence[0] == pytest.approx(expected, abs=float(1e-5 * np.abs(expected).max()))


def test_the_papers_bias_is_its_own(tmp_path):
    torch.manual_seed(0)
    recipe = recipe_for("paper")
    network = build(recipe).eval()
    rival = load_rival(save_members(tmp_path / "paper.safetensors", [network], recipe, {}))
    said = rival.explain(record(), "CD")
    with torch.no_grad():
        bias = network.biases(torch.as_tensor(said.signal)[None])[0, LABELS.index("CD")]
    assert said.bias[0] == pytest.approx(float(bias), abs=1e-4)
    assert said.reference_name == "mean of each lead"


def test_what_a_rival_cannot_do_is_said_in_one_sentence():
    rival = by_gradients("half", ("MI",), [Half()])
    with pytest.raises(InputError, match="expected a rival that reads CD, got one that reads MI; choose"):
        rival.explain(record(), "CD")
    with pytest.raises(InputError, match="at most 120 s"):
        rival.explain(record(100.0, 130.0), "MI")
