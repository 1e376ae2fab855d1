"""A disease of the wall as the surface of the heart shows it."""

import numpy as np
import pytest

from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.forward.patients import Patient
from cine_mapping.forward.regions import Segments
from cine_mapping.heart_surface import mask_at_surface, nodes_at_surface
from cine_mapping.myocardium import Myocardium
from cine_mapping.segments import region_mask


class TestSurface:
    def test_every_vertex_takes_a_node_nearby(self, wall: Myocardium) -> None:
        anatomy = load_anatomy("reference")
        nodes = nodes_at_surface(wall, anatomy)
        np.testing.assert_array_equal(nodes >= 0, anatomy.ventricles)
        away = np.linalg.norm(
            anatomy.heart.points[anatomy.ventricles] - wall.points[nodes[anatomy.ventricles]], axis=1
        )
        assert away.max() < 8 and away.mean() < 2.5

    @pytest.mark.parametrize("territory", ["LAD", "RCA", "LCX"])
    def test_a_territory_stays_itself(self, patient: Patient, wall: Myocardium, territory: str) -> None:
        anatomy, heart = load_anatomy("reference"), patient.heart
        truth = Segments((territory,)).nodes(heart.myocardium, heart.graph)
        found, expected = mask_at_surface(truth, wall, anatomy), region_mask(anatomy, territory)
        areas = anatomy.heart.areas
        dice = 2 * areas[found & expected].sum() / (areas[found].sum() + areas[expected].sum())
        assert dice > 0.85
        assert not found[~anatomy.ventricles].any()

    def test_nothing_stays_nothing_and_the_innermost_node_is_not_lost(self, wall: Myocardium) -> None:
        anatomy = load_anatomy("reference")
        mask = np.zeros(len(wall.points), dtype=bool)
        assert not mask_at_surface(mask, wall, anatomy).any()
        mask[np.flatnonzero(wall.surface == 0)[0]] = True
        assert mask_at_surface(mask, wall, anatomy).sum() == 1
