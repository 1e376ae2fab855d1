"""The page of ``ecglocus view`` without a browser: what it opens, shows, keeps and refuses."""

import json
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from annotations.store import open_store
from imn.errors import InputError
from imn.record import Record
from viewer import app_component, app_state, shared, sources, take_away
from viewer.app_options import AppOptions, from_environment, sorted_paths
from viewer.app_theme import themes
from viewer.keeping import keep_marks
from viewer.marking import annotation_of, finding_of
from viewer.payload import from_bytes
from viewer.rival_reading import choices, short_name
from viewer.shared import demo_reading
from viewer.sources import Opened, open_files
from viewer.view_command import server_options
from viewer.view_state import checked_view, from_link, to_link, values_of

APP = str(Path(app_component.__file__).with_name("app.py"))
EVENT = {"kind": "finding", "label": "MI", "confidence": 0.8, "rater": "reader 1", "note": "", "regions": []}


@pytest.fixture(scope="module")
def reading():
    return demo_reading()


@pytest.fixture
def built(monkeypatch, tmp_path):
    """A program for the browser, whether or not it was built here."""
    (tmp_path / "view-0.js").write_text("export default function () {}\n")
    monkeypatch.setattr(app_component, "ASSETS", tmp_path)
    app_component.bundle.cache_clear()
    yield
    app_component.bundle.cache_clear()


@pytest.fixture
def page(monkeypatch, tmp_path, built, reading):
    store = tmp_path / "store.sqlite"
    for name, value in AppOptions(store=str(store)).environment().items():
        monkeypatch.setenv(name, value)
    return AppTest.from_file(APP, default_timeout=120)


def components(page):
    return {element.proto.component_name: element.proto for element in page.get("bidi_component")}


def shown(page):
    return from_bytes(components(page)[app_component.STORE].bytes)


def test_the_demonstration_opens_with_its_truth_and_its_evidence(page, reading):
    page.run()
    assert not page.exception
    payload = shown(page)
    assert payload.meta["label"] == reading.target() == "MI"
    assert payload.meta["annotations"][0]["provenance"] == "simulated"
    assert payload.arrays[payload.meta["annotations"][0]["mask"]].any()
    told = json.loads(components(page)[app_component.VIEW].json)
    assert told["key"] == payload.meta["key"]
    assert payload.nbytes < 1_500_000


def test_another_label_brings_another_payload(page):
    page.run()
    before = shown(page).meta["key"]
    (chosen,) = [box for box in page.sidebar.selectbox if box.label == "Reading to explain"]
    chosen.select("HYP").run()
    assert not page.exception
    assert shown(page).meta["label"] == "HYP"
    assert shown(page).meta["key"] != before


def test_browser_and_sidebar_both_choose_the_label_and_the_last_one_wins(page):
    page.run()
    page.session_state[app_component.VIEW] = {"view": {"label": "HYP", "t_ms": 3.0}}
    page.run()
    assert shown(page).meta["label"] == "HYP"
    (chosen,) = [box for box in page.sidebar.selectbox if box.label == "Reading to explain"]
    assert chosen.value == "HYP"
    chosen.select("CD").run()
    assert shown(page).meta["label"] == "CD"
    page.run()
    assert shown(page).meta["label"] == "CD"
    assert page.session_state["ecglocus"].seen["view"]["t_ms"] == 3.0


def test_no_choice_is_lost_however_often_one_chooses(page, monkeypatch, tmp_path):
    missing = str(tmp_path / "missing.hea")
    for name, value in AppOptions((missing,), store=str(tmp_path / "s.sqlite")).environment().items():
        monkeypatch.setenv(name, value)
    page.run()
    for _ in range(2):
        assert "missing.hea: expected" in page.error[0].value
        page.sidebar.selectbox[0].select(sources.DEMO).run()
        assert not page.error
        assert shown(page).meta["label"] == "MI"
        page.sidebar.selectbox[0].select(missing).run()
    for name in ("one", "two", "three"):
        page.sidebar.text_input[0].input(name).run()
        assert page.sidebar.text_input[0].value == name
        assert page.session_state["rater"] == name
    assert not page.exception


def test_a_link_restores_the_view_and_its_label(page):
    view = {
        "label": "CD",
        "t_ms": -12.0,
        "map": "vcg",
        "camera": {"position": [0, -600, 9], "target": [0, 0, 0], "up": [0, 0, 1]},
    }
    page.query_params["view"] = to_link(view)
    page.run()
    assert not page.exception
    told = json.loads(components(page)[app_component.VIEW].json)
    assert told["view"] == view
    assert told["revision"] == 1
    assert shown(page).meta["label"] == "CD"


def chosen(page, title):
    (box,) = [box for box in page.sidebar.selectbox if box.label == title]
    return box


def test_a_rival_is_asked_only_when_chosen_and_not_while_reading_blind(page, reading):
    page.run()
    plain = shown(page)
    assert "rival" not in plain.meta
    chosen(page, "Compare with").select("gradients").run()
    assert not page.exception
    rivalled = shown(page)
    assert rivalled.meta["rival"]["title"] == "this network, integrated gradients"
    assert rivalled.meta["rival"]["logit"] == pytest.approx(plain.meta["logit"], abs=1e-4)
    assert rivalled.meta["rival"]["conserved"] is True
    assert rivalled.meta["modalities"][:-1] == plain.meta["modalities"]
    page.sidebar.toggle[0].set_value(True).run()
    assert "rival" not in shown(page).meta
    page.sidebar.toggle[0].set_value(False).run()
    chosen(page, "Compare with").select("").run()
    assert shown(page).meta["key"] == plain.meta["key"]


def test_a_rival_that_cannot_be_read_is_said_in_one_sentence(page, monkeypatch, tmp_path):
    missing = str(tmp_path / "other.safetensors")
    for name, value in AppOptions(models=(missing,), store=str(tmp_path / "s.sqlite")).environment().items():
        monkeypatch.setenv(name, value)
    page.run()
    chosen(page, "Compare with").select(missing).run()
    assert not page.exception
    assert "No rival is shown: expected model weights" in page.warning[0].value
    assert "rival" not in shown(page).meta


def test_a_view_names_its_rival(page):
    page.query_params["view"] = to_link({"map": "less_rival", "rival": "gradients", "compare": "rival"})
    page.run()
    assert not page.exception
    assert shown(page).meta["rival"]["name"] == "gradients"
    assert json.loads(components(page)[app_component.VIEW].json)["view"]["map"] == "less_rival"


def test_a_view_whose_rival_is_not_offered_says_so(page):
    page.query_params["view"] = to_link({"map": "rival", "rival": "elsewhere"})
    page.run()
    assert not page.exception
    assert "'elsewhere', which is not offered here" in page.warning[0].value


def test_networks_that_only_compare_are_not_offered_as_the_network(tmp_path):
    for name, kind in (("ours", "ecglocus"), ("theirs", "paper")):
        (tmp_path / f"{name}.json").write_text(json.dumps({"recipe": {"model": kind}}))
    paths = tuple(str(tmp_path / f"{name}.safetensors") for name in ("ours", "theirs", "missing"))
    assert AppOptions(models=paths).networks == (paths[0], paths[2])
    assert choices(paths, "") == ["", "gradients", *paths]
    assert choices(paths, paths[0]) == ["", "gradients", "shipped", *paths[1:]]
    assert short_name(paths[1]) == "theirs"


def test_pages_of_a_long_recording_are_sent_when_asked_for(page, monkeypatch, tmp_path, reading):
    write_longer(reading.record, tmp_path, seconds=24)
    for name, value in (
        AppOptions((str(tmp_path / "long.hea"),), store=str(tmp_path / "s")).environment().items()
    ):
        monkeypatch.setenv(name, value)
    page.run()
    assert not page.exception
    first = shown(page)
    assert first.meta["recording"]["pages"]["count"] == 3
    held = from_bytes(components(page)[app_component.PAGES].bytes)
    assert (held.meta["of"], held.meta["page"]) == (first.meta["recording"]["pages"]["id"], None)
    page.session_state["ecglocus"].seen["page"] = ((str(tmp_path / "long.hea"), 0), 2)
    page.run()
    held = from_bytes(components(page)[app_component.PAGES].bytes)
    assert held.meta["page"] == 2
    assert held.arrays["recording_ecg"].shape == (12, 2500)
    assert shown(page).meta["key"] == first.meta["key"]


def write_longer(record, folder, *, seconds):
    """Write a recording that repeats another for so long."""
    import wfdb

    from imn.leads import LEADS

    n = round(seconds * record.fs)
    signal = np.tile(record.signal, (1, -(-n // record.signal.shape[1])))[:, :n].astype(float)
    wfdb.wrsamp("long", record.fs, ["mV"] * 12, list(LEADS), signal.T, fmt=["16"] * 12, write_dir=str(folder))


def test_recordings_too_long_to_be_read_at_once_are_read_in_stretches():
    from imn.model import LONGEST_S

    rng = np.random.default_rng(0)
    signal = rng.normal(size=(12, 65_000)).astype(np.float32)
    whole = Opened(Record(signal, 100.0, "long"), "MI")
    parts = sources.stretches(whole.record)
    assert parts[0][0] == 0
    assert parts[-1][1] == pytest.approx(650)
    assert all(end - start <= sources.STRETCH_S <= LONGEST_S for start, end in parts)
    cut = [sources.stretch_of(whole, i).record for i in range(len(parts))]
    assert np.array_equal(np.hstack([one.signal for one in cut]), signal)
    assert [one.id for one in cut] == ["long 0-217s", "long 217-433s", "long 433-650s"]
    assert sources.stretch_of(whole, 99).record.id == cut[-1].id
    short = Opened(Record(signal[:, :1000], 100.0, "short"))
    assert sources.stretch_of(short, 3).record is short.record


def test_a_bad_link_is_said_in_one_sentence(page):
    page.query_params["view"] = "%%%"
    page.run()
    assert not page.exception
    assert "expected a link made by the viewer" in page.warning[0].value


def test_blind_reading_hides_the_network_and_other_raters(page, reading, tmp_path):
    keep_marks(
        tmp_path / "store.sqlite",
        {**EVENT, "rater": "another", "regions": ["apex"]},
        reading.anatomy,
        record_id=reading.record.id,
    )
    page.run()
    assert len(shown(page).meta["annotations"]) == 2
    page.sidebar.text_input[0].input("reader 1").run()
    page.sidebar.toggle[0].set_value(True).run()
    assert not page.exception
    assert json.loads(components(page)[app_component.VIEW].json)["blind"] is True
    assert shown(page).meta["annotations"] == []
    assert "below" not in [group.key for group in page.get("button_group")]
    keep_marks(
        tmp_path / "store.sqlite",
        {**EVENT, "regions": ["apex"]},
        reading.anatomy,
        record_id=reading.record.id,
    )
    page.run()
    assert json.loads(components(page)[app_component.VIEW].json)["blind"] is False
    assert len(shown(page).meta["annotations"]) == 3


def test_what_is_marked_is_in_the_store_at_once(reading, tmp_path):
    store = tmp_path / "store.sqlite"
    record = reading.record.id
    event = {
        **EVENT,
        "vertices": [5, 3, 4],
        "intervals": [{"leads": ["II"], "onset_ms": -20, "offset_ms": 40, "on": "beat"}],
    }
    keep_marks(store, event, reading.anatomy, record_id=record)
    keep_marks(store, {**EVENT, "label": "CD", "regions": ["apex"]}, reading.anatomy, record_id=record)
    with open_store(store, access="read") as held:
        (kept,), history = held.latest(record), held.history(record, "reader 1")
    assert [finding.label for finding in kept.findings] == ["MI", "CD"]
    assert kept.findings[0].vertices.index == (3, 4, 5)
    assert kept.findings[0].intervals[0].onset_s == pytest.approx(-0.02)
    assert kept.tool.startswith("ecglocus ")
    assert len(history) == 2


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"label": None}, "label must be one line"),
        ({"vertices": [10**7]}, "expected vertices from 0 to"),
        ({"vertices": ["x"]}, "could not read it"),
        ({"regions": ["moon"]}, "region must be one of"),
        ({"intervals": [{"leads": ["II"]}]}, "could not read it"),
        ({"rater": " "}, "expected a rater"),
        ({"confidence": "high"}, "could not read it"),
    ],
)
def test_marks_that_have_no_sense_are_refused(reading, wrong, said):
    with pytest.raises(InputError, match=said):
        annotation_of({**EVENT, **wrong}, reading.anatomy, record_id="r")
    with pytest.raises(InputError):
        finding_of({}, reading.anatomy)


def test_without_the_program_pictures_step_in_time(page, monkeypatch, tmp_path, opengl):
    monkeypatch.setattr(app_component, "ASSETS", tmp_path / "nothing")
    page.run()
    assert not page.exception
    assert "python hatch_build.py" in page.warning[0].value
    (slider,) = page.select_slider
    assert slider.value == "whole beat"
    slider.set_value(slider.options[20]).run()
    assert not page.exception
    assert page.get("image")
    assert not page.info, "a sentence says why nothing can be drawn"


def test_a_sent_recording_is_read_and_nothing_stays_behind(tmp_path, monkeypatch):
    import tempfile

    import wfdb

    rng = np.random.default_rng(0)
    independent = rng.normal(scale=0.2, size=(8, 2000))
    from imn.leads import LEADS, expand

    wfdb.wrsamp(
        "sent", 500, ["mV"] * 12, list(LEADS), expand(independent).T, fmt=["16"] * 12, write_dir=str(tmp_path)
    )
    files = [(path.name, path.read_bytes()) for path in sorted(tmp_path.glob("sent.*"))]
    private = tmp_path / "private"
    private.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(private))
    opened = open_files([("../../" + name, content) for name, content in files])
    assert isinstance(opened.record, Record)
    assert opened.record.fs == 500
    assert list(private.iterdir()) == []
    with pytest.raises(InputError, match="several") as caught:
        open_files([*files, ("other.hea", b""), ("third.hea", b"")])
    assert str(private) not in str(caught.value)
    with pytest.raises(InputError) as caught:
        open_files([("a.hea", b"nonsense")])
    assert str(private) not in str(caught.value)
    assert list(private.iterdir()) == []


def test_what_one_visitor_sends_no_other_sees(reading, monkeypatch):
    one, other = app_state.Session(AppOptions()), app_state.Session(AppOptions())
    sent = Opened(Record(np.array(reading.record.signal), reading.record.fs, "private"))
    monkeypatch.setattr(app_state, "open_files", lambda files, told: sent)
    kept = shared._reading.cache_info().currsize
    app_state.take_upload(one, [("private.hea", b"")])
    mine = app_state.reading_of(one)
    assert mine.record.id == "private"
    assert app_state.reading_of(one) is mine
    assert other.sources == (sources.DEMO,)
    assert app_state.reading_of(other).record.id != "private"
    assert shared._reading.cache_info().currsize == kept
    app_state.take_upload(one, [("private.hea", b"")])
    assert app_state.reading_of(one) is not mine


def test_uploads_are_limited():
    with pytest.raises(InputError, match="at most 64 MB"):
        open_files([("a.dat", bytes(1)), ("a.hea", bytes(sources.UPLOADS_MB * 2**20))])
    with pytest.raises(InputError, match="none"):
        open_files([])
    with pytest.raises(InputError, match="twice"):
        open_files([("x/a.hea", b"1"), ("y/a.hea", b"2")])


def test_options_pass_through_the_environment():
    options = AppOptions(("a",), ("m",), ("h",), "s.sqlite")
    assert from_environment(options.environment()) == options
    assert from_environment({}) == AppOptions()
    given, store = sorted_paths((Path("rec"), Path("x.sqlite")), None)
    assert [Path(path).name for path in given] == ["rec"]
    assert Path(store).name == "x.sqlite"


def test_the_server_keeps_to_itself():
    options = server_options("127.0.0.1", 8501, headless=True)
    assert options["server_address"] == "127.0.0.1"
    assert options["browser_gatherUsageStats"] is False
    assert options["server_fileWatcherType"] == "none"
    assert options["server_maxUploadSize"] == 64
    assert options["client_allowedOrigins"] == ["http://127.0.0.1:8501", "http://localhost:8501"]
    wide = server_options("::", 8501, headless=True)
    assert wide["client_allowedOrigins"][0] == "http://[::]:8501"


def test_streamlit_gets_the_same_colours_from_the_server_and_in_the_browser():
    options, given = server_options("127.0.0.1", 8501, headless=True), themes()
    for name, theme in given.items():
        side = {f"sidebar_{key}": value for key, value in theme["sidebar"].items()}
        told = {key.removeprefix(f"theme_{name}_") for key in options if key.startswith(f"theme_{name}_")}
        assert told == {*theme, *side} - {"sidebar", "base", "baseFontSize"}
        for key in told:
            assert options[f"theme_{name}_{key}"] == {**theme, **side}[key]


def test_views_survive_a_link_and_lose_what_is_unknown():
    view = {"t_ms": 1.5, "cut": {"on": True, "depth": 0.3}, "map": "average"}
    assert from_link(to_link({**view, "password": "x"})) == view
    with pytest.raises(InputError, match="JSON object"):
        checked_view([1])


def test_values_of_a_view_add_up_to_the_evidence(reading):
    analysis, areas = reading.analysis("MI"), reading.anatomy.heart.areas / 100
    total = analysis.average.total
    whole = values_of(analysis, reading.anatomy, {"mode": "integral"})
    assert (whole * areas).sum() == pytest.approx(total, rel=1e-6)
    sides = [values_of(analysis, reading.anatomy, {"sign": sign}) for sign in ("for", "against")]
    assert np.allclose(sum(sides), whole)
    beat = analysis.beat
    moments = [(i - beat.r_peak) * 1000 / beat.fs for i in range(beat.signal.shape[1])]
    instants = [
        (values_of(analysis, reading.anatomy, {"mode": "instant", "t_ms": t, "map": "vcg"}) * areas).sum()
        for t in moments[::10]
    ]
    per_sample = np.array(instants) / (10 * beat.fs / 1000)
    held = analysis.maps["vcg"]
    assert np.allclose(per_sample, (held.positive + held.negative).sum(axis=0)[::10], atol=1e-9)


def test_the_page_to_take_away_holds_everything_and_asks_for_nothing(reading, built):
    _, content = reading.packed("MI")
    html = take_away.page(content, {"t_ms": 3}, "a <title>").decode()
    assert "a &lt;title&gt;" in html
    assert "default-src 'none'" in html
    assert "src=" not in html
    assert "http://" not in html.split('<script type="module">')[0]


def test_maps_to_take_away_hold_what_is_seen(reading, tmp_path):
    import pyvista

    path = tmp_path / "m.vtp"
    path.write_bytes(take_away.vtp(reading.analysis("MI"), reading.anatomy, {"mode": "integral"}))
    data = pyvista.read(path)
    expected = values_of(reading.analysis("MI"), reading.anatomy, {})
    assert np.allclose(data.point_data["seen"], expected.astype(np.float32))
