"""Archives of arrays: what is written comes back; what is spoilt, every reader refuses in one sentence."""

import errno
import io
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from annotations.npz_files import read_npz
from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.myocardium_io import load_myocardium
from cine_mapping.operators.learned import load_learned
from cine_mapping.operators.statements import load_statements
from imn.archives import check_shapes, read_archive, read_array, unpack
from imn.clusters.clusters import load_clusters
from imn.errors import InputError
from imn.formats import read_record
from imn.json_files import read_object

READERS = (
    load_anatomy,
    load_myocardium,
    load_learned,
    load_statements,
    load_clusters,
    read_npz,
    lambda path: read_record(path, fs=500.0, unit="mV"),
)
NAMES = ("anatomy", "myocardium", "learned", "statements", "clusters", "label map", "record")


def _member(path: Path, content: bytes, packing: int = zipfile.ZIP_DEFLATED) -> None:
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr("signal.npy", content)


def _array(values: np.ndarray, *, pickled: bool = False) -> bytes:
    held = io.BytesIO()
    np.save(held, values, allow_pickle=pickled)
    return held.getvalue()


def _stating(shape: str) -> bytes:
    """Array of a kilobyte whose header states another shape."""
    words = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + len(words).to_bytes(2, "little") + words + bytes(1024)


def _turned(path: Path) -> None:
    """Turn one byte of the stored data, so that the checksum is another."""
    _member(path, _array(np.arange(500.0)), zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    content[1000] ^= 1
    path.write_bytes(content)


def _bomb(path: Path) -> None:
    """Say of a small member that it unpacks to two gigabytes."""
    size = 123457
    _member(path, bytes(size))
    stated = (2**31 - 1).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size.to_bytes(4, "little"), stated))


SPOILT: dict[str, Callable[[Path], object]] = {
    "nothing": Path.touch,
    "words": lambda path: path.write_text("no archive"),
    "half": lambda path: (_member(path, _array(np.zeros(99))), path.write_bytes(path.read_bytes()[:60])),
    "pickled": lambda path: _member(path, _array(np.array([{}]), pickled=True)),
    "absurd": lambda path: _member(path, _stating("(10000000000000, 12)")),
    "negative": lambda path: _member(path, _stating("(-8, -16)")),
    "beyond": lambda path: _member(path, _stating("(12,)")),
    "bomb": _bomb,
    "turned": _turned,
    "bzip2": lambda path: _member(path, _array(np.zeros(99)), zipfile.ZIP_BZIP2),
    "no array": lambda path: _member(path, b"text"),
    "two arrays": lambda path: _member(path, 2 * _array(np.zeros(99))),
    "no characters": lambda path: _member(path, _array(np.array([2**31], np.uint32).view("<U1"))),
    "another version": lambda path: _member(path, b"\x93NUMPY\x03\x00" + bytes(99)),
    "other arrays": lambda path: np.savez(path, a=np.zeros(3)),
    "folder": Path.mkdir,
    "missing": lambda path: None,
}


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("spoilt")
    for name, spoil in SPOILT.items():
        spoil(folder / f"{name}.npz")
    return {name: folder / f"{name}.npz" for name in SPOILT}


@pytest.mark.parametrize("read", READERS, ids=NAMES)
@pytest.mark.parametrize("kind", SPOILT)
def test_every_reader_refuses_spoilt_archives_in_one_sentence(read, kind: str, spoilt) -> None:
    with pytest.raises(InputError) as refused:
        read(spoilt[kind])
    said = str(refused.value)
    assert said.count(str(spoilt[kind])) == 1
    assert "\n" not in said
    assert re.search(r": expected [^:]+, (found|got|could not read).+; .", said)
    assert len(said) < 600


@settings(max_examples=60, deadline=None)
@given(
    arrays.arrays(
        st.sampled_from(["<f4", "<f8", "<i4", "|i1", "<U5", "|b1", "<f2", ">f8"]),
        arrays.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
    ),
    st.booleans(),
)
def test_what_numpy_writes_comes_back(values: np.ndarray, by_columns: bool) -> None:
    held = io.BytesIO()
    np.savez_compressed(held, a=np.asarray(values, order="F" if by_columns else "C"), b=np.array("x"))
    found = unpack(held)
    assert (found["a"].shape, found["a"].dtype) == (values.shape, values.dtype)
    np.testing.assert_array_equal(found["a"], values)
    assert found["a"].flags.writeable
    assert list(unpack(held, among="b".__eq__)) == ["b"]


def test_only_what_is_asked_for_counts_against_the_limit(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", small=np.zeros(3), large=np.zeros(3000))
    with (tmp_path / "a.npz").open("rb") as file:
        assert list(unpack(file, among="small".__eq__, largest=1000)) == ["small"]
        with pytest.raises(ValueError, match="24280 bytes of arrays, of which at most 1000 are read"):
            unpack(file, largest=1000)


def test_an_array_that_ends_early_is_refused() -> None:
    content = _array(np.zeros(99))
    with pytest.raises(ValueError, match="an array of 792 bytes by its header, where 784 are there"):
        read_array(io.BytesIO(content[:-8]), 10_000)


def test_what_the_system_says_of_a_file_is_no_damage() -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            if self.tell() == 0:
                raise OSError(errno.EIO, "Input/output error")
            return super().read(size)

    held = io.BytesIO()
    np.savez(held, a=np.zeros(3))
    with pytest.raises(OSError, match="Input/output error"):
        unpack(Broken(held.getvalue()))


def test_another_form_and_missing_arrays_are_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "a.npz", format="a-1", x=np.zeros(3))
    with pytest.raises(InputError, match="expected words of format a-2, found format a-1; write them"):
        read_archive(tmp_path / "a.npz", "words", advice="write them", form="a-2")
    with pytest.raises(InputError, match="expected words, found no y, z in it; write them"):
        read_archive(tmp_path / "a.npz", "words", advice="write them", shapes={"x": "n", "y": "", "z": ""})


@pytest.mark.parametrize(("shape", "fits"), [((5, 3), True), ((4, 3), False), ((5, 2), False), ((5,), False)])
def test_axes_of_one_letter_have_one_length(shape: tuple[int, ...], fits: bool) -> None:
    held = {"values": np.zeros(5), "points": np.zeros(shape)}
    if fits:
        check_shapes(held, {"values": "n", "points": "n3"})
    else:
        with pytest.raises(ValueError, match="do not fit together: points"):
            check_shapes(held, {"values": "n", "points": "n3"})


@pytest.mark.parametrize(
    "content", ["", "{", "[]", "null", "\x00", "[" * 10**5, '{"a": ' * 10**5, "9" * 5000]
)
def test_json_that_is_no_object_is_refused_in_one_sentence(tmp_path: Path, content: str) -> None:
    path = tmp_path / "card.json"
    path.write_text(content)
    with pytest.raises(InputError, match="expected a card.*; write it") as refused:
        read_object(path, "a card", advice="write it")
    assert str(refused.value).count(str(path)) == 1
    assert "\n" not in str(refused.value)


def test_json_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "card.json"):
        with pytest.raises(InputError, match="expected a card"):
            read_object(path, "a card", advice="write it")
    (tmp_path / "card.json").write_bytes(b'{"a": "\xff"}')
    with pytest.raises(InputError, match="expected a card as JSON, found bytes that are no UTF-8; write it"):
        read_object(tmp_path / "card.json", "a card", advice="write it")
    (tmp_path / "card.json").write_text('{"a": 1}')
    assert read_object(tmp_path / "card.json", "a card", advice="write it") == {"a": 1}
