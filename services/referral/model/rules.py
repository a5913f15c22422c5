"""What a district lays down for its referrals: deadlines and plans. Configuration, not code."""

from pydantic import BaseModel, ConfigDict, Field

from contracts.categories import RESTRICTED, WITHHELD, Category


class Rules(BaseModel):
    """The rules of one district; days are calendar days, local to the school.

    Attributes:
        seat_held_days: how long a seat waits for a missing consent: a child does not lose the
            place over a paper.
        agency_silent_days: from *accepted* without a word from the agency until the coordinator is
            asked to look.
        ask_family_days: from *completed* until the family is asked whether the help arrived.
        ask_again_days: from "not yet" until the family is asked again.
        recall_minutes: how long a sending can be undone.
        also_restricted: needs that this district restricts besides those that all do.
        restricted_roles: who at a school may see a restricted referral.
        hotline: the child-protection line, as staff are shown it: name and number.
        written_report_hours: from the call to the written report (in California 36: Penal Code
            11166 (a)).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    seat_held_days: int = Field(default=3, ge=1, le=30)
    agency_silent_days: int = Field(default=10, ge=1, le=90)
    ask_family_days: int = Field(default=7, ge=1, le=90)
    ask_again_days: int = Field(default=7, ge=1, le=90)
    recall_minutes: int = Field(default=10, ge=0, le=60)
    also_restricted: tuple[Category, ...] = Field(default=(), max_length=20)
    restricted_roles: tuple[str, ...] = Field(default=("coordinator",), min_length=1, max_length=5)
    hotline: str = Field(default="", max_length=200)
    written_report_hours: int = Field(default=36, ge=1, le=168)

    @property
    def restricted(self) -> frozenset[Category]:
        """Every need whose name alone can harm, here."""
        return RESTRICTED | set(self.also_restricted)

    def on_topics(self, category: Category) -> Category:
        """Return a category as this district's events may carry it."""
        return WITHHELD if category in self.restricted else category
