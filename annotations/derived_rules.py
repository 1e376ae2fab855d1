"""Where a label is and which leads and waves carry it, by the diagnostic statements of a recording.

The statements are those of PTB-XL and the wall statements of LUDB, the rules those of
`annotations.statement_rules`, with their sources; places and theirs are in `annotations.places`.
All that is made from them is ``derived``, never expert.
"""

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from annotations.places import PLACES_NAMED
from annotations.statement_rules import (
    GROUNDS,
    LOCATED,
    OLD,
    RULES,
    STAGES,
    WAVES,
    Criterion,
    Ground,
    Rule,
    wall_criteria,
)
from imn.errors import InputError
from imn.labels import FINDINGS, SUPERCLASSES

__all__ = [
    "FINDING_PLACES",
    "GROUNDS",
    "LOCATED",
    "RULES",
    "STAGES",
    "WAVES",
    "Criterion",
    "Rule",
    "criteria",
    "labels_of",
    "territory_regions",
]

_OF_LETTER = {
    "A": ("septal", "anteroseptal", "anterior"),
    "I": ("inferior",),
    "L": ("anterolateral", "inferolateral", "lateral"),
}
FINDING_PLACES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {f"{letter}MI": walls for letter, walls in _OF_LETTER.items()}
    | {f"ISC{letter}": walls for letter, walls in _OF_LETTER.items()}
)
"""Places that belong to a finding of one wall, where a statement (ALMI) names several."""


def labels_of(statement: str) -> tuple[str, ...]:
    """Labels of the model that a statement means: its superclass, then findings (`imn.labels`).

    LUDB's wall statements mean the findings of their wall.

    Parameters
    ----------
    statement : str
        A key of `annotations.statement_rules.RULES`; another means nothing.

    Returns
    -------
    tuple of str
    """
    rule = RULES.get(statement)
    found = [finding.name for finding in FINDINGS if statement in finding.codes]
    kind, _, wall = statement.partition(" ")
    if rule and kind in ("STEMI", "scar", "ischaemia"):
        family = "ISC" if kind == "ischaemia" else "MI"
        found += [name for name, walls in FINDING_PLACES.items() if family in name and wall in walls]
    superclass = (rule.superclass,) if rule and rule.superclass else ()
    return (*superclass, *found)


def territory_regions(
    statements: Iterable[str],
    *,
    label: str = "MI",
    reaching: bool = False,
    grounds: tuple[Ground, ...] = LOCATED,
) -> tuple[str, ...]:
    """Regions of the heart that statements give as the place of a label.

    Parameters
    ----------
    statements : iterable of str
        Of one recording; those that do not mean the label, and those without rule, say nothing.
    label : str
        A superclass or finding of `imn.labels`; of a finding of one wall only its part of each statement.
    reaching : bool
        With the regions that disease of the place often reaches into (`annotations.places.Place`).
    grounds : tuple of str
        Of `GROUNDS`.

    Returns
    -------
    tuple of str
        From `annotations.PLACES`, each once; empty where no place is derived.

    Raises
    ------
    InputError
        If the label is none of the model's.
    """
    regions: dict[str, None] = {}
    for rule in _rules(statements, label):
        for place in _places(rule, label) if rule.ground in grounds else ():
            named = PLACES_NAMED[place]
            regions |= dict.fromkeys(named.regions + (named.reaches if reaching else ()))
    return tuple(regions)


def criteria(
    statements: Iterable[str], *, label: str = "MI", stage: str | None = None
) -> tuple[Criterion, ...]:
    """Leads and waves that carry the criteria by which statements mean a label.

    Parameters
    ----------
    statements : iterable of str
        As `territory_regions`.
    label : str
    stage : str, optional
        Of an infarct, from `STAGES`; old by default.

    Returns
    -------
    tuple of Criterion
        Each once; empty where the statements carry none.

    Raises
    ------
    InputError
        If the label is none of the model's, or the stage unknown.
    """
    if stage is not None and stage not in STAGES:
        msg = f"stage must be one of {', '.join(STAGES)}, got {stage!r}"
        raise InputError(msg)
    found: dict[Criterion, None] = {}
    for rule in _rules(statements, label):
        found |= dict.fromkeys(_criteria(rule, label, stage or OLD))
    return tuple(found)


def _rules(statements: Iterable[str], label: str) -> list[Rule]:
    known = (*SUPERCLASSES, *(finding.name for finding in FINDINGS))
    if label not in known:
        msg = f"label must be one of {', '.join(known)}, got {label!r}"
        raise InputError(msg)
    return [RULES[name] for name in dict.fromkeys(statements) if name in RULES and label in labels_of(name)]


def _places(rule: Rule, label: str) -> tuple[str, ...]:
    own = FINDING_PLACES.get(label, rule.places)
    return tuple(place for place in rule.places if place in own)


def _criteria(rule: Rule, label: str, stage: str) -> tuple[Criterion, ...]:
    if rule.ground == "imaging":
        return wall_criteria(_places(rule, label), STAGES[stage])
    if label in FINDING_PLACES:
        waves = next(iter(rule.criteria)).waves
        return wall_criteria(_places(rule, label), waves)
    return rule.criteria
