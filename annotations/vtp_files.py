"""Surfaces with values at their points, from and to VTP files (VTK's XML PolyData).

VTK's own reader ends the process on some damaged files, so files from users
are read here; what ParaView and PyVista write, packed or not, is understood.
"""

import base64
import re
from pathlib import Path
from xml.etree import ElementTree
from xml.etree.ElementTree import Element
from xml.sax.saxutils import quoteattr

import numpy as np
from numpy.typing import NDArray

from annotations.io import read_bytes, write_bytes
from annotations.label_map import LabelMap
from annotations.vtp_arrays import TYPES, Encoding, array_of, encoding_of
from imn.errors import InputError

APPENDED = re.compile(rb"<AppendedData\s+encoding=[\"'](raw|base64)[\"']\s*>\s*_")
TEXT = "ecglocus"
"""Name of the field that holds what the values mean, as bytes of UTF-8."""


def write_vtp(path: str | Path, label_map: LabelMap) -> None:
    """Write a label map; `read_vtp` gives it back exactly.

    Parameters
    ----------
    path : str or Path
    label_map : LabelMap

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    triangles = label_map.triangles.astype(np.int64)
    ends = 3 * np.arange(1, len(triangles) + 1, dtype=np.int64)
    text = np.frombuffer(label_map.text.encode(), dtype=np.uint8)
    field = _element(TEXT, text, extra=f'NumberOfTuples="{len(text)}"')
    arrays = "".join(_element(name, values) for name, values in label_map.arrays.items())
    content = (
        '<?xml version="1.0"?>\n'
        '<VTKFile type="PolyData" version="1.0" byte_order="LittleEndian" header_type="UInt64">\n'
        f"<PolyData><FieldData>{field}</FieldData>\n"
        f'<Piece NumberOfPoints="{len(label_map.points)}" NumberOfPolys="{len(triangles)}">\n'
        f"<PointData>{arrays}</PointData>\n"
        f"<Points>{_element('Points', label_map.points)}</Points>\n"
        f"<Polys>{_element('connectivity', triangles.ravel())}{_element('offsets', ends)}</Polys>\n"
        "</Piece></PolyData></VTKFile>\n"
    )
    write_bytes(path, content.encode())


def read_vtp(path: str | Path) -> LabelMap:
    """Read a surface of triangles with values at its points.

    Parameters
    ----------
    path : str or Path

    Returns
    -------
    LabelMap

    Raises
    ------
    InputError
        If the file cannot be read, is none of PolyData, or holds other than
        triangles.
    """
    content = read_bytes(Path(path))
    try:
        root, encoding = _parsed(content)
        return _label_map(root, encoding)
    except InputError as error:
        msg = f"{path}: {error}"
        raise InputError(msg) from error


def _element(name: str, values: NDArray[np.generic], *, extra: str = "") -> str:
    kind = next(kind for kind, code in TYPES.items() if np.dtype(code) == values.dtype)
    content = np.ascontiguousarray(values).astype(values.dtype.newbyteorder("<")).tobytes()
    encoded = base64.b64encode(len(content).to_bytes(8, "little") + content).decode()
    shape = f'NumberOfComponents="{values.shape[1]}"' if values.ndim == 2 else ""
    head = f'<DataArray type="{kind}" Name={quoteattr(name)} {shape} {extra} format="binary">'
    return f"{head}{encoded}</DataArray>"


def _parsed(content: bytes) -> tuple[Element, Encoding]:
    appended, raw = b"", False
    found = APPENDED.search(content)
    if found:
        raw, appended = found[1] == b"raw", content[found.end() : content.rfind(b"</AppendedData>")]
        content = content[: found.end()] + b"</AppendedData></VTKFile>"
        appended = appended if raw else b"".join(appended.split())
    if b"<!" in content.replace(b"<!--", b""):
        # neither document types nor the entities they define, which can grow without bound
        msg = "expected plain XML, found a declaration in it; export it again"
        raise InputError(msg)
    try:
        root = ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        msg = f"expected a VTP file, found {error}; export it again"
        raise InputError(msg) from error
    if root.tag != "VTKFile" or root.get("type") != "PolyData":
        msg = f"expected a VTP file of PolyData, found {root.get('type') or root.tag!r:.80}; export it so"
        raise InputError(msg)
    return root, encoding_of(root, appended, raw)


def _label_map(root: Element, encoding: Encoding) -> LabelMap:
    pieces = root.findall("PolyData/Piece")
    if len(pieces) != 1:
        msg = f"expected one piece of surface, found {len(pieces)}; merge them"
        raise InputError(msg)
    piece = pieces[0]
    points = _one(piece, "Points/DataArray", encoding)
    corners = _one(piece, "Polys/DataArray[@Name='connectivity']", encoding)
    ends = _one(piece, "Polys/DataArray[@Name='offsets']", encoding)
    if not np.array_equal(ends, 3 * np.arange(1, len(ends) + 1)) or corners.size != 3 * len(ends):
        msg = "expected triangles alone, found other polygons; triangulate it"
        raise InputError(msg)
    sizes = (piece.get("NumberOfPoints"), piece.get("NumberOfPolys"))
    if sizes != (str(len(points)), str(len(ends))):
        msg = f"expected as many points and triangles as the piece states ({sizes}), found others"
        raise InputError(msg)
    arrays = {
        element.get("Name", ""): array_of(element, encoding)
        for element in piece.findall("PointData/DataArray")
        if element.get("type") in TYPES
    }
    fields = {element.get("Name"): element for element in root.findall("PolyData/FieldData/DataArray")}
    text = _text(array_of(fields[TEXT], encoding)) if TEXT in fields else ""
    return LabelMap.of(points, corners.reshape(-1, 3), arrays, text)


def _text(values: NDArray[np.generic]) -> str:
    try:
        return values.astype(np.uint8).tobytes().decode()
    except (UnicodeDecodeError, ValueError) as error:
        msg = f"expected the field {TEXT} as text in UTF-8, found {error}"
        raise InputError(msg) from error


def _one(piece: Element, name: str, encoding: Encoding) -> NDArray[np.generic]:
    found = piece.findall(name)
    if len(found) != 1:
        msg = f"expected one array {name}, found {len(found)}; export it again"
        raise InputError(msg)
    return array_of(found[0], encoding)
