/** All panels around heart and leads. */

import { LESS, RIVAL } from "../map.js";
import { turnTo } from "../leads/pager.js";
import { createAnnotate, createHistory } from "./annotate.js";
import { createBullseye } from "./bullseye.js";
import { createClusters } from "./clusters.js";
import { createContext } from "./context.js";
import { createDisplay } from "./display.js";
import { createExperts } from "./experts.js";
import { createHead } from "./head.js";
import { createHelp } from "./help.js";
import { createMapPanel, mapOptions } from "./map_panel.js";
import { createPicked } from "./picked.js";
import { createRegions } from "./regions.js";
import { createRival } from "./rival.js";
import { createSpeech } from "./speech.js";
import { createTake } from "./take.js";
import { createTour } from "./tour.js";
import { createTransport, jump, step, sumOver, togglePlay } from "./transport.js";
import { createViews } from "./views.js";

/** Fill the screen with the view, or leave that. @param {HTMLElement} element */
function toggleFullscreen(element) {
  const root = /** @type {any} */ (element.getRootNode());
  if (root.fullscreenElement ?? document.fullscreenElement) document.exitFullscreen?.();
  else element.requestFullscreen?.().catch(() => {});
}

/** Pages that can be turned now. @param {any} payload @param {any} state */
const pageCount = ({ meta }, state) => (state.get().source === "recording" ? (meta.recording?.pages?.count ?? 1) : 1);

/**
 * Put the panels into the shell.
 *
 * @param {any} shell as `createShell` gives
 * @param {any} payload
 * @param {any} state
 * @param {{heart?: any, onAnnotate?: (finding: any) => void, editable?: boolean}} rest
 */
export function createPanels(shell, payload, state, { heart = null, onAnnotate = () => {}, editable = false } = {}) {
  const context = createContext(payload, state, { shell, heart, onAnnotate, editable });
  const history = createHistory(context);
  const fullscreen = () => toggleFullscreen(shell.view);
  const tour = createTour(context, fullscreen);
  const acts = {
    help: () => state.set({ help: !state.get().help }),
    tour: () => (state.get().tour === null || state.get().tour === undefined ? tour.begin() : tour.leave()),
    fullscreen,
  };
  createHead(context, acts);
  createViews(context);
  createTransport(context);
  const hush = createSpeech(context);
  const sections = [createMapPanel, createBullseye, createClusters, createPicked, createRegions, createRival, createExperts];
  shell.side.append(...sections.flatMap((create) => create(context) ?? []));
  const annotate = createAnnotate(context, history);
  if (annotate) shell.side.append(annotate);
  shell.side.append(createDisplay(context), createTake(context));
  createHelp(context);
  return {
    ...acts,
    editable,
    undo: history.undo,
    redo: history.redo,
    tourStep: tour.go,
    step: (/** @type {number} */ by_ms) => step(payload, state, by_ms),
    jump: (/** @type {1|-1} */ way) => jump(payload, state, way),
    togglePlay: () => togglePlay(state),
    sumOver: (/** @type {string} */ name) => sumOver(payload, state, name),
    pages: () => pageCount(payload, state) > 1,
    turnPage: (/** @type {1|-1} */ way) => turnTo(state, { count: pageCount(payload, state) }, state.get().page + way),
    maps: () => mapOptions(payload).map(([name]) => name),
    compares: () => ["none", "contour", "side", ...(payload.meta.rival ? ["rival"] : [])],
    rivals: () => ["average", ...(payload.meta.rival ? [RIVAL, LESS] : [])],
    destroy() {
      hush();
      context.destroy();
      for (const pane of [shell.head, shell.heart_bar, shell.side, shell.transport, shell.over]) pane.replaceChildren();
    },
  };
}
