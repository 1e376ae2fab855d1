/** What can be taken away from the page at once, without the server. */

import { section } from "./context.js";
import { button, h, write } from "./dom.js";
import { download, fileStem } from "./files.js";
import { saveCsv } from "./regions.js";

/** The canvas of the leads as a picture. @param {any} shell @returns {Promise<Blob|null>} */
function picture(shell) {
  const canvas = shell.leads.querySelector("canvas");
  return new Promise((done) => (canvas ? canvas.toBlob(done) : done(null)));
}

/** @param {import("./context.js").Context} context */
export function createTake({ payload, state, heart, shell, follow }) {
  const made = section("Take away", { key: "take" });
  const said = h("span", { class: "ecg-soft ecg-small", role: "status" });
  const stem = fileStem(payload);
  const save = async (/** @type {string} */ what, /** @type {Promise<Blob|null>|undefined} */ asked) => {
    const blob = await asked;
    if (blob) download(`${stem}-${what}.png`, blob);
    write(said, blob ? "" : "No picture could be made.");
  };
  const copy = async () => {
    const words = JSON.stringify(state.view());
    try {
      await navigator.clipboard.writeText(words);
      write(said, "The view is in the clipboard.");
    } catch {
      download(`${stem}-view.json`, new Blob([words], { type: "application/json" }));
      write(said, "The view was saved as a file.");
    }
  };
  const table = button("Regions as CSV", () => saveCsv(payload, state.get()));
  follow(["blind"], (view) => (table.disabled = Boolean(view.blind)));
  made.body.append(
    h(
      "div",
      { class: "ecg-row" },
      button("Heart as PNG", () => save("heart", heart?.print()), { disabled: heart ? null : true }),
      button("Leads as PNG", () => save("leads", picture(shell))),
      table,
      button("Copy this view", copy, { title: "As JSON, to be opened again or sent" }),
    ),
    said,
  );
  return made.element;
}
