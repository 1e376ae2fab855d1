"""A myocardium in a torso, with everything that does not depend on the beat worked out once."""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from cine_mapping.anatomy_io import load_anatomy
from cine_mapping.forward.eikonal import ExcitationGraph, plan_excitation
from cine_mapping.myocardium import Myocardium
from cine_mapping.myocardium_io import load_myocardium
from cine_mapping.stiffness import ACROSS_S_PER_M, ALONG_S_PER_M, FiniteElements, conductivity_tensor
from cine_mapping.torso_potential import bounded_potential
from cine_mapping.transfer_matrix import transfer_matrix
from cine_mapping.volume_conductor import VolumeConductor, solve_torso
from imn.errors import InputError
from imn.leads import LEADS


@dataclass(frozen=True)
class Seat:
    """A rigid motion about the middle of the heart.

    Parameters
    ----------
    turn_rad : (float, float, float)
        Rotation vector, first.
    move_mm : (float, float, float)
        Then the way that it moves.
    """

    turn_rad: tuple[float, float, float]
    move_mm: tuple[float, float, float]


SEAT = Seat((0.016, -0.10, 0.062), (3.6, 5.0, -2.1))
"""From the reference anatomy's own pose, within its uncertainty (9 and 5 degrees, `patients`).

Fitted together with the early sites, speeds and conductivities: without it, chest
leads are too large beside the limb leads.
"""


@dataclass(frozen=True, eq=False)
class VirtualHeart:
    """A heart wall in its place in a torso.

    Parameters
    ----------
    myocardium : Myocardium
    potential : (9, n) float64, mV per mA
        Lead-field potential of the electrodes at its nodes.
    along, across : float, S/m
        Effective intracellular conductivity along and across the fibres.
    """

    myocardium: Myocardium
    potential: NDArray[np.float64]
    along: float = ALONG_S_PER_M
    across: float = ACROSS_S_PER_M

    @cached_property
    def graph(self) -> ExcitationGraph:
        """What excites what."""
        return plan_excitation(self.myocardium)

    @cached_property
    def transfer(self) -> NDArray[np.float64]:
        """Lead voltages per transmembrane potential of the healthy heart, (12, n) float64, mV per mV."""
        return self._transfer(self.myocardium.tetrahedra, None)

    def transfer_with(self, conductivity: NDArray[np.float64]) -> NDArray[np.float64]:
        """Lead voltages per transmembrane potential of an altered heart.

        Parameters
        ----------
        conductivity : (n,) float64
            Factor on the intracellular conductivity.  No current flows in a
            tetrahedron one of whose corners has none: otherwise the step from
            living cells to a scar's dead nodes would be a source of its own.

        Returns
        -------
        (12, n) float64, mV per mV

        Raises
        ------
        InputError
            If it leaves no muscle that conducts.
        """
        corners = self.myocardium.tetrahedra
        living = (conductivity > 0)[corners].all(axis=1)
        if not living.any():
            msg = "expected some muscle that conducts, found none; make the infarct smaller"
            raise InputError(msg)
        altered = (conductivity != 1)[corners].any(axis=1)
        if not altered.any():
            return self.transfer
        kept = self._transfer(corners[altered & living], conductivity)
        return self.transfer - self._transfer(corners[altered], None) + kept

    def _transfer(
        self, tetrahedra: NDArray[np.int32], conductivity: NDArray[np.float64] | None
    ) -> NDArray[np.float64]:
        """Of some tetrahedra; that of all is the sum over its parts."""
        if not len(tetrahedra):
            return np.zeros((len(LEADS), len(self.myocardium.points)))
        tensor = conductivity_tensor(
            self.myocardium.fibres, along=self.along, across=self.across, scale=conductivity
        )
        elements = FiniteElements(self.myocardium.points, tetrahedra)
        return transfer_matrix(elements.stiffness(tensor), self.potential)


def place_heart(
    myocardium: Myocardium,
    torso: VolumeConductor,
    electrodes: ArrayLike,
    *,
    along: float = ALONG_S_PER_M,
    across: float = ACROSS_S_PER_M,
) -> VirtualHeart:
    """Solve the lead field of a heart's place in a torso.

    Parameters
    ----------
    myocardium : Myocardium
        In the frame of the torso.
    torso : VolumeConductor
    electrodes : (9, 3) float, mm
        In the order of `anatomy.ELECTRODES`.
    along, across : float, S/m

    Returns
    -------
    VirtualHeart

    Raises
    ------
    InputError
        If the heart is not inside the torso or an electrode not on it.
    """
    potential, _ = bounded_potential(torso, electrodes, myocardium.points)
    return VirtualHeart(myocardium, potential, along, across)


def seated_reference() -> Myocardium:
    """Give the reference myocardium as it sits in the reference torso for simulations, moved by `SEAT`."""
    from scipy.spatial.transform import Rotation

    muscle = load_myocardium("reference")
    middle = muscle.points.mean(axis=0, dtype=float)
    turn = Rotation.from_rotvec(SEAT.turn_rad).as_matrix()
    points = (muscle.points - middle) @ turn.T + middle + SEAT.move_mm
    fibres = muscle.fibres @ turn.T
    return replace(muscle, points=points.astype(np.float32), fibres=fibres.astype(np.float32))


@lru_cache(maxsize=1)
def reference_heart() -> VirtualHeart:
    """Place the reference myocardium in the reference torso, once: it takes a second or two."""
    anatomy = load_anatomy("reference")
    return place_heart(seated_reference(), solve_torso(anatomy.torso), anatomy.electrodes)
