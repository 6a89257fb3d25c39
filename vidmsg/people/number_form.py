"""Somebody's number as a form asks for it, and her own yes beside it. It may not know what she is texted about."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import BooleanField, Field, TelField, ValidationError
from wtforms.validators import DataRequired

from vidmsg import phone


class NumberForm(FlaskForm):  # type: ignore[misc, unused-ignore]
    """A number, read as somebody in `country` writes it; after a successful check `e164` holds it."""

    phone = TelField(
        _l("Phone"),
        validators=[DataRequired(_l("Write the number that the text should go to."))],
        render_kw={"autocomplete": "off"},
    )

    def __init__(self, *args: Any, country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.country, self.e164 = country, ""

    def validate_phone(self, field: Field) -> None:
        """Any usual spelling; the reason if it is none."""
        try:
            self.e164 = phone.parse(field.data or "", self.country)
        except phone.WrongNumber as error:
            raise ValidationError(error.message) from None


class AgreeingForm(NumberForm):
    """Somebody's own mobile number, and her yes to texts."""

    phone = TelField(
        _l("Your mobile number"),
        validators=[DataRequired(_l("Write the number that the texts should go to."))],
        render_kw={"autocomplete": "tel", "inputmode": "tel"},
    )
    agreed = BooleanField(validators=[DataRequired(_l("Without your yes we send nothing."))])
