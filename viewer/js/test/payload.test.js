import assert from "node:assert/strict";
import { test } from "node:test";
import { parsePayload } from "../src/payload.js";

/** Packs arrays as `viewer/payload.py` does. */
function packed(meta, arrays) {
  const align = (at) => Math.ceil(at / 16) * 16;
  const header = (start) => {
    const entries = {};
    let at = start;
    for (const [name, { dtype, shape, data }] of Object.entries(arrays)) {
      entries[name] = { dtype, shape, offset: at, nbytes: data.byteLength };
      at = align(at + data.byteLength);
    }
    return { text: new TextEncoder().encode(JSON.stringify({ meta, arrays: entries })), entries, end: at };
  };
  const made = header(4096);
  const bytes = new Uint8Array(made.end);
  new DataView(bytes.buffer).setUint32(0, made.text.length, true);
  bytes.set(made.text, 4);
  for (const [name, { data }] of Object.entries(arrays)) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), made.entries[name].offset);
  }
  return bytes;
}

const halves = Uint16Array.of(0x0000, 0x3c00, 0xc000, 0x0001, 0x7bff, 0x7c00, 0x7e00, 0x3555);
const bytes = packed(
  { version: 1, record: "an örtlich named one" },
  {
    halves: { dtype: "f2", shape: [8], data: halves },
    index: { dtype: "u2", shape: [1, 3], data: Uint16Array.of(0, 1, 65535) },
    values: { dtype: "f4", shape: [2, 2], data: Float32Array.of(1.5, -2, NaN, 4) },
  },
);

test("arrays come back with their shapes, and words as they were", () => {
  const { meta, arrays, shapes } = parsePayload(bytes);
  assert.equal(meta.record, "an örtlich named one");
  assert.deepEqual([...arrays.index], [0, 1, 65535]);
  assert.deepEqual([...arrays.values], [1.5, -2, NaN, 4]);
  assert.deepEqual(shapes.values, [2, 2]);
});

test("half floats are widened: zero, one, subnormal, largest, infinite, none", () => {
  const wide = [...parsePayload(bytes).arrays.halves];
  assert.deepEqual(wide, [0, 1, -2, 2 ** -24, 65504, Infinity, NaN, 0.333251953125]);
});

test("bytes that begin at an odd place are read as well", () => {
  const shifted = new Uint8Array(bytes.length + 3);
  shifted.set(bytes, 3);
  const { arrays } = parsePayload(shifted.subarray(3));
  assert.deepEqual([...arrays.values], [1.5, -2, NaN, 4]);
});

test("arrays lie over the buffer they came in", () => {
  assert.equal(parsePayload(bytes).arrays.values.buffer, bytes.buffer);
});

test("what is no payload, is cut off or is of another version is refused", () => {
  assert.throws(() => parsePayload(new Uint8Array(2)), /expected a payload/);
  assert.throws(() => parsePayload(Uint8Array.of(255, 255, 255, 0, 1)), /expected a payload/);
  assert.throws(() => parsePayload(bytes.slice(0, bytes.length - 20)), /ends before its array values/);
  assert.throws(() => parsePayload(packed({ version: 2 }, {})), /version 2/);
});
