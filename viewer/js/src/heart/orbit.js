/** Turning, moving and zooming by pointer; the camera is a value of the state. */

import { Vector3 } from "three";
import { TrackballControls } from "three/addons/controls/TrackballControls.js";
import { fitted, makeCamera, place, shape, STANDARD, valueOf } from "./camera.js";

/**
 * @param {HTMLElement} canvas
 * @param {() => Float32Array} framed Points that a view is to show.
 * @param {import("../state.js").State} state
 * @param {() => void} changed Told when a frame is due.
 */
export function createOrbit(canvas, framed, state, changed) {
  const camera = makeCamera();
  const controls = new TrackballControls(camera, canvas);
  Object.assign(controls, { staticMoving: true, rotateSpeed: 2.2, zoomSpeed: 1.1, panSpeed: 0.35, keys: [] });
  Object.assign(controls, { minDistance: 60, maxDistance: 2500 });
  let own = null;
  const write = () => {
    controls.update();
    own = valueOf(camera, controls.target);
    state.set({ camera: own });
  };
  const read = (value) => {
    if (value === own && value) return;
    place(camera, controls.target, value ?? fitted(framed(), STANDARD.AP));
    changed();
  };
  /** Unit vector from the heart to the eye. */
  const eye = () => new Vector3().subVectors(camera.position, controls.target).normalize();
  read(state.get().camera);
  controls.addEventListener("change", changed);
  controls.addEventListener("end", write);
  const rested = debounced(write, 250);
  // The controls look at the pointer when a frame is drawn, so a frame is asked for when it moves.
  const listeners = {
    pointerdown: () => controls.handleResize(),
    pointermove: (event) => event.buttons && controls.enabled && changed(),
    wheel: () => {
      changed();
      rested();
    },
  };
  for (const [name, heard] of Object.entries(listeners)) {
    canvas.addEventListener(name, heard, { capture: true, passive: true });
  }
  const off = state.on(["camera"], (view) => read(view.camera));
  return {
    camera,
    controls,
    /** Follows the pointer; to be called before each frame. */
    update({ width, height }) {
      shape(camera, width / height);
      controls.update();
    },
    /** Looks from one side, everything in the picture. */
    look: (view) => state.set({ camera: fitted(framed(), view) }),
    eye,
    /** The side that is looked from now. */
    side: () => ({ eye: eye().toArray(), up: camera.up.toArray() }),
    destroy() {
      off();
      rested.cancel();
      for (const [name, heard] of Object.entries(listeners)) {
        canvas.removeEventListener(name, heard, { capture: true });
      }
      controls.dispose();
    },
  };
}

function debounced(action, ms) {
  let timer = 0;
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(action, ms);
  };
  later.cancel = () => clearTimeout(timer);
  return later;
}

