/** The page that needs nothing else: bundle and payload in one file. */

import { mountView } from "./view.js";

/** Bytes from base64, without a request. */
export function bytesOf(base64) {
  const words = atob(base64);
  const bytes = new Uint8Array(words.length);
  for (let i = 0; i < words.length; i++) bytes[i] = words.charCodeAt(i);
  return bytes;
}

/**
 * Shows the payload that the page carries in `<script id="payload" type="text/plain">` (base64, gzip where
 * `data-encoding="gzip"`), with the view in `<script id="view" type="application/json">`, in `<main>`.
 */
export async function openStandalone() {
  const holder = document.getElementById("payload");
  let bytes = bytesOf(holder.textContent.trim());
  if (holder.dataset.encoding === "gzip") bytes = await unzipped(bytes);
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
