/** Painting vertices: all that lie within the brush's radius along the surface from where it touches. */

import { neighbours } from "./mesh.js";

/**
 * Vertices within a distance along edges, nearest first.
 * @param {{starts: Uint32Array, ends: Uint32Array}} around
 * @param {Float32Array} points
 * @param {number} from
 * @param {number} radius mm
 * @returns {number[]}
 */
export function within({ starts, ends }, points, from, radius) {
  const best = new Map([[from, 0]]);
  const settled = [];
  const done = new Set();
  const queue = [from];
  while (queue.length) {
    let least = 0;
    for (let i = 1; i < queue.length; i++) if (best.get(queue[i]) < best.get(queue[least])) least = i;
    const [v] = queue.splice(least, 1);
    if (done.has(v)) continue;
    done.add(v);
    settled.push(v);
    for (let i = starts[v]; i < starts[v + 1]; i++) {
      const next = ends[i];
      const far = best.get(v) + edge(points, v, next);
      if (far > radius || far >= (best.get(next) ?? Infinity)) continue;
      best.set(next, far);
      queue.push(next);
    }
  }
  return settled;
}

function edge(points, a, b) {
  return Math.hypot(
    points[3 * a] - points[3 * b], points[3 * a + 1] - points[3 * b + 1], points[3 * a + 2] - points[3 * b + 2],
  );
}

/** Vertices that a draft marks: painted ones and those of its regions. @returns {Uint8Array | null} */
export function marked(payload, draft) {
  const { vertices, regions } = draft;
  if (!vertices && !regions?.length) return null;
  const { region, ventricles } = payload.arrays;
  const { territories = {}, regions: names } = payload.meta;
  const codes = new Set((regions ?? []).flatMap((name) => territories[name] ?? [names.indexOf(name)]));
  return region.map((code, v) => +(Boolean(vertices?.[v]) || (codes.has(code) && Boolean(ventricles[v]))));
}

/**
 * Strokes of the brush; one new draft per stroke, so that a stroke is one step to undo.
 * @param {import("../payload.js").Payload} payload
 * @param {Uint32Array} triangles Of the ventricles.
 * @param {import("../state.js").State} state
 * @param {(mask: Uint8Array | null) => void} show Told what is painted while a stroke runs.
 */
export function createBrush(payload, triangles, state, show) {
  const { points } = payload.arrays;
  let [around, mask, erase] = [null, null, false];
  function dab(hit) {
    around ??= neighbours(triangles, points.length / 3);
    for (const v of within(around, points, hit.vertex, state.get().brush_mm)) mask[v] = erase ? 0 : 1;
    show(marked(payload, { ...state.get().draft, vertices: mask }));
  }
  return {
    start(hit, event) {
      mask = state.get().draft.vertices?.slice() ?? new Uint8Array(points.length / 3);
      erase = state.get().brush_erase || event.altKey;
      dab(hit);
    },
    move: (hit) => hit && dab(hit),
    end() {
      state.set({ draft: { ...state.get().draft, vertices: mask.includes(1) ? mask : null } });
      mask = null;
    },
    /** Takes the segment of a vertex into the draft, or out of it. */
    segment(vertex) {
      const { draft } = state.get();
      const name = payload.meta.regions[payload.arrays.region[vertex]];
      const regions = draft.regions.includes(name)
        ? draft.regions.filter((each) => each !== name)
        : [...draft.regions, name];
      state.set({ draft: { ...draft, regions } });
    },
  };
}
