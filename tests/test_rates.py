"""Any rate and length: scipy resamples, and evidence still sums to the logit on the caller's samples."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from imn import read_record
from imn.conditioning import Resampling, remove_baseline
from imn.errors import InputError
from imn.explanation import Explanation
from imn.model import Model, load_model
from imn.record import Record
from tests.simulated import ischaemia
from tests.synthetic import ecg

RATES = (62, 64, 100, 125, 128, 200, 249.9, 250, 257, 300, 360, 400, 500, 512, 977, 1000)
LENGTHS = (5.0, 7.3, 10.0, 30.0, 60.0)


def record(fs: float, seconds: float) -> Record:
    return Record(ecg(fs, np.arange(0.4, seconds, 0.83), seconds, noise_mv=0.01), fs, f"{fs:g} Hz")


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model()


@pytest.fixture(scope="module")
def simulated() -> dict[float, Record]:
    """One simulated recording at two rates."""
    return {fs: ischaemia("LAD", fs).record for fs in (100.0, 500.0)}


class TestResampling:
    @pytest.mark.parametrize("fs", [*RATES, 257.3, 999.7, 10_000])
    def test_is_that_of_scipy(self, fs):
        from scipy.signal import resample_poly

        x = np.random.default_rng(0).normal(size=(3, round(5 * fs)))
        plan = Resampling.plan(x.shape[1], fs, 100.0)
        found = plan.apply(x)
        assert found.shape == (3, plan.n_out)
        np.testing.assert_allclose(found, resample_poly(x, plan.up, plan.down, axis=-1), rtol=0, atol=1e-12)
        assert plan.up / plan.down == pytest.approx(100.0 / fs, rel=1e-6)

    @given(
        fs=st.sampled_from(RATES) | st.floats(62.0, 1000.0),
        n=st.integers(300, 3000),
        seed=st.integers(0, 2**32 - 1),
    )
    @settings(max_examples=60, deadline=None)
    def test_adjoint_is_exact(self, fs, n, seed):
        rng = np.random.default_rng(seed)
        plan = Resampling.plan(n, fs, 100.0)
        x, w = rng.normal(size=(2, n)), rng.normal(size=(2, plan.n_out))
        left, right = plan.apply(x) * w, x * plan.adjoint(w)
        assert abs(left.sum() - right.sum()) <= 1e-12 * np.abs(left).sum()

    def test_adjoint_keeps_single_precision(self):
        plan = Resampling.plan(2500, 250.0, 100.0)
        w = np.random.default_rng(0).normal(size=(4, 12, plan.n_out))
        single = plan.adjoint(w.astype(np.float32))
        assert single.dtype == np.float32
        np.testing.assert_allclose(single, plan.adjoint(w), atol=1e-5)


class TestCompleteness:
    @pytest.mark.parametrize("seconds", LENGTHS)
    @pytest.mark.parametrize("fs", RATES)
    def test_parts_sum_to_the_logit(self, model, fs, seconds):
        found = model.explain(record(fs, seconds), spread=False)
        sums = found.evidence.sum(axis=(1, 2), dtype=float)
        assert found.weights.shape == (len(model.classes), 12, round(fs * seconds))
        assert np.abs(sums + found.bias - found.logits).max() < 1e-4
        assert found.completeness_error < 1e-9

    @pytest.mark.parametrize("fs", [62, 249.9, 500, 977])
    def test_logit_is_that_of_the_network(self, model, fs):
        one = record(fs, 7.3)
        plan = Resampling.plan(one.signal.shape[1], fs, 100.0)
        shown = plan.apply(remove_baseline(one.signal, fs))
        own = np.einsum("klt,lt->k", model.weights(shown[None])[0], shown) + model.bias
        np.testing.assert_allclose(model.explain(one).logits, own, atol=1e-4)

    @settings(max_examples=15, deadline=None)
    @given(fs=st.floats(62.0, 1000.0), seconds=st.floats(5.0, 12.0))
    def test_at_any_rate_and_length(self, model, fs, seconds):
        found = model.explain(record(fs, seconds), spread=False)
        sums = found.evidence.sum(axis=(1, 2), dtype=float)
        assert np.abs(sums + found.bias - found.logits).max() < 1e-4

    @pytest.mark.data
    def test_two_minutes_at_1000_hz(self, model, data_dir):
        one = read_record(data_dir / "ptbdb" / "s0014lre")
        found = model.explain(one, spread=False)
        assert found.signal.shape == (12, round(115.2 * 1000))
        assert np.abs(found.evidence.sum(axis=(1, 2), dtype=float) + found.bias - found.logits).max() < 1e-4


class TestAgreement:
    def test_logits_agree_between_rates(self, model, simulated):
        slow, fast = (model.explain(simulated[fs]).logits for fs in (100.0, 500.0))
        np.testing.assert_allclose(fast, slow, atol=0.2)

    def test_maps_agree_in_seconds(self, model, simulated):
        slow, fast = (_by_tenths(model.explain(simulated[fs])) for fs in (100.0, 500.0))
        for k, name in enumerate(model.classes):
            assert np.corrcoef(slow[k].ravel(), fast[k].ravel())[0, 1] > 0.97, name
        np.testing.assert_allclose(fast.sum(axis=2), slow.sum(axis=2), atol=0.1)


def _by_tenths(found: Explanation) -> np.ndarray:
    """Sums of evidence over tenths of a second, (k, 12, 100)."""
    k = len(found.classes)
    return found.evidence.astype(float).reshape(k, 12, 100, -1).sum(axis=3)


class TestRefusals:
    @pytest.mark.parametrize("fs", [50.0, 61.9, 20_000.0])
    def test_rate(self, model, fs):
        with pytest.raises(InputError, match=r"62 to 10000 Hz, got .* Hz; give the original recording"):
            model.explain(Record(np.zeros((12, round(6 * fs)), np.float32), fs, "odd"))

    def test_too_long(self, model):
        with pytest.raises(
            InputError,
            match="at most 600 s and 600000 samples, got 601 s at 100 Hz; cut it into pieces of 5 to 60 s",
        ):
            model.explain(Record(np.zeros((12, 60_100), np.float32), 100.0, "long"))
        with pytest.raises(InputError, match="at most 600 s and 600000 samples, got 61 s at 10000 Hz"):
            model.explain(Record(np.zeros((12, 610_000), np.float32), 10_000.0, "fast"))

    def test_too_short(self):
        with pytest.raises(InputError, match="at least 2 s, got 1.90 s; give a longer one"):
            Record(np.zeros((12, 190), np.float32), 100.0, "short")

    def test_bad_recording_in_a_batch(self, model):
        mixed = [record(100.0, 5.0), Record(np.zeros((12, 250), np.float32), 50.0, "slow")]
        with pytest.raises(InputError, match="record slow"):
            list(model.explain_many(mixed))


class Toy(torch.nn.Module):
    """Weights that depend on the whole recording, two labels."""

    def __init__(self, seed: int) -> None:
        super().__init__()
        draw = torch.Generator().manual_seed(seed)
        self.mix = torch.randn(2, 12, 12, generator=draw)
        self.bias = torch.randn(2, generator=draw)

    def weights(self, signal: torch.Tensor) -> torch.Tensor:
        own = torch.einsum("klm,bmt->bklt", self.mix, signal)
        return torch.tanh(own) + own.mean(-1, keepdim=True)


class TestSpread:
    @pytest.fixture
    def ensemble(self) -> Model:
        members = tuple(Toy(seed) for seed in range(5))
        return Model("toy", ("A", "B"), members, {})  # type: ignore[arg-type]

    @pytest.mark.parametrize("fs", [100.0, 249.9, 500.0])
    def test_is_the_deviation_of_the_members_evidence(self, ensemble, fs):
        one = record(fs, 5.0)
        alone = [replace(ensemble, members=(member,)).explain(one) for member in ensemble.members]
        evidence = np.stack([found.evidence for found in alone]).astype(float)
        found = ensemble.explain(one)
        assert found.spread.dtype == np.float32
        np.testing.assert_allclose(found.spread, evidence.std(axis=0), atol=1e-5)
        np.testing.assert_allclose(found.evidence, evidence.mean(axis=0), atol=1e-5)
        reference = np.random.default_rng(0).normal(size=one.signal.shape)
        shifted = np.stack([e.against(reference, "noise").evidence for e in alone]).astype(float)
        np.testing.assert_allclose(
            found.against(reference, "noise").spread, shifted.std(axis=0), rtol=1e-3, atol=1e-5
        )

    def test_one_member_has_none(self, ensemble):
        assert not replace(ensemble, members=ensemble.members[:1]).explain(record(250.0, 5.0)).spread.any()

    def test_must_be_asked_for_in_many(self, ensemble):
        records = [record(250.0, 5.0), record(100.0, 5.0)]
        with pytest.raises(ValueError, match="spread=True"):
            _ = next(ensemble.explain_many(records)).spread
        for one, found in zip(records, ensemble.explain_many(records, spread=True), strict=True):
            np.testing.assert_allclose(found.spread, ensemble.explain(one).spread, atol=1e-5)
