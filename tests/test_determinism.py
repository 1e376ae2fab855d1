"""Same input, same versions, same bytes, in another process, hash seed, locale and time zone."""

from viewer import repeat_bench


def test_everything_that_is_written_is_the_same_twice():
    rows = {row.pop("made twice"): row for row in repeat_bench.measure()}
    assert set(rows) == set(repeat_bench.MADE)
    assert all(row["files"] and row["bytes"] for row in rows.values()), rows
    assert {what: row["files that are not the same"] for what, row in rows.items()} == dict.fromkeys(rows, 0)


def test_what_is_not_the_same_is_noticed(tmp_path):
    for i, words in enumerate(("a", "b")):
        (tmp_path / str(i) / "export").mkdir(parents=True)
        (tmp_path / str(i) / "export/all.json").write_text(words)
    row = repeat_bench._compared("x", "export/*", tmp_path / "0", tmp_path / "1")
    assert row == {"made twice": "x", "files": 1, "bytes": 1, "files that are not the same": 1}


def test_only_times_are_left_out(tmp_path):
    summary, report = tmp_path / "summary.json", tmp_path / "report.html"
    summary.write_text('{"date": "x", "seconds": {"read": 1.0}, "target": "MI"}')
    assert repeat_bench._lasting(summary) == b'{"target": "MI"}'
    report.write_text("<p>2026-11-21 10:00:00 UTC</p><th>time, s</th><td>1.00</td></table><td>2.00</td>")
    assert repeat_bench._lasting(report) == b"<p> UTC</p><th<td>2.00</td>"
