/** Every key of the view, as a table: the sheet of keys is made from it too. */

import { deleteChosen } from "./leads/marking.js";
import { stepThreshold } from "./panels/display.js";
import { VIEWS } from "./panels/views.js";

/**
 * @typedef {object} Acts
 * @property {any} state
 * @property {any} heart
 * @property {any} panels
 */

/**
 * @typedef {object} Key
 * @property {string[]} keys as `KeyboardEvent.key` gives them, letters in lower case
 * @property {string[]} shown
 * @property {string} group
 * @property {string} words
 * @property {(acts: Acts, event: {key: string, shiftKey: boolean}) => void} act
 */

const turn =
  (/** @type {string} */ key) =>
  (/** @type {Acts} */ { state }) =>
    state.set({ [key]: !state.get()[key] });
const next = (/** @type {any[]} */ values, /** @type {any} */ now) => values[(values.indexOf(now) + 1) % values.length];
const tool =
  (/** @type {string} */ name) =>
  (/** @type {Acts} */ { state, panels }) => {
    if (name === "look" || name === "calliper" || panels.editable !== false) state.set({ tool: name });
  };

/** @type {readonly Key[]} */
export const KEYS = Object.freeze([
  {
    group: "Time",
    keys: [" "],
    shown: ["Space"],
    words: "play or pause",
    act: ({ panels }) => panels.togglePlay(),
  },
  {
    group: "Time",
    keys: ["ArrowLeft", "ArrowRight"],
    shown: ["←", "→"],
    words: "1 ms; with Shift 10 ms",
    act: ({ panels }, event) => panels.step((event.key === "ArrowLeft" ? -1 : 1) * (event.shiftKey ? 10 : 1)),
  },
  {
    group: "Time",
    keys: ["n", "b"],
    shown: ["N", "B"],
    words: "next, previous wave marker",
    act: ({ panels }, event) => panels.jump(event.key === "n" ? 1 : -1),
  },
  {
    group: "Time",
    keys: ["i"],
    shown: ["I"],
    words: "moment or sum over a span",
    act: ({ state }) => state.set({ mode: state.get().mode === "instant" ? "integral" : "instant", playing: false }),
  },
  {
    group: "Time",
    keys: ["o"],
    shown: ["O"],
    words: "play whole beat, QRS, ST or T",
    act: ({ state }) => state.set({ loop: next(["beat", "QRS", "ST", "T"], state.get().loop) }),
  },
  {
    group: "Heart",
    keys: ["1", "2", "3", "4", "5", "6"],
    shown: ["1", "…", "6"],
    words: VIEWS.map(([name]) => name).join(", "),
    act: ({ heart }, event) => heart?.setView(VIEWS[Number(event.key) - 1][0]),
  },
  {
    group: "Heart",
    keys: ["x"],
    shown: ["X"],
    words: "cut away",
    act: ({ state }) => state.set({ cut: { ...state.get().cut, on: !state.get().cut?.on } }),
  },
  { group: "Heart", keys: ["k"], shown: ["K"], words: "isolines", act: turn("isolines") },
  { group: "Heart", keys: ["l"], shown: ["L"], words: "names of segments", act: turn("labels") },
  { group: "Heart", keys: ["a"], shown: ["A"], words: "atria and vessels", act: turn("atria") },
  {
    group: "Map",
    keys: ["m"],
    shown: ["M"],
    words: "next map: modalities, disagreement, spread",
    act: ({ state, panels }) => state.set({ map: next(panels.maps(), state.get().map) }),
  },
  {
    group: "Map",
    keys: ["s"],
    shown: ["S"],
    words: "evidence: both, for, against",
    act: ({ state }) => state.set({ sign: next(["signed", "for", "against"], state.get().sign) }),
  },
  {
    group: "Map",
    keys: ["[", "]"],
    shown: ["[", "]"],
    words: "threshold down, up",
    act: ({ state }, event) => stepThreshold(state, event.key === "]" ? 1 : -1),
  },
  {
    group: "Map",
    keys: ["v"],
    shown: ["V"],
    words: "compare: off, contour, side by side, rival",
    act: ({ state, panels }) => state.set({ compare: next(panels.compares(), state.get().compare) }),
  },
  {
    group: "Map",
    keys: ["g"],
    shown: ["G"],
    words: "model, rival, model less rival",
    act: ({ state, panels }) => state.set({ map: next(panels.rivals(), state.get().map) }),
  },
  { group: "Tools", keys: ["q"], shown: ["Q"], words: "look", act: tool("look") },
  { group: "Tools", keys: ["c"], shown: ["C"], words: "callipers", act: tool("calliper") },
  { group: "Tools", keys: ["w"], shown: ["W"], words: "brush", act: tool("brush") },
  { group: "Tools", keys: ["e"], shown: ["E"], words: "segments", act: tool("segment") },
  { group: "Tools", keys: ["r"], shown: ["R"], words: "intervals", act: tool("interval") },
  {
    group: "Tools",
    keys: ["u", "y"],
    shown: ["U", "Y"],
    words: "undo, redo",
    act: ({ panels }, event) => (event.key === "u" ? panels.undo() : panels.redo()),
  },
  {
    group: "Tools",
    keys: ["Delete", "Backspace"],
    shown: ["Del"],
    words: "delete the chosen interval",
    act: ({ state }) => deleteChosen(state),
  },
  {
    group: "Page",
    keys: ["d"],
    shown: ["D"],
    words: "light or dark",
    act: ({ state }) => state.set({ theme: state.get().theme === "dark" ? "light" : "dark" }),
  },
  { group: "Page", keys: ["f"], shown: ["F"], words: "full screen", act: ({ panels }) => panels.fullscreen() },
  {
    group: "Page",
    keys: ["t"],
    shown: ["T"],
    words: "guided tour; then PgDn, PgUp",
    act: ({ panels }) => panels.tour(),
  },
  {
    group: "Page",
    keys: ["PageDown", "PageUp"],
    shown: ["PgDn", "PgUp"],
    words: "next, previous page of a long recording",
    act({ state, panels }, event) {
      const step = event.key === "PageDown" ? 1 : -1;
      if (inTour(state)) panels.tourStep(step);
      else panels.turnPage(step);
    },
  },
  { group: "Page", keys: ["?"], shown: ["?"], words: "this sheet", act: ({ panels }) => panels.help() },
  { group: "Page", keys: ["Escape"], shown: ["Esc"], words: "leave the tour, forget the pick", act: escape },
]);

/** @param {any} state */
const inTour = (state) => state.get().tour !== null && state.get().tour !== undefined;

/** @param {Acts} acts */
function escape({ state }) {
  if (inTour(state)) state.set({ tour: null });
  else state.set({ pick: null, lead_pick: null, lead_wanted: null, interval_at: null, tool: "look" });
}

/** Find what a key does. @param {string} key as `KeyboardEvent.key` gives it @returns {Key|undefined} */
export function keyFor(key) {
  const name = key.length === 1 ? key.toLowerCase() : key;
  return KEYS.find((entry) => entry.keys.includes(name));
}

/**
 * Whether a key belongs to the element that has the focus and not to the view.
 *
 * @param {{tagName?: string, type?: string, isContentEditable?: boolean}|undefined} target
 * @param {string} key
 */
export function belongsTo(target, key) {
  const tag = (target?.tagName ?? "").toLowerCase();
  if (target?.isContentEditable || tag === "textarea") return true;
  if (tag === "select") return key !== "Escape";
  if (tag === "input") {
    if (target?.type === "range") return /^(Arrow|Page|Home|End)/.test(key);
    if (target?.type === "checkbox" || target?.type === "radio") return key === " " || /^Arrow/.test(key);
    return key !== "Escape";
  }
  return (tag === "button" || tag === "summary") && (key === " " || key === "Enter");
}

/**
 * Listen for keys on the view, and on the page as long as nothing on it has the focus.
 *
 * @param {HTMLElement|ShadowRoot} root
 * @param {any} state
 * @param {{heart?: any, panels: any}} parts
 */
export function bindKeys(root, state, { heart = null, panels }) {
  const listen = (/** @type {any} */ event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (belongsTo(event.composedPath()[0], event.key)) return;
    if (state.get().help && event.key !== "?") return;
    const found = keyFor(event.key);
    if (!found) return;
    if (/^Page/.test(event.key) && !inTour(state) && !panels.pages()) return;
    event.preventDefault();
    found.act(
      { state, heart, panels },
      { key: event.key.length === 1 ? event.key.toLowerCase() : event.key, shiftKey: event.shiftKey },
    );
  };
  const page = root.ownerDocument;
  const unfocused = (/** @type {any} */ event) => event.target === page?.body && listen(event);
  root.addEventListener("keydown", listen);
  page?.addEventListener("keydown", unfocused);
  return {
    destroy() {
      root.removeEventListener("keydown", listen);
      page?.removeEventListener("keydown", unfocused);
    },
  };
}
