"""What the guides show works as it stands there."""

import importlib.metadata
import json
import re
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import pyvista
import torch

import imn.formats
from imn import Record, read_record
from imn.errors import InputError
from imn.leads import LEADS
from imn.storage import load_members
from tests import test_formats
from tests.synthetic import ecg
from tests.tiny_ptbxl import write_ptbxl
from viewer.cli import main
from viewer.offscreen import rendering_problem

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
RESULTS = sorted(path.stem for path in (DOCS / "results").glob("*.md"))


def blocks(page: str, section: str = "") -> list[str]:
    """The Python of a page, or of one section of it."""
    text = (DOCS / page).read_text(encoding="utf-8")
    if section:
        text = text.split(f"\n## {section}\n")[1].split("\n## ")[0]
    return re.findall(r"```python.*?\n(.*?)```", text, flags=re.DOTALL)


@pytest.fixture
def record() -> Record:
    return Record(ecg(250.0, np.arange(0.5, 4, 0.8), 4.0).astype(np.float32), 250.0, "synthetic")


@pytest.fixture
def formats_as_they_were():
    kept = list(imn.formats.__path__)
    yield
    imn.formats.__path__[:] = kept
    sys.modules.pop("imn.formats.twelve_lines", None)


def conformance() -> list[Callable[..., None]]:
    """What every format is asked."""
    held = [held for name, held in vars(test_formats).items() if name.startswith("test_")]
    return [check for check in held if "write" in str(getattr(check, "pytestmark", ""))]


def test_a_format(record, tmp_path, monkeypatch, formats_as_they_were):
    monkeypatch.chdir(tmp_path)
    module, use, writer = blocks("extending.md", "A format")
    Path("my_formats").mkdir()
    Path("my_formats/twelve_lines.py").write_text(module)
    rows = [f"{lead} {' '.join(map(str, row))}" for lead, row in zip(LEADS, record.signal, strict=True)]
    Path("patient.lines").write_text("\n".join(["250", *rows]))
    names: dict[str, Any] = {}
    exec(use, names)
    np.testing.assert_array_equal(names["record"].signal, record.signal)
    Path("patient.lines").write_text("I one two")
    with pytest.raises(InputError, match="expected twelve lines of numbers"):
        read_record("patient.lines")
    exec(writer, names)
    checks = conformance()
    assert len(checks) >= 8
    for i, check in enumerate(checks):
        folder = tmp_path / str(i)
        folder.mkdir()
        signal = np.round(ecg(test_formats.FS, np.arange(0.5, 4, 0.8), 4.0), 3)
        check(tmp_path=folder, signal=signal, write=names["write_lines"])


def test_an_anatomy(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    (example,) = blocks("extending.md", "An anatomy")
    exec(example, names)
    mine = names["load_anatomy"]("mine.npz")
    assert mine.name == "mine"
    grown = mine.heart.areas[mine.ventricles].sum()
    usual = names["reference"].heart.areas[names["reference"].ventricles].sum()
    assert grown == pytest.approx(1.21 * usual, rel=0.01)
    assert "error" not in capsys.readouterr().out


def test_a_model(record):
    names: dict[str, Any] = {"record": record}
    for block in blocks("extending.md", "A model")[:2]:
        exec(block, names)
    opened = names["analysis"].explanation.evidence_for("STTC")
    assert np.abs(opened).max(axis=1)[LEADS.index("V2")] > 0
    assert not opened[LEADS.index("II")].any()


def test_a_network_to_be_trained(tmp_path, monkeypatch):
    """The guide's module and the entries of its table, but for the epochs, which would take long."""
    from imn import recipe, rivals
    from imn.attribution import subjects

    module = blocks("extending.md", "A model")[2]
    (tmp_path / "one_layer.py").write_text(module)
    monkeypatch.setattr(rivals, "__path__", [*rivals.__path__, str(tmp_path)])
    page = (DOCS / "extending.md").read_text(encoding="utf-8")
    entries = dict(re.findall(r"^\| `(\w+)` of `imn/.*?` \| `(.*?)` \|", page, re.MULTILINE))
    (where,) = eval("{" + entries["_CLASSES"] + "}").values()
    needs = eval("{" + entries["OWN_NEEDS"] + "}")["one_layer"] | {"epochs": 1, "n_crop": 200, "batch": 4}
    subject = eval(entries["SUBJECTS"], vars(subjects))
    monkeypatch.setattr(rivals, "RIVALS", {**rivals.RIVALS, "one_layer": rivals._builder(*where)})
    monkeypatch.setattr(recipe, "OWN_NEEDS", {**recipe.OWN_NEEDS, "one_layer": needs})
    monkeypatch.setattr(subjects, "SUBJECTS", (*subjects.SUBJECTS, subject))
    data = write_ptbxl(tmp_path / "data", [fold for fold in (1, 7, 8, 9) for _ in range(5)])
    with pytest.raises(SystemExit) as left:
        main(
            [
                "train",
                "--data",
                str(data),
                "--out",
                str(tmp_path / "run"),
                "--model",
                "one_layer",
                "--members",
                "1",
            ]
        )
    assert left.value.code == 0
    stored = load_members(tmp_path / "run" / "one_layer.safetensors")
    assert type(stored.members[0]).__name__ == "OneLayer"
    logits = stored.members[0](torch.zeros(2, 12, 500))
    assert logits.shape == (2, len(stored.classes))
    trained = {config.name for config in subjects.configs(data, tmp_path / "models")}
    assert "one_layer" in trained


def test_a_mapping(record):
    from cine_mapping.anatomy import REGIONS
    from imn import explain

    names: dict[str, Any] = {"explanation": explain(record)}
    for block in blocks("extending.md", "A mapping"):
        exec(block, names)
    held = np.abs(names["shares"])
    at = names["anatomy"].region == REGIONS.index("mid inferior")
    assert held[at].sum() > 0.9


@pytest.mark.skipif(rendering_problem() is not None, reason=str(rendering_problem()))
def test_the_quick_start(record, tmp_path, monkeypatch):
    np.savez(tmp_path / "patient.npz", signal=record.signal, fs=record.fs, leads=np.array(LEADS), unit="mV")
    monkeypatch.chdir(tmp_path)
    shortest, stepwise = blocks("quickstart.md")
    assert len(shortest.strip().splitlines()) <= 6
    names: dict[str, Any] = {}
    exec(shortest.replace(".show()", ""), names)
    assert isinstance(names["heart_map"].plot(), pyvista.Plotter)
    average = names["heart_map"]
    exec(stepwise, names)
    np.testing.assert_allclose(names["heart_map"].values, average.values)
    k = names["explanation"].classes.index("MI")
    whole = names["explanation"].logits[k] - names["explanation"].bias[k]
    assert names["heart_map"].total == pytest.approx(whole, abs=1e-6)


def test_the_version_is_said_once():
    version = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"]
    assert importlib.metadata.version("ecglocus") == version
    assert re.findall(r"^version: (.*)$", (ROOT / "CITATION.cff").read_text(), re.MULTILINE) == [version]
    assert re.findall(r"^## \[(\d.*?)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)[0] == version
    assert json.loads((ROOT / "viewer/js/package.json").read_text())["version"] == version


@pytest.mark.parametrize("page", ["model-card.md", "data.md", "index.md", "quickstart.md"])
def test_every_figure_that_a_page_quotes_stands_in_the_results_it_names(page):
    rows = [line for line in (DOCS / page).read_text(encoding="utf-8").splitlines() if "](results/" in line]
    assert rows or page != "model-card.md"
    for row in rows:
        named = re.findall(r"\]\(results/(\w+)\.md\)", row)
        assert set(named) <= set(RESULTS)
        held = " ".join((DOCS / "results" / f"{name}.md").read_text(encoding="utf-8") for name in named)
        for figure in re.findall(r"(?<![\w.])\d+\.\d{2,3}(?![\w.])", row):
            assert re.search(rf"(?<![\d.]){re.escape(figure)}0?(?!\d)", held), f"{page}: {figure} in {named}"


def test_the_way_to_ten_million_follows_from_the_measurement():
    measured = json.loads((DOCS / "results" / "speed.json").read_text())["headline"]
    page = (DOCS / "batch.md").read_text(encoding="utf-8")
    rate = measured["records_per_second"]["value"] / 2
    hours = 1e7 / rate / 3600
    clock = measured["records_per_second_by_the_clock"]["value"]
    for words in (
        f"| {rate:.0f} | {hours:.0f} core-hours | {hours / 64:.1f} h |",
        f"it costs {0.05 * hours:.1f}.",
        f"{clock:.0f} a second on both",
        f"{measured['pipeline_over_floors']['value']:.1f} times (floors",
        f"take {measured['projection_over_matmul']['value']:.2f} times their matrix products",
    ):
        assert words in page, words
