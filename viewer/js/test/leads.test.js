import assert from "node:assert/strict";
import { test } from "node:test";

import { bracketsOf, stacked, stretchesOn } from "../src/leads/brackets.js";
import { clocksOf, marksOf, phaseOf } from "../src/leads/clocks.js";
import { leadsBetween, planSheet, stripAtPoint, timeAt, voltageAt, xOf } from "../src/leads/geometry.js";
import { added, between, dragged, intervalAt, removed, replaced, withLead } from "../src/leads/intervals.js";
import { LAYOUTS, LEADS, places } from "../src/leads/layouts.js";
import { binned, colourLimit, ofSign, shade } from "../src/leads/shading.js";
import { colourTable } from "../src/colormaps.js";

const PAPER = { mm_per_s: 25, mm_per_mV: 10 };
const ASK = { paper: PAPER, beat_ms: [-340, 510], recording_ms: 10000, width: 900, height: 700 };
const plan = (over = {}) => planSheet({ ...ASK, layout: "3x4", source: "beat", ...over });

for (const [name, layout] of Object.entries(LAYOUTS)) {
  test(`layout ${name} shows every lead once, and no two at the same place`, () => {
    const grid = places(layout).filter((place) => place.column >= 0);
    assert.deepEqual(
      grid.map((place) => place.lead),
      [...LEADS],
    );
    assert.equal(new Set(grid.map((place) => `${place.row}/${place.column}`)).size, LEADS.length);
    assert.equal(Math.max(...grid.map((place) => place.column)) + 1, layout.columns);
    assert.equal(Math.max(...grid.map((place) => place.row)) + 1, layout.rows);
  });

  for (const source of ["beat", "recording"]) {
    test(`layout ${name} of the ${source}: place and time are each other's inverse, strips do not overlap`, () => {
      const sheet = plan({ layout: name, source });
      for (const strip of sheet.strips) {
        const t = 0.3 * strip.start_ms + 0.7 * strip.end_ms;
        assert.ok(Math.abs(timeAt(sheet, strip, xOf(sheet, strip, t)) - t) < 1e-9);
        assert.ok(strip.x >= 0 && strip.x + strip.width <= sheet.width + 1e-6, `${strip.lead} leaves the paper`);
        assert.ok(strip.top + strip.height <= sheet.height + 1e-6);
        assert.equal(stripAtPoint(sheet, strip.x + strip.width / 2, strip.top + strip.height / 2), strip);
      }
      for (const a of sheet.strips) {
        for (const b of sheet.strips) {
          const apart = a.x + a.width <= b.x + 1e-6 || b.x + b.width <= a.x + 1e-6;
          if (a !== b && a.top === b.top) assert.ok(apart, `${a.lead} over ${b.lead}`);
        }
      }
    });
  }
}

test("columns of a recording follow each other in time, and the rhythm strip has all of it", () => {
  const sheet = plan({ source: "recording" });
  const first = sheet.strips.filter((strip) => strip.top === sheet.strips[0].top);
  assert.deepEqual(
    first.map((strip) => strip.start_ms),
    [0, 2500, 5000, 7500],
  );
  const rhythm = sheet.strips.at(-1);
  assert.deepEqual([rhythm.lead, rhythm.start_ms, rhythm.end_ms], ["II", 0, 10000]);
});

test("a big square takes whole pixels, and twice the paper speed takes twice the width", () => {
  for (const width of [640, 777, 1000]) assert.equal((plan({ width }).scale * 5) % 1, 0);
  const slow = plan({ source: "recording" });
  const fast = plan({ source: "recording", paper: { mm_per_s: 50, mm_per_mV: 10 } });
  const span = (sheet) => xOf(sheet, sheet.strips[0], 1000) - xOf(sheet, sheet.strips[0], 0);
  assert.equal(span(fast), 2 * span(slow));
  assert.equal(voltageAt(slow, slow.strips[0], slow.strips[0].y - 10), 1);
});

test("without a recording there is no rhythm strip, and the beat is shown where the recording was asked for", () => {
  const sheet = plan({ recording_ms: null, source: "recording" });
  assert.equal(sheet.strips.length, 12);
  assert.ok(sheet.strips.every((strip) => strip.on === "beat"));
});

test("a band dragged down a column takes the leads it crosses", () => {
  const sheet = plan();
  const [from, , third] = sheet.strips;
  assert.deepEqual(leadsBetween(sheet, from, from.y), ["I"]);
  assert.deepEqual(leadsBetween(sheet, from, third.y), ["I", "II", "III"]);
});

test("bins keep the sum of the evidence, whatever the rate", () => {
  for (const fs of [500, 100, 250, 360, 80]) {
    const row = Float64Array.from({ length: 137 }, (_, i) => Math.sin(i * 1.7));
    const sum = (values) => values.reduce((total, value) => total + value, 0);
    assert.ok(Math.abs(sum(binned(row, fs)) - sum(row)) < 1e-9, `${fs} Hz`);
  }
  assert.deepEqual([...binned([1, 1, 1, 1, 1, 2, 2, 2, 2, 2], 500)], [5, 10]);
});

test("evidence of both signs is the sum of for and against", () => {
  const row = [0.5, -0.25, 0, 3];
  const [positive, negative] = [ofSign(row, "for"), ofSign(row, "against")];
  assert.deepEqual([...ofSign(row, "signed")], row);
  row.forEach((value, i) => assert.equal(positive[i] + negative[i], value));
});

test("the full colour stands for the 99.5th percentile, as numpy's quantile gives it", () => {
  const rows = [Float64Array.from({ length: 101 }, (_, i) => (i % 2 ? -i : i))];
  assert.ok(Math.abs(colourLimit(rows) - 99.5) < 1e-9);
  assert.equal(colourLimit([new Float64Array(5)]), 1);
});

test("nothing is clear, support is orange, opposition is purple, on both papers", () => {
  const table = colourTable("PuOr");
  for (const dark of [false, true]) {
    const parts = (value) =>
      shade(value, 1, table, dark)
        .match(/[\d.]+/g)
        .map(Number);
    assert.equal(parts(0)[3], 0);
    const [r, , b] = parts(1);
    assert.ok(r > b, "orange");
    const [pr, , pb] = parts(-1);
    assert.ok(pb > pr, "purple");
  }
});

test("phase and recording time agree at every beat", () => {
  const meta = {
    fs: 500,
    beat: { n: 426, dt_ms: 2, r_index: 170 },
    recording: { fs: 500, n: 5000, r_peaks: [500, 1000] },
  };
  const clocks = clocksOf(meta, true);
  assert.deepEqual(clocks.beat_ms, [-340, 510]);
  assert.deepEqual(phaseOf(clocks, 1100), { beat: 0, t_ms: 100 });
  assert.deepEqual(phaseOf(clocks, 1900), { beat: 1, t_ms: -100 });
  assert.deepEqual(phaseOf(clocks, 9000), { beat: 1, t_ms: 510 });
  assert.equal(phaseOf(clocksOf(meta, false), 0), null);
});

test("absent waves have no marker", () => {
  const marks = marksOf({ p_onset: null, p_end: null, qrs_onset: -36, j_point: 52, t_peak: 252, t_end: 346 });
  assert.deepEqual(
    marks.map((mark) => mark.name),
    ["QRS", "J", "T", "T end"],
  );
});

test("an interval on the beat lies at every beat of the recording, never the other way round", () => {
  const strip = { lead: "I", on: "recording", start_ms: 0, end_ms: 2500 };
  assert.deepEqual(stretchesOn({ onset_ms: -50, offset_ms: 50 }, strip, [1000, 2000, 2480]), [
    [950, 1050],
    [1950, 2050],
    [2430, 2500],
  ]);
  const beat = { lead: "I", on: "beat", start_ms: -300, end_ms: 500 };
  assert.deepEqual(stretchesOn({ onset_ms: 0, offset_ms: 50, on: "recording" }, beat, [1000]), []);
});

test("brackets that overlap get levels of their own", () => {
  const annotations = [
    { rater: "a", label: "MI", provenance: "expert", intervals: [{ leads: ["II"], onset_ms: 0, offset_ms: 100 }] },
    {
      rater: "b",
      label: "MI",
      provenance: "derived",
      intervals: [
        { leads: ["II", "III"], onset_ms: 50, offset_ms: 90 },
        { leads: ["II"], onset_ms: 100, offset_ms: 120 },
      ],
    },
  ];
  const levels = stacked(bracketsOf(annotations), "II").map(({ bracket, level }) => [bracket.rater, level]);
  assert.deepEqual(levels, [
    ["a", 0],
    ["b", 1],
    ["b", 0],
  ]);
  assert.equal(stacked(bracketsOf(annotations), "V1").length, 0);
});

test("intervals: create, move, resize, change leads, delete", () => {
  assert.equal(between(["I"], 10, 12, "beat"), null);
  const one = between(["I", "II"], 80, 20.4, "beat");
  assert.deepEqual(one, { leads: ["I", "II"], onset_ms: 20, offset_ms: 80, on: "beat" });
  assert.deepEqual(dragged(one, "body", 1000, [-340, 510]), { ...one, onset_ms: 450, offset_ms: 510 });
  assert.deepEqual(dragged(one, "onset", 500, [-340, 510]), { ...one, onset_ms: 72 });
  assert.deepEqual(dragged(one, "offset", -500, [-340, 510]), { ...one, offset_ms: 28 });
  assert.deepEqual(withLead(one, "aVL", LEADS).leads, ["I", "II", "aVL"]);
  assert.deepEqual(withLead(withLead(one, "I", LEADS), "II", LEADS).leads, ["II"]);
  const list = added([], one);
  assert.deepEqual(removed(list, 0), []);
  assert.deepEqual(replaced(list, 0, { ...one, onset_ms: 0 })[0].onset_ms, 0);
  assert.equal(list[0].onset_ms, 20);
});

test("the pointer finds an interval's edges and its body, on its leads only", () => {
  const sheet = plan();
  const strip = sheet.strips[1];
  const list = [{ leads: ["II"], onset_ms: 0, offset_ms: 200 }];
  const hit = (t, where = strip) => intervalAt(list, sheet, where, { x: xOf(sheet, where, t), reach: 1, peaks_ms: [] });
  assert.deepEqual(hit(2), { index: 0, part: "onset" });
  assert.deepEqual(hit(198), { index: 0, part: "offset" });
  assert.deepEqual(hit(100), { index: 0, part: "body" });
  assert.equal(hit(400), null);
  assert.equal(hit(100, sheet.strips[0]), null);
});
