"""One spoilt file of annotations: made from its number, imported, and judged."""

from pathlib import Path
from random import Random

from annotations.document import document_of
from annotations.importing import read_files
from annotations.mutation_files import Kind
from annotations.mutations import mutate
from annotations.store import Store
from cine_mapping.anatomy import Anatomy
from imn.errors import InputError
from imn.fuzz.trial import VALID, Verdict, judged


def spoilt(kind: Kind, *, number: int, seed: int) -> bytes:
    """Spoil the sound file of a kind; all follows from the number.

    Parameters
    ----------
    kind : Kind
    number, seed : int

    Returns
    -------
    bytes
    """
    rng = Random(f"{seed} {kind.title} {number}")
    return mutate(kind.path.read_bytes(), kind.path.suffix, rng)


def judge(path: Path, kind: Kind, heart: Anatomy, store: Store) -> Verdict:
    """Import a file and say what came of it.

    Parameters
    ----------
    path : Path
    kind : Kind
        Tells what is given along with the file.
    heart : Anatomy
        That maps from elsewhere are drawn on.
    store : Store
        That a refusal must leave as it is.

    Returns
    -------
    Verdict
    """
    return judged(lambda: _import(path, kind, heart, store))


def _import(path: Path, kind: Kind, heart: Anatomy, store: Store) -> Verdict:
    before = store.count()
    try:
        found = read_files([path], given=kind.given, anatomy=heart)
        document_of(found, path)
        store.add_all(found)
    except InputError as refusal:
        if store.count() != before:
            return Verdict("store altered", str(refusal))
        raise
    return Verdict(VALID, f"{len(found)} annotations")
