"""Families and students. Everything that tells who they are is sealed under their own keys."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict, Field

from contracts.code import Code
from contracts.codes import Language, Relation
from contracts.sealed import Sealed
from services.chassis.aggregate import Aggregate
from services.chassis.errors import rule

MAX_CONTACTS = 24
"""People around one household; more are a mistake of whatever sends them."""


class Enrolment(Code):
    """Whether a child attends, as far as the school system says.

    Nobody is ever deleted by a roster: whoever is gone is `withdrawn`. `moved-on` has finished the
    last grade of a school that does not say where its children go; another school's roster may take
    the child in. `graduated` has finished school.
    """

    ENROLLED = "enrolled"
    WITHDRAWN = "withdrawn"
    MOVED_ON = "moved-on"
    GRADUATED = "graduated"


LEFT = frozenset({Enrolment.WITHDRAWN, Enrolment.MOVED_ON, Enrolment.GRADUATED})
"""Those of a child who attends no more; a code not known here is a child who does."""


class Contact(BaseModel):
    """Somebody who can be told about a child.

    Attributes:
        profile: a sealed `contracts.people.Profile`.
        may_be_told: false under a custody note or no-contact order.
        roster: keyed hash of what the last roster said of them; None for one whom no roster names.
        said: keyed hash of each thing that a roster has said of them last, by its name: what it
            says again goes over no correction.
        sis_key: keyed hash of the school system's id of the person.
        do_not_contact: nobody may turn to this person at all, on any way; never with `may_be_told`.
        only_of: the children of whom they may be told; None: of all of the household. A merge of
            two households sets it, so that nobody is told more than before.
        details: a sealed `model.household.ContactDetails`: what staff alone read.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    relation: Relation
    reads: Language
    may_be_told: bool
    profile: Sealed
    roster: str | None = None
    said: dict[str, str] = Field(default_factory=dict)
    sis_key: str | None = None
    do_not_contact: bool = False
    only_of: tuple[str, ...] | None = None
    details: Sealed | None = None

    def hears_of(self, student: str) -> bool:
        """Tell whether they may be told of this child."""
        told = self.may_be_told and not self.do_not_contact
        return told and (self.only_of is None or student in self.only_of)

    def stands_around(self, students: Sequence[str]) -> bool:
        """Tell whether they are of the household of one of these children, told or not."""
        if self.only_of is None:
            return bool(students)
        return not set(self.only_of).isdisjoint(students)


class Family(Aggregate):
    """A household.

    Attributes:
        site: the school that keeps it while it has no child; else one of its children's.
        fingerprint: tells a repeated create from another one.
        erasing: id of the erasure that was ordered; from then on nothing is entered any more.
        erased_at: since when nothing is known of it.
        absorbed: the households that were merged into this one.
        merged_into: the household that this one was merged into: empty, until that is undone.
        former: people whom only an earlier roster named. Nobody tells or asks them anything, and no
            page shows them; they are found again when a roster names them, with what staff decided,
            and erased with the household.
    """

    COLLECTION: ClassVar[str] = "families"

    site: str
    contacts: tuple[Contact, ...]
    fingerprint: str
    erasing: str | None = None
    erased_at: datetime | None = None
    absorbed: tuple[str, ...] = ()
    merged_into: str | None = None
    former: tuple[Contact, ...] = ()

    def contact(self, id: str) -> Contact | None:
        """Return one of its contacts."""
        return next((contact for contact in self.contacts if contact.id == id), None)

    def schools(self, of_children: Iterable[str]) -> frozenset[str]:
        """Return the schools that know of it: its children's, and its own while it has none.

        A school that its children have left has no more to do with it.
        """
        return frozenset(of_children) or frozenset({self.site})

    def settled(self, of_children: Collection[str]) -> "Family":
        """Return it at a school of its children, where they are at its own no more."""
        if not of_children or self.site in of_children:
            return self
        return self.having(site=min(of_children))

    def need_open(self) -> None:
        """Let a change pass unless this household was merged into another one.

        Raises:
            EnlaceError: it was; the text names the other.
        """
        if self.merged_into is not None:
            raise rule(
                "merged-away",
                f"This household was merged into {self.merged_into}. Nothing was changed: use that "
                "one, or undo the merge.",
                es=f"Esta familia se unió a {self.merged_into}. No se cambió nada: use esa, o "
                "deshaga la unión.",
            )

    @property
    def reads(self) -> Language:
        """The language of the first contact who may be told; English where there is none."""
        told = [contact.reads for contact in self.contacts if contact.may_be_told]
        return told[0] if told else Language.ENGLISH


class StudentRecord(BaseModel):
    """What `record` of a student holds once opened.

    Attributes:
        insurance: its kind, a code of `household.Insurance` (older entries: words).
        programmes: marks by which reports are sliced, such as `iep`, `504`, `free-lunch`.
        reads: what the student reads, as BCP 47.
        speaks: what the student speaks, as BCP 47: Mixteco (`mix`) is mostly spoken.
        interpreter: whether one is needed; None where nobody has asked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    given_name: str
    family_name: str
    birth_date: date | None = None
    grade: str | None = None
    home_zip: str | None = None
    insurance: str | None = None
    sis_id: str | None = None
    programmes: tuple[str, ...] = ()
    reads: str | None = None
    speaks: str | None = None
    interpreter: bool | None = None


class FormerHousehold(BaseModel):
    """A household that a child was of, and until when."""

    model_config = ConfigDict(frozen=True)

    family: str
    until: datetime


class FormerSchool(BaseModel):
    """A school at which a child was, and until when."""

    model_config = ConfigDict(frozen=True)

    site: str
    until: datetime


class Student(Aggregate):
    """A child at a school.

    Attributes:
        record: a sealed `StudentRecord`.
        sis_key: keyed hash of the school system's id, to find the child again at an import.
        roster: keyed hash of what the last roster said of the child; None for one that no roster
            has brought.
        said: keyed hash of each thing that a roster has said last, as of a contact.
        erased_at: since when nothing is known of the child; no roster brings it back.
        enrolment: whether the child attends.
        left_on: the day since when not, local to the school.
        moved_at: when the child came to this school or household from another one, by the machine's
            time; until everything of the child has followed.
        rolled_for: the school year, by the year in which it begins, for which the child was rolled
            over: once a summer, however often it is asked for.
        former: households from which a roster took the child into another one, oldest first.
        schools: those at which the child was before, oldest first.
    """

    COLLECTION: ClassVar[str] = "students"
    STAMPED: ClassVar[bool] = True

    site: str
    family: str
    record: Sealed
    fingerprint: str
    sis_key: str | None = None
    roster: str | None = None
    said: dict[str, str] = Field(default_factory=dict)
    erased_at: datetime | None = None
    enrolment: Enrolment = Enrolment.ENROLLED
    left_on: date | None = None
    rolled_for: int | None = None
    moved_at: datetime | None = None
    former: tuple[FormerHousehold, ...] = ()
    schools: tuple[FormerSchool, ...] = ()

    def at_school(self, site: str, at: datetime, now: datetime) -> "Student":
        """Return the child at a school, marked where it is another one.

        Args:
            site: the school.
            at: the moment of it.
            now: the same, by the machine's time.
        """
        if site == self.site:
            return self
        left = FormerSchool(site=self.site, until=at)
        return self.having(site=site, moved_at=now, schools=(*self.schools, left))

    def school_at(self, at: datetime) -> str:
        """Return the school of the child at a past moment, as far as it was here."""
        return next((each.site for each in self.schools if at < each.until), self.site)

    def in_household(self, family: str, at: datetime, now: datetime) -> "Student":
        """Return the child in a household, marked where it is another one.

        Args:
            family: the household.
            at: the moment of it.
            now: the same, by the machine's time.
        """
        if family == self.family:
            return self
        left = FormerHousehold(family=self.family, until=at)
        return self.having(family=family, moved_at=now, former=(*self.former, left))

    def enrolled_as(self, enrolment: Enrolment, left_on: date | None, today: date) -> "Student":
        """Return the child once somebody said whether it attends; the same again is no change.

        Args:
            enrolment: what they said.
            left_on: the first day without the child; None: today.
            today: local to the school.

        Raises:
            EnlaceError: a day for a child who attends, or one to come.
        """
        if enrolment not in LEFT:
            if left_on is not None:
                raise rule(
                    "attends-still",
                    "A child who attends has left on no day. Nothing was changed: leave `left_on` "
                    "out, or say that the child was withdrawn, moved on or graduated.",
                    es="Un niño que asiste no se ha ido ningún día. No se cambió nada: quite "
                    "`left_on`, o diga que se dio de baja, pasó a otra escuela o se graduó.",
                )
            return self.having(enrolment=enrolment, left_on=None)
        if left_on is not None and left_on > today:
            raise rule(
                "left-later",
                "This day is still to come. Nothing was changed: enter it once the child has left.",
                es="Ese día todavía no llega. No se cambió nada: regístrelo cuando el niño ya no "
                "asista.",
            )
        same = enrolment is self.enrolment and left_on is None
        return self.having(
            enrolment=enrolment, left_on=self.left_on if same and self.left_on else left_on or today
        )

    @property
    def attends(self) -> bool:
        """Whether the child is enrolled."""
        return self.enrolment is Enrolment.ENROLLED
