/** What every panel gets: payload, state, and two ways to follow the state. */

import { h, write } from "./dom.js";

/** Between two runs of what trails the state; longer while time runs, which leaves the time to the drawing. */
const PAUSE_MS = 110;
const PAUSE_PLAYING_MS = 330;

/**
 * @typedef {object} Context
 * @property {any} payload
 * @property {any} state
 * @property {any} heart null where the browser has no WebGL
 * @property {any} shell
 * @property {boolean} editable
 * @property {(finding: any) => void} onAnnotate
 * @property {(keys: string[], show: (view: any) => void) => void} follow runs at once and at every change
 * @property {(keys: string[], show: (view: any) => void, wanted?: () => boolean) => () => void} trail
 *   runs soon after a change, but only a few times a second; gives a function that asks for a run
 * @property {() => void} destroy
 */

/** @param {any} payload @param {any} state @param {any} rest @returns {Context} */
export function createContext(payload, state, rest) {
  /** @type {(() => void)[]} */
  const ends = [];
  return {
    payload,
    state,
    ...rest,
    follow(keys, show) {
      ends.push(state.on(keys, () => show(state.get())));
      show(state.get());
    },
    trail(keys, show, wanted = () => true) {
      let [timer, last] = [0, -Infinity];
      const run = () => {
        timer = 0;
        last = performance.now();
        show(state.get());
      };
      const ask = () => {
        if (timer || !wanted()) return;
        const pause = state.get().playing ? PAUSE_PLAYING_MS : PAUSE_MS;
        timer = setTimeout(run, Math.max(0, pause - (performance.now() - last)));
      };
      ends.push(state.on(keys, ask), () => clearTimeout(timer));
      ask();
      return ask;
    },
    destroy() {
      for (const end of ends) end();
    },
  };
}

/** What changes the numbers of a map. */
export const MAP_KEYS = ["map", "sign", "mode", "t_ms", "interval_ms", "cluster", "lead_pick", "blind"];

/**
 * Make a section that folds.
 *
 * @param {string} title @param {{open?: boolean, key: string}} how
 * @returns {{element: any, body: HTMLElement, says: (words: string) => void, isOpen: () => boolean, onOpen: (fn: () => void) => void}}
 *   `isOpen`, asked when something changed, takes back what a folded head says: it is not kept up.
 */
export function section(title, { open = false, key }) {
  const says = h("span", { class: "ecg-soft" });
  const body = h("div", { class: "ecg-body" });
  const element = h(
    "details",
    { class: "ecg-section", "data-section": key, open },
    h("summary", {}, title, says),
    body,
  );
  return {
    element,
    body,
    says: (words) => write(says, words),
    isOpen: () => {
      if (!element.open) write(says, "");
      return element.open;
    },
    onOpen: (fn) => element.addEventListener("toggle", () => element.open && fn()),
  };
}
