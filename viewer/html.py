"""Small pieces of HTML: every text that comes in is escaped."""

import base64
from collections.abc import Iterable, Sequence
from html import escape
from io import BytesIO
from pathlib import Path

QUALITY = 92


def text(value: object) -> str:
    """Escape a value for use as text or attribute."""
    return escape(str(value), quote=True)


def section(title: str, *parts: str) -> str:
    """Give a titled section, or nothing when it has no content."""
    content = "\n".join(part for part in parts if part)
    return f"<section>\n<h2>{text(title)}</h2>\n{content}\n</section>" if content else ""


def paragraph(words: str, kind: str = "") -> str:
    """Give a paragraph of plain words."""
    return f"<p{_class(kind)}>{text(words)}</p>"


def note(words: str, items: Iterable[str] = ()) -> str:
    """Give words that should be seen, with a list below them."""
    listed = "".join(f"<li>{text(item)}</li>" for item in items)
    return f'<div class="note">{text(words)}{f"<ul>{listed}</ul>" if listed else ""}</div>'


def number(words: str) -> str:
    """Give a table cell that is set to the right."""
    return f'<td class="number">{text(words)}</td>'


def words(value: object) -> str:
    """Give a table cell of text."""
    return f"<td>{text(value)}</td>"


def meter(share: float) -> str:
    """Give a table cell with a bar; the number beside it says the same to those who cannot see it."""
    percent = 100 * min(max(share, 0.0), 1.0)
    return f'<td class="meter"><div><span style="width:{percent:.1f}%"></span></div></td>'


def row(head: str, cells: Sequence[str], *, chosen: bool = False) -> str:
    """Give a table row.

    Parameters
    ----------
    head : str
        Its first cell, as text.
    cells : sequence of str
        The others, as HTML.
    chosen : bool
        Set it off.

    Returns
    -------
    str
    """
    return f'<tr{_class("chosen" if chosen else "")}><th scope="row">{text(head)}</th>{"".join(cells)}</tr>'


def table(heads: Sequence[str], rows: Sequence[str], caption: str = "") -> str:
    """Give a table, or nothing when it has no rows.

    Parameters
    ----------
    heads : sequence of str
        Heads that start with ``>`` stand over numbers and are set to the right.
    rows : sequence of str
        As `row` gives them.
    caption : str

    Returns
    -------
    str
    """
    if not rows:
        return ""
    cells = "".join(
        f'<th scope="col"{_class("number" * head.startswith(">"))}>{text(head.removeprefix(">"))}</th>'
        for head in heads
    )
    above = f"<caption>{text(caption)}</caption>" if caption else ""
    return (
        f'<div class="scroll"><table>{above}<thead><tr>{cells}</tr></thead>'
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def picture(path: Path, alternative: str, caption: str = "") -> str:
    """Give a figure whose picture is part of the text, as WebP.

    Parameters
    ----------
    path : Path
        Of a picture that Pillow reads.
    alternative : str
        What it shows, for those who do not see it.
    caption : str

    Returns
    -------
    str
    """
    from PIL import Image

    packed = BytesIO()
    with Image.open(path) as image:
        image.convert("RGB").save(packed, "WEBP", quality=QUALITY)
        width, height = image.size
    data = base64.b64encode(packed.getvalue()).decode("ascii")
    below = f"<figcaption>{text(caption)}</figcaption>" if caption else ""
    size = f'width="{width}" height="{height}"'
    return (
        f'<figure><img {size} alt="{text(alternative)}" src="data:image/webp;base64,{data}">{below}</figure>'
    )


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""
