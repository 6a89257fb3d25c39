"""The messages' world: their pages are looked at in it."""

from __future__ import annotations

from tests.unit.messages.conftest import bob, gateway, home, look, time, video, write, written

__all__ = ["bob", "gateway", "home", "look", "time", "video", "write", "written"]
