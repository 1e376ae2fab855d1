/** The plane that opens the heart: square to a direction, as deep as the view says. */

import { Plane, Vector3 } from "three";
import { NO_CUT } from "./surface.js";

/** How far the heart reaches along a direction. @returns {[number, number]} mm */
export function reach(points, ventricles, normal) {
  let [low, high] = [Infinity, -Infinity];
  for (let v = 0; v < ventricles.length; v++) {
    if (!ventricles[v]) continue;
    const at = points[3 * v] * normal[0] + points[3 * v + 1] * normal[1] + points[3 * v + 2] * normal[2];
    [low, high] = [Math.min(low, at), Math.max(high, at)];
  }
  return [low, high];
}

/** Depth at which the plane goes through a point. */
export function depthThrough(payload, normal, point) {
  const [low, high] = reach(payload.arrays.points, payload.arrays.ventricles, normal);
  const at = point.reduce((sum, value, i) => sum + value * normal[i], 0);
  return (high - at) / (high - low);
}

/**
 * @param {import("../payload.js").Payload} payload
 * @param {{uniforms: {value: import("three").Vector4}[], materials: import("three").Material[]}} what Is to be cut.
 * @param {() => Vector3} eye Direction that a cut takes if the view names none.
 */
export function createCut(payload, { uniforms, materials }, eye) {
  const { points, ventricles } = payload.arrays;
  const plane = new Plane();
  let own = null;
  return {
    apply(view) {
      const { on, depth, normal } = view.cut;
      if (!on) own = null;
      else own = normal ?? own ?? eye().toArray();
      if (on) {
        const [low, high] = reach(points, ventricles, own);
        const offset = high - Math.min(Math.max(depth, 0), 1) * (high - low);
        for (const uniform of uniforms) uniform.value.set(...own, offset);
        plane.set(new Vector3(...own).negate(), offset);
      } else for (const uniform of uniforms) uniform.value.set(0, 0, 1, NO_CUT);
      for (const material of materials) material.clippingPlanes = on ? [plane] : null;
    },
    /** Whether a point has been cut away. */
    removed: (point) => own !== null && plane.distanceToPoint(point) < 0,
  };
}
