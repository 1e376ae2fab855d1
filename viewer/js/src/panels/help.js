/** The sheet of keys, on ? */

import { button, h } from "./dom.js";
import { KEYS } from "../keys.js";

/** @param {import("./context.js").Context} context */
export function createHelp({ shell, state, follow }) {
  const groups = [...new Set(KEYS.map((entry) => entry.group))].map((group) => {
    const lines = KEYS.filter((entry) => entry.group === group && entry.shown.length).flatMap((entry) => [
      h("dt", {}, ...entry.shown.flatMap((key, i) => [i ? " " : "", h("kbd", {}, key)])),
      h("dd", {}, entry.words),
    ]);
    return h("section", {}, h("h3", {}, group), h("dl", {}, ...lines));
  });
  const shut = () => state.set({ help: false });
  const sheet = h(
    "dialog",
    { class: "ecg-dialog", "aria-label": "Keys", onclose: shut },
    h(
      "div",
      {},
      h("h2", {}, "Keys and pointer"),
      h("div", { class: "ecg-keys" }, ...groups, pointer()),
      h("p", {}, button("Close", shut)),
    ),
  );
  shell.view.append(sheet);
  follow(["help"], (view) => {
    if (view.help && !sheet.open) sheet.showModal();
    if (!view.help && sheet.open) sheet.close();
  });
}

function pointer() {
  const lines = [
    ["drag the heart", "turn it; wheel zooms; right button moves"],
    ["click the heart", "pick a place: its segment, course and leads"],
    ["drag on leads", "set the time; a click also shows that lead alone on the heart"],
    ["Shift-drag on leads", "choose the span over which the map is summed"],
    ["tool Intervals", "drag marks, edges resize, middle moves, Shift-click adds a lead"],
  ];
  return h(
    "section",
    {},
    h("h3", {}, "Pointer"),
    h("dl", {}, ...lines.flatMap(([what, words]) => [h("dt", {}, what), h("dd", {}, words)])),
  );
}
