/** Turning the pages of a long recording: buttons, a range over a small map of the whole, and where one is. */

import { pageStore, pageWords } from "../pages.js";
import { button, h, setAttribute, slider, write } from "../panels/dom.js";
import { createOverview } from "./overview.js";

/** Turn to a page, kept within the recording. @param {any} state @param {{count: number}} pages @param {number} page */
export function turnTo(state, { count }, page) {
  state.set({ page: Math.max(0, Math.min(page, count - 1)) });
}

/**
 * The first beat of a page, for the cursor to stand on; the beat at hand where that is on the page, or none is.
 *
 * @param {{span: (page: number) => [number, number]}} pages @param {number[]} peaks_ms @param {{page: number, beat: number}} view
 */
export function beatOn({ span }, peaks_ms, { page, beat }) {
  const [start, end] = span(page);
  const here = (/** @type {number} */ r) => r >= start && r < end;
  if (here(peaks_ms[beat])) return beat;
  const found = peaks_ms.findIndex(here);
  return found < 0 ? beat : found;
}

/**
 * The page on which a beat is read; the page at hand where the beat is on it.
 *
 * @param {{span: (page: number) => [number, number], at: (t_ms: number) => number}} pages
 * @param {number[]} peaks_ms @param {{page: number, beat: number}} view
 */
export function pageWith({ span, at }, peaks_ms, { page, beat }) {
  const [start, end] = span(page);
  const r = peaks_ms[beat];
  return r === undefined || (r >= start && r < end) ? page : at(r);
}

/**
 * @param {HTMLElement} element
 * @param {any} state
 * @param {{pages: ReturnType<typeof import("../pages.js").pagesOf>, clocks: import("./clocks.js").Clocks}} content
 * @returns {() => void} takes it away
 */
export function createPager(element, state, { pages, clocks }) {
  const by = (/** @type {number} */ step) => () => turnTo(state, pages, state.get().page + step);
  const back = button("‹", by(-1), { "aria-label": "Previous page", title: "Previous page (PgUp)" });
  const next = button("›", by(1), { "aria-label": "Next page", title: "Next page (PgDn)" });
  const range = slider("Page of the recording", [0, pages.count - 1, 1], (page) => turnTo(state, pages, page));
  const where = h("output", { class: "ecg-figure ecg-small" });
  const overview = createOverview({ pages, clocks });
  const map = h("div", { class: "ecg-pager-map" }, overview.canvas, range);
  const group = { class: "ecg-pager", role: "group", "aria-label": "Pages of the recording" };
  const box = h("div", group, back, map, next, where);
  element.append(box);
  let frame = 0;
  const show = () => {
    const view = state.get();
    box.hidden = view.source !== "recording" || pages.count < 2;
    if (box.hidden) return;
    const words = pageWords(pages, view.page);
    range.value = String(view.page);
    setAttribute(range, "aria-valuetext", words);
    write(where, words);
    back.disabled = view.page <= 0;
    next.disabled = view.page >= pages.count - 1;
    cancelAnimationFrame(frame);
    // a frame later, when the theme's colours hold
    frame = requestAnimationFrame(() => overview.draw(state.get()));
  };
  const watcher = new ResizeObserver(show);
  watcher.observe(map);
  const off = state.on(["page", "source", "blind", "theme"], show);
  show();
  return () => {
    watcher.disconnect();
    cancelAnimationFrame(frame);
    off();
  };
}

/** What is said while a page is not here. @param {any} pages @param {number} page @param {boolean} missing */
export function missingWords(pages, page, missing) {
  if (!missing) return "";
  if (pageStore.served(pages.id)) return `Fetching ${pageWords(pages, page)} …`;
  return `This file does not hold ${pageWords(pages, page)}; open the recording in the viewer for it.`;
}
