"""What a user says about the meshes of an anatomy: the ``anatomy.json`` beside them.

The keys
--------
name, credit
    What to call the anatomy, and whose it is (one sentence, optional).
frame
    Where x, y and z point, one letter each: L or R, P or A, S or I (patient's
    left and right, back and front, head and feet).  ``"LPS"`` is ours.
unit
    ``mm``, ``cm``, ``m``, ``um`` or ``in``.
surfaces
    Surface to file, or to a list of files.  ``"heart.glb#left atrium"`` is one
    part of a file.  The myocardium is either ``wall`` (both ventricles as one
    closed surface; several closed parts are joined) or ``epicardium`` with
    ``LV endocardium`` and ``RV endocardium``.  ``torso`` is needed;
    ``pericardium``, ``left atrium``, ``right atrium``, ``vessels`` are not.
labels (optional)
    Point arrays of the wall that say which vertex is what:
    ``{"surface": {"array": "tag", "values": {"1": "epicardium", ...}}, "region": {...}}``.
landmarks (optional)
    Points in the frame and unit of the files, by the names in `LANDMARKS`.
electrodes
    ``"rule"``, or a point for each of the nine.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import ELECTRODES, REGIONS, SURFACES
from imn.errors import InputError

UNITS = MappingProxyType({"mm": 1.0, "cm": 10.0, "m": 1000.0, "um": 0.001, "in": 25.4})
WALLS = ("epicardium", "LV endocardium", "RV endocardium")
PARTS = ("wall", *WALLS, "pericardium", "torso", "left atrium", "right atrium", "vessels")
LANDMARKS = ("base", "apex", "RV insertion anterior", "RV insertion inferior", "fourth intercostal space")
_KEYS = ("name", "credit", "frame", "unit", "surfaces", "labels", "landmarks", "electrodes")
_AXES = {"L": (0, 1), "R": (0, -1), "P": (1, 1), "A": (1, -1), "S": (2, 1), "I": (2, -1)}
_LABELS = MappingProxyType({"surface": SURFACES, "region": REGIONS})


@dataclass(frozen=True)
class PointLabels:
    """A point array of a mesh and what its values mean.

    Parameters
    ----------
    array : str
        Its name in the file.
    values : mapping of int to int
        From a value in the file to an index into `SURFACES` or `REGIONS`.
    """

    array: str
    values: Mapping[int, int]


@dataclass(frozen=True, eq=False)
class Description:
    """What ``anatomy.json`` says.

    Parameters
    ----------
    name, credit, frame, unit : str
    surfaces : mapping of str to tuple of str
        Files, or ``file#part``, of each of `PARTS`.
    labels : mapping of str to PointLabels
        Keys "surface" and "region".
    landmarks : mapping of str to (3,) float64, LPS mm
    electrodes : (9, 3) float64, LPS mm, or None
        None stands for the rule.
    """

    name: str
    credit: str
    frame: str
    unit: str
    surfaces: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, PointLabels] = field(default_factory=dict)
    landmarks: Mapping[str, NDArray[np.float64]] = field(default_factory=dict)
    electrodes: NDArray[np.float64] | None = None

    @property
    def mirrored(self) -> bool:
        """Whether the frame is left-handed, so that coming to LPS turns triangles inside out."""
        return np.linalg.det(_matrix(self.frame)) < 0

    def to_lps(self, points: NDArray[np.floating]) -> NDArray[np.float64]:
        """Bring points from the files' frame and unit to ours.

        Parameters
        ----------
        points : (..., 3) float

        Returns
        -------
        (..., 3) float64, LPS mm
        """
        return np.asarray(points, dtype=float) @ _matrix(self.frame).T * UNITS[self.unit]


def _matrix(frame: str) -> NDArray[np.float64]:
    matrix = np.zeros((3, 3))
    for column, letter in enumerate(frame):
        row, sign = _AXES[letter]
        matrix[row, column] = sign
    return matrix


def parse_description(given: Any, source: str) -> Description:
    """Check what a JSON file says of an anatomy.

    Parameters
    ----------
    given : object
        As `json.load` returns it.
    source : str
        Name of the file, for messages.

    Returns
    -------
    Description

    Raises
    ------
    InputError
        If a key is missing, unknown or without sense.
    """
    if not isinstance(given, dict):
        msg = f"{source}: expected a JSON object, got {type(given).__name__}; see anatomy import"
        raise InputError(msg)
    _known(given, _KEYS, source, "key")
    missing = [key for key in ("name", "frame", "unit", "surfaces", "electrodes") if key not in given]
    if missing:
        msg = f"{source}: expected the keys name, frame, unit, surfaces, electrodes; add {', '.join(missing)}"
        raise InputError(msg)
    frame = str(given["frame"]).upper()
    if sorted(_AXES.get(letter, (-1, 0))[0] for letter in frame) != [0, 1, 2]:
        msg = (
            f"{source}: expected a frame of three letters, one each of L/R, P/A, S/I, for where x, y and z "
            f"point, got {given['frame']!r}; LPS is x to the left, y to the back, z to the head"
        )
        raise InputError(msg)
    if given["unit"] not in UNITS:
        msg_0 = f"{source}: expected a unit out of {', '.join(UNITS)}, got {given['unit']!r}"
        raise InputError(msg_0)
    bare = Description(
        name=str(given["name"]),
        credit=str(given.get("credit", "")),
        frame=frame,
        unit=given["unit"],
        surfaces=_surfaces(given["surfaces"], source),
        labels=_labels(given.get("labels", {}), source),
    )
    return _with_points(bare, given, source)


def _known(given: Any, names: tuple[str, ...], source: str, what: str) -> None:
    if not isinstance(given, dict):
        msg = f"{source}: expected an object of {what}s, got {given!r}"
        raise InputError(msg)
    unknown = [key for key in given if key not in names]
    if unknown:
        msg = f"{source}: {unknown[0]!r} is no {what} we know; choose from {', '.join(names)}"
        raise InputError(msg)


def _surfaces(given: Any, source: str) -> Mapping[str, tuple[str, ...]]:
    _known(given, PARTS, source, "surface")
    surfaces = {}
    for part, files in given.items():
        named = (files,) if isinstance(files, str) else tuple(files) if isinstance(files, list) else ()
        if not named or not all(isinstance(name, str) for name in named):
            msg = f"{source}: expected a file or a list of files for {part!r}, got {files!r}"
            raise InputError(msg)
        surfaces[part] = named
    pieces = [part for part in WALLS if part in surfaces]
    if ("wall" in surfaces) == bool(pieces) or (pieces and set(WALLS[:2]) - set(pieces)):
        msg = (
            f"{source}: expected the myocardium as surface 'wall', or as {', '.join(WALLS)}, "
            f"got {', '.join(surfaces) or 'no surface'}"
        )
        raise InputError(msg)
    if "torso" not in surfaces:
        msg_0 = f"{source}: the torso is missing; add the file of the skin as surface 'torso'"
        raise InputError(msg_0)
    return surfaces


def _labels(given: Any, source: str) -> Mapping[str, PointLabels]:
    _known(given, tuple(_LABELS), source, "label")
    labels = {}
    for kind, words in given.items():
        names = _LABELS[kind]
        try:
            values = {int(value): names.index(name) for value, name in words["values"].items()}
            labels[kind] = PointLabels(str(words["array"]), values)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            msg = (
                f"{source}: expected for {kind!r} an array and its values "
                f'{{"array": "tag", "values": {{"1": "{names[0]}"}}}} with names out of {", ".join(names)}, '
                f"got {words!r}"
            )
            raise InputError(msg) from error
    return labels


def _with_points(bare: Description, given: dict[str, Any], source: str) -> Description:
    landmarks = given.get("landmarks", {})
    _known(landmarks, LANDMARKS, source, "landmark")
    places = {name: bare.to_lps(_point(at, name, source)) for name, at in landmarks.items()}
    electrodes = given["electrodes"]
    if electrodes == "rule":
        return replace(bare, landmarks=places)
    _known(electrodes, ELECTRODES, source, "electrode")
    missing = [name for name in ELECTRODES if name not in electrodes]
    if missing:
        msg = f'{source}: expected all nine electrodes or "rule", missing {", ".join(missing)}'
        raise InputError(msg)
    nine = np.stack([_point(electrodes[name], name, source) for name in ELECTRODES])
    return replace(bare, landmarks=places, electrodes=bare.to_lps(nine))


def _point(given: Any, name: str, source: str) -> NDArray[np.float64]:
    try:
        point = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        point = np.empty(0)
    if point.shape != (3,) or not np.isfinite(point).all():
        msg = f"{source}: expected three coordinates for {name!r}, got {given!r}"
        raise InputError(msg)
    return point
