"""Evidence on the heart: a vertex x time map in factors."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from imn.described import Described
from imn.plotting import drawing_of

if TYPE_CHECKING:
    import pyvista

    from cine_mapping.anatomy import Anatomy
    from cine_mapping.beat import Beat

Sign = Literal["supporting", "opposing", "both"]


@dataclass(frozen=True, eq=False, repr=False)
class HeartMap(Described):
    """Evidence for one class on the vertices of a heart over one beat.

    The map is ``basis @ (positive + negative)``.  Columns of the basis are
    not negative and sum to one, so the map holds exactly the evidence it was
    given; evidence for and against the class never cancel.

    Parameters
    ----------
    label : str
    modality : str
    basis : (v, k) float64
    positive : (k, m) float64, logit
        Never below zero.
    negative : (k, m) float64, logit
        Never above zero.
    anatomy : Anatomy, optional
        The heart whose vertices these are, where it is known.
    beat : Beat, optional
        The beat whose samples these are, where it is known.
    """

    label: str
    modality: str
    basis: NDArray[np.float64]
    positive: NDArray[np.float64]
    negative: NDArray[np.float64]
    anatomy: "Anatomy | None" = None
    beat: "Beat | None" = None

    @property
    def values(self) -> NDArray[np.float64]:
        """The whole map, (v, m) float64, logit per vertex and sample."""
        return self.basis @ (self.positive + self.negative)

    @property
    def supporting(self) -> NDArray[np.float64]:
        """Positive evidence of each vertex over the whole beat, (v,) float64, logit."""
        return self.basis @ self.positive.sum(axis=1)

    @property
    def opposing(self) -> NDArray[np.float64]:
        """Negative evidence of each vertex over the whole beat, (v,) float64, logit."""
        return self.basis @ self.negative.sum(axis=1)

    @property
    def total(self) -> float:
        """Sum over the mesh and the beat: logit minus bias."""
        return float(self.supporting.sum() + self.opposing.sum())

    @property
    def amount(self) -> float:
        """Evidence for and against over the mesh and the beat, which do not cancel, logit."""
        return float(self.supporting.sum() - self.opposing.sum())

    def plot(
        self,
        values: Sign = "supporting",
        *,
        t: float | tuple[float, float] | None = None,
        clim: float | tuple[float, float] | None = None,
        cmap: str | None = None,
        view: str = "AP",
        anatomy: "Anatomy | None" = None,
        plotter: "pyvista.Plotter | None" = None,
        show: bool = False,
    ) -> "pyvista.Plotter":
        """Draw the map on its heart, as evidence per area.

        Parameters
        ----------
        values : "supporting", "opposing" or "both"
            Evidence for the class, against it, or the sum of the two; colours are two-sided where
            anything is negative.
        t : float or (float, float), s from the R peak, optional
            A moment (logit per cm² and 10 ms) or an interval; by default the whole beat (logit per cm²).
        clim : float or (float, float), optional
            Values at the ends of the colours; one number is the upper end, and the lower one is zero or
            its opposite.  By default the 99.8th percentile.
        cmap : str, optional
            Name of a matplotlib colour map that is even to the eye; by default cividis, or PuOr_r where
            they are two-sided.
        view : str
            AP, RAO 30, LAO 45, PA, left lateral, inferior, or septum (the right ventricle taken away).
        anatomy : Anatomy, optional
            The heart to draw on; the map's own by default.
        plotter : pyvista.Plotter, optional
            To draw into, at its active subplot; a new one by default.
        show : bool
            Open a window, or show the picture in the notebook.

        Returns
        -------
        pyvista.Plotter
            At the end of a notebook's cell it shows its picture.

        Raises
        ------
        InputError
            If an option does not do, the heart is not known or has another number of vertices, this machine
            cannot draw, or nothing that draws is installed.
        """
        draw = drawing_of("heart_map")
        return draw(
            self, values, t=t, clim=clim, cmap=cmap, view=view, anatomy=anatomy, plotter=plotter, show=show
        )

    def to_polydata(self, *, anatomy: "Anatomy | None" = None) -> "pyvista.PolyData":
        """Give the heart as a mesh of PyVista with the map in its point arrays.

        Parameters
        ----------
        anatomy : Anatomy, optional
            The heart; the map's own by default.

        Returns
        -------
        pyvista.PolyData
            LPS mm, with ``<modality> supporting`` and ``<modality> opposing`` (logit per vertex over the
            beat), ``region``, ``surface`` and ``area`` (mm²).

        Raises
        ------
        InputError
            If the heart is not known or has another number of vertices, or nothing that draws is installed.
        """
        return drawing_of("polydata")(self, anatomy=anatomy)

    def _facts(self) -> dict[str, str]:
        vertices, samples = self.basis.shape[0], self.positive.shape[1]
        length = "" if self.beat is None else f" at {self.beat.fs:g} Hz"
        heart = "a heart" if self.anatomy is None else f"the {self.anatomy.name} heart"
        return {
            "class": self.label,
            "modality": self.modality,
            "heart": f"{vertices} vertices of {heart}",
            "beat": f"{samples} samples{length}",
            "evidence": f"{self.total:+.3f} logit ({self.supporting.sum():+.3f} {self.opposing.sum():+.3f})",
        }
