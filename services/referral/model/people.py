"""Families and students. Everything that tells who they are is sealed under their own keys."""

from datetime import date, datetime
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from contracts.codes import Language, Relation
from contracts.sealed import Sealed
from services.chassis.aggregate import Aggregate


class Contact(BaseModel):
    """Somebody who can be told about a child.

    Attributes:
        profile: a sealed `contracts.people.Profile`.
        may_be_told: false under a custody note or no-contact order.
        roster: keyed hash of what the last roster said of them; None for one whom no roster names.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    relation: Relation
    reads: Language
    may_be_told: bool
    profile: Sealed
    roster: str | None = None


class Family(Aggregate):
    """A household.

    Attributes:
        fingerprint: tells a repeated create from another one.
        erasing: id of the erasure that was ordered; from then on nothing is entered any more.
        erased_at: since when nothing is known of it.
    """

    COLLECTION: ClassVar[str] = "families"

    site: str
    contacts: tuple[Contact, ...]
    fingerprint: str
    erasing: str | None = None
    erased_at: datetime | None = None

    def contact(self, id: str) -> Contact | None:
        """Return one of its contacts."""
        return next((contact for contact in self.contacts if contact.id == id), None)

    @property
    def reads(self) -> Language:
        """The language of the first contact who may be told; English where there is none."""
        told = [contact.reads for contact in self.contacts if contact.may_be_told]
        return told[0] if told else Language.ENGLISH


class StudentRecord(BaseModel):
    """What `record` of a student holds once opened."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    given_name: str
    family_name: str
    birth_date: date | None = None
    grade: str | None = None
    home_zip: str | None = None
    insurance: str | None = None
    sis_id: str | None = None


class Student(Aggregate):
    """A child at a school.

    Attributes:
        record: a sealed `StudentRecord`.
        sis_key: keyed hash of the school system's id, to find the child again at an import.
        roster: keyed hash of what the last roster said of the child; None for one that no roster
            has brought.
        erased_at: since when nothing is known of the child; no roster brings it back.
    """

    COLLECTION: ClassVar[str] = "students"
    STAMPED: ClassVar[bool] = True

    site: str
    family: str
    record: Sealed
    fingerprint: str
    sis_key: str | None = None
    roster: str | None = None
    erased_at: datetime | None = None


AGE_BANDS = ((0, 4), (5, 6), (7, 9), (10, 12), (13, 15), (16, 22))


def age_band(born: date | None, today: date) -> str:
    """Return the band of an age, as `7-9`; `any` where the birth date is not known.

    Bands are what an agency may see before it says yes: each fits many children.
    """
    if born is None:
        return "any"
    age = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    for low, high in AGE_BANDS:
        if low <= age <= high:
            return f"{low}-{high}"
    return "any"
