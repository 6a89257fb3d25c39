"""The one blueprint of this feature's pages; the modules of views hang their routes on it."""

from __future__ import annotations

from flask import Blueprint

people = Blueprint("people", __name__)
