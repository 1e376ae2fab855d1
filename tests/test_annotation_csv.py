"""Annotations as CSV: nothing lost, nothing guessed."""

from time import perf_counter

import pytest
from hypothesis import example, given, settings

from annotations import Annotation, Finding, Given, Interval, VertexWeights, read_csv, write_csv
from imn.errors import InputError
from tests.annotation_values import several

WHOSE = Given(record_id="r1", rater="A", label="MI", provenance="expert", confidence=0.5)
NASTY = Finding(
    "a,b", "expert", 0.1 + 0.2, note='"\r\n;\0\r\n=1+1\ufeff', vertices=VertexWeights("h", "0" * 64, (), ())
)


@settings(max_examples=60, deadline=None)
@given(values=several)
@example(values=(Annotation("r", "A", (NASTY, NASTY)), Annotation("r", "A", ()), Annotation("r", "A", ())))
def test_what_is_written_reads_back_exactly(tmp_path_factory, values):
    path = tmp_path_factory.mktemp("annotations") / "marks.csv"
    write_csv(path, values)
    assert read_csv(path) == values


def table(tmp_path, text: str):
    path = tmp_path / "marks.csv"
    path.write_bytes(text.encode())
    return path


def test_a_table_from_elsewhere_needs_what_it_does_not_say(tmp_path):
    path = table(tmp_path, "onset,offset,leads\n100,180,V1 V2\n")
    for options, missing in (
        (
            Given(),
            "does not say record, rater, label, provenance and confidence; give --record, --rater",
        ),
        (WHOSE, "does not say unit; give --unit"),
        (Given(**{**vars(WHOSE), "unit": "samples"}), "does not say fs; give --fs"),
        (Given(**{**vars(WHOSE), "unit": "ms"}), "does not say on; give --on"),
    ):
        with pytest.raises(InputError, match=missing):
            read_csv(path, options)
    for unit, fs, seconds in (
        ("ms", None, (0.1, 0.18)),
        ("samples", 500, (0.2, 0.36)),
        ("s", None, (100, 180)),
    ):
        options = Given(**{**vars(WHOSE), "unit": unit, "fs": fs, "on": "recording"})
        (annotation,) = read_csv(path, options)
        (found,) = annotation.findings
        assert (annotation.record_id, annotation.rater, found.label) == ("r1", "A", "MI")
        assert found.intervals == (Interval(("V1", "V2"), *seconds, "recording"),)


def test_rows_of_one_rater_and_recording_are_one_annotation_and_may_stand_in_any_order(tmp_path):
    path = table(
        tmp_path, "record_id,label,region,leads\r\nr1,MI,LAD,\r\nr2,MI,RCA,\r\nr1,CD,,V1\r\nr1,MI,apex,\r\n"
    )
    options = Given(rater="A", provenance="derived", confidence=1.0, state="draft")
    assert read_csv(path, options) == (
        Annotation(
            "r1",
            "A",
            (
                Finding("MI", "derived", 1.0, regions=("LAD", "apex")),
                Finding("CD", "derived", 1.0, leads=("V1",)),
            ),
            state="draft",
        ),
        Annotation("r2", "A", (Finding("MI", "derived", 1.0, regions=("RCA",)),), state="draft"),
    )


HEAD = (
    "record_id,rater,state,label,provenance,confidence,"
    "leads,onset_s,offset_s,on,region,anatomy,sha256,vertex,weight\n"
)
WHO = "r1,A,signed,MI,expert,0.5,"
HASH = "0" * 64


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "expected columns among annotation, record_id, .*found no first line"),
        ("record_id;rater\n", "separated by commas, found column 'record_id;rater'"),
        ("record_id,record_id\n", "expected each column once, found record_id twice"),
        (HEAD + "r1,A\n", "line 2: expected 15 cells, found 2"),
        (HEAD + WHO + "V1,0.1,,beat,,,,,\n", "the cells of one mark .*found leads, onset_s, on"),
        (HEAD + WHO + "V1,0.1,0.2,,,,,,\n", "found leads, onset_s, offset_s$"),
        (HEAD + WHO + ",,,,LAD,h,,,\n", "found region, anatomy"),
        (HEAD + WHO + 'V1,"0,1",0.2,beat,,,,,\n', "line 2: onset_s must be a number .*got '0,1'"),
        (HEAD + WHO + "V1,nan,0.2,beat,,,,,\n", "onset_s must be a number with a decimal point, got 'nan'"),
        (HEAD + WHO + "V1,1e999,0.2,beat,,,,,\n", "onset_s must be a finite number"),
        (HEAD + WHO + "V1;V2,0.1,0.2,beat,,,,,\n", "lead must be one of I, .*got 'V1;V2'"),
        (HEAD + WHO + f",,,,,h,{HASH},1.5,1\n", "vertex must be a whole number from 0, got '1.5'"),
        (HEAD + WHO + f",,,,,h,{HASH},3,1\n" + WHO + f",,,,,h,{HASH},2,1\n", "line 2: index must"),
        (HEAD + WHO + f",,,,,h,{HASH},3,1\n" + WHO + f",,,,,g,{HASH},4,1\n", "painted on one heart, found 2"),
        (HEAD + WHO.replace("expert", "gold") + ",,,,,,,,\n", "line 2: provenance must be one of"),
        (HEAD + WHO.replace("0.5", "high") + ",,,,,,,,\n", "line 2: confidence must be a number"),
        (HEAD + WHO.replace("MI", "") + ",,,,LAD,,,,\n", "line 2: label must be one line"),
        (HEAD + "r1,A,signed,,,,,,,,,,,,\n" + WHO + ",,,,LAD,,,,\n", "expected a finding, found none"),
        (HEAD + WHO + '"V1\n', "expected a table as CSV in UTF-8, found unexpected end"),
        (HEAD + WHO + ",,,,LAD,,,," + "x" * 200_000 + "\n", "table as CSV in UTF-8, found field larger"),
    ],
)  # fmt: skip
def test_a_table_that_does_not_fit_is_refused_with_the_line(tmp_path, text, sentence):
    path = table(tmp_path, text)
    with pytest.raises(InputError, match=sentence) as caught:
        read_csv(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
    with pytest.raises(InputError, match="could not read them"):
        read_csv(tmp_path / "none.csv")


def test_other_encodings_and_what_is_said_twice_are_refused(tmp_path):
    path = table(tmp_path, "")
    path.write_bytes((HEAD + WHO + ",,,,LAD,,,,\n").encode("utf-16"))
    with pytest.raises(InputError, match="expected a table as CSV in UTF-8"):
        read_csv(path)
    path.write_text(HEAD + WHO + ",,,,LAD,,,,\n")
    with pytest.raises(InputError, match="the file has a column rater; do not give --rater as well"):
        read_csv(path, Given(rater="B"))
    both = table(tmp_path, "onset,onset_s,offset_s,leads,on\n1,2,3,V1,beat\n")
    with pytest.raises(InputError, match="line 2: onset and onset_s are both there"):
        read_csv(both, Given(**{**vars(WHOSE), "unit": "s"}))


def test_a_long_number_is_read_or_refused_at_once(tmp_path):
    path = table(tmp_path, HEAD + WHO + f"V1,0.{'1' * 100_000},0.2,beat,,,,,\n")
    assert read_csv(path)[0].findings[0].intervals[0].onset_s == pytest.approx(1 / 9)
    path = table(tmp_path, HEAD + WHO + f"V1,{'1' * 100_000}x,0.2,beat,,,,,\n")
    start = perf_counter()
    with pytest.raises(InputError, match="onset_s must be a number"):
        read_csv(path)
    assert perf_counter() - start < 5
