/** The ventricles: one mesh whose vertices compute their own evidence. */

import {
  BackSide, BufferAttribute, BufferGeometry, Color, DataTexture, DynamicDrawUsage, FrontSide, GLSL3, Group, LinearFilter,
  Mesh, RGBAFormat, ShaderMaterial, Vector2, Vector4,
} from "three";
import { colourTable } from "../colormaps.js";
import { density } from "../map.js";
import { createFactors, KIND } from "./factors.js";
import { part } from "./mesh.js";
import { SURFACE_FRAGMENT, SURFACE_VERTEX } from "./shaders.js";

/** Maps that are not a weighted sum over the modalities. */
const OTHER = { spread: KIND.still, disagreement: KIND.deviation };
/** Farther than any vertex. */
export const NO_CUT = 1e9;

/** Colour tables as textures, made when first asked for. */
function createTables() {
  const made = new Map();
  return {
    get(name) {
      if (!made.has(name)) {
        const texture = new DataTexture(colourTable(name), 256, 1, RGBAFormat);
        texture.minFilter = texture.magFilter = LinearFilter;
        texture.needsUpdate = true;
        made.set(name, texture);
      }
      return made.get(name);
    },
    dispose() {
      for (const texture of made.values()) texture.dispose();
    },
  };
}

/** Geometry with the attributes that the shader reads. */
function geometryOf(payload, normals, triangles) {
  const { points, spread } = payload.arrays;
  const count = points.length / 3;
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(points, 3));
  geometry.setAttribute("normal", new BufferAttribute(normals, 3));
  geometry.setAttribute("still", new BufferAttribute(spread ? density(payload, spread) : new Float32Array(count), 1));
  for (const name of ["paint", "expert"]) {
    const attribute = new BufferAttribute(new Uint8Array(count), 1, true);
    attribute.setUsage(DynamicDrawUsage);
    geometry.setAttribute(name, attribute);
  }
  geometry.setIndex(new BufferAttribute(triangles, 1));
  return geometry;
}

/** What changes of the material. */
function uniformsOf(factors) {
  return {
    ...factors.uniforms,
    kind: { value: KIND.sum },
    table: { value: null },
    span: { value: new Vector2(0, 1) },
    threshold: { value: 0 },
    isoline: { value: 0 },
    pixel: { value: 1 },
    cut: { value: new Vector4(0, 0, 1, NO_CUT) },
    neutral: { value: new Color("#d9c8bf") },
    inside: { value: new Color("#b98f83") },
    painted: { value: new Color("#008f6b") },
    expertly: { value: new Color() },
  };
}

/** Lines lie on the outside and must win there; seen from inside they must not. */
const LINES_WIN = { polygonOffset: true, polygonOffsetFactor: 1.5, polygonOffsetUnits: 6 };

/** One side of the surface. */
function sideOf(geometry, uniforms, sizes, side) {
  const within = side === BackSide;
  const material = new ShaderMaterial({
    glslVersion: GLSL3,
    uniforms,
    vertexShader: SURFACE_VERTEX,
    fragmentShader: SURFACE_FRAGMENT,
    defines: within ? { ...sizes, INSIDE: 1 } : sizes,
    side,
    ...(within ? {} : LINES_WIN),
  });
  const mesh = new Mesh(geometry, material);
  mesh.frustumCulled = false;
  return mesh;
}

/** Writes a mask to an attribute of the geometry. */
function write(geometry, name, mask) {
  const attribute = geometry.getAttribute(name);
  for (let v = 0; v < attribute.array.length; v++) attribute.array[v] = mask && mask[v] ? 255 : 0;
  attribute.needsUpdate = true;
}

/**
 * @param {import("../payload.js").Payload} payload
 * @param {Float32Array} normals Of all vertices of the heart.
 */
export function createSurface(payload, normals) {
  const { ventricles, triangles } = payload.arrays;
  const index = part(triangles, (v) => ventricles[v]);
  const [factors, tables] = [createFactors(payload), createTables()];
  const geometry = geometryOf(payload, normals, index);
  const uniforms = uniformsOf(factors);
  const sizes = { TEXELS: factors.texels, MODALITIES: payload.meta.modalities.length };
  const [outside, inside] = [FrontSide, BackSide].map((side) => sideOf(geometry, uniforms, sizes, side));
  return {
    group: new Group().add(outside, inside),
    index,
    geometry,
    uniforms,
    /** The map at the view's moment; the only work of a frame. */
    update: (view) => factors.update(view),
    /** Whether the heart is opened, so that its inside is seen. */
    open(on) {
      inside.visible = on;
    },
    /** @param {Object<string, any>} view @param {"map" | "none" | "expert"} what Is drawn. */
    show(view, what) {
      const instead = { none: KIND.none, expert: KIND.expert }[what];
      uniforms.kind.value = instead ?? (view.lead_pick ? KIND.sum : (OTHER[view.map] ?? KIND.sum));
    },
    colours(name, low, high) {
      uniforms.table.value = tables.get(name);
      uniforms.span.value.set(low, high);
    },
    paint: (mask) => write(geometry, "paint", mask),
    expert(mask, colour) {
      uniforms.expertly.value.set(colour);
      write(geometry, "expert", mask);
    },
    dispose() {
      for (const made of [geometry, outside.material, inside.material, factors, tables]) made.dispose();
    },
  };
}
