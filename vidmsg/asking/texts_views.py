"""A rep's own page about texts that ask her to record: on with her number, her hours and her yes, and off again."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField

from vidmsg import phone
from vidmsg.accounts.forms import options
from vidmsg.accounts.models import User
from vidmsg.asking import texting
from vidmsg.database import db, writing
from vidmsg.messages import hours, sooner
from vidmsg.people import confirming, consent, ourselves
from vidmsg.people.forms import PlainForm
from vidmsg.people.number_form import AgreeingForm
from vidmsg.people.ourselves import Choice
from vidmsg.web import policy
from vidmsg.web.access import me

texts = Blueprint("texts", __name__)

EARLIEST, LATEST = range(7, 13), range(15, 22)  # by nobody's choice does a text come at night


def _hours(which: range) -> list[Any]:
    return options([(hour, f"{hour}:00") for hour in which])


class TextsForm(AgreeingForm):
    """Her number, her hours, her yes."""

    opens = SelectField(_l("Not before"), choices=_hours(EARLIEST), coerce=int)
    closes = SelectField(_l("Not after"), choices=_hours(LATEST), coerce=int)


@texts.route("/account/texts", methods=["GET", "POST"])
@policy.rep
def show() -> ResponseReturnValue:
    """Turn them on, or change number and hours."""
    form = _form(me())
    if form.validate_on_submit() and _agreed(form):
        flash(_("Kept. Your hours hold for every text to you."))
        return redirect(url_for("texts.show"))
    return _page(form), 422 if form.is_submitted() else 200


@texts.post("/account/texts/off")
@policy.rep
def off() -> ResponseReturnValue:
    """No more of them."""
    with writing() as session:
        ourselves.end(session, session.get_one(User, me().id))
    flash(_("Off. You find your days on Today."))
    return redirect(url_for("texts.show"))


def _form(user: User) -> TextsForm:
    person, home = ourselves.row_of(db.session, user.id), me().organisation
    kept = hours.of(home, person)
    return TextsForm(
        country=home.country,
        phone=phone.pretty(person.phone, home.country) if person and person.phone else "",
        opens=min(max(kept.opens, EARLIEST[0]), EARLIEST[-1]),
        closes=min(max(kept.closes, LATEST[0]), LATEST[-1]),
        agreed=user.text_to_record,
    )


def _agreed(form: TextsForm) -> bool:
    choice = Choice(form.e164, form.opens.data, form.closes.data)
    try:
        with writing() as session:
            user = session.get_one(User, me().id)
            person = ourselves.agree(session, user, choice)
            texting.ask_for_yes(session, user)
    except ourselves.Taken as reason:
        form.phone.errors = [str(reason)]
    except consent.Stopped:
        form.phone.errors = [_("This number asked us by text to stop. Text START from it first, then come back.")]
    else:
        sooner.bring(person.organisation_id, person.id)
        return True
    return False


def _page(form: TextsForm) -> str:
    user, home = me(), me().organisation
    person = ourselves.row_of(db.session, user.id)
    stopped = bool(person and person.phone and consent.asked_to_stop(db.session, home.id, person.phone))
    number = person.phone if person and user.text_to_record and not stopped else None
    return render_template(
        "asking/texts.html",
        waiting=number if person and not confirming.is_confirmed(db.session, person.id, number) else None,
        form=form,
        plain=PlainForm(),
        words=ourselves.words(home.name),
        on=user.text_to_record and not stopped,
        stopped=stopped and user.text_to_record,
    )
