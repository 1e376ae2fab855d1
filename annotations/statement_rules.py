"""What each diagnostic statement says of places in the heart, and of leads and waves: a table.

The statements are those of PTB-XL (SCP-ECG, as in ``scp_statements.csv``) and the wall statements of
LUDB (``STEMI anterior`` ...).  What is made from them is ``derived``, never expert: a cardiologist
gave the statement, the rule gives the place.

Sources
-------
CONDUCTION : Surawicz et al. 2009, Circulation 119:e235 (AHA/ACCF/HRS part III).
ST-T : Rautaharju et al. 2009, Circulation 119:e241 (part IV).
HYPERTROPHY : Hancock et al. 2009, Circulation 119:e251 (part V; with Sokolow & Lyon 1949, Am Heart J
    37:161, and Casale et al. 1985, J Am Coll Cardiol 6:572, Cornell).
ISCHAEMIA : Wagner et al. 2009, Circulation 119:e262 (part VI).
UDMI : Thygesen et al. 2018, Circulation 138:e618 (fourth universal definition of infarction).
ATRIA : Hindricks et al. 2021, Eur Heart J 42:373 (fibrillation: no P waves).
Places and their sources are in `annotations.places`.

Deviations
----------
- PTB-XL names the stage of few infarcts; where it does not, the infarct is taken as old (Q waves), as
  nine tenths of those staged are.
- Leads with a wave that carries the criterion are all marked, also those in which it is not fulfilled.
- Statements that name no leads have their wave in all twelve, on the ground ``leads``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, get_args

from imn.leads import LEADS

Ground = Literal["imaging", "stated", "convention", "leads", "chamber"]
GROUNDS: tuple[Ground, ...] = get_args(Ground)
"""Why a statement has its place: shown by imaging; the statement itself names the wall; by convention of the
field; it names leads only, and ST depression does not tell the wall (UDMI); it means a whole chamber."""
LOCATED: tuple[Ground, ...] = GROUNDS[:3]
"""Grounds on which a place is derived unless asked otherwise."""

WAVES = ("P", "PR", "Q", "R", "S", "early QRS", "late QRS", "QRS", "ST", "T", "TQ")
"""Parts of a beat that criteria read (`annotations.criterion_waves` finds them).

``Q`` is the negative start of QRS, or its first 40 ms where the lead has none: there its loss of R is
read.  ``R`` is what lies above, ``S`` what lies below the level at QRS onset after an R (or all of
a QS).  ``early`` and ``late QRS`` are its first and last 40 ms, ``PR`` P onset to QRS onset,
``TQ`` T end to the next QRS onset.
"""


@dataclass(frozen=True)
class Criterion:
    """What a criterion reads.

    Parameters
    ----------
    leads : tuple of str
    waves : tuple of str
        Among `WAVES`, in each of these leads.
    """

    leads: tuple[str, ...]
    waves: tuple[str, ...]


@dataclass(frozen=True)
class Rule:
    """What one statement says.

    Parameters
    ----------
    superclass : str or None
        Of `imn.labels.SUPERCLASSES`, None for statements of form and rhythm.
    places : tuple of str
        Names in `annotations.places.PLACES_NAMED`; none where no place can be honestly derived.
    criteria : tuple of Criterion
    ground : str
        Of `GROUNDS`: why these places.
    sources : tuple of str
        Of the criteria, as the module's text names them.
    """

    superclass: str | None
    places: tuple[str, ...]
    criteria: tuple[Criterion, ...]
    ground: Ground
    sources: tuple[str, ...]


WALL_LEADS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "septal": ("V1", "V2"),
        "anteroseptal": ("V1", "V2", "V3"),
        "anterior": ("V2", "V3", "V4"),
        "apical": ("V3", "V4", "V5"),
        "anterolateral": ("I", "aVL", "V4", "V5", "V6"),
        "lateral": ("I", "aVL", "V5", "V6"),
        "inferolateral": ("V5", "V6"),
        "inferior": ("II", "III", "aVF"),
    }
)
"""Leads whose Q waves and ST segments speak for a wall (UDMI, table of Q waves; ISCHAEMIA)."""
MIRROR = ("V1", "V2", "V3")
"""Leads that see the posterior wall from the other side (UDMI: R in V1 and V2, ST depression in V1 to V3)."""
STAGES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "I": ("ST", "T"),
        "I-II": ("Q", "ST", "T"),
        "II": ("Q", "T"),
        "II-III": ("Q", "T"),
        "III": ("Q",),
    }
)
"""Waves that an infarct of a stage shows (UDMI: acute ST-T changes; Q waves of established infarction)."""
OLD = "III"


def wall_criteria(walls: tuple[str, ...], waves: tuple[str, ...]) -> tuple[Criterion, ...]:
    """Give the criteria of walls; behind the posterior one a Q is an R in V1 and V2.

    Parameters
    ----------
    walls : tuple of str
        Keys of `WALL_LEADS`, or "posterior".
    waves : tuple of str
        Among `WAVES`.

    Returns
    -------
    tuple of Criterion
    """
    found = [Criterion(WALL_LEADS[wall], waves) for wall in walls if wall != "posterior"]
    if "posterior" in walls:
        found += [Criterion(MIRROR[:2], ("R",))] if "Q" in waves else []
        changes = tuple(wave for wave in waves if wave != "Q")
        found += [Criterion(MIRROR, changes)] if changes else []
    return tuple(found)


def _walls(superclass: str, waves: tuple[str, ...], ground: Ground, *walls: str) -> Rule:
    return Rule(superclass, walls, wall_criteria(walls, waves), ground, ("UDMI", "ISCHAEMIA"))


def _rule(
    superclass: str | None,
    source: str,
    *criteria: tuple[str, str],
    place: str = "",
    ground: Ground = "convention",
) -> Rule:
    """Make a rule of criteria as two texts, leads (``all`` for twelve) and waves, each divided by commas."""
    pairs = (
        Criterion(LEADS if leads == "all" else tuple(leads.split(",")), tuple(waves.split(",")))
        for leads, waves in criteria
    )
    return Rule(superclass, (place,) if place else (), tuple(pairs), ground, (source,))


_LATERAL_QRS = ("I,aVL,V5,V6", "QRS")
_RIGHT_END = ("V1,V2,I,V6", "late QRS")
_VOLTAGE = (("V1,V2,V3", "S"), ("aVL,V5,V6", "R"))

_INFARCTS = {
    "ASMI": ("anteroseptal",),
    "AMI": ("anterior",),
    "ALMI": ("anterior", "anterolateral"),
    "IMI": ("inferior",),
    "ILMI": ("inferior", "inferolateral"),
    "IPMI": ("inferior", "posterior"),
    "IPLMI": ("inferior", "posterior", "inferolateral"),
    "LMI": ("lateral",),
    "PMI": ("posterior",),
}
_LEADS_NAMED = {
    "AS": ("anteroseptal",),
    "AN": ("anterior",),
    "AL": ("anterior", "anterolateral"),
    "IN": ("inferior",),
    "IL": ("inferior", "inferolateral"),
    "LA": ("lateral",),
}
LUDB_WALLS = ("anterior", "septal", "lateral", "apical", "inferior", "posterior")
LUDB_KINDS: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "STEMI": ("MI", ("ST", "T")),
        "scar": ("MI", ("Q",)),
        "ischaemia": ("STTC", ("ST", "T")),
        "undefined": ("STTC", ("ST", "T")),
        "repolarisation": ("STTC", ("ST", "T")),
    }
)
"""Kinds of LUDB's wall statements; ``undefined`` is its "ischemia/scar/supp. NSTEMI"."""

RULES: Mapping[str, Rule] = MappingProxyType(
    {name: _walls("MI", ("Q",), "imaging", *walls) for name, walls in _INFARCTS.items()}
    | {
        f"INJ{end}": _walls("MI", ("ST",), "leads", *walls)
        for end, walls in _LEADS_NAMED.items()
        if end != "AN"
    }
    | {f"ISC{end}": _walls("STTC", ("ST", "T"), "leads", *walls) for end, walls in _LEADS_NAMED.items()}
    | {
        f"{kind} {wall}": _walls(superclass, waves, "stated", wall)
        for kind, (superclass, waves) in LUDB_KINDS.items()
        for wall in LUDB_WALLS
    }
    | {
        "CLBBB": _rule("CD", "CONDUCTION", _LATERAL_QRS, place="late in left bundle branch block"),
        "ILBBB": _rule("CD", "CONDUCTION", ("I,V5,V6", "QRS")),
        "CRBBB": _rule("CD", "CONDUCTION", _RIGHT_END, place="right ventricle"),
        "IRBBB": _rule("CD", "CONDUCTION", _RIGHT_END, place="outflow tract"),
        "LAFB": _rule("CD", "CONDUCTION", ("I,aVL", "Q,R"), ("II,III,aVF", "R,S"), place="anterosuperior"),
        "LPFB": _rule("CD", "CONDUCTION", ("I,aVL", "R,S"), ("II,III,aVF", "Q,R"), place="posteroinferior"),
        "IVCD": _rule("CD", "CONDUCTION", ("all", "QRS")),
        "WPW": _rule("CD", "CONDUCTION", ("all", "early QRS")),
        "1AVB": _rule("CD", "CONDUCTION", ("all", "PR")),
        "2AVB": _rule("CD", "CONDUCTION", ("all", "P")),
        "3AVB": _rule("CD", "CONDUCTION", ("all", "P")),
        "LVH": _rule("HYP", "HYPERTROPHY", *_VOLTAGE, place="left ventricle", ground="chamber"),
        "VCLVH": _rule(None, "HYPERTROPHY", *_VOLTAGE, place="left ventricle", ground="chamber"),
        "RVH": _rule("HYP", "HYPERTROPHY", ("V1", "R"), ("I,V5,V6", "S"), place="right ventricle"),
        "SEHYP": _rule("HYP", "HYPERTROPHY", ("I,aVL,V5,V6", "Q"), ("V1,V2", "R"), place="septum"),
        "LAO/LAE": _rule("HYP", "HYPERTROPHY", ("II,V1", "P"), place="left atrium"),
        "RAO/RAE": _rule("HYP", "HYPERTROPHY", ("II,III,aVF,V1", "P"), place="right atrium"),
        "AFIB": _rule(None, "ATRIA", ("all", "TQ"), place="atria"),
        "AFLT": _rule(None, "ATRIA", ("II,III,aVF,V1", "TQ"), place="right atrium"),
        "ISC_": _rule("STTC", "ISCHAEMIA", ("all", "ST,T"), ground="leads"),
        "NST_": _rule("STTC", "ST-T", ("all", "ST"), ground="leads"),
        "NDT": _rule("STTC", "ST-T", ("all", "T"), ground="leads"),
        "DIG": _rule("STTC", "ST-T", ("all", "ST"), ground="leads"),
        "LNGQT": _rule("STTC", "ST-T", ("all", "QRS,ST,T"), ground="leads"),
        "EL": _rule("STTC", "ST-T", ("all", "ST,T"), ground="leads"),
        "ANEUR": _rule("STTC", "ST-T", ("all", "ST,T"), ground="leads"),
        "STD_": _rule(None, "ST-T", ("all", "ST"), ground="leads"),
        "STE_": _rule(None, "ST-T", ("all", "ST"), ground="leads"),
        "INVT": _rule(None, "ST-T", ("all", "T"), ground="leads"),
        "LOWT": _rule(None, "ST-T", ("all", "T"), ground="leads"),
        "NT_": _rule(None, "ST-T", ("all", "T"), ground="leads"),
        "TAB_": _rule(None, "ST-T", ("all", "T"), ground="leads"),
        "QWAVE": _rule(None, "UDMI", ("all", "Q"), ground="leads"),
    }
)
"""Rule of each statement that has a place or a criterion; NORM and the other rhythms have none."""
