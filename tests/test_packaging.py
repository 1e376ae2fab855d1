"""What is published: a source distribution, the wheel built from it, and that the wheel finds its files."""

import importlib.util
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("imn", "cine_mapping", "annotations", "viewer")
HELD = (
    "annotations/schema.json",
    "cine_mapping/anatomies/reference.npz",
    "cine_mapping/anatomies/reference_inner.npz",
    "cine_mapping/anatomies/reference_myocardium.npz",
    "cine_mapping/operators/decoders.npz",
    "cine_mapping/operators/statements.npz",
    "imn/clusters/shipped.npz",
    "imn/electrode_interchange.json",
    "imn/weights/ecglocus.json",
    "imn/weights/ecglocus.safetensors",
    "viewer/report_template.html",
)
OF_RECORDINGS = (
    ".hea",
    ".dat",
    ".atr",
    ".mat",
    ".edf",
    ".dcm",
    ".csv",
    ".ply",
    ".glb",
    ".sqlite",
    ".parquet",
)
LARGEST_MB = 20
READ_ALL = """
import sys
from importlib.metadata import version
import annotations, cine_mapping, imn, viewer
home = sys.argv[1]
assert all(part.__file__.startswith(home) for part in (annotations, cine_mapping, imn, viewer)), imn.__file__
from annotations import Annotation, read_annotations, write_annotations
from cine_mapping import load_anatomy
from cine_mapping.inner_surfaces import load_inner
from cine_mapping.myocardium_io import load_myocardium
from cine_mapping.operators.learned import shipped_decoder
from cine_mapping.operators.statements import shipped_statements
from imn import load_model
load_anatomy("reference"), load_myocardium("reference"), load_inner()
shipped_decoder("network"), shipped_statements()
from imn.plotting import drawing_of
for kind in ("record", "explanation", "heart_map", "polydata"):
    assert drawing_of(kind).__code__.co_filename.startswith(home), kind
write_annotations("marks.json", [Annotation("r", "a", ())])
assert len(read_annotations("marks.json")) == 1
print(version("ecglocus"), load_model().name)
"""


@dataclass(frozen=True)
class Built:
    """Both files of a release and what is in them."""

    wheel: Path
    in_wheel: dict[str, int]
    in_source: dict[str, int]


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> Built:
    if importlib.util.find_spec("hatchling") is None:
        pytest.skip('hatchling is not there: pip install "ecglocus[test]"')
    folder = tmp_path_factory.mktemp("dist")

    def build(source: Path, target: str) -> Path:
        command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
        # Nothing may be fetched: what is not built already is left out.
        offline = {**os.environ, "npm_config_offline": "true", "SOURCE_DATE_EPOCH": "1700000000"}
        subprocess.run(command, cwd=source, env=offline, check=True, capture_output=True)
        return next(folder.glob("*.tar.gz" if target == "sdist" else "*.whl"))

    with tarfile.open(build(ROOT, "sdist")) as archive:
        in_source = {m.name.split("/", 1)[1]: m.size for m in archive.getmembers() if m.isfile()}
        archive.extractall(folder, filter="data")
    wheel = build(next(path for path in folder.iterdir() if path.is_dir()), "wheel")
    with zipfile.ZipFile(wheel) as archive:
        in_wheel = {entry.filename: entry.file_size for entry in archive.infolist()}
    return Built(wheel, in_wheel, in_source)


def test_the_wheel_is_for_any_machine_and_small(built):
    assert re.fullmatch(r"ecglocus-[\d.]+-py3-none-any\.whl", built.wheel.name)
    assert built.wheel.stat().st_size < LARGEST_MB * 1e6


def test_both_hold_every_module_and_what_modules_read(built):
    modules = {
        path.relative_to(ROOT).as_posix()
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if "node_modules" not in path.parts
    }
    for held in (built.in_wheel, built.in_source):
        assert modules <= set(held)
        assert all(held.get(name, 0) > 100 for name in HELD), [name for name in HELD if name not in held]


def test_every_file_that_is_not_code_is_one_that_is_meant(built):
    others = {name for name in built.in_wheel if not name.endswith(".py") and ".dist-info/" not in name}
    assets = {name for name in others if re.fullmatch(r"viewer/assets/(view-\w{12}\.js|LEGAL\.txt)", name)}
    assert others - assets == set(HELD)


def test_the_program_of_the_browser_is_in_both_where_it_was_built(built):
    bundles = [path.name for path in (ROOT / "viewer" / "assets").glob("view-*.js")]
    if not bundles:
        pytest.skip("the bundle was not built: run python hatch_build.py")
    for held in (built.in_wheel, built.in_source):
        assert [name for name in held if "/view-" in name] == [f"viewer/assets/{bundles[0]}"]


def test_the_source_distribution_holds_sources_only(built):
    tops = {name.split("/")[0] for name in built.in_source}
    known = {*PACKAGES, "tests", "README.md", "CHANGELOG.md", "CITATION.cff", "LICENSE"}
    assert tops <= known | {"hatch_build.py", "pyproject.toml", "PKG-INFO", ".gitignore"}
    for name in built.in_source:
        assert "node_modules" not in name
        assert "__pycache__" not in name
        assert Path(name).suffix.lower() not in OF_RECORDINGS, name
    assert {"viewer/js/build.mjs", "viewer/js/package-lock.json", "viewer/js/src/view.js"} <= set(
        built.in_source
    )


def test_the_wheel_alone_finds_its_files(built, tmp_path):
    with zipfile.ZipFile(built.wheel) as archive:
        archive.extractall(tmp_path / "wheel")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path / "wheel")}
    command = [sys.executable, "-W", "ignore", "-c", READ_ALL, str(tmp_path / "wheel")]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert re.match(r"0\.\d+\.\d+ ecglocus-[0-9a-f]{12}", done.stdout)
