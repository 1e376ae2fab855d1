"""What the documentation site is made of besides its pages (hooks of mkdocs).

- Pages that `mkdocs.yml` does not name, and all of docs/results, are put into the navigation by themselves.
- Notebooks become pages: what they say and their code; they are kept without outputs.
- Links from docs to other parts of the repository lead to a copy in the site.
- The demonstration is made while the site is built, unless ``ECGLOCUS_DOCS_DEMO=0``.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

OUTSIDE = re.compile(r"\]\(\.\./((?!\.\./)[\w./-]+)\)")
NOTEBOOK = re.compile(r"\]\((notebooks/[\w-]+)\.ipynb\)")
INSTEAD = {"README.md": "index.md"}
BESIDE = ("CONTRIBUTING.md", "CHANGELOG.md")
"""Pages of the repository's root that are part of the site."""
DEMONSTRATION = "demonstration/heart.html"
log = logging.getLogger("mkdocs.hooks.ecglocus")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Add pages that nobody listed."""
    docs = Path(config.docs_dir)
    named = set(_named(config.nav))
    others = [page.name for page in sorted(docs.glob("*.md")) if page.name not in named]
    results = [f"results/{page.name}" for page in sorted((docs / "results").glob("*.md"))]
    nav: list[Any] = config.nav or []
    config.nav = [*nav, *([{"More": others}] if others else []), {"Results": results}]
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add what pages link to outside docs."""
    root = Path(config.docs_dir).parent
    for notebook in [file for file in files if file.src_uri.endswith(".ipynb")]:
        page = notebook.src_uri.removesuffix(".ipynb") + ".md"
        files.append(File.generated(config, page, content=_as_page(notebook)))
    wanted = {*BESIDE}
    for page in files.documentation_pages():
        if _top_level(page):
            wanted |= {found for found in OUTSIDE.findall(page.content_string) if found not in INSTEAD}
    for target in sorted(wanted):
        if (root / target).is_file():
            files.append(File.generated(config, f"files/{target}", abs_src_path=str(root / target)))
    return files


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Lead links into the site, and give results a title."""
    if _top_level(page.file):
        markdown = NOTEBOOK.sub(r"](\1.md)", markdown)
        markdown = OUTSIDE.sub(lambda found: f"]({INSTEAD.get(found[1], f'files/{found[1]}')})", markdown)
    if page.file.src_uri.startswith("files/"):
        markdown = markdown.replace("](docs/", "](../")
    if page.file.src_uri.startswith("results/") and not markdown.lstrip().startswith("# "):
        markdown = f"# {PurePosixPath(page.file.src_uri).stem.replace('_', ' ').capitalize()}\n\n{markdown}"
    return markdown


def on_post_build(config: MkDocsConfig) -> None:
    """Make the demonstration's page."""
    if os.environ.get("ECGLOCUS_DOCS_DEMO") == "0":
        return
    from viewer.app_component import bundle_path, no_bundle
    from viewer.demonstration_page import write_demonstration

    if bundle_path() is None:
        log.warning("the demonstration is left out. %s", no_bundle())
        return
    write_demonstration(Path(config.site_dir) / DEMONSTRATION)


def _as_page(notebook: File) -> str:
    """Give a notebook as Markdown, with a link to itself."""
    name = PurePosixPath(notebook.src_uri).name
    parts = []
    for cell in json.loads(notebook.content_string)["cells"]:
        text = "".join(cell["source"])
        parts.append(text if cell["cell_type"] == "markdown" else f"```python\n{text}\n```")
    return "\n\n".join([*parts, f"[{name}]({name}) is this page as a notebook.", ""])


def _top_level(file: File) -> bool:
    return "/" not in file.src_uri


def _named(nav: Any) -> Iterator[str]:
    if isinstance(nav, str):
        yield nav
    for part in nav.values() if isinstance(nav, dict) else nav if isinstance(nav, list) else ():
        yield from _named(part)
