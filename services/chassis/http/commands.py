"""Commands over HTTP: creates that can be repeated, changes by the version seen, pages."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Header, Path, Query, Response
from pydantic import (
    BaseModel,
    ConfigDict,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)

from services.chassis.closed import codes_in, need_listed
from services.chassis.errors import EnlaceError, Kind, rule, stale
from services.chassis.ids import is_id
from services.chassis.plain import has_one_line, plain

T = TypeVar("T")


class Body(BaseModel):
    """A request body: an unknown field is an error, and no error repeats what was sent.

    A code that is sent must be one of the list; one that was read before, from an event or a
    database, stays as it came: an answer can show what a later release wrote. Texts lose what
    nobody sees (`services.chassis.plain`).
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    @field_validator("*", mode="wrap")
    @classmethod
    def _codes_listed(
        cls, given: Any, read: ValidatorFunctionWrapHandler, about: ValidationInfo
    ) -> Any:
        value = read(plain(given, one_line=about.field_name in cls._with_one_line()))
        if not any(codes_in(given)):
            need_listed(value)
        return value

    @classmethod
    @cache
    def _with_one_line(cls) -> frozenset[str]:
        return frozenset(name for name, each in cls.model_fields.items() if has_one_line(each))


Identifier = Annotated[str, Path(description="A UUIDv7 made by the client.", max_length=36)]


def identifier(value: str) -> str:
    """Return a checked id in lower case.

    Raises:
        EnlaceError: it is no UUID.
    """
    if not is_id(value):
        raise EnlaceError(
            "malformed-id",
            Kind.MALFORMED,
            "The id in the address is no UUID. Make a UUIDv7.",
            es="El identificador de la dirección no es un UUID. Cree un UUIDv7.",
        )
    return value.lower()


def fingerprint(key: bytes, body: BaseModel) -> str:
    """Return a keyed hash of a body, to tell a repeat from another body.

    Keyed, because a plain hash of a name and a birth date could be guessed back.
    """
    text = body.model_dump_json(exclude_none=True)
    return hmac.new(key, text.encode("utf-8"), hashlib.sha256).hexdigest()


def check_repeat(stored: str, given: str) -> None:
    """Accept a create that was sent before with the same body.

    Raises:
        EnlaceError: the id was used for something else (409).
    """
    if not hmac.compare_digest(stored, given):
        raise id_taken()


def id_taken() -> EnlaceError:
    """Return the refusal of a create whose id was used for something else."""
    return rule(
        "id-taken",
        "This id was already used with another body. Nothing was changed: use a fresh id, or "
        "send the first body again.",
        es="Este identificador ya se usó con otro contenido. No se cambió nada: use uno "
        "nuevo, o envíe otra vez el primer contenido.",
    )


IfMatch = Annotated[
    str | None,
    Header(alias="If-Match", description='The ETag that you saw, as `"7"`.', max_length=32),
]


_ETAG = re.compile(r'(?:W/)?"?([0-9]{1,18})"?')


def expected_version(if_match: str | None) -> int:
    """Return the version that a change was based on.

    Raises:
        EnlaceError: the header is missing (428 in spirit; told as a malformed request) or no ETag.
    """
    found = _ETAG.fullmatch((if_match or "").strip())
    if found is None:
        raise EnlaceError(
            "if-match-missing",
            Kind.MALFORMED,
            'Say which version you saw: send If-Match with the ETag you were given, as "7".',
            es='Diga qué versión vio: envíe If-Match con el ETag que recibió, por ejemplo "7".',
        )
    return int(found[1])


def check_version(expected: int, found: int) -> None:
    """Let a change pass only on the version it was based on.

    Raises:
        EnlaceError: it has changed since (412).
    """
    if expected != found:
        raise stale(expected, found)


def set_etag(response: Response, version: int) -> None:
    """Tell the version of what is returned."""
    response.headers["ETag"] = f'"{version}"'


class Page(BaseModel, Generic[T]):
    """A page of a list; `next` is the cursor of the one after, or null at the end."""

    items: Sequence[T]
    next: str | None = None


Cursor = Annotated[str | None, Query(description="`next` of the page before.", max_length=200)]
Limit = Annotated[int, Query(ge=1, le=200, description="Items a page.")]


def write_cursor(position: str) -> str:
    """Return an opaque cursor for a position."""
    return base64.urlsafe_b64encode(position.encode("utf-8")).decode("ascii")


def cursor_malformed() -> EnlaceError:
    """Return the refusal of a cursor that this list has not given."""
    return EnlaceError(
        "cursor-malformed",
        Kind.MALFORMED,
        "The cursor is none of this list. Start again at the first page.",
        es="El cursor no es de esta lista. Empiece de nuevo por la primera página.",
    )


def read_cursor(cursor: str | None) -> str | None:
    """Return a cursor's position.

    Raises:
        EnlaceError: it is none of ours.
    """
    if cursor is None:
        return None
    try:
        raw = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True)
        return raw.decode("utf-8")
    except (binascii.Error, UnicodeError):
        raise cursor_malformed() from None


def page_of(
    items: Sequence[T],
    place: Callable[[T], str],
    cursor: str | None,
    limit: int,
    *,
    falling: bool = False,
) -> tuple[Sequence[T], str | None]:
    """Return a page of a list that was read whole, and the cursor of the one after.

    For what lies in one document, or is put together from many.

    Args:
        items: all of the list, in the order of their places.
        place: tells an item's place; it sorts as text, and no two items have the same.
        cursor: `next` of the page before.
        limit: items a page.
        falling: the places go down, as where the newest come first.

    Raises:
        EnlaceError: the cursor is none of ours.
    """
    after = read_cursor(cursor)
    rest = [
        each
        for each in items
        if after is None or (place(each) < after if falling else place(each) > after)
    ]
    page = rest[:limit]
    return page, write_cursor(place(page[-1])) if len(rest) > limit else None


def write_moment(at: datetime, id: str) -> str:
    """Return a cursor for a place in a list by time, then id."""
    return write_cursor(f"{at.isoformat()}|{id}")


def read_moment(cursor: str | None) -> tuple[datetime, str] | None:
    """Return the time, in UTC, and the id that such a cursor names; None for the first page.

    Raises:
        EnlaceError: it names none.
    """
    text = read_cursor(cursor)
    if text is None:
        return None
    at, _, id = text.partition("|")
    try:
        return datetime.fromisoformat(at).astimezone(UTC), id
    except (ValueError, OverflowError):  # also a time that is no time in UTC
        raise cursor_malformed() from None
