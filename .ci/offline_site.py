"""Fail if a page of the documentation would load anything from another host."""

import re
import sys
from pathlib import Path

LOADED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio|embed|object)\b[^>]*?\b(?:src|srcset|data)\s*=\s*["']?((?:https?:)?//[^"'\s>]+)"""
    r"""|<link\b(?![^>]*\brel=["']?canonical)[^>]*?\bhref\s*=\s*["']?((?:https?:)?//[^"'\s>]+)"""
    r"""|(?:url\(|@import\s+)["']?((?:https?:)?//[^"')\s;]+)""",
    re.IGNORECASE,
)

site = Path(sys.argv[1])
pages = [*site.rglob("*.html"), *site.rglob("*.css")]
asked = {
    (path.relative_to(site).as_posix(), next(filter(None, found)))
    for path in pages
    for found in LOADED.findall(path.read_text(encoding="utf-8"))
}
for page, address in sorted(asked):
    sys.stderr.write(f"{page} loads {address}\n")
if asked or len(pages) < 10:
    sys.exit(f"{len(asked)} things are asked of other hosts by {len(pages)} files")
