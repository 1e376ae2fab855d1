"""The report: one HTML file that holds everything and asks for nothing else."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template
from typing import Any

from imn.files import replacing
from viewer.html import meter, note, number, paragraph, picture, row, section, table, text, words
from viewer.report_places import percent, places, times
from viewer.summary import densest

RESEARCH_USE = "Research use only. Not a medical device."
Summary = Mapping[str, Any]

PROVENANCE = {
    "simulated": "known from the simulation that made the recording",
    "expert": "marked by an expert",
    "derived": "derived from something else by a rule, not marked by a person",
}
BASELINES = {
    "random region": "connected region of the same size, anywhere",
    "random vertices": "scattered points of the same area",
    "all positive": "the whole heart marked",
    "signal energy": "the squared signal in place of the evidence",
    "permuted leads": "the evidence with its leads shuffled",
}
PICTURES = {
    "heart": (
        "Evidence on the heart",
        "The heart from several sides, coloured by evidence as the bar beside it says.",
    ),
    "ecg": (
        "Evidence on the recording",
        "The recording on ECG paper. Shading behind a trace is the evidence of these 10 ms.",
    ),
    "clusters": (
        "Moments that the network tells apart",
        "Clusters of what the network's last blocks say; below them, how undecided the assignment is. "
        "Each card: mean waveform, and the evidence inside the cluster's samples as a bull's-eye.",
    ),
    "beat": (
        "Evidence on the median beat",
        "The median beat; the evidence of all beats is summed onto it. Dashed lines: fiducial points.",
    ),
}


def write_report(
    path: str | Path, summary: Summary, pictures: Mapping[str, Path], *, no_pictures: str = ""
) -> None:
    """Write an analysis as one HTML file with all pictures inside.

    Parameters
    ----------
    path : str or Path
    summary : mapping
        As ``summary.json`` holds it; every text in it is escaped.
    pictures : mapping of str to Path
        Picture files by name: heart, ecg, beat, bullseye.  Any may be missing.
    no_pictures : str
        Why the heart was not drawn, in one sentence; shown in its place.
    """
    template = Template(Path(__file__).with_name("report_template.html").read_text(encoding="utf-8"))
    html = template.substitute(
        title=text(f"{summary['record']}: evidence for {summary['target']}"),
        facts=text(_facts(summary)),
        sentence=text(sentence(summary)),
        body="\n".join(filter(None, _sections(summary, pictures, no_pictures))),
        research_use=text(summary.get("research_use") or RESEARCH_USE),
    )
    with replacing(path) as draft:
        draft.write_text(html, encoding="utf-8")


def sentence(summary: Summary) -> str:
    """Say the result in words: class, probability, where most of the evidence lies."""
    target = summary["target"]
    chosen = next((p for p in summary["predictions"] if p["label"] == target), None)
    said = (
        f"The network gives {target} a probability of {_probability(chosen['probability'])}. "
        if chosen
        else ""
    )
    top = densest(summary, 2)
    if not top:
        return said + "No evidence on the heart supports this class."
    where = " and ".join(f"{entry['name']} ({times(entry['density'])} an even spread)" for entry in top)
    return f"{said}The supporting evidence is densest in: {where}."


def _sections(summary: Summary, pictures: Mapping[str, Path], no_pictures: str) -> list[str]:
    shown = {name: _figure(name, pictures) for name in PICTURES}
    if no_pictures and not shown["heart"]:
        shown["heart"] = note(no_pictures)
    return [
        _quality(summary.get("quality", ())),
        section("What the network reads", _predictions(summary)),
        *(section(PICTURES[name][0], html) for name, html in shown.items() if name != "beat"),
        section(PICTURES["beat"][0], shown["beat"]),
        section("Where the supporting evidence lies", places(summary, pictures)),
        section("Agreement with the annotation", _agreement(summary)),
        section("How far the numbers hold", _checks(summary)),
        section("How this was made", _made(summary)),
    ]


def _facts(summary: Summary) -> str:
    facts = [
        f"model {summary['model']}",
        f"anatomy {summary['anatomy']}" if summary.get("anatomy") else "",
        f"{summary['duration']:.1f} s" if summary.get("duration") else "",
        f"{summary['fs']:g} Hz",
        str(summary.get("date", "")).replace("T", " ").replace("+00:00", " UTC"),
    ]
    return " · ".join(fact for fact in facts if fact)


def _figure(name: str, pictures: Mapping[str, Path]) -> str:
    return picture(pictures[name], PICTURES[name][0], PICTURES[name][1]) if name in pictures else ""


def _quality(flags: Sequence[str]) -> str:
    return note("What to keep in mind about this recording:", flags) if flags else ""


def _predictions(summary: Summary) -> str:
    said = summary["predictions"]
    words = "The evidence is the sum of weight times signal over all leads and samples."
    return "".join(
        _readings(
            [entry for entry in said if entry.get("superclass", True) is kind], summary["target"], head, foot
        )
        for kind, head, foot in ((True, "class", words), (False, "finding", ""))
    )


def _readings(entries: Sequence[Mapping[str, Any]], target: str, head: str, foot: str) -> str:
    rows = [
        row(
            f"{entry['label']} {entry['words']}" if entry.get("words") else entry["label"],
            [
                number(_probability(entry["probability"])),
                meter(entry["probability"]),
                number(_signed(entry["logit"])),
                number(_signed(entry["evidence"])),
                number(_signed(entry["bias"])),
            ],
            chosen=entry["label"] == target,
        )
        for entry in entries
    ]
    heads = [head, ">probability", "", ">logit", ">= evidence", ">+ bias"]
    return table(heads, rows, foot) if rows else ""


def _agreement(summary: Summary) -> str:
    return "\n".join(_score(score) for score in summary.get("scores", ()))


def _score(score: Summary) -> str:
    parts = [paragraph(_annotation_words(score))]
    if score.get("mesh"):
        parts.append(_overlap(score["mesh"], score.get("baselines", {})))
        parts.append(_rank(score.get("places")))
    if score.get("leads"):
        leads = score["leads"]
        reached = f"On leads and time: Dice {leads['dice']:.3f}"
        chance = f"marking everything gives {leads['all_positive']:.3f}"
        covered = f"{percent(leads['fraction'])} is annotated"
        parts.append(paragraph(f"{reached}; {chance}; {covered}.", "soft"))
    return "\n".join(parts)


def _annotation_words(score: Summary) -> str:
    provenance = str(score["provenance"])
    origin = PROVENANCE.get(provenance, f"of unknown provenance ({provenance})")
    regions = ", ".join(score.get("regions") or ()) or "no named region"
    return f"{score['label']} as given by {score['rater']}: {regions}. This is {origin}."


def _overlap(mesh: Summary, baselines: Mapping[str, float]) -> str:
    others = {"all positive": mesh["all_positive"], **baselines}
    rows = [row("this map", [number(f"{mesh['dice']:.3f}"), meter(mesh["dice"]), words("")], chosen=True)]
    rows += [
        row(name, [number(f"{dice:.3f}"), meter(dice), words(BASELINES.get(name, ""))])
        for name, dice in others.items()
    ]
    covered = (
        f"The annotation covers {percent(mesh['fraction'])} of the scored surface; the map marks as much."
    )
    details = f"IoU {mesh['iou']:.3f}, precision {mesh['precision']:.3f}, recall {mesh['recall']:.3f}."
    return "\n".join(
        [
            table(["", ">Dice", "", ""], rows, "Overlap weighted by area, beside its controls"),
            paragraph(f"{covered} {details}", "soft"),
        ]
    )


def _rank(places: Summary | None) -> str:
    """Say what needs no threshold, and how far apart the regions lie."""
    if not places:
        return ""
    mass = f"{percent(places['mass'])} of the supporting evidence lies inside"
    if 0 < places["pointing"] < 1:
        peak = f"{percent(places['pointing'])} of the densest places lie inside"
    else:
        peak = f"the densest place lies {'inside' if places['pointing'] else 'outside'}"
    said = [f"{mass}; {peak}; AUPRC {places['average_precision']:.3f}."]
    if apart := places.get("distance"):
        middles, most = f"{apart['centre']:.0f} mm between the middles", f"{apart['hausdorff_95']:.0f} mm"
        said.append(
            f"Through the heart it is {middles}; 95 % of both regions lie within {most} of the other."
        )
    return paragraph(" ".join(said), "soft")


def _checks(summary: Summary) -> str:
    rows = [
        row(
            "completeness error",
            [number(_small(summary["completeness_error"])), words("evidence + bias − logit")],
        ),
        row(
            "conservation error",
            [
                number(_small(summary["conservation_error"])),
                words("map of the heart − evidence on the recording"),
            ],
        ),
    ]
    if "not_dipolar" in summary:
        meaning = "of the evidence that no dipole carries; the vector map spreads it evenly"
        rows.append(row("share beyond a dipole", [number(percent(summary["not_dipolar"])), words(meaning)]))
    return table(["", ">largest value", "of"], rows)


def _made(summary: Summary) -> str:
    made: list[str] = []
    for key in ("versions", "config", "files", "inputs"):
        if summary.get(key):
            made.append(_listing(key, summary[key]))
    if summary.get("seconds"):
        made.append(_listing("time, s", {k: f"{v:.2f}" for k, v in summary["seconds"].items()}))
    return f'<div class="pair">{"".join(f"<div>{part}</div>" for part in made)}</div>' if made else ""


def _listing(title: str, entries: Mapping[str, Any] | Sequence[Any]) -> str:
    pairs = entries.items() if isinstance(entries, Mapping) else [("", entry) for entry in entries]
    return table([title, ""], [row(str(k), [f'<td class="hash">{text(v)}</td>']) for k, v in pairs])


def _probability(value: float) -> str:
    return f"{value:.3f}"


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")


def _small(value: float) -> str:
    return f"{value:.1e}".replace("-", "−")
