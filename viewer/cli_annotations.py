"""What ``ecglocus annotations`` does with a store: the options of each action."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import tyro

from viewer.cli_agreement import Agreement
from viewer.derive_command import Derive


@dataclass(frozen=True)
class Import:
    """Bring files into a store, all of them or none: JSON, CSV, WFDB annotation files, label maps.

    What a file from elsewhere does not say has to be given.
    """

    files: Annotated[tuple[Path, ...], tyro.conf.Positional]
    """.json, .csv, .vtp or .npz; any other ending is a WFDB annotation file (rec.atr, rec.v1)."""
    store: Path
    """Store of annotations (SQLite); made where there is none."""
    record: str | None = None
    """Recording that the marks are of."""
    rater: str | None = None
    """Who marked them."""
    label: str | None = None
    """Class that they speak for."""
    provenance: Literal["expert", "derived", "simulated"] | None = None
    """Whether a person marked them, a rule made them, or a simulation knows them."""
    confidence: float | None = None
    """Of the rater, 0 to 1."""
    state: Literal["draft", "signed", "adjudicated"] | None = None
    """Of the reading; signed unless the file says otherwise."""
    fs: float | None = None
    """Sampling rate that marks count in, Hz."""
    unit: Literal["s", "ms", "samples"] | None = None
    """Of the columns onset and offset of a table."""
    on: Literal["beat", "recording"] | None = None
    """What times of a table count from: the R peak, or the start of the recording."""
    leads: tuple[str, ...] = ()
    """Lead of all marks, or the leads of the recording in the order of its signals."""
    anatomy: str | None = None
    """Heart that a label map is drawn on: reference, or a file of ``ecglocus anatomy import``."""
    array: str | None = None
    """Array of a label map that is meant, where it has several."""
    value: int | None = None
    """Code in that array that is meant, where it holds codes."""
    history: bool = False
    """Allow several annotations of one recording by one rater: they are revisions, in their order."""
    json: bool = False
    """Print the result as one JSON object."""

    def run(self) -> int:
        """Import."""
        from viewer.annotations_command import annotations_import

        return annotations_import(self)


@dataclass(frozen=True)
class Export:
    """Write what a store holds to a file, whose ending says the format, or to WFDB files in a folder."""

    store: Path
    """Store of annotations."""
    out: Path
    """.json, .csv, .vtp or .npz; a folder for WFDB annotation files."""
    record: str | None = None
    """Of this recording only."""
    rater: str | None = None
    """By this rater only."""
    history: bool = False
    """All revisions, not only the latest of each reading."""
    fs: float | None = None
    """Sampling rate of the recordings, Hz; WFDB marks count samples."""
    anatomy: str | None = None
    """Heart to draw label maps on: reference, or a file of ``ecglocus anatomy import``."""
    json: bool = False
    """Print the result as one JSON object."""

    def run(self) -> int:
        """Export."""
        from viewer.annotations_command import annotations_export

        return annotations_export(self)


@dataclass(frozen=True)
class List:
    """Say what a store holds."""

    store: Path
    """Store of annotations."""
    record: str | None = None
    """Of this recording only."""
    rater: str | None = None
    """By this rater only."""
    history: bool = False
    """All revisions, not only the latest of each reading."""
    json: bool = False
    """Print one JSON object for each annotation."""

    def run(self) -> int:
        """List."""
        from viewer.annotations_command import annotations_list

        return annotations_list(self)


@dataclass(frozen=True)
class Teach:
    """Learn from PTB-XL's statements, folds 1-8, which evidence goes with which region of the heart."""

    data: Path
    """PTB-XL in its native layout."""
    models: Path
    """Folder of ``ecglocus train --cross-validate``: each fold is read by a network that never saw it."""
    out: Path
    """File to write (.npz)."""

    def run(self) -> int:
        """Learn."""
        from viewer.dice_command import teach

        return teach(self)


@dataclass(frozen=True)
class Transfer:
    """Bring what is painted on one heart to another, as derived findings by a rater of that name."""

    store: Path
    """Store of annotations."""
    anatomy: str
    """Heart to bring it to: reference, or a file of ``ecglocus anatomy import``."""
    source: str = "reference"
    """Heart that it is painted on."""
    record: str | None = None
    """Of this recording only."""
    rater: str | None = None
    """By this rater only."""
    json: bool = False
    """Print the result as one JSON object."""

    def run(self) -> int:
        """Transfer."""
        from viewer.annotations_command import annotations_transfer

        return annotations_transfer(self)


Act = (
    Annotated[Import, tyro.conf.subcommand("import")]
    | Annotated[Export, tyro.conf.subcommand("export")]
    | Annotated[Agreement, tyro.conf.subcommand("agreement")]
    | Annotated[List, tyro.conf.subcommand("list")]
    | Annotated[Transfer, tyro.conf.subcommand("transfer")]
    | Annotated[Teach, tyro.conf.subcommand("teach")]
    | Annotated[Derive, tyro.conf.subcommand("derive")]
)


@dataclass(frozen=True)
class Annotations:
    """Keep what raters mark: import, export, list."""

    what: Act
    """What to do."""

    def run(self) -> int:
        """Do it."""
        return self.what.run()
