"""The base of all that a district writes down: an unknown field is an error."""

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A part of the rules."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
