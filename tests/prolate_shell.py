"""Hearts for tests: the wall between two spheroids with its exact fields, and the reference made another."""

import dataclasses

import numpy as np

from cine_mapping.myocardium import EPICARDIUM, INSIDE, LV_ENDOCARDIUM, Myocardium
from cine_mapping.reference.split import split
from cine_mapping.stiffness import FiniteElements
from cine_mapping.ventricular_coordinates import make_myocardium

FOCUS_MM, INNER, OUTER, BASE_ANGLE = 45.0, 0.55, 0.75, np.deg2rad(110)


@dataclasses.dataclass(frozen=True, eq=False)
class Shell:
    """Wall between two confocal prolate spheroids, cut off at a hyperboloid, apex downwards."""

    elements: FiniteElements
    spheroid: np.ndarray
    latitude: np.ndarray
    longitude: np.ndarray

    @property
    def inner(self) -> np.ndarray:
        return self.spheroid == INNER

    @property
    def outer(self) -> np.ndarray:
        return self.spheroid == OUTER

    @property
    def exact_depth(self) -> np.ndarray:
        """Laplace's equation in these coordinates depends on the spheroid alone."""
        low, high, here = (np.log(np.tanh(x / 2)) for x in (INNER, OUTER, self.spheroid))
        return (here - low) / (high - low)

    @property
    def around(self) -> np.ndarray:
        """Counter-clockwise seen from the base."""
        zero = np.zeros_like(self.longitude)
        return np.stack([-np.sin(self.longitude), np.cos(self.longitude), zero], axis=1)


def make_shell(focus: float = FOCUS_MM, steps: tuple[int, int, int] = (4, 22, 32)) -> Shell:
    deep, high, round_ = steps
    mu, nu, phi = np.meshgrid(
        np.linspace(INNER, OUTER, deep + 1),
        np.linspace(0, BASE_ANGLE, high + 1),
        2 * np.pi * np.arange(round_) / round_,
        indexing="ij",
    )
    number = np.arange(mu.size).reshape(mu.shape)
    number[:, 0] = number[:, 0, :1]
    number = np.concatenate([number, number[..., :1]], axis=2)[..., ::-1]
    ends = (slice(-1), slice(1, None))
    cells = np.stack([number[a, b, c].ravel() for a in ends for b in ends for c in ends], axis=1)
    used, cells = np.unique(cells, return_inverse=True)
    mu, nu, phi = (v.ravel()[used] for v in (mu, nu, phi))
    radius = focus * np.sinh(mu) * np.sin(nu)
    points = np.stack([radius * np.cos(phi), radius * np.sin(phi), -focus * np.cosh(mu) * np.cos(nu)], axis=1)
    return Shell(FiniteElements(points, split(cells.reshape(-1, 8))), mu, nu, phi)


def shell_heart(shell: Shell, name: str) -> Myocardium:
    """The shell as a left ventricle with its own coordinates."""
    count = len(shell.longitude)
    return Myocardium(
        points=shell.elements.points.astype(np.float32),
        tetrahedra=shell.elements.tetrahedra.astype(np.int32),
        surface=np.select([shell.inner, shell.outer], [LV_ENDOCARDIUM, EPICARDIUM], INSIDE).astype(np.int8),
        apicobasal=(shell.latitude / BASE_ANGLE).astype(np.float32),
        rotational=np.mod(shell.longitude + np.pi, 2 * np.pi).astype(np.float32) - np.float32(np.pi),
        transmural=shell.exact_depth.clip(0, 1).astype(np.float32),
        ventricle=np.zeros(count, np.int8),
        fibres=np.tile(np.float32([1, 0, 0]), (count, 1)),
        region=np.zeros(count, np.int8),
        name=name,
    )


def another_heart(reference: Myocardium) -> Myocardium:
    """The reference stretched, bent and turned: another heart with coordinates of its own."""
    points = reference.points.astype(float) - reference.points.mean(axis=0)
    points = points * [1.15, 0.95, 1.1] + 0.002 * points[:, [1, 2, 0]] ** 2
    return make_myocardium(points @ turn().T, reference.tetrahedra, reference.surface, name="another")


def turn() -> np.ndarray:
    rotation, _ = np.linalg.qr(np.random.default_rng(2).normal(size=(3, 3)))
    return rotation * np.sign(np.linalg.det(rotation))


def wrapped(angle: np.ndarray) -> np.ndarray:
    return np.abs(np.mod(angle + np.pi, 2 * np.pi) - np.pi)


def assert_closed(triangles: np.ndarray) -> None:
    """Every side is run once in each direction."""
    sides = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    assert len(np.unique(sides, axis=0)) == len(sides)
    np.testing.assert_array_equal(np.unique(sides, axis=0), np.unique(sides[:, ::-1], axis=0))
