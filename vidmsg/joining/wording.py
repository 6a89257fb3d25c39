"""Every sentence that networks, lawyers and customers read of an organisation's texts, made from its settings, so that
the page, the confirmation and the registration never say different things. (CTIA Messaging Principles 5.1;
Twilio's 10DLC campaign form, errors 30540 to 30544.)"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _

from vidmsg import phone
from vidmsg.accounts.models import Organisation


def consent(home: Organisation) -> str:
    """The words beside the tick; what is kept in the ledger, letter by letter."""
    words = _(
        "I agree to get short personal video texts from %(name)s on days that matter to me, about one to four a year "
        "for each such day, at the number above. Agreeing is not a condition of buying anything. Message and data "
        "rates may apply. I can answer STOP at any time to end it, or HELP for help.",
        name=home.name,
    )
    return str(words)


def confirmation(home: Organisation) -> str:
    """The first text: who, what, how to agree, how to stop."""
    words = _(
        "%(name)s: you asked for personal video texts. Reply YES to get them. "
        "Reply HELP for help, STOP to opt out. Msg & data rates may apply.",
        name=home.name,
    )
    return str(words)


def stopped(home: Organisation) -> str:
    """The answer to STOP, for the account at Twilio."""
    return str(_("%(name)s: you will get no more texts from us. Reply START to come back.", name=home.name))


def helped(home: Organisation) -> str:
    """The answer to HELP, for the account at Twilio."""
    words = _(
        "%(name)s: personal video texts from people who know you. Call %(phone)s for help. Reply STOP to opt out.",
        name=home.name,
        phone=phone.pretty(home.phone, home.country),
    )
    return str(words)


@dataclass(frozen=True)
class Part:
    """One field of a registration: what it is called there, and what to paste."""

    title: str
    text: str


def kit(home: Organisation, page: str, privacy: str) -> list[Part]:
    """What a 10DLC campaign registration asks for. `page` and `privacy` are public addresses."""
    described = _(
        "%(name)s sends its own customers, who asked for it, a short personal video on days that matter to them "
        "(birthdays, anniversaries with the business, milestones). Each text is written by a named employee, holds "
        "one link to our own domain, and no offers.",
        name=home.name,
    )
    flow = _(
        "Customers fill in the form at %(page)s (also as a QR code at our desk): name, mobile number, an unticked box "
        "with the full consent words. We then text once and send nothing more until they answer YES.",
        page=page,
    )
    samples = _(
        "Hi Maria, it's Bob from %(name)s. Five years today! I made you a short video. Reply STOP to opt out. "
        "%(host)s/v/7Kf3QxR2",
        name=home.name,
        host=page.split("/join/", maxsplit=1)[0],
    )
    return [
        Part(str(_("Campaign description")), str(described)),
        Part(str(_("How people agree")), str(flow)),
        Part(str(_("The consent words")), consent(home)),
        Part(str(_("Sample message")), str(samples)),
        Part(str(_("Confirmation")), confirmation(home)),
        Part(str(_("Answer to STOP")), stopped(home)),
        Part(str(_("Answer to HELP")), helped(home)),
        Part(str(_("Privacy and terms")), privacy),
    ]


def privacy(home: Organisation) -> list[str]:
    """The public privacy and terms page, a paragraph each."""
    number = phone.pretty(home.phone, home.country)
    return [
        str(_("%(name)s keeps your name, your mobile number and the days you told us, to send you personal video "
              "texts on them. Nothing else is done with them.", name=home.name)),
        str(_("Your number and your consent are not sold, rented or shared with anybody for their marketing.")),
        str(_("You get about one to four texts a year for each day you told us. Message and data rates may apply. "
              "Carriers are not liable for delayed or undelivered texts.")),
        str(_("Answer STOP to end it at once, HELP for help, or call %(phone)s. Ask us, and we delete what we "
              "keep of you.", phone=number)),
    ]  # fmt: skip
