"""Fields of request bodies: dates, times and ids, each with its limits and its words.

The calendar of a computer ends: a day before its first or after its last is an error wherever one
adds a day, moves a time to another zone or writes it down. Nothing here is about such days, so
they end at this edge.
"""

import re
from collections.abc import Callable
from datetime import date
from typing import Annotated, TypeVar

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints

from services.chassis.errors import TwoTonguesError
from services.chassis.ids import is_id
from services.chassis.people import phone_number

D = TypeVar("D", bound=date)
T = TypeVar("T")

FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Of any date or time that is sent; what a field means sets narrower limits."""


def written(pattern: str, en: str, es: str) -> Callable[[str], str]:
    """Return what passes a text that is written as a pattern says, and otherwise says how to."""
    form = re.compile(pattern)

    def check(text: str) -> str:
        if form.fullmatch(text) is None:
            raise TwoTonguesError(en, es)
        return text

    return check


def each_once(sent: tuple[T, ...]) -> tuple[T, ...]:
    """Return what was sent, each once, in its order: said twice, a thing is still one."""
    return tuple(dict.fromkeys(sent))


def none_if_blank(given: object) -> object:
    """Return None for a text of blanks: a field that need not be filled in says nothing by them."""
    return None if isinstance(given, str) and not given.strip() else given


def _year(at: D) -> D:
    if not FIRST_YEAR <= at.year <= LAST_YEAR:
        raise TwoTonguesError(
            f"the year is not between {FIRST_YEAR} and {LAST_YEAR}: check it",
            f"el año no está entre {FIRST_YEAR} y {LAST_YEAR}: revíselo",
        )
    return at


def _id(text: str) -> str:
    if not is_id(text):
        raise TwoTonguesError(
            "this is no id: take it from the list or the page that shows what you mean; for "
            "something new, make a UUIDv7",
            "este no es un identificador: tómelo de la lista o la página donde está lo que busca; "
            "para algo nuevo, cree un UUIDv7",
        )
    return text.lower()


_provider = written(
    r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}",
    "this is no id of an agency or a service: take it from the list of services",
    "este no es el identificador de una agencia o un servicio: tómelo de la lista de servicios",
)


def _phone(text: str) -> str:
    try:
        return phone_number(text)
    except ValueError as wrong:
        raise TwoTonguesError(
            str(wrong), "este no es un número de teléfono: escríbalo como +15105550123"
        ) from None


def _sought(text: str) -> str:
    # A search by pattern ends at a NUL, and the database refuses it.
    if "\0" in text:
        raise TwoTonguesError(
            "write letters or figures to look for",
            "escriba letras o cifras que buscar",
        )
    return text


_zip = written(
    "[0-9]{5}",
    "this is no ZIP code: write its five digits, as 94601",
    "este no es un código postal: escriba sus cinco cifras, como 94601",
)
three_digits = written(
    "[0-9]{3}",
    "write the first three digits of a ZIP code, as 946",
    "escriba las tres primeras cifras de un código postal, como 946",
)
"""Returns the first three digits of a ZIP."""
_email = written(
    r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "this is no email address: write it as name@example.org",
    "esta no es una dirección de correo: escríbala como nombre@example.org",
)
_language = written(
    "[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*",
    "this is no language code: write it as es, en or mix (Mixteco)",
    "este no es un código de idioma: escríbalo como es, en o mix (mixteco)",
)
_subject = written(
    r"[A-Za-z0-9._@:|+-]+",
    "this is no account of the staff: take it from the list of staff",
    "esta no es una cuenta del personal: tómela de la lista del personal",
)

Day = Annotated[date, AfterValidator(_year)]
"""A local day."""
Moment = Annotated[AwareDatetime, AfterValidator(_year)]
"""A time with its zone."""
Id = Annotated[str, Field(description="A UUID.", max_length=36), AfterValidator(_id)]
ProviderKey = Annotated[
    str,
    Field(description="Of an agency or a service.", min_length=1, max_length=64),
    AfterValidator(_provider),
]
Phone = Annotated[str, Field(max_length=32), AfterValidator(_phone)]
ZipCode = Annotated[str, Field(max_length=10), AfterValidator(_zip)]
Email = Annotated[str, Field(max_length=254), AfterValidator(_email), AfterValidator(str.lower)]
LanguageTag = Annotated[str, Field(max_length=35), AfterValidator(_language)]
"""BCP 47; any language, for what people speak and read needs no template."""
StaffAccount = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_subject)]
"""As the sign-in knows somebody of the staff."""
SchoolId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=64)]
"""As the district's configuration calls a school."""
Sought = Annotated[str, Field(max_length=100), AfterValidator(_sought)]
"""Words to look for in names."""
