"""Pictures for docs/localisation.md: a success, a failure, a heart without a region, what leads can see.

``python -m viewer.localisation_pictures [FOLDER]``, by default docs/localisation.

None is chosen by hand.  The success and the failure are the recordings of ischaemia and old
infarct with the highest and the lowest Dice (of equals the farthest off) among those of the first
`PATIENTS` virtual patients of `READ_TRIAL` whose true region can be seen from outside; "no region"
is their first recording of a normal heart of which the map says so.
"""

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from imn.errors import InputError
from imn.files import replacing
from viewer.small_picture import shrink

if TYPE_CHECKING:
    from cine_mapping.anatomy import Anatomy
    from cine_mapping.localisation.scores import ScoreSpace
    from cine_mapping.myocardium import Myocardium
    from imn.explanation import Explanation
    from imn.model import Model

PATIENTS = 5
SHOWN = ("ischaemia", "scar")
NAMES = {"ischaemia": "acute ischaemia", "scar": "old infarct", "normal": "normal heart"}
COLOURS = 256
SEEN = 1 / 3
"""Least part of a true region's surface that is epicardium, for it to be seen from outside."""
REGIONS_DRAWN = 1000
"""Of each family, for what the leads can see."""


@dataclass(frozen=True, eq=False)
class Found:
    """What the map says of one recording.

    Parameters
    ----------
    family : str
    patient : int
    label : str
        Whose evidence is mapped.
    chance : float
        What the network gives the label.
    truth, credible : (n,) bool
        At the nodes of the reference wall.
    probability : (n,) float64
    presence : float
        Below so high a probability anywhere the map says "no region".
    dice, centre_mm : float
        NaN without a true region.
    held, size : float
        Part of the true region's area that the credible region holds, and the
        credible region's part of the whole surface.
    outside : float
        Part of the true region's surface that is epicardium.
    """

    family: str
    patient: int
    label: str
    chance: float
    truth: NDArray[np.bool_]
    credible: NDArray[np.bool_]
    probability: NDArray[np.float64]
    presence: float
    dice: float
    centre_mm: float
    held: float
    size: float
    outside: float

    def figures(self) -> dict[str, Any]:
        """Give what the page states of it."""
        sick = self.family != "normal"
        return {
            "condition": NAMES[self.family],
            "patient": self.patient,
            "label": self.label,
            "network_probability": self.chance,
            "highest_probability": float(self.probability.max()),
            "no_region_below": self.presence,
            "dice": self.dice if sick else None,
            "centre_mm": self.centre_mm if sick else None,
            "credible_holds": self.held if sick else None,
            "credible_size": self.size if sick else None,
        }


def find_cases(model: "Model", patients: int = PATIENTS) -> Iterator[Found]:
    """Simulate, read and map the recordings that a picture may show."""
    from tqdm import tqdm

    from cine_mapping.forward.patients import draw_patient
    from cine_mapping.localisation.lots import READ_TRIAL
    from cine_mapping.localisation.network_cases import record
    from cine_mapping.localisation.scores import plan_scores
    from cine_mapping.myocardium_io import load_myocardium

    space = plan_scores(load_myocardium("reference"))
    for number in tqdm(range(patients), desc="read", disable=None):
        rng = np.random.default_rng([READ_TRIAL.seed, number])
        patient = draw_patient(rng)
        for family in (name for name, count in READ_TRIAL.counts.items() for _ in range(count)):
            recording = record(patient, family, rng)  # whoever is not shown is drawn too: the seed goes on
            if recording is not None and family in (*SHOWN, "normal"):
                explanation = model.explain(recording.record, spread=False)
                try:
                    case = _found(explanation, family, number, truth=recording.truth, space=space)
                except InputError:  # no beat is found in it
                    continue
                yield case


def _found(
    explanation: "Explanation", family: str, patient: int, *, truth: NDArray[np.bool_], space: "ScoreSpace"
) -> Found:
    """Map one recording and score it; an `InputError` where no beat is found."""
    from cine_mapping.beats import find_beat
    from cine_mapping.localisation.network_cases import ASKED
    from cine_mapping.localisation.scores import score_maps
    from cine_mapping.operators.evidence_pattern import evidence_pattern
    from cine_mapping.operators.learned import shipped, shipped_decoder

    known, decoder, label = shipped(), shipped_decoder("network"), ASKED[family]
    pattern = evidence_pattern(explanation, find_beat(explanation.signal, explanation.fs), label)
    probability = decoder.probability(pattern)
    threshold = known.thresholds["network"][known.families.index(family)]
    credible = (probability >= threshold) & truth.any()
    dice = centre = held = outside = float("nan")
    if truth[space.nodes].any():
        scores = score_maps(space, (probability * decoder.volumes)[None], truth)
        dice, centre = float(scores.dice[0]), float(scores.centre_mm[0])
        held = float(np.average(credible[space.nodes], weights=space.areas * truth[space.nodes]))
        outside = float(np.average(_epicardium()[space.nodes], weights=space.areas * truth[space.nodes]))
    return Found(
        family=family,
        patient=patient,
        label=label,
        chance=float(explanation.probabilities[explanation.classes.index(label)]),
        truth=truth,
        credible=credible,
        probability=probability,
        presence=known.presence["network"],
        dice=dice,
        centre_mm=centre,
        held=held,
        size=float(np.average(credible[space.nodes], weights=space.areas)),
        outside=outside,
    )


def _epicardium() -> NDArray[np.bool_]:
    from cine_mapping.myocardium import VOLUME_SURFACES
    from cine_mapping.myocardium_io import load_myocardium

    return load_myocardium("reference").surface == VOLUME_SURFACES.index("epicardium")


def choose(found: list[Found]) -> dict[str, Found]:
    """Pick by the rule that the module states."""
    sick = [case for case in found if case.family in SHOWN and case.outside >= SEEN]
    well = [case for case in found if case.family == "normal" and case.probability.max() <= case.presence]
    by_dice = sorted(sick, key=lambda case: (case.dice, -case.centre_mm))
    return {"success": by_dice[-1], "failure": by_dice[0]} | ({"no-region": well[0]} if well else {})


def draw_case(path: Path, case: Found, anatomy: "Anatomy", wall: "Myocardium") -> None:
    """Draw the probability of disease with the outlines of the true and the credible region.

    Parameters
    ----------
    path : Path
    case : Found
    anatomy : Anatomy
    wall : Myocardium
        Whose nodes the case's probabilities are at.
    """
    from cine_mapping.heart_surface import mask_at_surface, nodes_at_surface
    from viewer.heart_overlay import FOUND_COLOUR, Mark
    from viewer.heart_picture import Sheet, draw_heart

    nodes = nodes_at_surface(wall, anatomy)
    values = np.where(nodes >= 0, case.probability[nodes], 0.0)
    marks: list[Mark] = []
    if case.truth.any():
        marks = [
            Mark(mask_at_surface(case.truth, wall, anatomy), "simulated region"),
            Mark(
                mask_at_surface(case.credible, wall, anatomy),
                "80 % credible region",
                colour=FOUND_COLOUR,
                dashed=True,
            ),
        ]
    title, subtitle = _words(case)
    sheet = Sheet(title=title, subtitle=subtitle, bar="probability of disease", colours="Oranges", top=1.0)
    draw_heart(path, anatomy, values, marks=marks, sheet=sheet)


def _words(case: Found) -> tuple[str, str]:
    top = f"highest probability {case.probability.max():.2f}"
    if not case.truth.any():
        return (
            "simulated normal heart: no region",
            f"{top}, below the limit of {case.presence:.2f}; the network gives normal {case.chance:.2f}",
        )
    return (
        f"simulated {NAMES[case.family]}: Dice {case.dice:.2f}, centre {case.centre_mm:.0f} mm off",
        f"credible region: {case.size:.0%} of the surface, holds {case.held:.0%} of the true one; "
        f"{top}; network's {case.label} {case.chance:.2f}",
    )


def draw_sight(path: Path, anatomy: "Anatomy") -> dict[str, Any]:
    """Draw what leads can see of old infarcts over a beat, and count what they cannot tell apart."""
    from cine_mapping.forward.heart import reference_heart
    from cine_mapping.localisation.visibility import components, explained, make_catalogue, plan_sight, twins
    from viewer.visibility_picture import draw_visibility

    heart = reference_heart()
    areas = heart.myocardium.boundary.areas
    instant = plan_sight(heart)
    figures: dict[str, Any] = {
        "regions": REGIONS_DRAWN,
        "instant": {"components": instant.rank, "share": float(np.average(instant.share, weights=areas))},
    }
    share = np.zeros(len(areas))
    for family in SHOWN:  # the last of them is drawn
        catalogue = make_catalogue(heart, family, REGIONS_DRAWN)
        share = explained(catalogue.patterns, catalogue.truths)
        figures[family] = {
            "components": components(catalogue.patterns),
            "share": float(np.average(share, weights=areas)),
            "pairs_alike_apart": len(twins(catalogue, areas)),
        }
    words = f"of whether a place is scarred, over a beat; {REGIONS_DRAWN} simulated old infarcts"
    draw_visibility(path, share, anatomy=anatomy, myocardium=heart.myocardium, subtitle=words)
    return figures


def draw_all(folder: Path) -> Iterator[Path]:
    """Draw every picture, write their figures to pictures.json, and give each file."""
    from cine_mapping.anatomy_io import load_anatomy
    from cine_mapping.myocardium_io import load_myocardium
    from imn.model import load_model

    anatomy, wall = load_anatomy("reference"), load_myocardium("reference")
    folder.mkdir(parents=True, exist_ok=True)
    found = list(find_cases(load_model()))
    sick = [case for case in found if case.family in SHOWN]
    figures: dict[str, Any] = {
        "recordings": len(sick),
        "seen_from_outside": sum(case.outside >= SEEN for case in sick),
        "mean_dice": float(np.nanmean([case.dice for case in sick])),
        "label_above_half": sum(case.chance > 0.5 for case in sick),
    }
    with tempfile.TemporaryDirectory() as scratch:
        large = Path(scratch) / "large.png"
        for name, case in choose(found).items():
            draw_case(large, case, anatomy, wall)
            shrink(large, folder / f"{name}.png", colours=COLOURS)
            figures[name] = case.figures()
            yield folder / f"{name}.png"
        figures["visibility"] = draw_sight(large, anatomy)
        shrink(large, folder / "visibility.png", colours=COLOURS)
        yield folder / "visibility.png"
    with replacing(folder / "pictures.json") as draft:
        draft.write_text(json.dumps(figures, indent=2, allow_nan=False) + "\n", encoding="utf-8")
    yield folder / "pictures.json"


if __name__ == "__main__":
    for drawn in draw_all(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/localisation")):
        sys.stdout.write(f"{drawn}\n")
