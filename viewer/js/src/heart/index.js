/** The heart: evidence on the ventricles, what lies around them, and what the pointer does there. */

import { Group, Scene } from "three";
import { createGlass } from "./glass.js";
import { part, vertexNormals } from "./mesh.js";
import { createOrbit } from "./orbit.js";
import { createRange, tableOf } from "./range.js";
import { createStage } from "./stage.js";
import { createSurface } from "./surface.js";
import { fourChamber, STANDARD } from "./camera.js";

/** Keys of the view that change what the surface shows. */
const MAP_KEYS = ["map", "sign", "mode", "t_ms", "interval_ms", "colormap", "range", "threshold", "isolines"];

/**
 * @param {HTMLElement} element
 * @param {import("../payload.js").Payload} payload
 * @param {import("../state.js").State} state
 */
export function createHeart(element, payload, state) {
  const { points, triangles, ventricles } = payload.arrays;
  const normals = vertexNormals(points, triangles);
  const surface = createSurface(payload, normals);
  const range = createRange(payload);
  const around = createAround(payload, normals);
  const scene = new Scene();
  scene.add(surface.mesh, around.group);

  function refresh(view = state.get()) {
    const { low, high } = range.of(view);
    surface.update(view);
    surface.show(view, view.blind ? "none" : "map");
    surface.colours(tableOf(view), low, high);
    surface.uniforms.threshold.value = view.threshold ?? 0;
    surface.uniforms.isoline.value = view.isolines ? high / 5 : 0;
    around.show(view);
    if (state.get().range_shown !== high) state.set({ range_shown: high });
  }

  const stage = createStage(element, ({ renderer, width, height }) => {
    orbit.update(width, height);
    renderer.setViewport(0, 0, width, height);
    renderer.render(scene, orbit.camera);
  });
  const orbit = createOrbit(stage.canvas, points, state, () => stage.request());
  refresh();
  stage.resize();
  orbit.resize();
  const offs = [
    state.on([...MAP_KEYS, "atria", "blind"], (view) => {
      refresh(view);
      stage.request();
    }),
  ];
  return {
    stage,
    setView(name) {
      const view = name === "four-chamber" ? fourChamber(payload) : STANDARD[name];
      if (view) orbit.look(view);
    },
    png: () => stage.picture(),
    stats: () => stage.stats(),
    destroy() {
      for (const off of offs) off();
      orbit.destroy();
      surface.dispose();
      around.dispose();
      stage.destroy();
    },
  };
}

function createAround(payload, normals) {
  const { points, triangles, ventricles } = payload.arrays;
  const group = new Group();
  const shells = [];
  const atria = part(triangles, (v) => !ventricles[v]);
  if (atria.length) {
    shells.push(createGlass({ points, normals, triangles: atria }, { tint: "#dcb9aa", opacity: [0.35, 0.8], order: 10 }));
  }
  const { vessel_points: tubes, vessel_triangles: faces } = payload.arrays;
  if (tubes) {
    const shell = { points: tubes, normals: vertexNormals(tubes, faces), triangles: faces };
    shells.push(createGlass(shell, { tint: "#d3a093", opacity: [0.3, 0.75], order: 10 }));
  }
  for (const shell of shells) group.add(shell.group);
  return {
    group,
    show(view) {
      group.visible = view.atria;
    },
    dispose() {
      for (const shell of shells) shell.dispose();
    },
  };
}
