"""Evidence against a reference: exact, stated, and kept through the whole pipeline."""

import json

import numpy as np
import pytest

from cine_mapping.anatomy import Anatomy
from cine_mapping.beat import Evidence, fold_mean
from cine_mapping.beats import find_beat
from cine_mapping.projection import plan_projection
from cine_mapping.reference_beat import KEY, NAME, ReferenceBeat, from_card, learn
from cine_mapping.shares import territory_shares
from imn.conditioning import remove_baseline
from imn.errors import InputError
from imn.explanation import ISOELECTRIC, Explanation
from imn.leads import EXPANSION, INDEPENDENT_INDEX, LEADS
from imn.model import Model, load_model
from imn.record import Record
from tests.simulated import ischaemia
from tests.synthetic import ecg
from viewer.analysis import Analysis, analyse
from viewer.exports import write_evidence
from viewer.summary import summarise

TIMES = np.arange(0.5, 9.8, 0.85)


def recording(fs: float = 250.0) -> Record:
    return Record(ecg(fs, TIMES, 10.0, noise_mv=0.01), fs, "made up")


@pytest.fixture(scope="module")
def model() -> Model:
    return load_model()


@pytest.fixture(scope="module")
def reference_beat() -> ReferenceBeat:
    """Learnt from normal beats at several heart rates."""
    signals = [
        remove_baseline(ecg(100.0, np.arange(0.5, 9.5, rr), 10.0, noise_mv=0.01), 100.0)
        for rr in (0.7, 0.8, 0.9, 1.0, 1.1)
    ]
    return learn(signals, 100.0)


class TestExplanation:
    def test_default_is_the_isoelectric_line(self, model):
        found = model.explain(recording())
        assert found.reference_name == ISOELECTRIC
        assert found.reference.shape == found.signal.shape
        assert found.reference.dtype == np.float32
        assert not found.reference.any()
        assert found.reference.strides == (0, 0)
        np.testing.assert_array_equal(found.constant, found.bias)

    @pytest.mark.parametrize("fs", [62.0, 100.0, 249.9, 500.0])
    def test_parts_sum_to_the_logit(self, model, fs):
        one = recording(fs)
        reference = np.random.default_rng(0).normal(size=one.signal.shape)
        plain, found = model.explain(one), model.explain(one, reference, reference_name="noise")
        assert found.reference_name == "noise"
        np.testing.assert_array_equal(found.logits, plain.logits)
        np.testing.assert_array_equal(found.weights, plain.weights)
        assert found.completeness_error < 1e-9
        assert np.abs(found.evidence.sum(axis=(1, 2), dtype=float) + found.bias - found.logits).max() < 1e-4
        expected = found.weights.astype(float) * (found.signal - reference)
        np.testing.assert_allclose(found.evidence, expected, atol=1e-5)

    def test_bias_is_constant_plus_the_references_part(self, model):
        one = recording()
        reference = np.random.default_rng(1).normal(size=one.signal.shape).astype(np.float32)
        found = model.explain(one, reference)
        part = (found.weights.astype(float) * reference).sum(axis=(1, 2))
        np.testing.assert_allclose(found.bias, model.bias + part, atol=1e-9)
        np.testing.assert_allclose(found.constant, model.bias, atol=1e-9)

    def test_a_recording_against_itself_has_no_evidence(self, model):
        plain = model.explain(recording())
        found = plain.against(plain.signal, "itself")
        assert not found.evidence.any()
        np.testing.assert_allclose(found.bias, found.logits, atol=1e-9)

    def test_going_back_to_zero_restores_the_explanation(self, model):
        plain = model.explain(recording())
        there = plain.against(np.full(plain.signal.shape, 0.3), "raised")
        back = there.against(np.zeros(plain.signal.shape), ISOELECTRIC)
        np.testing.assert_allclose(back.bias, plain.bias, atol=1e-9)
        np.testing.assert_array_equal(back.evidence, plain.evidence)

    def test_an_absent_wave_is_evidence_only_against_a_reference(self):
        weights, signal = np.zeros((1, 12, 100), np.float32), np.zeros((12, 100), np.float32)
        weights[0, 6, 40:50] = -1.0
        reference = signal.copy()
        reference[6, 40:50] = 1.0
        flat = Explanation("flat", 100.0, "toy", ("MI",), np.zeros(1), np.zeros(1), weights, signal)
        assert not flat.evidence.any()
        found = flat.against(reference, "with an R wave")
        assert found.evidence_for("MI").sum() == pytest.approx(10.0)
        assert (found.evidence_for("MI")[6, 40:50] == 1.0).all()

    @pytest.mark.parametrize("bad", [np.zeros((12, 7)), np.full((12, 2500), np.nan), np.zeros(2500)])
    def test_unfit_references_are_refused(self, model, bad):
        with pytest.raises(InputError, match=r"expected a reference of \(12, 2500\) finite values"):
            model.explain(recording(), bad)


class TestReferenceBeat:
    def test_obeys_the_identities(self, reference_beat):
        eight = reference_beat.signal[list(INDEPENDENT_INDEX)]
        np.testing.assert_allclose(reference_beat.signal, EXPANSION @ eight, atol=1e-12)
        placed = reference_beat.place([200, 450, 700], 1000, 250.0)
        np.testing.assert_allclose(placed, EXPANSION @ placed[list(INDEPENDENT_INDEX)], atol=1e-6)

    def test_learns_the_beat_that_all_share(self, reference_beat):
        clean = ecg(100.0, [0.5], 1.3)
        window = slice(50 - 20, 50 + 40)
        at = reference_beat.r_index
        found = reference_beat.signal[:, at - 20 : at + 40]
        np.testing.assert_allclose(found, clean[:, window], atol=0.05)

    def test_is_a_median_not_moved_by_a_minority(self, reference_beat):
        usual = [remove_baseline(ecg(100.0, np.arange(0.5, 9.5, 0.9), 10.0), 100.0)] * 5
        both = learn([*usual, 5 * usual[0], -3 * usual[0]], 100.0)
        alone = learn(usual, 100.0)
        np.testing.assert_allclose(both.signal, alone.signal, atol=1e-6)

    # At 62 Hz R peaks lie up to 8 ms from their sample, most of the width of this narrow QRS complex.
    @pytest.mark.parametrize(
        ("fs", "most"), [(62.0, 0.55), (100.0, 0.25), (250.0, 0.2), (500.0, 0.2), (1000.0, 0.2)]
    )
    def test_fits_a_recording_of_its_own_kind_at_any_rate(self, reference_beat, fs, most):
        signal = remove_baseline(ecg(fs, TIMES, 10.0), fs)
        beat = find_beat(signal, fs)
        placed = reference_beat.place(beat.r_peaks, signal.shape[1], fs)
        left = np.sqrt(np.mean((signal - placed) ** 2)) / np.sqrt(np.mean(signal**2))
        assert left < most

    def test_beats_are_cropped_and_faded(self):
        level = ReferenceBeat(np.ones((12, 101)), 100.0, 36)
        placed = level.place([200, 240, 900], 1000, 100.0)[0]
        assert not placed[:163].any()
        assert placed[170:215].min() == pytest.approx(1.0)
        # 40 % of the way back from the second R peak: both beats end there.
        assert placed[224] == pytest.approx(0.0, abs=1e-6)
        assert placed[230:295].min() == pytest.approx(1.0)
        assert placed[305:863].max() == 0.0
        assert placed.max() == pytest.approx(1.0)
        assert np.abs(np.diff(placed)).max() < 0.6

    def test_beats_at_the_ends_are_cut(self, reference_beat):
        whole = reference_beat.place([100, 500], 1000, 100.0)
        cut = reference_beat.place([0, 400], 450, 100.0)
        np.testing.assert_allclose(cut, whole[:, 100:550], atol=1e-6)
        assert not reference_beat.place([], 300, 100.0).any()

    def test_card_holds_it(self, reference_beat):
        card = json.loads(json.dumps({KEY: reference_beat.to_card()}))
        found = from_card(card)
        assert (found.fs, found.r_index) == (reference_beat.fs, reference_beat.r_index)
        # Half a microvolt in I and in II is up to three quarters of one in aVF.
        np.testing.assert_allclose(found.signal, reference_beat.signal, atol=1.1e-3)
        np.testing.assert_allclose(from_card({KEY: found.to_card()}).signal, found.signal, atol=1e-12)

    def test_card_without_one(self):
        with pytest.raises(InputError, match="found none in it; train the model again"):
            from_card({"format": "ecglocus"})

    @pytest.mark.parametrize(
        "change",
        [
            {"fs": "fast"},
            {"fs": -1.0},
            {"r_index": 10_000},
            {"leads": list(LEADS)},
            {"microvolts": [[1, 2], [3]]},
            {"microvolts": [[float("nan")] * 5] * 8},
            {"microvolts": 3},
        ],
    )
    def test_damaged_card(self, reference_beat, change):
        with pytest.raises(InputError, match="rows of microvolts"):
            from_card({KEY: reference_beat.to_card() | change})

    def test_nothing_to_learn_from(self):
        with pytest.raises(InputError, match="found none; give others"):
            learn([np.zeros((12, 1000))], 100.0)


@pytest.fixture(scope="module")
def analyses(model: Model, anatomy: Anatomy, reference_beat: ReferenceBeat) -> list[Analysis]:
    """One recording against the isoelectric line, and against the median beat."""
    one = ischaemia("LAD", 250.0).record
    return [analyse(one, model, anatomy, reference=reference) for reference in (None, reference_beat)]


class TestPipeline:
    def test_every_map_sums_to_logit_minus_bias(self, analyses):
        plain, found = analyses
        assert found.explanation.reference_name == NAME
        assert np.abs(found.explanation.bias - plain.explanation.bias).max() > 0.01
        np.testing.assert_array_equal(found.explanation.logits, plain.explanation.logits)
        k = found.explanation.classes.index(found.target)
        expected = found.explanation.logits[k] - found.explanation.bias[k]
        assert found.evidence.leads.sum() == pytest.approx(expected, abs=1e-6)
        dipole, beyond = found.evidence.dipole.sum(), found.evidence.beyond_dipole.sum()
        assert dipole + beyond == pytest.approx(expected, abs=1e-6)
        assert found.conservation_error < 1e-4
        assert plain.conservation_error < 1e-4

    def test_folding_back_gives_the_references_own_beat(self, analyses, reference_beat):
        found = analyses[1]
        folded = fold_mean(found.explanation.reference, found.beat)
        at, m = found.beat.r_peak, folded.shape[1]
        expected = reference_beat.place([at], m, found.beat.fs)
        qrs = slice(found.beat.fiducials.qrs_onset, found.beat.fiducials.j_point)
        # The first and last beat of a recording are cut where they meet its ends.
        np.testing.assert_allclose(folded[:, qrs], expected[:, qrs], atol=0.05)

    def test_exports_state_the_reference(self, analyses, anatomy, tmp_path):
        found = analyses[1]
        write_evidence(
            tmp_path / "e.npz", found.explanation, found.beat, found.evidence, {"average": found.average}
        )
        with np.load(tmp_path / "e.npz") as kept:
            assert str(kept["reference_name"]) == NAME
            total = (kept["weights"].astype(float) * (kept["signal"] - kept["reference"].astype(float))).sum()
            assert total + kept["bias"] == pytest.approx(float(kept["logit"]), abs=1e-6)
            own = (kept["weights"].astype(float) * kept["reference"]).sum()
            assert kept["constant"] + own == pytest.approx(float(kept["bias"]), abs=1e-6)
            np.testing.assert_allclose(
                kept["evidence"],
                kept["weights"].astype(float) * (kept["signal"] - kept["reference"]),
                atol=1e-5,
            )
        summary = summarise(found, anatomy)
        assert summary["reference"] == NAME
        for row in summary["predictions"]:
            assert row["evidence"] + row["bias"] == pytest.approx(row["logit"], abs=1e-6)

    def test_a_lost_wave_speaks_of_the_wall_that_its_lead_faces(self, analyses, anatomy):
        # A little R wave is left in V2 where the reference has much: what is seen there is a loss.
        beat = analyses[1].beat
        qrs = slice(beat.fiducials.qrs_onset, beat.fiducials.j_point)
        leads, trace = np.zeros(beat.signal.shape), np.zeros(beat.signal.shape)
        leads[LEADS.index("V2"), qrs], trace[LEADS.index("V2"), qrs] = 0.01, 0.1
        evidence = Evidence("MI", leads, np.zeros((3, leads.shape[1])))
        share = {}
        for name, seen in {"loss": trace - 0.5, "wave": trace}.items():
            found = plan_projection(anatomy, beat, seen).apply(evidence)["leads"]
            assert found.total == pytest.approx(leads.sum())
            share[name] = territory_shares(found, anatomy)["LAD"]
        assert share["loss"] > 0.5 > share["wave"]


@pytest.mark.data
def test_learns_from_real_recordings(data_dir):
    from imn import read_record

    headers = sorted((data_dir / "ptbxl" / "records100").glob("*/*.hea"))[::12]
    found = learn((remove_baseline(read_record(header).signal, 100.0) for header in headers), 100.0)
    lead = dict(zip(LEADS, found.signal, strict=True))
    at = found.r_index
    assert lead["II"][at] > 0.4
    assert lead["aVR"][at] < -0.3
    assert lead["V1"].min() < -0.5
    assert lead["V5"][at] > 0.7
    t_wave = slice(at + 20, at + 36)
    assert all(lead[name][t_wave].max() > 0.05 for name in ("I", "II", "V2", "V3", "V4", "V5"))
    assert np.abs(found.signal[:, at - 8 : at - 5]).max() < 0.06
