"""What is asked about a date, and how an answer is checked: days that no calendar has are refused with a sentence, an
unknown year is fine, 29 February too. One form for all kinds; it keeps the questions that its kind needs."""

from __future__ import annotations

import datetime as dt
from typing import Any

from babel.dates import get_month_names
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, DateField, Field, SelectField, StringField, TimeField, ValidationError
from wtforms.validators import DataRequired, InputRequired, Length, NumberRange, Optional

from vidmsg.accounts import names, places
from vidmsg.accounts.forms import Whole, options
from vidmsg.milestones import kinds, rules
from vidmsg.milestones.cycles import MONTHS, WEEKS
from vidmsg.milestones.keeping import Details

OLDEST, LATEST = 1900, 2200
AS_EVERYWHERE = ""
ASKS = {
    kinds.YEARLY: {"month", "day", "year", "leap"},
    kinds.ONCE: {"title", "on_date"},
    kinds.EVERY: {"on_date", "step", "unit"},
    kinds.REACHED: {"title", "target", "on_date"},
}
ALWAYS = {"weekend", "lead_days", "send_at", "send_zone", "no_video", "of_company", "csrf_token"}
LEAP = ((rules.FEB_28, _l("On 28 February")), (rules.MAR_1, _l("On 1 March")))
WEEKEND = (
    (rules.ON_THE_DAY, _l("On the day itself")),
    (rules.BEFORE, _l("On the working day before")),
    (rules.AFTER, _l("On the working day after")),
)
ZONE = ((rules.THEIRS, _l("Their clock")), (rules.OURS, _l("Our clock")))
LEAD = _l("Between 0 and 30 days.")
YEAR = _l("Write the year with four digits.")
STEP = _l("Between 1 and 120.")
COUNT = _l("A whole number from 1 on.")
NO_VIDEO = (
    ("ask", _l("Ask what to do")),
    ("text", _l("Send the words alone")),
    ("video", _l("Send a video from the library")),
)


def _line(text: str | None) -> str | None:
    return names.clean(text) if text is not None else None


def _own(pairs: tuple[tuple[str, Any], ...]) -> list[Any]:
    return options([(AS_EVERYWHERE, _l("As everywhere")), *pairs])


def _months() -> list[Any]:
    return options([(number, word) for number, word in get_month_names("wide", locale="en").items()])


class _Clock(TimeField):
    """A time of day."""

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Whatever is no time is refused in our words."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(_("Write a time, like 9:10.")) from None


class RulesForm(FlaskForm):  # type: ignore[misc]
    """The organisation's rules for all dates."""

    leap = SelectField(_l("29 February, in other years"), choices=options(LEAP))
    weekend = SelectField(_l("On weekends and holidays"), choices=options(WEEKEND))
    holidays = SelectField(_l("Public holidays of"), choices=lambda: _countries())
    lead_days = Whole(
        _l("Days before, to record"), LEAD, validators=[InputRequired(LEAD), NumberRange(0, rules.LONGEST_LEAD, LEAD)]
    )
    send_at = _Clock(_l("Texts leave at"), validators=[InputRequired(_l("Write a time, like 9:10."))])
    send_zone = SelectField(_l("By whose clock"), choices=options(ZONE))
    no_video = SelectField(_l("If nobody recorded in time"), choices=options(NO_VIDEO))


class DateForm(FlaskForm):  # type: ignore[misc]
    """One date of one person, of the kind `kind`."""

    title = StringField(_l("What is it?"), filters=[_line], validators=[Length(max=120)], render_kw={"maxlength": 120})
    month = SelectField(_l("Month"), choices=_months, coerce=int)
    day = Whole(_l("Day"), _l("Which day of the month?"), validators=[InputRequired(_l("Which day of the month?"))])
    year = Whole(_l("Year, if you know it"), YEAR, validators=[Optional(), NumberRange(OLDEST, LATEST, YEAR)])
    on_date = DateField(_l("Day"), validators=[DataRequired(_l("Choose a day that the calendar has."))])
    step = Whole(_l("Every"), STEP, validators=[InputRequired(STEP), NumberRange(1, 120, STEP)])
    unit = SelectField(
        _l("Weeks or months"), choices=options([(WEEKS, _l("weeks")), (MONTHS, _l("months"))]), default=WEEKS
    )
    target = Whole(_l("How many"), COUNT, validators=[InputRequired(COUNT), NumberRange(1, 1_000_000, COUNT)])
    of_company = BooleanField(_l("It is the company's"))
    leap = SelectField(_l("In years without 29 February"), choices=_own(LEAP), default=AS_EVERYWHERE)
    weekend = SelectField(_l("On weekends and holidays"), choices=_own(WEEKEND), default=AS_EVERYWHERE)
    lead_days = Whole(
        _l("Days before, to record"), LEAD, validators=[Optional(), NumberRange(0, rules.LONGEST_LEAD, LEAD)]
    )
    send_at = _Clock(_l("The text leaves at"), validators=[Optional()])
    send_zone = SelectField(_l("By whose clock"), choices=_own(ZONE), default=AS_EVERYWHERE)
    no_video = SelectField(_l("If nobody recorded in time"), choices=_own(NO_VIDEO), default=AS_EVERYWHERE)

    def __init__(self, *args: Any, kind: kinds.Kind, today: dt.date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind, self.today = kind, today
        asked = ASKS[kind.comes] | ALWAYS | ({"title"} if kind.key == "contract" else set())
        for name in list(self._fields):
            if name not in asked:
                del self[name]
        if kind.key == "count":
            self.title.label.text = _("Of what?")
        elif kind.comes == kinds.EVERY:
            self.on_date.label.text = _("From")

    def validate_title(self, field: Field) -> None:
        """A one-off says nothing without its name."""
        if self.kind.comes == kinds.ONCE and not field.data:
            raise ValidationError(_("Name the day, so that everybody knows what it is: “Graduation”."))

    def validate_day(self, field: Field) -> None:
        """Months end where they end; 29 February is a day, in a leap year or where the year is unknown."""
        month, year = self.month.data, self.year.data
        if not isinstance(month, int):
            raise ValidationError(_("Choose the month first."))
        try:
            dt.date(year if year and OLDEST <= year <= LATEST else 2000, month, field.data)
        except (ValueError, TypeError):
            raise ValidationError(_no_such_day(month, field.data, year)) from None

    def validate_year(self, field: Field) -> None:
        """It began already; a first time to come is a one-off."""
        if field.data and field.data > self.today.year:
            raise ValidationError(_("This year is still to come. Leave it empty, or add a one-off for the first day."))

    def validate_on_date(self, field: Field) -> None:
        """Days that a person can live to see."""
        if field.data and not OLDEST <= field.data.year <= LATEST:
            raise ValidationError(str(YEAR))
        if self.kind.comes == kinds.ONCE and field.data and field.data < self.today and not self.on_date.object_data:
            raise ValidationError(_("This day is over. Choose one from today on."))

    def details(self, company_id: int | None) -> Details:
        """What was answered; what was not asked stays empty."""
        given = {name: field.data for name, field in self._fields.items() if name in Details.__dataclass_fields__}
        values = {name: value if value != AS_EVERYWHERE else None for name, value in given.items() if name != "title"}
        company = company_id if self.of_company.data else None
        return Details(kind=self.kind.key, title=given.get("title") or "", company_id=company, **values)


def _no_such_day(month: int, day: Any, year: int | None) -> str:
    word = get_month_names("wide", locale="en")[month]
    if month == 2 and day == 29 and year:
        return str(_("%(year)s had no 29 February. Look at the year once more.", year=year))
    return str(_("%(month)s has no day %(day)s.", month=word, day="" if day is None else day))


def _countries() -> list[Any]:
    known = dict(places.countries())
    pairs = sorted(((code, known.get(code, code)) for code in rules.countries()), key=lambda pair: pair[1])
    return options([("", _l("Nowhere: only weekends count")), *pairs])
