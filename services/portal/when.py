"""Times as people say them: "yesterday", "Tuesday", then dates; the exact one for the tooltip."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime, format_time, get_day_names

from services.portal.words import Words

WEEK = timedelta(days=6)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
_WEEK = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")

_MONTHS = {
    "en": {"day": "EEEE d MMMM", "date": "d MMMM", "year": "d MMMM y", "short": "d MMM"},
    "es": {
        "day": "EEEE d 'de' MMMM",
        "date": "d 'de' MMMM",
        "year": "d 'de' MMMM 'de' y",
        "short": "d MMM",
    },
}


class When:
    """Speaks of times as seen now, at a place.

    Args:
        words: the language.
        now: the present moment.
        zone: where the reader is (IANA).
    """

    def __init__(self, words: Words, now: datetime, zone: str) -> None:
        self._words = words
        self._forms = _MONTHS[words.language]
        self._zone = ZoneInfo(zone)
        self._now = now.astimezone(self._zone)

    def since(self, at: datetime | date) -> str:
        """Return how long: `40 minutes`, `since 9:10 AM`, `since yesterday`, `since Tuesday`."""
        if not isinstance(at, datetime):
            near = self._now.date() - at <= DAY
            return str(
                self._words("time.since-day" if near else "time.since-date", when=self.day(at))
            )
        passed = self._now - at
        if passed < HOUR:
            return str(self._words("time.minutes", n=max(1, int(passed.total_seconds() // 60))))
        if self._day_of(at) == self._now.date():
            return str(self._words("time.since", when=self.clock(at)))
        near = self._now.date() - self._day_of(at) <= DAY
        return str(self._words("time.since-day" if near else "time.since-date", when=self.day(at)))

    def day(self, at: datetime | date) -> str:
        """Return a day by its nearest name: `today`, `tomorrow`, `Tuesday`, `3 November`."""
        day = self._day_of(at) if isinstance(at, datetime) else at
        distance = day - self._now.date()
        near = {-1: "time.yesterday", 0: "time.today", 1: "time.tomorrow"}.get(distance.days)
        if near is not None:
            return str(self._words(near))
        if abs(distance) <= WEEK:
            return self._date(day, "EEEE")
        return self._date(day, self._forms["date" if day.year == self._now.year else "year"])

    def on(self, at: datetime) -> str:
        """Return a past day as a sentence says when something was: `yesterday`, `el martes`."""
        near = self._now.date() - self._day_of(at) <= DAY
        return self.day(at) if near else str(self._words("time.on-date", when=self.day(at)))

    def short(self, at: datetime) -> str:
        """Return the hour of a time of today, otherwise the day, for a narrow column."""
        if self._day_of(at) == self._now.date():
            return self.clock(at)
        return self._date(self._day_of(at), self._forms["short"])

    def short_day(self, day: date | str) -> str:
        """Return a day for a narrow column."""
        read = date.fromisoformat(day) if isinstance(day, str) else day
        return self._date(read, self._forms["short"])

    def clock(self, at: datetime) -> str:
        """Return the hour, as `3:30 PM`."""
        return str(format_time(at.astimezone(self._zone), "h:mm a", locale=self._words.locale))

    def hour(self, text: str) -> str:
        """Return an hour of `08:30` as people say it; another text as it came."""
        try:
            read = time.fromisoformat(text)
        except ValueError:
            return text
        return str(format_time(read, "h:mm a", locale=self._words.locale))

    def day_of_year(self, text: str) -> str:
        """Return a day of `2026-11-26`, or of `--11-26`, which is one of every year."""
        whole = text.replace("--", f"{self._now.year}-", 1) if text.startswith("--") else text
        try:
            return self.calendar_day(whole)
        except ValueError:  # 29 February
            return text.removeprefix("--")

    def moment(self, at: datetime) -> str:
        """Return day and hour in full, for appointments."""
        local = at.astimezone(self._zone)
        day = self._date(local.date(), self._forms["day"])
        return str(self._words("time.moment", day=day, clock=self.clock(at)))

    def weekdays(self, codes: Iterable[str]) -> str:
        """Return days of `MO`, `TU` as a list in a sentence, in the order of the week."""
        names = get_day_names("wide", locale=self._words.locale)
        days = sorted(_WEEK.index(code) for code in set(codes) & set(_WEEK))
        return self._words.listed([names[day] for day in days])

    def exact(self, at: datetime) -> str:
        """Return date and hour, for the tooltip and for screen readers."""
        local = at.astimezone(self._zone)
        return str(format_datetime(local, "medium", locale=self._words.locale))

    @property
    def now(self) -> datetime:
        """The present moment, at the place."""
        return self._now

    @property
    def today_iso(self) -> str:
        """Today, as a form's field takes it."""
        return self._now.date().isoformat()

    def calendar_day(self, day: date | datetime | str) -> str:
        """Return a day, or that of a moment, with its month, and its year if not this one."""
        read = date.fromisoformat(day) if isinstance(day, str) else day
        read = self._day_of(read) if isinstance(read, datetime) else read
        return self._date(read, self._forms["date" if read.year == self._now.year else "year"])

    @property
    def today(self) -> str:
        """Today in full."""
        return self._date(self._now.date(), self._forms["day"])

    def birthday(self, iso: str) -> str:
        """Return a date in full, with its year."""
        return self._date(date.fromisoformat(iso), self._forms["year"])

    def month(self, iso: str) -> str:
        """Return a month of `2026-11` in words."""
        return self._date(date.fromisoformat(f"{iso}-01"), "MMMM y")

    @property
    def now_local(self) -> str:
        """This moment at the place, as a form's field takes it."""
        return self._now.replace(tzinfo=None).isoformat(timespec="minutes")

    def local(self, typed: str) -> datetime:
        """Read a time typed into a form, as of the place.

        Raises:
            ValueError: it is none.
        """
        return datetime.fromisoformat(typed).replace(tzinfo=self._zone)

    def _day_of(self, at: datetime) -> date:
        return at.astimezone(self._zone).date()

    def _date(self, day: date, form: str) -> str:
        return str(format_date(day, form, locale=self._words.locale))


def is_day(text: str) -> bool:
    """Tell whether a form's field holds a day."""
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
