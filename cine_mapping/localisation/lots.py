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

TRAIN = Lot(seed=1, patients=500, counts=EVERY)
CALIBRATION = Lot(seed=2, patients=40, counts=EVERY)
TEST = Lot(seed=3, patients=30, counts=SCORED)
"""Looked at once mappings are final."""
TRIAL = Lot(seed=4, patients=20, counts=SCORED)
"""Whatever is chosen by hand is chosen on these."""
