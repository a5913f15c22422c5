"""The guardian's disclosure report as a page to print, in Spanish or English."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from typing import Literal

from babel import Locale
from babel.dates import format_date, format_time
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from contracts.categories import Category
from contracts.rules import ReasonedAct
from services.chassis.languages import SHIPPED_LANGUAGES, Languages
from services.chassis.needs import Needs
from services.chassis.reasons import SHIPPED_REASONS, Reasons
from services.referral.model.consent_terms import Consent
from services.referral.model.disclosed import Line

ReportLanguage = Literal["es", "en"]

_ROOM = Path(__file__).parents[1]
_LOCALES = {"es": "es_US", "en": "en_US"}


@dataclass(frozen=True, slots=True)
class Names:
    """Names as far as they are known; an id stands for what has none.

    Attributes:
        children: given names by student.
        givers: given names of those who consented.
        others: of agencies and services, as the caller passed them.
    """

    children: Mapping[str, str]
    givers: Mapping[str, str]
    others: Mapping[str, str]


class ReportWords:
    """Says a thing in a language.

    Args:
        language: of the page.
        needs: of the district, which has names for them.
        languages: the same, for pages that say what somebody reads.
        reasons: the same, for pages that say why.
    """

    def __init__(
        self,
        language: ReportLanguage,
        needs: Needs,
        languages: Languages = SHIPPED_LANGUAGES,
        reasons: Reasons = SHIPPED_REASONS,
    ) -> None:
        self._reasons = reasons
        self._languages = languages
        self._words = _read(language)
        self._locale = _LOCALES[language]
        self.language = language
        self._needs = needs

    def __call__(self, key: str, **values: object) -> str:
        """Return a sentence with its values."""
        return self._words[key].format(**values)

    def code(self, kind: str, code: str) -> str:
        """Return a code's words; a code of a later release stands for itself."""
        if kind == "category" and (names := self._needs.names(Category(code))):
            return str(getattr(names, self.language))
        if kind == "language":
            return self._language_named(code)
        return self._words.get(f"{kind}.{code}", code)

    @property
    def keys(self) -> frozenset[str]:
        """Every key that has words, for the test that looks for one that lacks."""
        return frozenset(self._words)

    def reason(self, act: ReasonedAct, code: str) -> str:
        """Return a reason as the district calls it."""
        called = self._reasons.of(act).names(code)
        return str(getattr(called, self.language)) if called else code

    def _language_named(self, code: str) -> str:
        """Return what a language is called: by the district, or else by those who list them all."""
        if called := self._languages.names(code.lower()):
            return str(getattr(called, self.language))
        listed = Locale.parse(self._locale).languages
        return self._words.get(f"language.{code}") or str(listed.get(code.lower(), code))

    def records(self, category: Category) -> str:
        """Return what sort of records a release about a need was of; empty where nobody says."""
        known = self._needs.get(category)
        return self._words.get(f"records.{known.records.value}", "") if known else ""

    def day(self, day: date) -> str:
        """Return a date in words."""
        return str(format_date(day, "long", locale=self._locale))

    def moment(self, at: datetime) -> str:
        """Return a moment in words, as the clock of its own zone shows it."""
        clock = format_time(at.time(), "short", locale=self._locale)
        return f"{self.day(at.date())}, {clock}"

    def clock(self, at: str) -> str:
        """Return a time of day (`17:30:00`) in words."""
        return str(format_time(time.fromisoformat(at), "short", locale=self._locale))


def write_report(
    lines: Sequence[Line],
    names: Names,
    needs: Needs,
    *,
    language: ReportLanguage,
    made: date,
    reader: str | None,
    elsewhere: bool,
    partial: bool,
    cut: int | None,
) -> str:
    """Return the page.

    Args:
        lines: what it tells, in order.
        names: see `Names`.
        needs: of the district.
        language: of the page.
        made: today, local to the school.
        reader: given name of the contact it is for.
        elsewhere: the reader has children at other schools, who are not in it.
        partial: whoever makes it may not see every kind of need, whether there is one or not.
        cut: how many readings it was cut to; None: it is whole.
    """
    say = ReportWords(language, needs)
    rows = [_row(each, names, say) for each in lines]
    page = templates().get_template("disclosure_report.html")
    return page.render(
        say=say,
        language=language,
        rows=rows,
        made=say.day(made),
        reader=reader,
        elsewhere=elsewhere,
        partial=partial,
        cut=cut,
    )


def _row(line: Line, names: Names, say: ReportWords) -> dict[str, object]:
    consent = line.consent
    return {
        "day": say.day(line.day),
        "recorded": say("recorded", day=say.day(line.recorded_on)) if line.recorded_on else None,
        "times": line.times,
        "child": names.children.get(line.student) or say("erased"),
        "agency": (names.others.get(line.agency) or say("export.agency"))
        if line.agency
        else say("withheld"),
        "service": (names.others.get(line.service) or say("export.service"))
        if line.service
        else None,
        "parts": [say.code("part", each.value) for each in line.parts],
        "records": say.records(line.category) if line.category else "",
        "category": say.code("category", line.category.value) if line.category else "",
        "purposes": [say.code("purpose", each.value) for each in consent.purposes]
        if consent
        else [],
        "consent": _leave(consent, names, say),
        "revoked": say("revoked", day=say.day(line.revoked_on)) if line.revoked_on else None,
    }


def _leave(consent: Consent | None, names: Names, say: ReportWords) -> str:
    if consent is None:
        return say("without")
    return say(
        "consent",
        name=names.givers.get(consent.given_by) or say("somebody"),
        since=say.day(consent.first_day),
        until=say.day(consent.until),
    )


@cache
def _read(language: ReportLanguage) -> dict[str, str]:
    words: dict[str, str] = json.loads((_ROOM / "words" / f"{language}.json").read_text("utf-8"))
    return words


@cache
def templates() -> Environment:
    """Return the pages of this service."""
    return Environment(
        loader=FileSystemLoader(_ROOM / "templates"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
