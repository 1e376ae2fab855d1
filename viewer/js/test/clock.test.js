import assert from "node:assert/strict";
import { test } from "node:test";
import { advanced, loopSpan } from "../src/clock.js";
import { interval, sampleAt, timeOf } from "../src/map.js";

const payload = {
  meta: {
    beat: { n: 100, dt_ms: 2, r_index: 40 },
    fiducials_ms: { p_onset: null, p_end: null, qrs_onset: -30, j_point: 50, t_peak: 90, t_end: 110 },
  },
  shapes: { positive: [1, 100], basis: [1, 1] },
};

test("time runs round its loop and comes back into it", () => {
  assert.equal(advanced(0, 10, [-30, 50]), 10);
  assert.equal(advanced(45, 10, [-30, 50]), -25);
  assert.equal(advanced(200, 10, [-30, 50]), -30);
  assert.equal(advanced(3, 10, [5, 5]), 5);
});

test("loops are waves; one that is not there is the whole beat", () => {
  assert.deepEqual(loopSpan(payload, "QRS"), [-30, 50]);
  assert.deepEqual(loopSpan(payload, "P"), [-80, 118]);
  assert.deepEqual(loopSpan(payload, "beat"), [-80, 118]);
});

test("times and samples are each other's inverse within the beat", () => {
  for (const sample of [0, 12.5, 99]) assert.equal(sampleAt(payload, timeOf(payload, sample)), sample);
  assert.equal(sampleAt(payload, -1000), 0);
  assert.equal(sampleAt(payload, 1000), 99);
});

test("intervals that meet share no sample and leave none out", () => {
  const [a, b] = [interval(payload, [-80, 3]), interval(payload, [3, 120])];
  assert.deepEqual([a[0], b[1]], [0, 100]);
  assert.equal(a[1], b[0]);
  assert.deepEqual(interval(payload, null), [0, 100]);
  assert.deepEqual(interval(payload, [50, -30]), interval(payload, [-30, 50]));
});
