/** Puts the bundle and a payload into one HTML file: `node tools/page.mjs payload.bin page.html [view.json]`. */

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const [source, out, given] = process.argv.slice(2);
const assets = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "assets");
const bundle = readdirSync(assets).find((name) => /^view-.*\.js$/.test(name));
const code = readFileSync(join(assets, bundle), "utf8").replaceAll("</script", "<\\/script");
const payload = gzipSync(readFileSync(source)).toString("base64");
const view = (given ? readFileSync(given, "utf8") : "{}").replaceAll("<", "\\u003c");
writeFileSync(
  out,
  `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>ecglocus</title><style>html,body,main{margin:0;height:100%}</style></head>
<body><main></main>
<script id="view" type="application/json">${view}</script>
<script id="payload" type="text/plain" data-encoding="gzip">${payload}</script>
<script type="module">${code};await globalThis.ecglocus.openStandalone();</script>
</body></html>
`,
);
