"""The masks that annotations become: on the mesh, on the beat, and on the recording."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from annotations import (
    Interval,
    VertexWeights,
    anatomy_hash,
    beat_mask,
    recording_mask,
    scored_areas,
    vertex_mask,
    vertex_weights,
)
from annotations.mutation_files import small_heart
from cine_mapping.anatomy import AHA_SEGMENTS, REGIONS, RV_REGIONS, Mesh
from cine_mapping.beat import Beat, Fiducials
from imn.errors import InputError
from imn.leads import LEADS
from tests.annotation_values import PLAIN


@pytest.mark.parametrize("name", REGIONS)
def test_a_region_marks_exactly_its_vertices(name):
    heart = small_heart()
    mask = vertex_mask(replace(PLAIN, regions=(name,)), heart)
    np.testing.assert_array_equal(mask, heart.region == REGIONS.index(name))


@pytest.mark.parametrize(
    ("territory", "numbers"),
    [
        ("LAD", {1, 2, 7, 8, 13, 14, 17}),
        ("RCA", {3, 4, 9, 10, 15}),
        ("LCX", {5, 6, 11, 12, 16}),
        ("RV", {18, 19, 20}),
    ],
)
def test_a_territory_marks_its_segments(territory, numbers):
    heart = small_heart()
    mask = vertex_mask(replace(PLAIN, regions=(territory,)), heart)
    assert set((heart.region[mask] + 1).tolist()) == numbers
    assert mask.sum() == 2 * len(numbers)


def test_the_territories_share_out_the_ventricles():
    heart = small_heart()
    count = sum(
        vertex_mask(replace(PLAIN, regions=(t,)), heart).astype(int) for t in ("LAD", "RCA", "LCX", "RV")
    )
    np.testing.assert_array_equal(count, heart.ventricles.astype(int))
    np.testing.assert_array_equal(scored_areas(heart) > 0, heart.ventricles)
    assert len(AHA_SEGMENTS) + len(RV_REGIONS) == 20


def test_painted_vertices_join_the_regions_by_the_larger_weight():
    heart = small_heart()
    painted = VertexWeights("strip", anatomy_hash(heart), (0, 5, 9), (0.25, 0.5, 0.25))
    marks = replace(PLAIN, regions=("basal anterior",), vertices=painted)
    weights = vertex_weights(marks, heart)
    assert weights[[0, 1, 5, 9]].tolist() == [1.0, 1.0, 0.5, 0.25]
    assert weights.sum() == 2.75
    assert np.flatnonzero(vertex_mask(marks, heart)).tolist() == [0, 1, 5]
    assert np.flatnonzero(vertex_mask(marks, heart, at_least=0.25)).tolist() == [0, 1, 5, 9]


def test_the_hash_follows_points_and_triangles_only():
    heart = small_heart()
    assert anatomy_hash(heart) == anatomy_hash(small_heart())
    assert anatomy_hash(replace(heart, name="other", region=heart.region * 0)) == anatomy_hash(heart)
    moved = heart.heart.points.copy()
    moved[3, 2] += 1e-3
    flipped = heart.heart.triangles[:, ::-1]
    assert anatomy_hash(replace(heart, heart=Mesh(moved, heart.heart.triangles))) != anatomy_hash(heart)
    assert anatomy_hash(replace(heart, heart=Mesh(heart.heart.points, flipped))) != anatomy_hash(heart)


def test_places_that_the_anatomy_lacks_are_refused():
    heart = small_heart()
    other = VertexWeights("other", "0" * 64, (0,), (1.0,))
    with pytest.raises(InputError, match="painted on anatomy other .*got strip"):
        vertex_weights(replace(PLAIN, vertices=other), heart)
    beyond = VertexWeights("strip", anatomy_hash(heart), (44,), (1.0,))
    with pytest.raises(InputError, match="marks vertex 44, the anatomy has 44 vertices"):
        vertex_weights(replace(PLAIN, vertices=beyond), heart)
    without_atria = replace(heart, region=np.zeros_like(heart.region))
    with pytest.raises(InputError, match="strip has no left atrium"):
        vertex_weights(replace(PLAIN, regions=("left atrium",)), without_atria)
    with pytest.raises(InputError, match="at_least must be above 0"):
        vertex_mask(PLAIN, heart, at_least=0.0)


def beat(fs: float = 100.0) -> Beat:
    """Three beats 1 s apart, each from 0.3 s before to 0.4 s after its R peak."""
    peaks = (np.array([0.5, 1.5, 2.5]) * fs).astype(np.int64)
    before, m = round(0.3 * fs), round(0.7 * fs)
    nearest = peaks[np.abs(np.arange(round(3 * fs))[:, None] - peaks).argmin(axis=1)]
    phase = np.clip(np.arange(round(3 * fs)) - nearest + before, 0, m - 1).astype(np.int32)
    return Beat(
        fs=fs,
        signal=np.zeros((12, m), np.float32),
        r_peak=before,
        fiducials=Fiducials(*(round(t * fs) for t in (0.25, 0.35, 0.5, 0.6))),
        r_peaks=peaks,
        kept=np.ones(3, bool),
        phase=phase,
    )


def on_beat(onset, offset, leads=("V1", "aVF")):
    return replace(PLAIN, intervals=(Interval(leads, onset, offset, "beat"),))


@pytest.mark.parametrize("fs", [100.0, 250.0, 500.0])
def test_times_on_the_beat_count_from_the_r_peak(fs):
    mask = beat_mask(on_beat(-0.04, 0.12), beat(fs))
    rows, samples = np.nonzero(mask)
    assert set(rows) == {LEADS.index("V1"), LEADS.index("aVF")}
    assert samples.min() / fs == pytest.approx(0.3 - 0.04)
    assert len(set(samples)) == round(0.16 * fs)


@settings(deadline=None)
@given(first=st.integers(-30, 38), length=st.integers(1, 30))
def test_neighbouring_intervals_neither_overlap_nor_leave_a_gap(first, length):
    split, end = (first + 1) / 100, (first + 1 + length) / 100
    left, right = (beat_mask(on_beat(*times), beat()) for times in ((first / 100, split), (split, end)))
    assert not (left & right).any()
    np.testing.assert_array_equal(left | right, beat_mask(on_beat(first / 100, end), beat()))


def test_the_recording_repeats_the_beat_and_folds_back_to_it():
    one = beat()
    marks = on_beat(-0.04, 0.12)
    long = recording_mask(marks, one)
    assert long.sum() == 3 * beat_mask(marks, one).sum()
    starts = np.flatnonzero(np.diff(long[LEADS.index("V1")].astype(int)) == 1) + 1
    assert starts.tolist() == [46, 146, 246]
    folded = np.zeros_like(beat_mask(marks, one))
    for row, marked in zip(folded, long, strict=True):
        row[one.phase[marked]] = True
    np.testing.assert_array_equal(folded, beat_mask(marks, one))


def test_an_interval_on_the_recording_marks_itself_there_and_its_phase_on_the_beat():
    marks = replace(PLAIN, intervals=(Interval(("II",), 1.5, 1.6, "recording"),))
    long = recording_mask(marks, beat())
    assert np.flatnonzero(long[LEADS.index("II")]).tolist() == list(range(150, 160))
    assert long.sum() == 10
    np.testing.assert_array_equal(beat_mask(marks, beat()), beat_mask(on_beat(0, 0.1, ("II",)), beat()))


def test_a_short_interval_marks_one_sample_and_an_outside_one_is_refused():
    assert beat_mask(on_beat(0.011, 0.012, ("I",)), beat()).sum() == 1
    assert beat_mask(on_beat(-9, 9, ("I",)), beat()).sum() == 70
    for times in ((0.4, 0.5), (-0.5, -0.3)):
        with pytest.raises(InputError, match="outside the beat, which spans -0.3 to 0.4 s"):
            beat_mask(on_beat(*times), beat())
    late = replace(PLAIN, intervals=(Interval(("I",), 3.0, 3.1, "recording"),))
    with pytest.raises(InputError, match="outside the recording, which spans 0 to 3 s"):
        recording_mask(late, beat())


def test_nothing_marked_is_an_empty_mask_but_what_was_not_asked_is_refused():
    assert not vertex_mask(PLAIN, small_heart()).any()
    assert not beat_mask(PLAIN, beat()).any()
    with pytest.raises(InputError, match="marks intervals only"):
        vertex_mask(on_beat(0, 0.1), small_heart())
    for mask in (beat_mask, recording_mask):
        with pytest.raises(InputError, match="marks places only"):
            mask(replace(PLAIN, regions=("apex",)), beat())
    with pytest.raises(InputError, match="marks leads only"):
        vertex_mask(replace(PLAIN, leads=("V1",)), small_heart())
    for mask in (beat_mask, recording_mask):
        with pytest.raises(InputError, match="marks leads only"):
            mask(replace(PLAIN, leads=("V1",)), beat())
