"""Maps as the browser gets them: true to those of the server, within their budget, and computed alike."""

import json
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from cine_mapping.heart_map import HeartMap
from viewer.factors import LEAST, pack_maps
from viewer.payload import from_bytes, to_bytes
from viewer.payload_content import payload_of
from viewer.view_state import cluster_name, values_of


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


def test_the_leads_can_be_kept_whole_where_they_would_be_cut(analysis, toy):
    tight, whole = (payload_of(analysis, toy, budget=10_000, whole_leads=w) for w in (False, True))
    cut, kept = (next(m for m in p.meta["modalities"] if m["name"] == "leads") for p in (tight, whole))
    assert cut["leads"] is None
    assert kept["leads"] is not None
    assert len(kept["leads"]) == kept["count"]
    others = [[m["count"] for m in p.meta["modalities"] if m["name"] != "leads"] for p in (tight, whole)]
    assert others[0] == others[1]


def test_what_is_drawn_of_all_clusters_adds_up_to_the_whole(clustered, toy):
    view = {"map": "average", "sign": "signed", "mode": "integral", "interval_ms": None}
    parts = [values_of(clustered, toy, view | {"cluster": card.number}) for card in clustered.clusters.cards]
    whole = values_of(clustered, toy, view)
    assert np.allclose(np.sum(parts, axis=0), whole, atol=1e-12)
    assert all(not np.allclose(part, whole, atol=1e-3 * np.abs(whole).max()) for part in parts)
    names = [cluster_name(clustered, view | {"cluster": card.number}) for card in clustered.clusters.cards]
    assert names == [card.name for card in clustered.clusters.cards]
    assert cluster_name(clustered, view | {"cluster": 99}) is None


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
