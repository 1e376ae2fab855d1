/** The page that needs nothing else: bundle and payload in one file. */

import { pageStore } from "./pages.js";
import { parsePayload } from "./payload.js";
import { mountView } from "./view.js";

/** Bytes from base64, without a request. */
export function bytesOf(base64) {
  const words = atob(base64);
  const bytes = new Uint8Array(words.length);
  for (let i = 0; i < words.length; i++) bytes[i] = words.charCodeAt(i);
  return bytes;
}

/**
 * Bytes of a script element: base64, gzip where `data-encoding="gzip"`.
 * @param {HTMLElement} holder
 */
async function bytesIn(holder) {
  const bytes = bytesOf(holder.textContent.trim());
  return holder.dataset.encoding === "gzip" ? unzipped(bytes) : bytes;
}

/**
 * Shows the payload that the page carries in `<script id="payload" type="text/plain">` (base64, gzip where
 * `data-encoding="gzip"`), with the view in `<script id="view" type="application/json">`, in `<main>`; pages of
 * a long recording are in `<script class="page" type="text/plain">`.
 */
export async function openStandalone() {
  for (const holder of document.querySelectorAll("script.page")) pageStore.put(parsePayload(await bytesIn(holder)));
  const bytes = await bytesIn(document.getElementById("payload"));
  const words = document.getElementById("view")?.textContent;
  const root = document.querySelector("main");
  const view = mountView(root, bytes, { view: { ...JSON.parse(words || "{}"), ...ofAddress() } });
  globalThis.ecglocusView = view;
  return view;
}

async function unzipped(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** The view that the address carries behind `#view=`, if any. */
function ofAddress() {
  const found = /[#&]view=([^&]+)/.exec(location.hash);
  if (!found) return {};
  try {
    return JSON.parse(decodeURIComponent(found[1]));
  } catch {
    return {};
  }
}
