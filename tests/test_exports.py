"""Maps and evidence for other programs."""

import numpy as np
import pytest

from cine_mapping.anatomy import REGIONS
from cine_mapping.beat import Evidence
from cine_mapping.heart_map import HeartMap
from imn.errors import InputError
from imn.explanation import Explanation
from imn.files import replacing
from imn.leads import LEADS
from viewer.exports import write_evidence, write_vtp


@pytest.fixture
def heart_map(toy):
    rng = np.random.default_rng(0)
    basis = rng.random((len(toy.heart.points), 3))
    return HeartMap("AMI", "leads", basis / basis.sum(axis=0), rng.random((3, 80)), -rng.random((3, 80)))


def test_vtp_comes_back_as_it_went(toy, heart_map, tmp_path):
    import pyvista

    mask = toy.region == 6
    write_vtp(
        tmp_path / "heart.vtp", toy, {"leads": heart_map}, masks={"annotation": mask}, provenance="simulated"
    )
    data = pyvista.read(tmp_path / "heart.vtp")
    np.testing.assert_array_equal(data.points, toy.heart.points)
    np.testing.assert_array_equal(data.regular_faces, toy.heart.triangles)
    np.testing.assert_allclose(data["leads supporting"], heart_map.supporting, rtol=1e-6)
    np.testing.assert_allclose(data["leads opposing"], heart_map.opposing, rtol=1e-6)
    np.testing.assert_array_equal(data["annotation"].astype(bool), mask)
    np.testing.assert_array_equal(data["region"], toy.region)
    assert list(data.field_data["label"]) == ["AMI"] and list(data.field_data["provenance"]) == ["simulated"]
    assert list(data.field_data["region names"]) == list(REGIONS)
    total = data["leads supporting"].sum(dtype=float) + data["leads opposing"].sum(dtype=float)
    assert total == pytest.approx(heart_map.total, rel=1e-5, abs=1e-4)


def test_vtp_refuses_maps_and_names_that_do_not_fit(toy, heart_map, tmp_path):
    with pytest.raises(InputError, match="one per vertex"):
        write_vtp(tmp_path / "heart.vtp", toy, {}, masks={"annotation": np.zeros(4, bool)})
    with pytest.raises(InputError, match=r"\.vtp"):
        write_vtp(tmp_path / "heart.vtk", toy, {"leads": heart_map})
    assert not list(tmp_path.iterdir())


def test_evidence_file_adds_up_to_the_logit_without_pickle(heart_map, beat, tmp_path):
    rng = np.random.default_rng(0)
    weights, signal = rng.normal(size=(1, 12, 400)), rng.normal(size=(12, 400))
    logits = (weights * signal).sum(axis=(1, 2)) + 0.5
    explanation = Explanation("r", 100.0, "m", ("AMI",), logits, np.array([0.5]), weights, signal)
    folded = Evidence("AMI", rng.normal(size=(12, 80)), rng.normal(size=(3, 80)))
    write_evidence(tmp_path / "evidence.npz", explanation, beat, folded, {"leads": heart_map})
    with np.load(tmp_path / "evidence.npz", allow_pickle=False) as kept:
        assert kept["evidence"].sum() + kept["bias"] == pytest.approx(float(kept["logit"]))
        assert list(kept["leads"]) == list(LEADS) and kept["label"] == "AMI"
        values = kept["leads_basis"] @ (kept["leads_positive"] + kept["leads_negative"])
        np.testing.assert_allclose(values, heart_map.values, atol=1e-7)


def test_a_writer_that_fails_leaves_the_old_file_and_nothing_else(tmp_path):
    (tmp_path / "a.txt").write_text("old")
    with pytest.raises(RuntimeError), replacing(tmp_path / "a.txt") as draft:
        draft.write_text("half")
        raise RuntimeError
    assert [p.name for p in tmp_path.iterdir()] == ["a.txt"] and (tmp_path / "a.txt").read_text() == "old"
