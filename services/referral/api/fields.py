"""Fields of people's forms: each with its limit, and what to say where it does not fit."""

import re
from datetime import date, time
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from services.chassis.errors import TwoTonguesError
from services.chassis.fields import Day
from services.chassis.grades import IN_WORDS, is_grade
from services.referral.roster.never import is_flag_never_kept

_PROGRAMME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{0,39}")
_OLDEST = 120
_SCHOOL_YEARS = 20
"""Longer than anybody is a child at a school: what lies further off is a slip."""


def _programme(text: str) -> str:
    if is_flag_never_kept(text):
        raise TwoTonguesError(
            "this tells, or hints at, where a family comes from; no help needs it: leave it out",
            "esto dice, o da a entender, de dónde viene una familia; no hace falta para ayudar: "
            "quítelo",
        )
    if _PROGRAMME.fullmatch(text) is None:
        raise TwoTonguesError(
            "write a short code, such as iep, 504 or free-lunch",
            "escriba un código corto, como iep, 504 o free-lunch",
        )
    return text


def _born(day: date) -> date:
    if not 0 <= date.today().year - day.year <= _OLDEST:  # noqa: DTZ011 - only a slip is caught
        raise TwoTonguesError(
            "this cannot be a birth date: check the year",
            "esta no puede ser una fecha de nacimiento: revise el año",
        )
    return day


def _grade(text: str) -> str:
    if not is_grade(text):
        raise TwoTonguesError(
            f"this is no grade: write {IN_WORDS[0]} where a child has none; or leave it out",
            f"este no es un grado: escriba {IN_WORDS[1]} si no tiene; o déjelo sin poner",
        )
    return text


def _near(day: date) -> date:
    if abs(date.today().year - day.year) > _SCHOOL_YEARS:  # noqa: DTZ011 - only a slip is caught
        raise TwoTonguesError(
            f"this is more than {_SCHOOL_YEARS} years away: check the year",
            f"faltan o han pasado más de {_SCHOOL_YEARS} años: revise el año",
        )
    return day


SchoolDay = Annotated[Day, AfterValidator(_near)]
"""A day in somebody's time at a school."""
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Programmes = Annotated[tuple[Annotated[str, AfterValidator(_programme)], ...], Field(max_length=20)]
BirthDate = Annotated[date, AfterValidator(_born)]
Grade = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=8),
    AfterValidator(_grade),
]
ClockTime = Annotated[time, Field(description="Local, as 17:30.")]
CustodyNote = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)
]
Need = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)]
"""A need in the coordinator's words: blanks say nothing."""

DespiteDuplicate = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=3, max_length=500)
]
"""Why a need is written down although one like it is open."""

SisId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
"""The child's number in the school's own system."""
Label = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]
