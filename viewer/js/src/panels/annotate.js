/** Annotate: marks on heart and leads, who says so and how sure, undo, save; blind until signed. */

import { button, buttons, check, field, figure, h, line, select, setOptions, slider, write } from "./dom.js";
import { section } from "./context.js";
import { begun, EMPTY, findingOf, isEmpty, markedArea, problemOf, redone, stepped, undone } from "./finding.js";
import { createIntervalList } from "./interval_list.js";

/** @type {[string, string, string][]} */
const TOOLS = [
  ["look", "Look", "Turn the heart (Q)"],
  ["brush", "Brush", "Paint on the heart (W)"],
  ["segment", "Segments", "Pick whole segments (E)"],
  ["interval", "Intervals", "Drag on the leads (R)"],
];
const EDITING = ["brush", "segment", "interval"];

/**
 * Keep the history of the draft; undo and redo write the draft back.
 *
 * @param {import("./context.js").Context} context
 */
export function createHistory({ state, follow }) {
  let history = begun(state.get().draft ?? EMPTY);
  const write_back = (/** @type {typeof history} */ next) => {
    history = next;
    state.set({
      draft: history.now,
      interval_at: null,
      undoable: history.past.length > 0,
      redoable: history.future.length > 0,
    });
  };
  follow(["draft"], (view) => {
    if (view.draft === history.now) return;
    history = stepped(history, view.draft);
    state.set({ undoable: true, redoable: false });
  });
  return {
    undo: () => write_back(undone(history)),
    redo: () => write_back(redone(history)),
    begin: () => write_back(begun(EMPTY)),
  };
}

/** @param {import("./context.js").Context} context @param {ReturnType<typeof createHistory>} history */
export function createAnnotate(context, history) {
  const { payload, state, editable, follow } = context;
  const made = section("Annotate", { key: "annotate" });
  if (!editable) return null;
  const tools = buttons("Tool", TOOLS, (tool) => state.set({ tool }));
  const blind = check("Blind: hide the model until I have signed", (on) => state.set({ blind: on }));
  const list = createIntervalList(context);
  const form = createForm(context);
  made.body.append(
    tools.element,
    blind.element,
    brushRow(context),
    regionChips(context),
    list,
    ...form.elements,
    actions(context, history, form),
  );
  follow(["tool"], (view) => {
    tools.show(view.tool);
    if (EDITING.includes(view.tool)) bringIntoSight(made.element);
  });
  follow(["blind", "signed", "blind_locked"], (view) => {
    blind.box.checked = Boolean(view.blind);
    blind.box.disabled = Boolean(view.signed || view.blind_locked);
  });
  follow(["draft"], ({ draft }) => {
    const area = markedArea(draft, payload.arrays.areas);
    const parts = [
      area > 0 && `${figure(area, 1)} cm²`,
      counted(draft.regions.length, "segment"),
      counted(draft.intervals.length, "interval"),
    ].filter(Boolean);
    made.says(parts.join(", "));
  });
  return made.element;
}

/** Open a section and scroll its column to it, the page itself staying where it is. @param {any} element */
function bringIntoSight(element) {
  element.open = true;
  const column = element.parentElement;
  if (column) column.scrollTop = element.offsetTop; // the column is what it is measured from
}

/** @param {number} count @param {string} what */
const counted = (count, what) => count > 0 && `${count}\u00a0${what}${count > 1 ? "s" : ""}`;

/** @param {import("./context.js").Context} context */
function brushRow({ state, follow }) {
  const size = slider("Brush size", [2, 30, 1], (value) => state.set({ brush_mm: value }));
  const said = h("output", { class: "ecg-figure ecg-out" });
  const erase = check("erase", (on) => state.set({ brush_erase: on }));
  const row = field("Brush", line(size, said, erase.element));
  follow(["brush_mm", "brush_erase", "tool"], (view) => {
    size.value = String(view.brush_mm);
    write(said, `${view.brush_mm} mm`);
    erase.box.checked = Boolean(view.brush_erase);
    row.hidden = view.tool !== "brush";
  });
  return row;
}

/** Segments that are marked, each with a way to take it back, and a choice to add one by keyboard. @param {import("./context.js").Context} context */
function regionChips({ payload, state, follow }) {
  const chips = h("div", { class: "ecg-chips" });
  const set = (/** @type {readonly string[]} */ regions) => state.set({ draft: { ...state.get().draft, regions } });
  const more = select([["", "add a segment …"]], (value) => value && set([...state.get().draft.regions, value]), {
    "aria-label": "Add a segment",
  });
  follow(["draft"], ({ draft }) => {
    const free = payload.meta.regions.filter((/** @type {string} */ r) => !draft.regions.includes(r));
    setOptions(more, [["", "add a segment …"], ...free.map((/** @type {string} */ r) => [r, r])]);
    more.value = "";
    chips.replaceChildren(
      ...draft.regions.map((/** @type {string} */ region) =>
        button(`${region} ×`, () => set(state.get().draft.regions.filter((/** @type {string} */ r) => r !== region)), {
          "aria-label": `Take ${region} back`,
        }),
      ),
    );
  });
  return h("div", { class: "ecg-bare" }, more, chips);
}

const USUAL_CONFIDENCE = 0.8;

/** How sure the reader is. */
function confidenceOf() {
  const said = h("output", { class: "ecg-figure ecg-out" });
  const say = (/** @type {number} */ value) => write(said, `${Math.round(100 * value)} %`);
  const sure = slider("Confidence", [0, 1, 0.05], say);
  sure.value = String(USUAL_CONFIDENCE);
  say(USUAL_CONFIDENCE);
  return { element: field("Confidence", line(sure, said)), value: () => Number(sure.value) };
}

/** What the reader writes. @param {import("./context.js").Context} context */
function createForm({ payload, follow }) {
  const label = select(
    payload.meta.labels.map((/** @type {string} */ name) => [name, name]),
    () => {},
  );
  label.value = payload.meta.label;
  const rater = h("input", { type: "text", autocomplete: "off", maxlength: 80 });
  follow(["rater"], (view) => {
    if (view.rater) rater.value = view.rater;
  });
  const confidence = confidenceOf();
  const note = h("textarea", { rows: 2, maxlength: 2000 });
  const nothing = check("Nothing here supports the label", () => {});
  return {
    elements: [field("Label", label), field("Rater", rater), confidence.element, field("Note", note), nothing.element],
    read: () => ({
      label: label.value,
      confidence: confidence.value(),
      rater: rater.value,
      note: note.value,
      nothing: nothing.box.checked,
    }),
    clear() {
      note.value = "";
      nothing.box.checked = false;
    },
  };
}

/** @param {import("./context.js").Context} context @param {ReturnType<typeof createHistory>} history @param {ReturnType<typeof createForm>} form */
function actions({ state, onAnnotate, follow }, history, form) {
  const said = h("p", { class: "ecg-small", role: "status" });
  const undo = button("Undo", history.undo, { title: "Undo (U)" });
  const redo = button("Redo", history.redo, { title: "Redo (Y)" });
  const clear = button("Clear", () => state.set({ draft: EMPTY, interval_at: null }));
  const save = (/** @type {"draft"|"signed"} */ as) => {
    const problem = problemOf(state.get().draft, form.read());
    if (problem) return write(said, problem);
    onAnnotate(findingOf(state.get().draft, form.read(), as));
    write(said, as === "signed" ? "Signed and handed to the store." : "Draft handed to the store.");
    if (as !== "signed") return undefined;
    form.clear();
    history.begin();
    return state.set({ blind: false, signed: true, tool: "look" });
  };
  follow(["undoable", "redoable", "draft"], (view) => {
    undo.disabled = !view.undoable;
    redo.disabled = !view.redoable;
    clear.disabled = isEmpty(view.draft);
  });
  return h(
    "div",
    { class: "ecg-bare" },
    h("div", { class: "ecg-row" }, undo, redo, clear),
    h(
      "div",
      { class: "ecg-row" },
      button("Sign and save", () => save("signed"), { class: "ecg-main" }),
      button("Save draft", () => save("draft")),
    ),
    said,
  );
}
