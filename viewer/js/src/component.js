/**
 * Streamlit components without an iframe: `store` keeps the bytes on the page, `view` shows them. The view
 * object is kept by its element, so that camera, time and playing survive the script's reruns.
 */

import { pageStore } from "./pages.js";
import { parsePayload } from "./payload.js";
import { joinThemes } from "./theme.js";
import { mountView } from "./view.js";

/** Payloads of the page by key; only the newest few are kept. */
const KEPT = 4;
/** Streamlit loses what a component sends while it mounts. */
const MOUNTING_MS = 600;

/** What the page says beside the view, whenever it changes. */
const MOMENT = ["blind", "blind_locked", "rater"];

const payloads = new Map();
const waiting = new Set();
const pages = new WeakMap();
/** Views that are on the page now. */
export const views = new Set();

export const store = Object.freeze({
  put(key, payload) {
    payloads.delete(key);
    payloads.set(key, payload);
    for (const old of [...payloads.keys()].slice(0, -KEPT)) payloads.delete(old);
    for (const attempt of [...waiting]) attempt();
  },
  get: (key) => payloads.get(key),
});

/** Calls `tell` with a payload, now or when it arrives. @returns {() => void} Stops waiting. */
function whenThere(key, tell) {
  const attempt = () => {
    const payload = payloads.get(key);
    if (!payload) return;
    waiting.delete(attempt);
    tell(payload);
  };
  waiting.add(attempt);
  attempt();
  return () => waiting.delete(attempt);
}

/** The component that holds bytes: `data` is the payload, and its header says under which key. */
function storeComponent({ data }) {
  if (!(data instanceof Uint8Array) || !data.length) return;
  const payload = parsePayload(data);
  store.put(payload.meta.key, payload);
}

/** The component that brings pages of a long recording: `data` is one of them, `page` asks for another. */
function pagesComponent({ data, setTriggerValue }) {
  if (!(data instanceof Uint8Array) || !data.length) return;
  const payload = parsePayload(data);
  pageStore.serve(payload.meta.of, (page) => setTriggerValue("page", page));
  pageStore.put(payload);
}

/**
 * The component that shows them: `data` is `{key, view, revision, editable, blind, blind_locked, rater, themes, theme}`.
 * The view is applied when it is first shown and whenever `revision` changes, the rest whenever it does:
 * a rerun never takes back what the user did since. `themes` are Streamlit's, and `theme` the one it is in.
 */
function viewComponent(host) {
  const { data, parentElement } = host;
  const page = pages.get(parentElement) ?? open(parentElement);
  const before = page.data;
  Object.assign(page, { host, data });
  if (before?.key !== data.key) {
    page.forget();
    page.forget = whenThere(data.key, (payload) => show(page, payload));
  }
  page.themes?.look();
  if (page.view && before) update(page.view, before, data);
  return () => close(parentElement);
}

function update(view, before, data) {
  if (before.revision !== data.revision && data.view) view.setView(data.view);
  for (const name of MOMENT) {
    if (name in data && before[name] !== data[name]) view.state.set({ [name]: data[name] });
  }
}

function open(element) {
  const root = document.createElement("div");
  root.className = "ecglocus-root";
  element.append(root);
  const page = { root, view: null, themes: null, host: null, data: null, forget: () => {}, since: performance.now() };
  pages.set(element, page);
  return page;
}

/** Shows a payload; a view that is there already keeps its camera, time and all else. */
function show(page, payload) {
  if (page.view) {
    page.view.setPayload(payload);
    return;
  }
  const { view, editable, height_px: height } = page.data;
  const moment = Object.fromEntries(MOMENT.filter((name) => name in page.data).map((name) => [name, page.data[name]]));
  if (height) page.root.style.setProperty("--ecg-height", `${height}px`);
  page.view = mountView(page.root, payload, {
    view: view ?? {},
    moment,
    editable: Boolean(editable),
    onView: (value) => once(page, () => page.host.setStateValue("view", value)),
    onPick: (pick) => pick && once(page, () => page.host.setTriggerValue("pick", pick)),
    onAnnotate: (finding) => once(page, () => page.host.setTriggerValue("annotate", finding)),
    onEvent: (event) => once(page, () => page.host.setTriggerValue("event", event)),
  });
  views.add(page.view);
  page.themes = joinThemes(page.root, page.view.state, () => page.data.themes);
}

/** Sends once mounting is over. */
function once(page, send) {
  const left = MOUNTING_MS - (performance.now() - page.since);
  if (left > 0) setTimeout(() => page.view && send(), left);
  else send();
}

function close(element) {
  const page = pages.get(element);
  if (!page) return;
  pages.delete(element);
  page.forget();
  views.delete(page.view);
  page.themes?.end();
  page.view?.destroy();
  page.view = null;
  page.root.remove();
}

export const component = Object.freeze({ store: storeComponent, pages: pagesComponent, view: viewComponent });
