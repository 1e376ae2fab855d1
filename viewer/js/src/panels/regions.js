/** The region table: shares, evidence for and against; sorted by any column, saved as CSV. */

import { button, figure, h, setAttribute, write } from "./dom.js";
import { MAP_KEYS, section } from "./context.js";
import { chooseRegion, pickedRegion } from "./bullseye.js";
import { isAmount, csvOf, regionRows, sorted } from "./region_values.js";
import { download, fileStem } from "./files.js";
import { percent, whenWords } from "./words.js";

/** @type {[any, string][]} */
const COLUMNS = [["region", "Region"], ["share", "Share"], ["positive", "For"], ["negative", "Against"]];

/** Save the table of what the view shows. @param {any} payload @param {any} view */
export function saveCsv(payload, view) {
  const about = { record: payload.meta.record, label: payload.meta.label, map: view.map, when: whenWords(payload, view), unit: payload.meta.unit };
  download(`${fileStem(payload)}-regions.csv`, new Blob([csvOf(regionRows(payload, view), about)], { type: "text/csv;charset=utf-8" }));
}

/** @param {import("./context.js").Context} context */
export function createRegions({ payload, state, trail, follow }) {
  const made = section("Regions", { open: true, key: "regions" });
  const order = { column: /** @type {any} */ ("share"), turned: false };
  const heads = COLUMNS.map(([key, words]) => {
    const head = h("th", { scope: "col", "aria-sort": "none" }, button(words, () => turn(key)));
    return { key, head };
  });
  const rows = h("tbody");
  const table = h("table", { class: "ecg-table" }, h("caption", { class: "ecg-hidden" }, "Evidence by region"), h("thead", {}, h("tr", {}, ...heads.map(({ head }) => head))), rows);
  const note = h("p", { class: "ecg-soft ecg-small" });
  const save = button("Save as CSV", () => saveCsv(payload, state.get()));
  made.body.append(h("div", { class: "ecg-scroll", tabindex: "0", role: "group", "aria-label": "Region table" }, table), h("div", { class: "ecg-row" }, note), h("div", { class: "ecg-row" }, save));
  const show = (/** @type {any} */ view) => {
    const found = view.blind ? [] : sorted(regionRows(payload, view), order.column, order.turned);
    fill(rows, found, { payload, state, view });
    for (const { key, head } of heads) setAttribute(head, "aria-sort", key !== order.column ? "none" : (key === "region") !== order.turned ? "ascending" : "descending");
    for (const { key, head } of heads) write(head.firstChild, headWords(key, isAmount(view)));
    save.disabled = Boolean(view.blind);
    write(note, noteOf(payload, view));
    const [first] = sorted(found, "share", false);
    made.says(first ? `${first.region} ${percent(first.share)}` : "");
  };
  const ask = trail([...MAP_KEYS], show, made.isOpen);
  made.onOpen(ask);
  const turn = (/** @type {string} */ key) => {
    order.turned = order.column === key && !order.turned;
    order.column = key;
    show(state.get());
    mark(state.get());
  };
  const mark = (/** @type {any} */ view) => {
    const picked = pickedRegion(payload, view.pick);
    for (const row of rows.children) row.classList.toggle("ecg-chosen", Number(row.dataset.code) === picked);
  };
  follow(["pick"], mark);
  return made.element;
}

/** A column's name; amounts such as the spread are neither for nor against. @param {string} key @param {boolean} amount */
function headWords(key, amount) {
  if (amount && key === "positive") return "Sum";
  if (amount && key === "negative") return "";
  return COLUMNS.find(([name]) => name === key)?.[1] ?? "";
}

/** @param {any} payload @param {any} view */
function noteOf(payload, view) {
  if (view.blind) return "The model is hidden until the reading is signed.";
  const unit = `${payload.meta.unit}${view.mode === "instant" && !isAmount(view) ? " per 10 ms" : ""}`;
  if (isAmount(view)) return `Share and sum of the ${view.map}, ${unit}, ${whenWords(payload, view)}.`;
  return `Share of the evidence for ${payload.meta.label}; evidence in ${unit}, ${whenWords(payload, view)}.`;
}

/** Write rows into the table, reusing what is there so that focus and scroll stay. @param {any} body @param {any[]} found @param {{payload: any, state: any, view: any}} what */
function fill(body, found, { payload, state, view }) {
  while (body.children.length > found.length) body.lastChild.remove();
  while (body.children.length < found.length) {
    const row = h("tr", { onclick: () => chooseRegion(payload, state, Number(row.dataset.code)) }, h("th", { scope: "row" }), h("td"), h("td"), h("td"));
    body.append(row);
  }
  const top = Math.max(...found.map((row) => row.share), 1e-9);
  const digits = Math.min(5, Math.max(2, 1 - Math.floor(Math.log10(Math.max(...found.map((row) => Math.abs(row.positive)), 1e-4)))));
  const picked = pickedRegion(payload, view.pick);
  found.forEach((row, i) => {
    const line = body.children[i];
    line.dataset.code = String(row.code);
    line.classList.toggle("ecg-chosen", row.code === picked);
    const [name, share, positive, negative] = line.children;
    write(name, row.region);
    share.className = "ecg-share";
    share.style.setProperty("--ecg-part", `${Math.round((100 * row.share) / top)}%`);
    write(share, percent(row.share, 1));
    write(positive, figure(row.positive, digits, !isAmount(view)));
    write(negative, isAmount(view) ? "" : figure(row.negative, digits, true));
  });
}
