/** Lines of a width in pixels on the surface, for edges of segments and outlines of regions. */

import { LineMaterial } from "three/addons/lines/LineMaterial.js";
import { LineSegments2 } from "three/addons/lines/LineSegments2.js";
import { LineSegmentsGeometry } from "three/addons/lines/LineSegmentsGeometry.js";
import { chained, piecesOf, rounded } from "./chains.js";
import { neighbours, smoothed, zeroLine } from "./mesh.js";

/** Width over which a region's edge is rounded, mm; as in the still pictures. */
const SMOOTHING_MM = 6;
/** How often corners are taken off an outline. */
const ROUNDS = 4;

/** What lines are traced on: the ventricles with their neighbours, prepared once. */
export function createTracing({ points, normals, triangles }) {
  const around = neighbours(triangles, points.length / 3);
  const rounds = Math.max(4, Math.round((SMOOTHING_MM / meanEdge(points, triangles)) ** 2));
  return { points, normals, triangles, around, rounds };
}

function meanEdge(points, triangles) {
  let sum = 0;
  for (let i = 0; i < triangles.length; i += 3) {
    const [a, b] = [3 * triangles[i], 3 * triangles[i + 1]];
    sum += Math.hypot(points[a] - points[b], points[a + 1] - points[b + 1], points[a + 2] - points[b + 2]);
  }
  return sum / Math.max(triangles.length / 3, 1);
}

/**
 * Where regions meet, each border once.
 * @param {ReturnType<typeof createTracing>} tracing
 * @param {Uint8Array} region Code of each vertex.
 * @returns {number[]} Ends of pieces.
 */
export function regionEdges(tracing, region) {
  const used = new Set(tracing.triangles);
  const codes = [...new Set(region.filter((_, v) => used.has(v)))].sort((a, b) => a - b);
  const shares = codes.map((code) => smoothed(region.map((at) => +(at === code)), tracing.around, tracing.rounds));
  const count = region.length;
  const [first, second] = [new Int32Array(count).fill(-1), new Int32Array(count).fill(-1)];
  for (let v = 0; v < count; v++) {
    shares.forEach((share, i) => {
      if (first[v] < 0 || share[v] > shares[first[v]][v]) [first[v], second[v]] = [i, first[v]];
      else if (second[v] < 0 || share[v] > shares[second[v]][v]) second[v] = i;
    });
  }
  const pieces = [];
  shares.forEach((share, i) => {
    const rival = (v) => (first[v] === i ? second[v] : first[v]);
    const field = share.map((value, v) => value - (shares[rival(v)]?.[v] ?? 0));
    const only = (...corners) => {
      const here = new Set(corners.map((v) => first[v]));
      return here.has(i) && (here.size > 2 || Math.min(...here) === i);
    };
    for (const value of zeroLine(tracing, field, { only })) pieces.push(value);
  });
  return pieces;
}

/** Where a mask ends, smooth; nothing if it covers nothing. */
export function maskOutline(tracing, mask) {
  const share = smoothed(mask, tracing.around, tracing.rounds);
  const top = share.reduce((high, value) => Math.max(high, value), 0);
  // A region smaller than the smoothing never reaches 1.
  if (!(top > 0)) return [];
  const pieces = zeroLine(tracing, share.map((value) => value - top / 2), { lift: 0.35 });
  return piecesOf(chained(pieces).map((line) => rounded(line, ROUNDS)));
}

/**
 * @param {{colour: string, width: number, opacity?: number, order?: number}} look
 */
export function createLines({ colour, width, opacity = 1, order = 5 }) {
  // Lines lie on the surface, so they hide behind it but not behind each other.
  const material = new LineMaterial({ color: colour, linewidth: width, transparent: true, opacity, depthWrite: false });
  const object = new LineSegments2(new LineSegmentsGeometry(), material);
  object.frustumCulled = false;
  object.renderOrder = order;
  object.visible = false;
  return {
    object,
    material,
    /** @param {number} unit Viewport pixels to a pixel of the page. */
    scale(unit) {
      material.linewidth = width * unit;
    },
    /** Draws dashes as long as the gaps between them; 0 draws a solid line. @param {number} mm */
    dash(mm) {
      material.dashed = mm > 0;
      material.dashSize = material.gapSize = mm || 1;
      material.needsUpdate = true;
    },
    /** @param {ArrayLike<number>} pieces */
    set(pieces) {
      object.geometry.dispose();
      object.geometry = new LineSegmentsGeometry();
      object.visible = pieces.length > 0;
      if (!pieces.length) return;
      object.geometry.setPositions(Float32Array.from(pieces));
      object.computeLineDistances();
    },
    dispose() {
      object.geometry.dispose();
      material.dispose();
    },
  };
}
