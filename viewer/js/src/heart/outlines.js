/** Edges of the segments, the outline of the expert's region against the map's colours, the credible region. */

import { Group } from "three";
import { createLines, createTracing, maskOutline, regionEdges } from "./lines.js";
import { withExpert } from "./panes.js";
import { styleOf } from "./provenance.js";
import { isSigned, tableOf } from "./range.js";

/** Vertices of the annotation that the view has chosen, or null. */
export function expertMask(payload, view) {
  const name = payload.meta.annotations?.[view.mask]?.mask;
  return (name && payload.arrays[name]) || null;
}

/** A line on a white casing, so that it shows on every colour. */
function createMark() {
  const casing = createLines({ colour: "#ffffff", width: 5.5, opacity: 0.92, order: 5 });
  const line = createLines({ colour: "#000000", width: 3, order: 6 });
  let shown = null;
  return {
    objects: [casing.object, line.object],
    materials: [casing.material, line.material],
    /** @param {{mask: Uint8Array | null, colour: string, dash: number}} mark */
    show(tracing, { mask, colour, dash }) {
      line.material.color.set(colour);
      line.dash(dash);
      if (mask === shown) return;
      shown = mask;
      const pieces = mask ? maskOutline(tracing, mask) : [];
      casing.set(pieces);
      line.set(pieces);
    },
    scale(unit) {
      casing.scale(unit);
      line.scale(unit);
    },
    dispose() {
      casing.dispose();
      line.dispose();
    },
  };
}

/**
 * @param {import("../payload.js").Payload} payload
 * @param {Float32Array} normals
 * @param {Uint32Array} triangles Of the ventricles.
 */
export function createOutlines(payload, normals, triangles) {
  const tracing = createTracing({ points: payload.arrays.points, normals, triangles });
  const edges = createLines({ colour: "#2b2b2b", width: 1, opacity: 0.55, order: 4 });
  const [expert, credible] = [createMark(), createMark()];
  const group = new Group();
  for (const object of [edges.object, ...expert.objects, ...credible.objects]) group.add(object);
  let traced = false;
  return {
    group,
    materials: [edges.material, ...expert.materials, ...credible.materials],
    apply(view) {
      if (view.edges && !traced) {
        edges.set(regionEdges(tracing, payload.arrays.region));
        traced = true;
      }
      edges.object.visible = view.edges && traced;
      const pale = isSigned(view) && tableOf(view) === "PuOr";
      edges.material.color.set(pale || view.blind ? "#2b2b2b" : "#ffffff");
      const mask = withExpert(view) ? expertMask(payload, view) : null;
      expert.show(tracing, { mask, ...styleOf(payload.meta.annotations?.[view.mask]?.provenance) });
      const region = view.credible && !view.blind ? payload.arrays.credible : null;
      credible.show(tracing, { mask: region ?? null, colour: "#111111", dash: 3.5 });
    },
    /** @param {number} unit Viewport pixels to a pixel of the page. */
    scale(unit) {
      for (const lines of [edges, expert, credible]) lines.scale(unit);
    },
    dispose() {
      for (const lines of [edges, expert, credible]) lines.dispose();
    },
  };
}
