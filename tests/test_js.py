"""The browser's arithmetic against NumPy's, and every test of the JavaScript; needs node, not a browser."""

import itertools
import json
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

from viewer.payload import Payload, keyed, to_bytes

JS = Path(__file__).parents[1] / "viewer" / "js"
V, N, DT, R = 11, 9, 4.0, 3
COUNTS, WEIGHTS = (5, 2, 3), (1.0, 3.0, 0.0)
NAMES = ("leads", "vcg", "path")
LEAD_OF_COLUMN = (0, 1, 0, 1, None)


def made(seed=4):
    """A small payload with all that the arithmetic touches."""
    rng = np.random.default_rng(seed)
    first = np.cumsum((0, *COUNTS[:-1]))
    modalities = [
        {"name": n, "title": n, "weight": w, "first": int(f), "count": c}
        for n, w, f, c in zip(NAMES, WEIGHTS, first, COUNTS, strict=True)
    ]
    modalities[0]["leads"] = LEAD_OF_COLUMN
    k = sum(COUNTS)
    region = np.arange(V) % 3
    arrays = {
        "basis": rng.random((V, k)).astype(np.float16),
        "positive": rng.random((k, N)).astype(np.float32),
        "negative": -rng.random((k, N)).astype(np.float32),
        "areas": np.append(rng.uniform(2, 9, V - 1), 0).astype(np.float32),
        "region": region.astype(np.uint8),
        "ventricles": (region < 2).astype(np.uint8),
        "mask_0": (rng.random(V) > 0.5).astype(np.uint8),
        "spread": rng.random(V).astype(np.float32),
        "triangles": np.array([[0, 1, 2], [7, 8, 9]], np.uint16),
        "codes": np.array([-3, 70_000], np.int32),
        "counts": np.array([4_000_000_000], np.uint32),
    }
    meta = {
        "version": 1,
        "record": "Überleitung 1°",
        "unit": "logit",
        "beat": {"n": N, "dt_ms": DT, "r_index": R},
        "modalities": modalities,
        "regions": ["one", "two", "three"],
    }
    return keyed(Payload(meta, arrays))


def course(payload, view):
    """Weighted basis rows and coefficients over time, (v, n)."""
    a = {name: np.asarray(payload.arrays[name], float) for name in ("basis", "positive", "negative")}
    c = {"for": a["positive"], "against": a["negative"]}.get(view["sign"], a["positive"] + a["negative"])
    weights = np.repeat(weights_of(view), COUNTS)
    if view.get("lead_pick"):
        row = ("I", "II").index(view["lead_pick"]["lead"])
        weights *= [at == row for at in (*LEAD_OF_COLUMN, *[None] * sum(COUNTS[1:]))]
    return a["basis"] @ (weights[:, None] * c)


def weights_of(view):
    if view.get("lead_pick"):
        return np.array([1.0, 0, 0])
    if view["map"] in NAMES:
        return np.eye(3)[NAMES.index(view["map"])]
    return np.array(WEIGHTS) / sum(WEIGHTS)


def summed(view, over_time):
    """One moment, linear between samples, or the samples of an interval."""
    if view["mode"] == "instant":
        at = np.clip(view["t_ms"] / DT + R, 0, N - 1)
        return np.array([np.interp(at, np.arange(N), row) for row in over_time])
    times = (np.arange(N) - R) * DT
    low, high = view["interval_ms"] or (-np.inf, np.inf)
    return over_time[:, (times >= low) & (times < high)].sum(axis=1)


def values(payload, view):
    if view["map"] == "spread":
        return np.asarray(payload.arrays["spread"], float)
    if view["map"] != "disagreement":
        return summed(view, course(payload, view))
    own = np.array([summed(view, course(payload, view | {"map": name})) for name in NAMES])
    weights = weights_of(view)[:, None]
    return np.sqrt((weights * (own - (weights * own).sum(axis=0)) ** 2).sum(axis=0))


def all_views():
    times = [
        {"mode": "instant", "t_ms": t, "interval_ms": None} for t in (-50.0, -12.0, 0.0, 5.5, 20.0, 99.0)
    ] + [{"mode": "integral", "t_ms": 0.0, "interval_ms": i} for i in (None, [-8.0, 4.0], [0.5, 3.0])]
    maps = ("average", *NAMES, "disagreement", "spread")
    for at, name, sign in itertools.product(times, maps, ("signed", "for", "against")):
        yield at | {"map": name, "sign": sign}
    yield times[3] | {"map": "average", "sign": "signed", "lead_pick": {"lead": "II"}}


def measures(payload):
    areas, region = np.asarray(payload.arrays["areas"], float), payload.arrays["region"]
    mask = payload.arrays["mask_0"] > 0
    per_vertex = np.random.default_rng(1).normal(size=V).astype(np.float32).astype(float)
    found, threshold = per_vertex >= 0.1, 0.1
    both = areas[found & mask].sum()
    scores = {
        "dice": 2 * both / (areas[found].sum() + areas[mask].sum()),
        "precision": both / areas[found].sum(),
        "recall": both / areas[mask].sum(),
        "fraction": areas[found].sum() / areas.sum(),
        "all_positive": 2 * areas[mask].sum() / (areas[mask].sum() + areas.sum()),
    }
    return {
        "values": per_vertex,
        "density": np.divide(per_vertex * 100, areas, out=np.zeros(V), where=areas > 0),
        "sums": np.bincount(region, per_vertex),
        "overlap": {"threshold": threshold, "scores": scores},
        "quantiles": [(q, np.quantile(per_vertex, q)) for q in (0.0, 0.31, 0.998, 1.0)],
    }


def automatic_range(payload, view):
    """Where the colours end, as in the pictures of the server; at moments the largest of 48."""
    areas = np.asarray(payload.arrays["areas"], float)
    inside = payload.arrays["ventricles"] > 0
    times = [None]
    if view["mode"] == "instant" and view["map"] != "spread":
        times = (((np.arange(48) + 0.5) / 48) * N - R) * DT
    tops = []
    for t in times:
        at = view if t is None else view | {"t_ms": t}
        density = np.divide(values(payload, at) * 100, areas, out=np.zeros(V), where=areas > 0)
        tops.append(np.quantile(np.abs(density[inside]), 0.998) * (1 if t is None else 10 / DT))
    return max(tops) or 1.0  # nothing to show has to have an end, too


@pytest.fixture
def fixture_folder(tmp_path):
    payload = made()
    views = list(all_views())
    one = {"map": "average", "sign": "signed"}
    lead = one | {"lead_pick": {"lead": "I"}}
    whole = course(payload, one)
    expected = {
        "record": payload.meta["record"],
        "arrays": {name: np.asarray(array, float).ravel() for name, array in payload.arrays.items()},
        "views": [{"view": view, "values": values(payload, view)} for view in views],
        "vertices": [
            {"view": view, "vertex": v, "course": course(payload, view)[v]}
            for view in (one, lead, one | {"map": "vcg", "sign": "against"})
            for v in (0, V - 1)
        ],
        "regions": [
            {"view": one, "region": r, "course": whole[payload.arrays["region"] == r].sum(axis=0)}
            for r in range(3)
        ],
        "measures": measures(payload),
        "ranges": [
            {"view": view, "range": automatic_range(payload, view)}
            for view in views
            if view["sign"] == "signed" and view["t_ms"] == 0.0
        ],
    }
    (tmp_path / "payload.bin").write_bytes(to_bytes(payload))
    (tmp_path / "expected.json").write_text(json.dumps(expected, default=lambda array: array.tolist()))
    return tmp_path


def test_javascript(fixture_folder):
    node = shutil.which("node")
    if node is None or not (JS / "node_modules").is_dir():
        pytest.skip("node or viewer/js/node_modules is not there: run python hatch_build.py")
    environment = {**os.environ, "ECGLOCUS_JS_FIXTURE": str(fixture_folder)}
    tests = sorted(str(path) for path in (JS / "test").glob("*.test.js"))
    done = subprocess.run(
        [node, "--test", "--test-reporter=tap", *tests],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    failed = [part[:1500] for part in done.stdout.split("\n# Subtest: ") if "\nnot ok" in part]
    assert done.returncode == 0, "\n".join(failed) or done.stdout[-3000:] + done.stderr[-3000:]
    assert "# skipped 0" in done.stdout
