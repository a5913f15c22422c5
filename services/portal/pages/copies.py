"""A family's rights on paper: the copy of all that is held on it, and who has read of it."""

import asyncio
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, Response

from services.chassis.auth import Role
from services.portal.errors import PageError
from services.portal.pages.context import Pages
from services.portal.pages.new import FOUND, NAME_CHARACTERS, found_children
from services.portal.pages.parts import Around
from services.portal.pages.reading import checked
from services.portal.pages.refusals import Refused, lacking
from services.portal.sessions import Session
from services.portal.words import LANGUAGES, OWN_NAMES

MAKERS = (Role.COORDINATOR, Role.ADMIN)
_MOST_NAMES = 200
"""As many names as one copy is sent."""

_PAPER = {
    # Made of what people wrote: nothing in it runs, and its own styles alone are let through.
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'",
}

Language = Literal["es", "en"]
What = Literal["record", "readings"]


def copies_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/copies", include_in_schema=False)

    @router.get("")
    async def begin(request: Request) -> Response:
        """Ask of which child."""
        return _search(pages, request, await _maker(pages, request))

    @router.post("/find")
    async def find(request: Request, q: Annotated[str, Form(max_length=100)] = "") -> Response:
        """Show the children whom a name fits. Posted: a name stands in no address."""
        session = await _maker(pages, request)
        wanted = q.strip()
        if len(wanted) < NAME_CHARACTERS:
            problem = lacking("new.name-first", pages.words(request))
            return _search(pages, request, session, q=wanted, problem=problem)
        found = await found_children(pages, session, wanted)
        return _search(pages, request, session, q=wanted, found=found)

    @router.get("/{student}")
    async def choose(request: Request, student: str) -> Response:
        """Ask for whom, and in which language."""
        session = await _maker(pages, request)
        words = pages.words(request)
        child, family = await _household(pages, session, checked(student))
        around = Around(child, list(family["contacts"]), words)
        return pages.page(
            request,
            "copies_of.html",
            words=words,
            session=session,
            child=child,
            readers=[
                {
                    "id": each["id"],
                    "who": around.who(each["id"]),
                    "languages": _first(each["reads"]),
                    "readings": each["id"] != child["id"],
                }
                for each in (*around.reachable, {"id": child["id"], "reads": child.get("reads")})
            ],
            names=OWN_NAMES,
            school=pages.site(child["site"]).name,
        )

    @router.get("/{student}/{what}")
    async def make(
        request: Request, student: str, what: What, reader: str, language: Language = "es"
    ) -> Response:
        """Make the copy, or the list of readings, as a page to print."""
        session = await _maker(pages, request)
        child, family = await _household(pages, session, checked(student))
        names = await _names(pages, session, family)
        whose = "reader" if what == "record" else "contact"
        params: dict[str, Any] = {whose: checked(reader), "language": language, "name": names}
        if what == "record":
            params["format"] = "html"
        part = "export" if what == "record" else "disclosure-report"
        content, _ = await pages.upstream.get_file(
            "referral", f"/v1/families/{child['family']}/{part}", token=session.token, params=params
        )
        return HTMLResponse(content, headers={**_PAPER, "Content-Language": language})

    return router


async def _maker(pages: Pages, request: Request) -> Session:
    session = await pages.signed_in(request)
    if not session.person.has(*MAKERS):
        raise PageError(403)
    return session


async def _household(
    pages: Pages, session: Session, student: str
) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    child = await pages.upstream.get("referral", f"/v1/students/{student}", token=session.token)
    family = await pages.upstream.get(
        "referral", f"/v1/families/{child['family']}", token=session.token
    )
    return child, family


def _first(reads: str | None) -> tuple[str, ...]:
    """Return the languages of a copy, first the one that its reader reads."""
    return tuple(sorted(LANGUAGES, key=lambda each: (each != reads, each)))


async def _names(pages: Pages, session: Session, family: Mapping[str, Any]) -> list[str]:
    """Return the names of the agencies and services that a family has to do with, as `id:name`."""
    children = [each["id"] for each in family["students"]]
    path = f"/v1/families/{family['id']}/disclosures"
    lists = [_every(pages, session, path)]
    for child in children:
        lists += [
            _every(pages, session, "/v1/referrals", student=child),
            _every(pages, session, f"/v1/students/{child}/consents"),
        ]
    found = [each for items in await asyncio.gather(*lists) for each in items]
    agencies, services = set(_ids(found, "agency")), set(_ids(found, "service"))
    agencies |= {id for each in found for id in each.get("agencies", ())}
    known = {
        **await pages.names.agencies(agencies, session.token),
        **await pages.names.services(services, session.token),
    }
    # A name is cut to what the copy takes, and a colon parts it from its id.
    return [f"{id}:{name[:175]}" for id, name in sorted(known.items()) if ":" not in id][
        :_MOST_NAMES
    ]


async def _every(pages: Pages, session: Session, path: str, **params: str) -> list[Any]:
    """Return a whole list; nothing where it is another school's."""
    try:
        return await pages.upstream.every("referral", path, token=session.token, params=params)
    except PageError as error:
        if error.status != HTTPStatus.NOT_FOUND:
            raise
        return []


def _ids(found: Iterable[Mapping[str, Any]], part: str) -> Iterable[str]:
    for each in found:
        for one in (each, *each.get("candidates", ())):
            if one.get(part):
                yield str(one[part])


def _search(
    pages: Pages,
    request: Request,
    session: Session,
    *,
    q: str = "",
    found: list[dict[str, Any]] | None = None,
    problem: Refused | None = None,
) -> Response:
    return pages.page(
        request,
        "copies.html",
        session=session,
        status=422 if problem else 200,
        q=q,
        found=None if found is None else found[:FOUND],
        more=found is not None and len(found) > FOUND,
        refused=problem,
    )
