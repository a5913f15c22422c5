"""A request for help as the coordinator looks at it: who it may be, and what is done about it."""

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from services.chassis.auth import Role
from services.portal.errors import PageError
from services.portal.pages.context import Pages
from services.portal.pages.help import moment
from services.portal.pages.reading import checked
from services.portal.pages.warned import go_on
from services.portal.sessions import Session

_ABOUT_THE_REQUEST = frozenset({"already-handled", "stale-version", "another-child"})
WORDS_CHARACTERS = 500


def asked_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/asked", include_in_schema=False)

    @router.get("/{id}")
    async def show(request: Request, id: str) -> Response:
        """Show what was asked, and by whom."""
        session = await pages.signed_in(request)
        return await _page(pages, request, session, id)

    @router.post("/{id}/handled")
    async def handled(
        request: Request,
        id: str,
        seen: Annotated[int, Form(ge=0)],
        words: Annotated[str, Form(max_length=3 * WORDS_CHARACTERS)] = "",
    ) -> Response:
        """Say that it was handled in another way."""
        session = await pages.signed_in(request)
        said = words.replace("\r\n", "\n").strip()
        if len(said) > WORDS_CHARACTERS:
            return await _page(
                pages, request, session, id, problem="asked.too-long", typed=said, status=422
            )
        body = {"words": said} if said else {}
        return await _do(pages, request, session, id, "handled", body, seen)

    @router.post("/{id}/set-aside")
    async def set_aside(request: Request, id: str, seen: Annotated[int, Form(ge=0)]) -> Response:
        """Say that this need is open already."""
        session = await pages.signed_in(request)
        return await _do(pages, request, session, id, "set-aside", {}, seen)

    return router


async def read_request(pages: Pages, session: Session, id: str) -> dict[str, Any]:
    """Return a request as referral tells it to the coordinator.

    Raises:
        PageError: there is none for this reader.
    """
    found: dict[str, Any] = await pages.upstream.get(
        "referral", f"/v1/help-requests/{checked(id)}", token=session.token
    )
    return found


async def take_up(pages: Pages, session: Session, id: str, referral: str) -> bool:
    """Say that a referral answers a request; False where a colleague has handled it meanwhile.

    Raises:
        PageError: referral refused for another reason.
    """
    request = await read_request(pages, session, id)
    try:
        await pages.upstream.post(
            "referral",
            f"/v1/help-requests/{checked(id)}/take-up",
            {"referral": referral},
            token=session.token,
            seen=request["version"],
        )
    except PageError as error:
        if error.slug not in _ABOUT_THE_REQUEST:
            raise
        return False
    return True


async def _do(  # noqa: PLR0917 - what is done, to which, by whom
    pages: Pages,
    request: Request,
    session: Session,
    id: str,
    what: str,
    body: dict[str, str],
    seen: int,
) -> Response:
    try:
        after = await pages.upstream.post(
            "referral",
            f"/v1/help-requests/{checked(id)}/{what}",
            body,
            token=session.token,
            seen=seen,
        )
    except PageError as error:
        if error.slug not in _ABOUT_THE_REQUEST:
            raise
        return await _page(
            pages,
            request,
            session,
            id,
            problem=f"asked.{error.slug}",
            typed=body.get("words", ""),
            status=error.status,
        )
    return go_on(pages, request, session, after, "/?done=handled")


async def _page(
    pages: Pages,
    request: Request,
    session: Session,
    id: str,
    *,
    problem: str | None = None,
    typed: str = "",
    status: int = 200,
) -> Response:
    if not session.person.has(Role.COORDINATOR):
        raise PageError(403)
    asked = await read_request(pages, session, id)
    asked = {**asked, "asked_at": moment(asked["asked_at"])}
    if asked["handled"]:
        asked["handled"] = {**asked["handled"], "at": moment(asked["handled"]["at"])}
    words = pages.words(request)
    source = words.code("source", asked["source"])
    return pages.page(
        request,
        "asked.html",
        words=words,
        session=session,
        status=status,
        asked=asked,
        source=source,
        phone=_phone(asked["reach"]),
        site=pages.site(asked["site"]) if asked["site"] else None,
        school=pages.site(asked["site"]).name if asked["site"] else "",
        problem=problem,
        typed=typed,
    )


def _phone(reach: str | None) -> str | None:
    """Return a number that can be dialled, where that is what was written."""
    digits = "".join(each for each in reach or "" if each.isdigit() or each == "+")
    plain = all(each.isdigit() or each in " +-().," for each in reach or "")
    return digits if plain and 7 <= len(digits) <= 16 else None  # noqa: PLR2004 - E.164's lengths
