"""What raters mark on an ECG and a heart, and how far a map agrees with it."""

from annotations.agreement import MISSING, cohen_kappa, fleiss_kappa, krippendorff_alpha
from annotations.annotation import PLACES, Annotation, Finding, Interval, VertexWeights
from annotations.baselines import (
    BASELINES,
    Case,
    score,
    vertex_baselines,
)
from annotations.csv_files import read_csv, write_csv
from annotations.distances import RegionDistance, plan_heart_ways, region_distance
from annotations.given import Given
from annotations.io import read_annotations, write_annotations
from annotations.map_score import MapScore, score_map
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
from annotations.ranking import average_precision, dice_curve, pointing_game, relevance_mass
from annotations.staple import Consensus, staple
from annotations.store import Store, open_store
from annotations.wfdb_files import read_wfdb, write_wfdb

__all__ = [
    "BASELINES",
    "MISSING",
    "PLACES",
    "Annotation",
    "Case",
    "Consensus",
    "Difference",
    "Finding",
    "Given",
    "Interval",
    "MapScore",
    "Overlap",
    "RegionDistance",
    "Store",
    "VertexWeights",
    "anatomy_hash",
    "area_fraction",
    "average_precision",
    "beat_mask",
    "cohen_kappa",
    "dice_curve",
    "fleiss_kappa",
    "krippendorff_alpha",
    "lead_time_overlap",
    "mesh_overlap",
    "open_store",
    "paired_interval",
    "paired_intervals",
    "paired_test",
    "plan_heart_ways",
    "pointing_game",
    "read_annotations",
    "read_csv",
    "read_wfdb",
    "recording_mask",
    "region_distance",
    "relevance_mass",
    "score",
    "score_map",
    "scored_areas",
    "staple",
    "top_density_mask",
    "top_fraction_mask",
    "vertex_baselines",
    "vertex_mask",
    "vertex_weights",
    "write_annotations",
    "write_csv",
    "write_wfdb",
]
