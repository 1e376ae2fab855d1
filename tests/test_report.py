"""The report: one file that asks for nothing."""

import base64
import io
import re

import pytest
from PIL import Image

from cine_mapping.anatomy import REGIONS
from viewer.report import sentence, write_report


def places(first):
    rest = (1 - first) / (len(REGIONS) - 1)
    return {
        "regions": [
            {"name": name, "share": share, "density": share * len(REGIONS)}
            for i, name in enumerate(REGIONS)
            for share in [first if i == 0 else rest]
        ],
        "territories": {"LAD": 0.7, "RCA": 0.1, "LCX": 0.15, "RV": 0.05},
    }


@pytest.fixture
def summary():
    return {
        "record": "rec<script>alert(1)</script>", "fs": 500.0, "model": "m & m", "target": "AMI",
        "predictions": [
            {"label": "AMI", "probability": 0.93, "logit": 2.61, "bias": -0.41, "evidence": 3.02},
            {"label": "NORM", "probability": 0.02, "logit": -3.9, "bias": 0.3, "evidence": -4.2},
        ],
        "completeness_error": 2.3e-7, "conservation_error": 8e-13, **places(0.5),
        "modalities": {n: places(0.3) | {"weight": float(n != "path")} for n in ("leads", "vcg", "path")},
        "quality": ["P wave <absent>"], "dice": None, "baselines": {}, "scores": [],
        "files": {"heart.png": "heart.png"}, "seconds": {"predict": 0.3}, "versions": {"numpy": "2"},
        "research_use": "Research use only. Not a medical device.",
    }  # fmt: skip


@pytest.fixture
def written(tmp_path, summary):
    def write(pictures=None, **changes):
        write_report(
            tmp_path / "report.html", {**summary, **changes}, pictures or {}, no_pictures="No <GL> here."
        )
        return (tmp_path / "report.html").read_text(encoding="utf-8")

    return write


def test_report_is_one_file_that_asks_for_nothing(written, tmp_path):
    for name in ("heart", "ecg", "beat", "bullseye"):
        Image.new("RGB", (40, 30), "orange").save(tmp_path / f"{name}.png")
    html = written({name: tmp_path / f"{name}.png" for name in ("heart", "ecg", "beat", "bullseye")})
    sources = re.findall(r'\b(?:src|href|srcset|data|action)\s*=\s*"([^"]*)"', html)
    assert len(sources) == 4 and all(source.startswith("data:image/webp;base64,") for source in sources)
    assert not re.search(r"https?:|url\(|@import|<script|<link|<iframe", html)
    with Image.open(io.BytesIO(base64.b64decode(sources[0].split(",")[1]))) as image:
        assert image.size == (40, 30)
    assert "Research use only. Not a medical device." in html and "No &lt;GL&gt;" not in html


def test_report_escapes_every_text_and_works_without_pictures(written):
    html = written()
    assert "<script" not in html and "rec&lt;script&gt;" in html
    assert "P wave &lt;absent&gt;" in html and "m &amp; m" in html and "No &lt;GL&gt; here." in html
    assert "<img" not in html and "prefers-color-scheme: dark" in html
    assert "Agreement" not in html


@pytest.mark.parametrize(
    ("provenance", "said"),
    [
        ("simulated", "known from the simulation"),
        ("expert", "marked by an expert"),
        ("derived", "not marked by a person"),
    ],
)
def test_report_says_where_the_annotation_comes_from(provenance, said, written):
    mesh = {
        "dice": 0.71,
        "fraction": 0.11,
        "all_positive": 0.2,
        "iou": 0.55,
        "precision": 0.7,
        "recall": 0.72,
    }
    score = {
        "rater": "<r>", "provenance": provenance, "label": "AMI", "regions": ["mid anterior"],
        "dice": 0.71, "mesh": mesh, "leads": {**mesh, "dice": 0.456},
        "baselines": {"signal energy": 0.31, "permuted leads": 0.28},
    }  # fmt: skip
    html = written(scores=[score])
    assert said in html and ("expert" in html) == (provenance == "expert")
    for number in ("0.710", "0.200", "0.310", "0.280", "11.0\u00a0%", "IoU 0.550", "0.456", "&lt;r&gt;"):
        assert number in html


@pytest.mark.parametrize(
    ("pointing", "said"), [(1.0, "lies inside"), (0.0, "lies outside"), (0.25, "25.0\u00a0%")]
)
def test_report_says_what_needs_no_threshold(pointing, said, written):
    mesh = {"dice": 0.7, "fraction": 0.1, "all_positive": 0.2, "iou": 0.5, "precision": 0.7, "recall": 0.7}
    places = {"mass": 0.43, "pointing": pointing, "average_precision": 0.789}
    apart = {"hausdorff": 20.2, "hausdorff_95": 12.7, "centre": 8.1}
    score = {"rater": "r", "provenance": "derived", "label": "AMI", "mesh": mesh, "places": places}
    html = written(scores=[score])
    assert said in html and "43.0\u00a0%" in html and "AUPRC 0.789" in html and "middles" not in html
    html = written(scores=[score | {"places": places | {"distance": apart}}])
    assert "8 mm between the middles" in html and "within 13 mm" in html


def test_findings_stand_below_the_classes_with_their_words(written, summary):
    said = [dict(p, words=f"<{p['label']}>", superclass=p["label"] == "NORM") for p in summary["predictions"]]
    html = written(predictions=said)
    assert "AMI &lt;AMI&gt;" in html and "NORM &lt;NORM&gt;" in html
    order = [html.index(words) for words in (">class<", "NORM &lt;", ">finding<", "AMI &lt;")]
    assert order == sorted(order)
    assert html.count("The evidence is the sum of weight times signal") == 1
    assert ">finding<" not in written()


def test_sentence_names_probability_and_places(summary):
    assert "0.930" in sentence(summary) and "basal anterior (11.0\u00a0\u00d7 an even spread)" in sentence(
        summary
    )
    silent = {**summary, "regions": [{"name": name, "share": 0.0, "density": 0.0} for name in REGIONS]}
    assert "No evidence" in sentence(silent)
