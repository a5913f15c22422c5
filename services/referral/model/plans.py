"""When somebody looks again: plans by urgency, and what is otherwise for one kind of need."""

from typing import Annotated, Self

from pydantic import Field, field_validator, model_validator

from contracts.categories import Category
from contracts.codes import Urgency
from services.chassis.closed import need_listed
from services.chassis.errors import TwoTonguesError
from services.referral.model.part import Part

Days = Annotated[int, Field(ge=1, le=90)]


class Plan(Part):
    """When somebody looks again; days are calendar days, local to the school.

    A day without school moves to the next school day, except in a crisis.

    Attributes:
        look_in_days: from *accepted*: when the coordinator looks in on the family. In a crisis from
            when it was written down: it waits for no agency.
        agency_silent_days: from *accepted* without a word from the agency until it is to be called.
        ask_family_days: from *completed* until the family is asked whether the help arrived.
        ask_again_days: from a question without an answer, or "not yet", until the next one.
        ask_at_most: how often the family is asked without an answer; after that the referral stays
            closed by the agency and not verified.
        overdue_days: from *due* until it is overdue.
        site_lead_days: from *overdue* until it goes up to the school's lead.
        district_days: from there until it goes up to the district.
        snooze_at_most_days: how far it can be put off at a time.
    """

    look_in_days: Annotated[tuple[Days, ...], Field(max_length=5)] = (14,)
    agency_silent_days: Days = 10
    ask_family_days: Days = 7
    ask_again_days: Days = 7
    ask_at_most: int = Field(default=3, ge=1, le=6)
    overdue_days: int = Field(default=3, ge=1, le=30)
    site_lead_days: int = Field(default=4, ge=1, le=30)
    district_days: int = Field(default=7, ge=1, le=60)
    snooze_at_most_days: int = Field(default=30, ge=1, le=120)

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if any(
            later <= earlier
            for earlier, later in zip(self.look_in_days, self.look_in_days[1:], strict=False)
        ):
            raise TwoTonguesError(
                "look_in_days go from early to late, each once: write [2, 14]",
                "look_in_days va de antes a después, cada uno una vez: escriba [2, 14]",
            )
        return self


class Override(Part):
    """What is otherwise for one category of need, for all urgencies or for one.

    A field that is left out stays as the plan of the urgency has it.
    """

    category: Category
    urgency: Urgency | None = None
    look_in_days: Annotated[tuple[Days, ...], Field(max_length=5)] | None = None
    agency_silent_days: Days | None = None
    ask_family_days: Days | None = None
    ask_again_days: Days | None = None
    ask_at_most: Annotated[int, Field(ge=1, le=6)] | None = None
    overdue_days: Annotated[int, Field(ge=1, le=30)] | None = None
    site_lead_days: Annotated[int, Field(ge=1, le=30)] | None = None
    district_days: Annotated[int, Field(ge=1, le=60)] | None = None
    snooze_at_most_days: Annotated[int, Field(ge=1, le=120)] | None = None

    _known = field_validator("category", "urgency")(need_listed)

    def applied_to(self, plan: Plan) -> Plan:
        """Return the plan with what is otherwise."""
        given = self.model_dump(exclude_none=True, exclude={"category", "urgency"})
        return Plan.model_validate({**plan.model_dump(), **given})


_SOON = Plan(look_in_days=(7,), agency_silent_days=5, overdue_days=2, site_lead_days=3)
_URGENT = Plan(
    look_in_days=(2, 14),
    agency_silent_days=2,
    ask_family_days=3,
    ask_again_days=3,
    overdue_days=1,
    site_lead_days=1,
    district_days=2,
    snooze_at_most_days=7,
)
_CRISIS = Plan(
    look_in_days=(1, 7),
    agency_silent_days=1,
    ask_family_days=1,
    ask_again_days=2,
    overdue_days=1,
    site_lead_days=1,
    district_days=1,
    snooze_at_most_days=2,
)


class Plans(Part):
    """One plan an urgency; what is left out of one is at the default of that urgency."""

    routine: Plan = Plan()
    soon: Plan = _SOON
    urgent: Plan = _URGENT
    crisis: Plan = _CRISIS

    @model_validator(mode="before")
    @classmethod
    def _over_the_defaults(cls, given: object) -> object:
        # Else a crisis that names one field would get the days of a routine for all the others.
        if not isinstance(given, dict):
            return given
        own = {"soon": _SOON, "urgent": _URGENT, "crisis": _CRISIS}
        partial = {name: plan for name, plan in given.items() if isinstance(plan, dict)}
        return given | {
            name: own[name].model_dump() | plan for name, plan in partial.items() if name in own
        }

    def of(self, urgency: Urgency) -> Plan:
        """Return the plan of an urgency; one that is not known is taken as routine."""
        by_urgency = {
            Urgency.SOON: self.soon,
            Urgency.URGENT: self.urgent,
            Urgency.CRISIS: self.crisis,
        }
        return by_urgency.get(urgency, self.routine)
