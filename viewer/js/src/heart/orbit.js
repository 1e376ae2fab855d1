/** Turning, moving and zooming by pointer; the camera is a value of the state. */

import { Vector3 } from "three";
import { TrackballControls } from "three/addons/controls/TrackballControls.js";
import { fitted, makeCamera, place, shape, turnedBy, valueOf } from "./camera.js";
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
    /** Follows the pointer, or the way to a view. @param {ReturnType<typeof createFlight>} flight */
    follow(flight) {
      const at = flight.now();
      if (at) place(camera, controls.target, at);
      else controls.update();
      return flight.flying();
    },
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
 * @param {{framed: () => Float32Array, first: () => {eye: number[], up: number[]}}} shown Points that a view is to
 *   show, and the side to look from where the state names none.
 * @param {import("../state.js").State} state
 * @param {() => void} changed Told when a frame is due.
 */
export function createOrbit(canvas, { framed, first }, state, changed) {
  const { camera, controls, value, place: put, eye, follow } = makeControls(canvas);
  const flight = createFlight();
  const jump = (wanted) => {
    flight.stop();
    put(wanted ?? fitted(framed(), first()));
    changed();
  };
  const { tell, off } = createTie(state, jump);
  const go = (to) => {
    if (!flight.start(value(), to)) put(to);
    tell(to);
    changed();
  };
  const write = () => {
    controls.update();
    tell(value());
  };
  const release = listen(canvas, controls, { write, changed, stop: flight.stop });
  jump(state.get().camera);
  return {
    camera,
    controls,
    /** To be called before each frame. @returns {boolean} Whether it goes on by itself. */
    update({ width, height }) {
      shape(camera, width / height);
      return follow(flight);
    },
    /** Looks from one side, everything in the picture. */
    look: (view) => go(fitted(framed(), view)),
    /** Turns by degrees and comes nearer by a factor. @param {Parameters<typeof turnedBy>[1]} by */
    turn: (by) => go(turnedBy(value(), by)),
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
