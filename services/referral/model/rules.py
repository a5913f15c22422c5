"""What a district lays down for its referrals: deadlines and plans. Configuration, not code."""

from pydantic import BaseModel, ConfigDict, Field


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
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    seat_held_days: int = Field(default=3, ge=1, le=30)
    agency_silent_days: int = Field(default=10, ge=1, le=90)
    ask_family_days: int = Field(default=7, ge=1, le=90)
    ask_again_days: int = Field(default=7, ge=1, le=90)
    recall_minutes: int = Field(default=10, ge=0, le=60)
