"""What is known of a look at a customer's page. A fetch proves nothing, a robot does it too; opened is a page that
was visible for a while; played is a tap, and only that is told to the rep as watched. Every verb is quiet about
robots, and safe to repeat, to forge and to call out of order: moments are set once and parts only join."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.messages.models import Link
from vidmsg.watching import intervals, shown
from vidmsg.watching.models import Visit

OPENED, PLAYED, PROGRESS = "opened", "played", "progress"
FEELINGS = ("loved", "smiled", "touched", "unsure")
MOST_VISITS = 1000  # a link; somebody who has the link and wants to fill our disk gets no further

Listener = Callable[[Session, Link], None]
_listeners: list[Listener] = []


def on_play(listener: Listener) -> None:
    """Let a feature above hear, in the same transaction, that somebody pressed play on this page for the first time."""
    if listener not in _listeners:
        _listeners.append(listener)


@dataclass(frozen=True)
class Report:
    """What a page said about itself; `page` and `visitor` are random ids, `parts` pairs of seconds."""

    page: str
    visitor: str | None
    event: str
    parts: tuple[tuple[float, float], ...]


def is_robot(user_agent: str) -> bool:
    """Whether this is a program that looks for a preview or for harm: known by name, or without one."""
    if not user_agent.strip():
        return True
    import crawleruseragents  # half a megabyte of patterns that the worker never needs

    return bool(crawleruseragents.is_crawler(user_agent))


def fetched(session: Session, link_id: int, page: str, robot: bool, length_s: float | None) -> None:
    """Note that a page was asked for. Never shown to anybody."""
    if not _full(session, link_id):
        session.add(_new(link_id, page, robot, length_s))


def report(session: Session, link: Link, said: Report, robot: bool) -> None:
    """Note what a page reports of itself."""
    visit = None if robot else _visit(session, link, said.page)
    if visit is None or visit.crawler:
        return
    now = clock.now()
    visit.visitor = visit.visitor or said.visitor
    visit.opened_at = visit.opened_at or now
    if said.event == OPENED:
        return
    if visit.played_at is None:
        visit.played_at = now
        for listener in _listeners:
            listener(session, link)
    length_s = visit.length_s
    if length_s:
        visit.intervals = intervals.merge([*visit.intervals, *said.parts], length_s)
        visit.percent = max(visit.percent, intervals.share(visit.intervals, length_s))


def felt(session: Session, link: Link, page: str, feeling: str, robot: bool) -> None:
    """Note which of the four faces was pressed; the last one counts."""
    visit = None if robot else _visit(session, link, page)
    if visit is None or visit.crawler:
        return
    visit.felt, visit.felt_at = feeling, clock.now()


def _visit(session: Session, link: Link, page: str) -> Visit | None:
    """The visit of this page, locked; made now where noting the fetch failed. None when the link is full."""
    visit = session.execute(
        sa.select(Visit).where(Visit.link_id == link.id, Visit.page_id == page).with_for_update()
    ).scalar_one_or_none()
    if visit is None and not _full(session, link.id):
        playing = shown.playing(session, link)
        visit = _new(link.id, page, False, playing.duration_s if playing else None)
        session.add(visit)
        session.flush()
    return visit


def _new(link_id: int, page: str, robot: bool, length_s: float | None) -> Visit:
    now: dt.datetime = clock.now()
    return Visit(
        link_id=link_id, page_id=page, crawler=robot, fetched_at=now, length_s=length_s, intervals=[], percent=0
    )


def _full(session: Session, link_id: int) -> bool:
    count = session.execute(sa.select(sa.func.count()).select_from(Visit).where(Visit.link_id == link_id)).scalar_one()
    return count >= MOST_VISITS
