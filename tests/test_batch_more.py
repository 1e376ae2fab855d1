"""What a batch gives on request: columns as of the recording alone; a Zarr store that loses nothing."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pyarrow import parquet

from cine_mapping.anatomy import REGIONS
from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.modalities import TAUGHT, average
from cine_mapping.reference_beat import from_card
from imn.clusters.sequence import shipped_clusters
from imn.errors import InputError
from imn.formats import read_record
from imn.model import load_model
from tests.tiny_ptbxl import write_ptbxl
from viewer.analysis import Analysis, analyse
from viewer.batch import make_batch
from viewer.batch_folder import PLAN
from viewer.batch_maps import read_maps
from viewer.batch_more import More, further_columns
from viewer.cli import main
from viewer.cli_batch import Batch
from viewer.cli_told import ToldOptions

zarr = pytest.importorskip("zarr", reason='Zarr is not installed (pip install "ecglocus[test]")')
COUNT, ALL = 7, {"statements": True, "credible": True, "spread": True, "clusters": True}
pytestmark = pytest.mark.usefixtures("one_version")


@pytest.fixture(scope="module")
def data(tmp_path_factory) -> Path:
    root = write_ptbxl(tmp_path_factory.mktemp("data") / "ptbxl", [1] * COUNT)
    (root / "records100" / "00004_lr.dat").unlink()
    return root


@pytest.fixture(scope="module")
def plain(data, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("plain") / "out"
    make_batch(Batch((data,), out, shard=3, batch=2, maps="npz", labels=("MI",)))
    return out


@pytest.fixture(scope="module")
def more(data, tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("more") / "out"
    asked = {"reference": "median-beat", "labels": ("MI", "1AVB"), **ALL}
    make_batch(Batch((data,), out, shard=3, batch=2, maps="zarr", **asked))
    return out


@pytest.fixture(scope="module")
def alone(more) -> Analysis:
    """The second recording by itself, with all that can be asked for."""
    model, row = load_model(), rows(more)[2]
    reference = from_card(model.card)
    asked = {"statements": True, "spread": True, "clusters": True, "reference": reference, "target": "MI"}
    return analyse(read_record(row["path"]), model, load_anatomy("reference"), **asked)


def rows(out: Path) -> list[dict]:
    return parquet.read_table(out / "records").to_pylist()


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_without_asking_the_columns_are_the_usual_ones(plain):
    assert further_columns(More()) == []
    usual, config = rows(plain)[0], json.loads((plain / PLAN).read_text())["config"]
    assert TAUGHT not in usual["regions"]
    assert config["maps"] is True
    assert config.keys() == {"command", "inputs", "labels", "maps", "batch", "shard"}


def test_maps_and_reference_are_those_of_the_recording_alone(more, alone):
    row = rows(more)[2]
    k = alone.explanation.classes.index("MI")
    assert row["logit"] == pytest.approx(alone.explanation.logits[k], abs=2e-5)
    assert row["bias"] == pytest.approx(alone.explanation.bias[k], abs=2e-5)
    assert row["constant"] == pytest.approx(alone.explanation.constant[k], abs=2e-5)
    assert row["bias"] != row["constant"]
    assert row["conservation_error"] < 1e-9
    from cine_mapping.shares import region_shares

    for name, heart_map in {**alone.maps, "average": alone.average}.items():
        assert row["regions"][name] == pytest.approx(
            region_shares(heart_map, alone.average.anatomy), abs=1e-4
        )
    assert TAUGHT in alone.maps


def test_credible_region_and_spread_are_those_of_the_recording_alone(more, alone):
    row, anatomy = rows(more)[2], alone.average.anatomy
    found = row["credible"]
    assert (found["family"], found["stands_out"]) == (alone.credible.family, alone.credible.stands_out)
    assert found["share"] == pytest.approx(alone.credible.share, abs=1e-4)
    areas = anatomy.heart.areas
    for i, name in enumerate(REGIONS):
        inside = anatomy.region == i
        part = areas[inside & alone.credible.region].sum() / areas[inside].sum()
        assert found["regions"][name] == pytest.approx(part, abs=1e-3)
    whole = alone.average.supporting.sum() - alone.average.opposing.sum()
    assert row["spread"]["share"] == pytest.approx(alone.spread.sum() / whole, rel=1e-3)
    # Standard deviations of sums are at most sums of standard deviations.
    for i, name in enumerate(REGIONS):
        assert 0 < row["spread"]["regions"][name] <= alone.spread[anatomy.region == i].sum() + 1e-6


def test_clusters_share_out_time_and_logit(more, alone):
    assert shipped_clusters(load_model()) is not None
    for row in rows(more):
        assert sum(one["time"] for one in row["clusters"]) == pytest.approx(1, abs=1e-5)
        weights = sum(one["weight"] for one in row["clusters"])
        assert weights == pytest.approx(row["logit"] - row["bias"], abs=1e-4)
    cards = {card.number: (card.wave, card.time, card.weight) for card in alone.clusters.cards}
    own = {one["number"]: (one["wave"], one["time"], one["weight"]) for one in rows(more)[2]["clusters"]}
    assert own.keys() == cards.keys()
    for number, (wave, time, weight) in cards.items():
        assert own[number][0] == wave
        assert own[number][1:] == pytest.approx((time, weight), abs=1e-4)


def test_what_nothing_is_known_of_is_left_empty(more):
    row = rows(more)[3]
    assert row["label"] == "1AVB"
    assert row["credible"] is None
    assert row["regions"][TAUGHT] is None


def test_maps_come_back_from_zarr_as_from_numpy(data, plain, more, alone, tmp_path):
    anatomy = load_anatomy("reference")
    make_batch(Batch((data,), tmp_path / "out", shard=3, batch=2, maps="zarr", labels=("MI",)))
    for row in rows(plain):
        kept = read_maps(plain, row["number"], "MI", anatomy)
        stored = read_maps(tmp_path / "out", row["number"], "MI", anatomy)
        assert kept.keys() == stored.keys()
        for name, heart_map in kept.items():
            for part in ("basis", "positive", "negative"):
                np.testing.assert_array_equal(getattr(heart_map, part), getattr(stored[name], part))
    maps = read_maps(more, rows(more)[2]["number"], "MI", anatomy)
    for name, heart_map in {**maps, "average": average(maps)}.items():
        own = {**alone.maps, "average": alone.average}[name].values
        np.testing.assert_allclose(heart_map.values, own, atol=5e-5 * np.abs(own).max())


def test_the_store_is_opened_by_zarr_itself(more, tmp_path):
    from viewer.batch_zarr import maps_of, open_store

    anatomy, row = load_anatomy("reference"), rows(more)[-1]
    root = zarr.open(more / "maps.zarr", mode="r")
    assert sorted(root.group_keys()) == ["000000", "000001", "000002"]
    group = zarr.open(more / "maps.zarr" / "000002", mode="r")
    assert group["number"][:].tolist() == [6, 6]
    for opened in (root, group):
        maps = maps_of(opened, row["number"], row["label"], anatomy)
        assert maps["leads"].total == pytest.approx(row["logit"] - row["bias"], abs=1e-4)
    for number, label in ((4, "MI"), (6, "CD"), (99, "MI")):
        with pytest.raises(InputError, match=f"recording {number} for {label}"):
            maps_of(root, number, label, anatomy)
    with pytest.raises(InputError, match="found none"):
        maps_of(zarr.open(tmp_path / "nothing", mode="w"), 0, "MI", anatomy)
    older = zarr.open_group(tmp_path / "older", mode="w", zarr_format=2)  # could hold pickles
    with pytest.raises(InputError, match="of format 3 is read, this is of format 2"):
        maps_of(older, 0, "MI", anatomy)
    with pytest.raises(InputError, match="expected a Zarr store"):
        open_store(tmp_path / "older")


def test_maps_of_a_mapping_of_ones_own_come_back_too(alone):
    from dataclasses import replace

    from cine_mapping.modalities import plan_modalities
    from viewer.batch_maps import factors_of, maps_from

    maps, anatomy = dict(alone.maps), alone.average.anatomy
    maps["as shares"] = replace(maps[TAUGHT], modality="as shares")
    maps["of its own"] = replace(maps["leads"], modality="of its own")
    back = maps_from(factors_of(maps, plan_modalities(anatomy, alone.beat)), "MI", anatomy)
    assert list(back) == list(maps)
    for name, heart_map in maps.items():
        np.testing.assert_allclose(
            back[name].values, heart_map.values, atol=1e-5 * np.abs(heart_map.values).max()
        )
        assert back[name].modality == name


@pytest.mark.parametrize("kind", ["npz", "zarr"])
def test_damaged_maps_and_another_heart_are_told_in_a_sentence(data, tmp_path, kind):
    from dataclasses import replace

    out, anatomy = tmp_path / "out", load_anatomy("reference")
    make_batch(Batch((data,), out, shard=3, maps=kind, labels=("MI",)))
    moved = replace(anatomy.heart, points=anatomy.heart.points + 1)
    other = replace(anatomy, name="other", heart=moved)
    with pytest.raises(InputError, match="made on, got other"):
        read_maps(out, 0, "MI", other)
    spoilt = [path for path in (out / "maps", out / "maps.zarr" / "000000" / "values") if path.exists()]
    files = [path for folder in spoilt for path in folder.rglob("*") if path.is_file()]
    for path in files:
        whole = path.read_bytes()
        for raw in (whole[: len(whole) // 2], b"", whole[:40] + bytes(60) + whole[100:]):
            path.write_bytes(raw)
            try:
                read_maps(out, 0, "MI", anatomy)
            except InputError as mistake:
                assert "\n" not in str(mistake)
        path.write_bytes(whole[: len(whole) // 2])
    with pytest.raises(InputError):
        read_maps(out, 0, "MI", anatomy)


def test_the_guide_reads_maps_back_as_it_shows(data, tmp_path, monkeypatch):
    page = (Path(__file__).parents[1] / "docs" / "batch.md").read_text(encoding="utf-8")
    (example,) = [
        block for block in re.findall(r"```python\n(.*?)```", page, re.DOTALL) if "read_maps" in block
    ]
    monkeypatch.chdir(tmp_path)
    make_batch(Batch((data,), Path("all"), shard=3, maps="zarr", labels=("MI",)))
    names: dict[str, Any] = {}
    exec(example.replace('maps["leads"].plot()', 'first = maps["leads"]'), names)
    np.testing.assert_array_equal(names["first"].values, names["maps"]["leads"].values)


def test_killed_at_random_moments_the_store_loses_nothing(data, tmp_path):
    made = tmp_path / "made"
    asked = {"shard": 3, "batch": 2, "maps": "zarr"}
    make_batch(Batch((data,), made, **asked))
    script = Path(__file__).with_name("batch_under_fire.py")
    environment = os.environ | {"PYTHONPATH": str(script.parent.parent), "OMP_NUM_THREADS": "1"}
    run = [sys.executable, "-W", "ignore", str(script), str(data), str(tmp_path / "out"), "1", "zarr"]
    done = subprocess.run(run, capture_output=True, text=True, env=environment, timeout=300)
    ends = [int(word) for word in done.stdout.splitlines()[-1].split()]
    assert ends[-1] == 0, done.stderr
    assert ends.count(-signal.SIGKILL) >= 3  # else it was never caught at work
    for part in ("records", "maps.zarr"):
        assert content(tmp_path / "out" / part) == content(made / part)


def test_a_store_that_is_not_whole_is_made_whole(data, tmp_path):
    import shutil

    asked = {"shard": 3, "batch": 2, "maps": "zarr", "labels": ("MI",)}
    make_batch(Batch((data,), tmp_path / "made", **asked))
    out = shutil.copytree(tmp_path / "made", tmp_path / "out")
    shutil.rmtree(out / "maps.zarr" / "000000")
    (out / "maps.zarr" / "zarr.json").unlink()
    (out / "records" / "000002.parquet").unlink()
    (out / "maps.zarr" / ".writing-left").mkdir()
    assert make_batch(Batch((data,), out, **asked))["new"] == 4
    for part in ("records", "maps.zarr"):
        assert content(out / part) == content(tmp_path / "made" / part)


def test_tables_that_state_little_are_told_the_rest(tmp_path):
    from imn.leads import LEADS
    from tests.synthetic import ecg

    signal = ecg(250.0, np.arange(0.5, 4, 0.8), 4.0).astype(np.float32)
    np.save(tmp_path / "bare.npy", signal)
    listed = tmp_path / "list.csv"
    listed.write_text("path\nbare.npy\n")
    told = ToldOptions(fs=250.0, unit="mV", leads=LEADS)
    assert make_batch(Batch((listed,), tmp_path / "told", told=told))["explained"] == 1
    assert make_batch(Batch((listed,), tmp_path / "untold"))["failed"] == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [(["--maps", "tar"], "invalid choice"), (["--reference", "zero"], "invalid choice")],
)
def test_a_choice_that_is_none_is_refused(data, tmp_path, capsys, words, said):
    with pytest.raises(SystemExit) as left:
        main(["batch", str(data), "--out", str(tmp_path / "out"), *words])
    assert left.value.code == 2
    assert said in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_without_zarr_a_sentence_says_so(data, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "zarr", None)
    with pytest.raises(SystemExit) as left:
        main(["batch", str(data), "--out", str(tmp_path / "out"), "--maps", "zarr"])
    assert left.value.code == 2
    assert 'pip install "ecglocus[zarr]"' in capsys.readouterr().err
