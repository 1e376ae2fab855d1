"""Maps for other programs: VTP for ParaView and 3D Slicer, NPZ for numpy."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import REGIONS, SURFACES, Anatomy
from cine_mapping.beat import Beat, Evidence
from cine_mapping.heart_map import HeartMap
from imn.errors import InputError
from imn.explanation import Explanation
from imn.files import replacing
from imn.leads import LEADS
from viewer.ending import undisturbed
from viewer.outline import to_polydata

if TYPE_CHECKING:
    from pyvista import PolyData


def write_vtp(
    path: str | Path,
    anatomy: Anatomy,
    maps: Mapping[str, HeartMap],
    *,
    masks: Mapping[str, NDArray[np.bool_]] | None = None,
    values: Mapping[str, NDArray[np.floating]] | None = None,
    provenance: str = "",
) -> None:
    """Write maps on the heart as VTK PolyData (``.vtp``), LPS millimetres.

    Point arrays: ``<name> supporting`` and ``<name> opposing`` per map (logit per
    vertex over the whole beat), ``region``, ``surface``, ``area`` (mm²), and one
    0/1 array per mask.  Field data: ``label``, ``anatomy``, ``provenance``, the
    names that ``region`` and ``surface`` count through, and the unit.

    Parameters
    ----------
    path : str or Path
        Ends in ``.vtp``.
    anatomy : Anatomy
    maps : mapping of str to HeartMap
    masks : mapping of str to (v,) bool, optional
        Annotated, found or credible regions.
    values : mapping of str to (v,) float, optional
        Further values per vertex.
    provenance : str
        Where model and annotation come from, in words.

    Raises
    ------
    InputError
        If a map or a mask does not fit the anatomy, or the name does not end in ``.vtp``.
    """
    path = Path(path)
    if path.suffix != ".vtp":
        msg = f"a VTK PolyData file must end in .vtp, got {path.name}"
        raise InputError(msg)
    with undisturbed():
        import pyvista  # noqa: F401  # pyright: ignore[reportUnusedImport]
    data = maps_polydata(anatomy, maps, masks=masks, values=values, provenance=provenance)
    # VTK's own file output says nothing where the disk is full, or crashes.
    content = _xml_of(data)
    with replacing(path) as draft:
        draft.write_text(content, encoding="utf-8", newline="")


def maps_polydata(
    anatomy: Anatomy,
    maps: Mapping[str, HeartMap],
    *,
    masks: Mapping[str, NDArray[np.bool_]] | None = None,
    values: Mapping[str, NDArray[np.floating]] | None = None,
    provenance: str = "",
) -> Any:
    """Give what `write_vtp` writes, as `pyvista.PolyData`.

    Parameters
    ----------
    anatomy, maps, masks, values, provenance
        As in `write_vtp`.

    Returns
    -------
    pyvista.PolyData

    Raises
    ------
    InputError
        If a map or a mask does not fit the anatomy.
    """
    data = to_polydata(anatomy.heart)
    arrays = _point_arrays(anatomy, maps, masks or {})
    arrays |= {name: array.astype(np.float32) for name, array in (values or {}).items()}
    for name, array in arrays.items():
        if len(array) != data.n_points:
            msg = f"{name} must have {data.n_points} values, one per vertex of the heart, got {len(array)}"
            raise InputError(msg)
        data.point_data[name] = array
    labels = sorted({heart_map.label for heart_map in maps.values()})
    fields = {
        "label": labels,
        "anatomy": [anatomy.name, anatomy.origin],
        "provenance": [provenance],
        "region names": list(REGIONS),
        "surface names": list(SURFACES),
        "unit": ["logit per vertex"],
    }
    for name, entries in fields.items():
        data.field_data[name] = np.array(entries)
    return data


def _xml_of(data: "PolyData") -> str:
    """Give what VTK would write."""
    from vtkmodules.vtkIOXML import vtkXMLPolyDataWriter

    writer = vtkXMLPolyDataWriter()
    writer.SetInputData(data)
    writer.SetDataModeToBinary()
    writer.SetWriteToOutputString(True)
    writer.Write()
    return writer.GetOutputString()


def _point_arrays(
    anatomy: Anatomy, maps: Mapping[str, HeartMap], masks: Mapping[str, NDArray[np.bool_]]
) -> dict[str, NDArray[Any]]:
    arrays: dict[str, NDArray[Any]] = {
        "region": anatomy.region.astype(np.int32),
        "surface": anatomy.surface.astype(np.int32),
        "area": anatomy.heart.areas.astype(np.float32),
    }
    for name, heart_map in maps.items():
        arrays[f"{name} supporting"] = heart_map.supporting.astype(np.float32)
        arrays[f"{name} opposing"] = heart_map.opposing.astype(np.float32)
    for name, mask in masks.items():
        arrays[name] = mask.astype(np.uint8)
    return arrays


def write_evidence(
    path: str | Path,
    explanation: Explanation,
    beat: Beat,
    evidence: Evidence,
    maps: Mapping[str, HeartMap],
) -> None:
    """Write evidence and maps of one class as compressed NPZ that loads without pickle.

    Arrays: ``leads`` (names), ``signal`` (12, n) mV, ``weights`` (12, n) logit per
    mV, ``reference`` (12, n) mV, ``reference_name``, ``evidence`` (12, n) logit,
    ``logit``, ``bias``, ``constant`` (bias without the reference's part), ``fs``; ``beat_signal``,
    ``beat_evidence`` (12, m), ``beat_dipole`` (3, m); per map ``<name>_basis``,
    ``<name>_positive``, ``<name>_negative``, whose map is
    ``basis @ (positive + negative)``; the basis is rounded to float32.

    Parameters
    ----------
    path : str or Path
        Ends in ``.npz``.
    explanation : Explanation
    beat : Beat
    evidence : Evidence
        Says which class.
    maps : mapping of str to HeartMap

    Raises
    ------
    InputError
        If the name does not end in ``.npz``.
    """
    path = Path(path)
    if path.suffix != ".npz":
        msg = f"an evidence file must end in .npz, got {path.name}"
        raise InputError(msg)
    k = explanation.classes.index(evidence.label)
    arrays: dict[str, Any] = {
        "record": np.array(explanation.record_id),
        "label": np.array(evidence.label),
        "model": np.array(explanation.model),
        "leads": np.array(LEADS),
        "fs": explanation.fs,
        "signal": explanation.signal,
        "weights": explanation.weights[k],
        "reference": explanation.reference,
        "reference_name": np.array(explanation.reference_name),
        "evidence": explanation.evidence_for(evidence.label),
        "logit": explanation.logits[k],
        "bias": explanation.bias[k],
        "constant": explanation.constant[k],
        "beat_signal": beat.signal,
        "beat_evidence": evidence.leads,
        "beat_dipole": evidence.dipole,
    }
    for name, heart_map in maps.items():
        arrays[f"{name}_basis"] = heart_map.basis.astype(np.float32)
        arrays[f"{name}_positive"] = heart_map.positive
        arrays[f"{name}_negative"] = heart_map.negative
    with replacing(path) as draft:
        np.savez_compressed(draft, **arrays)
