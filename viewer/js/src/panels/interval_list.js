/** Marked intervals as a list with numbers, so that they can be set without a pointer. */

import { beatSpan } from "../map.js";
import { added, removed, replaced, SHORTEST_MS, withLead } from "../leads/intervals.js";
import { LEADS } from "../leads/layouts.js";
import { button, h } from "./dom.js";
import { partOf } from "./words.js";

/** @param {import("./context.js").Context} context */
export function createIntervalList({ payload, state, follow }) {
  const set = (/** @type {any[]} */ intervals, /** @type {number|null} */ at) =>
    state.set({ draft: { ...state.get().draft, intervals }, interval_at: at });
  const add = () => {
    const { draft, lead_pick } = state.get();
    const [onset_ms, offset_ms] = partOf(payload.meta.fiducials_ms, "QRS") ?? beatSpan(payload);
    set(
      added(draft.intervals, { leads: [lead_pick?.lead ?? "II"], onset_ms, offset_ms, on: "beat" }),
      draft.intervals.length,
    );
  };
  const rows = h("div", { class: "ecg-bare" });
  const element = h("div", { class: "ecg-bare" }, rows, h("div", { class: "ecg-row" }, button("Add an interval", add)));
  /** @type {readonly any[]|null} */
  let shown = null;
  follow(["draft", "interval_at"], ({ draft, interval_at }) => {
    // rows are made anew only where the list changed, so that typing keeps its focus
    if (shown !== draft.intervals)
      rows.replaceChildren(
        ...draft.intervals.map((/** @type {any} */ one, /** @type {number} */ i) =>
          row(payload, state, { one, i, set }),
        ),
      );
    shown = draft.intervals;
    [...rows.children].forEach((line, i) => line.classList.toggle("ecg-chosen", i === interval_at));
  });
  return element;
}

/** @param {any} payload @param {any} state @param {{one: any, i: number, set: (intervals: any[], at: number|null) => void}} what */
function row(payload, state, { one, i, set }) {
  const list = () => state.get().draft.intervals;
  const [first, last] = one.on === "recording" ? [0, Infinity] : beatSpan(payload);
  const number = (/** @type {"onset_ms"|"offset_ms"} */ key, /** @type {string} */ words) => {
    const input = h("input", {
      type: "number",
      step: 1,
      value: one[key],
      "aria-label": `${words} of interval ${i + 1}, ms`,
      onchange: () => {
        const value = Math.round(Number(input.value));
        const next = { ...one, [key]: Math.max(first, Math.min(last, value)) };
        if (Number.isFinite(value) && next.offset_ms - next.onset_ms >= SHORTEST_MS) set(replaced(list(), i, next), i);
        else input.value = String(one[key]);
      },
    });
    return input;
  };
  const leads = LEADS.map((lead) =>
    button(lead, () => set(replaced(list(), i, withLead(one, lead, LEADS)), i), {
      "aria-pressed": String(one.leads.includes(lead)),
    }),
  );
  const times = h(
    "div",
    { class: "ecg-row" },
    number("onset_ms", "Onset"),
    "to",
    number("offset_ms", "Offset"),
    h("span", { class: "ecg-soft ecg-small" }, one.on === "recording" ? "ms" : "ms from R"),
    button("×", () => set(removed(list(), i), null), {
      class: "ecg-plain ecg-push",
      title: "Delete",
      "aria-label": `Delete interval ${i + 1}`,
    }),
  );
  return h(
    "div",
    { class: "ecg-interval", onfocusin: () => state.set({ interval_at: i }) },
    times,
    h("div", { class: "ecg-chips", role: "group", "aria-label": `Leads of interval ${i + 1}` }, ...leads),
  );
}
