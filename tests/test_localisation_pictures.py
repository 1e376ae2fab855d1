"""Which cases the documentation shows, and that its pictures share a scale."""

import numpy as np
import pytest

from cine_mapping.anatomy_io import load_anatomy
from viewer.heart_picture import Sheet, paint_for
from viewer.localisation_pictures import Found, choose


def case(family: str, dice: float, *, centre: float = 10.0, top: float = 0.5, outside: float = 0.5) -> Found:
    none = np.zeros(3, dtype=bool)
    return Found(
        family=family,
        patient=0,
        label="MI",
        chance=0.5,
        truth=none,
        credible=none,
        probability=np.array([0.0, 0.0, top]),
        presence=0.1,
        dice=dice,
        centre_mm=centre,
        held=0.0,
        size=0.0,
        outside=outside,
    )


def test_best_worst_and_first_without_region_are_shown() -> None:
    normal = [case("normal", np.nan, top=top) for top in (0.2, 0.05, 0.01)]
    sick = [
        case("scar", 0.0, centre=40),
        case("scar", 0.7),
        case("ischaemia", 0.0, centre=60),
        case("scar", np.nan, outside=np.nan),
        case("scar", 0.9, outside=0.0),
    ]
    chosen = choose([*normal, *sick])
    assert chosen == {"success": sick[1], "failure": sick[2], "no-region": normal[1]}
    assert "no-region" not in choose([normal[0], *sick])


def test_pictures_set_beside_each_other_share_their_scale() -> None:
    anatomy = load_anatomy("reference")
    faint = np.full(len(anatomy.heart.points), 0.01)
    assert paint_for(faint, anatomy, Sheet(top=1.0)).limits == (0.0, 1.0)
    assert paint_for(faint, anatomy).limits == (0.0, pytest.approx(0.01))


def test_lines_on_light_colours_are_dark() -> None:
    anatomy = load_anatomy("reference")
    values = np.ones(len(anatomy.heart.points))
    assert paint_for(values, anatomy, Sheet(colours="Oranges")).pale
    assert not paint_for(values, anatomy).pale
