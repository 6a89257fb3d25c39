"""Today, the rep's first page: who wrote back, one large card, what follows; and what she can do with a card besides
recording: not today, hand it to a colleague, let it be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg import clock
from vidmsg.accounts.models import User
from vidmsg.calendar import done, ideas, known, moving, putting_off, today
from vidmsg.composing import recent
from vidmsg.database import db, writing
from vidmsg.errors import Sentence
from vidmsg.messages import keywords, replies, undecided
from vidmsg.milestones import words
from vidmsg.milestones.models import Occurrence
from vidmsg.people import looking_after
from vidmsg.videos import choosing
from vidmsg.web import access, moments, policy

blueprint = Blueprint("today", __name__)

LATER = 4  # people in the quiet list beside the card
ON_THE_WAY = 4
REPLIES = 6
DECISIONS, FEW_DECISIONS = 30, 4
DAY = dt.timedelta(days=1)


@blueprint.get("/")
@policy.rep
def show() -> ResponseReturnValue:
    """Today; `?card=` puts another of her open days on the large card."""
    return _page(request.args.get("card", type=int))


@blueprint.post("/today/<int:occurrence_id>/later")
@policy.rep
def later(occurrence_id: int) -> ResponseReturnValue:
    """Not today: ask again on `day`. A day after the day itself is asked about once, unless `late` is said with it."""
    row, until = access.get_or_404(Occurrence, occurrence_id), _day("day")
    if until is None:
        return _refused(_("Choose a day that the calendar has."), row.id)
    late_is_fine = "late" in request.form
    try:
        with writing() as session:
            fresh = session.get_one(Occurrence, row.id)
            putting_off.put_off(session, fresh, access.me().id, until, late_is_fine=late_is_fine)
    except putting_off.PastItsDay as reason:
        db.session.expire_all()
        return _page(row.id, past=(str(reason), until)), 422
    except Sentence as reason:
        return _refused(str(reason), row.id)
    flash(_("Not today then. We ask you again on %(day)s.", day=format_date(until, "EEEE d MMMM")))
    return redirect(url_for("today.show"))


@blueprint.post("/today/<int:occurrence_id>/hand")
@policy.rep
def hand(occurrence_id: int) -> ResponseReturnValue:
    """Hand it to a colleague."""
    row, to = access.get_or_404(Occurrence, occurrence_id), request.form.get("to", type=int)
    colleague = db.session.get(User, to) if to else None
    if colleague is None or colleague.organisation_id != row.organisation_id:
        return _refused(_("Choose a colleague."), row.id)
    said = _("%(name)s looks after it now.", name=colleague.first_name)
    me = access.me().id
    return _done(row.id, lambda session, fresh: moving.assign(session, fresh, colleague, me, me), said)


@blueprint.post("/today/<int:occurrence_id>/be")
@policy.rep
def let_be(occurrence_id: int) -> ResponseReturnValue:
    """Nothing will come of a day that is over."""
    row, me = access.get_or_404(Occurrence, occurrence_id), access.me().id
    said = _("We let it be this time.")
    return _done(row.id, lambda session, fresh: putting_off.let_be(session, fresh, me), said)


def next_name() -> str | None:
    """Whom Today would show first now, for the pages that she comes from."""
    following = today.following(db.session, access.me())
    return following.first_name if following else None


def _page(card: int | None, past: tuple[str, dt.date] | None = None) -> str:
    user = access.me()
    now = clock.local(clock.now(), moments.zone())
    due = today.due(db.session, user)
    open_days, unasked = [one for one in due if one.agreed], [one for one in due if not one.agreed]
    open_days.sort(key=lambda one: one.occurrence_id != card)  # the chosen one first, the rest stay in order
    cards = today.cards(db.session, open_days[: LATER + 1])
    waiting = replies.unseen(db.session, user, REPLIES + 1)
    waiting.sort(key=lambda reply: reply.kind != keywords.UNCLEAR)  # those that hold something come first
    decisions = undecided.of_user(db.session, user, DECISIONS)
    undecided_ids = {message.id for message in decisions}
    return render_template(
        "calendar/today.html",
        part=today.part_of_day(now),
        tomorrow=now.date() + DAY,
        today=now.date(),
        total=len(open_days),
        unasked=unasked,
        cards=cards,
        past=past,
        replies=waiting[:REPLIES],
        more_replies=len(waiting) > REPLIES,
        decisions=decisions[:FEW_DECISIONS],
        more_decisions=max(0, len(decisions) - FEW_DECISIONS),
        messages=[sent for sent in recent.for_user(db.session, user, ON_THE_WAY) if sent.id not in undecided_ids],
        takes=len(choosing.waiting(db.session, user.id)) + len(choosing.unsent(db.session, user.id)),
        number=words.number,
        **(_card(cards[0], user) if cards else _end(user, now)),
    )


def _card(card: today.Card, user: User) -> dict[str, Any]:
    """What only the large card has."""
    colleagues = looking_after.colleagues(db.session, card.person.organisation_id, card.person.team_id)
    return {
        "last": known.told(db.session, card.known, user),
        "plan": today.plan(db.session, card.due),
        "colleagues": [colleague for colleague in colleagues if colleague.id != user.id],
    }


def _end(user: User, now: dt.datetime) -> dict[str, Any]:
    """What there is when nobody's day is open."""
    hellos = ideas.hellos(db.session, user, LATER + 1)
    return {
        "hellos": hellos,
        "has_people": bool(hellos) or ideas.has_people(db.session, user),
        "done": done.today(db.session, user, now),
    }


def _done(occurrence_id: int, verb: Callable[[Session, Occurrence], None], said: str) -> ResponseReturnValue:
    try:
        with writing() as session:
            verb(session, session.get_one(Occurrence, occurrence_id))
    except Sentence as reason:
        return _refused(str(reason), occurrence_id)
    flash(said)
    return redirect(url_for("today.show"))


def _refused(reason: str, occurrence_id: int) -> ResponseReturnValue:
    flash(reason, "error")
    return redirect(url_for("today.show", card=occurrence_id))


def _day(name: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(request.form.get(name, ""))
    except ValueError:
        return None
