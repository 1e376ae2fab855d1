/** The path of mean activation: a tube per wave, where it is now, and the ball in which it says anything. */

import { CatmullRomCurve3, Group, Mesh, MeshBasicMaterial, SphereGeometry, TubeGeometry, Vector3 } from "three";
import { sampleAt } from "../map.js";
import { createGlass } from "./glass.js";

/** Okabe-Ito: told apart by all who see colours differently. */
export const WAVE_COLOURS = Object.freeze({ QRS: "#0072b2", ST: "#009e73", T: "#d55e00" });
const [TUBE_MM, MARKER_MM, FAINT] = [1.1, 3.2, 0.28];

/** Samples of the waves that the path is drawn for, first and one past the last. */
export function waveSamples(payload) {
  const { qrs_onset: onset, j_point: j, t_peak: peak, t_end: end } = payload.meta.fiducials_ms;
  const at = (t) => (t === null || t === undefined ? NaN : Math.round(sampleAt(payload, t)));
  const waves = { QRS: [at(onset), at(j)], ST: [at(j), at(peak)], T: [at(peak), at(end)] };
  return Object.fromEntries(Object.entries(waves).filter(([, [a, b]]) => b - a > 2));
}

function pointsOf(path, [first, last]) {
  const points = [];
  for (let i = first; i < last; i++) {
    const point = new Vector3().fromArray(path, 3 * i);
    if (Number.isFinite(point.x)) points.push(point);
  }
  return points;
}

function tube(points, colour) {
  const geometry = new TubeGeometry(new CatmullRomCurve3(points), Math.min(points.length * 2, 200), TUBE_MM, 8);
  const material = new MeshBasicMaterial({ color: colour, transparent: true, depthTest: false });
  const mesh = new Mesh(geometry, material);
  mesh.renderOrder = 30;
  return mesh;
}

function sphere(radius, colour, order) {
  const material = new MeshBasicMaterial({ color: colour, transparent: true, depthTest: false });
  const mesh = new Mesh(new SphereGeometry(radius, 24, 16), material);
  mesh.renderOrder = order;
  return mesh;
}

/** A translucent ball of radius 1. */
function ball() {
  const geometry = new SphereGeometry(1, 40, 24);
  const shell = createGlass(
    {
      points: geometry.getAttribute("position").array,
      normals: geometry.getAttribute("normal").array,
      triangles: geometry.index.array,
    },
    { tint: "#7fb5d8", opacity: [0.08, 0.6], order: 20, solid: false, through: true },
  );
  geometry.dispose();
  return shell;
}

/** @param {import("../payload.js").Payload} payload */
export function createPath(payload) {
  const { path, path_radius: radius } = payload.arrays;
  const group = new Group();
  const waves = path ? waveSamples(payload) : {};
  const tubes = Object.entries(waves)
    .map(([name, span]) => ({ span, name, points: pointsOf(path, span) }))
    .filter(({ points }) => points.length > 3)
    .map((wave) => ({ ...wave, mesh: tube(wave.points, WAVE_COLOURS[wave.name]) }));
  const [casing, marker, around] = [sphere(MARKER_MM, "#ffffff", 31), sphere(MARKER_MM * 0.72, "#0072b2", 32), ball()];
  const moving = new Group();
  moving.add(casing, marker);
  group.add(moving, around.group);
  for (const { mesh } of tubes) group.add(mesh);
  return {
    group,
    apply(view) {
      group.visible = view.path && tubes.length > 0;
      if (!group.visible) return;
      const at = Math.round(sampleAt(payload, view.t_ms));
      const here = new Vector3().fromArray(path, 3 * at);
      const there = Number.isFinite(here.x);
      moving.visible = around.group.visible = there;
      for (const { mesh, span, name } of tubes) {
        const now = at >= span[0] && at < span[1];
        mesh.material.opacity = now || !there ? 1 : FAINT;
        if (now) marker.material.color.set(WAVE_COLOURS[name]);
      }
      if (!there) return;
      moving.position.copy(here);
      around.group.position.copy(here);
      around.group.scale.setScalar(Math.max(radius?.[at] || 0, 0.001));
    },
    dispose() {
      around.dispose();
      for (const mesh of [casing, marker, ...tubes.map((each) => each.mesh)]) {
        mesh.geometry.dispose();
        mesh.material.dispose();
      }
    },
  };
}
