"""What the public page asks for. Errors are sentences for somebody on a phone who does not know us."""

from __future__ import annotations

import calendar
from typing import Any

from flask_babel import format_date
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, SelectField, StringField, ValidationError
from wtforms.validators import DataRequired, Length

from vidmsg import clock
from vidmsg.accounts import names
from vidmsg.accounts.forms import options
from vidmsg.joining.entering import Entry
from vidmsg.people.number_form import AgreeingForm

NONE = ""


def _months() -> list[Any]:
    leap = clock.now().date().replace(year=2024, day=1)
    named = [(str(month), format_date(leap.replace(month=month), "LLLL")) for month in range(1, 13)]
    return options([(NONE, _("Month")), *named])


def _days() -> list[Any]:
    return options([(NONE, _("Day")), *((str(day), str(day)) for day in range(1, 32))])


class JoinForm(AgreeingForm):
    """Name, number, perhaps a birthday without a year, and the tick. `website` is for robots: people don't see it."""

    class Meta:
        csrf = False  # nobody is signed in here, so there is nothing to forge

    first_name = StringField(
        _l("First name"),
        filters=[lambda text: names.clean(text or "")],
        validators=[DataRequired(_l("What may we call you?")), Length(max=60)],
        render_kw={"autocomplete": "given-name", "maxlength": 60},
    )
    last_name = StringField(
        _l("Last name"),
        filters=[lambda text: names.clean(text or "")],
        validators=[Length(max=60)],
        render_kw={"autocomplete": "family-name", "maxlength": 60},
    )
    month = SelectField(_l("Birthday, if you like: month"), choices=_months, default=NONE)
    day = SelectField(_l("Birthday: day"), choices=_days, default=NONE)
    website = StringField(_l("Leave this empty"), render_kw={"autocomplete": "off", "tabindex": "-1"})

    def validate_day(self, field: Field) -> None:
        """Both or neither, and a day that some year has."""
        if bool(field.data) != bool(self.month.data):
            raise ValidationError(_("Choose the month and the day, or neither."))
        if field.data and int(field.data) > calendar.monthrange(2024, int(self.month.data))[1]:
            raise ValidationError(_("That month has no such day."))

    def entry(self) -> Entry:
        """What was filled in, after a successful check."""
        born = (int(self.month.data), int(self.day.data)) if self.day.data else (None, None)
        return Entry(self.first_name.data or "", self.last_name.data or "", self.e164, *born)
