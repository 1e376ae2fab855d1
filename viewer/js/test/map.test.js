/** The map's arithmetic against numbers of NumPy: `tests/test_js.py` names a folder with a payload and them. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { automaticRange } from "../src/heart/range.js";
import * as map from "../src/map.js";
import { parsePayload } from "../src/payload.js";

const folder = process.env.ECGLOCUS_JS_FIXTURE;
const skip = folder ? false : "ECGLOCUS_JS_FIXTURE is not set; run this through pytest tests/test_js.py";
const payload = folder ? parsePayload(new Uint8Array(readFileSync(join(folder, "payload.bin")))) : null;
const expected = folder ? JSON.parse(readFileSync(join(folder, "expected.json"), "utf8")) : {};

function close(found, wanted, tolerance = 2e-5) {
  assert.equal(found.length, wanted.length);
  const scale = Math.max(1, ...wanted.map(Math.abs));
  wanted.forEach((value, i) => assert.ok(Math.abs(found[i] - value) <= tolerance * scale, `${i}: ${found[i]} and ${value}`));
}

test("both sides read the same arrays", { skip }, () => {
  for (const [name, values] of Object.entries(expected.arrays)) close([...payload.arrays[name]], values, 0);
  assert.equal(payload.meta.record, expected.record);
});

test("every view's map is NumPy's", { skip }, () => {
  assert.ok(expected.views.length > 20);
  for (const { view, values } of expected.views) close(map.mapValues(payload, view), values);
});

test("courses of vertices and regions are NumPy's", { skip }, () => {
  for (const { view, vertex, course } of expected.vertices) close(map.vertexSeries(payload, view, vertex), course);
  for (const { view, region, course } of expected.regions) close(map.regionSeries(payload, view, region), course);
});

test("colours end where the pictures' colours end", { skip }, () => {
  assert.ok(expected.ranges.length > 5);
  for (const { view, range } of expected.ranges) close([automaticRange(payload, view)], [range]);
});

test("density, sums, overlap and quantile are NumPy's", { skip }, () => {
  const { values, density, sums, overlap, quantiles } = expected.measures;
  close(map.density(payload, Float32Array.from(values)), density);
  close(map.regionSums(values, payload.arrays.region, payload.meta.regions.length), sums);
  const found = map.overlap(values, payload.arrays.mask_0, payload.arrays.areas, overlap.threshold);
  for (const [name, value] of Object.entries(overlap.scores)) close([found[name]], [value]);
  for (const [share, value] of quantiles) close([map.quantile(values, share)], [value]);
});
