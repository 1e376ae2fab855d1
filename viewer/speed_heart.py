"""A made-up heart of 10,000 vertices and a beat of 1,000 samples, to time projections on."""

import numpy as np

from cine_mapping.anatomy import ELECTRODES, REGIONS, SURFACES, Anatomy, Mesh
from cine_mapping.beat import Beat, Evidence, Fiducials

SAMPLES = 1000


def large_case() -> tuple[Anatomy, Beat, Evidence]:
    """Give an anatomy of 10,248 vertices, a beat at 1000 Hz, and evidence on it drawn at random."""
    rng = np.random.default_rng(0)
    signal = (0.2 * rng.normal(size=(12, SAMPLES))).astype(np.float32)
    beat = Beat(
        fs=1000.0,
        signal=signal,
        r_peak=360,
        fiducials=Fiducials(320, 420, 640, 720, 180, 270),
        r_peaks=np.array([360]),
        kept=np.ones(1, bool),
        phase=np.arange(SAMPLES, dtype=np.int32),
    )
    leads = rng.normal(size=(12, SAMPLES))
    return _heart(), beat, Evidence("MI", leads, 0.3 * leads[:3])


def _heart() -> Anatomy:
    """Epicardium and both endocardia as balls in each other, and a ball above for an atrium."""
    import pyvista

    ball = pyvista.Icosphere(nsub=4)
    points, triangles = np.asarray(ball.points), np.asarray(ball.regular_faces)
    n, names = len(points), ("epicardium", "LV endocardium", "RV endocardium", "left atrium")
    sizes = ((40, 35, 45), (28, 24, 32), (20, 17, 23), (18, 18, 18))
    layers = [
        points * size + (0, 0, 60.0 * (name == "left atrium"))
        for size, name in zip(sizes, names, strict=True)
    ]
    region = np.repeat([0, 6, 18, REGIONS.index("left atrium")], n).astype(np.int8)
    vectors = np.random.default_rng(1).normal(size=(12, 4 * n, 3)).astype(np.float32)
    faces = [triangles[:, ::-1] if "endo" in name else triangles for name in names]
    return Anatomy(
        name="balls",
        heart=Mesh(
            np.vstack(layers).astype(np.float32),
            np.vstack([face + i * n for i, face in enumerate(faces)]).astype(np.int32),
        ),
        surface=np.repeat([SURFACES.index(name) for name in names], n).astype(np.int8),
        region=region,
        vessels=Mesh(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32)),
        torso=Mesh((points * 200).astype(np.float32), triangles.astype(np.int32)),
        electrodes=np.zeros((len(ELECTRODES), 3), np.float32),
        lead_vectors=vectors,
        origin="balls",
    )
