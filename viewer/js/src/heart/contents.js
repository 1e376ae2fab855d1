/** All that is drawn in three dimensions, following the view. */

import { Scene } from "three";
import { heartViews } from "../map.js";
import { createAround } from "./around.js";
import { marked } from "./brush.js";
import { vertexNormals } from "./mesh.js";
import { createOutlines, expertMask } from "./outlines.js";
import { createPath } from "./path.js";
import { createPin } from "./pin.js";
import { styleOf } from "./provenance.js";
import { createRange, tableOf } from "./range.js";
import { createSurface } from "./surface.js";

/** Levels between zero and the end of the colours. */
const LEVELS = 5;

/** @param {import("../payload.js").Payload} payload */
function makeParts(payload) {
  const normals = vertexNormals(payload.arrays.points, payload.arrays.triangles);
  const surface = createSurface(payload, normals);
  const outlines = createOutlines(payload, normals, surface.index);
  const around = createAround(payload, normals);
  return { normals, surface, outlines, around, path: createPath(payload), pin: createPin(payload, normals) };
}

/** @param {import("../payload.js").Payload} payload */
export function createContents(payload) {
  const { normals, surface, outlines, around, path, pin } = makeParts(payload);
  const range = createRange(payload);
  const scene = new Scene();
  scene.add(surface.group, outlines.group, around.group, path.group, pin.group);
  return {
    scene,
    surface,
    normals,
    range,
    /** What a cut goes through. */
    cuts: { uniforms: [surface.uniforms.cut], materials: outlines.materials },
    /** Follows everything but time. */
    apply(view) {
      const ends = range.of(view);
      surface.colours(tableOf(view), ends.low, ends.high);
      surface.uniforms.threshold.value = view.threshold ?? 0;
      surface.uniforms.isoline.value = view.isolines ? ends.high / LEVELS : 0;
      const { provenance } = payload.meta.annotations?.[view.mask] ?? {};
      surface.expert(expertMask(payload, view), styleOf(provenance).colour);
      surface.open(view.cut.on);
      surface.paint(marked(payload, view.draft));
      for (const part of [around, outlines, pin]) part.apply(view);
    },
    /** Follows time; the only work of a frame while the view plays. */
    time(view) {
      surface.update(heartViews(payload, view)[0]);
      path.apply(view);
    },
    /** Widths of lines: `unit` viewport pixels and `ratio` pixels to a pixel of the page. */
    pixels(unit, ratio) {
      surface.uniforms.pixel.value = ratio;
      outlines.scale(unit);
    },
    dispose() {
      for (const part of [surface, outlines, around, path, pin]) part.dispose();
    },
  };
}
