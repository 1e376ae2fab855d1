"""Light and dark: the colours of Streamlit's part of the page, about those of the view (style.css).

Streamlit pales words and lies a tint below them; these keep a contrast of 4.5 all the same.
"""

from types import MappingProxyType
from typing import Any

FONT_PX = 14
COLOURS = MappingProxyType(
    {
        "light": {
            "primary": "#0a5998",
            "text": "#0e1014",
            "page": "#f4f5f7",
            "raised": "#ffffff",
            "line": "#b9bfca",
        },
        "dark": {
            "primary": "#5eb1ef",
            "text": "#e8eaee",
            "page": "#0f1114",
            "raised": "#22262d",
            "line": "#4b5260",
        },
    }
)


def themes() -> dict[str, dict[str, Any]]:
    """Give both themes as Streamlit takes one in the browser (its message ``CustomThemeConfig``).

    Returns
    -------
    dict of str to dict
        By ``light`` and ``dark``; ``base`` counts them.
    """
    return {
        name: {**_options(name), "base": base, "baseFontSize": FONT_PX} for base, name in enumerate(COLOURS)
    }


def theme_options() -> dict[str, Any]:
    """Give both themes as options of Streamlit's server.

    Returns
    -------
    dict of str to object
        As `streamlit.web.bootstrap.run` takes them.
    """
    made: dict[str, Any] = {"theme_baseFontSize": FONT_PX}
    for name in COLOURS:
        options = _options(name)
        side = options.pop("sidebar")
        made |= {f"theme_{name}_{key}": value for key, value in options.items()}
        made |= {f"theme_{name}_sidebar_{key}": value for key, value in side.items()}
    return made


def _options(name: str) -> dict[str, Any]:
    colour = COLOURS[name]
    grounds = {"backgroundColor": colour["page"], "secondaryBackgroundColor": colour["raised"]}
    return {
        "primaryColor": colour["primary"],
        "textColor": colour["text"],
        "borderColor": colour["line"],
        **grounds,
        "sidebar": grounds,
    }
