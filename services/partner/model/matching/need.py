"""What a child needs, as far as it decides who can help. Asked about, never kept."""

from dataclasses import dataclass
from typing import NamedTuple

from contracts.categories import Category
from contracts.codes import DayPart


class Kind(NamedTuple):
    """What is the same for all children with one need at one school.

    Attributes:
        restricted: whether the mere name of the need can harm.
    """

    category: Category
    site: str
    restricted: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Need:
    """A need and the facts that matching goes by. What is None or empty excludes nobody.

    Attributes:
        site: the child's school.
        restricted: whether the mere name of the need can harm.
        age: in whole years.
        grade: its place: -1 before kindergarten, 0, 1 to 12.
        insurance: a code; `none` for a family without any.
        home_zip: five digits.
        language: that the family speaks, as BCP 47.
        language_needed: the family cannot do with another one.
        times: when the family can come; none: any.
    """

    category: Category
    site: str
    restricted: bool = False
    age: int | None = None
    grade: int | None = None
    insurance: str | None = None
    home_zip: str | None = None
    language: str | None = None
    language_needed: bool = False
    times: frozenset[DayPart] = frozenset()

    @property
    def kind(self) -> Kind:
        """What it has in common with other children's."""
        return Kind(self.category, self.site, self.restricted)

    def __repr__(self) -> str:
        """Return nothing of the child: it may end in a log."""
        return "Need(…)"
