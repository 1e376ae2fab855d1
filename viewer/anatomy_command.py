"""``ecglocus anatomy import``: meshes of any origin become an anatomy file."""

from pathlib import Path
from typing import TYPE_CHECKING

from cine_mapping.mesh_checks import Finding
from imn.errors import InputError
from imn.json_files import read_object

if TYPE_CHECKING:
    from cine_mapping.anatomy_import import Imported
    from cine_mapping.anatomy_parts import Part
    from viewer.cli_anatomy import Import

DESCRIPTION = "anatomy.json"


def anatomy_import(options: "Import") -> int:
    """Read, check, label, and write; say every finding in a sentence."""
    from cine_mapping.anatomy_io import save_anatomy
    from viewer.commands import say

    if options.out.suffix != ".npz":
        msg = f"expected --out to end in .npz, got {options.out}; explain reads such a file with --anatomy"
        raise InputError(msg)
    imported = import_files(options.source, options.meshes)
    errors = [finding.sentence for finding in imported.findings if finding.severity == "error"]
    for finding in imported.findings:
        if finding.sentence not in errors[:1]:
            say(f"{finding.severity}: {finding.sentence}")
    if imported.anatomy is None:
        raise InputError(errors[0])
    save_anatomy(imported.anatomy, options.out)
    say(_filled(imported, options.out))
    say(str(options.out))
    return 0


def _filled(imported: "Imported", out: Path) -> str:
    """Write the ventricles as a volume beside the anatomy; say how it came out."""
    from cine_mapping.forward_setting import volume_beside
    from cine_mapping.myocardium_io import save_myocardium
    from cine_mapping.volume_mesh import fill

    path = volume_beside(out)
    path.unlink(missing_ok=True)
    assert imported.anatomy is not None
    try:
        made = fill(imported.anatomy, axis=imported.axis)
    except InputError as error:
        return f"warning: volume: none, so that no beats can be simulated on this heart: {error}"
    save_myocardium(made, path)
    left, right = (made.node_volumes[made.ventricle == side].sum() / 1000 for side in (0, 1))
    words = f"{len(made.points)} nodes, {len(made.tetrahedra)} tetrahedra, left ventricle {left:.0f} ml"
    return f"note: volume: {words}, right {right:.0f} ml; written beside as {path.name}"


def import_files(source: Path, meshes: Path | None = None) -> "Imported":
    """Import the anatomy that a description and its mesh files state.

    Parameters
    ----------
    source : Path
        Folder with ``anatomy.json``, the description itself, or a mesh with a
        description of the same name beside it.
    meshes : Path, optional
        What the description's file names are relative to; its own folder by default.

    Returns
    -------
    Imported

    Raises
    ------
    InputError
        If the description or a mesh file cannot be read or has no sense.
    """
    from cine_mapping.anatomy_description import parse_description
    from cine_mapping.anatomy_import import Imported, assemble
    from viewer.mesh_files import read_parts
    from viewer.wall_union import unite

    path = _description_of(source)
    description = parse_description(read_object(path, "a description", advice="correct it"), str(path))
    parts, found = _checked(read_parts(description, meshes or path.parent), description.unit)
    if not any(finding.severity == "error" for finding in found):
        united, more = unite(parts)
        found += more
        if not any(finding.severity == "error" for finding in more):
            whole = assemble(description, united)
            return Imported(whole.anatomy, (*found, *whole.findings))
    return Imported(None, tuple(found))


def _checked(parts: "dict[str, list[Part]]", unit: str) -> "tuple[dict[str, list[Part]], list[Finding]]":
    """Check the scale first: what is of a wrong size has no other property worth a word."""
    import numpy as np

    from cine_mapping.anatomy_parts import check_part, check_scale

    scales = [
        check_scale(kind, np.concatenate([part.mesh.points for part in parts[kind]]), unit)
        for kind in ("wall", "epicardium", "torso")
        if kind in parts
    ]
    if any(scales):
        return parts, [finding for finding in scales if finding]
    found: list[Finding] = []
    checked: dict[str, list[Part]] = {}
    for kind, pieces in parts.items():
        results = [check_part(kind, piece) for piece in pieces]
        checked[kind] = [part for part, _ in results]
        found += [finding for _, more in results for finding in more]
    return checked, found


def _description_of(source: Path) -> Path:
    path = source / DESCRIPTION if source.is_dir() else source
    path = path if path.suffix.lower() == ".json" else path.with_suffix(".json")
    if not path.is_file():
        msg = (
            f"{path}: expected a description of the meshes there (JSON with name, frame, unit, surfaces, "
            "electrodes), found no such file; write one"
        )
        raise InputError(msg)
    return path
