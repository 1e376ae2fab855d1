/** Arithmetic on a triangulated surface: parts, normals, neighbours, smoothing, lines where a field is zero. */

/** Triangles whose three corners are all kept, as an index. */
export function part(triangles, keep) {
  const kept = [];
  for (let i = 0; i < triangles.length; i += 3) {
    const [a, b, c] = [triangles[i], triangles[i + 1], triangles[i + 2]];
    if (keep(a) && keep(b) && keep(c)) kept.push(a, b, c);
  }
  return Uint32Array.from(kept);
}

/** Outward unit normals of vertices, triangles counted by area. */
export function vertexNormals(points, triangles) {
  const normals = new Float32Array(points.length);
  for (let i = 0; i < triangles.length; i += 3) {
    const corners = [3 * triangles[i], 3 * triangles[i + 1], 3 * triangles[i + 2]];
    const [a, b, c] = corners;
    const [ux, uy, uz] = [points[b] - points[a], points[b + 1] - points[a + 1], points[b + 2] - points[a + 2]];
    const [wx, wy, wz] = [points[c] - points[a], points[c + 1] - points[a + 1], points[c + 2] - points[a + 2]];
    for (const corner of corners) {
      normals[corner] += uy * wz - uz * wy;
      normals[corner + 1] += uz * wx - ux * wz;
      normals[corner + 2] += ux * wy - uy * wx;
    }
  }
  for (let i = 0; i < normals.length; i += 3) {
    const length = Math.hypot(normals[i], normals[i + 1], normals[i + 2]) || 1;
    for (let j = i; j < i + 3; j++) normals[j] /= length;
  }
  return normals;
}

/**
 * Who is next to whom, in compressed rows.
 * @returns {{starts: Uint32Array, ends: Uint32Array}} Neighbours of v are `ends[starts[v] .. starts[v + 1]]`.
 */
export function neighbours(triangles, count) {
  const seen = new Set();
  const edges = [];
  for (let i = 0; i < triangles.length; i += 3) {
    for (let j = 0; j < 3; j++) {
      const [a, b] = [triangles[i + j], triangles[i + ((j + 1) % 3)]];
      const key = a < b ? a * count + b : b * count + a;
      if (seen.has(key)) continue;
      seen.add(key);
      edges.push(a, b);
    }
  }
  const starts = new Uint32Array(count + 1);
  for (const vertex of edges) starts[vertex + 1]++;
  for (let v = 0; v < count; v++) starts[v + 1] += starts[v];
  const next = starts.slice();
  const ends = new Uint32Array(edges.length);
  for (let i = 0; i < edges.length; i += 2) {
    ends[next[edges[i]]++] = edges[i + 1];
    ends[next[edges[i + 1]]++] = edges[i];
  }
  return { starts, ends };
}

/** Averages a field with its neighbours, a few times; never beyond its own range. */
export function smoothed(field, { starts, ends }, rounds) {
  let [from, to] = [Float32Array.from(field), new Float32Array(field.length)];
  for (let round = 0; round < rounds; round++) {
    for (let v = 0; v < from.length; v++) {
      let sum = 0;
      for (let i = starts[v]; i < starts[v + 1]; i++) sum += from[ends[i]];
      const around = starts[v + 1] - starts[v];
      to[v] = around ? 0.5 * (from[v] + sum / around) : from[v];
    }
    [from, to] = [to, from];
  }
  return from;
}

/**
 * Pieces of the line on which a field is zero, lifted off the surface.
 * @param {{points: Float32Array, normals: Float32Array, triangles: ArrayLike<number>}} surface
 * @param {Float32Array} field One value per vertex.
 * @param {{lift?: number, only?: (a: number, b: number, c: number) => boolean}} [options]
 * @returns {number[]} x, y, z of both ends of each piece.
 */
export function zeroLine({ points, normals, triangles }, field, { lift = 0.2, only = () => true } = {}) {
  const pieces = [];
  const cross = (a, b) => {
    const share = field[a] / (field[a] - field[b]);
    for (let j = 0; j < 3; j++) {
      const [i, k] = [3 * a + j, 3 * b + j];
      const at = points[i] + share * (points[k] - points[i]);
      pieces.push(at + lift * (normals[i] + share * (normals[k] - normals[i])));
    }
  };
  for (let i = 0; i < triangles.length; i += 3) {
    const [a, b, c] = [triangles[i], triangles[i + 1], triangles[i + 2]];
    const [above, beside, last] = [field[a] > 0, field[b] > 0, field[c] > 0];
    if ((above === beside && beside === last) || !only(a, b, c)) continue;
    if (above !== beside) cross(a, b);
    if (beside !== last) cross(b, c);
    if (last !== above) cross(c, a);
  }
  return pieces;
}
