import assert from "node:assert/strict";
import { test } from "node:test";

import { COLOUR_TABLES, colourAt, colourTable, SIGNED_TABLES } from "../src/colormaps.js";

test("every table has 256 opaque colours", () => {
  for (const name of COLOUR_TABLES) {
    const table = colourTable(name);
    assert.equal(table.length, 1024);
    for (let i = 3; i < table.length; i += 4) assert.equal(table[i], 255);
  }
});

test("the ends of PuOr are purple and orange, its middle is pale", () => {
  const table = colourTable("PuOr");
  const [low, middle, high] = [0, 0.5, 1].map((share) => colourAt(table, share));
  assert.ok(low[2] > low[1] && low[2] > low[0] - 60, `purple ${low}`);
  assert.ok(high[0] > high[1] && high[1] > high[2], `orange ${high}`);
  assert.ok(Math.min(...middle) > 235, `pale ${middle}`);
});

test("cividis gains lightness all the way", () => {
  const table = colourTable("cividis");
  let before = -1;
  for (let i = 0; i < 256; i += 4) {
    const light = 0.2126 * table[4 * i] + 0.7152 * table[4 * i + 1] + 0.0722 * table[4 * i + 2];
    assert.ok(light > before, `entry ${i}`);
    before = light;
  }
});

test("signed tables are among the tables, and an unknown name gives cividis", () => {
  for (const name of SIGNED_TABLES) assert.ok(COLOUR_TABLES.includes(name));
  assert.equal(colourTable("jet"), colourTable("cividis"));
  assert.deepEqual(colourAt(colourTable("PuOr"), Number.NaN), colourAt(colourTable("PuOr"), 0));
});
