/** Geometry of the heart without a browser. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { shortNumber, thresholdsOf, ticksOf } from "../src/heart/bar.js";
import { marked, within } from "../src/heart/brush.js";
import { chained, piecesOf, rounded } from "../src/heart/chains.js";
import { fitted, fourChamber, STANDARD, turnedBy } from "../src/heart/camera.js";
import { depthThrough } from "../src/heart/cut.js";
import { between } from "../src/heart/flight.js";
import { createTracing, maskOutline, regionEdges } from "../src/heart/lines.js";
import { neighbours, part, smoothed, vertexNormals, zeroLine } from "../src/heart/mesh.js";
import { split } from "../src/heart/panes.js";
import { styleOf } from "../src/heart/provenance.js";
import { clearOf } from "../src/heart/words.js";
import { median } from "../src/stats.js";

/** A flat square of n x n vertices, 1 mm apart, facing +z. */
function square(n) {
  const points = new Float32Array(3 * n * n);
  const triangles = [];
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; x++) {
      points.set([x, y, 0], 3 * (y * n + x));
      if (x + 1 === n || y + 1 === n) continue;
      const at = y * n + x;
      triangles.push(at, at + 1, at + n, at + 1, at + n + 1, at + n);
    }
  }
  return { points, triangles: Uint32Array.from(triangles), normals: vertexNormals(points, triangles) };
}

test("normals of a flat square point out of it", () => {
  const { normals } = square(4);
  for (let i = 0; i < normals.length; i += 3) assert.deepEqual([...normals.slice(i, i + 3)], [0, 0, 1]);
});

test("neighbours are mutual and each is named once", () => {
  const { triangles } = square(4);
  const { starts, ends } = neighbours(triangles, 16);
  const of = (v) => [...ends.slice(starts[v], starts[v + 1])];
  for (let v = 0; v < 16; v++) {
    assert.equal(new Set(of(v)).size, of(v).length);
    for (const other of of(v)) assert.ok(of(other).includes(v));
  }
  assert.deepEqual(of(0).sort(), [1, 4]);
});

test("smoothing keeps constants and never leaves the range", () => {
  const { triangles } = square(6);
  const around = neighbours(triangles, 36);
  assert.ok(smoothed(new Float32Array(36).fill(0.25), around, 5).every((value) => value === 0.25));
  const step = Float32Array.from({ length: 36 }, (_, v) => +(v % 6 > 2));
  assert.ok(smoothed(step, around, 5).every((value) => value >= 0 && value <= 1));
});

test("a line lies where the field is zero", () => {
  const { points, normals, triangles } = square(5);
  const field = Float32Array.from({ length: 25 }, (_, v) => (v % 5) - 1.25);
  const pieces = zeroLine({ points, normals, triangles }, field, { lift: 0.5 });
  assert.ok(pieces.length > 0);
  for (let i = 0; i < pieces.length; i += 3) {
    assert.ok(Math.abs(pieces[i] - 1.25) < 1e-6);
    assert.equal(pieces[i + 2], 0.5);
  }
});

test("a border between two regions is drawn once, from end to end", () => {
  const tracing = { ...createTracing(square(8)), rounds: 2 };
  const region = Uint8Array.from({ length: 64 }, (_, v) => (v % 8 > 3 ? 7 : 2));
  const pieces = regionEdges(tracing, region);
  let length = 0;
  for (let i = 0; i < pieces.length; i += 6) {
    length += Math.hypot(pieces[i] - pieces[i + 3], pieces[i + 1] - pieces[i + 4]);
  }
  assert.ok(length > 6.9 && length < 7.6, `${length}`);
  assert.equal(regionEdges(tracing, new Uint8Array(64)).length, 0);
});

test("a mask smaller than the smoothing has an outline, none has none", () => {
  const tracing = createTracing(square(9));
  const mask = new Uint8Array(81);
  assert.equal(maskOutline(tracing, mask).length, 0);
  mask[40] = 1;
  assert.ok(maskOutline(tracing, mask).length > 0);
});

test("the brush reaches along the surface as far as its radius", () => {
  const { points, triangles } = square(9);
  const around = neighbours(triangles, 81);
  assert.deepEqual(within(around, points, 40, 0.5), [40]);
  const near = within(around, points, 40, 1.1).sort((a, b) => a - b);
  assert.deepEqual(near, [31, 39, 40, 41, 49]);
});

test("the brush does not jump from one sheet to another", () => {
  const { points, triangles } = square(3);
  const two = Float32Array.of(...points, ...points.map((value, i) => (i % 3 === 2 ? 0.1 : value)));
  const both = Uint32Array.of(...triangles, ...triangles.map((v) => v + 9));
  assert.ok(within(neighbours(both, 18), two, 4, 5).every((v) => v < 9));
});

const heart = {
  meta: { regions: ["one", "two", "atrium"], territories: { both: [0, 1] } },
  arrays: { region: Uint8Array.of(0, 0, 1, 2), ventricles: Uint8Array.of(1, 1, 1, 0) },
};

test("a draft marks painted vertices and its regions, territories by name", () => {
  const draft = (vertices, regions) => marked(heart, { vertices, regions, intervals: [] });
  assert.equal(draft(null, []), null);
  assert.deepEqual([...draft(Uint8Array.of(0, 1, 0, 0), ["two"])], [0, 1, 1, 0]);
  assert.deepEqual([...draft(null, ["both"])], [1, 1, 1, 0]);
});

test("standard views are square, and AP has the patient's left on the viewer's right", () => {
  const cross = ([a, b, c], [x, y, z]) => [b * z - c * y, c * x - a * z, a * y - b * x];
  for (const { eye, up } of Object.values(STANDARD)) {
    assert.ok(Math.abs(eye[0] * up[0] + eye[1] * up[1] + eye[2] * up[2]) < 1e-12);
    assert.ok(Math.abs(Math.hypot(...eye) - 1) < 1e-12);
  }
  assert.deepEqual(cross(STANDARD.AP.up, STANDARD.AP.eye).map((value) => Math.round(value) + 0), [1, 0, 0]);
});

test("a fitted view looks at the middle of what it shows", () => {
  const { position, target, up } = fitted(Float32Array.of(-10, -20, -30, 30, 20, 10), STANDARD.AP);
  assert.deepEqual(target, [10, 0, -10]);
  assert.ok(position[1] < -100);
  assert.deepEqual(up, [0, 0, 1]);
});

test("a view from aslant is as near as one whose upward direction is square to it", () => {
  const points = Float32Array.of(-10, -20, -30, 30, 20, 10, 5, -25, 18);
  const eye = [0, -0.6, -0.8];
  const [leaning, square] = [[0, 0, 1], [0, -0.8, 0.6]].map((up) => fitted(points, { eye, up }));
  for (const key of ["position", "target"]) {
    leaning[key].forEach((value, i) => assert.ok(Math.abs(value - square[key][i]) < 1e-6, `${key} ${value}`));
  }
});

test("the four-chamber view has the apex up and the right ventricle on the viewer's left", () => {
  const points = Float32Array.of(0, 0, 50, 0, 0, -50, -40, 0, 0);
  const region = Uint8Array.of(0, 16, 17);
  const { eye, up, through } = fourChamber({ arrays: { points, region } });
  assert.deepEqual(up, [0, 0, -1]);
  assert.deepEqual(through, [0, 0, 50]);
  const right = [up[1] * eye[2] - up[2] * eye[1], up[2] * eye[0] - up[0] * eye[2], up[0] * eye[1] - up[1] * eye[0]];
  assert.ok(right[0] > 0, "the left ventricle is on the viewer's right");
  assert.equal(fourChamber({ arrays: { points, region: Uint8Array.of(1, 1, 1) } }), null);
});

test("a cut through a point is as deep as the point lies", () => {
  const arrays = { points: Float32Array.of(0, 0, 0, 0, 0, 10), ventricles: Uint8Array.of(1, 1) };
  assert.equal(depthThrough({ arrays }, [0, 0, 1], [5, 5, 7.5]), 0.25);
});

test("a part keeps triangles whose corners are all kept", () => {
  assert.deepEqual([...part([0, 1, 2, 1, 2, 3], (v) => v < 3)], [0, 1, 2]);
});

test("two hearts are side by side in a wide pane and above each other in a tall one", () => {
  assert.deepEqual(split({ width: 800, height: 400 }, 2).map(({ x, y }) => [x, y]), [[0, 0], [400, 0]]);
  const [, below] = split({ width: 400, height: 600 }, 2);
  assert.equal(below.x, 0);
  assert.ok(below.y > 250);
  assert.deepEqual(split({ width: 400, height: 600 }, 1), [{ x: 0, y: 0, width: 400, height: 600 }]);
});

test("the median does not touch what it is taken of", () => {
  const values = [3, 1, 2];
  assert.equal(median(values), 2);
  assert.deepEqual(values, [3, 1, 2]);
  assert.equal(median([]), 0);
});

test("loose pieces are joined into lines: a closed one ends where it began, an open one does not", () => {
  const corners = [[0, 0, 0], [1, 0, 0], [1, 1, 0], [0, 1, 0]];
  const sides = [2, 0, 3, 1].flatMap((i) => [...corners[i], ...corners[(i + 1) % 4]]);
  const [closed, ...others] = chained(sides);
  assert.equal(others.length, 0);
  assert.equal(closed.length, 15);
  assert.deepEqual(closed.slice(0, 3), closed.slice(-3));
  const [open] = chained([1, 0, 0, 2, 0, 0, 1, 0, 0, 0, 0, 0]);
  assert.equal(open.length, 9);
  assert.equal(piecesOf([open]).length, 12);
});

test("rounding takes corners off, keeps open ends and keeps a closed line closed", () => {
  assert.deepEqual(rounded([0, 0, 0, 1, 1, 0, 2, 0, 0], 1), [0, 0, 0, 1, 0.5, 0, 2, 0, 0]);
  const square = [0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 0, 0, 0, 0];
  const soft = rounded(square, 2);
  assert.deepEqual(soft.slice(0, 3), soft.slice(-3));
  assert.ok(Math.max(...soft) < 1 && Math.min(...soft.filter((_, i) => i % 3 < 2)) > 0);
});

test("the way from one look to another begins at the one, ends at the other, and keeps its distance", () => {
  const points = Float32Array.of(-30, -30, -30, 30, 30, 30);
  const [from, to] = [fitted(points, STANDARD.AP), fitted(points, STANDARD.inferior)];
  const near = (a, b) => ["position", "target", "up"].forEach((key) => a[key].forEach((x, i) => assert.ok(Math.abs(x - b[key][i]) < 1e-6)));
  near(between(from, to, 0), from);
  near(between(from, to, 1), to);
  const half = between(from, to, 0.5);
  assert.ok(half.position[1] < -100 && half.position[2] < -100);
  assert.ok(Math.abs(half.up[1] * half.position[1] + half.up[2] * half.position[2]) < 1e-6);
});

test("the bar's ticks are the colours' values; what speaks against is below zero", () => {
  const ends = { low: -2, high: 2 };
  const signed = { sign: "signed", map: "average" };
  assert.deepEqual(ticksOf(signed, ends).map(({ at }) => at), [0, 0.25, 0.5, 0.75, 1]);
  assert.deepEqual(ticksOf(signed, ends).map(({ words }) => words), ["−2", "−1", "0", "1", "2"]);
  const against = { sign: "against", map: "average" };
  assert.equal(ticksOf(against, { low: 0, high: 2 }).at(-1).words, "−2");
  assert.deepEqual(thresholdsOf({ ...signed, threshold: 1 }, ends), [0.25, 0.75]);
  assert.deepEqual(thresholdsOf({ ...signed, threshold: 3 }, ends), []);
  assert.deepEqual(thresholdsOf({ ...against, threshold: 1 }, { low: 0, high: 2 }), [0.5]);
});

test("numbers are short and keep their sign", () => {
  const wanted = { 0: "0", 0.0458: "0.046", 1234.5: "1235", 0.00012: "0.00012", 2.5e-5: "3e-5" };
  for (const [value, words] of Object.entries(wanted)) assert.equal(shortNumber(Number(value)), words);
  assert.equal(shortNumber(-0.5), "−0.5");
});

test("dashes and colours are those of the leads", () => {
  assert.equal(styleOf("expert").dash, 0);
  assert.ok(styleOf("derived").dash > styleOf("simulated").dash);
  assert.deepEqual(styleOf("unheard of"), styleOf("derived"));
});

test("turning keeps the distance and the axes square; all the way round is back", () => {
  const from = fitted(Float32Array.of(-30, -30, -30, 30, 30, 30), STANDARD.LAO);
  const far = ({ position, target }) => Math.hypot(...position.map((x, i) => x - target[i]));
  const turned = turnedBy(from, { right: 20, up: 35 });
  assert.ok(Math.abs(far(turned) - far(from)) < 1e-6);
  const square = turned.up.reduce((sum, x, i) => sum + x * (turned.position[i] - turned.target[i]), 0);
  assert.ok(Math.abs(square) < 1e-6);
  const back = turnedBy(turnedBy(from, { right: 360 }), { up: -360 });
  back.position.forEach((x, i) => assert.ok(Math.abs(x - from.position[i]) < 1e-6));
  assert.ok(Math.abs(far(turnedBy(from, { nearer: 2 })) - far(from) / 2) < 1e-6);
  assert.ok(turnedBy(from, { up: 10 }).position[2] > from.position[2]);
});

test("words move up or down off those before them, and stay where nothing is near", () => {
  const taken = [];
  const box = (x, y) => ({ x, y, width: 20, height: 10 });
  assert.equal(clearOf(taken, box(0, 100)), 100);
  assert.equal(clearOf(taken, box(5, 102)), 112);
  assert.equal(clearOf(taken, box(60, 100)), 100);
  assert.equal(clearOf(taken, box(10, 98)), 88);
});
