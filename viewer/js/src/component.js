/**
 * Streamlit components without an iframe: `store` keeps the bytes on the page, `view` shows them. The view
 * object is kept by its element, so that camera, time and playing survive the script's reruns.
 */

import { mountView } from "./view.js";

const payloads = new Map();
const waiting = new Set();
const views = new WeakMap();

/** Payloads of the page by key; only the newest few are kept. */
const KEPT = 4;

export const store = Object.freeze({
  put(key, bytes) {
    payloads.delete(key);
    payloads.set(key, bytes);
    for (const old of [...payloads.keys()].slice(0, -KEPT)) payloads.delete(old);
    for (const tell of [...waiting]) tell();
  },
  get: (key) => payloads.get(key),
});

/** Key that the payload itself carries in its header. */
function keyOf(bytes) {
  const length = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + length)));
  return header.meta.key;
}

/** Calls `tell` with the payload's bytes, now or when they arrive. */
function whenThere(key, tell) {
  const attempt = () => {
    const bytes = payloads.get(key);
    if (!bytes) return false;
    waiting.delete(attempt);
    tell(bytes);
    return true;
  };
  if (!attempt()) waiting.add(attempt);
  return () => waiting.delete(attempt);
}

/** The component that holds bytes: `data` is the payload. */
function storeComponent({ data }) {
  if (data instanceof Uint8Array && data.length) store.put(keyOf(data), data);
}

/**
 * The component that shows them: `data` is `{key, view, editable, revision}`. The view given is applied when
 * the view is made and whenever `revision` changes, so that a rerun never takes back what the user did since.
 */
function viewComponent(host) {
  const { data, parentElement } = host;
  const kept = views.get(parentElement) ?? open(parentElement);
  kept.host = host;
  if (data.key !== kept.key) {
    kept.key = data.key;
    kept.forget();
    kept.forget = whenThere(data.key, (bytes) => show(kept, bytes, data));
  }
  if (kept.view && data.revision !== kept.revision) kept.view.setView(data.view ?? {});
  kept.revision = data.revision;
  return () => close(parentElement);
}

function open(element) {
  const root = document.createElement("div");
  root.className = "ecglocus-root";
  element.append(root);
  const kept = { root, key: null, view: null, host: null, revision: null, forget: () => {}, mounting: true };
  views.set(element, kept);
  return kept;
}

function show(kept, bytes, { view, editable }) {
  if (kept.view) {
    kept.view.setPayload(bytes);
    return;
  }
  // Streamlit loses what is sent while a component mounts.
  setTimeout(() => (kept.mounting = false), 500);
  const tell = (name, value) => {
    if (kept.mounting) setTimeout(() => tell(name, value), 600);
    else kept.host.setTriggerValue(name, value);
  };
  kept.view = mountView(kept.root, bytes, {
    view: view ?? {},
    editable: Boolean(editable),
    onView: (value) => !kept.mounting && kept.host.setStateValue("view", value),
    onPick: (pick) => pick && tell("pick", pick),
    onAnnotate: (finding) => tell("annotate", finding),
    onEvent: (event) => tell("event", event),
  });
}

function close(element) {
  const kept = views.get(element);
  if (!kept) return;
  views.delete(element);
  kept.forget();
  kept.view?.destroy();
  kept.root.remove();
}

export const component = Object.freeze({ store: storeComponent, view: viewComponent });
