"""What a directory and staff have both changed: three sides beside each other, settled in place."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from services.portal.errors import PageError
from services.portal.model.differing import laid_out
from services.portal.pages.context import Pages
from services.portal.pages.listing import code_of
from services.portal.pages.partners import WRITERS, Look, back, look
from services.portal.pages.reading import checked
from services.portal.pages.refusals import Refused, about_the_form, lacking
from services.portal.words import Words

KINDS = ("agencies", "services")
SIDES = ("ours", "source")
SHOWN = 50
"""Agencies and services of each kind on the page: nobody settles more at one sitting."""
_PERSON = "contacts."
_CODES = {
    "category": "category",
    "also": "category",
    "languages": "language",
    "reads": "language",
    "preferred": "channel",
    "cost": "cost",
    "insurance": "insurance",
}
"""Fields whose values are codes, with the words' own name for them."""

Text = Annotated[str, Form(max_length=100)]


def settling_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/partners/to-settle", include_in_schema=False)

    @router.get("")
    async def show(request: Request) -> Response:
        """Show what waits to be settled."""
        return await _page(await look(pages, request, *WRITERS))

    @router.post("/{kind}/{id}")
    async def settle(  # noqa: PLR0917 - FastAPI passes the form's fields by name
        request: Request,
        kind: str,
        id: str,
        seen: Annotated[int, Form(ge=0)],
        field: Text = "",
        keep: Text = "",
    ) -> Response:
        """Let one side stand; once settled it is off the list."""
        here = await look(pages, request, *WRITERS)
        if kind not in KINDS:
            raise PageError(404)
        if keep not in SIDES or not field:
            return await _page(here, lacking("settle.choose", here.words), 422)
        path = f"/v1/directory-differences/{kind}/{checked(id)}"
        try:
            await here.post(path, {"field": field, "keep": keep}, seen)
        except PageError as error:
            if not about_the_form(error):
                raise
            return await _page(here, here.refusal(error), error.status)
        return back("/partners/to-settle", f"settled-{keep}")

    return router


async def _page(here: Look, problem: Refused | None = None, status: int = 200) -> Response:
    pages = await asyncio.gather(
        *(here.get(f"/v1/directory-differences/{kind}", limit=SHOWN) for kind in KINDS)
    )
    found = [page["items"] for page in pages]
    moved = {
        str(side)
        for some in found
        for each in some
        for one in each["differences"]
        if one["field"] == "agency"
        for side in (one["before"], one["ours"], one["theirs"])
        if side
    }
    names = await here.pages.names.agencies(moved, here.session.token)
    rows = [
        _row(here.words, kind, each, names)
        for kind, some in zip(KINDS, found, strict=True)
        for each in some
        if each["differences"]
    ]
    return here.page(
        "to_settle.html",
        "to-settle",
        problem=problem,
        status=status,
        rows=rows,
        left=sum(len(each["fields"]) for each in rows),
        more=any(page["next"] for page in pages),
    )


def _row(
    words: Words, kind: str, known: Mapping[str, Any], names: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "kind": kind,
        "id": known["id"],
        "version": known["version"],
        "name": known["name"],
        "source": known["source"],
        "fields": [_field(words, each, names) for each in known["differences"]],
    }


def _field(words: Words, difference: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    field = str(difference["field"])
    person = field.startswith(_PERSON)
    sides = [difference[side] for side in ("before", "ours", "theirs")]
    lines = [
        {
            "part": "" if not place else _part(words, place),
            # Of a person nobody knows what was before.
            "before": None if person else _said(words, field, place, before, names),
            "ours": _said(words, field, place, ours, names),
            "theirs": _said(words, field, place, theirs, names),
        }
        for place, before, ours, theirs in laid_out(*sides)
    ]
    name = "person" if person else field.removeprefix("terms.")
    return {
        "field": field,
        "name": words.code("field", name),
        "person": person,
        "who": next((str(side["name"]) for side in sides[1:] if side), "") if person else "",
        "lines": lines,
        "gone": difference["theirs"] is None,
        "dropped": difference["ours"] is None,
    }


def _part(words: Words, place: str) -> str:
    """Return the name of a part: `2, city` is the second one's city."""
    steps = place.split(".")
    numbers = [str(int(step) + 1) for step in steps if step.isdigit()]
    named = [step for step in steps if not step.isdigit()]
    said = [str(words.code("field", step)) for step in named]
    return ", ".join([*numbers, *said])


def _said(words: Words, field: str, place: str, value: Any, names: Mapping[str, str]) -> str:
    """Return a plain value as a person says it."""
    if value is None or value in ("", []):
        return str(words("settle.nothing"))
    if isinstance(value, bool):
        return str(words("settle.yes" if value else "settle.no"))
    last = (place or field).rpartition(".")[2]
    if isinstance(value, list):
        return words.listed([_one(words, last, each) for each in value])
    if field == "agency":
        return names.get(str(value), str(words("agency.unknown")))
    return _one(words, last, value)


def _one(words: Words, field: str, value: Any) -> str:
    kind = _CODES.get(field)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return code_of(words, kind, str(value)) if kind else str(value)
