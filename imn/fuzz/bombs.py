"""Files that are made to harm: small ones that ask for much, and ones that reach out of their folder."""

import io
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np

from imn.fuzz.sound_files import KINDS, sound_signal

LEVELS = 9
BLOCKS = 128
"""Of 16 MB, of zeros."""


def _xml(folder: Path, head: str, body: str = "<AnnotatedECG>&a9;</AnnotatedECG>") -> Path:
    path = folder / "rec.xml"
    path.write_text(f'<?xml version="1.0"?>{head}{body}')
    return path


def entities(folder: Path) -> Path:
    """Write entities of entities, which grow to a billion characters."""
    more = "".join(f'<!ENTITY a{i + 1} "{f"&a{i};" * 10}">' for i in range(LEVELS))
    return _xml(folder, f'<!DOCTYPE x [<!ENTITY a0 "aaaaaaaaaa">{more}]>')


def file_entity(folder: Path) -> Path:
    """Write an entity that is another file of the user's."""
    return _xml(folder, '<!DOCTYPE x [<!ENTITY a9 SYSTEM "file:///etc/passwd">]>')


def net_entity(folder: Path) -> Path:
    """Write a document type that is on the net."""
    return _xml(folder, '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">', "<AnnotatedECG/>")


def elements(folder: Path) -> Path:
    """Write as many empty elements as fit into the largest file that is read."""
    return _xml(folder, "", f"<AnnotatedECG>{'<a/>' * (31 * 2**20 // 4)}</AnnotatedECG>")


def nested(folder: Path) -> Path:
    """Write elements in elements, a million deep."""
    return _xml(folder, "", "<a>" * 10**6)


def deflated_dicom(folder: Path) -> Path:
    """Write a waveform of two gigabytes of zeros, deflated to two megabytes."""
    path = KINDS[4].write(folder, sound_signal())
    raw = path.read_bytes().replace(b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.1.99", 1)
    at = raw.index(b"1.2.840.10008.1.2.1.99")
    raw = raw[: at - 2] + (22).to_bytes(2, "little") + raw[at:]
    squeeze, block = zlib.compressobj(wbits=-15), bytes(2**24)
    squeezed = b"".join(squeeze.compress(block) for _ in range(BLOCKS)) + squeeze.flush()
    path.write_bytes(raw[: at + 22] + squeezed)
    return path


def long_dicom(folder: Path) -> Path:
    """Write a waveform that is said to have four gigabytes."""
    path = KINDS[4].write(folder, sound_signal())
    raw = path.read_bytes()
    at = raw.rindex(b"OW\0\0") + 4
    path.write_bytes(raw[:at] + b"\xfe\xff\xff\xff" + raw[at + 4 :])
    return path


def squeezed_array(folder: Path) -> Path:
    """Write an array of two gigabytes of zeros, squeezed to two megabytes."""
    path, head = folder / "rec.npz", io.BytesIO()
    shape = {"descr": "<f8", "fortran_order": False, "shape": (12, 2**31 // 96)}
    np.lib.format.write_array_header_1_0(head, shape)
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("signal.npy", "w", force_zip64=True) as file,
    ):
        file.write(head.getvalue())
        for _ in range(BLOCKS):
            file.write(bytes(2**24))
    return path


def wide_array(folder: Path) -> Path:
    """Write an array whose header says a petabyte."""
    path, head = folder / "rec.npy", io.BytesIO()
    np.lib.format.write_array_header_1_0(
        head, {"descr": "<f8", "fortran_order": False, "shape": (12, 10**13)}
    )
    path.write_bytes(head.getvalue() + bytes(1000))
    return path


def many_channels(folder: Path) -> Path:
    """Write a header that says a billion channels."""
    path = KINDS[0].write(folder, sound_signal())
    path.write_text(path.read_text().replace("rec 12", f"rec {10**9}", 1))
    return path


def many_samples(folder: Path) -> Path:
    """Write a header that says a billion samples."""
    path = KINDS[0].write(folder, sound_signal())
    path.write_text(path.read_text().replace(" 300\n", f" {10**9}\n", 1))
    return path


def many_records(folder: Path) -> Path:
    """Write an EDF header that says ten million seconds."""
    path = KINDS[2].write(folder, sound_signal())
    raw = path.read_bytes()
    path.write_bytes(raw[:236] + b"9999999 " + raw[244:])
    return path


def many_cells(folder: Path) -> Path:
    """Write as many rows and cells as a table may have."""
    path = folder / "rec.csv"
    path.write_text("# fs: 500\n# unit: mV\nI,II,III,V1\n" + "10,20,30,40\n" * 4_900_000)
    return path


def squeezed_samples(folder: Path) -> Path:
    """Write a header whose signal file is FLAC."""
    path = KINDS[0].write(folder, sound_signal())
    path.write_text(path.read_text().replace("rec.dat 16", "rec.dat 516"))
    return path


def another_folder(folder: Path) -> Path:
    """Write a header whose signal file lies elsewhere."""
    path = KINDS[0].write(folder, sound_signal())
    path.write_text(path.read_text().replace("rec.dat", "../rec.dat"))
    return path


Bomb = Callable[[Path], Path]

BOMBS: tuple[Bomb, ...] = (
    entities, file_entity, net_entity, elements, nested, deflated_dicom, long_dicom, squeezed_array,
    wide_array, many_channels, many_samples, many_records, many_cells, squeezed_samples,
    another_folder,
)  # fmt: skip
"""Each writes its file into a folder and gives the path; a reader must refuse it, or read it unharmed."""
