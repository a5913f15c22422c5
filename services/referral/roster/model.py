"""A school roster: the students, the people around them, and their schools.

Names follow Microsoft School Data Sync v2.1. What identifies a person is left out of every
representation, so that no log and no failing test can show it.
"""

from datetime import date
from typing import Annotated

from pydantic import Field

from services.chassis.tabular import Record

SourceId = Annotated[str, Field(min_length=1, max_length=255)]
"""The id that the school system gives."""
Name = Annotated[str, Field(repr=False)]
PersonalText = Annotated[str | None, Field(repr=False)]


class School(Record):
    """An organization of the school system; `type` is its own code (school, district, …)."""

    source_id: SourceId
    name: str
    type: str
    parent_source_id: SourceId | None = None


class Student(Record):
    """A student at the school that is primarily theirs.

    `grade` is the school system's code (`KG`, `10`, …). `role_start` and `role_end` say when they
    attend; whether that is over is for whoever knows today's date. `flags` are codes such as
    `iep`, `504`, `freeLunch`: marks that identify by combination, so encrypt them too.
    """

    source_id: SourceId
    given_name: Name
    family_name: Name
    birth_date: Annotated[date | None, Field(repr=False)] = None
    grade: str | None = None
    school_source_id: SourceId
    other_school_source_ids: tuple[SourceId, ...] = ()
    role_start: date | None = None
    role_end: date | None = None
    flags: Annotated[tuple[str, ...], Field(repr=False)] = ()


class Phone(Record):
    """A number as the roster writes it; `e164` is None where no such number can exist."""

    raw: Name
    e164: PersonalText


class Guardian(Record):
    """A person around one or several students: guardian, parent, relative, or whoever is named.

    `language` is what they read, as BCP 47, where the district says so.
    """

    source_id: SourceId
    given_name: Name
    family_name: Name
    email: PersonalText = None
    phone: Annotated[Phone | None, Field(repr=False)] = None
    sms: Annotated[Phone | None, Field(repr=False)] = None
    language: Annotated[str | None, Field(repr=False)] = None


class Relationship(Record):
    """What a guardian is to a student, in the school system's code. It grants no right to know."""

    student_source_id: SourceId
    guardian_source_id: SourceId
    relation: str


class Household(Record):
    """Children whom the very same people stand around, with those people.

    Half-siblings with another father are two households, so that nobody is told of a child who is
    not theirs. A child without anybody is a household alone.

    Attributes:
        number: the place in its roster, from 1; the same whenever the same roster is read.
        site: the school of the first child, as it is called here.
        students: by their own ids, with the school of each.
        around: the people, each with the relation to the first child.
    """

    number: Annotated[int, Field(ge=1)]
    site: str
    students: tuple[tuple[str, Student], ...]
    around: tuple[tuple[Guardian, str], ...]
