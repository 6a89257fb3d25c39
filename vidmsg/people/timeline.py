"""What happened with a person so far, put together from whatever feature has something to tell. Features above add
a teller with `register`; this module knows none of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sqlalchemy.orm import Session

from vidmsg.people.models import Person

LONGEST = 60  # entries on a page


@dataclass(frozen=True)
class TimelineEntry:
    """One thing: when, a title as a person would say it, a quiet line under it, words that somebody said, and a kind
    (`plan` for what is still to come; any other word for what has been)."""

    at: dt.datetime
    title: str
    text: str = ""
    said: str = ""
    kind: str = "past"


Teller = Callable[[Session, Person], Iterable[TimelineEntry]]
_tellers: list[Teller] = []


def register(teller: Teller) -> None:
    """Let a feature tell about a person. Registering twice is once."""
    if teller not in _tellers:
        _tellers.append(teller)


def of(session: Session, person: Person) -> list[TimelineEntry]:
    """Everything there is to tell, the newest first."""
    told = [entry for teller in _tellers for entry in teller(session, person)]
    told.reverse()  # of things in one moment, the one told last comes first
    return sorted(told, key=lambda entry: entry.at, reverse=True)[:LONGEST]
