"""Fixtures that every test file may use."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch._dynamo  # noqa: F401 -- see below

from annotations import open_store
from cine_mapping.anatomy import ELECTRODES, REGIONS, SURFACES, Anatomy, Mesh
from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.beat import Beat, Fiducials, fold_evidence, fold_mean
from cine_mapping.forward.heart import VirtualHeart, reference_heart
from cine_mapping.forward.patients import Patient
from cine_mapping.forward.physiology import Physiology
from cine_mapping.modalities import average, place_along
from cine_mapping.myocardium import Myocardium
from cine_mapping.myocardium_io import load_myocardium
from cine_mapping.projection import plan_projection
from imn.explanation import Explanation
from imn.record import Record
from viewer import offscreen
from viewer.analysis import Analysis
from viewer.cluster_reading import ClusterCard, ClusterReading
from viewer.rival_reading import RivalReading

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
def anatomy() -> Anatomy:
    return load_anatomy("reference")


@pytest.fixture(scope="module")
def wall() -> Myocardium:
    """Give the ventricles of the reference anatomy as a volume."""
    return load_myocardium("reference")


@pytest.fixture(scope="module")
def heart() -> VirtualHeart:
    """Give the reference heart, ready to be excited."""
    return reference_heart()


@pytest.fixture(scope="module")
def patient(heart: VirtualHeart) -> Patient:
    return Patient(heart, Physiology())


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


@pytest.fixture
def analysis(toy, beat):
    rng = np.random.default_rng(0)
    n = len(beat.phase)
    signal = (beat.signal[:, beat.phase] + 0.05 * rng.normal(size=(12, n))).astype(np.float32)
    weights = rng.normal(size=(2, 12, n)).astype(np.float32) / n
    bias = np.array([-0.5, 0.25])
    logits = np.einsum("klt,lt->k", weights.astype(float), signal.astype(float)) + bias
    explanation = Explanation("toy", 100.0, "tiny", ("MI", "NORM"), logits, bias, weights, signal)
    evidence = fold_evidence(explanation, beat, "MI")
    shares = toy.heart.areas / toy.heart.areas.sum()
    maps = plan_projection(toy, beat).apply(evidence)
    maps["simulations"] = place_along(toy, beat, evidence, shares, "simulations")
    record = Record(signal, 100.0, "toy")
    return Analysis(record, explanation, beat, "MI", evidence, maps, average(maps), spread=shares)


@pytest.fixture
def clustered(analysis, beat):
    """The same as three clusters, each with samples of the beat, in the model's count 4, 0 and 2."""
    order = np.random.default_rng(3).integers(0, 3, len(beat.phase) // 8).repeat(8)
    course = analysis.explanation.evidence_for("MI").sum(axis=0)
    cards = tuple(
        ClusterCard(
            number,
            f"QRS {letter}",
            "QRS",
            "#336699",
            time=float((order == i).mean()),
            weight=float(course[order == i].sum()),
            waveform=np.zeros((12, 5)),
            heart=analysis.average,
        )
        for i, (number, letter) in enumerate(((4, "a"), (0, "b"), (2, "c")))
    )
    folded = fold_mean(np.eye(3)[order].T, beat).argmax(axis=0)
    return replace(analysis, clusters=ClusterReading("MI", cards, order, folded, np.full(order.shape, 0.5)))


@pytest.fixture
def rivalled(clustered, toy, beat):
    """The same with a rival of other weights, sure to a tenth of the degree."""
    said = replace(clustered.explanation, weights=0.1 * np.roll(clustered.explanation.weights, 3, axis=1))
    maps = plan_projection(toy, beat).apply(fold_evidence(said, beat, "MI"))
    rival = RivalReading("paper", "paper, own evidence", 0.5, 0.25, True, average(maps))
    return replace(clustered, rival=rival)


@pytest.fixture
def store_path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


@pytest.fixture
def store(store_path: Path):
    with open_store(store_path) as opened:
        yield opened


@pytest.fixture(scope="module")
def one_version():
    """Let the code be worked on while batches run; `test_other_code_is_refused` sees to what this hides."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("viewer.batch.source_hash", lambda: "0" * 64)
        yield
