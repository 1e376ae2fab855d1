"""Three visitors at once, each with a recording of his own, in a real browser."""

import pytest

from annotations.store import open_store
from viewer.browser_crowd import Visitor, others_seen, visit, visitors
from viewer.browser_probe import serving


def test_a_word_of_another_is_noticed():
    crowd = [Visitor("record a", "rater a", "", ()), Visitor("record b", "rater b", "", ())]
    own = ["record a rater a", "record b rater b"]
    assert others_seen(crowd, own) == ()
    assert others_seen(crowd, [own[0] + " record b", own[1]]) == ("rater a sees rater b",)
    assert others_seen(crowd, [own[0], own[1] + " rater a"]) == ("rater b sees rater a",)
    assert others_seen(crowd, ["", own[1]]) == ("rater a does not see his own",)


@pytest.mark.usefixtures("chromium")
def test_three_visitors_send_recordings_and_see_only_their_own(tmp_path):
    private, store = tmp_path / "private", tmp_path / "store.sqlite"
    private.mkdir()
    crowd = visitors(tmp_path, 3)
    with serving(["--store", str(store)], tmp_path, environment={"TMPDIR": str(private)}) as server:
        seen = visit(server.url, crowd)
        assert list(private.glob("ecglocus*")) == []
    assert seen.errors == ()
    assert seen.others_seen == ()
    with open_store(store, access="read") as held:
        kept = {(mark.record_id, mark.rater, mark.findings[0].regions) for mark in held.latest()}
    assert kept == {(one.record, one.rater, (one.segment,)) for one in crowd}
