"""What comes from outside cannot harm: files, names, words, and the net is never asked."""

import ast
import dataclasses
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from imn.errors import InputError
from imn.files import replacing
from imn.formats import formats, read_record
from imn.fuzz import bench, bombs, guided, stretches
from imn.fuzz.crew import Order, Worker
from imn.fuzz.sound_files import KINDS, sound_signal
from imn.fuzz.trial import judge
from viewer import sources, take_away
from viewer.html import text
from viewer.sources import open_files

ROOT = Path(__file__).parents[1]
PACKAGES = ("imn", "cine_mapping", "annotations", "viewer")
SCRIPT = "</script><script>alert(1)</script><img src=x onerror=alert(1)>"


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_files_to_be_spoilt_are_sound(kind, tmp_path):
    record = read_record(kind.write(tmp_path, sound_signal()), **kind.told)
    np.testing.assert_allclose(record.signal, sound_signal(), atol=1e-6)


def test_every_format_is_spoilt(tmp_path):
    suffixes = {kind.write(tmp_path, sound_signal()).suffix for kind in KINDS}
    known = {suffix for module in formats() for suffix in module.SUFFIXES}
    assert known - suffixes == {".dat", ".dicom"}  # other names of what is spoilt


def test_spoilt_files_are_refused_in_one_sentence_or_valid():
    worker = Worker()
    tallies = [worker.work(Order(kind.name, 0, 100, 7)) for kind in KINDS]
    worker.close()
    assert [tally.offenders for tally in tallies] == [[]] * len(KINDS)
    assert all(tally.counts["refused"] > 20 and tally.counts["valid"] for tally in tallies)
    assert max(tally.peak for tally in tallies) < 2**27


def test_hangs_and_crashes_are_noticed(monkeypatch):
    hasty = Worker(time_s=0.0)
    tally = hasty.work(Order("WFDB", 0, 1, 0))
    hasty.close()
    assert tally.counts == {"hang": 1} and tally.offenders[0]["number"] == 0
    worker = Worker()
    assert worker.defuse(10**6)["outcome"] == "crash"
    worker.close()


@pytest.mark.parametrize(
    ("error", "outcome"),
    [(KeyError("x"), "traceback"), (MemoryError(), "memory"), (InputError("two\nlines"), "words")],
)
def test_anything_but_a_sentence_is_noticed(error, outcome, monkeypatch, tmp_path):
    def broken(*_, **__):
        raise error

    monkeypatch.setattr("imn.fuzz.trial.read_record", broken)
    assert judge(tmp_path / "x.hea", KINDS[0]).outcome == outcome


def test_memory_that_a_reader_hides_is_noticed(monkeypatch, tmp_path):
    def hidden(*_, **__):
        try:
            raise MemoryError
        except MemoryError as error:
            msg = "could not read it"
            raise InputError(msg) from error

    monkeypatch.setattr("imn.fuzz.trial.read_record", hidden)
    assert judge(tmp_path / "x.hea", KINDS[0]).outcome == "memory"


def test_an_interrupted_measurement_resumes_and_keeps_offenders(monkeypatch, tmp_path):
    asked = []

    def work_through(orders, *_):
        for order in list(orders)[:3]:
            asked.append(order)
            tally = bench.Tally(order)
            answer = {"seconds": 0.1, "peak": 5, "words": ""}
            tally.add(answer | {"number": 0, "outcome": "crash"})
            tally.add(answer | {"number": 1, "outcome": "refused"})
            yield tally

    monkeypatch.setattr(stretches, "work_through", work_through)
    *_, first = bench.measure(tmp_path, inputs=2)
    *_, second = bench.measure(tmp_path, inputs=2)
    assert len(first) == 3 and len(second) == 6 and len(set(asked)) == 6
    assert [row["anything else"] for row in bench.rows_of(second)] == [1] * 6 + [0] * 4
    assert len(bench.offenders_of(second)) == 6
    *_, third = bench.measure(tmp_path, inputs=2, names=["EDF", "NumPy .npy"])
    assert {order.kind for order in asked[6:]} == {"NumPy .npy"} and len(third) == 7  # EDF was read before
    kept = next(tmp_path.glob("*/seed-0/offenders/WFDB-0"))
    assert {file.name for file in kept.iterdir()} == {"rec.hea", "rec.dat", "what.json"}


def test_a_reader_that_was_changed_is_measured_anew_and_no_other(monkeypatch, tmp_path):
    home = shutil.copytree(
        ROOT / "imn", tmp_path / "imn", ignore=shutil.ignore_patterns("weights", "clusters")
    )
    monkeypatch.setattr(bench.imn, "__file__", str(home / "__init__.py"))
    before = {kind.name: bench.identity(kind.name) for kind in KINDS}
    (home / "formats/wfdb_signal.py").write_text("x = 1\n")
    now = {kind.name: bench.identity(kind.name) for kind in KINDS}
    assert {name for name in now if now[name] != before[name]} == {"WFDB", "CinC .mat"}
    reading = (home / "reading.py").read_text()
    (home / "reading.py").write_text(
        "# a word\n" + reading.replace('"""What is told', '"""All that is told', 1)
    )
    assert all(bench.identity(kind.name) == now[kind.name] for kind in KINDS)  # words alone change nothing
    (home / "reading.py").write_text("x = 1\n")
    assert all(bench.identity(kind.name) != now[kind.name] for kind in KINDS)


def test_bytes_found_by_coverage_are_judged_and_offenders_kept(monkeypatch, tmp_path):
    pytest.importorskip("atheris", reason="the extra fuzz is not installed")
    # To watch the libraries as well takes seconds.
    monkeypatch.setattr(guided, "START", guided.START.replace(repr(guided.LIBRARIES), "()"))
    row = guided.try_reader("CSV", "rec.csv", runs=60, offenders=tmp_path)
    assert row["tried"] == 60 and row["neither refused nor valid"] == 0 and not list(tmp_path.iterdir())
    assert row["by all"] > row["branches reached by the sound file"] > 50
    broken = "import imn.fuzz.trial\nimn.fuzz.trial.read_record = {}.pop\nguided_target.main("
    monkeypatch.setattr(guided, "START", guided.START.replace("guided_target.main(", broken))
    assert guided.try_reader("CSV", "rec.csv", runs=60, offenders=tmp_path)["neither refused nor valid"] == 1
    assert [file.name[:18] for file in tmp_path.iterdir()] == ["CSV-rec.csv-crash-"]


def test_coverage_is_only_asked_for_where_it_can_be_had(monkeypatch, tmp_path):
    monkeypatch.setattr(guided, "find_spec", lambda name: None)
    with pytest.raises(InputError, match="atheris, which is not installed"):
        list(guided.measure(tmp_path, runs=1))


# A table of as many cells as there may be takes 5 s and half a gigabyte: ecglocus bench fuzz has it read.
QUICK_BOMBS = [bomb for bomb in bombs.BOMBS if bomb is not bombs.many_cells]


@pytest.mark.parametrize("bomb", QUICK_BOMBS, ids=lambda bomb: bomb.__name__)
def test_files_that_are_made_to_harm_do_not(bomb, monkeypatch, tmp_path):
    monkeypatch.setattr(bombs, "BLOCKS", 4)
    verdict = judge(bomb(tmp_path), KINDS[0])
    # pydicom takes a waveform that ends with the file at what is there, which is all of it.
    assert verdict.outcome == ("valid" if bomb is bombs.long_dicom else "refused"), verdict.words
    assert "root:" not in verdict.words


@pytest.mark.parametrize("name", ["..", ".", "", "a/..", "a\\..", "x" * 300 + ".csv", "a\0.csv", "a\n.csv"])
def test_names_of_uploads_that_are_none_are_refused(name):
    with pytest.raises(InputError):
        open_files([(name, b"# fs: 500\n")])


@pytest.mark.parametrize("name", ["../../x.csv", "/etc/x.csv", "..\\x.csv", "C:\\x.csv"])
def test_uploads_stay_in_their_folder(name, tmp_path):
    (path,) = sources.write_files([(name, b"content")], tmp_path)
    assert path.parent == tmp_path and path.name == "x.csv" and list(tmp_path.iterdir()) == [path]


def test_uploads_cannot_name_files_elsewhere(tmp_path):
    path = KINDS[0].write(tmp_path, sound_signal())
    for elsewhere in (
        str(path.with_name("rec.dat")),
        "../rec.dat",
        "..\\rec.dat",
        "http://127.0.0.1/rec.dat",
    ):
        header = path.read_text().replace("rec.dat", elsewhere)
        with pytest.raises(InputError, match="own folder"):
            open_files([("up.hea", header.encode())])


@pytest.mark.parametrize("name", ["../../evil", "/evil", "..\\evil", "C:\\evil"])
def test_members_of_archives_never_become_files(name, tmp_path):
    folder = tmp_path / "a/b"
    folder.mkdir(parents=True)
    path = KINDS[8].write(folder, sound_signal())
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr(f"{name}.npy", archive.read("signal.npy"))
        archive.writestr(f"{name}.sh", b"#!/bin/sh")
    before = sorted(tmp_path.rglob("*"))
    np.testing.assert_allclose(read_record(path).signal, sound_signal(), atol=1e-6)
    np.testing.assert_allclose(
        open_files([(path.name, path.read_bytes())]).record.signal, sound_signal(), atol=1e-6
    )
    assert sorted(tmp_path.rglob("*")) == before and not Path("/evil.npy").exists()


def test_uploads_are_private_and_do_not_stay(monkeypatch):
    seen = []

    def read(path, **_):
        seen.append((path, stat.S_IMODE(path.parent.stat().st_mode)))
        msg = f"{path}: no"
        raise InputError(msg)

    monkeypatch.setattr("imn.formats.read_record", read)
    with pytest.raises(InputError, match="^rec.csv: no$"):  # and the folder's name is not told
        open_files([("rec.csv", b"1")])
    ((path, mode),) = seen
    assert mode == 0o700 and not path.parent.exists()


def test_drafts_are_private(tmp_path):
    before = os.umask(0)
    try:
        with replacing(tmp_path / "x.json") as draft:
            assert stat.S_IMODE(draft.parent.stat().st_mode) == 0o700
            draft.write_text("x")
    finally:
        os.umask(before)


def calls():
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            if "node_modules" in file.parts:
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    yield file, ast.unparse(node.func), node
                elif isinstance(node, ast.Import | ast.ImportFrom):
                    yield file, f"import {getattr(node, 'module', None) or node.names[0].name}", node


def test_nothing_unpickles_or_runs_what_it_reads():
    forbidden = re.compile(
        r"(import )?(pickle|cPickle|dill|cloudpickle|joblib|marshal|shelve)\b.*|.*\.unsafe_load|yaml\.load"
        r"|(torch|joblib)\.load|pd\.read_pickle|eval|exec|os\.system|os\.popen|.*mktemp"
    )
    found = [f"{file.name}: {name}" for file, name, _ in calls() if forbidden.fullmatch(name)]
    assert not found
    for file, name, node in calls():
        if name in ("np.load", "numpy.load", "np.lib.format.read_array"):
            given = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            assert given.get("allow_pickle", "False") == "False", f"{file}: {name}"
        if name.startswith("subprocess."):
            assert not any(keyword.arg == "shell" for keyword in node.keywords), file


def test_no_text_becomes_markup_in_the_browser():
    scripts = [file for file in (ROOT / "viewer/js/src").rglob("*.js")]
    assert len(scripts) > 10
    writes = re.compile(
        r"\.(inner|outer)HTML\s*=|insertAdjacentHTML|document\.write|\beval\(|new Function\(|srcdoc"
    )
    assert not [file.name for file in scripts if writes.search(file.read_text(encoding="utf-8"))]
    unsafe = [
        file
        for file, _, node in calls()
        if isinstance(node, ast.Call) and any(k.arg in ("unsafe_allow_html",) for k in node.keywords)
    ]
    assert not unsafe


def test_words_of_others_are_escaped_in_html(monkeypatch):
    assert "<" not in text(SCRIPT) and '"' not in text(f'" onclick="{SCRIPT}')
    monkeypatch.setattr(take_away, "bundle", lambda: f"const x = '{SCRIPT}';")
    page = take_away.page(SCRIPT.encode(), {"label": SCRIPT, "map": "average"}, SCRIPT).decode()
    assert page.count("<script") == 3 + page.count("<script>alert") and "<img" not in page.split("const x")[0]
    assert page.lower().count("</script>") == 3
    assert "default-src 'none'" in page


@pytest.mark.parametrize("name", ["../evil", "/evil", "a/b", "..\\evil"])
def test_names_of_recordings_are_no_paths(name, tmp_path):
    from annotations.mutation_files import readings, small_heart
    from annotations.wfdb_files import write_wfdb

    (tmp_path / "own").mkdir()
    reading = dataclasses.replace(readings(small_heart())[0], record_id=name)
    (path,) = write_wfdb(tmp_path / "own", [reading], fs=500.0)
    assert list((tmp_path / "own").iterdir()) == [path] and len(list(tmp_path.iterdir())) == 1


def test_every_test_that_the_page_on_trust_names_is_there():
    page = (ROOT / "docs/trust.md").read_text(encoding="utf-8")
    named = re.findall(r"`(tests/\w+\.py)::(\w+)`", page)
    assert len(named) > 10
    for file, test in named:
        assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{test}"


NO_NET = """
import sys
def refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.bind", "urllib.Request"):
        raise SystemExit(f"asked the net: {event} {arguments}")
sys.addaudithook(refuse)
from viewer.cli import main
main(sys.argv[1:])
"""


def test_explaining_asks_nothing_of_the_net(tmp_path):
    from tests.synthetic import ecg, write_wfdb

    path = write_wfdb(tmp_path, ecg(100.0, np.arange(0.6, 9.8, 0.8), 10.0))
    arguments = ["explain", str(path), "--no-render", "--out", str(tmp_path / "out")]
    done = subprocess.run([sys.executable, "-c", NO_NET, *arguments], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out/rec/summary.json").is_file()
