"""A rival network in the bytes that the browser reads: on top of the maps, and of their size."""

from dataclasses import replace

import numpy as np
import pytest

from cine_mapping.heart_map import HeartMap
from viewer.payload import from_bytes, to_bytes
from viewer.payload_content import payload_of
from viewer.rival_reading import size_of
from viewer.view_state import unit_of, values_of


def test_a_rival_comes_on_top_and_leaves_the_average_alone(rivalled, toy):
    with_rival = from_bytes(to_bytes(payload_of(rivalled, toy)))
    without = from_bytes(to_bytes(payload_of(replace(rivalled, rival=None), toy)))
    assert "rival" not in without.meta
    *held, last = with_rival.meta["modalities"]
    assert held == without.meta["modalities"]
    assert (last["name"], last["weight"]) == ("rival", 0.0)
    columns = without.arrays["basis"].shape[1]
    for name, part in (("basis", np.s_[:, :columns]), ("positive", np.s_[:columns])):
        assert np.array_equal(with_rival.arrays[name][part], without.arrays[name])
    stated = with_rival.meta["rival"]
    assert stated["title"] == "paper, own evidence"
    assert stated["conserved"] is True
    assert stated["sizes"]["rival"] == pytest.approx(size_of(rivalled.rival.heart))
    assert stated["sizes"]["model"] == pytest.approx(size_of(rivalled.average))


def test_the_difference_is_of_maps_of_one_size(rivalled, toy):
    areas = toy.heart.areas / 100
    by_sign = [values_of(rivalled, toy, {"map": "less_rival", "sign": sign}) for sign in ("for", "against")]
    net = [sum(sides @ areas for sides in by_sign)]
    model, rival = (held.total / size_of(held) for held in (rivalled.average, rivalled.rival.heart))
    assert net[0] == pytest.approx(100 * (model - rival), rel=1e-6)
    assert "%" in unit_of({"map": "less_rival"})
    # as sure as one likes: only the shape counts
    louder = replace(rivalled.rival, heart=scaled(rivalled.rival.heart, 7.0))
    same = values_of(replace(rivalled, rival=louder), toy, {"map": "less_rival"})
    assert np.allclose(same, sum(by_sign))


def scaled(held, factor):
    return HeartMap(held.label, held.modality, held.basis, factor * held.positive, factor * held.negative)
