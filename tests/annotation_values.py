"""Annotations for tests: the plainest one, and those that hypothesis makes up for every file format."""

from datetime import datetime

from hypothesis import strategies as st

from annotations import PLACES, Annotation, Finding, Interval, VertexWeights
from imn.leads import LEADS

PLAIN = Finding("MI", "simulated", 0.5)
READ = Annotation("r1", "A", (PLAIN,))

# letters, marks, numbers, punctuation, symbols
lines = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=20)
notes = st.text(st.characters(exclude_categories=("Cs",)), max_size=30)
leads = st.lists(st.sampled_from(LEADS), max_size=3, unique=True).map(tuple)


@st.composite
def intervals(draw):
    on = draw(st.sampled_from(["beat", "recording"]))
    times = st.floats(0 if on == "recording" else -1e6, 1e6)
    onset, offset = sorted(draw(st.lists(times, min_size=2, max_size=2, unique=True)))
    names = draw(st.lists(st.sampled_from(LEADS), min_size=1, unique=True))
    return Interval(tuple(names), onset, offset, on)


@st.composite
def vertices(draw):
    index = sorted(draw(st.sets(st.integers(0, 2**31 - 1), max_size=8)))
    weight = [draw(st.floats(0, 1, exclude_min=True)) for _ in index]
    sha256 = draw(st.sampled_from(["0" * 64, "9a" * 32]))
    return VertexWeights(draw(lines), sha256, tuple(index), tuple(weight))


finding_values = st.builds(
    Finding,
    label=lines,
    provenance=st.sampled_from(["expert", "derived", "simulated"]),
    confidence=st.floats(0, 1),
    intervals=st.lists(intervals(), max_size=3).map(tuple),
    regions=st.lists(st.sampled_from(PLACES), max_size=4, unique=True).map(tuple),
    vertices=st.none() | vertices(),
    leads=leads,
    note=notes,
)
moments = st.datetimes(min_value=datetime(1000, 1, 1)).map(lambda moment: f"{moment.isoformat()}Z")
annotation_values = st.builds(
    Annotation,
    record_id=lines,
    rater=lines,
    findings=st.lists(finding_values, max_size=3).map(tuple),
    marked_at=st.none() | moments,
    tool=st.just("") | lines,
    state=st.sampled_from(["draft", "signed", "adjudicated"]),
)
several = st.lists(annotation_values, max_size=3).map(tuple)
