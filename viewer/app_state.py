"""What one visitor of the page has open; nothing of it is seen by another."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from imn.errors import InputError
from viewer.app_options import AppOptions, from_environment
from viewer.cli_told import UNTOLD, ToldOptions
from viewer.leaving import arrive
from viewer.reading import Reading
from viewer.rival_reading import NONE
from viewer.shared import load_shared_anatomy, load_shared_model, load_shared_wall, served_reading
from viewer.sources import DEMO, Opened, open_files, stretch_of

if TYPE_CHECKING:
    from annotations.annotation import Annotation
    from cine_mapping.anatomy import Anatomy

SESSION = "ecglocus"


@dataclass
class Session:
    """One visitor's choices and what was made of them.

    Parameters
    ----------
    options : AppOptions
    source : str
        `DEMO`, a path, or the name of an upload.
    model, anatomy, store : str
        Paths of weights, an anatomy and an annotation store; "" or "reference" for the shipped.
    label : str or None
        None until the recording is read.
    revision : int
        Counts the views that the browser is told to take, so that it takes each once.
    view : dict or None
        To be taken with `revision`.
    notice : str
        Said once on the next run.
    rival : str
        What the network is compared with (`viewer.rival_reading.choices`).
    stretch : int
        Which part of a recording that is read in parts (`viewer.sources.stretches`).
    seen : dict
        What the browser says it shows.
    uploads, anatomies, readings : dict
        What was read for this visitor, by name or by what was chosen.
    """

    options: AppOptions
    source: str = DEMO
    model: str = ""
    anatomy: str = "reference"
    label: str | None = None
    store: str = ""
    rival: str = NONE
    stretch: int = 0
    revision: int = 0
    view: dict[str, Any] | None = None
    seen: dict[str, Any] = field(default_factory=dict)
    notice: str = ""
    uploads: dict[str, Opened] = field(default_factory=dict)
    anatomies: dict[str, "Anatomy"] = field(default_factory=dict)
    readings: dict[tuple[str, str, str, int], Reading] = field(default_factory=dict)

    @property
    def sources(self) -> tuple[str, ...]:
        """What can be opened, the demonstration last where something was given."""
        return (*self.uploads, *self.options.sources, DEMO)


def current() -> Session:
    """Give this visitor's session; made on the first run."""
    if SESSION not in st.session_state:
        arrive()
        options = from_environment()
        session = Session(options, store=options.store)
        session.source, session.anatomy = session.sources[0], options.first_anatomy
        st.session_state[SESSION] = session
    return st.session_state[SESSION]


def take_upload(session: Session, files: Sequence[tuple[str, bytes]], told: ToldOptions = UNTOLD) -> None:
    """Open the files of one recording for this visitor alone.

    Parameters
    ----------
    session : Session
    files, told
        As in `open_files`.

    Raises
    ------
    InputError
        As `open_files`.
    """
    opened = open_files(files, told)
    name = f"{opened.record.id} (sent)"
    session.uploads = {name: opened}  # one at a time: memory is given back
    served = (*session.options.sources, DEMO)  # another recording may have the name of the last one
    session.readings = {key: held for key, held in session.readings.items() if key[0] in served}
    session.source, session.label, session.stretch = name, None, 0


def take_anatomy(session: Session, name: str, content: bytes) -> None:
    """Open an anatomy file for this visitor alone.

    Parameters
    ----------
    session : Session
    name : str
        Of the file.
    content : bytes

    Raises
    ------
    InputError
        As `load_anatomy`.
    """
    import tempfile

    from cine_mapping.anatomy_io import load_anatomy
    from viewer.sources import write_files

    with tempfile.TemporaryDirectory(prefix="ecglocus-") as private:
        (path,) = write_files([(name, content)], Path(private))
        try:
            anatomy = load_anatomy(path)
        except InputError as mistake:
            raise InputError(str(mistake).replace(f"{private}/", "")) from mistake
    name = f"{anatomy.name} (sent)"
    session.readings = {key: held for key, held in session.readings.items() if key[2] != name}
    session.anatomies, session.anatomy = {name: anatomy}, name


def reading_of(session: Session) -> Reading:
    """Give what the session has open, read.

    Raises
    ------
    InputError
        If a recording, an anatomy or weights cannot be read.
    """
    key = (session.source, session.model, session.anatomy, session.stretch)
    sent, own = session.uploads.get(session.source), session.anatomies.get(session.anatomy)
    if sent is None and own is None:
        return served_reading(*key)
    if key not in session.readings:
        if sent is not None:
            opened = stretch_of(sent, session.stretch)
        else:
            opened = served_reading(session.source, session.model, "reference", session.stretch).opened
        anatomy = own or load_shared_anatomy(session.anatomy)
        wall = None if own else load_shared_wall(session.anatomy)
        made = Reading(opened, load_shared_model(session.model), anatomy=anatomy, wall=wall)
        session.readings = {**dict(list(session.readings.items())[-1:]), key: made}
    return session.readings[key]


def marks_of(session: Session, record_id: str, *, rater: str, blind: bool) -> "tuple[Annotation, ...]":
    """Give the readings of a recording that a rater may see.

    Parameters
    ----------
    session : Session
    record_id : str
    rater : str
        May be empty.
    blind : bool
        As `annotations.states.visible` has it; otherwise the latest of everybody.

    Returns
    -------
    tuple of Annotation
    """
    from annotations.store import open_store

    path = Path(session.store)
    if not path.exists() or (blind and not rater):
        return ()
    with open_store(path, access="read") as store:
        return store.visible_to(rater, record_id) if blind else store.latest(record_id)
