"""The blueprint of the pages about one message: written, looked at, changed. Each verb has its own module of views."""

from __future__ import annotations

from flask import Blueprint

messages = Blueprint("messages", __name__)
