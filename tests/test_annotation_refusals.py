"""What a reader of annotations refuses, one by one, beyond what the tests of each format hold."""

import re
import zipfile
import zlib
from pathlib import Path

import numpy as np
import pytest

from annotations import Given
from annotations.document import annotation_of
from annotations.importing import read_file
from annotations.io import read_annotations, write_annotations, write_bytes
from annotations.label_map import LabelMap
from annotations.mutation_files import WHOSE, readings, small_heart
from annotations.npz_files import write_npz
from annotations.vtp_files import read_vtp, write_vtp
from annotations.wfdb_files import write_wfdb
from imn.errors import InputError


@pytest.fixture(scope="module")
def heart():
    return small_heart()


def test_options_are_refused_where_a_file_says_all_itself(heart, tmp_path):
    path = tmp_path / "a.json"
    write_annotations(path, readings(heart))
    assert read_annotations(path) == readings(heart)
    with pytest.raises(InputError, match="says itself whose the marks are"):
        read_file(path, WHOSE)


def test_a_map_from_elsewhere_needs_its_heart(heart, tmp_path):
    weights = {"weights": np.linspace(0, 1, len(heart.heart.points))}
    write_vtp(tmp_path / "a.vtp", LabelMap(heart.heart.points, heart.heart.triangles, weights, ""))
    with pytest.raises(InputError, match="does not say which heart it is drawn on; give --anatomy"):
        read_file(tmp_path / "a.vtp", WHOSE)


@pytest.mark.parametrize("fs", [0.0, -1.0, 1e7, float("nan")])
def test_a_rate_that_is_none_is_refused(fs):
    with pytest.raises(InputError, match="above 0 and at most 1000000 Hz"):
        Given(fs=fs)


def test_an_entry_that_is_no_annotation_is_refused():
    with pytest.raises(InputError, match=r"x: expected an annotation, found something else \('findings'\)"):
        annotation_of({}, "x")


def test_a_table_with_times_needs_to_be_told_the_leads(tmp_path):
    table = tmp_path / "a.csv"
    table.write_text("onset,offset\n100,180\n", encoding="utf-8")
    given = {"record_id": "r", "rater": "B", "label": "MI", "provenance": "expert", "confidence": 1.0}
    with pytest.raises(InputError, match="leads"):
        read_file(table, Given(**given, unit="ms", on="beat"))


def test_more_than_reading_takes_is_not_written(monkeypatch, tmp_path):
    monkeypatch.setattr("annotations.io.LARGEST_FILE", 10)
    write_bytes(tmp_path / "a.json", bytes(10))
    with pytest.raises(InputError, match="must fit in 10 bytes, got 11; split them"):
        write_bytes(tmp_path / "b.json", bytes(11))
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]


def test_a_folder_that_cannot_be_written_is_named(heart, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="annotations cannot be written: Not a directory"):
        write_wfdb(tmp_path / "file" / "folder", readings(heart)[:1], fs=500.0)
    with pytest.raises(InputError, match="cannot be written"):
        write_bytes(tmp_path / "file" / "a.json", b"{}")


def test_an_annotation_is_told_in_a_few_words(heart):
    first, last = readings(heart)[0].findings[0], readings(heart)[0].findings[-1]
    assert first.summary == "MI (expert): LAD, apex, 3 intervals"
    assert last.summary == "HYP (expert): no mark"


def vtp(folder: Path, points: str, appended: bytes = b"") -> Path:
    text = (
        '<?xml version="1.0"?><VTKFile type="PolyData" version="1.0" byte_order="LittleEndian" '
        'header_type="UInt64"{packed}><PolyData><Piece NumberOfPoints="3" NumberOfPolys="1"><Points>'
        f"{points}</Points></Piece></PolyData>"
    )
    (folder / "a.vtp").write_bytes(text.encode() + appended + b"</VTKFile>")
    return folder / "a.vtp"


POINTS = '<DataArray type="Float32" Name="Points" NumberOfComponents="{}" format="{}"{}>{}</DataArray>'


@pytest.mark.parametrize(
    ("points", "words"),
    [
        (POINTS.format("0", "ascii", "", "0"), "NumberOfComponents must be a whole number from 1, got '0'"),
        (POINTS.format("٣", "ascii", "", "0"), "NumberOfComponents must be a whole number"),
        (POINTS.format("3", "appended", ' offset="-1"', ""), "offset must be a whole number, got '-1'"),
        (POINTS.format("3", "binary", "", "AAAA"), "could not be read"),
        (POINTS.format("3", "appended", ' offset="0"', ""), "could not be read (it breaks off)"),
    ],
)
def test_arrays_of_maps_that_are_none_are_refused(points, words, tmp_path):
    path = vtp(tmp_path, points, b'<AppendedData encoding="raw">_</AppendedData>')
    path.write_bytes(path.read_bytes().replace(b"{packed}", b""))
    with pytest.raises(InputError, match=re.escape(words)):
        read_vtp(path)


def test_a_packed_block_of_another_size_than_promised_is_refused(tmp_path):
    from base64 import b64encode

    packed = zlib.compress(bytes(40))
    head = np.array([1, 36, 0, len(packed)], "<u8").tobytes()
    text = (b64encode(head) + b64encode(packed)).decode()
    path = vtp(tmp_path, POINTS.format("3", "binary", "", text))
    path.write_bytes(path.read_bytes().replace(b"{packed}", b' compressor="vtkZLibDataCompressor"'))
    with pytest.raises(InputError, match="a block holds other than the 36 bytes promised"):
        read_vtp(path)


def test_maps_and_tables_that_are_not_there_are_refused(heart, tmp_path):
    for name in ("a.json", "a.csv", "a.vtp", "a.npz", "a.atr"):
        with pytest.raises(InputError, match=re.escape(name)):
            read_file(tmp_path / name, WHOSE if name[-3:] in ("vtp", "npz", "atr") else Given(), heart)


def test_a_stray_backslash_in_an_array_is_refused_without_a_warning(heart, tmp_path, recwarn):
    path = tmp_path / "a.npz"
    write_npz(path, LabelMap(heart.heart.points, heart.heart.triangles, {}, "x"))
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content.replace(b"'shape'", b"'\\shap'"))
    with pytest.raises(InputError, match="found no array as NumPy saves it"):
        read_file(path, WHOSE, heart)
    assert not recwarn.list


def test_a_member_whose_name_cannot_be_printed_is_quoted_in_print(tmp_path):
    path = tmp_path / "a.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_BZIP2) as archive:
        archive.writestr("poi\nnts\x85.npy", b"x" * 50)
    with pytest.raises(
        InputError, match=r"poi\?nts\?.npy packed in a way.*; get an undamaged copy"
    ) as refused:
        read_file(path, WHOSE)
    assert str(refused.value).isprintable()
