"""Every sentence that networks, lawyers and customers read of an organisation's texts, made from its settings, so that
the page, the confirmation and the registration never say different things. (CTIA Messaging Principles 5.1;
Twilio's 10DLC campaign form, errors 30540 to 30544.)"""

from __future__ import annotations

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
    """The first text: who, what, how often, how to agree, how to stop."""
    words = _(
        "%(name)s: you asked for personal video texts, a few a year. Reply YES to get them, HELP for help, STOP to opt "
        "out. Msg & data rates may apply.",
        name=home.name,
    )
    return str(words)


def stopped(home: Organisation) -> str:
    """The answer to STOP, for the account at Twilio."""
    return str(_("%(name)s: you will get no more texts from us. Reply START to come back.", name=home.name))


def helped(home: Organisation) -> str:
    """The answer to HELP, for the account at Twilio."""
    words = _(
        "%(name)s: personal video texts, a few a year. Call %(phone)s for help. Reply STOP to opt out. Msg & data "
        "rates may apply.",
        name=home.name,
        phone=phone.pretty(home.phone, home.country),
    )
    return str(words)


def privacy(home: Organisation) -> list[str]:
    """The public privacy and terms page, a paragraph each."""
    number = phone.pretty(home.phone, home.country).replace(" ", "\N{NO-BREAK SPACE}")
    return [
        str(_("%(name)s keeps your name, your mobile number and the days you told us, to send you personal video "
              "texts on them. Nothing else is done with them.", name=home.name)),
        str(_("Your number and your consent are not sold, rented or shared with anybody for their marketing.")),
        str(_("You get about one to four texts a year for each day you told us. Message and data rates may apply. "
              "Carriers are not liable for delayed or undelivered texts.")),
        str(_("Answer STOP to end it at once, HELP for help, or call %(phone)s. Ask us, and we delete what we "
              "keep of you.", phone=number)),
    ]  # fmt: skip
