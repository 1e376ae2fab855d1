/**
 * Pages of long recordings: what has come, and how to ask for more. A payload holds the first page of a long
 * recording; `meta.recording.pages` says how many there are and under which id they go.
 */

/** Pages kept, about 0.25 MB each. */
const KEPT = 40;
/** After so long without an answer a page may be asked for again, ms. */
export const PATIENCE_MS = 5000;

/**
 * How a recording is parted; one page where it is short.
 *
 * @param {any} meta of the payload
 */
export function pagesOf(meta) {
  const { fs, n, pages } = meta.recording;
  const [count, length] = [pages?.count ?? 1, pages?.length ?? n];
  const first = (/** @type {number} */ page) => Math.max(0, Math.min(page * length, n - length));
  const span = (/** @type {number} */ page) => [first(page), first(page) + length].map((sample) => (1000 * sample) / fs);
  return {
    id: pages?.id ?? null,
    count,
    first,
    /** First and last time of a page, ms; the last page ends with the recording and begins within the one before. */
    span: /** @type {(page: number) => [number, number]} */ (span),
    /** The page that a time of the recording is read on. @param {number} t_ms */
    at: (t_ms) => Math.max(0, Math.min(Math.floor((t_ms * fs) / 1000 / length), count - 1)),
    /** Net evidence of each page's length. @type {number[]} */
    net: pages?.net ?? [],
  };
}

/** A recording's page in words. @param {ReturnType<typeof pagesOf>} pages @param {number} page */
export function pageWords({ count, span }, page) {
  const [start, end] = span(page).map((ms) => clockWords(ms / 1000));
  return `page ${page + 1} of ${count}, ${start} to ${end}`;
}

/** Time since a recording began. @param {number} seconds */
export function clockWords(seconds) {
  if (seconds < 59.95) return `${Number(seconds.toFixed(1))} s`;
  const rest = String(Math.round(seconds % 60)).padStart(2, "0");
  return rest === "60" ? `${Math.floor(seconds / 60) + 1}:00` : `${Math.floor(seconds / 60)}:${rest}`;
}

/** Keeps pages by recording and number, and asks whoever serves a recording for those that are not here. */
export function createPageStore(now = () => performance.now()) {
  const held = new Map();
  const servers = new Map();
  // Of two that are asked for at once the server may hear of the last alone, so only that one counts.
  let asked = { key: "", at: -Infinity };
  const listeners = new Set();
  const keyOf = (/** @type {string} */ id, /** @type {number} */ page) => `${id} ${page}`;
  return {
    /** @param {import("./payload.js").Payload} payload of a page; one without a page only says whose pages are served */
    put(payload) {
      const { of, page } = payload.meta;
      if (page === null) return;
      const key = keyOf(of, page);
      held.delete(key);
      held.set(key, payload);
      for (const old of [...held.keys()].slice(0, -KEPT)) held.delete(old);
      for (const listener of [...listeners]) listener(of, page);
    },
    get: (/** @type {string} */ id, /** @type {number} */ page) => held.get(keyOf(id, page)),
    /** Whether pages that are not here can be had. */
    served: (/** @type {string} */ id) => servers.has(id),
    /** @param {string} id @param {(page: number) => void} ask */
    serve(id, ask) {
      servers.set(id, ask);
      for (const listener of [...listeners]) listener(id, null);
    },
    /** Ask for a page; not again while it is the last that was asked for and may still come. */
    ask(/** @type {string} */ id, /** @type {number} */ page) {
      const key = keyOf(id, page);
      if (held.has(key) || !servers.has(id) || (asked.key === key && now() - asked.at < PATIENCE_MS)) return;
      asked = { key, at: now() };
      servers.get(id)(page);
    },
    /** @param {(id: string, page: number | null) => void} listener told of what came */
    on(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/** Pages on this page of the browser. */
export const pageStore = createPageStore();
