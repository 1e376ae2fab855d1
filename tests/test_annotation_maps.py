"""Painted regions as VTP and NPZ: nothing lost, VTK reads and writes the same, nothing guessed."""

import zipfile
from dataclasses import replace

import numpy as np
import pytest
import pyvista
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotations import Annotation, Finding, Given, VertexWeights
from annotations.label_map import LabelMap
from annotations.label_maps import annotations_in, draw_map, painted
from annotations.masks import anatomy_hash, vertex_weights
from annotations.npz_files import read_npz, write_npz
from annotations.transfer import Heart, transfer_annotation, transfer_finding
from annotations.vtp_files import read_vtp, write_vtp
from cine_mapping.anatomy import REGIONS, Mesh
from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.myocardium_io import load_myocardium
from imn.errors import InputError
from tests.annotation_values import finding_values, lines

WHOSE = Given(record_id="r1", rater="A", label="MI", provenance="expert", confidence=0.5)
FORMATS = {".vtp": (write_vtp, read_vtp), ".npz": (write_npz, read_npz)}


@st.composite
def drawn_on(draw, anatomy):
    """An annotation whose findings are painted on an anatomy, or on none."""
    findings = []
    present = [REGIONS[k] for k in np.unique(anatomy.region)]
    for finding in draw(st.lists(finding_values, max_size=3)):
        index = sorted(draw(st.sets(st.integers(0, len(anatomy.heart.points) - 1), max_size=8)))
        weight = tuple(draw(st.floats(0, 1, exclude_min=True)) for _ in index)
        vertices = VertexWeights(anatomy.name, anatomy_hash(anatomy), tuple(index), weight)
        marked = draw(st.sampled_from(["place", "vertices", "times"]))
        findings.append(
            replace(
                finding,
                regions=tuple(present[:2]) if marked == "place" else (),
                vertices=vertices if marked == "vertices" else None,
            )
        )
    return Annotation(draw(lines), draw(lines), tuple(findings))


@pytest.mark.parametrize("suffix", FORMATS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_what_is_written_reads_back_exactly(tmp_path_factory, toy, suffix, data):
    write, read = FORMATS[suffix]
    values = tuple(data.draw(st.lists(drawn_on(toy), max_size=3)))
    path = tmp_path_factory.mktemp("maps") / f"map{suffix}"
    label_map = draw_map(values, toy)
    write(path, label_map)
    found = read(path)
    assert annotations_in(found, path) == values
    assert found.arrays.keys() == label_map.arrays.keys()
    for name, expected in label_map.arrays.items():
        np.testing.assert_array_equal(found.arrays[name], expected)
    np.testing.assert_array_equal(found.points, toy.heart.points)
    np.testing.assert_array_equal(found.triangles, toy.heart.triangles)


def reading(anatomy, index=(3, 5, 9), weight=(1.0, 0.25, 0.5)) -> Annotation:
    vertices = VertexWeights(anatomy.name, anatomy_hash(anatomy), index, weight)
    present = REGIONS[int(anatomy.region[0])]
    findings = (
        Finding("MI <&\"'> 心", "expert", 0.5, vertices=vertices),
        Finding("CD", "expert", 1, (), (present,)),
    )
    return Annotation("r1", "A", findings)


def test_vtk_reads_what_is_written(tmp_path, toy):
    write_vtp(tmp_path / "map.vtp", draw_map([reading(toy)], toy))
    seen = pyvista.read(tmp_path / "map.vtp")
    np.testing.assert_array_equal(seen.points, toy.heart.points)
    np.testing.assert_array_equal(seen.regular_faces, toy.heart.triangles)
    first, second = (vertex_weights(finding, toy) for finding in reading(toy).findings)
    np.testing.assert_array_equal(seen.point_data["1.1 MI <&\"'> 心"], first)
    np.testing.assert_array_equal(seen.point_data["1.2 CD"], second)


def surface(toy) -> pyvista.PolyData:
    mesh = pyvista.PolyData.from_regular_faces(toy.heart.points, toy.heart.triangles)
    mesh.point_data["codes"] = (np.arange(mesh.n_points) % 4).astype(np.uint8)
    mesh.point_data["weights"] = np.linspace(0, 1, mesh.n_points)
    mesh.point_data["normals"] = np.ones((mesh.n_points, 3), np.float32)
    mesh.cell_data["area"] = np.ones(mesh.n_cells)
    mesh.field_data["words"] = ["written by another program"]
    return mesh


def with_vtk(path, mesh, *, mode="appended", compressor="zlib", header=64, base64=False, big=False):
    from vtkmodules.vtkIOXML import vtkXMLPolyDataWriter

    writer = vtkXMLPolyDataWriter()
    writer.SetFileName(str(path))
    writer.SetInputData(mesh)
    writer.SetDataMode({"ascii": 0, "binary": 1, "appended": 2}[mode])
    writer.SetCompressorType({"none": 0, "zlib": 1, "lz4": 2}[compressor])
    writer.SetHeaderType(header)
    writer.SetEncodeAppendedData(base64)
    writer.SetByteOrder(0 if big else 1)
    writer.SetBlockSize(1024)
    assert writer.Write()


@pytest.mark.parametrize(
    "how",
    [
        {"mode": "ascii"},
        {"mode": "binary"},
        {"mode": "binary", "compressor": "none", "header": 32},
        {},
        {"header": 32},
        {"base64": True},
        {"compressor": "none"},
        {"compressor": "none", "base64": True, "header": 32},
        {"big": True},
    ],
    ids=str,
)
def test_what_vtk_writes_is_read(tmp_path, toy, how):
    mesh = surface(toy)
    with_vtk(tmp_path / "map.vtp", mesh, **how)
    found = read_vtp(tmp_path / "map.vtp")
    np.testing.assert_array_equal(found.points, toy.heart.points)
    np.testing.assert_array_equal(found.triangles, toy.heart.triangles)
    assert set(found.arrays) == {"codes", "weights"}
    np.testing.assert_array_equal(found.arrays["codes"], mesh.point_data["codes"])
    np.testing.assert_allclose(found.arrays["weights"], mesh.point_data["weights"], rtol=1e-5)
    assert found.text == ""


def test_what_was_painted_elsewhere_is_a_finding_with_what_is_given(tmp_path, toy):
    surface(toy).save(tmp_path / "map.vtp")
    found = read_vtp(tmp_path / "map.vtp")
    annotation = painted(found, replace(WHOSE, array="codes", value=3), toy, "map")
    (finding,) = annotation.findings
    np.testing.assert_array_equal(vertex_weights(finding, toy), np.arange(len(toy.heart.points)) % 4 == 3)
    assert (annotation.record_id, annotation.rater, finding.provenance) == ("r1", "A", "expert")
    annotation = painted(found, replace(WHOSE, array="weights"), toy, "map")
    np.testing.assert_array_equal(
        vertex_weights(annotation.findings[0], toy), np.linspace(0, 1, len(toy.heart.points))
    )
    for options, sentence in (
        (Given(), "does not say record, rater, label, provenance and confidence"),
        (WHOSE, "expected one of the arrays codes, weights; give --array"),
        (replace(WHOSE, array="other"), "arrays codes, weights; found 'other'"),
        (replace(WHOSE, array="codes"), "array codes goes beyond 0 to 1; if it holds codes, give .* --value"),
    ):
        with pytest.raises(InputError, match=sentence):
            painted(found, options, toy, "map")
    moved = replace(toy, heart=Mesh(toy.heart.points + np.float32(1), toy.heart.triangles))
    with pytest.raises(InputError, match="the surface is not the heart of anatomy toy"):
        painted(found, replace(WHOSE, array="weights"), moved, "map")


@pytest.mark.parametrize("suffix", FORMATS)
def test_values_that_another_program_changed_are_not_passed_off_as_ours(tmp_path, toy, suffix):
    write, read = FORMATS[suffix]
    label_map = draw_map([reading(toy)], toy)
    for changed in (
        replace(label_map, arrays={name: values * 0.5 for name, values in label_map.arrays.items()}),
        replace(label_map, arrays={}),
        replace(label_map, points=label_map.points + np.float32(1)),
    ):
        write(tmp_path / f"map{suffix}", changed)
        with pytest.raises(InputError, match="another program has changed them; give --rater"):
            annotations_in(read(tmp_path / f"map{suffix}"), "map")
    for text in ("{}", '{"format": 1}', "x"):
        with pytest.raises(InputError, match="expected a label map of format|as JSON"):
            annotations_in(replace(label_map, text=text), "map")


def with_bytes(path, content: bytes):
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda text: text[: len(text) // 2], "expected a VTP file, found"),
        (lambda text: "", "expected a VTP file, found no element"),
        (lambda text: text.replace('"PolyData"', '"UnstructuredGrid"', 1), "expected a VTP file of PolyData"),
        (lambda text: '<!DOCTYPE a [<!ENTITY b "c">]>' + text, "found a declaration in it"),
        (
            lambda text: text.replace("LittleEndian", 'LittleEndian" compressor="vtkLZ4DataCompressor', 1),
            "by zlib",
        ),
        (lambda text: text.replace("UInt64", "UInt7", 1), "expected header_type UInt32 or UInt64"),
        (
            lambda text: text.replace('NumberOfComponents="3"', 'NumberOfComponents="0"', 1),
            "whole number from 1",
        ),
        (
            lambda text: text.replace('NumberOfComponents="3"', 'NumberOfComponents="7"', 1),
            "could not be read|as many points",
        ),
        (lambda text: text.replace('Name="offsets"', 'Name="ends"', 1), "expected one array Polys"),
        (lambda text: text.replace('type="Float32"', 'type="Bit"', 1), "array 'Points': expected numbers"),
        (lambda text: text.replace('"binary">', '"binary">//////////8=', 1), "could not be read"),
        (lambda text: text.replace('"binary">', '"binary">?', 1), "could not be read"),
        (
            lambda text: text.replace('type="Float32"', 'type="Float64"', 1),
            "as many points and triangles as the piece states",
        ),
        (lambda text: text.replace("<Piece", "<Piece/><Piece", 1), "expected one piece of surface, found 2"),
    ],
)
def test_a_damaged_vtp_is_refused(tmp_path, toy, change, sentence):
    path = tmp_path / "map.vtp"
    write_vtp(path, draw_map([reading(toy)], toy))
    path.write_text(change(path.read_text()))
    with pytest.raises(InputError, match=sentence) as caught:
        read_vtp(path)
    assert str(caught.value).startswith(f"{path}: ")


def test_other_polygons_and_packings_are_refused(tmp_path, toy):
    pyvista.Cube().save(tmp_path / "map.vtp")
    with pytest.raises(InputError, match="expected triangles alone"):
        read_vtp(tmp_path / "map.vtp")
    with_vtk(tmp_path / "map.vtp", surface(toy), compressor="lz4")
    with pytest.raises(InputError, match="packed by zlib or not at all, found vtkLZ4DataCompressor"):
        read_vtp(tmp_path / "map.vtp")


def test_a_damaged_npz_is_refused(tmp_path, toy):
    path = tmp_path / "map.npz"
    with pytest.raises(InputError, match="found no whole archive of NumPy"):
        read_npz(with_bytes(path, b"PK"))
    np.savez(path, points=toy.heart.points)
    with pytest.raises(
        InputError, match="expected the arrays points and triangles of the heart, found no tri"
    ):
        read_npz(path)
    np.savez(path, points=toy.heart.points, triangles=toy.heart.triangles, a=np.array([object()]))
    with pytest.raises(InputError, match="arrays of NumPy .*pickled"):
        read_npz(path)
    np.savez(path, points=toy.heart.points, triangles=toy.heart.triangles + 10**6)
    with pytest.raises(InputError, match="expected triangles between the"):
        read_npz(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", bytes(2**29 + 1))
    with pytest.raises(InputError, match="of which at most 268435456 are read"):
        read_npz(path)


def test_a_map_needs_a_heart_of_its_own(toy):
    other = replace(toy, heart=Mesh(toy.heart.points * np.float32(2), toy.heart.triangles))
    with pytest.raises(InputError, match="use the one it was painted on"):
        draw_map([reading(other)], toy)
    with pytest.raises(InputError, match="expected points"):
        LabelMap.of(np.zeros((3, 2)), np.zeros((1, 3), int), {}, "")


# to another heart


@pytest.fixture(scope="module")
def hearts():
    """The reference, and the same heart larger, turned and numbered otherwise."""
    anatomy, wall = load_anatomy("reference"), load_myocardium("reference")
    order = np.random.default_rng(0).permutation(len(anatomy.heart.points))
    turn = np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1]], np.float32) * 1.2
    back = np.argsort(order)
    other = replace(
        anatomy,
        name="turned",
        heart=Mesh(
            (anatomy.heart.points[order] @ turn.T).astype(np.float32),
            back[anatomy.heart.triangles].astype(np.int32),
        ),
        surface=anatomy.surface[order],
        region=anatomy.region[order],
        lead_vectors=anatomy.lead_vectors[:, order],
    )
    return (
        Heart(anatomy, wall),
        Heart(other, replace(wall, name="turned", points=wall.points @ turn.T)),
        order,
    )


def brushed(heart: Heart, mask) -> Finding:
    index = tuple(np.flatnonzero(mask).tolist())
    vertices = VertexWeights(heart.anatomy.name, anatomy_hash(heart.anatomy), index, (1.0,) * len(index))
    return Finding("MI", "expert", 0.8, vertices=vertices, note="seen.")


def test_a_region_painted_on_one_heart_lies_at_the_same_place_of_another(hearts):
    here, there, order = hearts
    points = here.anatomy.heart.points
    areas = here.anatomy.heart.areas
    for seed in np.random.default_rng(1).choice(np.flatnonzero(here.anatomy.ventricles), 8):
        mask = (np.linalg.norm(points - points[seed], axis=1) < 20) & here.anatomy.ventricles
        moved = transfer_finding(brushed(here, mask), here, there)
        found, truth = vertex_weights(moved, there.anatomy) > 0.5, mask[order]
        dice = 2 * areas[order][found & truth].sum() / (areas[order][found].sum() + areas[order][truth].sum())
        assert dice > 0.9
        assert moved.provenance == "derived"
        assert moved.note.startswith("seen. Painted on anatomy ")


@pytest.mark.parametrize("region", ["mid anterior", "apex", "RV free wall", "basal inferoseptal"])
def test_a_whole_segment_stays_a_whole_segment(hearts, region):
    here, there, _ = hearts
    mask = here.anatomy.region == REGIONS.index(region)
    moved = transfer_finding(brushed(here, mask), here, there)
    expected = there.anatomy.region == REGIONS.index(region)
    np.testing.assert_array_equal(vertex_weights(moved, there.anatomy) > 0, expected)


def test_a_transferred_reading_is_under_another_name_and_names_keep(hearts):
    here, there, _ = hearts
    mask = here.anatomy.region == 0
    named = Finding("CD", "expert", 1.0, regions=("LAD",), leads=("V1",))
    moved = transfer_annotation(Annotation("r1", "A", (brushed(here, mask), named)), here, there)
    assert moved.rater == "A, on anatomy turned"
    assert [finding.provenance for finding in moved.findings] == ["derived", "expert"]
    assert moved.findings[1] == named
    assert transfer_finding(moved.findings[0], here, there) == moved.findings[0]


def test_what_has_no_place_on_the_other_heart_is_refused(hearts):
    here, there, _ = hearts
    atrium = here.anatomy.region == REGIONS.index("left atrium")
    with pytest.raises(InputError, match="painted on the atria, which have no ventricular coordinates"):
        transfer_finding(brushed(here, atrium), here, there)
    mask = here.anatomy.region == 0
    third = replace(
        there,
        anatomy=replace(
            there.anatomy, heart=Mesh(here.anatomy.heart.points * np.float32(2), here.anatomy.heart.triangles)
        ),
    )
    with pytest.raises(InputError, match="is painted on anatomy .*give the one it is on"):
        transfer_finding(brushed(here, mask), third, there)
