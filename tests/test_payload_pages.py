"""Pages of a long recording: together all of it, and of one recording only."""

from dataclasses import replace

import numpy as np
import pytest

from viewer.payload import from_bytes, to_bytes
from viewer.payload_content import payload_of
from viewer.payload_recording import no_page, recording_id, recording_page, runs_of


def long_analysis(analysis, seconds=25.0):
    """Make its recording a longer one, of the same beats."""
    said = analysis.explanation
    times = int(np.ceil(seconds * said.fs / said.signal.shape[1]))
    n = int(seconds * said.fs)
    signal, weights = (np.tile(a, times)[..., :n] for a in (said.signal, said.weights))
    longer = replace(said, signal=signal, weights=weights, reference=np.zeros((), np.float32))
    held = replace(analysis, explanation=longer)
    if held.clusters is None:
        return held
    order = np.tile(held.clusters.order, times)[:n]
    return replace(held, clusters=replace(held.clusters, order=order))


def test_pages_of_a_long_recording_are_all_of_it(clustered, toy):
    held = long_analysis(clustered, 25.5)
    first = from_bytes(to_bytes(payload_of(held, toy)))
    stated = first.meta["recording"]
    assert stated["n"] == 2550
    assert (stated["pages"]["count"], stated["pages"]["length"]) == (3, 1000)
    assert first.arrays["recording_ecg"].shape == (12, 1000)
    ecg, evidence, order = np.zeros((12, 2550)), np.zeros((12, 2550)), np.zeros(2550, int)
    for page, start in enumerate((0, 1000, 1550)):
        content = from_bytes(to_bytes(recording_page(held, page)))
        assert (content.meta["of"], content.meta["page"]) == (stated["pages"]["id"], page)
        ecg[:, start : start + 1000] = content.arrays["recording_ecg"]
        evidence[:, start : start + 1000] = content.arrays["recording_evidence"]
        for at, card in content.meta["runs"]:
            order[at : start + 1000] = card
    assert np.abs(ecg - held.explanation.signal).max() < 2e-3 * np.abs(held.explanation.signal).max()
    true = held.explanation.evidence_for("MI")
    assert np.abs(evidence - true).max() < 2e-3 * np.abs(true).max()
    assert np.array_equal(order, held.clusters.order)
    assert sum(stated["pages"]["net"]) == pytest.approx(true.sum(), rel=1e-3)
    assert first.meta["clusters"]["runs"] == runs_of(held, 0)
    assert recording_page(held, 99).meta["page"] == 2
    assert no_page(held).meta["page"] is None


def test_pages_are_of_one_recording_label_and_network(analysis):
    held = long_analysis(analysis)
    names = {
        recording_id(held),
        recording_id(replace(held, target="NORM")),
        recording_id(replace(held, explanation=replace(held.explanation, model="another"))),
        recording_id(
            replace(held, explanation=replace(held.explanation, signal=held.explanation.signal + 1))
        ),
    }
    assert len(names) == 4


def test_a_short_recording_has_no_pages(analysis, toy):
    stated = payload_of(analysis, toy).meta["recording"]
    assert sorted(stated) == ["fs", "n", "r_peaks"]
