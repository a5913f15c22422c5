"""Fields of people's forms: each with its limit, and what to say where it does not fit."""

import re
from datetime import date, time
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from services.chassis.http.faults import TwoTonguesError
from services.chassis.people import phone_number
from services.referral.model.household import Insurance
from services.referral.roster.never import is_flag_never_kept

_TAG = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}")
_PROGRAMME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._/-]{0,39}")
_OLDEST = 120


def _phone(text: str) -> str:
    try:
        return phone_number(text)
    except ValueError as wrong:
        raise TwoTonguesError(
            str(wrong), "este no es un número de teléfono: escríbalo como +15105550123"
        ) from None


def _language(text: str) -> str:
    if _TAG.fullmatch(text) is None:
        raise TwoTonguesError(
            "this is no language code: write it as es, en or mix (Mixteco)",
            "este no es un código de idioma: escríbalo como es, en o mix (mixteco)",
        )
    return text


def _insurance(code: Insurance) -> Insurance:
    if not code.listed:
        known = ", ".join(each.value for each in Insurance)
        raise TwoTonguesError(
            f"this kind of insurance is not known here: write one of {known}",
            f"este tipo de seguro no se conoce aquí: escriba uno de {known}",
        )
    return code


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


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Phone = Annotated[str, StringConstraints(max_length=32), AfterValidator(_phone)]
Email = Annotated[
    str, StringConstraints(max_length=254, pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$", to_lower=True)
]
LanguageTag = Annotated[str, StringConstraints(max_length=35), AfterValidator(_language)]
"""BCP 47, of what is spoken or read; for what messages are written in, see `codes.Language`."""
InsuranceKind = Annotated[Insurance, AfterValidator(_insurance)]
Programmes = Annotated[tuple[Annotated[str, AfterValidator(_programme)], ...], Field(max_length=20)]
BirthDate = Annotated[date, AfterValidator(_born)]
Grade = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=8)]
HomeZip = Annotated[str, StringConstraints(pattern=r"^\d{5}$")]
ClockTime = Annotated[time, Field(description="Local, as 17:30.")]
CustodyNote = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2_000)
]
Label = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40)]
