"""What features above put on a person's page: each registers a name and a function that gathers the values of its
section. This module knows none of them; the template shows a section whose values are there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from vidmsg.people.models import Person

Source = Callable[[Session, Person], Any]
_sources: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Let a feature fill the section `name`."""
    _sources[name] = source


def of(session: Session, person: Person) -> dict[str, Any]:
    """The values of every section, by name."""
    return {name: source(session, person) for name, source in _sources.items()}
