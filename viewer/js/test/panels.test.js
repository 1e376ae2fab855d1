import assert from "node:assert/strict";
import { test } from "node:test";

import { belongsTo, keyFor, KEYS } from "../src/keys.js";
import { feeding, leadColumns } from "../src/panels/feeding.js";
import { agreement, fractionOf, randomDice, thresholdForSize } from "../src/panels/agreement.js";
import {
  begun,
  EMPTY,
  findingOf,
  marked,
  markedArea,
  problemOf,
  redone,
  stepped,
  undone,
} from "../src/panels/finding.js";
import {
  bullseyeOf,
  csvOf,
  densities,
  evidenceByRegion,
  regionRows,
  sharesOf,
  sorted,
} from "../src/panels/region_values.js";
import { middle, outline, WEDGES } from "../src/panels/wedges.js";
import { partOf, spanWords, tOnset, waveAt, whenWords } from "../src/panels/words.js";
import { stopsOf } from "../src/panels/tour.js";
import { figure } from "../src/panels/dom.js";
import { withConsensus } from "../src/panels/consensus.js";
import { bestView } from "../src/panels/best_view.js";
import { stretchesOf, toggleCluster } from "../src/panels/clusters.js";
import { mapValues } from "../src/map.js";
import { isEmptyMap, titleOf } from "../src/heart/bar.js";
import { createState, possible } from "../src/state.js";

const close = (a, b, within = 1e-6) => assert.ok(Math.abs(a - b) <= within, `${a} against ${b}`);
const FIDUCIALS = { p_onset: -196, p_end: -66, qrs_onset: -36, j_point: 52, t_peak: 252, t_end: 346 };

/** Six vertices in three regions; modality "leads" knows 24 + 2 columns, "one" a single column. */
function payloadOf() {
  const [v, k, n] = [6, 27, 4];
  const noise = (i) => Math.abs(Math.sin(12.9898 * i + 1) * 43758.5453) % 1;
  const fill = (count, of) => Float32Array.from({ length: count }, (_, i) => of(i));
  return {
    meta: {
      record: "made up",
      label: "MI",
      unit: "logit",
      labels: ["MI"],
      probabilities: { MI: 0.9 },
      fiducials_ms: FIDUCIALS,
      beat: { n, dt_ms: 2, r_index: 1 },
      regions: ["basal anterior", "apex", "left atrium", "none here"],
      territories: {},
      modalities: [
        {
          name: "leads",
          title: "Leads",
          weight: 1,
          first: 0,
          count: 26,
          leads: [...Array(24).keys()].map((i) => i % 12).concat([null, null]),
        },
        { name: "one", title: "One", weight: 3, first: 26, count: 1, leads: null },
      ],
      annotations: [],
    },
    arrays: {
      basis: fill(v * k, noise),
      positive: fill(k * n, (i) => noise(i + 7)),
      negative: fill(k * n, (i) => -0.5 * noise(i + 3)),
      region: Uint8Array.from([0, 0, 1, 1, 1, 2]),
      areas: Float32Array.from([2, 1, 1, 3, 1, 2]),
      ventricles: Uint8Array.from([1, 1, 1, 1, 1, 0]),
      points: fill(3 * v, noise),
    },
    shapes: { basis: [v, k], positive: [k, n], negative: [k, n] },
  };
}
const VIEW = { map: "average", sign: "signed", mode: "integral", interval_ms: null, t_ms: 0, lead_pick: null };

test("every ventricular region has one wedge, and the wedges of a ring close it", () => {
  assert.deepEqual(
    WEDGES.map((wedge) => wedge.code),
    Array.from({ length: 20 }, (_, i) => i),
  );
  for (const inner of [0.72, 0.46, 0.2]) {
    const ring = WEDGES.filter((wedge) => wedge.inner === inner);
    close(
      ring.reduce((sum, { start, stop }) => sum + stop - start, 0),
      360,
    );
  }
});

test("anterior is on top, inferior below, the septum lies towards the right ventricle", () => {
  const y = (code) => middle(WEDGES[code])[1];
  const x = (code) => middle(WEDGES[code])[0];
  assert.ok(y(0) < -0.8 && y(3) > 0.8 && y(12) < 0 && y(14) > 0);
  assert.ok(x(1) < 0 && x(2) < 0 && x(4) > 0 && x(5) > 0 && x(13) < 0 && x(15) > 0 && x(18) < x(2));
  for (const wedge of WEDGES) assert.match(outline(wedge), /^M [-\d. ]+A .*Z$/);
});

test("regions share out the whole map, at a moment and over a span", () => {
  const payload = payloadOf();
  for (const view of [VIEW, { ...VIEW, mode: "instant", t_ms: 1 }, { ...VIEW, sign: "for" }, { ...VIEW, map: "one" }]) {
    const rows = regionRows(payload, view);
    close(
      rows.reduce((sum, row) => sum + row.share, 0),
      1,
    );
    const net = evidenceByRegion(payload, { ...view, sign: "signed" }).reduce((sum, value) => sum + value, 0);
    const factor = view.mode === "instant" ? 5 : 1;
    close(
      rows.reduce((sum, row) => sum + row.positive + row.negative, 0),
      factor * net,
      1e-4,
    );
    assert.deepEqual(
      rows.map((row) => row.region),
      payload.meta.regions.slice(0, 3),
      "a region without area is left out",
    );
  }
});

test("evidence as dense everywhere has density one, whatever the areas", () => {
  const areas = [4, 1, 7];
  for (const value of densities([8, 2, 14], areas)) close(value, 1);
  for (const value of densities([-8, -2, -14], areas)) close(value, -1);
  assert.deepEqual([...densities([0, 0, 0], areas)], [0, 0, 0]);
  assert.deepEqual([...sharesOf([0, 0])], [0, 0]);
});

test("the bull's-eye's scale stays while time runs and no density leaves it", () => {
  const payload = payloadOf();
  const tops = [-2, 0, 2, 4].map((t_ms) => {
    const { density, top } = bullseyeOf(payload, { ...VIEW, mode: "instant", t_ms });
    assert.ok(density.every((value) => Math.abs(value) <= top * (1 + 1e-5)));
    return top;
  });
  assert.equal(new Set(tops).size, 1);
  assert.ok(bullseyeOf(payload, { ...VIEW, sign: "against" }).density.every((value) => value >= 0));
});

test("rows sort by any column, both ways, and keep all rows", () => {
  const rows = regionRows(payloadOf(), VIEW);
  for (const column of ["region", "share", "positive", "negative"]) {
    const up = sorted(rows, column, false);
    assert.deepEqual(sorted(rows, column, true), [...up].reverse());
    assert.equal(up.length, rows.length);
  }
  const shares = sorted(rows, "share", false).map((row) => row.share);
  assert.deepEqual(
    shares,
    [...shares].sort((a, b) => b - a),
  );
});

test("the CSV has a line per region, and quotes what needs it", () => {
  const lines = csvOf(regionRows(payloadOf(), VIEW), { record: 'a "b", c', label: "MI" }).trimEnd().split("\r\n");
  assert.equal(lines.length, 4);
  assert.equal(lines[0], "region,share_for,for_logit,against_logit,density,record,label");
  assert.match(lines[1], /"a ""b"", c",MI$/);
});

test("what the leads bring adds up to the modality less what no lead has", () => {
  const payload = payloadOf();
  const view = { ...VIEW, map: "leads" };
  const row = payload.arrays.basis.subarray(0, 27);
  const found = feeding(payload, view, (k) => row[k]);
  const { positive, negative } = payload.arrays;
  let expected = 0;
  for (let k = 0; k < 24; k++)
    for (let i = 0; i < 4; i++) expected += row[k] * (positive[4 * k + i] + negative[4 * k + i]);
  close(
    found.reduce((sum, value) => sum + value, 0),
    expected,
    1e-4,
  );
  payload.meta.modalities[0].leads = null;
  assert.equal(leadColumns(payload), null);
});

test("Dice of a map with itself is one, of disjoint masks zero, of everything 2p/(1+p)", () => {
  const areas = [1, 2, 3, 4];
  const mask = [1, 0, 1, 0];
  const own = agreement(mask, mask, areas, 0.5);
  assert.deepEqual([own.dice, own.precision, own.recall, own.truth, own.found], [1, 1, 1, 0.4, 0.4]);
  assert.equal(agreement([0, 1, 0, 1], mask, areas, 0.5).dice, 0);
  const all = agreement([1, 1, 1, 1], mask, areas, 0.5);
  close(all.dice, (2 * 0.4) / 1.4);
  close(all.all_positive, all.dice);
  close(all.random, all.dice);
  assert.equal(agreement([0, 0, 0, 0], [0, 0, 0, 0], areas, 0.5).dice, 1);
  assert.equal(agreement([0, 0, 0, 0], mask, areas, 0.5).dice, 0);
});

test("the expected Dice of a random region is what draws give", () => {
  const size = 400;
  const areas = new Array(size).fill(1);
  const mask = areas.map((_, i) => (i < 100 ? 1 : 0));
  let [seed, sum] = [1, 0];
  const draw = () => (seed = (seed * 48271) % 2147483647) / 2147483647;
  for (let i = 0; i < 200; i++) {
    const order = areas
      .map((_, v) => [draw(), v])
      .sort((a, b) => a[0] - b[0])
      .slice(0, 60);
    const values = new Float32Array(size);
    for (const [, v] of order) values[v] = 1;
    sum += agreement(values, mask, areas, 0.5).dice;
  }
  close(sum / 200, randomDice(60 / size, 100 / size), 0.01);
});

test("the threshold for a size finds that size, and never what is not positive", () => {
  const values = [5, 4, 3, 2, -1];
  const areas = [1, 1, 1, 1, 1];
  assert.equal(thresholdForSize(values, areas, 0.4), 4);
  assert.equal(thresholdForSize(values, areas, 1), 2);
  assert.equal(thresholdForSize([-1, -2], [1, 1], 0.5), Infinity);
  assert.equal(fractionOf([1, 0, 1, 0, 0], areas), 0.4);
});

test("undo and redo are each other's inverse, and a new step forgets what was undone", () => {
  let history = begun(0);
  for (const step of [1, 2, 3]) history = stepped(history, step);
  const back = undone(undone(history));
  assert.equal(back.now, 1);
  assert.deepEqual(redone(redone(back)), history);
  const other = stepped(back, 9);
  assert.deepEqual([other.now, other.future], [9, []]);
  assert.equal(undone(begun(0)).now, 0);
  assert.equal(redone(history), history);
});

test("a reading is saved only with rater, label and a mark, or with the word that there is none", () => {
  const fields = { label: "MI", confidence: 0.8, rater: " A ", note: " q waves ", nothing: false };
  const draft = {
    ...EMPTY,
    vertices: Uint8Array.from([0, 1, 0, 1]),
    intervals: [{ leads: ["II"], onset_ms: -10, offset_ms: 30 }],
  };
  assert.equal(problemOf(draft, fields), null);
  assert.match(problemOf(draft, { ...fields, rater: "  " }), /rater/);
  assert.match(problemOf(EMPTY, fields), /Mark/);
  assert.equal(problemOf(EMPTY, { ...fields, nothing: true }), null);
  assert.match(problemOf(draft, { ...fields, nothing: true }), /marks/);
  assert.deepEqual(findingOf(draft, fields, "signed"), {
    kind: "finding",
    state: "signed",
    label: "MI",
    confidence: 0.8,
    rater: "A",
    note: "q waves",
    vertices: [1, 3],
    regions: [],
    intervals: [{ leads: ["II"], onset_ms: -10, offset_ms: 30, on: "beat" }],
  });
  assert.equal(marked(new Uint8Array(4)), null);
  assert.equal(markedArea(draft, [100, 100, 100, 200]), 3);
});

test("waves, their parts and spans have names", () => {
  const named = [-300, -100, -50, 0, 80, 252, 400].map((t) => waveAt(FIDUCIALS, t));
  assert.deepEqual(named, ["between waves", "P wave", "PR segment", "QRS", "ST segment", "T wave", "between waves"]);
  close(tOnset(FIDUCIALS), 252 - 1.3 * 94);
  assert.deepEqual(partOf(FIDUCIALS, "QRS"), [-36, 52]);
  assert.equal(partOf({ ...FIDUCIALS, p_onset: null }, "P"), null);
  assert.equal(spanWords(FIDUCIALS, [-36, 52]), "QRS, −36 ms to +52 ms");
  assert.equal(spanWords(FIDUCIALS, null), "whole beat");
  assert.deepEqual([figure(-0.0001, 2, true), figure(-1.25, 1), figure(Number.NaN, 1)], ["0.00", "−1.3", "–"]);
});

test("no key does two things, each has words, and typing keys stay with the field", () => {
  const keys = KEYS.flatMap((entry) => entry.keys);
  assert.equal(new Set(keys).size, keys.length);
  assert.equal(keyFor("M").words, keyFor("m").words);
  assert.equal(keyFor("z"), undefined);
  assert.ok(belongsTo({ tagName: "INPUT", type: "text" }, "m"));
  assert.ok(belongsTo({ tagName: "TEXTAREA" }, "?"));
  assert.ok(belongsTo({ tagName: "BUTTON" }, " ") && !belongsTo({ tagName: "BUTTON" }, "m"));
  assert.ok(
    belongsTo({ tagName: "INPUT", type: "range" }, "ArrowLeft") && !belongsTo({ tagName: "INPUT", type: "range" }, " "),
  );
});

test("the tour leaves out what a payload has nothing for", () => {
  const payload = payloadOf();
  const bare = stopsOf(payload).length;
  payload.meta.annotations = [{ rater: "a", mask: "mask_0" }];
  payload.arrays.mask_0 = new Uint8Array(6);
  assert.equal(stopsOf(payload).length, bare + 1);
  assert.ok(stopsOf(payload).every((stop) => stop.title && stop.words && stop.view));
});

test("the heart turns to the side on which the weight lies", () => {
  const sides = { AP: [0, -9, 0], inferior: [0, 0, -9], "left lateral": [9, 0, 0] };
  const points = Float32Array.from([...Object.values(sides).flat(), 0, 9, 0, 0, 0, 9, -9, 0, 0]);
  const arrays = { points, areas: new Float32Array(6).fill(1), ventricles: new Uint8Array(6).fill(1) };
  Object.keys(sides).forEach((name, v) => {
    const weights = new Float32Array(6);
    weights[v] = 1;
    assert.equal(bestView({ arrays }, weights), name);
  });
  assert.equal(bestView({ arrays }, new Float32Array(6)), null);
});

test("the consensus holds what more than half of the experts marked, and asks for two of them", () => {
  const payload = payloadOf();
  const reading = (rater, mask, provenance = "expert") => ({ rater, label: "MI", provenance, mask });
  payload.arrays.mask_0 = Uint8Array.from([1, 1, 0, 0, 1, 0]);
  payload.arrays.mask_1 = Uint8Array.from([1, 0, 0, 1, 1, 0]);
  payload.arrays.mask_2 = Uint8Array.from([0, 1, 0, 0, 1, 0]);
  payload.meta.annotations = [reading("a", "mask_0"), reading("x", "mask_2", "simulated")];
  assert.equal(withConsensus(payload), payload);
  payload.meta.annotations = [reading("a", "mask_0"), reading("b", "mask_1"), reading("c", "mask_2")];
  const found = withConsensus(payload);
  assert.deepEqual([...found.arrays.mask_consensus], [1, 1, 0, 0, 1, 0]);
  assert.equal(found.meta.annotations.at(-1).provenance, "derived");
  assert.equal(payload.meta.annotations.length, 3);
  assert.equal(withConsensus(found), found);
});

/** Three clusters on the four samples of the beat; the last is not in it. */
function clustered() {
  const payload = payloadOf();
  const clusters = [7, 2, 5].map((number, i) => ({ number, name: `QRS ${"abc"[i]}`, wave: "QRS", colour: "#123456", time: 0.3, weight: i }));
  payload.meta.clusters = { target: "MI", clusters, beat: [0, 1, 1, 0], runs: [] };
  return payload;
}

test("the maps of all clusters add up to the map of the beat, and of a span", () => {
  const payload = clustered();
  for (const [interval_ms, sign, map] of [[null, "signed", "average"], [[-1, 3], "for", "leads"], [null, "against", "one"]]) {
    const view = { ...VIEW, interval_ms, sign, map, cluster: null };
    const whole = mapValues(payload, view);
    const parts = [7, 2, 5].map((cluster) => mapValues(payload, { ...view, cluster }));
    whole.forEach((value, v) => close(parts.reduce((sum, part) => sum + part[v], 0), value, 1e-5));
    assert.ok(parts[0].some((value, v) => Math.abs(value - whole[v]) > 1e-3));
    assert.ok(parts[2].every((value) => value === 0));
  }
});

test("a moment, and a recording without such a cluster, are not kept to one", () => {
  const payload = clustered();
  const moment = { ...VIEW, mode: "instant", t_ms: 0.5 };
  assert.deepEqual(mapValues(payload, { ...moment, cluster: 7 }), mapValues(payload, moment));
  assert.deepEqual(mapValues(payload, { ...VIEW, cluster: 99 }), mapValues(payload, VIEW));
  assert.equal(possible(payload, { ...VIEW, mask: 0, cluster: 99 }).cluster, null);
  assert.equal(possible(payload, { ...VIEW, mask: 0, cluster: 2 }).cluster, 2);
  assert.equal(possible(payloadOf(), { ...VIEW, mask: 0, cluster: 2 }).cluster, null);
});

test("a click keeps the view to a cluster, says so, and another lets go", () => {
  const payload = clustered();
  const state = createState({ mode: "instant", interval_ms: [0, 2] });
  toggleCluster(payload, state, 1);
  assert.deepEqual([state.view().cluster, state.view().mode, state.view().interval_ms], [2, "integral", null]);
  assert.match(whenWords(payload, state.get()), /moments of QRS b in the whole beat/);
  assert.match(titleOf(payload, state.get()), /moments of QRS\u00a0b/);
  toggleCluster(payload, state, 1);
  assert.equal(state.view().cluster, null);
});

test("a map of moments that the beat has not got is said to be empty", () => {
  const payload = clustered();
  const view = { ...VIEW, mode: "integral", interval_ms: null };
  assert.equal(isEmptyMap(payload, { ...view, cluster: 5 }), true);
  assert.equal(isEmptyMap(payload, { ...view, cluster: null }), false);
});

test("the ribbon's stretches cover the beat once", () => {
  assert.deepEqual(stretchesOf([0, 1, 1, 0]), [
    { card: 0, first: 0, last: 0 },
    { card: 1, first: 1, last: 2 },
    { card: 0, first: 3, last: 3 },
  ]);
});
