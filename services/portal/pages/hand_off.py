"""A warm hand-off to a place outside the network: recorded, shown, and closed by hand."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from services.chassis.auth import Role
from services.chassis.ids import is_id, new_id
from services.portal.errors import PageError
from services.portal.pages.context import Pages
from services.portal.pages.help import moment
from services.portal.pages.parts import Visit, visit

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
        here = await visit(pages, request, id, Role.COORDINATOR)
        typed: dict[str, Any] = {
            "hand_off": hand_off if is_id(hand_off) else new_id(),
            "to": to.strip(),
            "how": how,
            "handed_at": handed_at,
            "released": [each for each in PARTS if each in (released or ())],
            "without_consent": without_consent.replace("\r\n", "\n").strip(),
        }
        try:
            at = pages.when(here.words).local(handed_at)
        except ValueError:
            at = None
        problem = _lacking(typed, at)
        if problem is not None or at is None:
            return await hand_off_page(here, typed, problem=problem, status=422)
        body = {**typed, "handed_at": at.isoformat()}
        if not typed["without_consent"] or not typed["released"]:
            del body["without_consent"]
        return await _do(here, "hand-off", body, seen, typed)

    @router.post("/close")
    async def close(
        request: Request,
        id: str,
        seen: Annotated[int, Form(ge=0)],
        outcome: Annotated[str, Form(max_length=64)] = "",
    ) -> Response:
        """Record how it ended."""
        here = await visit(pages, request, id, Role.COORDINATOR)
        if outcome not in OUTCOMES:
            return await hand_off_page(here, {}, problem="hand.choose-end", status=422)
        body = {"outcome": outcome}
        return await _do(here, "hand-off/close", body, seen, body)

    return router


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


async def _do(
    here: Visit, what: str, body: dict[str, Any], seen: int, typed: dict[str, Any]
) -> Response:
    try:
        after = await here.post(f"/v1/referrals/{here.referral.id}/{what}", body, seen)
    except PageError as error:
        if error.slug not in _ABOUT_THE_FORM:
            raise
        problem, status = f"hand.{error.slug}", error.status
        return await hand_off_page(here, typed, problem=problem, status=status)
    return here.go_on(after, "", "hand")


async def hand_off_page(
    here: Visit, typed: dict[str, Any], *, problem: str | None = None, status: int = 200
) -> Response:
    """Show the form, or what was recorded."""
    made = None
    if here.referral.hand_off is not None:
        made = await told_of(here, await here.get(f"/v1/referrals/{here.referral.id}/hand-off"))
    fresh: dict[str, Any] = {
        "hand_off": new_id(),
        "to": "",
        "how": "",
        "handed_at": here.pages.when(here.words).now_local,
        "released": [],
        "without_consent": "",
        "outcome": "",
    }
    return here.pages.page(
        here.request,
        "hand_off.html",
        words=here.words,
        session=here.session,
        status=status,
        referral=here.referral,
        made=made,
        leads=here.session.person.has(Role.COORDINATOR),
        typed={**fresh, **typed},
        ways=WAYS,
        parts=PARTS,
        outcomes=OUTCOMES,
        longest=TO_CHARACTERS,
        ask_why=problem in _WITHOUT or bool(typed.get("without_consent")),
        longest_why=WHY_CHARACTERS,
        problem=problem,
        school=here.pages.site(here.referral.site).name,
    )


async def told_of(here: Visit, made: dict[str, Any]) -> dict[str, Any]:
    """Return a hand-off as the page tells it: with times as times, and who did what by name."""
    staff = await here.staff()
    by = {name: made.get(name) for name in ("by", "closed_by", "seen_by")}
    return {
        **made,
        "handed_at": moment(made["handed_at"]),
        "closed_at": moment(made["closed_at"]),
        "own": made["by"] == here.session.person.subject,
        **{name: staff.name(account) if account else None for name, account in by.items()},
    }
