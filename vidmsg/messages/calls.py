"""A customer who calls the texting number back: she is put through to the organisation that texted her, or hears a
sentence (TwiML, https://www.twilio.com/docs/voice/twiml)."""

from __future__ import annotations

from xml.sax.saxutils import escape

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg.accounts.models import Organisation
from vidmsg.messages.models import Message
from vidmsg.people.models import Person

_HEAD = '<?xml version="1.0" encoding="UTF-8"?>'


def answers_for(session: Session, number: str) -> Organisation | None:
    """Whom this caller knows: who texted last, else who has her number, else the only one there is."""
    texted = sa.select(Message.organisation_id).where(Message.phone == number, Message.tries > 0)
    known = sa.select(Person.organisation_id).where(Person.phone == number).order_by(Person.id)
    found = session.scalar(texted.order_by(Message.changed_at.desc()).limit(1)) or session.scalar(known.limit(1))
    if found is not None:
        return session.get(Organisation, found)
    homes = session.scalars(sa.select(Organisation).limit(2)).all()
    return homes[0] if len(homes) == 1 else None


def twiml(home: Organisation | None, called: str) -> str:
    """What Twilio does with the call. A number that forwards to itself would ring for ever."""
    if home is None or home.phone == called:
        said = _("Thank you for calling. This number only sends texts. Please answer by text.")
        return f"{_HEAD}<Response><Say>{escape(said)}</Say></Response>"
    said = _("One moment, we put you through to %(name)s.", name=home.name)
    return (
        f'{_HEAD}<Response><Say>{escape(said)}</Say><Dial answerOnBridge="true">{escape(home.phone)}</Dial></Response>'
    )
