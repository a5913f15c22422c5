"""The base of all that a district writes down: an unknown field is an error."""

from typing import Any

from pydantic import BaseModel, ConfigDict, field_validator

from services.chassis.plain import plain


class Part(BaseModel):
    """A part of the rules. Texts lose what nobody sees (`services.chassis.plain`)."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    @field_validator("*", mode="before")
    @classmethod
    def _seen(cls, given: Any) -> Any:
        return plain(given, one_line=False)
