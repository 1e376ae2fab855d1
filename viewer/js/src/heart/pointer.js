/** What the pointer does on the heart: looks at a place, clicks it, or drags a stroke over it. */

import { DoubleSide, Mesh, MeshBasicMaterial, Raycaster, Vector2, Vector3 } from "three";
import { split } from "./panes.js";

/** Farthest that a click's pointer moves, pixels. */
const CLICK_PX = 4;
/** How far before a place something must lie to hide it, mm. */
const BEFORE_MM = 3;

/**
 * @typedef {Object} Hit
 * @property {number} vertex The nearest of the triangle's corners.
 * @property {number[]} point mm
 * @property {number} distance From the eye, mm.
 * @property {number} pane Which of the hearts, from 0.
 */

/**
 * Finds what lies under the pointer, and whether a place can be seen.
 * @param {import("three").BufferGeometry} geometry
 * @param {{camera: import("three").Camera, panes: () => number, removed: (point: Vector3) => boolean}} scene
 *   `removed` tells of points that have been cut away.
 */
export function createCaster(geometry, { camera, panes, removed }) {
  const caster = new Raycaster();
  const at = new Vector2();
  const { array: points } = geometry.getAttribute("position");
  const mesh = new Mesh(geometry, new MeshBasicMaterial({ side: DoubleSide })); // never drawn
  const first = () => caster.intersectObject(mesh, false).find(({ point }) => !removed(point));
  return {
    /** @returns {Hit | null} */
    cast(event, canvas) {
      const box = canvas.getBoundingClientRect();
      const [x, y] = [event.clientX - box.left, event.clientY - box.top];
      const hearts = split(box, panes());
      const pane = hearts.findLast((each) => x >= each.x && y >= each.y);
      if (!pane) return null;
      at.set(((x - pane.x) / pane.width) * 2 - 1, 1 - ((y - pane.y) / pane.height) * 2);
      caster.setFromCamera(at, camera);
      const hit = first();
      if (!hit) return null;
      const far = (v) => new Vector3().fromArray(points, 3 * v).distanceToSquared(hit.point);
      const vertex = [hit.face.a, hit.face.b, hit.face.c].reduce((a, b) => (far(a) <= far(b) ? a : b));
      return { vertex, point: hit.point.toArray(), distance: hit.distance, pane: hearts.indexOf(pane) };
    },
    /** Whether a place is cut away or something lies before it. @param {Vector3} point */
    hidden(point) {
      if (removed(point)) return true;
      caster.set(camera.position, new Vector3().subVectors(point, camera.position).normalize());
      const hit = first();
      return Boolean(hit) && hit.distance < camera.position.distanceTo(point) - BEFORE_MM;
    },
  };
}

/**
 * @param {HTMLElement} canvas
 * @param {(event: PointerEvent, canvas: HTMLElement) => Hit | null} cast
 * @param {{
 *   strokes: () => boolean, click: (hit: Hit | null) => void,
 *   hover: (hit: Hit | null, event: PointerEvent | null) => void,
 *   start: (hit: Hit, event: PointerEvent) => void, move: (hit: Hit | null, event: PointerEvent) => void,
 *   end: () => void,
 * }} act What to do; `strokes` says whether dragging paints rather than turns.
 * @param {{enabled: boolean}} controls Turned off while painting.
 */
export function createPointer(canvas, cast, act, controls) {
  let [from, painting] = [null, false];
  const soon = oncePerFrame((event) => canvas.isConnected && act.hover(cast(event, canvas), event));
  const down = (event) => {
    from = event.button === 0 ? [event.clientX, event.clientY] : null;
    const hit = from && act.strokes() ? cast(event, canvas) : null;
    if (!hit) return;
    [painting, controls.enabled] = [true, false];
    event.stopImmediatePropagation();
    canvas.setPointerCapture(event.pointerId);
    act.start(hit, event);
  };
  const move = (event) => {
    if (painting) act.move(cast(event, canvas), event);
    else if (!event.buttons) soon(event);
  };
  const up = (event) => {
    const still = from && Math.hypot(event.clientX - from[0], event.clientY - from[1]) <= CLICK_PX;
    from = null;
    if (painting) {
      [painting, controls.enabled] = [false, true];
      act.end();
    } else if (still) act.click(cast(event, canvas));
  };
  const leave = () => !painting && act.hover(null, null);
  const release = listen(canvas, { pointerdown: down, pointermove: move, pointerup: up, pointercancel: up, pointerleave: leave });
  return { destroy: release };
}

/** Passes on the latest of what came since the last frame. */
function oncePerFrame(act) {
  let latest = null;
  return (event) => {
    if (!latest) {
      requestAnimationFrame(() => {
        const now = latest;
        latest = null;
        act(now);
      });
    }
    latest = event;
  };
}

/** Listens before the camera's controls do, which must not see a stroke. */
function listen(canvas, listeners) {
  for (const [name, heard] of Object.entries(listeners)) canvas.addEventListener(name, heard, { capture: true });
  return () => {
    for (const [name, heard] of Object.entries(listeners)) canvas.removeEventListener(name, heard, { capture: true });
  };
}
