"""What a slice of a roster is to change: people and households, beside what is stored. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from contracts.codes import Relation
from services.referral.model.people import Contact, Family, Student
from services.referral.roster.model import Guardian
from services.referral.roster.model import Student as Row


@dataclass(frozen=True, slots=True)
class PlannedContact:
    """A person around a child. `known` is what is stored of them; None for a new one.

    Attributes:
        said: keyed hash of each thing that the roster says of them, by its name.
        only_of: of which children a new one may be told; None: of all of the household. Households
            that staff have merged are one, and yet each brings people of its own.
    """

    id: str
    guardian: Guardian
    relation: Relation
    roster: str
    said: Mapping[str, str]
    sis_key: str
    known: Contact | None
    only_of: tuple[str, ...] | None = None

    @property
    def changed(self) -> bool:
        """Whether the roster says anything new of them."""
        return self.known is None or self.known.roster != self.roster

    @property
    def anew(self) -> frozenset[str]:
        """What the roster says otherwise than it did before: the rest staff may have corrected."""
        return _anew(self.said, self.known)


@dataclass(frozen=True, slots=True)
class PlannedStudent:
    """A child. `known` is what is stored; None for a new one; `said` as of a contact."""

    id: str
    site: str
    family: str
    row: Row
    roster: str
    said: Mapping[str, str]
    sis_key: str
    known: Student | None

    @property
    def changed(self) -> bool:
        """Whether the roster says anything new of them; it brings nobody back who was erased."""
        known = self.known
        if known is not None and known.erased_at is not None:
            return False
        if known is None or not known.attends:
            return True
        return (known.roster, known.family, known.site) != (self.roster, self.family, self.site)

    @property
    def anew(self) -> frozenset[str]:
        """What the roster says otherwise than it did before."""
        return _anew(self.said, self.known)

    @property
    def moves(self) -> bool:
        """Whether the child comes into this household from another one."""
        return self.known is not None and self.known.family != self.family


@dataclass(slots=True)
class PlannedFamily:
    """A household with its people. `known` is what is stored; None for a new one.

    Attributes:
        staying: contacts that stay though this part of the roster does not name them.
    """

    id: str
    site: str
    known: Family | None
    contacts: list[PlannedContact] = field(default_factory=list)
    staying: tuple[Contact, ...] = ()
    students: list[PlannedStudent] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether the household itself is to be written."""
        if self.known is not None and self.known.erasing is not None:
            return False
        if self.known is None or any(each.changed for each in self.contacts):
            return True
        named = {each.id for each in self.contacts} | {each.id for each in self.staying}
        return {each.id for each in self.known.contacts} != named


@dataclass(frozen=True, slots=True)
class Collision:
    """An id that belongs to a child at another school here. The row is not taken."""

    source_id: str
    roster_site: str
    known_site: str


@dataclass(frozen=True, slots=True)
class Stored:
    """What is stored of a slice's children.

    Attributes:
        students: by the school system's id, at whichever school.
        families: theirs, by id.
        wider: ids of families with children who attend and whom the roster does not name: it does
            not know all who stand around them.
    """

    students: Mapping[str, Student]
    families: Mapping[str, Family]
    wider: frozenset[str]


@dataclass(frozen=True, slots=True)
class Slice:
    """What some households of a roster change."""

    families: tuple[PlannedFamily, ...]
    collisions: tuple[Collision, ...]


def _anew(said: Mapping[str, str], known: Contact | Student | None) -> frozenset[str]:
    before = known.said if known else {}
    return frozenset(name for name, mark in said.items() if before.get(name) != mark)
