"""The JavaScript bundle: locked packages, a build that says why it failed, one file that loads nothing."""

import importlib.util
import json
import os
import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
JS = ROOT / "viewer" / "js"


@pytest.fixture
def hatch_build():
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_package_is_locked_by_its_sum_at_the_public_registry():
    packages = json.loads((JS / "package-lock.json").read_text())["packages"]
    named = {name: entry for name, entry in packages.items() if name}
    assert {"node_modules/three", "node_modules/esbuild"} <= set(named)
    for name, entry in named.items():
        assert entry["resolved"].startswith("https://registry.npmjs.org/"), name
        assert entry["integrity"].startswith("sha512-"), name


def test_an_old_node_or_none_is_not_used(hatch_build, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert hatch_build.find_node() is None
    for name, words in (("node", "v16.20.0"), ("npm", "8")):
        (tmp_path / name).write_text(f"#!/bin/sh\necho {words}\n")
        (tmp_path / name).chmod(0o755)
    assert hatch_build.find_node() is None
    (tmp_path / "node").write_text("#!/bin/sh\necho v18.0.0\n")
    node, npm = hatch_build.find_node()
    assert (node.name, Path(npm[0]).name) == ("node", "npm")


def test_without_node_one_sentence_says_what_is_needed(hatch_build, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(hatch_build.BundleError, match="node 18 or later"):
        hatch_build.build()


def test_what_is_up_to_date_is_not_built_again(hatch_build, monkeypatch, tmp_path):
    monkeypatch.setattr(hatch_build, "ROOT", tmp_path)
    monkeypatch.setattr(hatch_build, "SOURCES", tmp_path / "viewer" / "js")
    source, bundle = tmp_path / "viewer/js/src/view.js", tmp_path / "viewer/assets/view-0123456789ab.js"
    for path in (bundle, source, tmp_path / "viewer/js/package-lock.json", tmp_path / "viewer/js/build.mjs"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        os.utime(path, (1, 1))
    assert hatch_build.up_to_date()
    os.utime(source, (2, 2))
    assert not hatch_build.up_to_date()
    (tmp_path / "PKG-INFO").touch()
    assert hatch_build.up_to_date()
    bundle.unlink()
    assert not hatch_build.up_to_date()


def test_a_failed_build_goes_on_unless_the_bundle_is_required(hatch_build, monkeypatch):
    warnings = []
    hook = hatch_build.CustomBuildHook.__new__(hatch_build.CustomBuildHook)
    application = type("Application", (), {"display_warning": lambda _, words: warnings.append(words)})()
    for name, value in (("target_name", "wheel"), ("app", application)):
        monkeypatch.setattr(hatch_build.CustomBuildHook, name, value, raising=False)

    def fails():
        msg = "no registry"
        raise hatch_build.BundleError(msg)

    monkeypatch.setattr(hatch_build, "build", fails)
    monkeypatch.setattr(hatch_build, "up_to_date", lambda: False)
    monkeypatch.delenv(hatch_build.REQUIRE, raising=False)
    hook.initialize("standard", {})
    assert len(warnings) == 1
    assert "no registry" in warnings[0]
    monkeypatch.setenv(hatch_build.REQUIRE, "1")
    with pytest.raises(hatch_build.BundleError):
        hook.initialize("standard", {})


def test_the_bundle_is_one_file_that_loads_nothing():
    bundles = sorted((ROOT / "viewer" / "assets").glob("view-*.js"))
    if not bundles:
        pytest.skip("the bundle was not built: run python hatch_build.py")
    (bundle,) = bundles
    code = bundle.read_text(encoding="utf-8")
    assert len(code) < 1_000_000
    assert not re.search(r"\bimport\s*[({*\"']|@import|importScripts|new Worker", code)
    assert (bundle.parent / "LEGAL.txt").read_text().count("MIT")


def test_the_build_removes_older_bundles(hatch_build):
    if shutil.which("node") is None or not (JS / "node_modules").is_dir():
        pytest.skip("node or viewer/js/node_modules is not there: run python hatch_build.py")
    assets = ROOT / "viewer" / "assets"
    old = assets / "view-000000000000.js"
    old.write_text("old")
    node, npm = hatch_build.find_node()
    hatch_build._run([*npm, "run", "build"], {"PATH": f"{node.parent}:/usr/bin:/bin"})
    assert not old.exists()
    assert len(list(assets.glob("view-*.js"))) == 1
