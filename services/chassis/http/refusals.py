"""The refusals that the document shows: in the very words with which each is met."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

from services.chassis.auth import not_allowed, not_signed_in
from services.chassis.errors import THINGS_ES, EnlaceError, stale, unknown
from services.chassis.http import problems
from services.chassis.http.commands import id_taken
from services.chassis.limits import Largest, too_large

_EXAMPLE_LIMIT = 64 * 1024
_BY_ID = re.compile(r"/([a-z-]+)/\{\w+\}")
_PLURALS = {
    "families": "family",
    "deliveries": "delivery",
    "staff": "member of staff",
    "break-glass": "opening",
}


def shown(status: str, method: str, path: str, required: str | None) -> Mapping[str, Any] | None:
    """Return a refusal with a status as an address gives it; None where the rules of each decide.

    Args:
        status: as the document has it, `404`.
        method: in lower case.
        path: the address, with its parameters in braces.
        required: a field without which the body is refused; None where it takes none.
    """
    if status == "422":
        return problems.malformed([_fault(required)])
    error = _met(status, method, path)
    if error is None:
        return None
    return problems.document(error.slug, problems.STATUS[error.kind], error.detail, error.es)


def _met(status: str, method: str, path: str) -> EnlaceError | None:
    if status == "409":
        return id_taken() if method == "put" and path.endswith("}") else None
    if status == "404":
        return unknown(_thing(path))
    made: dict[str, Callable[[], EnlaceError]] = {
        "401": not_signed_in,
        "403": not_allowed,
        "412": partial(stale, 3, 4),
        "413": partial(too_large, Largest(_EXAMPLE_LIMIT)),
        "503": problems.database_away,
    }
    return made[status]() if status in made else None


def _fault(required: str | None) -> dict[str, Any]:
    if required is not None:
        return {"type": "missing", "loc": ("body", required), "msg": ""}
    return {
        "type": "less_than_equal",
        "loc": ("query", "limit"),
        "msg": "",
        "ctx": {"le": 200},
    }


def _thing(path: str) -> str:
    """Return what is not there: of the last thing that the address names by an id."""
    named = _BY_ID.findall(path)
    collection = named[-1] if named else ""
    thing = _PLURALS.get(collection, collection.removesuffix("s").replace("-", " "))
    return thing if thing in THINGS_ES else "page"


def problem_of(slug: str, en: str, es: str) -> Mapping[str, Any]:
    """Return a rule's refusal, as a service's own examples tell it in two languages."""
    return problems.document(slug, HTTPStatus.CONFLICT, en, es)
