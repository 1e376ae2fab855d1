/** Translucent shells that only say where the map is: atria, great vessels, torso. */

import {
  BufferAttribute, BufferGeometry, Color, FrontSide, GLSL3, Group, LessEqualDepth, Mesh, ShaderMaterial, Vector2,
} from "three";
import { GLASS_FRAGMENT, GLASS_VERTEX } from "./shaders.js";

/** Part of its colour that a shell needs to count as its nearest layer. */
const SOLID = 0.6;

/**
 * A shell whose nearest layer alone is seen: its depth is drawn first, then its colour.
 * @param {{points: Float32Array, normals: Float32Array, triangles: ArrayLike<number>, fade?: Float32Array}} shell
 * @param {{tint: string, opacity: [number, number], order: number, side?: number, solid?: boolean, through?: boolean}} look
 *   Opacity where it faces the eye and at its rim; `through` is seen through what lies before it.
 */
export function createGlass(shell, { tint, opacity, order, side = FrontSide, solid = true, through = false }) {
  const geometry = new BufferGeometry();
  geometry.setAttribute("position", new BufferAttribute(shell.points, 3));
  geometry.setAttribute("normal", new BufferAttribute(shell.normals, 3));
  const fade = shell.fade ?? new Float32Array(shell.points.length / 3).fill(1);
  geometry.setAttribute("fade", new BufferAttribute(fade, 1));
  geometry.setIndex(new BufferAttribute(Uint32Array.from(shell.triangles), 1));
  const uniforms = {
    tint: { value: new Color(tint) },
    opacity: { value: new Vector2(...opacity) },
    least: { value: 0 },
  };
  const shared = { glslVersion: GLSL3, uniforms, vertexShader: GLASS_VERTEX, fragmentShader: GLASS_FRAGMENT, side };
  const colour = new ShaderMaterial({
    ...shared, transparent: true, depthWrite: false, depthFunc: LessEqualDepth, depthTest: !through,
  });
  const materials = [colour];
  const group = new Group();
  if (solid) {
    // What has all but faded must not hide what lies behind it.
    const own = { ...uniforms, least: { value: SOLID } };
    const depth = new ShaderMaterial({ ...shared, uniforms: own, colorWrite: false, transparent: true });
    materials.push(depth);
    group.add(ordered(new Mesh(geometry, depth), order));
  }
  group.add(ordered(new Mesh(geometry, colour), order + 0.5));
  return {
    group,
    uniforms,
    dispose() {
      geometry.dispose();
      for (const material of materials) material.dispose();
    },
  };
}

function ordered(mesh, order) {
  mesh.renderOrder = order;
  mesh.frustumCulled = false;
  return mesh;
}
