"""Columns of a batch's results, and Parquet files that appear whole."""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cine_mapping.anatomy import REGIONS
from cine_mapping.segments import TERRITORIES
from imn.files import replacing
from viewer.batch_more import More, further_columns

if TYPE_CHECKING:
    import pyarrow

KEY = b"ecglocus"
STAGES = ("read", "predict", "beat", "project")


def result_schema(classes: Sequence[str], more: More | None = None) -> "pyarrow.Schema":
    """Give the columns of results.

    ``regions`` and ``territories`` are structures: map (a modality, or ``average``), then name, then its
    share of the evidence for the label.

    Parameters
    ----------
    classes : sequence of str
        Of the model.
    more : More, optional
        What is asked for besides.

    Returns
    -------
    pyarrow.Schema
    """
    import pyarrow as pa

    more = more or More()

    def shares(names: Sequence[str]) -> pa.DataType:
        inner = pa.struct([(name, pa.float32()) for name in names])
        return pa.struct([(name, inner) for name in more.maps])

    return pa.schema(
        [
            ("number", pa.int64()),
            ("path", pa.string()),
            ("record", pa.string()),
            ("fs", pa.float64()),
            ("samples", pa.int32()),
            ("signal_sha256", pa.string()),
            ("label", pa.string()),
            ("probability", pa.float64()),
            ("logit", pa.float64()),
            ("bias", pa.float64()),
            ("logits", pa.struct([(name, pa.float64()) for name in classes])),
            ("regions", shares(REGIONS)),
            ("territories", shares(tuple(TERRITORIES))),
            ("beats", pa.int32()),
            ("beats_kept", pa.int32()),
            ("quality", pa.list_(pa.string())),
            ("electrodes", pa.list_(pa.string())),
            ("conservation_error", pa.float64()),
            *further_columns(more),
        ]
    )


def seconds_schema() -> "pyarrow.Schema":
    """Give the columns of the times that stages took."""
    import pyarrow as pa

    return pa.schema([("number", pa.int64()), *((stage, pa.float32()) for stage in STAGES)])


def write_rows(
    path: Path, rows: Sequence[Mapping[str, Any]], schema: "pyarrow.Schema", note: Mapping[str, Any]
) -> None:
    """Write a Parquet file with a note in its footer.

    Parameters
    ----------
    path : Path
    rows : sequence of mapping
    schema : pyarrow.Schema
    note : mapping
        In JSON's types.
    """
    import pyarrow as pa
    from pyarrow import parquet

    table = pa.Table.from_pylist([dict(row) for row in rows], schema=schema)
    noted = table.replace_schema_metadata({KEY: json.dumps(note, sort_keys=True).encode()})
    with lasting(path) as draft:
        # Hardly two values of a column are alike: with dictionaries files are larger, and slower to write.
        parquet.write_table(noted, draft, compression="zstd", use_dictionary=False)


def read_note(path: Path) -> dict[str, Any] | None:
    """Read the note in a file's footer, and its number of rows.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict or None
        With ``rows``; None where the file is missing or not whole.
    """
    import pyarrow as pa
    from pyarrow import parquet

    try:
        footer = parquet.read_metadata(path)
        return {**json.loads((footer.metadata or {})[KEY]), "rows": footer.num_rows}
    except (OSError, KeyError, ValueError, pa.ArrowException):
        return None


@contextmanager
def lasting(path: Path) -> Iterator[Path]:
    """Write a file whole or not at all, and have it on the disk before it takes its name."""
    with replacing(path) as draft:
        yield draft
        with draft.open("rb") as file:
            os.fsync(file.fileno())
