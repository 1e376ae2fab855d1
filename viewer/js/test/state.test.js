import assert from "node:assert/strict";
import { test } from "node:test";
import { createState, DEFAULT_VIEW, possible } from "../src/state.js";

test("a view is the defaults with what is given, and nothing else", () => {
  const state = createState({ map: "leads", nonsense: 1 }, { blind: true });
  assert.equal(state.get().map, "leads");
  assert.equal(state.get().nonsense, undefined);
  assert.equal(state.get().blind, true);
  assert.deepEqual(Object.keys(state.view()).sort(), Object.keys(DEFAULT_VIEW).sort());
});

test("listeners hear of their keys only, and only of changes", () => {
  const state = createState();
  const heard = [];
  const off = state.on(["t_ms", "cut"], (view, changed) => heard.push([view.t_ms, [...changed]]));
  state.set({ t_ms: 5 });
  state.set({ t_ms: 5 });
  state.set({ cut: { on: false, depth: 0.5 } }); // equal to what is there
  state.set({ theme: "dark" });
  off();
  state.set({ t_ms: 6 });
  assert.deepEqual(heard, [[5, ["t_ms"]]]);
});

test("typed arrays are compared by identity, plain values by content", () => {
  const state = createState();
  let count = 0;
  state.on(["draft"], () => count++);
  const vertices = Uint8Array.of(1, 0);
  state.set({ draft: { vertices, regions: [], intervals: [] } });
  state.set({ draft: { vertices, regions: [], intervals: [] } });
  state.set({ draft: { vertices: vertices.slice(), regions: [], intervals: [] } });
  assert.equal(count, 2);
});

test("a listener may set; the last value holds", () => {
  const state = createState();
  state.on(["map"], () => state.set({ sign: "for" }));
  state.set({ map: "vcg" });
  assert.equal(state.get().sign, "for");
});

test("a view survives JSON", () => {
  const view = createState({ camera: { position: [1, 2, 3], target: [0, 0, 0], up: [0, 0, 1] } }).view();
  assert.deepEqual(createState(JSON.parse(JSON.stringify(view))).view(), view);
});

const payload = { meta: { label: "MI", modalities: [{ name: "leads" }], annotations: [{}, {}] }, arrays: {} };

test("a view keeps what the payload has, and takes what it has instead of what it has not", () => {
  const plain = { label: "MI", compare: "none", rival: null, page: 0, cluster: null };
  assert.deepEqual(possible(payload, { map: "leads", mask: 1 }), { ...plain, map: "leads", mask: 1 });
  const wanted = { map: "less_rival", mask: 2, compare: "rival", page: 3 };
  assert.deepEqual(possible(payload, wanted), { ...plain, map: "average", mask: 0 });
  const rival = { meta: { ...payload.meta, rival: { name: "paper" }, recording: { pages: { count: 3 } } }, arrays: {} };
  assert.deepEqual(possible(rival, wanted), { ...plain, map: "less_rival", mask: 0, compare: "rival", rival: "paper", page: 2 });
  const more = { ...payload, arrays: { spread: new Float32Array(1) } };
  assert.equal(possible(more, { map: "spread", mask: 0 }).map, "spread");
});
