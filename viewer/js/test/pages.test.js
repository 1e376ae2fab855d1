/** Long recordings: how they are parted, how pages come, and what follows them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { stepped } from "../src/clock.js";
import { keyFor } from "../src/keys.js";
import { planSheet } from "../src/leads/geometry.js";
import { FOOT_MM, momentsOf, stripsWithRibbon } from "../src/leads/moments.js";
import { ratesOf } from "../src/leads/overview.js";
import { beatOn, missingWords, pageWith, turnTo } from "../src/leads/pager.js";
import { clockWords, createPageStore, pagesOf, pageStore, pageWords } from "../src/pages.js";

/** 12 s at 250 Hz in pages of 10 s. */
const META = { recording: { fs: 250, n: 3000, pages: { id: "twelve", count: 2, length: 2500, net: [1, -1] } } };

test("pages cover the recording, and the last one ends with it", () => {
  const pages = pagesOf(META);
  assert.deepEqual(pages.span(0), [0, 10000]);
  assert.deepEqual(pages.span(1), [2000, 12000]);
  assert.deepEqual([0, 9999, 10000, 11999, 99999, -1].map(pages.at), [0, 0, 1, 1, 1, 0]);
  assert.equal(pageWords(pages, 1), "page 2 of 2, 2 s to 12 s");
  const short = pagesOf({ recording: { fs: 250, n: 2500 } });
  assert.deepEqual([short.count, short.span(0)], [1, [0, 10000]]);
});

test("times are read as clocks", () => {
  assert.deepEqual([0, 9.96, 59.94, 60, 119.7, 1800].map(clockWords), ["0 s", "10 s", "59.9 s", "1:00", "2:00", "30:00"]);
});

test("a page is asked for once, and again when no answer comes", () => {
  let time = 0;
  const store = createPageStore(() => time);
  const [asked, heard] = [[], []];
  store.ask("r", 3);
  assert.equal(store.served("r"), false);
  store.on((id, page) => heard.push([id, page]));
  store.serve("r", (page) => asked.push(page));
  store.ask("r", 3);
  store.ask("r", 3);
  assert.deepEqual(asked, [3]);
  time = 6000;
  store.ask("r", 3);
  assert.deepEqual(asked, [3, 3]);
  store.put({ meta: { of: "r", page: 3 } });
  store.put({ meta: { of: "r", page: null } });
  time = 12000;
  store.ask("r", 3);
  assert.deepEqual(asked, [3, 3]);
  assert.deepEqual(heard, [["r", null], ["r", 3]]);
  for (let page = 4; page < 60; page++) store.put({ meta: { of: "r", page } });
  assert.equal(store.get("r", 3), undefined, "old pages are given back");
});

test("of two pages asked for at once the last is waited for, and the first may be asked for again", () => {
  const store = createPageStore(() => 0);
  const asked = [];
  store.serve("r", (page) => asked.push(page));
  for (const page of [2, 7, 7, 2]) store.ask("r", page);
  assert.deepEqual(asked, [2, 7, 2]);
});

test("what is missing is said, whether it comes or not", () => {
  const pages = pagesOf(META);
  assert.equal(missingWords(pages, 1, false), "");
  assert.match(missingWords(pages, 1, true), /^This file does not hold page 2 of 2/);
  pageStore.serve("twelve", () => {});
  assert.match(missingWords(pages, 1, true), /^Fetching page 2 of 2/);
});

test("page and beat go together", () => {
  const [pages, peaks] = [pagesOf(META), [500, 4500, 9500, 11500]];
  assert.equal(beatOn(pages, peaks, { page: 0, beat: 3 }), 0);
  assert.equal(beatOn(pages, peaks, { page: 1, beat: 0 }), 1);
  assert.equal(beatOn(pages, peaks, { page: 1, beat: 2 }), 2, "a beat that is on the page stays");
  assert.equal(beatOn(pages, [], { page: 1, beat: 0 }), 0);
  assert.equal(pageWith(pages, peaks, { page: 0, beat: 3 }), 1);
  assert.equal(pageWith(pages, peaks, { page: 1, beat: 2 }), 1, "pages are not turned back where they overlap");
  const said = {};
  const state = { set: (patch) => Object.assign(said, patch) };
  for (const [wanted, page] of [[5, 1], [-1, 0]]) {
    turnTo(state, pages, wanted);
    assert.equal(said.page, page);
  }
});

test("playing goes from beat to beat on a recording, and round on the median beat", () => {
  const payload = {
    meta: { ...META, beat: { n: 100, dt_ms: 2, r_index: 40 }, fiducials_ms: {} },
    shapes: { positive: [1, 100], basis: [1, 1] },
  };
  payload.meta.recording = { ...META.recording, r_peaks: [1, 2, 3] };
  const view = { t_ms: 115, loop: "beat", source: "recording", beat: 2 };
  assert.deepEqual(stepped(payload, view, 10), { t_ms: -73, beat: 0 });
  assert.deepEqual(stepped(payload, { ...view, t_ms: 0 }, 10), { t_ms: 10 });
  assert.deepEqual(stepped(payload, { ...view, source: "beat" }, 10), { t_ms: -73 });
});

const ASK = { paper: { mm_per_s: 25, mm_per_mV: 10 }, beat_ms: [-340, 510], recording_ms: 12000, width: 900, height: 700 };

test("a sheet of a page begins and ends where the page does", () => {
  for (const layout of ["3x4", "6x2", "12x1"]) {
    const sheet = planSheet({ ...ASK, layout, source: "recording", page_ms: [2000, 12000], foot_mm: FOOT_MM });
    assert.equal(Math.min(...sheet.strips.map(({ start_ms }) => start_ms)), 2000);
    assert.equal(Math.max(...sheet.strips.map(({ end_ms }) => end_ms)), 12000);
    const below = stripsWithRibbon(sheet);
    const covered = below.reduce((sum, { start_ms, end_ms }) => sum + end_ms - start_ms, 0);
    assert.ok(Math.abs(covered - 10000) < 1e-6, "the ribbon tells every moment once");
    for (const { top, height } of below) assert.ok(top + height + FOOT_MM <= sheet.height + 1e-6);
  }
});

test("moments follow each other without a gap", () => {
  const found = momentsOf([[1000, 2], [1100, 0], [1250, 2]], 500, 4000);
  assert.deepEqual(found.map(({ start_ms, end_ms }) => [start_ms, end_ms]), [[2000, 2200], [2200, 2500], [2500, 4000]]);
  assert.deepEqual(momentsOf([], 500, 4000), []);
});

test("heart rate is of the interval that ends", () => {
  assert.deepEqual(ratesOf([0, 1000, 1500]), [{ t_ms: 1000, rate: 60 }, { t_ms: 1500, rate: 120 }]);
});

test("page keys turn pages, and go through the tour while it is on", () => {
  const said = [];
  const panels = { turnPage: (step) => said.push(["page", step]), tourStep: (step) => said.push(["tour", step]) };
  for (const tour of [null, 1]) keyFor("PageUp").act({ state: { get: () => ({ tour }) }, panels }, { key: "PageUp" });
  assert.deepEqual(said, [["page", -1], ["tour", -1]]);
});
