"""Lots of simulated patients that mappings are learned, calibrated and scored on; none is in two."""

from cine_mapping.localisation.cases import Lot

EVERY = {
    "normal": 2,
    "ischaemia": 14,
    "scar": 14,
    "ectopy": 10,
    "WPW": 8,
    "LBBB": 3,
    "RBBB": 3,
    "LAFB": 2,
    "LPFB": 2,
    "LVH": 1,
    "RVH": 1,
}
SCORED = {"ischaemia": 10, "scar": 10, "ectopy": 10, "WPW": 10, "LBBB": 5, "RBBB": 5, "normal": 2}

TRAIN = Lot(seed=1, patients=280, counts=EVERY)
CALIBRATION = Lot(seed=2, patients=28, counts=EVERY)
TEST = Lot(seed=3, patients=30, counts=SCORED)
"""Looked at once mappings are final."""
TRIAL = Lot(seed=4, patients=20, counts=SCORED)
"""Whatever is chosen by hand is chosen on these."""

_READ = {"normal": 2, "ischaemia": 8, "scar": 8, "ectopy": 6, "WPW": 6, "LBBB": 1, "RBBB": 1}
READ_TRAIN = Lot(seed=11, patients=610, counts=_READ)
READ_CALIBRATION = Lot(seed=12, patients=35, counts=_READ)
READ_TEST = Lot(seed=13, patients=30, counts=SCORED)
READ_TRIAL = Lot(seed=14, patients=20, counts=_READ)
"""Recordings for a network to read."""
