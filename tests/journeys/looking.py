"""How a page is looked at: at four widths nothing runs out of the window, and axe finds nothing. With
VIDMSG_PICTURES=folder each is kept as a picture, to be looked at by people."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

WIDTHS = {"320": 320, "390": 390, "768": 768, "1280": 1280}
RULES = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
OF_COLOUR = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
SCHEMES: dict[Literal["light", "dark"], dict[str, Any]] = {"light": RULES, "dark": OF_COLOUR}


def look(page: Page, name: str) -> None:
    """Look at the page that is open, at every width, in light and in dark. Only colours differ between the two."""
    for scheme, options in SCHEMES.items():
        page.emulate_media(color_scheme=scheme)
        for width, pixels in WIDTHS.items():
            page.set_viewport_size({"width": pixels, "height": 844 if pixels < 700 else 800})
            page.wait_for_function("() => document.fonts.status === 'loaded'")
            _keep(page, f"{name}-{width}-{scheme}")
            over = page.evaluate("() => document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert over <= 0, f"{name} at {width} runs {over} px out of the window"
            if width in {"390", "1280"}:
                found = Axe().run(page, options=options).response["violations"]
                told = [(v["id"], [n["target"] for n in v["nodes"]][:3]) for v in found]
                assert not told, f"{name} at {width}, {scheme}: {told}"


def _keep(page: Page, name: str) -> None:
    folder = os.environ.get("VIDMSG_PICTURES")
    if folder:
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=str(Path(folder) / f"{name}.png"), full_page=True)
