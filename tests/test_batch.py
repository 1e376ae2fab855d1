"""Many recordings: none lost, none doubled, each as it would be alone, whatever ends the work."""

import json
import os
import signal
import subprocess
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.modalities import average
from cine_mapping.shares import region_shares, territory_shares
from imn.formats import read_record
from imn.model import load_model
from tests.tiny_ptbxl import write_ptbxl
from viewer.analysis import analyse
from viewer.batch import make_batch
from viewer.batch_folder import PLAN, Shard, read_inputs, shards_of, write_inputs
from viewer.batch_maps import read_maps
from viewer.batch_stages import Station, Work
from viewer.cli import main
from viewer.cli_batch import Batch

COUNT = 11
pytestmark = pytest.mark.usefixtures("one_version")


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    """Eleven recordings in PTB-XL's layout, of which two cannot be used."""
    root = write_ptbxl(tmp_path_factory.mktemp("data") / "ptbxl", [1] * COUNT)
    signal_file = root / "records100" / "00004_lr.dat"
    signal_file.write_bytes(signal_file.read_bytes()[:-100])
    (root / "records100" / "00007_lr.hea").unlink()
    return root


@pytest.fixture(scope="module")
def made(data, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("made") / "out"
    total = make_batch(Batch((data,), out, shard=3, batch=2, maps="npz"))
    assert total == {
        "recordings": 11, "explained": 9, "failed": 2, "rows": 9, "shards": 4, "new": 11,
    }  # fmt: skip
    return out


def rows(out: Path) -> list[dict]:
    return parquet.read_table(out / "records").to_pylist()


def content(out: Path) -> dict[str, bytes]:
    """All that no clock has a part in."""
    parts = [out / name for name in ("records", "failures", "maps")]
    held = [path for part in parts for path in part.iterdir()] + [
        out / "failures.jsonl",
        out / "manifest.json",
    ]
    return {str(path.relative_to(out)): path.read_bytes() for path in held}


def test_each_recording_is_what_it_is_alone(data, made):
    model, anatomy = load_model(), load_anatomy("reference")
    for row in rows(made)[:3]:
        alone = analyse(read_record(row["path"]), model, anatomy)
        assert (row["record"], row["label"]) == (alone.record.id, alone.target)
        k = alone.explanation.classes.index(alone.target)
        assert row["logit"] == pytest.approx(alone.explanation.logits[k], abs=2e-5)
        assert row["probability"] == pytest.approx(alone.explanation.probabilities[k], abs=1e-5)
        assert list(row["logits"].values()) == pytest.approx(alone.explanation.logits.tolist(), abs=2e-5)
        assert row["quality"] + row["electrodes"] == list(alone.beat.quality)
        for name, heart_map in {**alone.maps, "average": alone.average}.items():
            assert row["regions"][name] == pytest.approx(region_shares(heart_map, anatomy), abs=1e-4)
            assert row["territories"][name] == pytest.approx(territory_shares(heart_map, anatomy), abs=1e-4)


def test_every_map_sums_to_the_evidence(made):
    assert max(row["conservation_error"] for row in rows(made)) < 1e-9


def test_what_fails_is_listed_with_its_reason(data, made):
    failures = [json.loads(line) for line in (made / "failures.jsonl").read_text().splitlines()]
    assert [(one["number"], one["stage"]) for one in failures] == [(4, "read"), (7, "read")]
    for one in failures:
        with pytest.raises(ValueError) as mistake:
            read_record(one["path"])
        assert one["reason"] == str(mistake.value)
    assert sorted([row["number"] for row in rows(made)] + [4, 7]) == list(range(COUNT))


def test_a_fault_of_ours_costs_one_recording(data, monkeypatch):
    def faulty(signal, fs):
        raise ZeroDivisionError("a fault")

    monkeypatch.setattr("cine_mapping.beats.find_beat", faulty)
    done = Station(Work()).run(0, [str(data / "records100" / "00000_lr")])
    assert not done.rows
    assert [one["reason"] for one in done.failures] == ["unexpected ZeroDivisionError: a fault"]


def test_maps_come_back_from_their_factors(data, made):
    model, anatomy, row = load_model(), load_anatomy("reference"), rows(made)[5]
    alone = analyse(read_record(row["path"]), model, anatomy)
    maps = read_maps(made, row["number"], row["label"], anatomy)
    assert maps.keys() == alone.maps.keys()
    for name, heart_map in {**maps, "average": average(maps)}.items():
        own = {**alone.maps, "average": alone.average}[name].values
        np.testing.assert_allclose(heart_map.values, own, atol=2e-5 * np.abs(own).max())
        assert heart_map.total == pytest.approx(row["logit"] - row["bias"], abs=1e-5)


def test_the_same_bytes_again_and_with_more_workers(data, made, tmp_path):
    for name, workers in (("again", 1), ("two", 2)):
        make_batch(Batch((data,), tmp_path / name, shard=3, batch=2, maps="npz", workers=workers))
        assert content(tmp_path / name) == content(made)


def test_killed_at_random_moments_nothing_is_lost_or_doubled(data, made, tmp_path):
    out = tmp_path / "out"
    script = Path(__file__).with_name("batch_under_fire.py")
    environment = os.environ | {"PYTHONPATH": str(script.parent.parent), "OMP_NUM_THREADS": "1"}
    run = [sys.executable, "-W", "ignore", str(script), str(data), str(out), "0"]
    done = subprocess.run(run, capture_output=True, text=True, env=environment, timeout=300)
    ends = [int(word) for word in done.stdout.splitlines()[-1].split()]
    assert ends[-1] == 0, done.stderr
    assert ends.count(-signal.SIGKILL) >= 3  # else it was never caught at work
    assert ends[-2] in (0, 130, -signal.SIGINT)  # it was done, was at work, or had not begun
    assert [row["number"] for row in rows(out)] == [row["number"] for row in rows(made)]
    assert content(out) == content(made)
    assert not [path for path in out.rglob("*") if path.name.startswith(".writing-")]


def test_only_what_is_whole_counts(data, made, tmp_path):
    out = tmp_path / "out"
    make_batch(Batch((data,), out, shard=3, batch=2, maps="npz"))
    broken, untold = out / "records" / "000001.parquet", out / "failures" / "000002.jsonl"
    broken.write_bytes(broken.read_bytes()[:-20])
    untold.unlink()
    (out / "maps" / "000000.npz").unlink()
    (out / "manifest.json").write_text('{"recordings": 11}')
    assert make_batch(Batch((data,), out, shard=3, batch=2, maps="npz"))["new"] == 9
    assert content(out) == content(made)


def test_a_finished_batch_is_left_as_it_is(data, made):
    before = {path: path.stat().st_mtime_ns for path in (made / "records").iterdir()}
    assert make_batch(Batch((data,), made, shard=3, batch=2, maps="npz"))["new"] == 0
    assert {path: path.stat().st_mtime_ns for path in (made / "records").iterdir()} == before


def test_one_row_for_each_label(data, tmp_path):
    make_batch(Batch((data / "records100" / "00000_lr.hea",), tmp_path / "out", labels=("MI", "CD")))
    found = rows(tmp_path / "out")
    assert [row["label"] for row in found] == ["MI", "CD"]
    assert [row["logit"] for row in found] == [row["logits"][row["label"]] for row in found]


def test_recordings_of_any_rate_and_length_in_one_batch(data, tmp_path):
    from tests.synthetic import ecg, write_wfdb

    paths = []
    for i, (fs, seconds) in enumerate([(100.0, 4.0), (250.0, 5.0), (100.0, 4.0), (500.0, 40.0)]):
        (tmp_path / str(i)).mkdir()
        paths.append(write_wfdb(tmp_path / str(i), ecg(fs, np.arange(0.4, seconds, 0.8), seconds), fs=fs))
    make_batch(Batch(tuple(paths), tmp_path / "out"))
    assert [(row["number"], row["fs"]) for row in rows(tmp_path / "out")] == [
        (0, 100.0), (1, 250.0), (2, 100.0), (3, 500.0),
    ]  # fmt: skip


def peak(work) -> int:
    """Most bytes held at once."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_number_of_recordings(data, tmp_path):
    path = str(data / "records100" / "00000_lr")
    make_batch(Batch((data,), tmp_path / "warm", shard=4, batch=2))

    def run(times: int) -> int:
        listed = tmp_path / f"{times}.csv"
        listed.write_text("path\n" + f"{path}\n" * times)
        return peak(lambda: make_batch(Batch((listed,), tmp_path / str(times), shard=4, batch=2)))

    assert run(48) < 1.15 * run(8)


def test_paths_are_listed_and_read_back_a_block_at_a_time(tmp_path):
    def work(count: int) -> None:
        shards = [Shard(0, 0, 256), Shard(400, 102_400, 256), *list(shards_of(count, 256))[-2:]]
        with write_inputs(tmp_path, (f"some/folder/{i:07d}" for i in range(count))) as listed:
            assert listed["recordings"] == count
        for shard, paths in read_inputs(tmp_path, shards):
            first, last = shard.first, shard.first + shard.count - 1
            assert (paths[0], paths[-1]) == (f"some/folder/{first:07d}", f"some/folder/{last:07d}")
            assert len(paths) == shard.count

    assert peak(lambda: work(400_000)) < 1.1 * peak(lambda: work(140_000))


def command(capsys, *words: object) -> tuple[int, str]:
    with pytest.raises(SystemExit) as left:
        main(["batch", *map(str, words)])
    return int(left.value.code or 0), capsys.readouterr().err


def test_a_mistake_is_one_sentence(data, made, tmp_path, capsys):
    record = data / "records100" / "00000_lr"
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine")
    for words, said in [
        ((tmp_path / "nothing", "--out", tmp_path / "a"), "found nothing"),
        ((tmp_path / "empty", "--out", tmp_path / "b"), "at least one recording"),
        ((record, "--out", tmp_path / "c", "--labels", "FLU"), "got 'FLU'"),
        ((record, "--out", tmp_path / "d", "--workers", 0), "workers: expected 1 or more"),
        ((record, "--out", tmp_path / "full"), "holds mine.txt"),
        ((record, "--out", made), "begun with another set of options and inputs"),
        ((record, "--out", record.with_suffix(".dat")), "expected a folder"),
        ((data, "--out", tmp_path / "e", "--column", "nowhere"), "expected column nowhere"),
    ]:
        code, err = command(capsys, *words)
        lines = [line for line in err.splitlines() if line.startswith("ecglocus: ")]
        assert code == 2
        assert len(lines) == 1, err
        assert said in lines[0]
        assert "Traceback" not in err
    assert content(made)  # and a batch that was refused another list keeps its own
    assert parquet.read_table(made / "inputs.parquet").num_rows == COUNT


def test_other_code_is_refused(data, made, capsys, monkeypatch):
    monkeypatch.setattr("viewer.batch.source_hash", lambda: "1" * 64)
    code, err = command(capsys, data, "--out", made, "--shard", 3, "--batch", 2, "--maps")
    assert code == 2
    assert "begun with another version of the code" in err


def test_a_plan_that_is_spoilt_is_told(data, tmp_path, capsys):
    (tmp_path / PLAN).write_text('{"config": ')
    code, err = command(capsys, data, "--out", tmp_path)
    assert code == 2
    assert "no readable batch.json" in err


def test_without_ray_a_sentence_says_so(data, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    code, err = command(capsys, data, "--out", tmp_path / "out", "--engine", "ray")
    assert code == 2
    assert 'pip install "ecglocus[cluster]"' in err


def test_two_runs_do_not_share_a_folder(data, tmp_path, capsys):
    from viewer.batch_folder import claimed

    with claimed(tmp_path / "out"):
        code, err = command(capsys, data, "--out", tmp_path / "out")
    assert code == 2
    assert "another run is at work" in err


def test_the_folder_says_what_it_was_made_from(made):
    plan = json.loads((made / PLAN).read_text())
    assert plan["config"]["shard"] == 3
    assert {"numpy", "torch", "pyarrow"} <= plan["versions"].keys()
    assert plan["inputs"]["recordings"] == COUNT
    for name in ("list_sha256", "anatomy_sha256"):
        assert len(plan["inputs"][name]) == 64
    assert plan["inputs"]["model"] == load_model().name
