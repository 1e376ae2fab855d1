import assert from "node:assert/strict";
import { test } from "node:test";
import { themeOf } from "../src/theme.js";

test("the theme of what is around is told from the colour behind it", () => {
  assert.equal(themeOf("#f4f5f7"), "light");
  assert.equal(themeOf(" #0F1114 "), "dark");
  assert.equal(themeOf(""), null);
  assert.equal(themeOf("canvas"), null);
});
