"""The desk at which a text is written: what it is for, and everything that stands around its form. It only reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import current_app, url_for

from vidmsg.composing import cost
from vidmsg.composing.beginning import Offered, Text
from vidmsg.composing.when_form import WhenForm
from vidmsg.database import db
from vidmsg.messages import compose as composing
from vidmsg.messages import links
from vidmsg.messages.models import Inbound
from vidmsg.messages.when import Clocks, Day
from vidmsg.milestones import occasions
from vidmsg.people import consent, history
from vidmsg.people.models import GRANTED
from vidmsg.sms import segments
from vidmsg.videos import renditions, telling
from vidmsg.videos.models import POSTER, Video

LINK_SAMPLE = "x" * 22  # as long as a token, for counting before there is one


@dataclass(frozen=True)
class Desk:
    """The text to be, the reply that it answers, both clocks, the day that it is for, and what there is to begin with:
    templates, and videos that may go when none is recorded."""

    text: Text
    reply: Inbound | None
    clocks: Clocks
    day: Day | None
    templates: Offered
    library: Sequence[Video]

    @property
    def plans(self) -> bool:
        """Whether this is for a day, and has no video yet."""
        return self.text.occurrence is not None and self.text.video is None


def around(form: WhenForm, desk: Desk) -> dict[str, Any]:
    """Counts, the choices of a moment, the ledger, the video's state."""
    person, video = desk.text.person, desk.text.video
    unusable = video is not None and not composing.is_usable(video)
    tail = " " + links.address(base(), LINK_SAMPLE) if desk.text.speaks else ""
    counted = segments.count((form.data.get("body") or "") + tail)
    latest = consent.current(db.session, person.organisation_id, person.phone) if person.phone else None
    choices = form.choices(desk.clocks, desk.day)
    return {
        "person": person,
        "video": video,
        "reply": desk.reply,
        "occasion": occasions.spoken(desk.text.occurrence) if desk.text.occurrence else "",
        "count": counted,
        "tail": tail,
        "host": base().split("://", 1)[1],
        "single": segments.ALONE[counted.encoding],
        "cents": cost.cents(person.phone, counted.segments),
        "cents_each": cost.CENTS_A_SEGMENT,
        "choices": choices,
        "chosen": form.when.data or choices[0].key,
        "said_where": history.where(latest.source) if latest else "",
        "consent": latest,
        "agreed": latest is not None and latest.action == GRANTED,
        "problems": telling.problems(video) if video else [],
        "poster": poster(video),
        "unusable": unusable,
        "ready": not unusable and not composing.is_on_its_way(video),
    }


def poster(video: Video | None) -> str | None:
    """The address of a video's picture, if there is one."""
    found = renditions.find(db.session, video.id, POSTER) if video else None
    return url_for("videos.play", video_id=found.video_id, kind=POSTER, number=found.number) if found else None


def base() -> str:
    """The public address of this installation."""
    address: str = current_app.config["SETTINGS"].address
    return address
