"""Who hears that an organisation's settings changed, after they are kept. Features above register; this module knows
none of them."""

from __future__ import annotations

from collections.abc import Callable, Collection

Listener = Callable[[int, Collection[str]], None]
_listeners: list[Listener] = []


def on_change(listener: Listener) -> None:
    """Let a feature above hear which fields of which organisation were changed."""
    if listener not in _listeners:
        _listeners.append(listener)


def changed(organisation_id: int, fields: Collection[str]) -> None:
    """Tell them all, outside of any transaction."""
    for listener in _listeners if fields else ():
        listener(organisation_id, fields)
