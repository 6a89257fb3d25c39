"""What Twilio's error codes mean to us: whether a text may be tried again, and a sentence for the rep. Twilio says that
codes change, so an unknown one falls into the safe class: final, shown with its number. Knows no message of ours."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Class(StrEnum):
    """What may be done after an error."""

    RETRY = "retry"  # never accepted; try again after a pause
    FINAL = "final"  # never accepted, and would not be next time
    NO_RESEND = "no_resend"  # accepted, did not arrive; the same text would fail again
    RESEND = "resend"  # accepted, did not arrive; a new text later may arrive


@dataclass(frozen=True)
class Meaning:
    """One code: its class, and what the rep reads."""

    kind: Class
    sentence: str


OPTED_OUT = 21610

_MEANINGS = {
    20003: Meaning(Class.FINAL, "Twilio doesn't know the account or its token. Ask whoever runs this to check both."),
    20429: Meaning(Class.RETRY, "Twilio is busy. The text is tried again by itself."),
    21211: Meaning(Class.FINAL, "This isn't a number that texts can go to. Check the digits."),
    21212: Meaning(Class.FINAL, "The sending number isn't a real number. Ask whoever runs this to check it."),
    21408: Meaning(Class.FINAL, "The Twilio account may not text this country. Allow it in Twilio's settings."),
    21602: Meaning(Class.FINAL, "The text is empty. Write something before sending."),
    21603: Meaning(Class.FINAL, "No sending number is set. Ask whoever runs this to set it."),
    21604: Meaning(Class.FINAL, "There is no number to send to. Add one to this person."),
    21606: Meaning(Class.FINAL, "The sending number doesn't belong to the Twilio account, or it can't send texts."),
    21608: Meaning(Class.FINAL, "A Twilio trial account texts verified numbers only. Verify this one, or upgrade."),
    21609: Meaning(Class.FINAL, "Twilio can't use our address. Ask whoever runs this to check PUBLIC_URL."),
    21610: Meaning(Class.FINAL, "This person texted STOP. Only they can change that, by texting START."),
    21611: Meaning(Class.RETRY, "Too many texts are waiting at Twilio. This one is tried again by itself."),
    21612: Meaning(Class.FINAL, "Twilio can't reach this number from ours."),
    21614: Meaning(Class.FINAL, "This number can't get texts. Ask for a mobile number."),
    21617: Meaning(Class.FINAL, "The text is longer than Twilio takes. Make it shorter."),
    30001: Meaning(Class.RESEND, "The text waited too long at Twilio. It may be sent anew."),
    30003: Meaning(Class.RESEND, "The phone couldn't be reached. It may be off or out of range; try again later."),
    30004: Meaning(Class.NO_RESEND, "The phone or its network blocks our texts. Call instead."),
    30005: Meaning(Class.NO_RESEND, "The network doesn't know this number. Check it with the person."),
    30006: Meaning(Class.NO_RESEND, "This is a landline or its network can't take texts. Ask for a mobile number."),
    30007: Meaning(Class.NO_RESEND, "The phone network took it for spam. Change its words before you try again."),
    30008: Meaning(Class.RESEND, "The text got lost on the way, nobody says why. It may be sent anew."),
    30034: Meaning(Class.NO_RESEND, "US networks don't know the sending number yet. Register it at Twilio."),
    30036: Meaning(Class.RESEND, "The text waited longer than it was allowed to. It may be sent anew."),
}


def meaning(code: int | None) -> Meaning:
    """The class and the sentence of a code; one that we don't know is final and shown with its number."""
    known = _MEANINGS.get(code) if code else None
    if known:
        return known
    number = f" (error {code})" if code else ""
    return Meaning(Class.FINAL, f"Twilio refused the text{number}. What it means stands at twilio.com/docs/errors.")
