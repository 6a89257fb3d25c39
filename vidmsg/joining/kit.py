"""The registration kit: what a 10DLC campaign registration asks for, made from the organisation's own settings and
templates and ready to paste. (CTIA Messaging Principles 5.1; Twilio's campaign form wants two to five samples, at
least one with the link and one with how to stop, and refuses what names nobody: errors 30540 to 30544.)"""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy.orm import Session

from vidmsg.accounts.models import Organisation
from vidmsg.composing import beginning, merging, templating
from vidmsg.joining import entering, wording
from vidmsg.messages import keywords, links

MOST_SAMPLES = 5
TOKEN = "7Kf3QxR2mN8pL4sT6vW9yA"  # noqa: S105 - as long as those in real links; it leads nowhere
PERSON, COUNT, AGE = "Maria", 5, 40


@dataclass(frozen=True)
class Part:
    """One field of a registration: what it is called there, and what to paste."""

    title: str
    text: str


def parts(session: Session, home: Organisation, base: str) -> list[Part]:
    """Every field in the order of the form. `base` is the public address, without a slash at its end; the page is
    open."""
    page = f"{base}/join/{home.join_token}"
    return [
        Part(_("Campaign description"), _description(home)),
        Part(_("How people agree"), _flow(home, page)),
        Part(_("The consent words"), wording.consent(home)),
        *(Part(_("Sample message %(number)s", number=n), t) for n, t in enumerate(samples(session, home, base), 1)),
        Part(_("Opt-in message"), wording.confirmation(home)),
        Part(_("Opt-in keywords"), ", ".join(("YES", *keywords.START_WORDS))),
        Part(_("Opt-out keywords"), ", ".join(keywords.STOP_WORDS)),
        Part(_("Answer to STOP"), wording.stopped(home)),
        Part(_("Help keywords"), ", ".join(keywords.HELP_WORDS)),
        Part(_("Answer to HELP"), wording.helped(home)),
        Part(_("Privacy and terms"), f"{page}/privacy"),
    ]


def samples(session: Session, home: Organisation, base: str) -> list[str]:
    """Texts as they leave here, to somebody made up: the first one to a person, which names the organisation and says
    how to stop, then the organisation's own templates; without any, our own words for a later text."""
    sender = entering.manager(session, home)
    name = sender.first_name if sender else "Bob"
    ours = beginning.hello(PERSON, name, home.name)
    bodies = [beginning.with_the_way_out(f"{ours} {beginning.made_you(0)}")]
    bodies += [
        merging.fill(version.body, _values(template.kind, name, home.name))
        for template, version in templating.offered(session, home.id)
    ]
    if len(set(bodies)) == 1:
        bodies.append(f"{ours} {beginning.made_you(30)}")
    return [f"{body} {links.address(base, TOKEN)}" for body in list(dict.fromkeys(bodies))[:MOST_SAMPLES]]


def _values(kind: str | None, sender: str, organisation: str) -> dict[str, str | None]:
    count = AGE if kind == "birthday" else COUNT
    return {
        "first_name": PERSON,
        "years": str(count),
        "ordinal": merging.ordinal(count),
        "occasion": templating.spoken(kind or "customer_since"),
        "rep_first_name": sender,
        "organisation": organisation,
    }


def _description(home: Organisation) -> str:
    words: str = _(
        "%(name)s sends its own customers, who asked for it, a short personal video on days that matter to them "
        "(birthdays, anniversaries with the business, milestones). Each text is written by a named employee, holds "
        "one link to our own domain, and no offers.",
        name=home.name,
    )
    return words


def _flow(home: Organisation, page: str) -> str:
    words: str = _(
        "Customers of %(name)s fill in the form at %(page)s (also as a QR code at our desk): name, mobile number, an "
        "unticked box with the full consent words, and a link to privacy and terms at %(page)s/privacy. We then text "
        "once and send nothing more until they answer YES. STOP ends it at any time.",
        name=home.name,
        page=page,
    )
    return words
