"""Attempts to reach a family: entered on the way, also late, and told to the care team.

The form carries the id that the attempt will have, so that a page sent twice, or a phone that
sends again what it kept without a signal, enters it once.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response

from services.chassis.ids import is_id, new_id
from services.portal.errors import PageError, SignedOutError
from services.portal.pages.context import Pages, keeper_of
from services.portal.pages.parts import Around, Staff, Visit, visit
from services.portal.pages.reading import checked
from services.portal.pages.refusals import Refused, about_the_form, lacking, refused
from services.portal.pages.today import STAFF
from services.portal.pages.warned import warnings_in
from services.portal.when import is_day

WORDS_CHARACTERS = 4_000
STEP_CHARACTERS = 500
KINDS = ("call", "text", "visit", "meeting")
INTERPRETERS = ("none", "staff", "professional", "phone-line", "relative", "other")
SHOWN = 50

Text = Annotated[str, Form(max_length=100)]


def contacts_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(include_in_schema=False)

    @router.get("/referrals/{id}/contacts")
    async def show(request: Request, id: str) -> Response:
        """Show the form, and who was sought when."""
        return await _page(await visit(pages, request, id, *STAFF))

    @router.post("/referrals/{id}/contacts")
    async def record(  # noqa: PLR0917 - FastAPI passes the form's fields by name
        request: Request,
        id: str,
        attempt: Text = "",
        kind: Text = "",
        reached: Text = "",
        person: Text = "",
        happened_at: Text = "",
        interpreter: Text = "none",
        words: Annotated[str, Form(max_length=3 * WORDS_CHARACTERS)] = "",
        next_step: Annotated[str, Form(max_length=3 * STEP_CHARACTERS)] = "",
        next_on: Text = "",
    ) -> Response:
        """Enter an attempt; the same one again enters nothing new."""
        typed = {
            "attempt": attempt if is_id(attempt) else new_id(),
            "kind": kind,
            "reached": reached,
            "person": person,
            "happened_at": happened_at,
            "interpreter": interpreter,
            "words": words.replace("\r\n", "\n").strip(),
            "next_step": next_step.replace("\r\n", "\n").strip(),
            "next_on": next_on,
        }
        if "application/json" in request.headers.get("accept", ""):
            return await _sent_by_script(pages, request, id, typed)
        here = await visit(pages, request, id, *STAFF)
        entered = await _enter(here, typed)
        if isinstance(entered, _Refusal):
            return await _page(here, typed, entered.said, entered.status)
        return here.go_on(entered, "contacts", "contact")

    @router.get("/next-steps/{id}")
    async def next_step(request: Request, id: str) -> Response:
        """Go to where an attempt's next step is taken: its referral."""
        session = await pages.signed_in(request)
        found = await pages.upstream.get(
            "referral", f"/v1/contact-attempts/{checked(id)}", token=session.token
        )
        if not found["referral"]:
            raise PageError(404, "no-referral")
        return RedirectResponse(f"/referrals/{found['referral']}/contacts", status_code=303)

    return router


async def _sent_by_script(
    pages: Pages, request: Request, id: str, typed: Mapping[str, str]
) -> Response:
    """Tell the page's script what became of an attempt; `later` means: keep it, and try again."""
    words = pages.words(request)
    try:
        here = await visit(pages, request, id, *STAFF)
        if request.headers.get("x-enlace-keeper") != keeper_of(here.session):
            raise SignedOutError
        entered = await _enter(here, typed)
    except SignedOutError:
        answer = {"result": "later", "text": str(words("keep.signed-out"))}
        return JSONResponse(answer, HTTPStatus.UNAUTHORIZED)
    except PageError as error:
        result = "later" if error.status in {429, 503} else "refused"
        shown = refused(error, words, pages.when(words))
        return JSONResponse({"result": result, "text": shown.text}, error.status)
    if isinstance(entered, _Refusal):
        answer = {"result": "refused", "text": entered.said.text}
        return JSONResponse(answer, entered.status)
    # What is entered cannot be taken out again: a warning is shown before the page goes on.
    warned = warnings_in(entered, words)
    said = " ".join([str(words("done.contact")), *warned])
    return JSONResponse({"result": "kept", "text": said, "warned": bool(warned)})


@dataclass(frozen=True, slots=True)
class _Refusal:
    """Why an attempt was not entered."""

    said: Refused
    status: int


async def _enter(here: Visit, typed: Mapping[str, str]) -> dict[str, Any] | _Refusal:
    """Enter an attempt; returns it as it was entered, or why it was not."""
    when = here.pages.when(here.words)
    lacks, at = _lacking(typed), None
    try:
        at = when.local(typed["happened_at"])
    except ValueError:
        lacks = lacks or "contact.say-when"
    if lacks is not None or at is None:
        return _Refusal(lacking(lacks or "contact.say-when", here.words), 422)
    body: dict[str, Any] = {
        "student": here.referral.student,
        "referral": here.referral.id,
        "kind": typed["kind"],
        "reached": typed["reached"] == "yes",
        "happened_at": at.isoformat(),
        "interpreter": typed["interpreter"],
    }
    body |= {
        name: typed[name] for name in ("person", "words", "next_step", "next_on") if typed[name]
    }
    try:
        entered = await here.put(f"/v1/contact-attempts/{typed['attempt']}", body)
    except PageError as error:
        if not about_the_form(error):
            raise
        return _Refusal(refused(error, here.words, when), error.status)
    return dict(entered)


def _lacking(typed: Mapping[str, str]) -> str | None:
    """Return the words for what the form lacks, or None."""
    words_fit = len(typed["words"]) <= WORDS_CHARACTERS
    there = {
        "contact.choose-kind": typed["kind"] in KINDS,
        "contact.choose-reached": typed["reached"] in {"yes", "no"},
        "contact.choose-who": not typed["person"] or is_id(typed["person"]),
        "contact.choose-interpreter": typed["interpreter"] in INTERPRETERS,
        "contact.too-long": words_fit and len(typed["next_step"]) <= STEP_CHARACTERS,
        "contact.say-day": not typed["next_on"] or is_day(typed["next_on"]),
        "contact.say-step": not typed["next_on"] or bool(typed["next_step"]),
    }
    return next((key for key, fits in there.items() if not fits), None)


async def _page(
    here: Visit,
    typed: Mapping[str, str] | None = None,
    problem: Refused | None = None,
    status: int = 200,
) -> Response:
    around = await here.around()
    staff = await here.staff()
    path = f"/v1/students/{here.referral.student}/contact-attempts"
    found = await here.get(path, limit=SHOWN)
    reachable = around.reachable
    fresh = {
        "attempt": new_id(),
        "kind": "call",
        "reached": "",
        "person": reachable[0]["id"] if len(reachable) == 1 else "",
        "happened_at": here.pages.when(here.words).now_local,
        "interpreter": "none",
        "words": "",
        "next_step": "",
        "next_on": "",
    }
    return await here.page(
        "contacts.html",
        "contacts",
        refused=problem,
        status=status,
        typed={**fresh, **(typed or {})},
        kinds=KINDS,
        interpreters=INTERPRETERS,
        people=[{**each, "who": around.who(each["id"])} for each in reachable],
        child=around.child,
        attempts=[_told(each, around, staff) for each in found["items"]],
        longest=WORDS_CHARACTERS,
        step_longest=STEP_CHARACTERS,
        me=here.session.person.subject,
    )


def _told(attempt: Mapping[str, Any], around: Around, staff: Staff) -> dict[str, Any]:
    at = datetime.fromisoformat(attempt["happened_at"])
    late = datetime.fromisoformat(attempt["recorded_at"]) - at
    return {
        **attempt,
        "at": at,
        "who": around.who(attempt["person"]),
        "by_name": staff.name(attempt["by"]),
        "late": late.total_seconds() > 12 * 3600,
    }
