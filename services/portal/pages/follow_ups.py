"""A referral's follow-ups: seen to, put off with a reason, or given to a colleague."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from contracts.codes import ReplyCode
from contracts.rules import ReasonedAct
from services.chassis.auth import Role
from services.portal.errors import PageError
from services.portal.pages.context import Pages
from services.portal.pages.parts import Visit, visit
from services.portal.pages.refusals import Refused, about_the_form, lacking, refused
from services.portal.pages.today import STAFF

WORDS_CHARACTERS = 2_000
REPLIES = (ReplyCode.YES.value, ReplyCode.NOT_YET.value, ReplyCode.NO.value)

Text = Annotated[str, Form(max_length=100)]
Seen = Annotated[int, Form(ge=0)]


def follow_ups_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/referrals/{id}/follow-ups", include_in_schema=False)

    @router.get("")
    async def show(request: Request, id: str) -> Response:
        """Show what is to be looked at, and what was."""
        return await _page(await visit(pages, request, id, *STAFF, Role.ADMIN))

    @router.post("/{follow_up}/done")
    async def done(  # noqa: PLR0917 - FastAPI passes the form's fields by name
        request: Request,
        id: str,
        follow_up: str,
        seen: Seen,
        reply: Text = "",
        words: Annotated[str, Form(max_length=3 * WORDS_CHARACTERS)] = "",
    ) -> Response:
        """Say that it was seen to, and what came of it."""
        here = await visit(pages, request, id, *STAFF)
        said = words.replace("\r\n", "\n").strip()
        typed = {"of": follow_up, "reply": reply, "words": said}
        if len(said) > WORDS_CHARACTERS:
            return await _page(here, typed, lacking("follow.too-long", here.words), 422)
        body = {
            **({"reply": reply} if reply in REPLIES else {}),
            **({"words": said} if said else {}),
        }
        return await _do(here, follow_up, "done", body, seen, typed)

    @router.post("/{follow_up}/snooze")
    async def snooze(  # noqa: PLR0917 - FastAPI passes the form's fields by name
        request: Request,
        id: str,
        follow_up: str,
        seen: Seen,
        due_on: Text = "",
        reason: Text = "",
    ) -> Response:
        """Put it off to another day, and say why."""
        here = await visit(pages, request, id, *STAFF)
        typed = {"of": follow_up, "due_on": due_on, "reason": reason}
        try:
            day = date.fromisoformat(due_on)
        except ValueError:
            return await _page(here, typed, lacking("follow.say-day", here.words), 422)
        if reason not in here.reasons(ReasonedAct.SNOOZE):
            return await _page(here, typed, lacking("follow.say-why", here.words), 422)
        body = {"due_on": day.isoformat(), "reason": reason}
        return await _do(here, follow_up, "snooze", body, seen, typed)

    @router.post("/{follow_up}/reassign")
    async def reassign(
        request: Request, id: str, follow_up: str, seen: Seen, owner: Text = ""
    ) -> Response:
        """Give it to a colleague; the referral keeps its coordinator."""
        here = await visit(pages, request, id, Role.COORDINATOR, Role.ADMIN)
        typed = {"of": follow_up, "owner": owner}
        if not owner.strip():
            return await _page(here, typed, lacking("follow.say-whom", here.words), 422)
        return await _do(here, follow_up, "reassign", {"owner": owner.strip()}, seen, typed)

    return router


async def _do(  # noqa: PLR0917 - what is done, to which, and the form to show again
    here: Visit,
    follow_up: str,
    what: str,
    body: Mapping[str, Any],
    seen: int,
    typed: Mapping[str, str],
) -> Response:
    known = {each.id for each in here.referral.follow_ups}
    if follow_up not in known:
        raise PageError(404)
    path = f"/v1/referrals/{here.referral.id}/follow-ups/{follow_up}/{what}"
    try:
        after = await here.post(path, body, seen)
    except PageError as error:
        if not about_the_form(error):
            raise
        shown = refused(error, here.words, here.pages.when(here.words))
        return await _page(here, typed, shown, error.status)
    return here.go_on(after, "follow-ups", f"follow-{what}")


async def _page(
    here: Visit,
    typed: Mapping[str, str] | None = None,
    problem: Refused | None = None,
    status: int = 200,
) -> Response:
    found = await here.every(f"/v1/referrals/{here.referral.id}/follow-ups")
    staff = await here.staff()
    items = [
        {
            **each,
            "owner_name": staff.name(each["owner"]),
            "day": date.fromisoformat(each["due_on"]),
            "asks": each["kind"] == "did-help-arrive",
        }
        for each in found
    ]
    tomorrow = here.pages.when(here.words).now.date() + timedelta(days=1)
    return await here.page(
        "follow_ups.html",
        "follow-ups",
        refused=problem,
        status=status,
        version=here.referral.version,
        waiting=[each for each in items if each["state"] != "done"],
        past=[each for each in reversed(items) if each["state"] == "done"],
        colleagues=staff.others("coordinator", "care-team"),
        me=here.session.person.subject if here.session.person.has(*STAFF) else None,
        replies=REPLIES,
        reasons=here.reasons(ReasonedAct.SNOOZE),
        tomorrow=tomorrow.isoformat(),
        typed={
            "of": "",
            "reply": "",
            "words": "",
            "due_on": "",
            "reason": "",
            "owner": "",
            **(typed or {}),
        },
        longest=WORDS_CHARACTERS,
    )
