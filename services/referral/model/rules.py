"""What a district lays down for its referrals: deadlines and plans. Configuration, not code.

Every field has a default, so that a district writes down only what it wants otherwise.
"""

from datetime import datetime
from functools import cached_property
from typing import Annotated, Any, ClassVar, Self

from pydantic import (
    AfterValidator,
    Field,
    StringConstraints,
    ValidationError,
    field_validator,
    model_validator,
)

from contracts.categories import Category
from contracts.codes import Language, Relation, Urgency
from services.chassis.aggregate import Aggregate
from services.chassis.calendar import Calendar
from services.chassis.closed import need_listed
from services.chassis.errors import TwoTonguesError
from services.chassis.fields import three_digits
from services.chassis.languages import Languages
from services.chassis.needs import Needs, RestrictedNeeds
from services.chassis.reasons import Reasons
from services.chassis.texted import MEANINGS, bare
from services.referral.model.calendar import Holiday
from services.referral.model.categories import (
    CategoryRule,
    check_categories,
    check_categories_kept,
    check_named,
    needs_of,
)
from services.referral.model.emergency import EMERGENCY_PROCEDURE, NATIONAL_HOTLINE
from services.referral.model.languages import (
    LanguageRule,
    check_languages,
    check_languages_kept,
    check_named_languages,
    languages_of,
)
from services.referral.model.part import Part
from services.referral.model.plans import Override, Plan, Plans
from services.referral.model.reasons import (
    ReasonRule,
    check_reasons,
    check_reasons_kept,
    reasons_of,
)

Procedure = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=20, max_length=2_000)
]

Zip3 = Annotated[str, AfterValidator(three_digits)]
HelpWord = Annotated[str, Field(min_length=3, max_length=20)]

_DIGITS_OF_A_LINE = 3
_MAY_SEE_RESTRICTED = {"coordinator", "care-team", "admin"}


class Rules(Part):
    """The rules of one district.

    Attributes:
        seat_held_days: how long a seat waits for a missing consent: a child does not lose the
            place over a paper.
        morning_hour: local hour at which follow-ups fall due, after everybody's quiet hours.
        plans: follow-ups by urgency.
        overrides: what is otherwise for a category; one for an urgency goes before one for all.
        holidays: days without school.
        silences: offers of one referral that may expire before somebody is asked to call.
        answer_days_at_most: the longest that agencies are given to answer.
        hold_days_at_most: the longest that a referral rests at a time.
        consent_years_at_most: the longest that a consent is given for, from its first day.
        consenting_relations: who consents for a child: FERPA's parent is also who acts as one in
            the absence of a parent or guardian (34 CFR 99.3).
        consent_ends_soon_days: how long before its end a consent is told and shown as ending.
        recall_minutes: how long a sending can be undone.
        categories: kinds of need that are otherwise than they come: the district's own, others'
            names, what it restricts, what it takes no more. A need that is not listed stays.
        languages: those that the district adds, and in which language their people are written to.
        reasons: why an agency says no, and why a referral is given up, rests, is put off or was
            entered in error: the district's own, others' names, those nobody is to choose.
        restricted_roles: who at a school may see a restricted referral.
        zip3_told: first three digits of ZIPs that a blind offer may tell: those in which at least
            20,000 people live (the measure of 45 CFR 164.514 (b)); None: all.
        hotline: the child-protection line, as staff are shown it: name and number. As it comes the
            national line of the United States; a district writes its county's.
        emergency_procedure: what staff do at once in a crisis, by language, one step a line: shown
            where a crisis is written down and where it is read. In English and Spanish at least.
        written_report_hours: from the call to the written report (in California 36: Penal Code
            11166 (a)).
        minor_consents_from: least age, in years, at which a student may consent alone, by need; a
            need that is not listed takes a guardian. As it comes, California's for outpatient
            counseling (Health and Safety Code 124260).
        adult_age: years from which a student consents alone to anything (FERPA, 34 CFR 99.5).
        retention_years: years after which a closed record is to be erased; None: never by itself.
        break_glass_roles: who may open a record out of their sight, with a reason.
        break_glass_minutes: how long it stays open.
        break_glass_searches_an_hour: names that one person may look up in an hour to break the
            glass for.
        break_glass_suspended_days: how long somebody opens nothing in an emergency, once an opening
            of theirs was found not justified; None: until an administrator lifts it.
        help_words: by which families ask for help by text, by language: the first word of a text.
        help_request_days: days after it was handled for which a request of a family that nobody
            found is kept; one that nobody handles is kept for a year at most.
        deletion_days: days that an agency has to confirm that it deleted what it had read.
    """

    seat_held_days: int = Field(default=3, ge=1, le=30)
    morning_hour: int = Field(default=9, ge=8, le=12)
    plans: Plans = Plans()
    overrides: Annotated[tuple[Override, ...], Field(max_length=100)] = ()
    holidays: Annotated[tuple[Holiday, ...], Field(max_length=100)] = ()
    silences: int = Field(default=2, ge=1, le=5)
    answer_days_at_most: int = Field(default=60, ge=1, le=180)
    hold_days_at_most: int = Field(default=366, ge=1, le=366)
    consent_years_at_most: int = Field(default=5, ge=1, le=20)
    consenting_relations: tuple[Relation, ...] = Field(
        default=(Relation.MOTHER, Relation.FATHER, Relation.GUARDIAN, Relation.GRANDPARENT),
        min_length=1,
        max_length=6,
    )
    consent_ends_soon_days: int = Field(default=30, ge=1, le=90)
    recall_minutes: int = Field(default=10, ge=0, le=60)
    categories: Annotated[tuple[CategoryRule, ...], Field(max_length=100)] = ()
    restricted_roles: tuple[str, ...] = Field(default=("coordinator",), min_length=1, max_length=5)
    zip3_told: tuple[Zip3, ...] | None = Field(default=None, max_length=100)
    hotline: str = Field(default=NATIONAL_HOTLINE, max_length=200)
    emergency_procedure: dict[Language, Procedure] = Field(default=EMERGENCY_PROCEDURE)
    written_report_hours: int = Field(default=36, ge=1, le=168)
    languages: Annotated[tuple[LanguageRule, ...], Field(max_length=60)] = ()
    reasons: Annotated[tuple[ReasonRule, ...], Field(max_length=200)] = ()
    minor_consents_from: dict[Category, Annotated[int, Field(ge=5, le=21)]] = Field(
        default={Category.MENTAL_HEALTH: 12}
    )
    adult_age: int = Field(default=18, ge=16, le=21)
    retention_years: int | None = Field(default=None, ge=1, le=60)
    break_glass_roles: tuple[str, ...] = Field(default=("coordinator", "admin"), max_length=5)
    break_glass_minutes: int = Field(default=60, ge=5, le=480)
    break_glass_searches_an_hour: int = Field(default=6, ge=1, le=60)
    break_glass_suspended_days: int | None = Field(default=30, ge=1, le=366)
    deletion_days: int = Field(default=30, ge=1, le=180)
    help_words: dict[Language, Annotated[tuple[HelpWord, ...], Field(max_length=10)]] = Field(
        default={Language.ENGLISH: ("need",), Language.SPANISH: ("necesito",)}
    )
    help_request_days: int = Field(default=90, ge=1, le=365)

    _known = field_validator("consenting_relations", "minor_consents_from", "help_words")(
        need_listed
    )

    @model_validator(mode="after")
    def _roles_known(self) -> Self:
        named = {*self.restricted_roles, *self.break_glass_roles}
        if unknown := named - _MAY_SEE_RESTRICTED:
            roles = ", ".join(sorted(_MAY_SEE_RESTRICTED))
            raise TwoTonguesError(
                f"restricted_roles and break_glass_roles are {roles}; "
                f"take out {len(unknown)} that are not",
                f"restricted_roles y break_glass_roles son {roles}; "
                f"quite {len(unknown)} que no lo son",
            )
        return self

    @model_validator(mode="after")
    def _emergency_told(self) -> Self:
        if sum(each.isdigit() for each in self.hotline) < _DIGITS_OF_A_LINE:
            raise TwoTonguesError(
                "hotline is whom staff call when a child is in danger: write the line's name and "
                "number, or leave it out for the national line",
                "hotline es a quién llama el personal cuando un niño está en peligro: escriba el "
                "nombre y el número de la línea, o quítelo para usar la línea nacional",
            )
        written = set(self.emergency_procedure)
        if not written >= set(EMERGENCY_PROCEDURE):
            raise TwoTonguesError(
                "emergency_procedure is written in en and in es, which staff read: add the one "
                "that is missing, or leave it out for the one that comes with Enlace",
                "emergency_procedure se escribe en en y en es, que lee el personal: agregue el que "
                "falta, o quítelo para usar el que viene con Enlace",
            )
        return self

    @model_validator(mode="after")
    def _help_words_free(self) -> Self:
        given = [word for words in self.help_words.values() for word in words]
        if any(word != bare(word) or " " in word for word in given):
            raise TwoTonguesError(
                "help_words are single words in lower case without accents: write necesito; "
                "capitals and accents of a text count as the same",
                "help_words son palabras sueltas en minúsculas y sin acentos: escriba necesito; "
                "las mayúsculas y los acentos de un mensaje cuentan igual",
            )
        if taken := sorted(set(given) & set(MEANINGS)):
            raise TwoTonguesError(
                f"help_words has {', '.join(taken)}, which carriers or answers use already (STOP, "
                "HELP, AYUDA and their like): take another word, such as need or necesito",
                f"help_words tiene {', '.join(taken)}, que ya usan las operadoras o las respuestas "
                "(STOP, HELP, AYUDA y otras así): tome otra palabra, como need o necesito",
            )
        if len(set(given)) < len(given):
            raise TwoTonguesError(
                "help_words has one word twice: keep it in one language",
                "help_words tiene una palabra dos veces: déjela en un solo idioma",
            )
        return self

    @model_validator(mode="after")
    def _needs_known(self) -> Self:
        check_categories(self.categories)
        check_named(
            self.needs,
            planned=[each.category for each in self.overrides],
            consented=self.minor_consents_from,
        )
        return self

    @model_validator(mode="after")
    def _languages_known(self) -> Self:
        check_languages(self.languages)
        check_named_languages(
            self.spoken,
            [
                *[("emergency_procedure", each) for each in self.emergency_procedure],
                *[("help_words", each) for each in self.help_words],
            ],
        )
        return self

    @model_validator(mode="after")
    def _reasons_known(self) -> Self:
        check_reasons(self.reasons)
        return self

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        kinds = [(each.category, each.urgency) for each in self.overrides]
        if len(set(kinds)) < len(kinds):
            raise TwoTonguesError(
                "two overrides are for the same category and urgency: make them one",
                "dos excepciones son para la misma categoría y urgencia: haga de ellas una",
            )
        for each in self.overrides:
            try:
                for urgency in Urgency:
                    self.plan(each.category, urgency)
            except ValidationError:
                raise TwoTonguesError(
                    f"the overrides for {each.category.value} make no plan: look_in_days go from "
                    "early to late, each once",
                    f"las excepciones de {each.category.value} no dan un plan: look_in_days va de "
                    "antes a después, cada uno una vez",
                ) from None
        return self

    def plan(self, category: Category, urgency: Urgency) -> Plan:
        """Return the plan for a need."""
        plan = self.plans.of(urgency)
        for wanted in (None, urgency):
            for each in self.overrides:
                if (each.category, each.urgency) == (category, wanted):
                    plan = each.applied_to(plan)
        return plan

    @cached_property
    def needs(self) -> Needs:
        """The kinds of need that the district has: those that come along, and what it says."""
        return needs_of(self.categories)

    @cached_property
    def spoken(self) -> Languages:
        """The languages that the district has: those that come along, and what it adds."""
        return languages_of(self.languages)

    @cached_property
    def whys(self) -> Reasons:
        """The reasons that the district has: those that come along, and its own."""
        return reasons_of(self.reasons)

    @property
    def restricted(self) -> RestrictedNeeds:
        """Every need whose name alone can harm, here; what is not known here counts as one."""
        return RestrictedNeeds(self.needs)

    def on_topics(self, category: Category) -> Category:
        """Return a category as this district's events may carry it."""
        return self.needs.on_topics(category)

    @property
    def calendar(self) -> Calendar:
        """The district's school days."""
        return Calendar(self.holidays)


def check_kept(before: Rules, after: Rules) -> None:
    """Refuse a change that takes away what records and people rely on.

    Raises:
        EnlaceError: a code is gone from a list, or a restricted need no longer is.
    """
    check_categories_kept(before.needs, after.needs)
    check_languages_kept(before.spoken, after.spoken)
    check_reasons_kept(before.whys, after.whys)


class RulesVersion(Aggregate):
    """The rules as somebody laid them down; kept for good, one document a version.

    Attributes:
        number: 1, 2, 3 …; the HTTP ETag.
        by: who it was; the service's own name for those that it started with.
    """

    COLLECTION: ClassVar[str] = "rules"

    number: int
    rules: Rules
    by: str
    at: datetime

    @field_validator("rules", mode="before")
    @classmethod
    def _as_written_now(cls, kept: object) -> object:
        return _brought_up(kept) if isinstance(kept, dict) else kept

    @staticmethod
    def id_of(number: int) -> str:
        """Return the id of a version; ids sort as numbers do."""
        return f"{number:08d}"


def _brought_up(kept: dict[str, Any]) -> dict[str, Any]:
    """Return rules of an earlier release as they would be written now: nothing stops over them."""
    fields = dict(kept)
    if fields.get("hotline") == "":  # stored before a line had to be named: the national one
        del fields["hotline"]
    # Stored while needs were a list in the code, and a district could only restrict some of them.
    restricted = fields.pop("also_restricted", ())
    if restricted and not fields.get("categories"):
        fields["categories"] = [{"code": each, "restricted": True} for each in restricted]
    return fields
