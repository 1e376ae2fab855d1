"""Walls and chambers that diagnostic statements name, as regions of the heart.

Each place has the segments that the statement is taken to mean, and those that disease of
this place often reaches into as well (``reaches``), so that a score can be given for either.

Sources
-------
AHA17 : Cerqueira et al. 2002, Circulation 105:539 (names of the 17 segments and walls).
ISHNE : Bayes de Luna et al. 2006, Circulation 114:1755.  Four walls: septal 2 3 8 9 14, anterior
    1 7 13, lateral 5 6 11 12 16, inferior 4 10 15, and the apex 17; what was called posterior is lateral.
LGE : Allencherril et al. 2018, J Electrocardiol 51:218.  Q in V1 to V3: mid anteroseptal, apical
    anterior and apical septal segments enhanced in 43, 43 and 50 %, the basal anteroseptal in 14 %.
HEMIBLOCK : Elizari, Acunzo & Ferreiro 2007, Circulation 115:1154 (walls that a fascicle serves).
LATE : Auricchio et al. 2004, Circulation 109:1133 (basal lateral wall last in left bundle branch block).
RIGHT : Surawicz et al. 2009, Circulation 119:e235 (terminal forces of the right ventricle).
NAMED : the statement names the chamber itself.

Deviations
----------
- Walls at a border are cut along the names of AHA17: anterolateral 6 12 16, inferolateral 5 11 16.
- The inferior wall does not include the inferior septum (3, 9), which ISHNE counts as septal and
  AHA17 gives to the same artery; it is what an inferior infarct ``reaches``.
- The anterior wall includes the apex, as ISHNE's apical-anterior infarct does; its basal segment is
  left to ``reaches``, as Q waves of V1 to V4 seldom come with it (LGE).
- The block itself sits in a bundle that has no region; the place of a block is what it delays.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from cine_mapping.anatomy import AHA_SEGMENTS, RV_REGIONS


@dataclass(frozen=True)
class Place:
    """A wall or chamber.

    Parameters
    ----------
    regions : tuple of str
        From `annotations.PLACES`.
    reaches : tuple of str
        Regions beyond these that are often affected too.
    sources : tuple of str
        As the module's text names them.
    """

    regions: tuple[str, ...]
    reaches: tuple[str, ...]
    sources: tuple[str, ...]


def _wall(numbers: tuple[int, ...], *sources: str, reaches: tuple[int, ...] = ()) -> Place:
    regions, beyond = (tuple(AHA_SEGMENTS[n - 1] for n in which) for which in (numbers, reaches))
    return Place(regions, beyond, sources)


PLACES_NAMED: Mapping[str, Place] = MappingProxyType(
    {
        "septal": _wall((8, 14), "ISHNE", "LGE", reaches=(2, 3, 9, 13)),
        "anteroseptal": _wall((8, 13, 14), "AHA17", "LGE", reaches=(2, 7, 17)),
        "anterior": _wall((7, 13, 17), "ISHNE", "LGE", reaches=(1, 8, 14)),
        "apical": _wall((13, 14, 15, 16, 17), "AHA17"),
        "anterolateral": _wall((6, 12, 16), "AHA17", "ISHNE", reaches=(5, 11)),
        "lateral": _wall((5, 6, 11, 12, 16), "ISHNE"),
        "inferolateral": _wall((5, 11, 16), "AHA17", "ISHNE", reaches=(6, 12)),
        "posterior": _wall((5, 11), "ISHNE", reaches=(4, 10, 16)),
        "inferior": _wall((4, 10, 15), "AHA17", "ISHNE", reaches=(3, 5, 9, 11)),
        "septum": _wall((2, 3, 8, 9, 14), "ISHNE"),
        "late in left bundle branch block": _wall((5, 6, 11, 12), "LATE", reaches=(1, 4, 7, 10, 16)),
        "anterosuperior": _wall((1, 6, 7, 12), "HEMIBLOCK", reaches=(13, 16)),
        "posteroinferior": _wall((4, 5, 10, 11), "HEMIBLOCK", reaches=(3, 9, 15)),
        "left ventricle": Place(AHA_SEGMENTS, (), ("AHA17", "NAMED")),
        "right ventricle": Place(RV_REGIONS, (), ("RIGHT",)),
        "outflow tract": Place(("RV outflow tract",), RV_REGIONS[1:], ("RIGHT",)),
        "left atrium": Place(("left atrium",), (), ("NAMED",)),
        "right atrium": Place(("right atrium",), (), ("NAMED",)),
        "atria": Place(("left atrium", "right atrium"), (), ("NAMED",)),
    }
)
"""Place by its name in `annotations.derived_rules`."""
