"""The bytes that the browser reads: whole, aligned, named after their content, with the words it needs."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imn.errors import InputError
from viewer.payload import Payload, content_hash, from_bytes, keyed, to_bytes
from viewer.payload_content import payload_of

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


def test_there_is_a_path_in_the_waves_only(analysis, toy, beat):
    held = payload_of(analysis, toy).arrays
    inside = np.zeros(80, bool)
    inside[beat.fiducials.qrs_onset : beat.fiducials.t_end] = True
    assert np.array_equal(np.isfinite(held["path"]).all(axis=1), inside)
    assert np.array_equal(held["path_radius"] > 0, inside)
