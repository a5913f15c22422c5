"""Topic `rules`: what a district has laid down that other services go by. Key: part of the rules.

Owner: referral. Each message is the full present state of its part, so that whoever reads the topic
from its beginning knows all that is in force. Nothing in it is about any person.
"""

from datetime import date

from contracts.categories import Category, Names
from contracts.code import Code
from contracts.codes import Language
from contracts.event import Event, Part
from contracts.topic import RULES

CATEGORIES = "categories"
"""The key of what concerns the kinds of need."""

LANGUAGES = "languages"
"""The key of what concerns languages."""

REASONS = "reasons"
"""The key of what concerns reasons."""

CALENDAR = "calendar"
"""The key of what concerns days without school."""


class RecordsClass(Code):
    """What sort of records a release about a need is of, as the guardian's report names it."""

    EDUCATION = "education"
    HEALTH = "health"
    COUNSELING = "counseling"
    LEGAL = "legal"


class DistrictCategory(Part):
    """A kind of need as a district has it.

    Attributes:
        code: by which records, events and tables name it, for good.
        names: what people call it.
        restricted: its name alone can harm: events on children carry `restricted` instead.
        retired: nothing new is written down under it; what is open goes on.
        records: what sort of records a release about it is of.
        terms: numbers of the Open Eligibility classification that stand for it in a directory,
            besides those that Enlace knows.
    """

    code: Category
    names: Names
    restricted: bool
    retired: bool
    records: RecordsClass
    terms: tuple[str, ...]


class CategoriesChanged(Event, topic=RULES, type="org.enlace.rules.categories-changed.v1"):
    """Every kind of need that the district has.

    Attributes:
        part: always `categories`.
        version: of the rules that laid them down.
        needs: those that come with Enlace and the district's own, retired ones too.
    """

    part: str
    version: int
    needs: tuple[DistrictCategory, ...]


class DistrictLanguage(Part):
    """A language as a district has it.

    Attributes:
        code: as BCP 47, in small letters.
        names: what people call it.
        retired: forms offer it no more; who has it keeps it.
        spoken_only: hardly anybody reads it: an interpreter helps, and nobody is asked to read it.
        written: the language in which whoever has this one is written to: one in which texts exist.
    """

    code: Language
    names: Names
    retired: bool
    spoken_only: bool
    written: Language


class LanguagesChanged(Event, topic=RULES, type="org.enlace.rules.languages-changed.v1"):
    """Every language that the district has.

    Attributes:
        part: always `languages`.
        version: of the rules that laid them down.
        languages: those that come with Enlace and those that the district has added.
    """

    part: str
    version: int
    languages: tuple[DistrictLanguage, ...]


class ReasonedAct(Code):
    """What somebody does that asks for a reason."""

    DECLINE = "decline"
    CANCEL = "cancel"
    HOLD = "hold"
    SNOOZE = "snooze"
    ENTER_IN_ERROR = "enter-in-error"


class DistrictReason(Part):
    """A reason that a district's people and agencies choose from.

    Attributes:
        act: what it is a reason for; two acts may have reasons of one code.
        code: by which records, events and tables name it, for good.
        names: what people read where they choose it, and where it was chosen.
        retired: nobody chooses it any more; where it stands, it stays.
    """

    act: ReasonedAct
    code: str
    names: Names
    retired: bool


class ReasonsChanged(Event, topic=RULES, type="org.enlace.rules.reasons-changed.v1"):
    """Every reason that the district has, for every act that asks for one.

    Attributes:
        part: always `reasons`.
        version: of the rules that laid them down.
        reasons: those that come with Enlace and the district's own, retired ones too.
    """

    part: str
    version: int
    reasons: tuple[DistrictReason, ...]


class DistrictHoliday(Part):
    """Days without school, both ends included.

    Attributes:
        first: the first of them, local to the district.
        until: the last of them.
    """

    first: date
    until: date

    def holds(self, day: date) -> bool:
        """Tell whether a day is one of them."""
        return self.first <= day <= self.until


class CalendarChanged(Event, topic=RULES, type="org.enlace.rules.calendar-changed.v1"):
    """Every holiday that the district has laid down; weekends are none of them.

    Attributes:
        part: always `calendar`.
        version: of the rules that laid them down.
        holidays: days without school besides Saturdays and Sundays.
    """

    part: str
    version: int
    holidays: tuple[DistrictHoliday, ...]
