"""Reads the cells of one row: a bad optional value is listed and left out, the row stays."""

from collections.abc import Callable
from datetime import date, time
from typing import TypeVar

from services.chassis.tabular.problems import ReadingLog, Severity
from services.chassis.tabular.rows import Row
from services.chassis.tabular.values import (
    UnreadableValueError,
    parse_calendar_day,
    parse_date,
    parse_email,
    parse_flag,
    parse_id,
    parse_number,
    parse_phone,
    parse_time,
    parse_url,
)

_T = TypeVar("_T")


class Cells:
    """The values of one row as what they mean. Every reading method returns None for no value."""

    def __init__(self, row: Row, log: ReadingLog) -> None:
        self.row = row
        self._log = log

    def text(self, column: str) -> str | None:
        """The value as it is."""
        return self.row.values.get(column)

    def date(self, column: str, *, personal: bool = False) -> date | None:
        """A day; a personal one (of birth) must have a year of four digits."""
        return self._read(
            column, lambda text: parse_date(text, two_digit_years=not personal), personal=personal
        )

    def calendar_day(self, column: str) -> tuple[int | None, int, int] | None:
        """Year, month and day; no year where the file means every year."""
        return self._read(column, parse_calendar_day)

    def time(self, column: str) -> time | None:
        """A local time of day."""
        return self._read(column, parse_time)

    def email(self, column: str) -> str | None:
        """An email address."""
        return self._read(column, parse_email, personal=True)

    def url(self, column: str) -> str | None:
        """A web address."""
        return self._read(column, parse_url)

    def phone(self, column: str) -> tuple[str, str | None] | None:
        """A phone number in E.164, and the extension that may be written behind it."""
        return self._read(column, parse_phone, personal=True)

    def flag(self, column: str) -> bool | None:
        """Yes or no."""
        return self._read(column, parse_flag)

    def number(self, column: str, lowest: float, highest: float) -> float | None:
        """A number from `lowest` to `highest`, both included."""
        return self._read(column, lambda text: parse_number(text, lowest, highest))

    def id(self, column: str) -> str | None:
        """An id, or None after refusing the row: without a usable id it cannot be kept."""
        if column not in self.row.values:
            self.refuse(column, "The row has no id.", "Give it an id that never changes.")
            return None
        try:
            return parse_id(self.row.values[column])
        except UnreadableValueError as wrong:
            self.refuse(column, wrong.what, wrong.what_to_do)
            return None

    def ignore(self, column: str, what: str, what_to_do: str, *, personal: bool = False) -> None:
        """Lists the value of a column as one that was left out."""
        self._problem(Severity.VALUE_IGNORED, column, what, what_to_do, personal=personal)

    def refuse(self, column: str, what: str, what_to_do: str, *, personal: bool = False) -> None:
        """Lists the row as one that was left out because of this column."""
        self._problem(Severity.ROW_REFUSED, column, what, what_to_do, personal=personal)

    def _read(
        self, column: str, parse: Callable[[str], _T], *, personal: bool = False
    ) -> _T | None:
        text = self.row.values.get(column)
        if text is None:
            return None
        try:
            return parse(text)
        except UnreadableValueError as wrong:
            self.ignore(column, wrong.what, wrong.what_to_do, personal=personal)
            return None

    def _problem(
        self, severity: Severity, column: str, what: str, what_to_do: str, *, personal: bool
    ) -> None:
        self._log.problem(
            severity,
            file=self.row.file,
            line=self.row.line,
            field=self.row.name(column),
            value=self.row.values.get(column, ""),
            what=what,
            what_to_do=what_to_do,
            personal=personal,
            values=self.row.values,
        )
