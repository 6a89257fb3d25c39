"""The waking hours of an organisation, as its settings have them: never outside of them does a text leave."""

from __future__ import annotations

from vidmsg.accounts.models import Organisation
from vidmsg.messages import window
from vidmsg.messages.window import Hours


def of(organisation: Organisation | None) -> Hours:
    """The organisation's hours; the default ones where there is none, or where its own are never open."""
    if organisation is None or not 0 <= organisation.opens < organisation.closes <= window.MIDNIGHT:
        return window.DEFAULT
    return Hours(organisation.opens, organisation.closes, organisation.opens_sunday)
