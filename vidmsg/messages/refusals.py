"""Twilio's error codes as sentences for the rep: what happened, then what to do. Codes change (they did in July
2024), so an unknown one has a safe sentence too, and no decision hangs on this table. Source: twilio.com/docs/api/errors."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

SENTENCES = {
    21211: _l("Twilio says that this is not a phone number. Check it with the person."),
    21408: _l("The Twilio account may not text this country yet. A manager can allow it in Twilio's console."),
    21602: _l("The text was empty. Write a few words."),
    21610: _l("This number asked us to stop. Its texts are off."),
    21611: _l("Twilio's queue for our number is full. Wait a while."),
    21612: _l("Our number can't text this one. Ask for another number."),
    21614: _l("This is not a mobile number. Ask for one that gets texts."),
    21617: _l("The text is too long. Make it shorter."),
    30001: _l("The text waited too long in Twilio's queue. It may be sent anew."),
    30003: _l("The phone was off or out of reach. It may be sent anew later."),
    30004: _l("The phone blocks our texts. Call instead."),
    30005: _l("This number is no longer in use. Ask for the new one."),
    30006: _l("This is a landline, or its carrier takes no texts. Ask for a mobile number."),
    30007: _l("The carrier took it for spam. Write it more like yourself, and ask a manager to look at the registration."),
    30008: _l("The carrier did not say why. It may be sent anew later."),
    30034: _l("Our number is not registered for texts in the United States yet. Ask a manager."),
    30036: _l("The text was not delivered within its time, so that it could not arrive at night."),
}


def sentence(code: int | None) -> str:
    """Why it did not arrive, for a person to read."""
    if code is None:
        return _("The carrier did not deliver it, and did not say why.")
    known = SENTENCES.get(code)
    return str(known) if known else _("Twilio gave the reason %(code)s. A manager can look it up in Twilio's console.", code=code)
