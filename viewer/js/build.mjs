/** Bundles the sources into one file named by its content, with the licence texts beside it. */

import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const assets = join(here, "..", "assets");

const { outputFiles } = await build({
  entryPoints: [join(here, "src", "streamlit.js")],
  bundle: true,
  minify: true,
  write: false,
  format: "esm",
  target: "es2022",
  legalComments: "none",
  loader: { ".css": "text" },
});
const code = outputFiles[0].contents;
const name = `view-${createHash("sha256").update(code).digest("hex").slice(0, 12)}.js`;
mkdirSync(assets, { recursive: true });
writeFileSync(join(assets, `${name}.part`), code);
for (const old of readdirSync(assets)) {
  if (/^view-.*\.js$/.test(old)) rmSync(join(assets, old));
}
renameSync(join(assets, `${name}.part`), join(assets, name));
const licence = readFileSync(join(here, "node_modules", "three", "LICENSE"), "utf8");
writeFileSync(join(assets, "LEGAL.txt"), `The bundle ${name} contains three.js.\n\n${licence}`);
process.stdout.write(`${name} ${code.length} bytes\n`);
