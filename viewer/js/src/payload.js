/**
 * Reads the payload that `viewer/payload.py` packs: a little-endian uint32, that many bytes of JSON,
 * then the arrays at offsets from the start, each on a multiple of 16 bytes.
 */

/**
 * @typedef {Object} Payload
 * @property {Object<string, any>} meta What the recording, the model and the map are.
 * @property {Object<string, any>} arrays Typed arrays by name; half floats are widened to Float32Array.
 * @property {Object<string, number[]>} shapes Shape of each array, rows first.
 */

const TYPES = {
  f2: Uint16Array,
  f4: Float32Array,
  u1: Uint8Array,
  u2: Uint16Array,
  u4: Uint32Array,
  i4: Int32Array,
};

const ALIGNMENT = 16;
export const VERSION = 1;

/**
 * @param {ArrayBuffer | Uint8Array} bytes
 * @returns {Payload}
 * @throws {Error} If the bytes are not a payload of this version.
 */
export function parsePayload(bytes) {
  const { buffer, start, length } = aligned(bytes);
  const headerLength = length < 4 ? Infinity : new DataView(buffer, start, 4).getUint32(0, true);
  if (4 + headerLength > length) throw new Error("expected a payload of ecglocus, got other or cut-off bytes");
  const words = new TextDecoder().decode(new Uint8Array(buffer, start + 4, headerLength));
  const header = JSON.parse(words);
  if (header.meta.version !== VERSION) {
    throw new Error(`expected a payload of version ${VERSION}, got version ${header.meta.version}`);
  }
  const arrays = {};
  const shapes = {};
  for (const [name, entry] of Object.entries(header.arrays)) {
    if (entry.offset + entry.nbytes > length) throw new Error(`the payload ends before its array ${name}`);
    const Type = TYPES[entry.dtype];
    if (!Type) throw new Error(`the array ${name} has the unknown type ${entry.dtype}`);
    const view = new Type(buffer, start + entry.offset, entry.nbytes / Type.BYTES_PER_ELEMENT);
    arrays[name] = entry.dtype === "f2" ? widened(view) : view;
    shapes[name] = entry.shape;
  }
  return { meta: header.meta, arrays, shapes };
}

/** Typed arrays must begin on a multiple of their element's size; copies bytes that do not. */
function aligned(bytes) {
  if (bytes instanceof ArrayBuffer) return { buffer: bytes, start: 0, length: bytes.byteLength };
  if (bytes.byteOffset % ALIGNMENT === 0) {
    return { buffer: bytes.buffer, start: bytes.byteOffset, length: bytes.byteLength };
  }
  return { buffer: bytes.slice().buffer, start: 0, length: bytes.byteLength };
}

let halves = null;

/** Float32Array of all 65,536 half floats, by their bits. */
function halfTable() {
  if (halves) return halves;
  halves = new Float32Array(65536);
  for (let bits = 0; bits < 65536; bits++) {
    const sign = bits & 0x8000 ? -1 : 1;
    const exponent = (bits >> 10) & 31;
    const fraction = bits & 1023;
    if (exponent === 31) halves[bits] = fraction ? NaN : sign * Infinity;
    else if (exponent) halves[bits] = sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
    else halves[bits] = sign * 2 ** -14 * (fraction / 1024);
  }
  return halves;
}

function widened(bits) {
  const table = halfTable();
  const wide = new Float32Array(bits.length);
  for (let i = 0; i < bits.length; i++) wide[i] = table[bits[i]];
  return wide;
}
