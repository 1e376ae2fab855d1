/** Model against rival: one size, one difference, agreement, words; the average must not know of a rival. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { titleOf } from "../src/heart/bar.js";
import { panesOf, withExpert } from "../src/heart/panes.js";
import { createRange, isSigned, unitOf } from "../src/heart/range.js";
import { heartViews, inShares, LESS, mapValues, modalityWeights, modelAndRival, RIVAL } from "../src/map.js";
import { mapOptions } from "../src/panels/map_panel.js";
import { correlation, rivalry, sharedThreshold } from "../src/panels/rival.js";
import { regionRows } from "../src/panels/region_values.js";
import { besideWords, sentence } from "../src/panels/speech.js";
import { keyFor } from "../src/keys.js";

const [V, N, K] = [12, 5, 5];
const noise = (i) => Math.abs(Math.sin(12.9898 * i + 1) * 43758.5453) % 1;
const fill = (count, of) => Float32Array.from({ length: count }, (_, i) => of(i));
const close = (a, b, within = 1e-5) => assert.ok(Math.abs(a - b) <= within, `${a} against ${b}`);

/** Two modalities and a rival; every column of the basis sums to one. */
function payloadOf({ rival = true } = {}) {
  const k = rival ? K : K - 1;
  const basis = fill(V * k, noise);
  for (let j = 0; j < k; j++) {
    let sum = 0;
    for (let v = 0; v < V; v++) sum += basis[v * k + j];
    for (let v = 0; v < V; v++) basis[v * k + j] /= sum;
  }
  const modalities = [
    { name: "leads", title: "Leads", weight: 1, first: 0, count: 3, leads: null },
    { name: "one", title: "One", weight: 1, first: 3, count: 1, leads: null },
    { name: RIVAL, title: "Rival", weight: 0, first: 4, count: 1, leads: null },
  ].slice(0, rival ? 3 : 2);
  const payload = {
    meta: {
      label: "MI",
      unit: "logit",
      fiducials_ms: { p_onset: null, qrs_onset: -2, j_point: 2, t_peak: 4, t_end: 6 },
      beat: { n: N, dt_ms: 2, r_index: 1 },
      regions: ["a", "b"],
      modalities,
      rival: rival ? { name: "x", title: "x, own evidence", logit: 1, bias: 0.5, conserved: true, sizes: {} } : undefined,
    },
    arrays: {
      basis,
      positive: fill(k * N, (i) => 0.1 + noise(i + 7)),
      negative: fill(k * N, (i) => -0.3 * noise(i + 3)),
      region: Uint8Array.from({ length: V }, (_, v) => v % 2),
      areas: fill(V, (v) => 1 + noise(v)),
      ventricles: new Uint8Array(V).fill(1),
    },
    shapes: { basis: [V, k], positive: [k, N], negative: [k, N] },
  };
  if (rival) {
    const size = (map) =>
      ["for", "against"].reduce((sum, sign) => sum + Math.abs(total(mapValues(payload, { ...VIEW, map, sign }))), 0);
    payload.meta.rival.sizes = { model: size("average"), rival: size(RIVAL) };
  }
  return payload;
}
const total = (values) => values.reduce((sum, value) => sum + value, 0);
const VIEW = Object.freeze({ map: "average", sign: "signed", mode: "integral", interval_ms: null, t_ms: 0, compare: "none", threshold: null });

test("the average and its disagreement do not know of a rival", () => {
  const [payload, { meta }] = [payloadOf(), payloadOf({ rival: false })];
  assert.deepEqual([...modalityWeights(payload, "average")], [0.5, 0.5, 0]);
  assert.deepEqual(mapOptions({ meta, arrays: {} }).map(([name]) => name), ["average", "leads", "one", "disagreement"]);
  assert.deepEqual(mapOptions(payload).map(([name]) => name), ["average", "leads", "one", "disagreement", RIVAL, LESS]);
  const before = mapValues(payload, { ...VIEW, map: "disagreement" });
  payload.arrays.positive.fill(99, 4 * N);
  assert.deepEqual(mapValues(payload, { ...VIEW, map: "disagreement" }), before);
});

test("both maps are brought to one size, and the difference is the difference", () => {
  const payload = payloadOf();
  for (const sign of ["signed", "for", "against"]) {
    const view = { ...VIEW, sign };
    const [model, rival] = modelAndRival(payload, view).map((one) => mapValues(payload, one));
    const less = mapValues(payload, { ...view, map: LESS });
    less.forEach((value, v) => close(value, model[v] - rival[v]));
  }
  for (const which of [0, 1]) {
    const sides = ["for", "against"].map((sign) => mapValues(payload, modelAndRival(payload, { ...VIEW, sign })[which]));
    close(sides.reduce((sum, side) => sum + Math.abs(total(side)), 0), 100, 1e-3);
  }
});

test("two hearts only where there is a rival and nobody reads blind", () => {
  const [payload, none] = [payloadOf(), payloadOf({ rival: false })];
  const view = { ...VIEW, compare: "rival", map: "one" };
  assert.deepEqual(heartViews(payload, view).map(({ map }) => map), ["one", RIVAL]);
  assert.deepEqual(heartViews(payload, { ...view, map: LESS }).map(({ map }) => map), ["average", RIVAL]);
  assert.equal(heartViews(payload, view), heartViews(payload, view), "made once for each view");
  for (const [held, other] of [[none, view], [payload, { ...view, blind: true }], [payload, VIEW]]) {
    assert.deepEqual(heartViews(held, other), [other]);
  }
  assert.equal(panesOf(view, null, payload.meta.rival), 2);
  assert.equal(panesOf(view, null, undefined), 1);
  assert.equal(panesOf({ ...view, blind: true }, null, payload.meta.rival), 1);
  assert.equal(withExpert(view), false);
});

test("colours, unit and title say what is compared", () => {
  const payload = payloadOf();
  const less = { ...VIEW, map: LESS, sign: "for" };
  assert.ok(isSigned(less) && inShares(less));
  assert.equal(unitOf(payload, less), "% of each map’s evidence per cm²");
  assert.equal(unitOf(payload, VIEW), "logit per cm²");
  assert.match(titleOf(payload, less), /^model less rival/);
  assert.equal(titleOf(payload, { ...VIEW, map: RIVAL }), "evidence for MI, rival");
  const range = createRange(payload);
  const both = range.of({ ...VIEW, compare: "rival" }).high;
  assert.equal(both, Math.max(...modelAndRival(payload, VIEW).map((one) => range.automatic(one))));
});

test("a rival that says the same agrees in all, its opposite in nothing", () => {
  assert.equal(correlation([1, 2, 4], [3, 5, 9], [1, 1, 2]), 1);
  close(correlation([1, 2, 4], [-1, -2, -4], [3, 1, 2]), -1);
  close(correlation([1, 2, 3, 9], [5, 1, 4, -9], [1, 1, 1, 0]), correlation([1, 2, 3], [5, 1, 4], [1, 1, 1]));
  const payload = payloadOf();
  const [values] = modelAndRival(payload, VIEW).map((one) => mapValues(payload, one));
  payload.arrays.basis.forEach((_, i) => {
    if (i % K === K - 1) payload.arrays.basis[i] = values[Math.floor(i / K)];
  });
  const found = rivalry(payload, VIEW);
  close(found.r, 1);
  close(found.dice, 1);
  close(found.found[0], found.found[1]);
});

test("a threshold is one number of each map's evidence, in whatever unit it was chosen", () => {
  const payload = payloadOf();
  const { sizes } = payload.meta.rival;
  assert.equal(sharedThreshold(payload, VIEW), null);
  close(sharedThreshold(payload, { ...VIEW, threshold: 0.1 }), 10 / sizes.model);
  close(sharedThreshold(payload, { ...VIEW, threshold: 0.1, map: RIVAL }), 10 / sizes.rival);
  assert.equal(sharedThreshold(payload, { ...VIEW, threshold: 3, compare: "rival", map: "disagreement" }), 3);
  assert.equal(sharedThreshold(payload, { ...VIEW, threshold: 3, map: "spread" }), null);
});

test("tables and the spoken line tell differences, not evidence", () => {
  const payload = payloadOf();
  const view = { ...VIEW, map: LESS, sign: "for" };
  const rows = regionRows(payload, view);
  close(rows.reduce((sum, { share }) => sum + share, 0), 1);
  for (const { positive, negative } of rows) assert.ok(positive >= 0 && negative <= 0 && positive * negative === 0);
  assert.match(sentence(payload, view), /^Largest differences summed .*% of each map \(model less rival\)\.$/);
  assert.match(sentence(payload, { ...VIEW, map: RIVAL }), /\(rival: x, own evidence\)\.$/);
  assert.match(besideWords(payload, { ...VIEW, compare: "rival" }), /^ Beside it the rival: correlation .*, Dice .*\.$/);
  assert.equal(besideWords(payload, VIEW), "");
});

test("keys step through rival maps and comparisons", () => {
  const state = { get: () => ({ map: "vcg", compare: "side" }), set: (patch) => Object.assign(said, patch) };
  const said = {};
  const panels = { rivals: () => ["average", RIVAL, LESS], compares: () => ["none", "contour", "side", "rival"] };
  keyFor("g").act({ state, panels }, {});
  keyFor("v").act({ state, panels }, {});
  assert.deepEqual(said, { map: "average", compare: "rival" });
});
