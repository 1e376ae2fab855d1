/** Turning, moving and zooming by pointer; the camera is a value of the state. */

import { Vector3 } from "three";
import { TrackballControls } from "three/addons/controls/TrackballControls.js";
import { fitted, makeCamera, place, shape, STANDARD, valueOf } from "./camera.js";
import { createFlight } from "./flight.js";

const FEEL = { staticMoving: true, rotateSpeed: 2.2, zoomSpeed: 1.1, panSpeed: 0.35, minDistance: 60, maxDistance: 2500 };
/** How long the wheel must rest before the camera is told, ms. */
const WHEEL_MS = 250;

/** The camera with the controls that turn it. */
function makeControls(canvas) {
  const camera = makeCamera();
  const controls = Object.assign(new TrackballControls(camera, canvas), FEEL, { keys: [] });
  return {
    camera,
    controls,
    value: () => valueOf(camera, controls.target),
    place: (value) => place(camera, controls.target, value),
    eye: () => new Vector3().subVectors(camera.position, controls.target).normalize(),
  };
}

/** Keeps the camera of the state and that of the screen the same. */
function createTie(state, follow) {
  let own = null;
  const off = state.on(["camera"], ({ camera }) => {
    if (camera === null || camera !== own) follow(camera);
  });
  return {
    tell(value) {
      own = value;
      state.set({ camera: value });
    },
    off,
  };
}

/**
 * @param {HTMLElement} canvas
 * @param {() => Float32Array} framed Points that a view is to show.
 * @param {import("../state.js").State} state
 * @param {() => void} changed Told when a frame is due.
 */
export function createOrbit(canvas, framed, state, changed) {
  const { camera, controls, value, place: put, eye } = makeControls(canvas);
  const flight = createFlight();
  const jump = (wanted) => {
    flight.stop();
    put(wanted ?? fitted(framed(), STANDARD.AP));
    changed();
  };
  const { tell, off } = createTie(state, jump);
  const write = () => {
    controls.update();
    tell(value());
  };
  const release = listen(canvas, controls, { write, changed, stop: flight.stop });
  jump(state.get().camera);
  return {
    camera,
    controls,
    /** Follows the pointer, or the way to a view; to be called before each frame. @returns {boolean} Whether it goes on. */
    update({ width, height }) {
      shape(camera, width / height);
      const at = flight.now();
      if (at) put(at);
      else controls.update();
      return flight.flying();
    },
    /** Looks from one side, everything in the picture. */
    look(view) {
      const to = fitted(framed(), view);
      if (!flight.start(value(), to)) put(to);
      tell(to);
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
  controls.addEventListener("change", changed);
  controls.addEventListener("end", write);
  for (const [name, heard] of Object.entries(listeners)) canvas.addEventListener(name, heard, how);
  return () => {
    clearTimeout(timer);
    for (const [name, heard] of Object.entries(listeners)) canvas.removeEventListener(name, heard, how);
  };
}
