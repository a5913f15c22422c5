"""Emergency access: a child of another school, opened with a reason, and who opened what."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from services.chassis.auth import Role
from services.chassis.ids import is_id, new_id
from services.portal.errors import PageError
from services.portal.model.referral import Referral
from services.portal.model.situation import Row, situation
from services.portal.pages.context import Pages
from services.portal.pages.lines import line_of
from services.portal.pages.reading import checked
from services.portal.pages.refusals import Refused, about_the_form, refused
from services.portal.pages.today import STAFF
from services.portal.sessions import Session

REVIEWERS = (Role.COORDINATOR, Role.ADMIN)
OPENERS = (*STAFF, Role.ADMIN)
"""Referral itself has the last word: the district says which roles may."""

NAME_CHARACTERS, REASON_CHARACTERS, REASON_LEAST = 100, 500, 20
SHOWN = 50

_SAID = frozenset({"break-glass-suspended", "break-glass-too-often"})
"""Refusals that tell what to do instead: that is said on the form."""

Text = Annotated[str, Form(max_length=100)]
Long = Annotated[str, Form(max_length=3 * REASON_CHARACTERS)]


def glass_router(pages: Pages) -> APIRouter:
    """Return the router. It goes before those that take `/openings/{id}`."""
    router = APIRouter(prefix="/openings", include_in_schema=False)
    _add_list(router, pages)
    _add_opening(router, pages)
    return router


def _add_list(router: APIRouter, pages: Pages) -> None:
    @router.get("")
    async def show_all(request: Request) -> Response:
        """Show what was opened at the reader's schools, what nobody has reviewed first."""
        session = await _who(pages, request)
        reviews = session.person.has(*REVIEWERS)
        waiting, reviewed = [
            [_told(each, pages) for each in await _openings(pages, session, waiting=waiting)]
            if reviews
            else []
            for waiting in (True, False)
        ]
        return pages.page(
            request,
            "openings.html",
            session=session,
            reviews=reviews,
            waiting=waiting,
            reviewed=reviewed,
            people=await _people(pages, session) if reviews else [],
        )


def _add_opening(router: APIRouter, pages: Pages) -> None:
    @router.get("/new")
    async def begin(request: Request) -> Response:
        """Ask whose record, and why it cannot wait."""
        return _form(pages, request, await _who(pages, request))

    @router.post("/find")
    async def find(request: Request, name: Text = "", reason: Long = "") -> Response:
        """Show the children of any school whom a name fits. Posted: it stands in no address."""
        session = await _who(pages, request)
        typed = {"name": name.strip(), "reason": _plain(reason)}
        try:
            found = await pages.upstream.post(
                "referral", "/v1/break-glass/search", typed, token=session.token
            )
        except PageError as error:
            return _form(pages, request, session, typed, problem=_shown(pages, request, error))
        return _form(pages, request, session, typed, found=found)

    @router.post("/new")
    async def open_record(
        request: Request,
        student: Text = "",
        opening: Text = "",
        name: Text = "",
        reason: Long = "",
    ) -> Response:
        """Open a child's record for the reader alone; the school is told at once."""
        session = await _who(pages, request)
        typed = {"name": name.strip(), "reason": _plain(reason)}
        id = opening if is_id(opening) else new_id()
        body = {"student": checked(student), "reason": typed["reason"]}
        try:
            await pages.upstream.put("referral", f"/v1/break-glass/{id}", body, token=session.token)
        except PageError as error:
            return _form(pages, request, session, typed, problem=_shown(pages, request, error))
        return RedirectResponse(f"/openings/children/{checked(student)}", status_code=303)

    @router.get("/children/{student}")
    async def read(request: Request, student: str) -> Response:
        """Show what was opened: the child, and the needs with the way to each."""
        session = await _who(pages, request)
        words = pages.words(request)
        child = await pages.upstream.get(
            "referral", f"/v1/students/{checked(student)}", token=session.token
        )
        found = await pages.upstream.every(
            "referral",
            "/v1/referrals",
            token=session.token,
            params={"student": checked(student)},
        )
        needs = [Referral.model_validate(each) for each in found]
        agencies = {id for each in needs for id in each.agencies}
        names = await pages.names.agencies(agencies, session.token)
        when = pages.when(words)
        return pages.page(
            request,
            "opened.html",
            words=words,
            session=session,
            child=child,
            needs=[line_of(Row(each, situation(each)), names, words, when) for each in needs],
            school=pages.site(child["site"]).name,
        )


async def _who(pages: Pages, request: Request) -> Session:
    session = await pages.signed_in(request)
    if not session.person.has(*OPENERS):
        raise PageError(403)
    return session


async def _openings(pages: Pages, session: Session, *, waiting: bool) -> list[Mapping[str, Any]]:
    params = {"waiting": str(waiting).lower(), "limit": SHOWN}
    found = await pages.upstream.get(
        "referral", "/v1/break-glass", token=session.token, params=params
    )
    return list(found["items"])


async def _people(pages: Pages, session: Session) -> list[dict[str, Any]]:
    found = await pages.upstream.get("referral", "/v1/break-glass/people", token=session.token)
    return [standing(each) for each in found["people"]]


def standing(opener: Mapping[str, Any]) -> dict[str, Any]:
    """Return how somebody uses the emergency access, with its time read."""
    until = opener["suspended_until"]
    return {**opener, "until": datetime.fromisoformat(until) if until else None}


def _told(opening: Mapping[str, Any], pages: Pages) -> dict[str, Any]:
    return {
        **opening,
        "school": pages.site(opening["site"]).name,
        "at": datetime.fromisoformat(opening["opened_at"]),
    }


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _shown(pages: Pages, request: Request, error: PageError) -> Refused:
    """Return what the form says of a refusal.

    Raises:
        PageError: it is not about the form.
    """
    if error.slug not in _SAID and not about_the_form(error):
        raise error
    words = pages.words(request)
    if error.slug == "malformed":
        return Refused(str(words("form.look-again")), str(words("glass.say-both")))
    return refused(error, words, pages.when(words))


def _form(
    pages: Pages,
    request: Request,
    session: Session,
    typed: Mapping[str, str] | None = None,
    *,
    found: Mapping[str, Any] | None = None,
    problem: Refused | None = None,
) -> Response:
    return pages.page(
        request,
        "openings_new.html",
        session=session,
        status=422 if problem else 200,
        typed=typed or {"name": "", "reason": ""},
        found=found,
        opening=new_id(),
        refused=problem,
        longest=REASON_CHARACTERS,
        least=REASON_LEAST,
        most=NAME_CHARACTERS,
        reason_characters=REASON_CHARACTERS,
    )
