"""The customer's page carries its own copy of the few tokens it needs, to be one request. They must stay equal."""

from __future__ import annotations

import re
from pathlib import Path

STYLES = Path(__file__).resolve().parent.parent.parent / "static" / "css"
_BLOCK = re.compile(r"(?P<condition>@[^{]+)?\{?\s*:root\s*\{(?P<body>[^}]*)\}")
_TOKEN = re.compile(r"(--[\w-]+|color-scheme):\s*([^;]+);")


def tokens(name: str) -> dict[tuple[str, str], str]:
    """Value by condition (the @ rule round :root, or none) and name."""
    text = re.sub(r"/\*.*?\*/", "", (STYLES / name).read_text(encoding="utf-8"), flags=re.DOTALL)
    return {
        (" ".join((block["condition"] or "").split()), token): " ".join(value.split())
        for block in _BLOCK.finditer(text)
        for token, value in _TOKEN.findall(block["body"])
    }


def test_the_customers_page_has_the_same_values_as_all_others() -> None:
    copied, original = tokens("watch.css"), tokens("tokens.css")
    assert copied, "no tokens found"
    different = {key: (value, original.get(key)) for key, value in copied.items() if original.get(key) != value}
    assert not different, different


def test_what_is_copied_is_copied_for_both_schemes() -> None:
    copied, original = tokens("watch.css"), tokens("tokens.css")
    names = {name for _, name in copied}
    missing = {key for key in original if key[1] in names and key[0].startswith("@supports") and key not in copied}
    assert not missing, missing


def test_every_token_that_the_customers_page_uses_is_in_its_copy() -> None:
    text = (STYLES / "watch.css").read_text(encoding="utf-8")
    used = set(re.findall(r"var\((--[\w-]+)\)", text)) - {"--shape"}  # the video's own, written by the page
    assert used <= {name for _, name in tokens("watch.css")}
