"""Phone numbers: which are accepted, how they are shown, and which have a fixed outcome."""

import re

import phonenumbers

_E164 = re.compile(r"\+[1-9][0-9]{6,14}", re.ASCII)
_SHORT_CODE = re.compile(r"[1-9][0-9]{2,7}", re.ASCII)
_ALPHANUMERIC = re.compile(r"(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}", re.ASCII)

# Twilio's test numbers keep their meaning; 300x and 0429 are the simulator's own.
MAGIC_TO: dict[str, int] = {
    "+15005550001": 21211,
    "+15005550002": 21612,
    "+15005550003": 21408,
    "+15005550004": 21610,
    "+15005550009": 21614,
    "+15005550429": 20429,
    "+15005553003": 30003,
    "+15005553007": 30007,
}
MAGIC_FROM: dict[str, int] = {
    "+15005550001": 21212,
    "+15005550007": 21606,
    "+15005550008": 21611,
}


def is_phone(number: str) -> bool:
    """Whether it is E.164 and of a length that its country uses.

    Possible is enough: the fictional range 555-0100 to 555-0199 is not assigned to anyone, and
    some area codes that sample data uses are not either.
    """
    if not _E164.fullmatch(number):
        return False
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return False
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    return reason == phonenumbers.ValidationResult.IS_POSSIBLE


def is_sender(number: str) -> bool:
    """Whether a text can come from it: a phone number, a short code or an alphanumeric id."""
    return bool(
        is_phone(number) or _SHORT_CODE.fullmatch(number) or _ALPHANUMERIC.fullmatch(number)
    )


def country(number: str) -> str:
    """Two-letter region of a number, or an empty string where it has none."""
    if not is_phone(number):
        return ""
    return phonenumbers.region_code_for_number(phonenumbers.parse(number)) or ""


def shown(number: str) -> str:
    """The number as a person writes it."""
    if not is_phone(number):
        return number
    parsed = phonenumbers.parse(number)
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)
