/** A word at the pointer: segment and value; and the brush as a ring of its true size. */

import { density, heartViews, mapValues, perMoment } from "../map.js";
import { shortNumber } from "./bar.js";
import { unitOf } from "./range.js";

/** The map at vertices in the colours' unit, computed once for each view. */
function createReader(payload) {
  let known = { view: null, values: null };
  return (view, vertex) => {
    if (known.view !== view) known = { view, values: density(payload, mapValues(payload, view)) };
    return known.values[vertex] * perMoment(payload, view);
  };
}

function make(name, parent) {
  const element = document.createElement("div");
  element.className = name;
  element.hidden = true;
  parent.append(element);
  return element;
}

/** @param {HTMLElement} element @param {import("../payload.js").Payload} payload */
export function createHovering(element, payload) {
  const [ring, tip] = [make("heart-ring", element), make("heart-hover", element)];
  const valueAt = createReader(payload);
  const words = (seen, { vertex, pane }) => {
    const view = heartViews(payload, seen)[pane] ?? seen;
    const region = payload.meta.regions[payload.arrays.region[vertex]];
    if (view.blind || !payload.arrays.ventricles[vertex]) return region;
    return `${region}  ${shortNumber(valueAt(view, vertex))} ${unitOf(payload, view)}`;
  };
  return {
    valueAt,
    /**
     * @param {Object<string, any>} view
     * @param {import("./pointer.js").Hit | null} hit
     * @param {PointerEvent | null} event
     * @param {number} pixels Of one mm at the place that is hit.
     */
    show(view, hit, event, pixels) {
      tip.hidden = !hit;
      ring.hidden = !hit || view.tool !== "brush";
      if (!hit) return;
      const box = element.getBoundingClientRect();
      const [x, y] = [event.clientX - box.left, event.clientY - box.top];
      tip.textContent = words(view, hit);
      const left = Math.max(0, Math.min(x + 14, box.width - tip.offsetWidth));
      tip.style.transform = `translate(${left}px, ${y + 14}px)`;
      const side = 2 * view.brush_mm * pixels;
      Object.assign(ring.style, { width: `${side}px`, height: `${side}px` });
      ring.style.transform = `translate(${x - side / 2}px, ${y - side / 2}px)`;
    },
    destroy() {
      tip.remove();
      ring.remove();
    },
  };
}
