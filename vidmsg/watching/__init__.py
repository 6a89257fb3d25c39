"""The customer's side: the page behind the link in a text, its files, and what the page tells of having been watched.
It may know everything below it; nobody below knows of visits, messages is handed what it shows (progress.py)."""

from __future__ import annotations

from flask import Flask

from vidmsg.messages.progress import register
from vidmsg.watching import progress, views


def init_app(app: Flask) -> None:
    """Put the customer's pages in and tell messages how to learn what was watched."""
    views.init_app(app)
    register(progress.of)
