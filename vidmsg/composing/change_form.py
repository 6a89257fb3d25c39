"""The form by which a message is changed on its page: its words, its moment, what happens when no video comes; one of
them, or several at once."""

from __future__ import annotations

from typing import Self

from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, StringField, TextAreaField

from vidmsg import clock
from vidmsg.composing import beginning
from vidmsg.composing.when_form import WhenForm
from vidmsg.messages import leaving, states
from vidmsg.messages.models import Message


class ChangeForm(WhenForm):
    """`seen` is the version that the person looked at. An empty `when` leaves the moment as it is."""

    body = TextAreaField(_l("The text"))
    words = TextAreaField(_l("On the page, in large letters"))
    no_video = StringField()
    fallback = StringField()
    seen = HiddenField()

    @classmethod
    def of(cls, message: Message) -> Self:
        """The message as it is; one whose day is over with a kind word about that."""
        made = cls(formdata=None)
        made.body.data = message.body
        now = clock.now()
        if message.state == states.MISSED or leaving.is_late(message, now):
            goes_on = clock.local(leaving.opening(message, now), message.person.time_zone).date()
            made.body.data = beginning.make_good(message.body, message.send_on, goes_on)
        made.words.data, made.seen.data = message.words, str(message.version)
        made.no_video.data, made.fallback.data = message.no_video, message.fallback_video_id
        return made

    def over(self, message: Message) -> Self:
        """This form as it came back, with the message's own where it said nothing."""
        own = self.of(message)
        for name in ("body", "words", "no_video", "fallback"):
            if self[name].data is None:
                self[name].data = own[name].data
        return self

    def beside(self, code: str) -> Field:
        """The field at which somebody reads why that can't be, by CannotSend's code."""
        if code == "words_too_long":
            return self.words
        ways = code == "fallback" or (code == "no_video" and self.no_video.data and self.body.data is None)
        return self.no_video if ways else self.body

    @property
    def version(self) -> int | None:
        """The version that was seen; None, which fits none, for what is no number."""
        seen = self.seen.data or ""
        return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None
