"""Phone numbers: any usual spelling in, E.164 out, or a sentence that says what is wrong. Built on Google's
metadata (phonenumbers). Knows nothing of people or consent."""

from __future__ import annotations

from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType, ValidationResult
from phonenumbers import timezone as number_zones

MAX_INPUT = 60  # characters; the longest spelling with an extension is far below


@dataclass(eq=False)
class WrongNumber(Exception):
    """A number that can't be texted. `code` for tests and logs, `message` for the person at the keyboard."""

    code: str
    message: str

    def __str__(self) -> str:
        return self.message


def parse(text: str, country: str) -> str:
    """`text` as E.164, read as somebody in `country` (ISO 3166, two letters) would write it.

    Raises WrongNumber with a reason. Numbers that cannot take a text (fixed lines where the plan tells them apart)
    are refused too; where the plan does not tell (US, Canada) they pass."""
    cleaned = text.strip()
    if not cleaned:
        raise WrongNumber("empty", "Write the number that the text should go to.")
    if len(cleaned) > MAX_INPUT:
        raise WrongNumber("too_long", "This is too long for a phone number.")
    try:
        number = phonenumbers.parse(cleaned, country)
    except NumberParseException as error:
        raise _unreadable(error) from None
    _possible(number)
    if not phonenumbers.is_valid_number(number):
        raise WrongNumber("unknown", "No such number is in use. Check the area code and the digits.")
    if number.extension:
        raise WrongNumber("extension", "A number with an extension can't get texts. Ask for a mobile number.")
    if phonenumbers.number_type(number) in _NO_TEXTS:
        raise WrongNumber("no_texts", "This kind of number can't get texts. Ask for a mobile number.")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def pretty(e164: str, country: str = "") -> str:
    """The number as people write it: the national way inside `country`, else international. What is no number (a
    short code or a name that texted us) stays as it is."""
    try:
        number = phonenumbers.parse(e164, None)
    except NumberParseException:
        return e164
    inside = country and phonenumbers.region_code_for_number(number) == country
    style = phonenumbers.PhoneNumberFormat.NATIONAL if inside else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, style)


def zones(e164: str) -> tuple[str, ...]:
    """IANA zones in which the number may be; empty where nothing is known."""
    names = number_zones.time_zones_for_number(phonenumbers.parse(e164, None))
    return tuple(name for name in names if name != "Etc/Unknown")


def region(e164: str) -> str | None:
    """The country of the number as two letters, or None for international services."""
    code: str | None = phonenumbers.region_code_for_number(phonenumbers.parse(e164, None))
    return code


_NO_TEXTS = frozenset(
    {
        PhoneNumberType.FIXED_LINE,
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.PAGER,
        PhoneNumberType.UAN,
        PhoneNumberType.VOICEMAIL,
    }
)


def _unreadable(error: NumberParseException) -> WrongNumber:
    match error.error_type:
        case NumberParseException.INVALID_COUNTRY_CODE:
            return WrongNumber("country", "No country has this code. Begin with + and the country, such as +1.")
        case NumberParseException.TOO_SHORT_AFTER_IDD | NumberParseException.TOO_SHORT_NSN:
            return WrongNumber("too_short", "This number is too short.")
        case NumberParseException.TOO_LONG:
            return WrongNumber("too_long", "This is too long for a phone number.")
        case _:
            return WrongNumber("not_a_number", "This isn't a phone number. Write it with digits, as you would dial it.")


_DIGITS = {1: "one digit", 2: "two digits", 3: "three digits", 4: "four digits"}


def _possible(number: phonenumbers.PhoneNumber) -> None:
    match phonenumbers.is_possible_number_with_reason(number):
        case ValidationResult.TOO_SHORT | ValidationResult.IS_POSSIBLE_LOCAL_ONLY | ValidationResult.INVALID_LENGTH:
            missing = _missing_digits(number)
            short = f"This number is {missing} short." if missing else "This number is too short."
            raise WrongNumber("too_short", f"{short} Write it with the area code.")
        case ValidationResult.TOO_LONG:
            raise WrongNumber("too_long", "This number has too many digits.")
        case ValidationResult.INVALID_COUNTRY_CODE:
            raise WrongNumber("country", "No country has this code. Begin with + and the country, such as +1.")
        case _:
            return


def _missing_digits(number: phonenumbers.PhoneNumber) -> str | None:
    """How many digits lack, in words; only for small gaps, where it helps."""
    for extra in range(1, 5):
        longer = phonenumbers.PhoneNumber(
            country_code=number.country_code,
            national_number=(number.national_number or 0) * 10**extra,
            italian_leading_zero=number.italian_leading_zero,
        )
        if phonenumbers.is_possible_number(longer):
            return _DIGITS[extra]
    return None
