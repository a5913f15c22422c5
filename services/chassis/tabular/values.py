"""Understands single values as people write them: dates, times, numbers, addresses, phones."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time

import phonenumbers

_EARLIEST_YEAR = 1800
_DATE_SHAPES = (
    "%Y-%m-%d",
    "%Y%m%d",
    "%m/%d/%Y",
    "%m/%d/%y",
    "%m-%d-%Y",
    "%B %d, %Y",
    "%b %d, %Y",
    "%d %B %Y",
    "%d %b %Y",
)
_TIME = re.compile(
    r"(?P<hour>\d{1,2})(?:[:.](?P<minute>\d{2}))?(?::(?P<second>\d{2}))?(?:\.\d+)?"
    r"\s*(?P<half>[ap]\.?m\.?)?(?P<zone>Z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_EMAIL = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\".]{2,}")
_URL = re.compile(r"https?://[^\s/]+\.[^\s]+", re.IGNORECASE)
_MAX_ID_CHARS = 255
_TRUE = frozenset({"true", "t", "yes", "y", "1"})
_FALSE = frozenset({"false", "f", "no", "n", "0"})


class UnreadableValueError(ValueError):
    """A value that cannot be understood; carries what is wrong and what to write instead."""

    def __init__(self, what: str, what_to_do: str) -> None:
        super().__init__(what)
        self.what = what
        self.what_to_do = what_to_do


def parse_id(text: str) -> str:
    """Returns an identifier as the file writes it.

    Raises:
        UnreadableValueError: It is longer than 255 characters or holds control characters.
    """
    if len(text) > _MAX_ID_CHARS or not text.isprintable():
        raise UnreadableValueError(
            "The id is too long or holds characters that cannot be printed.",
            "Give the row an id of at most 255 printable characters.",
        )
    return text


def parse_date(text: str, *, two_digit_years: bool = True) -> date:
    """Understands ISO dates (with or without a time), and the ways Americans write dates.

    Args:
        text: What the file says.
        two_digit_years: Whether `12/24/15` is understood (as 2015); never for a birth date.

    Raises:
        UnreadableValueError: It is no date, or its year stands for none.
    """
    found = _read_date(text, two_digit_years=two_digit_years)
    if found.year < _EARLIEST_YEAR:
        raise UnreadableValueError(
            "The year is a placeholder, not a date.", "Write the real year, or leave it empty."
        )
    return found


def parse_calendar_day(text: str) -> tuple[int | None, int, int]:
    """Returns year, month and day; the year is None where year 1 stands for "every year".

    Raises:
        UnreadableValueError: It is no date.
    """
    found = _read_date(text, two_digit_years=True)
    return found.year if found.year >= _EARLIEST_YEAR else None, found.month, found.day


def _read_date(text: str, *, two_digit_years: bool) -> date:
    day = text[:10] if re.match(r"\d{4}-\d{2}-\d{2}[T ]", text) else text
    for shape in _DATE_SHAPES:
        if shape.endswith("%y") and not two_digit_years:
            continue
        try:
            # Only the day is taken from it; the zone says nothing but keeps it from being naive.
            return datetime.strptime(day, shape).replace(tzinfo=UTC).date()
        except ValueError:
            continue
    raise UnreadableValueError("This is not a date.", "Write it as year-month-day: 2026-09-01.")


def parse_time(text: str) -> time:
    """Understands `08:00`, `10:00:00`, `9am`, `4:00 PM`; a zone after it is left out.

    Times of opening are local to the place, so the zone of a stamp adds nothing to them.

    Raises:
        UnreadableValueError: It is no time of day.
    """
    found = _TIME.fullmatch(text)
    if found:
        hour, minute, second = (int(found[part] or 0) for part in ("hour", "minute", "second"))
        half = (found["half"] or "").replace(".", "").lower()
        if half and 1 <= hour <= 12:  # noqa: PLR2004 -- a clock face
            hour = hour % 12 + (12 if half == "pm" else 0)
        elif half or (not found["minute"] and not half):
            hour = 24
        if hour < 24 and minute < 60 and second < 60:  # noqa: PLR2004 -- a day
            return time(hour, minute, second)
    raise UnreadableValueError("This is not a time of day.", "Write it as 09:00 or 5:30 pm.")


def parse_email(text: str) -> str:
    """Returns an address that mail could be sent to, without `mailto:`.

    Raises:
        UnreadableValueError: It has not the form of an email address.
    """
    address = text.removeprefix("mailto:").strip()
    if not _EMAIL.fullmatch(address):
        raise UnreadableValueError(
            "This is not one email address.", "Write one address, such as office@example.org."
        )
    return address


def parse_url(text: str) -> str:
    """Returns a web address, adding `https://` where it starts with `www.`.

    Raises:
        UnreadableValueError: It is no http or https address.
    """
    address = f"https://{text}" if text.lower().startswith("www.") else text
    if not _URL.fullmatch(address):
        raise UnreadableValueError(
            "This is not a web address.", "Write it in full, such as https://example.org."
        )
    return address


def parse_phone(text: str, region: str = "US") -> tuple[str, str | None]:
    """Returns a phone number in E.164 and its extension, where it holds one.

    Args:
        text: The number as written, with or without country code.
        region: The two-letter country whose habits apply where no country code is written.

    Raises:
        UnreadableValueError: No such number can exist.
    """
    wrong = UnreadableValueError(
        "No such phone number exists.",
        "Write it with area code, such as 650 253 0000, or with + and the country code.",
    )
    try:
        number = phonenumbers.parse(text.strip("\"'"), region)
    except phonenumbers.NumberParseException as not_a_number:
        raise wrong from not_a_number
    if not phonenumbers.is_valid_number(number):
        raise wrong
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return written, number.extension or None


def parse_flag(text: str) -> bool:
    """Understands true/false, yes/no, t/f, y/n and 1/0 in any case.

    Raises:
        UnreadableValueError: It is none of these.
    """
    folded = text.casefold()
    if folded not in _TRUE | _FALSE:
        raise UnreadableValueError("This is neither yes nor no.", "Write true or false.")
    return folded in _TRUE


def parse_number(text: str, lowest: float, highest: float) -> float:
    """Returns a number within bounds, both included.

    Raises:
        UnreadableValueError: It is no number, or out of bounds.
    """
    bounds = f"Write a number from {lowest:g} to {highest:g}."
    try:
        number = float(text)
    except ValueError as not_a_number:
        raise UnreadableValueError("This is not a number.", bounds) from not_a_number
    if not lowest <= number <= highest:
        raise UnreadableValueError("This number cannot be right.", bounds)
    return number


def split_list(text: str) -> Iterator[str]:
    """Yields the parts of a comma- or semicolon-separated value once each, in order."""
    yield from dict.fromkeys(part for piece in re.split("[,;]", text) if (part := piece.strip()))
