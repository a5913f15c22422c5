"""What counts how much when services are ranked: a district's choice."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Weight = Annotated[float, Field(ge=0, le=100)]


class Weights(BaseModel):
    """How much each thing counts beside the others; 0 leaves it out.

    Attributes:
        seats: free seats, and how fresh the figure is.
        language: staff who speak the family's language, or an interpreter.
        distance: on the school's grounds, or how far.
        reply: how soon the agency has answered.
        acceptance: how often it has said yes.
        cost: what the family pays.
        hours: open when the family can come.
        far_miles: the distance from which a place counts as far; half of it counts half.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    seats: Weight = 4
    language: Weight = 3
    distance: Weight = 2
    reply: Weight = 1
    acceptance: Weight = 1
    cost: Weight = 1
    hours: Weight = 1
    far_miles: Annotated[float, Field(gt=0, le=500)] = 15

    @model_validator(mode="after")
    def _something_counts(self) -> Self:
        # What always counts: a need may name no language, no hours and no place.
        if self.seats + self.reply + self.acceptance + self.cost <= 0:
            raise ValueError("give seats, reply, acceptance or cost a weight above 0")
        return self
