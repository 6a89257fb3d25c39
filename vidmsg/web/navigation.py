"""The tabs of the app. A feature adds its own when it is put in; only tabs that lead somewhere are shown."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask


@dataclass(frozen=True)
class Tab:
    """One entry: where it leads, its word, its icon in icons.svg, its place from the left."""

    endpoint: str
    word: str
    icon: str
    place: int


def add(app: Flask, tab: Tab) -> None:
    """Put a tab in."""
    app.extensions.setdefault("tabs", []).append(tab)
    app.extensions["tabs"].sort(key=lambda entry: entry.place)


def tabs(app: Flask) -> list[Tab]:
    """The tabs from left to right."""
    found: list[Tab] = app.extensions.get("tabs", [])
    return found
