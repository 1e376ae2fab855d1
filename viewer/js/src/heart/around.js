/** What lies around the ventricles: atria, great vessels, the torso with its electrodes. */

import { BackSide, Group, Mesh, MeshBasicMaterial, SphereGeometry } from "three";
import { createGlass } from "./glass.js";
import { part, vertexNormals } from "./mesh.js";

/** Vessels fade where they leave the heart: they only say which way is up. */
const FADE_MM = [6, 42];

/** Of the heart's vertices, one in so many says how far the heart is. */
const STRIDE = 16;

function fading(points, heart) {
  const [near, far] = FADE_MM;
  const fade = new Float32Array(points.length / 3);
  for (let i = 0; i < fade.length; i++) {
    let least = Infinity;
    for (let j = 0; j < heart.length; j += 3 * STRIDE) {
      const x = heart[j] - points[3 * i];
      const y = heart[j + 1] - points[3 * i + 1];
      const z = heart[j + 2] - points[3 * i + 2];
      least = Math.min(least, x * x + y * y + z * z);
    }
    fade[i] = Math.min(Math.max((far - Math.sqrt(least)) / (far - near), 0), 1);
  }
  return fade;
}

function shells(payload, normals) {
  const { points, triangles, ventricles, vessel_points: tubes, vessel_triangles: faces } = payload.arrays;
  const made = [];
  const atria = part(triangles, (v) => !ventricles[v]);
  if (atria.length) {
    const shell = { points, normals, triangles: atria };
    made.push(createGlass(shell, { tint: "#e0bcae", opacity: [0.5, 0.82], order: 10 }));
  }
  if (tubes) {
    const shell = { points: tubes, normals: vertexNormals(tubes, faces), triangles: faces, fade: fading(tubes, points) };
    made.push(createGlass(shell, { tint: "#d5a597", opacity: [0.45, 0.75], order: 10 }));
  }
  return made;
}

function torsoShell(payload) {
  const { torso_points: points, torso_triangles: triangles } = payload.arrays;
  if (!points) return null;
  const shell = { points, normals: vertexNormals(points, triangles), triangles };
  return createGlass(shell, { tint: "#9fb4c4", opacity: [0.1, 0.5], order: 1, side: BackSide, solid: false });
}

function electrodeBalls(payload) {
  const group = new Group();
  const { electrodes } = payload.arrays;
  const geometry = new SphereGeometry(5, 20, 14);
  const material = new MeshBasicMaterial({ color: "#2f6f9f" });
  for (let i = 0; electrodes && i < electrodes.length; i += 3) {
    const mesh = new Mesh(geometry, material);
    mesh.position.fromArray(electrodes, i);
    mesh.visible = Number.isFinite(electrodes[i]);
    mesh.renderOrder = 2;
    group.add(mesh);
  }
  return {
    group,
    dispose() {
      geometry.dispose();
      material.dispose();
    },
  };
}

/**
 * @param {import("../payload.js").Payload} payload
 * @param {Float32Array} normals Of the heart's vertices.
 */
export function createAround(payload, normals) {
  const [near, torso, electrodes] = [shells(payload, normals), torsoShell(payload), electrodeBalls(payload)];
  const group = new Group();
  const heart = new Group();
  for (const shell of near) heart.add(shell.group);
  group.add(heart, electrodes.group);
  if (torso) group.add(torso.group);
  return {
    group,
    apply(view) {
      // Atria and vessels are thin shells: opened, they would only be in the way.
      heart.visible = view.atria && !view.cut.on;
      electrodes.group.visible = view.electrodes;
      if (torso) torso.group.visible = view.torso;
    },
    dispose() {
      for (const shell of near) shell.dispose();
      torso?.dispose();
      electrodes.dispose();
    },
  };
}
