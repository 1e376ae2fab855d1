/** Turning, moving and zooming by pointer; the camera is a value of the state. */

import { Vector3 } from "three";
import { TrackballControls } from "three/addons/controls/TrackballControls.js";
import { fitted, makeCamera, place, shape, STANDARD, valueOf } from "./camera.js";
import { createFlight } from "./flight.js";

const FEEL = { staticMoving: true, rotateSpeed: 2.2, zoomSpeed: 1.1, panSpeed: 0.35, minDistance: 60, maxDistance: 2500 };
/** How long the wheel must rest before the camera is told, ms. */
const WHEEL_MS = 250;

/**
 * @param {HTMLElement} canvas
 * @param {() => Float32Array} framed Points that a view is to show.
 * @param {import("../state.js").State} state
 * @param {() => void} changed Told when a frame is due.
 */
export function createOrbit(canvas, framed, state, changed) {
  const camera = makeCamera();
  const controls = new TrackballControls(camera, canvas);
  Object.assign(controls, FEEL, { keys: [] });
  const flight = createFlight();
  const eye = () => new Vector3().subVectors(camera.position, controls.target).normalize();
  let own = null;
  const write = () => {
    controls.update();
    own = valueOf(camera, controls.target);
    state.set({ camera: own });
  };
  const read = (value) => {
    if (value === own && value) return;
    flight.stop();
    place(camera, controls.target, value ?? fitted(framed(), STANDARD.AP));
    changed();
  };
  read(state.get().camera);
  controls.addEventListener("change", changed);
  controls.addEventListener("end", write);
  const release = listen(canvas, controls, { write, changed, stop: flight.stop });
  const off = state.on(["camera"], (view) => read(view.camera));
  return {
    camera,
    controls,
    /** Follows the pointer, or the way to a view; to be called before each frame. @returns {boolean} Whether it goes on. */
    update({ width, height }) {
      shape(camera, width / height);
      const at = flight.now();
      if (at) place(camera, controls.target, at);
      else controls.update();
      return flight.flying();
    },
    /** Looks from one side, everything in the picture. */
    look(view) {
      const from = valueOf(camera, controls.target);
      own = fitted(framed(), view);
      if (!flight.start(from, own)) place(camera, controls.target, own);
      state.set({ camera: own });
      changed();
    },
    eye,
    /** The side that is looked from now. */
    side: () => ({ eye: eye().toArray(), up: camera.up.toArray() }),
    destroy() {
      off();
      release();
      controls.dispose();
    },
  };
}

/** The controls look at the pointer when a frame is drawn, so a frame is asked for when it moves. */
function listen(canvas, controls, { write, changed, stop }) {
  let timer = 0;
  const listeners = {
    pointerdown() {
      stop();
      controls.handleResize();
    },
    pointermove: (event) => event.buttons && controls.enabled && changed(),
    wheel() {
      stop();
      changed();
      clearTimeout(timer);
      timer = setTimeout(write, WHEEL_MS);
    },
  };
  const how = { capture: true, passive: true };
  for (const [name, heard] of Object.entries(listeners)) canvas.addEventListener(name, heard, how);
  return () => {
    clearTimeout(timer);
    for (const [name, heard] of Object.entries(listeners)) canvas.removeEventListener(name, heard, how);
  };
}
