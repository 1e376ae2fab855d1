/**
 * One observable value: the view that can be shared and restored, and beside it what is only true
 * at the moment (pick, paint, pointer). Everything on the page reads it and writes it; nothing talks
 * to anything else.
 */

/** The view of a payload as long as nobody changes it. Keys here are saved, shared and restored. */
export const DEFAULT_VIEW = Object.freeze({
  label: null,
  map: "average",
  sign: "signed",
  mode: "integral",
  t_ms: 0,
  interval_ms: null,
  playing: false,
  speed: 0.1,
  loop: "beat",
  colormap: null,
  range: null,
  threshold: null,
  isolines: false,
  labels: false,
  edges: true,
  atria: true,
  torso: false,
  electrodes: false,
  path: false,
  cut: Object.freeze({ on: false, depth: 0.5 }),
  camera: null,
  layout: "6x2",
  source: "beat",
  paper: Object.freeze({ mm_per_s: 50, mm_per_mV: 10 }),
  evidence: "shading",
  marks: true,
  compare: "none",
  mask: 0,
  credible: false,
  cluster: null,
  rival: null,
  page: 0,
  tool: "look",
  brush_mm: 10,
  theme: "light",
});

/** What is true only while the page is open. */
export const MOMENT = Object.freeze({
  pick: null,
  lead_pick: null,
  lead_wanted: null,
  asking: false,
  shares: false,
  hover_t: null,
  hover: null,
  draft: Object.freeze({ vertices: null, regions: [], intervals: [] }),
  brush_erase: false,
  blind: false,
  blind_locked: false,
  signed: false,
  tour: null,
  help: false,
  fullscreen: false,
  range_shown: null,
  beat: 0,
  interval_at: null,
  measure: null,
  undoable: false,
  redoable: false,
  rater: "",
  stats: null,
});

/**
 * @typedef {Object} State
 * @property {() => Readonly<Object<string, any>>} get
 * @property {(patch: Object<string, any>) => void} set
 * @property {(keys: string[] | null, listener: (value: Object<string, any>, changed: Set<string>) => void) => (() => void)} on
 * @property {() => Object<string, any>} view The part that can be shared.
 */

/**
 * @param {Object<string, any>} [view] Keys of `DEFAULT_VIEW`; others are left out.
 * @param {Object<string, any>} [moment] Keys of `MOMENT`.
 * @returns {State}
 */
export function createState(view = {}, moment = {}) {
  let value = Object.freeze({ ...DEFAULT_VIEW, ...MOMENT, ...moment, ...known(view) });
  const listeners = new Set();
  return {
    get: () => value,
    set(patch) {
      const changed = new Set(Object.keys(patch).filter((key) => !same(patch[key], value[key])));
      if (!changed.size) return;
      value = Object.freeze({ ...value, ...patch });
      for (const { keys, listener } of [...listeners]) {
        if (!keys || keys.some((key) => changed.has(key))) listener(value, changed);
      }
    },
    on(keys, listener) {
      const entry = { keys, listener };
      listeners.add(entry);
      return () => listeners.delete(entry);
    },
    view: () => known(value),
  };
}

/** Keeps the keys that a view has. */
export function known(view) {
  return Object.fromEntries(Object.entries(view).filter(([key]) => key in DEFAULT_VIEW));
}

/** What a view asks of a payload that has not got it, replaced by what it has. */
export function possible({ meta, arrays }, { map, mask, cluster, compare, page }) {
  const more = [...(arrays.spread ? ["spread"] : []), ...(meta.rival ? ["less_rival"] : [])];
  const maps = ["average", "disagreement", ...more, ...meta.modalities.map(({ name }) => name)];
  return {
    label: meta.label,
    map: maps.includes(map) ? map : "average",
    compare: compare === "rival" && !meta.rival ? "none" : (compare ?? "none"),
    rival: meta.rival?.name ?? null,
    page: Math.max(0, Math.min(page || 0, (meta.recording?.pages?.count ?? 1) - 1)),
    mask: mask < (meta.annotations?.length ?? 0) ? mask : 0,
    cluster: meta.clusters?.clusters.some(({ number }) => number === cluster) ? cluster : null,
  };
}

/** Small plain values are compared by content, so that writing back what was read changes nothing. */
function same(a, b) {
  if (Object.is(a, b)) return true;
  if (!plain(a) || !plain(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => same(a[key], b[key]));
}

function plain(value) {
  if (value === null || typeof value !== "object") return false;
  return Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
}
