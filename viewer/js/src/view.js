/** The whole view: one payload, one state, and the parts that read and write it. */

import { createClock } from "./clock.js";
import { createHeart } from "./heart/index.js";
import { openCanvas } from "./heart/screen.js";
import { parts } from "./parts.js";
import { heartViews, inShares } from "./map.js";
import { withConsensus } from "./panels/consensus.js";
import { parsePayload } from "./payload.js";
import { createState, known, MOMENT, possible } from "./state.js";
import { createStats } from "./stats.js";

/** How long the view must stand before others are told of it, ms. */
const IDLE_MS = 400;

/** What belongs to one recording and not to the next. */
const NEW_RECORD = Object.fromEntries(
  ["pick", "hover", "draft", "signed", "interval_at", "lead_pick", "lead_wanted", "measure", "beat"].map((key) => [key, MOMENT[key]]),
);

/**
 * @typedef {Object} Options
 * @property {Object<string, any>} [view] What to show first; every key may be left out.
 * @property {Object<string, any>} [moment] What is true at first and not part of the view, such as `blind`, `rater`.
 * @property {(view: Object<string, any>) => void} [onView] Told the view once it has stood for a moment.
 * @property {(pick: Object<string, any> | null) => void} [onPick]
 * @property {(finding: Object<string, any>) => void} [onAnnotate]
 * @property {(event: Object<string, any>) => void} [onEvent] Told what the page cannot do, such as `{webgl: false}`.
 * @property {boolean} [editable] Whether annotations can be made.
 */

/**
 * Puts the view into an element.
 * @param {HTMLElement | ShadowRoot} root
 * @param {ArrayBuffer | Uint8Array | import("./payload.js").Payload} payload
 * @param {Options} [options]
 */
export function mountView(root, payload, options = {}) {
  const { onView = () => {}, onPick = () => {}, onEvent = () => {}, view = {} } = options;
  const state = createState(view, { ...options.moment, asking: Boolean(options.onEvent) });
  const stats = createStats();
  const style = styled(root);
  const made = (what) => build(root, what, state, { ...options, stats });
  let content = read(payload);
  let shown = made(content);
  state.set({ shares: heartViews(content, state.get()).some(inShares) });
  if (!shown.heart) onEvent({ webgl: false });
  const idle = telling(state, onView);
  const offs = [
    state.on(["pick"], (value) => onPick(value.pick)),
    state.on(["map", "compare"], (value, changed) => unitsOf(content, state, value, changed)),
    state.on(["lead_wanted"], (value) => value.lead_wanted && onEvent({ leads: true })),
  ];
  return {
    state,
    get stats() {
      return stats.read();
    },
    resetStats: stats.reset,
    heart: () => shown.heart,
    getView: () => state.view(),
    get payload() {
      return content;
    },
    setView: (wanted) => state.set(known(wanted)),
    setPayload(next) {
      const before = content.meta;
      content = read(next);
      shown.destroy();
      state.set(passedOn(before, content.meta, state.get()));
      shown = made(content);
    },
    destroy() {
      for (const off of offs) off();
      idle.stop();
      shown.destroy();
      style.remove();
    },
  };
}

const read = (payload) => withConsensus(payload.arrays ? payload : parsePayload(payload));

/** What the view becomes with another payload: of the same recording it goes on, of another it begins anew. */
function passedOn(before, { record, label, anatomy, modalities }, { lead_wanted, lead_pick, pick }) {
  if (before.record !== record) return { ...NEW_RECORD, page: 0 };
  const here = before.label === label && before.anatomy?.sha256 === anatomy?.sha256;
  const told = modalities.some(({ leads }) => leads);
  const wanted = told && lead_wanted ? { lead_wanted: null, lead_pick: lead_wanted.lead ? lead_wanted : lead_pick } : {};
  return { pick: here ? pick : null, hover: null, ...wanted };
}

/** A threshold and a range are numbers of one unit: forgotten where the map has another, unless they came with it. */
function unitsOf(payload, state, view, changed) {
  const shares = heartViews(payload, view).some(inShares);
  if (shares === state.get().shares) return;
  const stale = ["threshold", "range"].filter((key) => !changed.has(key)).map((key) => [key, null]);
  state.set({ shares, ...Object.fromEntries(stale) });
}

/** Makes all parts for one payload; the state outlives them. */
function build(root, payload, state, { editable = false, onAnnotate = () => {}, stats }) {
  state.set(possible(payload, state.get()));
  const shell = parts.createShell(root, payload, { editable });
  const opened = openCanvas();
  const heart = opened && createHeart(shell.heart, payload, state, { stats, opened });
  if (!heart) shell.heart.append(apology(state.get()));
  const leads = parts.createLeads(shell.leads, payload, state);
  const panels = parts.createPanels(shell, payload, state, { heart, onAnnotate, editable });
  const keys = parts.bindKeys(root, state, { heart, panels });
  const made = [createClock(payload, state, stats), keys, panels, leads, ...(heart ? [heart] : []), shell];
  return {
    heart,
    destroy() {
      for (const part of made) part.destroy();
    },
  };
}

function apology({ asking }) {
  const words = document.createElement("p");
  words.className = "heart-missing";
  words.style.margin = "2em";
  const below = asking ? " Pictures of it stand below, drawn by the server." : "";
  words.textContent = `This browser does not draw WebGL 2, so the heart cannot be turned here.${below} Leads, regions and scores are complete.`;
  return words;
}

function styled(root) {
  const style = document.createElement("style");
  style.textContent = parts.css;
  root.append(style);
  return style;
}

/** Tells of the view once it has stood for a moment; never while it plays. */
function telling(state, tell) {
  let [timer, told] = [0, JSON.stringify(state.view())];
  const off = state.on(null, ({ playing }) => {
    const words = playing ? told : JSON.stringify(state.view());
    if (words === told) return;
    told = words;
    clearTimeout(timer);
    timer = setTimeout(() => tell(state.view()), IDLE_MS);
  });
  return {
    stop() {
      off();
      clearTimeout(timer);
    },
  };
}
