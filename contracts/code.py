"""The bases of codes: lists that may grow in a later release, and lists that a district keeps."""

import re
from enum import StrEnum
from typing import Self

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


class Code(StrEnum):
    """A code. A reader that meets one it does not know keeps the raw value and takes it as *other*.

    A list grows without breaking its readers: an older release reads `Category("glasses")` into a
    member that is not listed, prints as it came, and is `known` as `other`.
    """

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str) or not value or len(value) > MAX_CODE:
            return None
        unknown = str.__new__(cls, value)
        unknown._name_ = _UNLISTED
        unknown._value_ = value
        return unknown

    @property
    def listed(self) -> bool:
        """Whether this release knows the code."""
        return self._name_ != _UNLISTED


class DistrictCode(Code):
    """A code of a list that each district keeps for itself; the members are those that come along.

    Which codes a district has besides, and what it calls them, is told on the topic `rules`. A
    reader that has not met one yet keeps it as it came and shows the code itself.
    """

    @classmethod
    def __get_pydantic_json_schema__(
        cls, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Say of a request's field what form it has: which codes there are, the district says.

        What is published of events lists those that come along, and marks the list as a district's.
        """
        made = handler(schema)
        whole = handler.resolve_ref_schema(made)
        if DISTRICT_CODES not in whole:
            shipped = whole.pop("enum")
            whole |= {
                "pattern": f"^{DISTRICT_PATTERN}$",
                "maxLength": MAX_DISTRICT_CODE,
                "examples": shipped[:1],
            }
        return made

    @property
    def listed(self) -> bool:
        """Whether a district can have it: it comes along, or it has the form of such a code."""
        return self.shipped or is_district_code(self.value)

    @property
    def shipped(self) -> bool:
        """Whether it comes with Enlace."""
        return self._name_ != _UNLISTED


def is_district_code(code: str) -> bool:
    """Tell whether a text has the form of a district's own code."""
    return len(code) <= MAX_DISTRICT_CODE and re.fullmatch(DISTRICT_PATTERN, code) is not None


_UNLISTED = "?"
"""The name of what is not listed: no member can have it, while one may well be `UNKNOWN`."""

MAX_CODE = 64
"""Characters; a longer text is no code of anybody's."""

DISTRICT_CODES = "x-district-codes"
"""Marks a list of codes that a district adds to, in what is published of events."""

DISTRICT_PATTERN = "[a-z][a-z0-9]*(-[a-z0-9]+)*"
"""A district's own code: small letters and figures, in words joined by hyphens."""

MAX_DISTRICT_CODE = 40
"""Characters of a district's own code."""
