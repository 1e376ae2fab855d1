"""What raters mark on an ECG and a heart, and how far a map agrees with it."""

from annotations.annotation import PLACES, Annotation, Finding, Interval, VertexWeights
from annotations.baselines import (
    BASELINES,
    Case,
    score,
    vertex_baselines,
)
from annotations.csv_files import read_csv, write_csv
from annotations.given import Given
from annotations.io import read_annotations, write_annotations
from annotations.masks import (
    anatomy_hash,
    beat_mask,
    recording_mask,
    scored_areas,
    vertex_mask,
    vertex_weights,
)
from annotations.overlap import (
    Overlap,
    area_fraction,
    lead_time_overlap,
    mesh_overlap,
    top_density_mask,
    top_fraction_mask,
)
from annotations.paired import Difference, paired_interval, paired_intervals, paired_test
from annotations.store import Store, open_store
from annotations.wfdb_files import read_wfdb, write_wfdb

__all__ = [
    "BASELINES",
    "PLACES",
    "Annotation",
    "Case",
    "Difference",
    "Finding",
    "Given",
    "Interval",
    "Overlap",
    "Store",
    "VertexWeights",
    "anatomy_hash",
    "area_fraction",
    "beat_mask",
    "lead_time_overlap",
    "mesh_overlap",
    "open_store",
    "paired_interval",
    "paired_intervals",
    "paired_test",
    "read_annotations",
    "read_csv",
    "read_wfdb",
    "recording_mask",
    "score",
    "scored_areas",
    "top_density_mask",
    "top_fraction_mask",
    "vertex_baselines",
    "vertex_mask",
    "vertex_weights",
    "write_annotations",
    "write_csv",
    "write_wfdb",
]
