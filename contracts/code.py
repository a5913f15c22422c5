"""The base of every closed list of codes that may grow in a later release."""

from enum import StrEnum
from typing import Self


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


_UNLISTED = "?"
"""The name of what is not listed: no member can have it, while one may well be `UNKNOWN`."""

MAX_CODE = 64
"""Characters; a longer text is no code of anybody's."""
