"""The guardian's disclosure report as a page to print, in Spanish or English."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

from babel.dates import format_date
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from contracts.categories import Category
from services.chassis.languages import SHIPPED_LANGUAGES, Languages
from services.chassis.needs import Needs
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
    """

    def __init__(
        self,
        language: ReportLanguage,
        needs: Needs,
        languages: Languages = SHIPPED_LANGUAGES,
    ) -> None:
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
        if kind == "reads" and (called := self._languages.names(code)):
            return str(getattr(called, self.language))
        return self._words.get(f"{kind}.{code}", code)

    def records(self, category: Category) -> str:
        """Return what sort of records a release about a need was of; empty where nobody says."""
        known = self._needs.get(category)
        return self._words.get(f"records.{known.records.value}", "") if known else ""

    def day(self, day: date) -> str:
        """Return a date in words."""
        return str(format_date(day, "long", locale=self._locale))


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
        "agency": names.others.get(line.agency, line.agency) if line.agency else say("withheld"),
        "service": names.others.get(line.service, line.service) if line.service else None,
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
