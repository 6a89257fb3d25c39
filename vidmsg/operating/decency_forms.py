"""What is asked on the page of decency, and how an answer is checked: hours that never open are refused, hours that the
law does not know want one more tick, and a list of countries without any is none."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, SelectField, SelectMultipleField, ValidationError
from wtforms.validators import InputRequired, NumberRange

from vidmsg.accounts import places
from vidmsg.accounts.forms import Whole, options
from vidmsg.accounts.models import Organisation
from vidmsg.messages.window import MIDNIGHT, Hours
from vidmsg.operating import decency

MOST_A_PERSON, MOST_A_DAY, MOST_COUNTRIES = 20, 100_000, 150
A_PERSON = _l("Between 1 and 20.")
A_DAY = _l("Between 1 and 100,000.")


class DecencyForm(FlaskForm):  # type: ignore[misc]
    """An organisation's hours, countries and limits."""

    opens = SelectField(_l("From"), coerce=int, choices=lambda: _hours(0, MIDNIGHT - 1))
    closes = SelectField(_l("Until"), coerce=int, choices=lambda: _hours(1, MIDNIGHT))
    opens_sunday = SelectField(
        _l("Sundays from"),
        coerce=int,
        choices=lambda: [*_hours(0, MIDNIGHT - 1), *options([(decency.NEVER, _l("Never"))])],
    )
    sure = BooleanField(_l("Keep these hours all the same"))
    countries = SelectMultipleField(_l("Texts go to"), choices=lambda: options(places.countries()))
    another = SelectField(
        _l("Add a country"), choices=lambda: options([("", _l("Choose one")), *places.countries()]), default=""
    )
    person_daily_cap = Whole(
        _l("To one person, in a day"),
        A_PERSON,
        validators=[InputRequired(A_PERSON), NumberRange(1, MOST_A_PERSON, A_PERSON)],
    )
    daily_cap = Whole(
        _l("From all of you, in a day"), A_DAY, validators=[InputRequired(A_DAY), NumberRange(1, MOST_A_DAY, A_DAY)]
    )
    approval = BooleanField(_l("A manager says yes before a rep's text leaves"))

    @classmethod
    def of(cls, home: Organisation) -> DecencyForm:
        """The form as it stands for this organisation."""
        kept: dict[str, Any] = {name: getattr(home, name) for name in decency.FIELDS if name != "allowed_countries"}
        kept["countries"] = sorted(decency.countries(home))
        if home.opens_sunday >= home.closes:
            kept["opens_sunday"] = decency.NEVER
        return cls(data=kept)

    @property
    def hours(self) -> Hours | None:
        """The hours that are chosen; None while one is missing."""
        chosen = (self.opens.data, self.closes.data, self.opens_sunday.data)
        return Hours(*chosen) if all(isinstance(hour, int) for hour in chosen) else None

    @property
    def chosen(self) -> set[str]:
        """The countries that are ticked, and the one that is added."""
        return {code for code in (*(self.countries.data or ()), self.another.data) if code}

    def validate_closes(self, field: Field) -> None:
        """A day that closes before it opens has no hour at all."""
        if isinstance(field.data, int) and isinstance(self.opens.data, int) and field.data <= self.opens.data:
            raise ValidationError(_("That is before it opens. Choose a later hour, or open earlier."))

    def validate_opens_sunday(self, field: Field) -> None:
        """A Sunday may stay shut, but only if somebody says so."""
        if self.hours and self.closes.data <= field.data < decency.NEVER:
            raise ValidationError(_("By then it is closed. Choose an earlier hour, or “Never”."))

    def validate_sure(self, field: Field) -> None:
        """Hours beyond the rules are hers to choose, once she has read them."""
        if self.hours and decency.are_bold(self.hours) and not field.data:
            raise ValidationError(_("Read this first. Then tick it, or choose hours within 8 and 21."))

    def validate_countries(self, _field: Field) -> None:
        """Somewhere, and no more than the list can hold."""
        if not self.chosen:
            raise ValidationError(_("Leave at least one country, or nobody can be texted."))
        if len(self.chosen) > MOST_COUNTRIES:
            raise ValidationError(_("That is nearly the whole world. Leave up to %(most)s.", most=MOST_COUNTRIES))

    def values(self, home: Organisation) -> dict[str, Any]:
        """What is written to the organisation."""
        given = {name: self[name].data for name in decency.FIELDS if name != "allowed_countries"}
        return {**given, "allowed_countries": decency.as_list(home, self.chosen)}


def _hours(first: int, last: int) -> list[Any]:
    return options([(hour, f"{hour}:00") for hour in range(first, last + 1)])
