/** Files that the page gives to its user. */

import { h } from "./dom.js";

/** Give a file to the user. @param {string} name @param {Blob} blob */
export function download(name, blob) {
  const address = URL.createObjectURL(blob);
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
}

/** A name for files, from record and label. @param {any} payload */
export function fileStem({ meta }) {
  return `${meta.record}-${meta.label}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "");
}
