"""The page on which a manager sees how it all runs: workers, queues, what waits for whom; and the buttons on it. It
keeps itself true by short polling while somebody looks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext

from vidmsg import clock
from vidmsg.composing import decide_views
from vidmsg.database import db, writing
from vidmsg.jobs import jobs
from vidmsg.messages import deciding, leaving, planned, states
from vidmsg.messages.models import Message
from vidmsg.operating import lateness, queues, troubles
from vidmsg.operating.lateness import Circumstances
from vidmsg.sms import codes
from vidmsg.videos import choosing, finishing
from vidmsg.videos.models import Video
from vidmsg.web import access, policy, polling

operating = Blueprint("operating", __name__, url_prefix="/operating")

MINUTE_S = 60
LETS_GO = frozenset({"release", "again"})  # past its day only on its own page, where its words are looked at


@dataclass(frozen=True)
class Now:
    """What the page says of this moment."""

    circumstances: Circumstances
    loads: list[queues.Load]
    counts: dict[str, int]


@dataclass(frozen=True)
class Row:
    """One message in the list: why it is there, and the buttons under it as (choice, words). `over`: its day is, so
    that its own page is where it is let go."""

    message: Message
    why: str
    code: int | None
    acts: list[tuple[str, str]]
    over: bool


@operating.get("")
@policy.manager
def show() -> ResponseReturnValue:
    """Everything at a glance, and one kind of trouble in full."""
    now = _now()
    kind = request.args.get("kind") or next((kind for kind in troubles.STATES if now.counts[kind]), troubles.LATE)
    if kind not in troubles.STATES:
        abort(404)
    pages = max(1, -(-now.counts[kind] // troubles.PAGE))
    number = min(max(request.args.get("page", 1, int), 1), pages)
    return render_template(
        "operating/show.html",
        **_parts(now),
        counts=now.counts,
        kind=kind,
        words=_words(),
        hints=_hints(),
        rows=_rows(kind, number, now.circumstances),
        videos=_videos(number) if kind == troubles.VIDEOS else (),
        page=number,
        pages=pages,
    )


@operating.get("/state")
@policy.manager
def state() -> Response:
    """The parts of the page that change by themselves."""
    parts = _parts(_now())
    names = {"says": "_says.html", "workers": "_workers.html", "queues": "_queues.html"}
    return polling.answer({name: render_template(f"operating/{file}", **parts) for name, file in names.items()})


@operating.post("/messages/<message_id>")
@policy.manager
def decide(message_id: str) -> ResponseReturnValue:
    """One of the buttons under a message; then back to the list."""
    message = access.get_or_404(Message, message_id)
    choice = request.form.get("choice", "")
    looks = choice in LETS_GO and leaving.is_over(message, clock.now())
    late = decide_views.take(message, choice)
    if late:
        flash(late, "error")
    elif not looks:
        flash(_("Done for %(name)s.", name=message.person.first_name))
    return redirect(url_for("messages.show", message_id=message.id)) if looks else _back()


@operating.post("/videos/<video_id>")
@policy.manager
def try_again(video_id: str) -> ResponseReturnValue:
    """Prepare a video once more."""
    video = access.get_or_404(Video, video_id)
    try:
        with writing() as session:
            woken = choosing.try_again(session, video.id)
    except choosing.NotNow as error:
        flash(str(error), "error")
    else:
        finishing.wake(woken)
        flash(_("It is being prepared once more."))
    return _back()


def _now() -> Now:
    walls = {"messages": access.visible(Message), "videos": access.visible(Video)}
    return Now(
        lateness.circumstances(db.session), queues.look(db.session, jobs()), troubles.counts(db.session, **walls)
    )


def _parts(now: Now) -> dict[str, Any]:
    """What the parts that change by themselves are made of."""
    moment = clock.now()
    workers = [(worker, _seen(moment, worker.seen_at)) for worker in now.circumstances.workers]
    return {
        "heading": _heading(now),
        "frozen": now.circumstances.frozen,
        "is_served": now.circumstances.is_served,
        "workers": workers,
        "loads": now.loads,
        "queue_words": {
            "live": _("Takes being recorded"),
            "prepare": _("Videos to prepare"),
            "sms": _("Texts"),
        },
    }


def _heading(now: Now) -> str:
    """The page's first words: how it is."""
    if now.circumstances.frozen:
        return str(_("Sending is paused"))
    if not now.circumstances.is_served:
        return str(_("Nothing goes out"))
    waiting = sum(now.counts[kind] for kind in troubles.FOR_A_PERSON)
    if waiting:
        return str(ngettext("%(num)s thing waits for you", "%(num)s things wait for you", waiting))
    if now.counts[troubles.LATE]:
        return str(_("Some texts are late"))
    return str(_("All goes its way"))


def _rows(kind: str, number: int, circumstances: Circumstances) -> list[Row]:
    if kind == troubles.VIDEOS:
        return []
    found = troubles.page(db.session, kind, number, access.visible(Message))
    now = clock.now()
    return [Row(one, _why(one, circumstances), _code(one), _acts(one), leaving.is_late(one, now)) for one in found]


def _why(message: Message, circumstances: Circumstances) -> str:
    match message.state:
        case states.SCHEDULED:
            return lateness.why(message, circumstances)
        case states.UNKNOWN:
            return str(_("The line broke while it left. It is looked for in Twilio's list, for some minutes."))
        case states.UNCONFIRMED:
            unsure = _("We are not sure this one arrived. Ask, or look at the phone, then decide.")
            return message.reason or str(unsure)
        case _:
            return message.reason or codes.meaning(message.error_code).sentence


def _code(message: Message) -> int | None:
    return message.error_code if message.state in troubles.STATES[states.FAILED] else None


def _acts(message: Message) -> list[tuple[str, str]]:
    if message.state == states.UNCONFIRMED:
        over = leaving.is_over(message, clock.now())
        return [("arrived", _("It arrived")), ("again", _("Look, then send again") if over else _("Send again"))]
    may_go = message.state in deciding.RELEASABLE and not leaving.is_late(message, clock.now())
    waits_on = may_go and planned.waits_on(db.session, message)
    acts = [("release", _("Let it wait for its video") if waits_on else _("Send it"))] if may_go else []
    return [*acts, ("cancel", _("Don't send"))] if message.state in deciding.CANCELABLE else acts


def _videos(number: int) -> list[tuple[Video, bool]]:
    """Each with whether it can be tried again."""
    found = troubles.videos(db.session, number, access.visible(Video))
    triable = choosing.triable(db.session, [video.id for video in found])
    return [(video, video.id in triable) for video in found]


def _seen(now: dt.datetime, seen_at: dt.datetime) -> str:
    seconds = max(0, round((now - seen_at).total_seconds()))
    if seconds < MINUTE_S:
        return str(_("seen %(n)s s ago", n=seconds))
    return str(ngettext("silent for a minute", "silent for %(num)s minutes", seconds // MINUTE_S))


def _back() -> ResponseReturnValue:
    kind, page = request.form.get("kind", ""), request.form.get("page", 1, int)
    return redirect(url_for("operating.show", kind=kind if kind in troubles.STATES else None, page=page))


def _words() -> dict[str, str]:
    return {
        states.UNCONFIRMED: _("Look, then decide"),
        states.HELD: _("Wait for you"),
        states.MISSED: _("Missed"),
        troubles.LATE: _("Late"),
        troubles.VIDEOS: _("Videos that failed"),
        states.FAILED: _("Didn't arrive"),
        states.UNKNOWN: _("Not sure yet"),
    }


def _hints() -> dict[str, str]:
    """What each kind means, and what may be done."""
    return {
        states.UNCONFIRMED: _("Twilio lists them nowhere, yet they may have left. Nothing is sent twice by itself."),
        states.HELD: _("Each says why. What you let go is asked once more on its way out."),
        states.MISSED: _("Their day passed. Nothing goes late by itself."),
        troubles.LATE: _("Due for over a minute and not taken up yet."),
        troubles.VIDEOS: _("Their bytes are kept. Often a second try is all they need."),
        states.FAILED: _("Of the last 30 days. They are never sent again by themselves; write anew where it helps."),
        states.UNKNOWN: _("They settle by themselves, or move to “Look, then decide”."),
    }
