/** The place that was picked: a dot with a light rim. */

import { BackSide, FrontSide, Group, Mesh, MeshBasicMaterial, SphereGeometry, Vector3 } from "three";

const RADIUS_MM = 1.9;

/** @param {import("../payload.js").Payload} payload @param {Float32Array} normals */
export function createPin(payload, normals) {
  const group = new Group();
  // The rim is the far side of a larger ball, which the dot covers but for its edge.
  const made = [
    { color: "#ffffff", side: BackSide, radius: RADIUS_MM * 1.5 },
    { color: "#d81b60", side: FrontSide, radius: RADIUS_MM },
  ].map(({ color, side, radius }) => {
    const mesh = new Mesh(new SphereGeometry(radius, 24, 16), new MeshBasicMaterial({ color, side }));
    group.add(mesh);
    return mesh;
  });
  return {
    group,
    apply(view) {
      const vertex = view.pick?.vertex;
      group.visible = Number.isInteger(vertex);
      if (!group.visible) return;
      const out = new Vector3().fromArray(normals, 3 * vertex);
      group.position.fromArray(payload.arrays.points, 3 * vertex).addScaledVector(out, RADIUS_MM);
    },
    dispose() {
      for (const mesh of made) {
        mesh.geometry.dispose();
        mesh.material.dispose();
      }
    },
  };
}
