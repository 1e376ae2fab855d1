/** The region table: shares, evidence for and against; sorted by any column, saved as CSV. */

import { button, figure, h, setAttribute, write } from "./dom.js";
import { MAP_KEYS, section } from "./context.js";
import { chooseRegion, pickedRegion } from "./bullseye.js";
import { isAmount, isDifference, csvOf, regionRows, sorted } from "./region_values.js";
import { download, fileStem } from "./files.js";
import { percent, unitWords, whenWords } from "./words.js";

/** @type {[any, string][]} */
const COLUMNS = [
  ["region", "Region"],
  ["share", "Share"],
  ["positive", "For"],
  ["negative", "Against"],
];

/** Save the table of what the view shows. @param {any} payload @param {any} view */
export function saveCsv(payload, view) {
  const about = {
    record: payload.meta.record,
    label: payload.meta.label,
    map: view.map,
    when: whenWords(payload, view),
    unit: unitWords(payload, view),
  };
  download(
    `${fileStem(payload)}-regions.csv`,
    new Blob([csvOf(regionRows(payload, view), about)], { type: "text/csv;charset=utf-8" }),
  );
}

/** The empty table. @param {(key: any) => void} turn called with the column whose head was pressed */
function tableOf(turn) {
  const heads = COLUMNS.map(([key, words]) => {
    const press = button(words, () => turn(key));
    return { key, press, head: h("th", { scope: "col", "aria-sort": "none" }, press) };
  });
  const rows = h("tbody");
  const caption = h("caption", { class: "ecg-hidden" }, "Evidence by region");
  const head = h("thead", {}, h("tr", {}, ...heads.map((one) => one.head)));
  return { heads, rows, element: h("table", { class: "ecg-table" }, caption, head, rows) };
}

/** @param {import("./context.js").Context} context */
export function createRegions({ payload, state, trail, follow }) {
  const made = section("Regions", { open: true, key: "regions" });
  const order = { column: /** @type {any} */ ("share"), turned: false };
  const table = tableOf((key) => {
    order.turned = order.column === key && !order.turned;
    order.column = key;
    show(state.get());
  });
  const note = h("p", { class: "ecg-soft ecg-small" });
  const save = button("Save as CSV", () => saveCsv(payload, state.get()));
  const room = { class: "ecg-scroll", tabindex: "0", role: "group", "aria-label": "Region table" };
  made.body.append(h("div", room, table.element), note, h("div", { class: "ecg-row" }, save));
  const show = (/** @type {any} */ view) => {
    const found = view.blind ? [] : sorted(regionRows(payload, view), order.column, order.turned);
    fill(table.rows, found, { payload, state, view });
    for (const { key, press, head } of table.heads) {
      setAttribute(head, "aria-sort", sortWords(key, order));
      write(press, headWords(key, view));
    }
    save.disabled = Boolean(view.blind);
    write(note, noteOf(payload, view));
    const [first] = sorted(found, "share", false);
    made.says(first ? `${first.region} ${percent(first.share)}` : "");
  };
  const ask = trail([...MAP_KEYS], show, made.isOpen);
  made.onOpen(ask);
  follow(["pick"], (view) => {
    const picked = pickedRegion(payload, view.pick);
    for (const row of table.rows.children) row.classList.toggle("ecg-chosen", Number(row.dataset.code) === picked);
  });
  return made.element;
}

/** How a column is sorted, for those who hear it. @param {string} key @param {{column: string, turned: boolean}} order */
function sortWords(key, { column, turned }) {
  if (key !== column) return "none";
  return (key === "region") !== turned ? "ascending" : "descending";
}

/** A column's name; amounts such as the spread are neither for nor against. @param {string} key @param {any} view */
function headWords(key, view) {
  if (isDifference(view) && key === "positive") return "Model";
  if (isDifference(view) && key === "negative") return "Rival";
  if (isAmount(view) && key === "positive") return "Sum";
  if (isAmount(view) && key === "negative") return "";
  return COLUMNS.find(([name]) => name === key)?.[1] ?? "";
}

/** @param {any} payload @param {any} view */
function noteOf(payload, view) {
  if (view.blind) return "The model is hidden until the reading is signed.";
  const unit = `${unitWords(payload, view)}${view.mode === "instant" && !isAmount(view) ? " per 10 ms" : ""}`;
  if (isAmount(view)) return `Share and sum of the ${view.map}, ${unit}, ${whenWords(payload, view)}.`;
  if (isDifference(view)) return `Share of all differences; what model or rival has more, ${unit}, ${whenWords(payload, view)}.`;
  return `Share of the evidence for ${payload.meta.label}; evidence in ${unit}, ${whenWords(payload, view)}.`;
}

/**
 * Write rows into the table, reusing what is there so that focus and scroll stay.
 *
 * @param {any} body @param {any[]} found @param {{payload: any, state: any, view: any}} what
 */
function fill(body, found, { payload, state, view }) {
  while (body.children.length > found.length) body.lastChild.remove();
  while (body.children.length < found.length) {
    const row = h(
      "tr",
      { onclick: () => chooseRegion(payload, state, Number(row.dataset.code)) },
      h("th", { scope: "row" }),
      h("td"),
      h("td"),
      h("td"),
    );
    body.append(row);
  }
  const top = Math.max(...found.map((row) => row.share), 1e-9);
  const digits = Math.min(
    5,
    Math.max(2, 1 - Math.floor(Math.log10(Math.max(...found.map((row) => Math.abs(row.positive)), 1e-4)))),
  );
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
