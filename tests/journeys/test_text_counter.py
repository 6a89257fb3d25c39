"""The live count on the compose page is the twin of the server's: both are held to one table."""

from __future__ import annotations

import json
import random
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.conftest import CORPUS
from tests.server import ROOT
from vidmsg.sms import segments

pytestmark = pytest.mark.browser

OWN = [
    "",
    "a" * 160,
    "a" * 161,
    "a" * 152 + "€" + "a" * 152,
    "ж" * 70,
    "ж" * 71,
    "ж" * 66 + "🎂" + "ж" * 66,
    "👍🏽👩‍👩‍👧‍👦🇩🇪🇫🇷",
    "e\u0301",
    "“It’s time” – hurry…",
    "It’s your day 🎂",
    "生日快乐！",
    "bell\a and 🎂",
    "one\r\ntwo",
    "n\u0303o",
    "10\u00a0am",
]


# As one piece of JSON: Playwright would carry over each of the many objects by itself, for a long time.
COUNT_ALL = """(texts) => JSON.stringify(
  JSON.parse(texts).map((text) => ({ ...twin.count(text), plain: twin.plain(text) }))
)"""


def texts() -> list[str]:
    """Own cases, every character of the basic plane that this Python knows (a browser's Unicode may be newer) after a
    letter, mixtures, and the corpus if it is there."""
    plane = ["a" + chr(code) for code in range(0x10000) if unicodedata.category(chr(code)) not in {"Cn", "Cs"}]
    made = random.Random(5)
    pool = "ab€{’“…\u200d\u0301🎂👍🏽🇩🇪ж\u00a0\r\n"
    mixtures = ["".join(made.choices(pool, k=made.randint(1, 400))) for _ in range(500)]
    return OWN + plane + mixtures + _corpus()


def _corpus() -> list[str]:
    files = [CORPUS / "sms" / name for name in ("segments.json", "smart_encoding.json")]
    return [case["text"] for path in files if path.is_file() for case in json.loads(path.read_text())]


@pytest.fixture
def twin(chromium: Browser) -> Any:
    page = chromium.new_page()
    source = Path(ROOT / "static" / "js" / "segments.js").read_text(encoding="utf-8")
    page.add_script_tag(type="module", content=source + "\nwindow.twin = { count, plain };")
    page.wait_for_function("window.twin")
    yield page
    page.close()


def test_the_browser_counts_and_makes_plain_as_the_server_does(twin: Any) -> None:
    given = texts()
    found = json.loads(twin.evaluate(COUNT_ALL, json.dumps(given)))
    wrong = [(text, theirs, ours) for text, theirs in zip(given, found, strict=True) if (ours := _ours(text)) != theirs]
    assert wrong == []


def _ours(text: str) -> dict[str, Any]:
    counted = segments.count(text)
    return {
        "encoding": counted.encoding,
        "segments": counted.segments,
        "characters": counted.characters,
        "plain": segments.plain(text),
    }
