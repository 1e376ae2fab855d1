"""Fixtures that every test file may use."""

import os
from pathlib import Path

import numpy as np
import pytest
import torch._dynamo  # noqa: F401 -- see below

from cine_mapping.anatomy import ELECTRODES, REGIONS, SURFACES, Anatomy, Mesh
from cine_mapping.beat import Beat, Fiducials
from viewer import offscreen

# torch's optimisers bring Triton, and software OpenGL brings Mesa, each with an LLVM of its own.  A process
# that has drawn a picture before it loads Triton crashes, so the tests load Triton first.


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """Folder of real recordings and anatomies, or a skip that says what is missing."""
    folder = os.environ.get("ECGLOCUS_DATA")
    if not folder:
        pytest.skip("ECGLOCUS_DATA is not set: it names the folder with ptbxl, ludb, ptbdb and anatomy")
    path = Path(folder)
    missing = [part for part in ("ptbxl", "ludb", "ptbdb", "anatomy") if not (path / part).is_dir()]
    if missing:
        pytest.skip(f"ECGLOCUS_DATA={path} lacks {', '.join(missing)}")
    return path


@pytest.fixture(scope="session")
def chromium() -> None:
    """Skip with a reason where the viewer cannot be opened in a real browser."""
    from viewer.app_component import bundle_path
    from viewer.browser_probe import browser_path

    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if browser_path() is None:
        pytest.skip("no Chromium: on Debian, apt install chromium")
    if bundle_path() is None:
        pytest.skip("the viewer's program was not built: python hatch_build.py")


@pytest.fixture(scope="module")
def browser(chromium):
    """Give a real browser."""
    from viewer.browser_probe import browsing

    with browsing() as started:
        yield started


@pytest.fixture(scope="module")
def watch():
    """Take down what goes wrong on pages, and what is asked of other hosts."""
    from viewer.browser_probe import Watch

    return Watch()


@pytest.fixture(scope="module")
def toy():
    """Ventricle of two ellipsoids around the origin, an atrium above, twelve arbitrary lead vectors."""
    import pyvista

    ball = pyvista.Icosphere(nsub=4)
    points, triangles = np.asarray(ball.points), np.asarray(ball.regular_faces)
    n = len(points)
    outer, inner = points * (40, 35, 45), points * (28, 24, 32)
    atrium = points * 18 + (0, 10, 58)
    region = np.digitize(outer[:, 2], (-15, 15)) * 6
    return Anatomy(
        name="toy",
        heart=Mesh(
            np.vstack([outer, inner, atrium]).astype(np.float32),
            np.vstack([triangles, triangles[:, ::-1] + n, triangles + 2 * n]).astype(np.int32),
        ),
        surface=np.repeat([SURFACES.index("epicardium"), 0, SURFACES.index("left atrium")], n).astype(
            np.int8
        ),
        region=np.concatenate([region, region, np.full(n, REGIONS.index("left atrium"))]).astype(np.int8),
        vessels=Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32)),
        torso=Mesh(points.astype(np.float32) * 200, triangles.astype(np.int32)),
        electrodes=np.zeros((len(ELECTRODES), 3), np.float32),
        lead_vectors=np.ones((12, 3 * n, 3), np.float32),
        origin="two ellipsoids and a ball",
    )


@pytest.fixture(scope="module")
def opengl():
    """Skip where this machine cannot draw."""
    offscreen.rendering_problem.cache_clear()
    problem = offscreen.rendering_problem()
    if problem:
        pytest.skip(problem)


@pytest.fixture
def beat():
    signal = np.zeros((12, 80), np.float32)
    signal[:, 28:32] = 0.5
    peaks = np.array([100, 200, 300])
    return Beat(
        fs=100.0, signal=signal, r_peak=30, fiducials=Fiducials(26, 36, 56, 64), r_peaks=peaks,
        kept=np.ones(3, bool), phase=np.arange(400, dtype=np.int32) % 80,
    )  # fmt: skip
