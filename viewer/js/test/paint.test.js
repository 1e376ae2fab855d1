import assert from "node:assert/strict";
import { test } from "node:test";

import { colourTable } from "../src/colormaps.js";
import { drawBrackets, STYLES } from "../src/leads/brackets.js";
import { tracksOf } from "../src/leads/cursor.js";
import { planSheet, xOf } from "../src/leads/geometry.js";
import { drawCalibration, drawEvidence, drawMarks, drawPaper, drawTrace } from "../src/leads/paint.js";

const PALETTE = {
  paper: "p",
  thin: "thin",
  thick: "thick",
  ink: "ink",
  mark: "mark",
  accent: "a",
  dark: false,
  font: "f",
};
const CLOCKS = { fs: 500, beat_ms: [-340, 510], recording_ms: 10000, recording_fs: 500, peaks_ms: [500, 1500, 9900] };
const plan = (source, mm_per_mV = 10) =>
  planSheet({
    layout: "3x4",
    source,
    paper: { mm_per_s: 25, mm_per_mV },
    beat_ms: CLOCKS.beat_ms,
    recording_ms: CLOCKS.recording_ms,
    width: 900,
    height: 700,
  });

/** A context that remembers its calls, each with the styles at that moment. */
function recorder() {
  const calls = [];
  const style = { canvas: { width: 900, height: 700 }, dash: [] };
  return new Proxy(style, {
    get(target, name) {
      if (name === "calls") return calls;
      if (name in target) return target[name];
      return (...args) => {
        if (name === "setLineDash") target.dash = args[0];
        calls.push({ name, args, fill: target.fillStyle, stroke: target.strokeStyle, dash: target.dash });
        return { width: 4 };
      };
    },
    set: (target, name, value) => ((target[name] = value), true),
  });
}
const named = (ink, ...names) => ink.calls.filter((call) => names.includes(call.name));
const close = (a, b) => assert.ok(Math.abs(a - b) < 1e-6, `${a} against ${b}`);

for (const gain of [5, 10, 20]) {
  test(`a trace of 1 mV stands ${gain} mm high, where its samples are in time`, () => {
    const sheet = plan("beat", gain);
    const [strip] = sheet.strips;
    const row = Float32Array.from({ length: 426 }, (_, i) => (i === 170 ? 1 : 0));
    const ink = recorder();
    drawTrace(ink, sheet, strip, row, { fs: 500, origin_ms: -340 }, PALETTE);
    const points = named(ink, "moveTo", "lineTo").map((call) => call.args);
    assert.equal(points.length, 426);
    close(points[170][0], xOf(sheet, strip, 0));
    close(points[0][1] - points[170][1], gain);
    const pulse = recorder();
    drawCalibration(pulse, sheet, strip, PALETTE);
    const heights = named(pulse, "moveTo", "lineTo").map((call) => call.args[1]);
    close(Math.max(...heights) - Math.min(...heights), gain);
  });
}

test("a column of a recording draws its own stretch and no more", () => {
  const sheet = plan("recording");
  const strip = sheet.strips[3];
  const ink = recorder();
  drawTrace(ink, sheet, strip, new Float32Array(5000), { fs: 500, origin_ms: 0 }, PALETTE);
  const xs = named(ink, "moveTo", "lineTo").map((call) => call.args[0]);
  close(Math.min(...xs), strip.x);
  assert.ok(Math.max(...xs) <= strip.x + strip.width + 1e-6);
});

test("shading covers each bin once, within the strip; empty bins stay paper", () => {
  const sheet = plan("beat");
  const [strip] = sheet.strips;
  const bins = Float64Array.from({ length: 85 }, (_, i) => (i % 2 ? 0 : i - 40));
  const ink = recorder();
  const how = { origin_ms: -340, limit: 20, table: colourTable("PuOr"), dark: false, bars: false };
  drawEvidence(ink, sheet, strip, bins, how);
  const drawn = named(ink, "fillRect");
  assert.equal(drawn.length, bins.filter((value) => value !== 0).length);
  for (const { args } of drawn)
    assert.ok(args[0] >= strip.x - 1e-6 && args[0] + args[2] <= strip.x + strip.width + 0.05);
});

test("bars rise for support and hang for opposition, as long as the evidence is large", () => {
  const sheet = plan("beat");
  const [strip] = sheet.strips;
  const ink = recorder();
  const how = { origin_ms: -340, limit: 2, table: colourTable("PuOr"), dark: false, bars: true };
  drawEvidence(ink, sheet, strip, Float64Array.from([2, 1, -2]), how);
  const [full, half, against] = named(ink, "fillRect").map((call) => call.args);
  close(full[3], 2 * half[3]);
  close(full[3], against[3]);
  close(full[1] + full[3], against[1]);
});

test("paper has a stronger line every 5 mm and a weak one at the others", () => {
  const sheet = plan("beat");
  const ink = recorder();
  drawPaper(ink, sheet, PALETTE, sheet.scale);
  const upright = (colour) =>
    named(ink, "fillRect").filter((call) => call.fill === colour && call.args[1] === 0 && call.args[3] === 700).length;
  const count = Math.floor(sheet.width) + 1;
  const big = Math.floor(sheet.width / 5) + 1;
  assert.deepEqual([upright("thick"), upright("thin")], [big, count - big]);
});

test("markers outside the strip are not drawn, and their names do not overlap", () => {
  const sheet = plan("beat");
  const [strip] = sheet.strips;
  const ink = recorder();
  const marks = [-600, 0, 1, 200].map((t_ms, i) => ({ name: `m${i}`, t_ms }));
  drawMarks(ink, sheet, strip, marks, true, PALETTE);
  assert.equal(named(ink, "stroke").length, 3);
  assert.deepEqual(
    named(ink, "fillText").map((call) => call.args[0]),
    ["m1", "m3"],
  );
});

test("expert, derived and simulated brackets differ by their line, not by colour alone", () => {
  const sheet = plan("beat");
  const strip = sheet.strips[1];
  const dashes = Object.keys(STYLES).map((provenance) => {
    const ink = recorder();
    const bracket = { leads: ["II"], onset_ms: 0, offset_ms: 100, on: "beat", rater: "r", label: "MI", provenance };
    drawBrackets(ink, sheet, strip, { brackets: [bracket], peaks_ms: [] }, PALETTE);
    return named(ink, "stroke")[0]
      .dash.map((length) => Math.round(length * sheet.scale))
      .join(" ");
  });
  assert.equal(new Set(dashes).size, 3);
  assert.equal(dashes[0], "");
});

test("the cursor has one line per column of the beat, and one per beat where a recording is shown", () => {
  const beat = tracksOf(plan("beat"), CLOCKS);
  assert.deepEqual(
    beat.filter((track) => track.beat < 0).map((track) => track.strip.column),
    [0, 1, 2, 3],
  );
  const recording = tracksOf(plan("recording"), CLOCKS);
  const rhythm = recording.filter((track) => track.strip.column < 0);
  assert.deepEqual(
    rhythm.map((track) => track.shift_ms),
    CLOCKS.peaks_ms,
  );
  assert.deepEqual(
    recording.filter((track) => track.strip.column === 0).map((track) => track.beat),
    [0, 1],
  );
});
