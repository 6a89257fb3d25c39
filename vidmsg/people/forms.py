"""What is asked about a person, and how an answer is checked. Errors are sentences for the one typing."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    DateField,
    Field,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.validators import DataRequired, Length, Optional

from vidmsg import phone
from vidmsg.accounts import names, places
from vidmsg.accounts.forms import options
from vidmsg.people import zones
from vidmsg.people.number_form import NumberForm

WHERE = (
    ("in person", _l("In person")),
    ("phone", _l("On the phone")),
    ("paper form", _l("On a paper form")),
    ("web form", _l("On a web form")),
)
TOPIC_WORDS = (
    ("family", _l("Family")),
    ("occupation", _l("Occupation")),
    ("recreation", _l("Recreation")),
    ("dreams", _l("Dreams")),
    ("", _l("Something else")),
)
FROM_NUMBER = ""


def _line(text: str | None) -> str | None:
    return names.clean(text) if text is not None else None


def _lines(text: str | None) -> str | None:
    return names.clean_text(text) if text is not None else None


def _zones() -> list[Any]:
    return options([(FROM_NUMBER, _l("As the number tells")), *places.time_zones()])


class PersonForm(NumberForm):
    """A person: name, number, zone. `country` and `home` (the organisation's zone) are given by the view; after a
    successful check `e164` and `zone` hold what to keep."""

    zone: str = ""

    first_name = StringField(
        _l("First name"),
        filters=[_line],
        validators=[DataRequired(_l("What do you call her or him?")), Length(max=60)],
        render_kw={"autocomplete": "off", "maxlength": 60},
    )
    last_name = StringField(
        _l("Last name"),
        filters=[_line],
        validators=[Length(max=60)],
        render_kw={"autocomplete": "off", "maxlength": 60},
    )
    time_zone = SelectField(_l("Time zone"), choices=_zones, default=FROM_NUMBER)
    company = StringField(
        _l("Company"),
        filters=[_line],
        validators=[Length(max=120)],
        render_kw={"autocomplete": "off", "maxlength": 120, "list": "companies"},
    )
    works_here = BooleanField(_l("A colleague: works here with us"))
    same_number = BooleanField(_l("Yes, they share this number"))

    def __init__(self, *args: Any, country: str, home: str, **kwargs: Any) -> None:
        super().__init__(*args, country=country, **kwargs)
        self.home = home

    def validate_time_zone(self, field: Field) -> None:
        """A chosen zone, or the number's; where the number leaves it open the person at the keyboard decides."""
        if field.data != FROM_NUMBER:
            self.zone = field.data
            return
        number = self.e164 or _readable(self.phone.data, self.country)
        found = zones.of_number(number) if number else None
        if found:
            self.zone = found
        elif number:
            field.data = zones.likely(number, self.home)
            raise ValidationError(
                _("This number does not tell where it lives. Is it %(city)s time?", city=places.city(field.data))
            )


class ConsentForm(FlaskForm):  # type: ignore[misc]
    """What was said about texts, and where."""

    words = TextAreaField(
        _l("The words"),
        filters=[_lines],
        validators=[DataRequired(_l("Write down what you asked or what was signed.")), Length(max=2000)],
        render_kw={"rows": 4, "maxlength": 2000},
    )
    source = SelectField(_l("Where"), choices=options(WHERE))


class NewPersonForm(PersonForm):
    """A new person, with the consent on the same page."""

    agreed = BooleanField(_l("Said yes to texts"))
    words = TextAreaField(
        _l("The words that were said or signed"),
        filters=[_lines],
        validators=[Length(max=2000)],
        render_kw={"rows": 4, "maxlength": 2000},
    )
    source = SelectField(_l("Where"), choices=options(WHERE))

    def validate_words(self, field: Field) -> None:
        """A tick without words proves nothing."""
        if self.agreed.data and not field.data:
            raise ValidationError(_("Write down what you asked or what was signed."))


class CompanyForm(FlaskForm):  # type: ignore[misc]
    """A company's name."""

    company = StringField(
        _l("Name"),
        filters=[_line],
        validators=[DataRequired(_l("What is the company called?")), Length(max=120)],
        render_kw={"autocomplete": "off", "maxlength": 120},
    )


class NoteForm(FlaskForm):  # type: ignore[misc]
    """Something a person told us."""

    text = TextAreaField(
        _l("What did you learn?"),
        filters=[_lines],
        validators=[DataRequired(_l("Write it down first.")), Length(max=1000)],
        render_kw={"rows": 3, "maxlength": 1000},
    )
    topic = RadioField(_l("About"), choices=options(TOPIC_WORDS), default="")


class PauseForm(FlaskForm):  # type: ignore[misc]
    """A pause: until a day or until lifted."""

    until = DateField(_l("Until, if you know"), validators=[Optional()])
    reason = StringField(
        _l("Why, for your team"), filters=[_line], validators=[Length(max=200)], render_kw={"maxlength": 200}
    )


class PlainForm(FlaskForm):  # type: ignore[misc]
    """Only a button: nothing but the protection against forged requests."""


def _readable(text: str | None, country: str) -> str | None:
    try:
        return phone.parse(text or "", country)
    except phone.WrongNumber:
        return None
