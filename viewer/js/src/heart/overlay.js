/** What lies over the canvas as plain elements: colour bar, cube, names, captions, the word at the pointer. */

import { createBar } from "./bar.js";
import { createCube } from "./cube.js";
import css from "./heart.css";
import { createHovering } from "./hovering.js";
import { createPanes } from "./panes.js";
import { createWords } from "./words.js";

/**
 * @param {HTMLElement} element
 * @param {import("../payload.js").Payload} payload
 * @param {ReturnType<typeof import("./contents.js").createContents>} contents
 * @param {(view: string) => void} look
 */
export function createOverlay(element, payload, { normals, surface }, look) {
  const style = element.appendChild(document.createElement("style"));
  style.textContent = css;
  const panes = createPanes(element, payload);
  const words = createWords(element, payload, normals, surface.index);
  const bar = createBar(element, payload);
  const cube = createCube(element, look);
  const hovering = createHovering(element, payload);
  return {
    panes,
    words,
    hovering,
    /** @param {Object<string, any>} view @param {{low: number, high: number}} ends @param {number} count */
    apply(view, ends, count) {
      bar.apply(view, ends);
      words.apply(view);
      panes.apply(view, count);
    },
    frame(camera, pane) {
      cube.frame(camera);
      words.frame(camera, pane);
    },
    destroy() {
      for (const part of [panes, words, bar, cube, hovering]) part.destroy();
      style.remove();
    },
  };
}
