/** Edges of the segments, and the outline of the expert's region against the map's colours. */

import { Group } from "three";
import { createLines, createTracing, maskOutline, regionEdges } from "./lines.js";
import { isSigned, tableOf } from "./range.js";

/** Vertices of the annotation that the view has chosen, or null. */
export function expertMask(payload, view) {
  const name = payload.meta.annotations?.[view.mask]?.mask;
  return (name && payload.arrays[name]) || null;
}

/**
 * @param {import("../payload.js").Payload} payload
 * @param {Float32Array} normals
 * @param {Uint32Array} triangles Of the ventricles.
 */
export function createOutlines(payload, normals, triangles) {
  const tracing = createTracing({ points: payload.arrays.points, normals, triangles });
  const edges = createLines({ colour: "#2b2b2b", width: 1, opacity: 0.55, order: 4 });
  const casing = createLines({ colour: "#ffffff", width: 5.5, opacity: 0.9, order: 5 });
  const expert = createLines({ colour: "#00805e", width: 3, order: 6 });
  const group = new Group();
  group.add(edges.object, casing.object, expert.object);
  let [traced, outlined] = [false, null];
  return {
    group,
    materials: [edges.material, casing.material, expert.material],
    apply(view) {
      if (view.edges && !traced) {
        edges.set(regionEdges(tracing, payload.arrays.region));
        traced = true;
      }
      edges.object.visible = view.edges && traced;
      const pale = isSigned(view) ? tableOf(view) === "PuOr" : false;
      edges.material.color.set(pale || view.blind ? "#2b2b2b" : "#ffffff");
      const mask = view.compare === "none" || view.blind ? null : expertMask(payload, view);
      if (mask !== outlined) {
        const pieces = mask ? maskOutline(tracing, mask) : [];
        casing.set(pieces);
        expert.set(pieces);
        outlined = mask;
      }
    },
    dispose() {
      for (const lines of [edges, casing, expert]) lines.dispose();
    },
  };
}
