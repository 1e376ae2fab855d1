/**
 * Colour tables: cividis for amounts, PuOr and managua for signed values.
 *
 * Every fifth entry of matplotlib's tables (PuOr reversed: purple opposes, orange supports),
 * linear in between; at most 4 of 255 away from the full tables.
 */

const ANCHORS = {
  cividis:
    "00224e002656002a5f002d68003070083370163770203a6f273e6e2e416d34456c3a486c3f4c6c444f6c49536c4e566c535a6d57" +
    "5d6d5c616e60646f656870696b716d6f727272747676767a7a787e7d788381798885788d8878928c789690779b9476a09875a59c" +
    "74aaa073afa471b5a86fbaac6dbfb06bc4b468c9b965cfbd62d4c15fdac65bdfca57e5cf52ead34cf0d846f6dd3ffce236fee838",
  PuOr:
    "2d004b3508573c0f6344176f4c1f7b5326875c348e6443956d529c7661a47e70ab887cb29287b99b92c1a59dc8afa8d0b7b1d5bf" +
    "bbdac6c4dfcecde4d5d6e9dcddece2e3efe8e9f1eeeef3f4f4f6f8f5f1f9f0e4faecd7fce7cafde3befeddaffed59ffecd8ffdc5" +
    "7ffdbd6efbb55ef6aa4ff0a03fea9530e58a20de8013d57811cd700ec4680bbb5f08b25706a852069e4c079346078941087f3b08",
  managua:
    "ffcf67f9c564f3bb60ecb15de6a85ae09f57da9654d48e51ce864fc87e4cc27649bc6e47b66745af6042a85940a1533e9a4c3d92" +
    "463b8a3f3a823a397a35397330396b2d3b652a3d5f29415a2846552a4c522c534f305b4d34644c3a6d4c40774c47814d4e8a4e55" +
    "93505d9c5264a4546cab5774b2597bb85c83bf5f8bc56293cb669cd069a5d66caddc6fb6e273c0e776c9ed7ad3f37dddf981e7ff",
};

/** Names of the colour tables. */
export const COLOUR_TABLES = Object.freeze(Object.keys(ANCHORS));

/** Tables whose middle stands for zero. */
export const SIGNED_TABLES = Object.freeze(["PuOr", "managua"]);

const ENTRIES = 256;
const STEP = 5;
/** @type {Map<string, Uint8Array>} */
const made = new Map();

/**
 * Give a colour table.
 *
 * @param {string} name one of COLOUR_TABLES; any other name gives cividis
 * @returns {Uint8Array} 256 x RGBA
 */
export function colourTable(name) {
  const known = name in ANCHORS ? /** @type {keyof typeof ANCHORS} */ (name) : "cividis";
  const cached = made.get(known);
  if (cached) return cached;
  const table = fill(ANCHORS[known]);
  made.set(known, table);
  return table;
}

/** @param {string} hex anchors, six digits each */
function fill(hex) {
  const table = new Uint8Array(4 * ENTRIES);
  const channel = (/** @type {number} */ anchor, /** @type {number} */ c) =>
    parseInt(hex.slice(6 * anchor + 2 * c, 6 * anchor + 2 * c + 2), 16);
  for (let i = 0; i < ENTRIES; i++) {
    const low = Math.min(Math.floor(i / STEP), hex.length / 6 - 2);
    const part = i / STEP - low;
    for (let c = 0; c < 3; c++) {
      table[4 * i + c] = Math.round((1 - part) * channel(low, c) + part * channel(low + 1, c));
    }
    table[4 * i + 3] = 255;
  }
  return table;
}

/**
 * Colour of a value.
 *
 * @param {Uint8Array} table as colourTable gives
 * @param {number} share place in the table, 0 to 1
 * @returns {[number, number, number]} red, green, blue, 0 to 255
 */
export function colourAt(table, share) {
  const i = 4 * Math.round(255 * Math.min(1, Math.max(0, share || 0)));
  return [table[i], table[i + 1], table[i + 2]];
}
