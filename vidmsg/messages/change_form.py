"""The form by which a message is changed on its page: its words, its moment, or both at once."""

from __future__ import annotations

from typing import Self

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField

from vidmsg.messages import beginning, states
from vidmsg.messages.models import Message
from vidmsg.messages.when_form import WhenForm


class ChangeForm(WhenForm):
    """`seen` is the version that the person looked at. An empty `when` leaves the moment as it is."""

    body = TextAreaField(_l("The text"))
    words = TextAreaField(_l("On the page, in large letters"))
    seen = HiddenField()

    @classmethod
    def of(cls, message: Message) -> Self:
        """The message as it is; one that missed its day with a kind word about that."""
        made = cls(formdata=None)
        made.body.data = message.body
        if message.state == states.MISSED:
            made.body.data = beginning.make_good(message.body, message.send_on, message.person.time_zone)
        made.words.data, made.seen.data = message.words, str(message.version)
        return made

    def over(self, message: Message) -> Self:
        """This form as it came back, with the message's own where it said nothing."""
        own = self.of(message)
        for name in ("body", "words"):
            if self[name].data is None:
                self[name].data = own[name].data
        return self

    @property
    def version(self) -> int | None:
        """The version that was seen; None, which fits none, for what is no number."""
        seen = self.seen.data or ""
        return int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else None
