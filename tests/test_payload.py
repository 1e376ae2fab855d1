"""The bytes that the browser reads: whole, aligned, named after their content, and true to the maps."""

import json
import shutil
import struct
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cine_mapping.beat import fold_evidence, fold_mean
from cine_mapping.heart_map import HeartMap
from cine_mapping.modalities import average, place_along
from cine_mapping.projection import plan_projection
from imn.errors import InputError
from imn.explanation import Explanation
from imn.record import Record
from viewer.analysis import Analysis
from viewer.cluster_reading import ClusterCard, ClusterReading
from viewer.factors import LEAST, pack_maps
from viewer.payload import Payload, content_hash, from_bytes, keyed, to_bytes
from viewer.payload_content import payload_of
from viewer.payload_recording import no_page, recording_id, recording_page, runs_of
from viewer.rival_reading import RivalReading, size_of
from viewer.view_state import cluster_name, unit_of, values_of


@pytest.fixture
def analysis(toy, beat):
    rng = np.random.default_rng(0)
    n = len(beat.phase)
    signal = (beat.signal[:, beat.phase] + 0.05 * rng.normal(size=(12, n))).astype(np.float32)
    weights = rng.normal(size=(2, 12, n)).astype(np.float32) / n
    bias = np.array([-0.5, 0.25])
    logits = np.einsum("klt,lt->k", weights.astype(float), signal.astype(float)) + bias
    explanation = Explanation("toy", 100.0, "tiny", ("MI", "NORM"), logits, bias, weights, signal)
    evidence = fold_evidence(explanation, beat, "MI")
    shares = toy.heart.areas / toy.heart.areas.sum()
    maps = plan_projection(toy, beat).apply(evidence)
    maps["simulations"] = place_along(toy, beat, evidence, shares, "simulations")
    record = Record(signal, 100.0, "toy")
    return Analysis(record, explanation, beat, "MI", evidence, maps, average(maps), spread=shares)


@pytest.fixture
def clustered(analysis, beat):
    """The same as three clusters, each with samples of the beat, in the model's count 4, 0 and 2."""
    order = np.random.default_rng(3).integers(0, 3, len(beat.phase) // 8).repeat(8)
    course = analysis.explanation.evidence_for("MI").sum(axis=0)
    cards = tuple(
        ClusterCard(
            number,
            f"QRS {letter}",
            "QRS",
            "#336699",
            time=float((order == i).mean()),
            weight=float(course[order == i].sum()),
            waveform=np.zeros((12, 5)),
            heart=analysis.average,
        )
        for i, (number, letter) in enumerate(((4, "a"), (0, "b"), (2, "c")))
    )
    folded = fold_mean(np.eye(3)[order].T, beat).argmax(axis=0)
    return replace(analysis, clusters=ClusterReading("MI", cards, order, folded, np.full(order.shape, 0.5)))


arrays = st.dictionaries(
    st.text(st.characters(codec="utf-8"), min_size=1, max_size=8),
    st.tuples(st.sampled_from(["f2", "f4", "u1", "u2", "u4", "i4"]), st.lists(st.integers(0, 7), max_size=3)),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(
    arrays, st.dictionaries(st.text(max_size=5), st.none() | st.booleans() | st.text(max_size=9), max_size=4)
)
def test_what_is_packed_comes_back_and_every_buffer_is_aligned(shapes, words):
    rng = np.random.default_rng(len(shapes))
    held = {name: rng.integers(0, 99, shape).astype(dtype) for name, (dtype, shape) in shapes.items()}
    content = to_bytes(Payload({**words, "version": 1}, held))
    back = from_bytes(content)
    assert dict(back.meta) == {**words, "version": 1}
    assert list(back.arrays) == list(held)
    for name, array in held.items():
        assert back.arrays[name].dtype == array.dtype
        assert np.array_equal(back.arrays[name], array)
    (length,) = struct.unpack_from("<I", content)
    entries = json.loads(content[4 : 4 + length])["arrays"].values()
    assert all(entry["offset"] % 16 == 0 for entry in entries)
    ends = [entry["offset"] + entry["nbytes"] for entry in entries]
    assert all(a <= entry["offset"] for a, entry in zip(ends, list(entries)[1:], strict=False))
    assert not ends or ends[-1] == len(content)


def test_offsets_hold_where_they_lengthen_the_header():
    for extra in range(90):  # among these the header passes every length modulo the alignment
        content = to_bytes(
            Payload(
                {"version": 1, "pad": "x" * extra},
                {"a": np.arange(3, dtype=np.uint8), "b": np.ones(2, np.float32)},
            )
        )
        assert from_bytes(content).arrays["a"].tolist() == [0, 1, 2]
        assert from_bytes(content).arrays["b"].tolist() == [1.0, 1.0]


@pytest.mark.parametrize("cut", [0, 3, 10, -1])
def test_cut_bytes_are_refused_in_one_sentence(cut):
    content = to_bytes(Payload({"version": 1}, {"a": np.arange(5, dtype=np.float32)}))
    with pytest.raises(InputError, match="expected the bytes of a payload"):
        from_bytes(content[:cut])


def test_another_version_is_refused():
    with pytest.raises(InputError, match="version 1, got 7"):
        from_bytes(to_bytes(Payload({"version": 7}, {})))


def test_wide_numbers_are_refused():
    with pytest.raises(TypeError, match="float64"):
        Payload({}, {"a": np.zeros(2)})


def test_the_key_follows_the_content_and_nothing_else(analysis, toy):
    one, two = (payload_of(analysis, toy) for _ in range(2))
    assert to_bytes(one) == to_bytes(two)
    assert one.meta["key"] == keyed(one).meta["key"]
    assert len(content_hash(to_bytes(one))) == 64
    changed = dict(one.arrays) | {"ecg": one.arrays["ecg"] + np.float32(1e-3)}
    assert keyed(Payload(one.meta, changed)).meta["key"] != one.meta["key"]


def test_every_modality_is_the_map_and_conserves(analysis, toy):
    packed = from_bytes(to_bytes(payload_of(analysis, toy)))
    expected = packed.meta["logit"] - packed.meta["bias"]
    whole = np.zeros(analysis.average.values.shape)
    weights = sum(entry["weight"] for entry in packed.meta["modalities"])
    for entry in packed.meta["modalities"]:
        columns = slice(entry["first"], entry["first"] + entry["count"])
        basis = packed.arrays["basis"][:, columns].astype(float)
        signed = packed.arrays["positive"][columns].astype(float) + packed.arrays["negative"][columns]
        truth = analysis.maps[entry["name"]]
        assert np.abs(basis).max() == pytest.approx(1.0, abs=1e-3)
        assert (basis @ signed).sum() == pytest.approx(expected, abs=1e-5)
        assert np.abs(basis @ signed - truth.values).max() < 1e-3 * np.abs(truth.values).max()
        for name in ("positive", "negative"):
            own = basis @ packed.arrays[name][columns]
            true = truth.basis @ getattr(truth, name)
            assert (
                np.abs(own - true).max()
                <= 1.01
                * entry["residual"]
                * np.abs(np.stack([truth.basis @ truth.positive, truth.basis @ truth.negative])).max()
            )
        whole += entry["weight"] / weights * basis @ signed
    assert np.abs(whole - analysis.average.values).max() < 1e-3 * np.abs(analysis.average.values).max()
    assert packed.meta["residual"] < 1e-3


def test_columns_of_a_lead_hold_that_lead(analysis, toy):
    packed = payload_of(analysis, toy)
    (leads,) = [entry for entry in packed.meta["modalities"] if entry["name"] == "leads"]
    evidence = analysis.evidence.leads
    within = slice(analysis.beat.fiducials.qrs_onset, analysis.beat.fiducials.t_end)
    sums = packed.arrays["basis"].astype(float).sum(axis=0)
    course = packed.arrays["positive"].astype(float) + packed.arrays["negative"]
    for lead in range(12):
        own = [leads["first"] + i for i, held in enumerate(leads["leads"]) if held == lead]
        assert np.allclose(sums[own] @ course[own][:, within], evidence[lead, within], atol=1e-6)


def test_maps_of_many_columns_are_cut_to_the_budget_and_still_conserve():
    rng = np.random.default_rng(1)
    grid = np.linspace(0, 1, 400)
    basis = np.exp(-(((grid[:, None] - np.linspace(0, 1, 40)) / 0.2) ** 2))
    basis /= basis.sum(axis=0)
    courses = np.abs(rng.normal(size=(40, 300)))
    wide = HeartMap("MI", "path", basis, courses, -courses[::-1])
    small = HeartMap("MI", "vcg", basis[:, :8], courses[:8], -courses[:8])
    column = 2 * 400 + 8 * 300
    packed = pack_maps({"path": wide, "vcg": small}, 24 * column)
    assert packed["vcg"].basis.shape[1] == 8
    assert packed["path"].basis.shape[1] == 16
    assert packed["path"].columns is None
    assert packed["vcg"].residual < 1e-3
    for sign in ("positive", "negative"):
        mine = packed["path"].basis.astype(float).sum(axis=0) @ getattr(packed["path"], sign)
        assert np.allclose(mine, getattr(wide, sign).sum(axis=0), rtol=1e-5)
    true = np.stack([wide.basis @ wide.positive, wide.basis @ wide.negative])
    got = np.stack(
        [packed["path"].basis.astype(float) @ c for c in (packed["path"].positive, packed["path"].negative)]
    )
    assert packed["path"].residual == pytest.approx(np.abs(got - true).max() / np.abs(true).max(), rel=1e-3)
    tiny = pack_maps({"path": wide, "vcg": small}, 1)
    assert tiny["path"].basis.shape[1] == LEAST
    assert tiny["path"].residual > packed["path"].residual


def test_a_heart_of_ten_thousand_vertices_and_a_thousand_samples_fits():
    rng = np.random.default_rng(2)
    column = 2 * 10_000 + 8 * 1000
    basis, courses = rng.random((10_000, 26)), rng.normal(size=(26, 1000))
    held = HeartMap("MI", "leads", basis / basis.sum(axis=0), courses.clip(0), courses.clip(None, 0))
    packed = pack_maps({"leads": held}, 20 * column)
    assert sum(f.basis.nbytes + f.positive.nbytes + f.negative.nbytes for f in packed.values()) <= 20 * column


def test_a_map_without_evidence_is_a_map_of_zeros(analysis, toy):
    nothing = {
        name: HeartMap("MI", name, held.basis, np.zeros_like(held.positive), np.zeros_like(held.negative))
        for name, held in analysis.maps.items()
    }
    assert all(not held.positive.any() and held.residual == 0 for held in pack_maps(nothing, 10**6).values())


def test_the_words_that_the_browser_needs(analysis, toy, beat):
    meta = payload_of(analysis, toy).meta
    assert meta["labels"] == ["MI", "NORM"]
    assert meta["beat"] == {"n": 80, "dt_ms": 10.0, "r_index": 30}
    assert meta["fiducials_ms"]["qrs_onset"] == -40.0
    assert meta["fiducials_ms"]["p_onset"] is None
    assert meta["recording"] == {"fs": 100.0, "n": 400, "r_peaks": [100, 200, 300]}
    assert meta["territories"]["LAD"] == [0, 1, 6, 7, 12, 13, 16]
    json.dumps(dict(meta), allow_nan=False)


def test_the_clusters_that_the_browser_needs(analysis, clustered, toy):
    assert payload_of(analysis, toy).meta["clusters"] is None
    meta = from_bytes(to_bytes(payload_of(clustered, toy))).meta
    told = meta["clusters"]
    assert set(told) == {"target", "clusters", "beat", "runs"}
    assert len(told["clusters"]) == 3
    assert len(told["beat"]) == meta["beat"]["n"]
    assert set(told["beat"]) <= {0, 1, 2}
    assert sum(one["weight"] for one in told["clusters"]) == pytest.approx(meta["logit"] - meta["bias"])
    assert sum(one["time"] for one in told["clusters"]) == pytest.approx(1.0)


def test_what_is_drawn_of_all_clusters_adds_up_to_the_whole(clustered, toy):
    view = {"map": "average", "sign": "signed", "mode": "integral", "interval_ms": None}
    parts = [values_of(clustered, toy, view | {"cluster": card.number}) for card in clustered.clusters.cards]
    whole = values_of(clustered, toy, view)
    assert np.allclose(np.sum(parts, axis=0), whole, atol=1e-12)
    assert all(not np.allclose(part, whole, atol=1e-3 * np.abs(whole).max()) for part in parts)
    names = [cluster_name(clustered, view | {"cluster": card.number}) for card in clustered.clusters.cards]
    assert names == [card.name for card in clustered.clusters.cards]
    assert cluster_name(clustered, view | {"cluster": 99}) is None


def test_there_is_a_path_in_the_waves_only(analysis, toy, beat):
    held = payload_of(analysis, toy).arrays
    inside = np.zeros(80, bool)
    inside[beat.fiducials.qrs_onset : beat.fiducials.t_end] = True
    assert np.array_equal(np.isfinite(held["path"]).all(axis=1), inside)
    assert np.array_equal(held["path_radius"] > 0, inside)


VIEWS = [
    {"map": "average", "sign": "signed", "mode": "integral", "interval_ms": None, "t_ms": 0},
    {"map": "average", "sign": "for", "mode": "integral", "interval_ms": [-45, 63], "t_ms": 0},
    {"map": "leads", "sign": "against", "mode": "instant", "interval_ms": None, "t_ms": 13.7},
    {"map": "vcg", "sign": "signed", "mode": "instant", "interval_ms": None, "t_ms": -9999},
    {"map": "disagreement", "sign": "signed", "mode": "instant", "interval_ms": None, "t_ms": 31},
    {"map": "spread", "sign": "signed", "mode": "instant", "interval_ms": None, "t_ms": 31},
    {"map": "average", "sign": "signed", "mode": "integral", "interval_ms": None, "t_ms": 0, "cluster": 4},
    {"map": "leads", "sign": "for", "mode": "integral", "interval_ms": [-45, 263], "t_ms": 0, "cluster": 0},
    {
        "map": "disagreement",
        "sign": "signed",
        "mode": "integral",
        "interval_ms": None,
        "t_ms": 0,
        "cluster": 4,
    },
    {"map": "spread", "sign": "signed", "mode": "integral", "interval_ms": None, "t_ms": 0, "cluster": 2},
    {"map": "vcg", "sign": "signed", "mode": "instant", "interval_ms": None, "t_ms": 31, "cluster": 2},
    {"map": "rival", "sign": "signed", "mode": "integral", "interval_ms": None, "t_ms": 0},
    {"map": "rival", "sign": "against", "mode": "instant", "interval_ms": None, "t_ms": 12},
    {"map": "less_rival", "sign": "signed", "mode": "integral", "interval_ms": [-45, 263], "t_ms": 0},
    {"map": "less_rival", "sign": "for", "mode": "instant", "interval_ms": None, "t_ms": 12},
]
SOURCES = Path(__file__).parents[1] / "viewer" / "js" / "src"
SCRIPT = """
import { readFileSync } from "node:fs";
import { parsePayload } from "%s/payload.js";
import { density, mapValues, perMoment } from "%s/map.js";
const payload = parsePayload(new Uint8Array(readFileSync(process.argv[1])));
const views = JSON.parse(process.argv[2]);
const all = views.map((view) => {
  const factor = perMoment(payload, view);
  return Array.from(density(payload, mapValues(payload, view)), (x) => x * factor);
});
process.stdout.write(JSON.stringify(all));
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_browser_computes_what_the_server_draws(rivalled, toy, tmp_path):
    path = tmp_path / "payload"
    path.write_bytes(to_bytes(payload_of(rivalled, toy)))
    script = SCRIPT % (SOURCES.as_uri(), SOURCES.as_uri())
    command = ["node", "--input-type=module", "-e", script, str(path), json.dumps(VIEWS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for view, found in zip(VIEWS, json.loads(done.stdout), strict=True):
        expected = values_of(rivalled, toy, view)
        assert np.abs(np.array(found) - expected).max() < 2e-3 * np.abs(expected).max(), view


@pytest.fixture
def rivalled(clustered, toy, beat):
    """The same with a rival of other weights, sure to a tenth of the degree."""
    said = replace(clustered.explanation, weights=0.1 * np.roll(clustered.explanation.weights, 3, axis=1))
    maps = plan_projection(toy, beat).apply(fold_evidence(said, beat, "MI"))
    rival = RivalReading("paper", "paper, own evidence", 0.5, 0.25, True, average(maps))
    return replace(clustered, rival=rival)


def test_a_rival_comes_on_top_and_leaves_the_average_alone(rivalled, toy):
    with_rival = from_bytes(to_bytes(payload_of(rivalled, toy)))
    without = from_bytes(to_bytes(payload_of(replace(rivalled, rival=None), toy)))
    assert "rival" not in without.meta
    *held, last = with_rival.meta["modalities"]
    assert held == without.meta["modalities"]
    assert (last["name"], last["weight"]) == ("rival", 0.0)
    columns = without.arrays["basis"].shape[1]
    for name, part in (("basis", np.s_[:, :columns]), ("positive", np.s_[:columns])):
        assert np.array_equal(with_rival.arrays[name][part], without.arrays[name])
    stated = with_rival.meta["rival"]
    assert stated["title"] == "paper, own evidence"
    assert stated["conserved"] is True
    assert stated["sizes"]["rival"] == pytest.approx(size_of(rivalled.rival.heart))
    assert stated["sizes"]["model"] == pytest.approx(size_of(rivalled.average))


def test_the_difference_is_of_maps_of_one_size(rivalled, toy):
    areas = toy.heart.areas / 100
    by_sign = [values_of(rivalled, toy, {"map": "less_rival", "sign": sign}) for sign in ("for", "against")]
    net = [sum(sides @ areas for sides in by_sign)]
    model, rival = (held.total / size_of(held) for held in (rivalled.average, rivalled.rival.heart))
    assert net[0] == pytest.approx(100 * (model - rival), rel=1e-6)
    assert "%" in unit_of({"map": "less_rival"})
    # as sure as one likes: only the shape counts
    louder = replace(rivalled.rival, heart=scaled(rivalled.rival.heart, 7.0))
    same = values_of(replace(rivalled, rival=louder), toy, {"map": "less_rival"})
    assert np.allclose(same, sum(by_sign))


def scaled(held, factor):
    return HeartMap(held.label, held.modality, held.basis, factor * held.positive, factor * held.negative)


def long_analysis(analysis, seconds=25.0):
    """Make its recording a longer one, of the same beats."""
    said = analysis.explanation
    times = int(np.ceil(seconds * said.fs / said.signal.shape[1]))
    n = int(seconds * said.fs)
    signal, weights = (np.tile(a, times)[..., :n] for a in (said.signal, said.weights))
    longer = replace(said, signal=signal, weights=weights, reference=np.zeros((), np.float32))
    held = replace(analysis, explanation=longer)
    if held.clusters is None:
        return held
    order = np.tile(held.clusters.order, times)[:n]
    return replace(held, clusters=replace(held.clusters, order=order))


def test_pages_of_a_long_recording_are_all_of_it(clustered, toy):
    held = long_analysis(clustered, 25.5)
    first = from_bytes(to_bytes(payload_of(held, toy)))
    stated = first.meta["recording"]
    assert stated["n"] == 2550
    assert (stated["pages"]["count"], stated["pages"]["length"]) == (3, 1000)
    assert first.arrays["recording_ecg"].shape == (12, 1000)
    ecg, evidence, order = np.zeros((12, 2550)), np.zeros((12, 2550)), np.zeros(2550, int)
    for page, start in enumerate((0, 1000, 1550)):
        content = from_bytes(to_bytes(recording_page(held, page)))
        assert (content.meta["of"], content.meta["page"]) == (stated["pages"]["id"], page)
        ecg[:, start : start + 1000] = content.arrays["recording_ecg"]
        evidence[:, start : start + 1000] = content.arrays["recording_evidence"]
        for at, card in content.meta["runs"]:
            order[at : start + 1000] = card
    assert np.abs(ecg - held.explanation.signal).max() < 2e-3 * np.abs(held.explanation.signal).max()
    true = held.explanation.evidence_for("MI")
    assert np.abs(evidence - true).max() < 2e-3 * np.abs(true).max()
    assert np.array_equal(order, held.clusters.order)
    assert sum(stated["pages"]["net"]) == pytest.approx(true.sum(), rel=1e-3)
    assert first.meta["clusters"]["runs"] == runs_of(held, 0)
    assert recording_page(held, 99).meta["page"] == 2
    assert no_page(held).meta["page"] is None


def test_pages_are_of_one_recording_label_and_network(analysis):
    held = long_analysis(analysis)
    names = {
        recording_id(held),
        recording_id(replace(held, target="NORM")),
        recording_id(replace(held, explanation=replace(held.explanation, model="another"))),
        recording_id(
            replace(held, explanation=replace(held.explanation, signal=held.explanation.signal + 1))
        ),
    }
    assert len(names) == 4


def test_a_short_recording_has_no_pages(analysis, toy):
    stated = payload_of(analysis, toy).meta["recording"]
    assert sorted(stated) == ["fs", "n", "r_peaks"]


def test_the_leads_can_be_kept_whole_where_they_would_be_cut(analysis, toy):
    tight, whole = (payload_of(analysis, toy, budget=10_000, whole_leads=w) for w in (False, True))
    cut, kept = (next(m for m in p.meta["modalities"] if m["name"] == "leads") for p in (tight, whole))
    assert cut["leads"] is None
    assert kept["leads"] is not None
    assert len(kept["leads"]) == kept["count"]
    others = [[m["count"] for m in p.meta["modalities"] if m["name"] != "leads"] for p in (tight, whole)]
    assert others[0] == others[1]
