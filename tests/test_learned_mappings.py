"""What simulations taught: patches, conservation, what changes nothing, files, and a floor of quality."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cine_mapping.forward.heart import reference_heart, seated_reference
from cine_mapping.localisation.cases import NAMES, Cases, Lot, make_cases
from cine_mapping.localisation.controls import Operator, PermutedLeads, plan_left_ventricle_centre
from cine_mapping.localisation.learning import library_of
from cine_mapping.localisation.mappings import plan_turned
from cine_mapping.localisation.measure import Measured, measure
from cine_mapping.localisation.patterns import case_patterns, differences
from cine_mapping.myocardium import Myocardium
from cine_mapping.operators.average import Average
from cine_mapping.operators.decoder import fit_decoder, plan_decoder
from cine_mapping.operators.learned import SHIPPED, load_learned, save_learned, shipped
from cine_mapping.operators.library import Library, directions, occupied, shaped
from cine_mapping.operators.neighbours import plan_neighbours
from cine_mapping.operators.patches import Patches, find_centres, plan_patches
from cine_mapping.operators.pattern import BINS, Pattern
from cine_mapping.operators.ridge import plan_ridge
from cine_mapping.operators.sloreta import plan_sloreta
from imn.errors import InputError
from imn.perceptron import Fitting

COUNTS = {"normal": 2, "ischaemia": 4, "scar": 4, "ectopy": 3, "WPW": 3, "LBBB": 1, "RBBB": 1}
SICK = tuple(COUNTS)[1:]
MAPPINGS = ("own", "generic", "network", "ridge", "neighbours", "average", "turned")


@pytest.fixture(scope="module")
def wall() -> Myocardium:
    return seated_reference()


@pytest.fixture(scope="module")
def patches(wall: Myocardium) -> Patches:
    return plan_patches(wall, shipped().centres)


@pytest.fixture(scope="module")
def cases() -> Cases:
    """Two patients that nothing was learned from."""
    return make_cases(Lot(seed=90_002, patients=2, counts=COUNTS))


@pytest.fixture(scope="module")
def library(cases: Cases, patches: Patches, wall: Myocardium) -> Library:
    return library_of("own", cases, patches, differences(cases), len(wall.points))


@pytest.fixture(scope="module")
def mappings(library: Library, patches: Patches, wall: Myocardium) -> dict[str, Operator]:
    volumes = wall.node_volumes
    decoders: dict[str, Operator] = {domain: shipped().plan(domain) for domain in shipped().perceptrons}
    ridge = plan_ridge(library, NAMES, patches, volumes)
    return decoders | {
        "ridge": ridge,
        "neighbours": plan_neighbours(library, NAMES, patches, volumes),
        "average": Average([decoders["own"], ridge], [3.0, 1.0]),
        "turned": plan_turned(decoders["own"], wall, 20.0),
    }


def noise(seed: int, family: str = "scar", total: float = 1.0) -> Pattern:
    return Pattern(family, np.random.default_rng(seed).standard_normal((8, BINS)), total)


# ---- patches


def test_no_patch_is_empty_and_every_node_is_in_one(patches: Patches) -> None:
    held = patches.gather.astype(bool).toarray().sum(axis=1)
    assert held.min() > 0
    assert held.sum() == len(seated_reference().points)


@pytest.mark.parametrize("seed", [0, 1])
def test_new_patches_are_not_empty(wall: Myocardium, seed: int) -> None:
    found = plan_patches(wall, find_centres(wall, 150, seed))
    held = found.gather.astype(bool).toarray().sum(axis=1)
    assert held.min() > 0
    assert held.max() < 8 * held.mean()


def test_what_is_even_stays_even(patches: Patches) -> None:
    assert np.asarray(patches.spread.sum(axis=1)) == pytest.approx(1, abs=1e-6)
    assert patches.spread.min() >= 0
    p, n = len(patches.centres), len(seated_reference().points)
    assert patches.gather @ np.full(n, 3.5) == pytest.approx(3.5, abs=1e-5)
    assert patches.spread @ np.full(p, 3.5) == pytest.approx(3.5, abs=1e-5)


def test_shares_of_patches_keep_the_diseased_volume(cases: Cases, patches: Patches, wall: Myocardium) -> None:
    masks = cases.masks(len(wall.points))
    volumes = patches.gather.astype(bool).toarray() @ wall.node_volumes
    assert occupied(masks, patches) @ volumes == pytest.approx(masks @ wall.node_volumes, rel=1e-5, abs=1e-3)
    assert volumes.sum() == pytest.approx(wall.node_volumes.sum())


# ---- maps


@pytest.mark.parametrize("name", MAPPINGS)
@settings(max_examples=10, deadline=None)
@given(
    seed=st.integers(0, 1000),
    family=st.sampled_from(SICK),
    total=st.floats(-50, 50),
    size=st.sampled_from([0.0, 1e-6, 1.0, 1e6]),
)
def test_a_map_sums_to_its_total(
    mappings: dict[str, Operator], name: str, seed: int, family: str, total: float, size: float
) -> None:
    pattern = noise(seed, family, total)
    found = mappings[name].apply(replace(pattern, values=size * pattern.values))
    assert found.shape == (len(seated_reference().points),)
    assert found.sum() == pytest.approx(total, rel=1e-9, abs=1e-9)
    assert (found * np.sign(total) >= 0).all()


@pytest.mark.parametrize("name", MAPPINGS)
def test_the_total_scales_the_map(mappings: dict[str, Operator], name: str) -> None:
    once = mappings[name].apply(noise(3))
    assert mappings[name].apply(noise(3, total=-4.0)) == pytest.approx(-4 * once)


@pytest.mark.parametrize("name", ["network", "ridge", "neighbours"])
@pytest.mark.parametrize("factor", [0.01, 7.0])
def test_a_factor_on_the_pattern_moves_nothing(
    mappings: dict[str, Operator], name: str, factor: float
) -> None:
    pattern = noise(4)
    louder = mappings[name].apply(replace(pattern, values=factor * pattern.values))
    np.testing.assert_allclose(louder, mappings[name].apply(pattern), rtol=1e-3, atol=1e-9)


def test_how_large_a_beat_is_tells_only_where_it_is_millivolts() -> None:
    values = noise(5).values[None]
    np.testing.assert_allclose(shaped(2 * values, "network"), shaped(values, "network"), rtol=1e-6)
    own, larger = shaped(values, "own"), shaped(2 * values, "own")
    np.testing.assert_allclose(own[:, : 8 * BINS], larger[:, : 8 * BINS], rtol=1e-6)
    assert larger[0, -1] - own[0, -1] == pytest.approx(np.log(2), rel=1e-2)
    assert np.linalg.norm(directions(values)) == pytest.approx(1)
    assert not directions(0 * values).any()


def test_turned_by_nothing_is_itself(mappings: dict[str, Operator], wall: Myocardium) -> None:
    pattern = noise(6, "ischaemia", 2.5)
    own = mappings["own"]
    np.testing.assert_allclose(plan_turned(own, wall, 0.0).apply(pattern), own.apply(pattern), rtol=1e-9)
    assert np.abs(mappings["turned"].apply(pattern) - own.apply(pattern)).sum() > 0.1 * 2.5


def test_what_is_as_probable_everywhere_is_laid_out_by_volume(wall: Myocardium) -> None:
    decoder = shipped().plan("own")
    net = decoder.perceptron
    blind = replace(
        net,
        weights=tuple(0 * weight for weight in net.weights),
        biases=tuple(0 * bias for bias in net.biases),
    )
    found = replace(decoder, perceptron=blind).apply(noise(10, total=2.0))
    assert found == pytest.approx(2 * wall.node_volumes / wall.node_volumes.sum(), rel=1e-5)


def test_the_average_lies_between_its_members(mappings: dict[str, Operator]) -> None:
    pattern = noise(7, "ectopy")
    own, ridge = mappings["own"].apply(pattern), mappings["ridge"].apply(pattern)
    np.testing.assert_allclose(mappings["average"].apply(pattern), 0.75 * own + 0.25 * ridge, rtol=1e-9)


def test_a_seen_beat_finds_its_own_region(
    mappings: dict[str, Operator], library: Library, patches: Patches, wall: Myocardium
) -> None:
    for row in np.flatnonzero(library.family == NAMES.index("ectopy")):
        found = mappings["neighbours"].apply(Pattern("ectopy", library.values[row].astype(float)))
        density = patches.gather @ (found / wall.node_volumes)
        assert density @ library.truth[row] / library.truth[row].sum() > 3 * density.mean()


@pytest.mark.parametrize("domain", ["own", "generic", "network"])
def test_a_family_can_be_unknown_but_not_wrong(mappings: dict[str, Operator], domain: str) -> None:
    assert mappings[domain].apply(noise(8, "unknown")).sum() == pytest.approx(1)
    for name in (domain, "ridge", "neighbours"):
        with pytest.raises(
            InputError, match="expected a family of conditions, got 'appendicitis'"
        ) as refused:
            mappings[name].apply(noise(8, "appendicitis"))
        assert "scar" in str(refused.value)
        assert "\n" not in str(refused.value)


def test_a_small_decoder_learns_regions_and_that_normal_hearts_have_none(
    library: Library, patches: Patches, wall: Myocardium
) -> None:
    fitting = Fitting(width=64, epochs=120, batch=12, dropout=0.0)
    net = fit_decoder(library, len(NAMES), noise=0.0, fitting=fitting)
    decoder = plan_decoder("own", NAMES, net, wall, patches.centres)
    for row, family in enumerate(library.family):
        values = library.values[row].astype(float)
        if family == 0:
            assert decoder.probability(Pattern("scar", values)).max() < 0.2
            continue
        found = patches.gather @ decoder.probability(Pattern(NAMES[family], values))
        inside = library.truth[row]
        assert found @ inside / inside.sum() > 2 * (found @ (1 - inside)) / (1 - inside).sum()


# ---- files


def test_what_is_written_is_read_back_and_maps_alike(tmp_path: Path) -> None:
    held = load_learned(save_learned(shipped(), tmp_path / "learned.npz"))
    assert held.families == shipped().families
    assert held.origin == shipped().origin
    assert held.presence == shipped().presence
    for domain in shipped().perceptrons:
        np.testing.assert_array_equal(held.thresholds[domain], shipped().thresholds[domain])
        expected = shipped().plan(domain).apply(noise(9))
        np.testing.assert_array_equal(held.plan(domain).apply(noise(9)), expected)


def test_a_domain_that_was_not_learned_is_refused() -> None:
    with pytest.raises(InputError, match="expected a domain among own, generic, network, got 'x'"):
        shipped().plan("x")


def _foreign(path: Path) -> None:
    np.savez(path, format=np.array("ecglocus-anatomy-1"))


def _truncated(path: Path) -> None:
    content = SHIPPED.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def _damaged(path: Path) -> None:
    content = bytearray(SHIPPED.read_bytes())
    middle = len(content) // 2
    content[middle : middle + 2000] = bytes(2000)
    path.write_bytes(content)


def _part(path: Path) -> None:
    with np.load(SHIPPED) as held:
        np.savez(path, allow_pickle=False, **{name: held[name] for name in held if name != "own/presence"})


def _pickled(path: Path) -> None:
    np.savez(path, format=np.array(["ecglocus-decoders-1", None], dtype=object))


def _bare(path: Path) -> None:
    with path.open("wb") as file:
        np.save(file, np.ones(3))


@pytest.mark.parametrize(
    "spoil",
    [_foreign, _truncated, _damaged, _part, _pickled, _bare, Path.touch, lambda path: path.write_text("no")],
)
def test_a_file_that_is_none_or_not_whole_is_refused(tmp_path: Path, spoil) -> None:
    path = tmp_path / "decoders.npz"
    spoil(path)
    with pytest.raises(InputError, match="expected .*decoders") as refused:
        load_learned(path)
    assert str(refused.value).count(str(path)) == 1
    assert "\n" not in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nothing\.npz"):
        load_learned(tmp_path / "nothing.npz")


# ---- quality


@pytest.fixture(scope="module")
def measured(cases: Cases, mappings: dict[str, Operator], wall: Myocardium) -> Measured:
    sick = cases.take(np.flatnonzero(cases.family > 0))
    rivals = {
        "sLORETA": plan_sloreta(reference_heart()),
        "LV centre": plan_left_ventricle_centre(wall),
        "permuted leads": PermutedLeads(mappings["own"]),
    }
    truth = sick.masks(len(wall.points))
    return measure(
        {"own": mappings["own"], **rivals}, case_patterns(sick), truth, sick.patient, canonical=wall
    )


def test_the_shipped_decoder_finds_regions_of_fresh_patients(measured: Measured) -> None:
    assert measured.of("own", "dice").mean() > 0.45
    assert np.median(measured.of("own", "centre_mm")) < 15


@pytest.mark.parametrize(
    ("rival", "margin"), [("sLORETA", 0.1), ("LV centre", 0.25), ("permuted leads", 0.25)]
)
def test_the_shipped_decoder_beats(measured: Measured, rival: str, margin: float) -> None:
    assert measured.of("own", "dice").mean() > measured.of(rival, "dice").mean() + margin
