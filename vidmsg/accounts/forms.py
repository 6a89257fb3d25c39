"""What is asked on the pages of accounts, and how an answer is checked. Errors are sentences for the one typing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    EmailField,
    Field,
    IntegerField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    ValidationError,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import DataRequired, Length

from vidmsg import phone
from vidmsg.accounts import colours, names, passwords, places
from vidmsg.accounts.models import MANAGER, REP

ROLES = ((REP, _l("Rep: sees her own team's people")), (MANAGER, _l("Manager: sees everybody and invites")))


def text(field: Field) -> str:
    """What was typed into a field, empty if nothing."""
    return field.data or ""


def options(pairs: Iterable[tuple[Any, Any]]) -> list[Any]:
    """(value, words) pairs as a field wants them."""
    return [SelectChoice(value, words) for value, words in pairs]


def needed(words: Any) -> DataRequired:
    """This field can't stay empty; `words` say what to do."""
    return DataRequired(message=words)


class Whole(IntegerField):
    """A whole number; `wrong` is said about anything else."""

    def __init__(self, label: Any, wrong: Any, **kwargs: Any) -> None:
        super().__init__(label, render_kw={"inputmode": "numeric"}, **kwargs)
        self.wrong = wrong

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Whatever is no number is refused in our words."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(str(self.wrong)) from None


def name_filter(text: str | None) -> str | None:
    """Names are cleaned before they are looked at."""
    return names.clean(text) if text is not None else None


def email_field(label: Any, autocomplete: str) -> EmailField:
    """An address to sign in with; only its shape is checked, no mail is sent."""
    return EmailField(
        label,
        filters=[_strip],
        validators=[needed(_l("Write an email to sign in with.")), _email],
        render_kw={"autocomplete": autocomplete, "autocapitalize": "off", "spellcheck": "false"},
    )


def _strip(text: str | None) -> str | None:
    return text.strip() if text else text


def _email(_form: Any, field: Field) -> None:
    try:
        validate_email(field.data or "", check_deliverability=False)
    except EmailNotValidError:
        raise ValidationError(str(_l("This isn't an email address. Look for the @ and the end."))) from None


def new_password_field(label: Any) -> PasswordField:
    """A new password; the rules are in passwords.py, applied by `check_password`."""
    return PasswordField(
        label, validators=[needed(_l("Think of a password."))], render_kw={"autocomplete": "new-password"}
    )


def check_password(field: Field, *own: str | None) -> bool:
    """Apply the rules; `own` are words the password must not be made of. On refusal the reason is put on the field."""
    reason = passwords.reason_against(field.data or "", tuple(text for text in own if text))
    if reason:
        field.errors = [*field.errors, reason]
    return reason is None


def _accent(_form: Any, field: Field) -> None:
    try:
        field.data = colours.check(field.data or "")
    except colours.WrongColour as error:
        raise ValidationError(str(error)) from None


def _phone(form: Any, field: Field) -> None:
    """Keep the number as E.164 beside what was typed, read as somebody in the chosen country writes it."""
    try:
        form.e164 = phone.parse(field.data or "", form.country.data or "US")
    except phone.WrongNumber as error:
        raise ValidationError(error.message) from None


class _Place(FlaskForm):  # type: ignore[misc]
    """The organisation's fields, shared by first start and settings."""

    e164: str = ""
    organisation = StringField(
        _l("What your customers call you"),
        filters=[name_filter],
        validators=[needed(_l("Your customers need a name.")), Length(max=80)],
        render_kw={"autocomplete": "organization", "maxlength": 80},
    )
    phone = TelField(_l("Phone your customers know"), validators=[_phone], render_kw={"autocomplete": "tel"})
    time_zone = SelectField(_l("Time zone"), choices=lambda: options(places.time_zones()))
    country = SelectField(_l("Country"), choices=lambda: options(places.countries()))

    def validate(self, extra_validators: Any = None) -> bool:
        """A zone without a country decides the country, so that a number is read the right way."""
        if self.country.raw_data in (None, [], [""]):
            self.country.data = places.country_of(self.time_zone.data or "") or "US"
        return bool(super().validate(extra_validators))


class SetupForm(_Place):
    """The first start."""

    accent = RadioField(
        _l("Your colour"),
        choices=options(colours.SWATCHES),
        default=colours.SWATCHES[0][0],
        validate_choice=False,
        validators=[_accent],
    )
    name = StringField(
        _l("Your name"),
        filters=[name_filter],
        validators=[needed(_l("Write your name.")), Length(max=80)],
        render_kw={"autocomplete": "name", "maxlength": 80},
    )
    email = email_field(_l("Your email"), "username")
    password = new_password_field(_l("A password"))

    def validate(self, extra_validators: Any = None) -> bool:
        """Everything in its place, and a password that is not made of the rest."""
        fine = super().validate(extra_validators)
        own = ((self.email.data or "").split("@")[0], self.name.data, self.organisation.data)
        return bool(self.password.data) and check_password(self.password, *own) and fine


class OrganisationForm(_Place):
    """Settings of the organisation."""

    accent = StringField(_l("Your colour"), validators=[_accent], render_kw={"maxlength": 7, "spellcheck": "false"})


class InviteForm(FlaskForm):  # type: ignore[misc]
    """Somebody who shall work here."""

    name = StringField(
        _l("Name"),
        filters=[name_filter],
        validators=[Length(max=80)],
        render_kw={"autocomplete": "off", "maxlength": 80},
    )
    email = email_field(_l("Email"), "off")
    role = SelectField(_l("Role"), choices=options(ROLES), default=REP)
    team_id = SelectField(_l("Team"), coerce=int)


class TeamForm(FlaskForm):  # type: ignore[misc]
    """A new team."""

    team_name = StringField(
        _l("Name of the team"),
        filters=[name_filter],
        validators=[needed(_l("A team needs a name.")), Length(max=80)],
        render_kw={"maxlength": 80},
    )


class AcceptForm(FlaskForm):  # type: ignore[misc]
    """Accepting an invitation."""

    name = StringField(
        _l("Your name, as customers know it"),
        filters=[name_filter],
        validators=[needed(_l("Write your name.")), Length(max=80)],
        render_kw={"autocomplete": "name", "maxlength": 80},
    )
    password = new_password_field(_l("A password"))


class AccountForm(FlaskForm):  # type: ignore[misc]
    """A person's own name and zone."""

    name = StringField(
        _l("Your name, as customers know it"),
        filters=[name_filter],
        validators=[needed(_l("Write your name.")), Length(max=80)],
        render_kw={"autocomplete": "name", "maxlength": 80},
    )
    time_zone = SelectField(_l("Your time zone"), choices=lambda: options(places.time_zones()))


class FaceForm(FlaskForm):  # type: ignore[misc]
    """A picture of a face."""

    face = FileField(_l("Your picture"), render_kw={"accept": "image/jpeg,image/png,image/webp,image/gif"})


class PlainForm(FlaskForm):  # type: ignore[misc]
    """Only a button: nothing but the protection against forged requests."""
