"""A warm hand-off to a place outside the network: recorded, shown, and closed by hand."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from services.chassis.auth import Role
from services.chassis.ids import is_id, new_id
from services.portal.errors import PageError
from services.portal.model.referral import Referral
from services.portal.pages.context import Pages
from services.portal.pages.help import moment
from services.portal.pages.reading import checked
from services.portal.sessions import Session

TO_CHARACTERS = 500
WHY_CHARACTERS, WHY_AT_LEAST = 500, 3
WAYS = ("went-together", "called-together", "called-ahead", "letter", "other")
PARTS = ("name", "contact", "need", "grade", "language", "notes")
OUTCOMES = ("need-met", "partly-met", "client-declined", "could-not-contact", "no-show", "other")
_ABOUT_THE_FORM = frozenset(
    {
        "consent-in-doubt",
        "consent-missing",
        "consent-narrower",
        "consent-there",
        "own-disclosure",
        "time-of-hand-off",
        "stale-version",
        "wrong-state",
    }
)
_WITHOUT = frozenset(
    {
        "hand.consent-in-doubt",
        "hand.consent-missing",
        "hand.consent-narrower",
        "hand.without-short",
    }
)
"""Refusals after which the form asks whether it was told all the same; before, nobody is asked."""


def hand_off_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/referrals/{id}/hand-off", include_in_schema=False)

    @router.get("")
    async def show(request: Request, id: str) -> Response:
        """Show the form, or what was recorded."""
        session = await _coordinator(pages, request)
        return await _page(pages, request, session, checked(id), {})

    @router.post("")
    async def record(  # noqa: PLR0917 - FastAPI passes the form's fields by name
        request: Request,
        id: str,
        seen: Annotated[int, Form(ge=0)],
        hand_off: Annotated[str, Form(max_length=36)] = "",
        to: Annotated[str, Form(max_length=3 * TO_CHARACTERS)] = "",
        how: Annotated[str, Form(max_length=64)] = "",
        handed_at: Annotated[str, Form(max_length=32)] = "",
        released: Annotated[list[str] | None, Form(max_length=6)] = None,
        without_consent: Annotated[str, Form(max_length=3 * WHY_CHARACTERS)] = "",
    ) -> Response:
        """Record it; the same form again records nothing new."""
        session = await _coordinator(pages, request)
        typed: dict[str, Any] = {
            "hand_off": hand_off if is_id(hand_off) else new_id(),
            "to": to.strip(),
            "how": how,
            "handed_at": handed_at,
            "released": [each for each in PARTS if each in (released or ())],
            "without_consent": without_consent.replace("\r\n", "\n").strip(),
        }
        try:
            at = pages.when(pages.words(request)).local(handed_at)
        except ValueError:
            at = None
        problem = _lacking(typed, at)
        if problem is not None or at is None:
            return await _page(
                pages, request, session, checked(id), typed, problem=problem, status=422
            )
        body = {**typed, "handed_at": at.isoformat()}
        if not typed["without_consent"] or not typed["released"]:
            del body["without_consent"]
        return await _do(pages, request, session, id, "hand-off", body, seen, typed)

    @router.post("/seen")
    async def look_at(request: Request, id: str) -> Response:
        """Say that one has looked at what was told without a consent."""
        session = await _coordinator(pages, request)
        return await _do(pages, request, session, id, "hand-off/seen", {}, None, {})

    @router.post("/close")
    async def close(
        request: Request,
        id: str,
        seen: Annotated[int, Form(ge=0)],
        outcome: Annotated[str, Form(max_length=64)] = "",
    ) -> Response:
        """Record how it ended."""
        session = await _coordinator(pages, request)
        if outcome not in OUTCOMES:
            return await _page(
                pages, request, session, checked(id), {}, problem="hand.choose-end", status=422
            )
        body = {"outcome": outcome}
        return await _do(pages, request, session, id, "hand-off/close", body, seen, {})

    return router


async def _coordinator(pages: Pages, request: Request) -> Session:
    session = await pages.signed_in(request)
    if not session.person.has(Role.COORDINATOR):
        raise PageError(403)
    return session


def _lacking(typed: dict[str, Any], at: datetime | None) -> str | None:
    """Return the words for what the form lacks, or None."""
    if not typed["to"] or len(typed["to"]) > TO_CHARACTERS:
        return "hand.say-to"
    if typed["how"] not in WAYS:
        return "hand.choose-how"
    why = typed["without_consent"]
    if why and not WHY_AT_LEAST <= len(why) <= WHY_CHARACTERS:
        return "hand.without-short"
    return "hand.say-when" if at is None else None


async def _do(  # noqa: PLR0917 - what is done, to which, by whom, and the form to show again
    pages: Pages,
    request: Request,
    session: Session,
    id: str,
    what: str,
    body: dict[str, Any],
    seen: int | None,
    typed: dict[str, Any],
) -> Response:
    try:
        await pages.upstream.post(
            "referral", f"/v1/referrals/{checked(id)}/{what}", body, token=session.token, seen=seen
        )
    except PageError as error:
        if error.slug not in _ABOUT_THE_FORM:
            raise
        return await _page(
            pages,
            request,
            session,
            checked(id),
            typed,
            problem=f"hand.{error.slug}",
            status=error.status,
        )
    return RedirectResponse(f"/referrals/{checked(id)}?done=hand", status_code=303)


async def _page(
    pages: Pages,
    request: Request,
    session: Session,
    id: str,
    typed: dict[str, Any],
    *,
    problem: str | None = None,
    status: int = 200,
) -> Response:
    words = pages.words(request)
    found = await pages.upstream.get("referral", f"/v1/referrals/{id}", token=session.token)
    referral = Referral.model_validate(found)
    made = None
    if referral.hand_off is not None:
        made = await pages.upstream.get(
            "referral", f"/v1/referrals/{id}/hand-off", token=session.token
        )
        made = {
            **made,
            "handed_at": moment(made["handed_at"]),
            "closed_at": moment(made["closed_at"]),
            "own": made["by"] == session.person.subject,
        }
    fresh: dict[str, Any] = {
        "hand_off": new_id(),
        "to": "",
        "how": "",
        "handed_at": pages.when(words).now_local,
        "released": [],
        "without_consent": "",
    }
    return pages.page(
        request,
        "hand_off.html",
        words=words,
        session=session,
        status=status,
        referral=referral,
        made=made,
        typed={**fresh, **typed},
        ways=WAYS,
        parts=PARTS,
        outcomes=OUTCOMES,
        longest=TO_CHARACTERS,
        ask_why=problem in _WITHOUT or bool(typed.get("without_consent")),
        longest_why=WHY_CHARACTERS,
        problem=problem,
        school=pages.site(referral.site).name,
    )
