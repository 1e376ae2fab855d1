"""Virtual patients: heart, place, torso, electrodes and physiology drawn about those of an anatomy.

A patient's nodes are those of the heart it was drawn from: a truth at its nodes
is a truth at that heart's nodes.

Sources of the spreads
----------------------
Heart's axis: 27 +- 9 degrees below the transverse plane, 38 +- 5 to the frontal
one (Hoekema et al. 1999, J Electrocardiol 32:137; 25 people).  Duration of the
action potential: Ramanathan et al. 2006 (PNAS 103:6309).  The others are our
choice, wide enough to hold the errors of an ordinary recording.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cine_mapping.anatomy import Mesh
from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.forward.eikonal import Speeds
from cine_mapping.forward.heart import VirtualHeart, place_heart, seated_reference
from cine_mapping.forward.physiology import Physiology
from cine_mapping.forward.potentials import ActionPotential
from cine_mapping.myocardium import Myocardium, signed_volumes
from cine_mapping.volume_conductor import VolumeConductor, solve_torso
from imn.errors import InputError

ATTEMPTS = 20
_LEVELS, _LEVEL_SHARES = np.sqrt(3) * np.array([-1.0, 0.0, 1.0]), (1 / 6, 2 / 3, 1 / 6)
"""Three values with the first five moments of the normal distribution: no more than 27 torsos are solved."""
BULGES, BULGE_MM = 12, 35.0


@dataclass(frozen=True, eq=False)
class Setting:
    """An anatomy to draw patients about, in one frame.

    Parameters
    ----------
    myocardium : Myocardium
    torso : Mesh
    electrodes : (9, 3) float, mm
        In the order of `anatomy.ELECTRODES`.
    physiology : Physiology
        That suits the heart; a heart of another shape needs early sites of its own.
    """

    myocardium: Myocardium
    torso: Mesh
    electrodes: NDArray[np.floating]
    physiology: Physiology = Physiology()


@dataclass(frozen=True)
class Spread:
    """Standard deviations; ``1`` in a product with a factor leaves everything as it is.

    Parameters
    ----------
    axis_deg, roll_deg : float
        Turn of the heart about either axis across its long axis, and about it.
    place_mm : float
        Along each axis of the body.
    size : float
        Logarithm of the heart's stretch along all axes alike.
    heart, torso : float
        Logarithm of the stretch along each of three axes; the torso's has three levels.
    bulge_mm : float
        Smooth change of the heart's shape.
    electrode_mm : float
        Along each axis, then back onto the skin.
    site_height, site_deg, site_ms : float
        Early sites in ventricular coordinates and time.
    speed, conductivity : float
        Logarithm of the factor.
    duration_ms, gradient_ms : float
        Mean duration of the action potential, and each of its gradients.
    compensation : float
    """

    axis_deg: float = 6.0
    roll_deg: float = 6.0
    place_mm: float = 7.0
    size: float = 0.08
    heart: float = 0.05
    torso: float = 0.05
    bulge_mm: float = 2.5
    electrode_mm: float = 7.0
    site_height: float = 0.05
    site_deg: float = 9.0
    site_ms: float = 2.5
    speed: float = 0.08
    conductivity: float = 0.2
    duration_ms: float = 22.0
    gradient_ms: float = 8.0
    compensation: float = 0.06


@dataclass(frozen=True, eq=False)
class Patient:
    """A virtual heart and what its cells do without a disease.

    Parameters
    ----------
    heart : VirtualHeart
    physiology : Physiology
    """

    heart: VirtualHeart
    physiology: Physiology


@lru_cache(maxsize=1)
def reference_setting() -> Setting:
    """Load the reference heart in the reference torso."""
    anatomy = load_anatomy("reference")
    return Setting(seated_reference(), anatomy.torso, anatomy.electrodes)


def draw_patient(
    rng: np.random.Generator,
    setting: Setting | None = None,
    *,
    spread: Spread = Spread(),  # noqa: B008 -- frozen
    physiology: Physiology | None = None,
) -> Patient:
    """Draw a patient; takes less than a second, and another for a torso not met before.

    Parameters
    ----------
    rng : Generator
        The same state gives the same patient.
    setting : Setting, optional
        The reference anatomy by default.
    spread : Spread
    physiology : Physiology, optional
        About which the patient's is drawn; the setting's by default.

    Returns
    -------
    Patient

    Raises
    ------
    InputError
        If no draw gives a heart inside its torso.
    """
    setting = setting or reference_setting()
    for _ in range(ATTEMPTS):
        myocardium = _draw_heart(setting.myocardium, rng, spread)
        levels = rng.choice(3, size=3, p=_LEVEL_SHARES)
        torso, electrodes = _torso(setting, spread.torso, tuple(levels.tolist()))
        electrodes = electrodes + spread.electrode_mm * rng.standard_normal(electrodes.shape)
        own = _draw_physiology(physiology or setting.physiology, rng, spread)
        along, across = np.exp(spread.conductivity * rng.standard_normal(2))
        if myocardium is None:
            continue
        try:
            heart = place_heart(myocardium, torso, electrodes)
        except InputError:
            continue
        return Patient(replace(heart, along=heart.along * along, across=heart.across * across), own)
    msg = f"expected a heart inside its torso within {ATTEMPTS} draws, found none; make the spread smaller"
    raise InputError(msg)


@lru_cache(maxsize=3**3)
def _torso(
    setting: Setting, spread: float, levels: tuple[int, int, int]
) -> tuple[VolumeConductor, NDArray[np.float64]]:
    """Stretch torso and electrodes about the middle of the heart, and solve."""
    stretch = np.exp(spread * _LEVELS[list(levels)])
    middle = setting.myocardium.points.mean(axis=0, dtype=float)
    points = middle + stretch * (setting.torso.points - middle)
    electrodes = middle + stretch * (np.asarray(setting.electrodes, dtype=float) - middle)
    return solve_torso(Mesh(points.astype(np.float32), setting.torso.triangles)), electrodes


def _draw_heart(myocardium: Myocardium, rng: np.random.Generator, spread: Spread) -> Myocardium | None:
    """Stretch, bulge, turn and move a heart; None if that turns a tetrahedron inside out."""
    points = myocardium.points.astype(float)
    middle = points.mean(axis=0)
    axes = _heart_axes(myocardium)
    factors = np.exp(spread.size * rng.standard_normal() + spread.heart * rng.standard_normal(3))
    stretch = axes.T @ np.diag(factors) @ axes
    seeds = points[rng.integers(len(points), size=BULGES)]
    pushes = spread.bulge_mm * rng.standard_normal((BULGES, 3))
    turn = _rotation(axes, np.deg2rad([spread.roll_deg, spread.axis_deg, spread.axis_deg]), rng)
    move = spread.place_mm * rng.standard_normal(3)
    away = ((points[:, None] - seeds) ** 2).sum(axis=2)
    shaped = (points - middle) @ stretch.T + np.exp(-0.5 * away / BULGE_MM**2) @ pushes
    moved = shaped @ turn.T + middle + move
    if not (signed_volumes(moved, myocardium.tetrahedra) > 0).all():
        return None
    fibres = myocardium.fibres @ (turn @ stretch).T
    fibres /= np.linalg.norm(fibres, axis=1, keepdims=True)
    return replace(myocardium, points=moved.astype(np.float32), fibres=fibres.astype(np.float32))


def _heart_axes(myocardium: Myocardium) -> NDArray[np.float64]:
    """Rows: the long axis, and two across it, (3, 3)."""
    left = myocardium.ventricle == 0
    height = np.stack([np.ones(left.sum()), myocardium.apicobasal[left]], axis=1)
    long = np.linalg.lstsq(height, myocardium.points[left].astype(float), rcond=None)[0][1]
    axes, _ = np.linalg.qr(np.column_stack([long, np.eye(3)[:, :2]]))
    return axes.T


def _rotation(
    axes: NDArray[np.float64], spreads: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.float64]:
    from scipy.spatial.transform import Rotation

    return Rotation.from_rotvec((spreads * rng.standard_normal(3)) @ axes).as_matrix()


def _draw_physiology(base: Physiology, rng: np.random.Generator, spread: Spread) -> Physiology:
    sites = tuple(
        replace(
            site,
            apicobasal=float(np.clip(site.apicobasal + spread.site_height * rng.standard_normal(), 0.05, 1)),
            rotational_deg=site.rotational_deg + spread.site_deg * rng.standard_normal(),
            delay=site.delay + spread.site_ms * rng.standard_normal(),
        )
        for site in base.sites
    )
    muscle, layer, right = np.exp(spread.speed * rng.standard_normal(3))
    speeds, gradients, membrane = base.speeds, base.gradients, base.action_potential
    shift = spread.gradient_ms * rng.standard_normal(4)
    return Physiology(
        sites=sites,
        speeds=Speeds(
            along=speeds.along * muscle,
            across=speeds.across * muscle,
            left_endocardium=speeds.left_endocardium * layer,
            right_endocardium=speeds.right_endocardium * right,
        ),
        gradients=replace(
            gradients,
            mean=gradients.mean + spread.duration_ms * rng.standard_normal(),
            compensation=gradients.compensation + spread.compensation * rng.standard_normal(),
            epicardial=gradients.epicardial + shift[0],
            apical=gradients.apical + shift[1],
            right=gradients.right + shift[2],
            septal=gradients.septal + shift[3],
        ),
        action_potential=ActionPotential(membrane.rest, membrane.amplitude, membrane.upstroke),
    )
