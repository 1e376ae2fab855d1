"""Clusters on the heart and against waves: conservation, order of numbers, states of a known beat."""

import json

import numpy as np
import pytest

from annotations.cluster_states import marked_states
from annotations.wave_points import POINTS
from cine_mapping.beats import find_beat
from cine_mapping.cluster_maps import cluster_evidence, cluster_maps
from cine_mapping.cluster_waves import STATES, beat_states, mutual_information, state_shares, typical
from cine_mapping.modalities import average, plan_modalities
from imn.clusters.sequence import ClusterSequence, read_sequence, shipped_clusters
from imn.errors import InputError
from imn.explanation import Explanation
from tests.synthetic import ecg
from viewer.cluster_reading import read_clusters
from viewer.cluster_ribbon import draw_ribbon

FS, N, K = 100.0, 500, 4


@pytest.fixture(scope="module")
def explanation():
    rng = np.random.default_rng(1)
    signal = ecg(FS, np.arange(0.4, 5.0, 0.8), 5.0).astype(np.float32)
    weights = rng.normal(0, 0.1, (2, 12, N)).astype(np.float32)
    bias = np.array([0.1, -0.2])
    logits = (weights.astype(float) * signal).sum((1, 2)) + bias
    return Explanation("toy", FS, "toy", ("MI", "CD"), logits, bias, weights, signal)


@pytest.fixture(scope="module")
def plan(anatomy, explanation):
    return plan_modalities(anatomy, find_beat(explanation.signal, FS))


@pytest.fixture(scope="module")
def shares():
    return np.random.default_rng(2).dirichlet(np.full(K, 0.3), N).T


class TestMaps:
    @pytest.mark.parametrize("label", ["MI", "CD"])
    def test_maps_of_clusters_sum_to_the_whole_map(self, plan, explanation, shares, label):
        parts = cluster_maps(plan, explanation, label, shares)
        whole = average(plan.apply(explanation, label))
        assert np.allclose(sum(part.values for part in parts), whole.values, atol=1e-9)

    def test_a_map_holds_the_evidence_of_its_samples(self, plan, explanation, shares):
        parts = cluster_maps(plan, explanation, "MI", shares)
        inside = shares @ explanation.evidence_for("MI").sum(axis=0)
        assert np.allclose([part.total for part in parts], inside, atol=1e-9)

    def test_one_cluster_has_the_whole_map(self, plan, explanation):
        (alone,) = cluster_maps(plan, explanation, "MI", np.ones((1, N)))
        whole = average(plan.apply(explanation, "MI"))
        assert np.allclose(alone.supporting, whole.supporting, atol=1e-9)
        assert np.allclose(alone.opposing, whole.opposing, atol=1e-9)

    def test_shares_that_do_not_sum_to_one_are_refused(self, plan, explanation, shares):
        with pytest.raises(InputError, match="sum to one"):
            cluster_evidence(explanation, plan.beat, "MI", 0.9 * shares)


class TestReading:
    def test_cards_share_out_time_and_logit(self, plan, explanation, shares):
        reading = read_clusters(plan, explanation, "MI", ClusterSequence(shares))
        assert sum(card.time for card in reading.cards) == pytest.approx(1)
        assert sum(card.weight for card in reading.cards) == pytest.approx(
            explanation.logits[0] - 0.1, abs=1e-6
        )

    def test_other_numbers_change_no_name_weight_or_map(self, plan, explanation, shares):
        back = np.array([2, 0, 3, 1])
        first, second = (
            read_clusters(plan, explanation, "MI", ClusterSequence(rows)) for rows in (shares, shares[back])
        )
        assert [card.name for card in first.cards] == [card.name for card in second.cards]
        assert [card.number for card in first.cards] == [int(back[card.number]) for card in second.cards]
        assert np.array_equal(first.order, second.order)
        for one, other in zip(first.cards, second.cards, strict=True):
            assert one.weight == pytest.approx(other.weight)
            assert np.allclose(one.heart.values, other.heart.values)

    def test_what_a_viewer_gets_is_json_and_tells_every_sample(self, plan, explanation, shares):
        reading = read_clusters(plan, explanation, "MI", ClusterSequence(shares))
        plain = json.loads(json.dumps(reading.plain()))
        starts = [first for first, _ in plain["runs"]] + [N]
        told = np.concatenate(
            [np.full(b - a, card) for (a, card), b in zip(plain["runs"], starts[1:], strict=True)]
        )
        assert np.array_equal(told, reading.order)
        assert len(plain["beat"]) == plan.beat.signal.shape[1] and len(plain["entropy"]) == N

    def test_the_ribbon_is_drawn(self, plan, explanation, shares, anatomy, tmp_path):
        from PIL import Image

        reading = read_clusters(plan, explanation, "MI", ClusterSequence(shares))
        draw_ribbon(tmp_path / "clusters.png", reading, explanation, anatomy, title="toy")
        with Image.open(tmp_path / "clusters.png") as picture:
            red, green, blue = np.asarray(picture.convert("RGB"), dtype=int).reshape(-1, 3).T
        colours = {f"#{code:06x}" for code in np.unique((red << 16) + (green << 8) + blue)}
        assert {card.colour for card in reading.cards} <= colours


class TestShipped:
    def test_the_shipped_model_has_clusters_and_another_has_none(self):
        from dataclasses import replace

        from imn.model import load_model
        from imn.record import Record

        model = load_model()
        clusters = shipped_clusters(model)
        assert clusters is not None and shipped_clusters(replace(model, name="another")) is None
        record = Record(ecg(250.0, np.arange(0.4, 4.0, 0.8), 4.0).astype(np.float32), 250.0, "toy")
        explanation = model.explain(record, spread=False)
        sequence = read_sequence(model, clusters, explanation)
        assert sequence.shares.shape == (len(clusters), 1000)
        assert np.allclose(sequence.shares.sum(axis=0), 1) and np.allclose(sequence.hard.sum(axis=0), 1)
        with pytest.raises(InputError, match="another"):
            read_sequence(replace(model, name="another"), clusters, explanation)


class TestStates:
    def test_states_of_a_beat_are_where_its_waves_are(self, plan):
        states, marks = beat_states(plan.beat), plan.beat.fiducials
        peaks = plan.beat.r_peaks[1:-1]
        assert (states[peaks] == STATES.index("QRS")).all()
        assert (states[peaks + marks.t_peak - plan.beat.r_peak] == STATES.index("T")).all()

    def test_marks_give_every_state_once(self):
        at = dict(zip(POINTS, (10, 15, 20, 30, 35, 40, 60, 70, 80), strict=True))
        points = np.array([[at[name] for name in POINTS]], float)
        points = np.vstack([points, points + 100])
        states = marked_states(points, np.arange(200.0))
        bounds = {
            "P": (10, 20),
            "PR": (20, 30),
            "QRS": (30, 40),
            "ST": (40, 60),
            "T": (60, 80),
            "TP": (80, 110),
        }
        for name, (start, stop) in bounds.items():
            assert (states[start:stop] == STATES.index(name)).all()
        assert (states[:10] == -1).all() and (states[180:] == -1).all()

    def test_a_missing_mark_leaves_its_moments_out(self):
        points = np.full((1, len(POINTS)), np.nan)
        points[0, POINTS.index("QRS onset")] = 5
        assert (marked_states(points, np.arange(20.0)) == -1).all()

    def test_information_is_all_or_nothing(self):
        assert mutual_information(np.eye(6) * 7) == pytest.approx(1)
        assert mutual_information(np.outer(np.arange(1, 5), np.arange(1, 7))) == pytest.approx(0, abs=1e-12)

    def test_information_ignores_the_order_of_clusters(self):
        counts = np.random.default_rng(0).uniform(0, 9, (5, 6))
        assert mutual_information(counts[[4, 2, 0, 1, 3]]) == pytest.approx(mutual_information(counts))

    def test_time_is_shared_out_and_named(self):
        shares = np.array([[1.0, 1, 0, 0], [0, 0, 1, 1]])
        counts = state_shares(shares, np.array([0, 0, 4, -1]))
        assert counts.sum() == 3 and typical(counts) == ["P", "T"] and typical(np.zeros((1, 6))) == [""]
