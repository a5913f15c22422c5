"""One agreement: its terms, papers and measures on one page that prints, and its steps."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from services.chassis.auth import Role
from services.chassis.ids import is_id, new_id
from services.portal.errors import PageError
from services.portal.model.agreement import LIVE, PAPERS, Group, due_of, papers_of
from services.portal.pages.agreement_words import (
    approval_of,
    change_of,
    measure_of,
    milestone_of,
    named,
    roles_of,
    said_of,
    standing,
    waits_for,
    whom_said,
)
from services.portal.pages.context import Pages
from services.portal.pages.partners import WRITERS, Look, back, look
from services.portal.pages.reading import checked
from services.portal.pages.refusals import Refused, about_the_form, lacking
from services.portal.when import is_day

BECAUSE_CHARACTERS = 500
_STEPS = ("submit", "approve", "send-back")

Text = Annotated[str, Form(max_length=36)]
Words = Annotated[str, Form(max_length=3 * BECAUSE_CHARACTERS)]
Seen = Annotated[int, Form(ge=0)]


@dataclass(frozen=True, slots=True)
class Typed:
    """What a form of the page holds, as it was typed.

    Attributes:
        form: which one: `paper-<kind>`, `end` or `renew`.
    """

    form: str = ""
    until: str = ""
    starts: str = ""
    because: str = ""
    id: str = ""
    endless: bool = False


def agreement_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/partners/agreements/{id}", include_in_schema=False)

    @router.get("")
    async def show(request: Request, id: str) -> Response:
        """Show its terms and how it stands."""
        here = await look(pages, request)
        return await page_of(here, checked(id))

    _add_forms(router, pages)

    @router.post("/{step}")  # after the forms: their names are none of its steps
    async def step(request: Request, id: str, step: str, seen: Seen) -> Response:
        """Submit it, approve it, or send it back."""
        here = await look(pages, request, *WRITERS, Role.AGENCY_ADMIN)
        if step not in _STEPS:
            raise PageError(404)
        path = f"/v1/agreements/{checked(id)}/{step}"
        return await _do(here, id, Typed(), f"agreement-{step}", here.post(path, {}, seen))

    return router


def _add_forms(router: APIRouter, pages: Pages) -> None:
    """Add what is typed before it is done: a paper's day, why it ends, when it goes on."""

    @router.post("/papers/{kind}")
    async def paper(  # noqa: PLR0917 - FastAPI passes the form's fields by name
        request: Request, id: str, kind: str, seen: Seen, until: Text = "", endless: Text = ""
    ) -> Response:
        """Keep that a paper was seen, and until when it holds."""
        here = await look(pages, request, *WRITERS)
        if kind not in PAPERS:
            raise PageError(404)
        typed = Typed(f"paper-{kind}", until=until, endless=endless == "yes")
        if not typed.endless and not is_day(until):
            return await _again(here, id, typed, "agree.say-until")
        body = {"until": None if typed.endless else until}
        path = f"/v1/agreements/{checked(id)}/papers/{kind}"
        return await _do(here, id, typed, "paper-seen", here.put(path, body, seen))

    @router.post("/milestones")
    async def milestone(
        request: Request, id: str, seen: Seen, name: Words, reached: Text = ""
    ) -> Response:
        """Say that a milestone is reached, or take that back."""
        here = await look(pages, request, *WRITERS, Role.AGENCY_ADMIN)
        body = {"name": name, "reached": reached == "yes"}
        path = f"/v1/agreements/{checked(id)}/milestones"
        done = "milestone" if body["reached"] else "milestone-undone"
        return await _do(here, id, Typed(), done, here.put(path, body, seen), at="milestones")

    @router.post("/end")
    async def end(request: Request, id: str, seen: Seen, because: Words = "") -> Response:
        """End it today, with why."""
        here = await look(pages, request, *WRITERS)
        typed = Typed("end", because=because.replace("\r\n", "\n").strip())
        if not typed.because or len(typed.because) > BECAUSE_CHARACTERS:
            return await _again(here, id, typed, "agree.say-why")
        path = f"/v1/agreements/{checked(id)}/end"
        step = here.post(path, {"because": typed.because}, seen)
        return await _do(here, id, typed, "agreement-end", step)

    @router.post("/renew")
    async def renew(
        request: Request, id: str, *, fresh: Text = "", starts: Text = "", until: Text = ""
    ) -> Response:
        """Copy it into a draft for another time, and go there; sent twice it is one."""
        here = await look(pages, request, *WRITERS)
        typed = Typed("renew", until, starts, id=fresh if is_id(fresh) else new_id())
        if not is_day(starts) or (until and not is_day(until)):
            return await _again(here, id, typed, "agree.say-from")
        if until and until < starts:
            return await _again(here, id, typed, "agree.until-before")
        body = {"id": typed.id, "from": starts, "until": until or None}
        path = f"/v1/agreements/{checked(id)}/renew"
        return await _do(here, id, typed, "agreement-renew", here.post(path, body), to=typed.id)


async def _again(here: Look, id: str, typed: Typed, key: str) -> Response:
    return await page_of(here, checked(id), typed, lacking(key, here.words), 422)


async def _do(
    here: Look,
    id: str,
    typed: Typed,
    done: str,
    step: Any,
    *,
    to: str | None = None,
    at: str = "",
) -> Response:
    """Take a step; a refusal is told on the page, with what was typed still there."""
    try:
        await step
    except PageError as error:
        if not about_the_form(error):
            raise
        return await page_of(here, checked(id), typed, here.refusal(error), error.status)
    return back(f"/partners/agreements/{to or checked(id)}", done, at)


async def page_of(
    here: Look,
    id: str,
    typed: Typed | None = None,
    problem: Refused | None = None,
    status: int = 200,
) -> Response:
    """Show one agreement."""
    found = await here.get(f"/v1/agreements/{id}")
    agency, services, measures, changes = await asyncio.gather(
        here.get(f"/v1/agencies/{found['agency']}"),
        here.every("/v1/services", agency=found["agency"]),
        standing(here, id),
        _changes(here, found),
    )
    names = {each["id"]: str(each["name"]) for each in services}
    today = here.when.now.date()
    roles = roles_of(here, found)
    due = due_of(found, measures, today, roles=roles)
    return here.page(
        "agreement.html",
        "agreements",
        problem=problem,
        status=status,
        agreement=found,
        agency=agency,
        schools=here.schools(found["sites"]),
        services=named(here, found["services"], names),
        whom=whom_said(here.words, found["eligibility"]),
        needs=here.words.listed([here.words.code("category", each) for each in found["needs"]]),
        due=[(each.group, said_of(here, found, each)) for each in due],
        urgent=any(each.group in {Group.STOPPED, Group.RISK} for each in due),
        papers=papers_of(found, today),
        kinds=PAPERS,
        measures=[measure_of(here, each, found) for each in measures],
        changes=[change_of(here, each, names, found) for each in changes],
        approvals=[approval_of(here, each) for each in found["approvals"]],
        milestones=[milestone_of(here, each) for each in found["milestones"]],
        may_reach=bool(roles) and found["status"] in {*LIVE, "expired"},
        waits=waits_for(here, found),
        documents=[
            {**each, "at": datetime.fromisoformat(each["stored_at"])}
            for each in reversed(found["documents"])
        ],
        leads=_leads(here, found),
        may_approve=found["status"] == "in-review" and bool(roles & set(found["unapproved"])),
        may_end=found["status"] in {*LIVE, "draft", "in-review"},
        typed=typed or Typed(),
        fresh=_fresh(found, today),
        longest=BECAUSE_CHARACTERS,
    )


def _leads(here: Look, agreement: Mapping[str, Any]) -> bool:
    """Tell whether the reader leads at every school that it covers; partner has the say."""
    own = here.session.person.sites(Role.COORDINATOR)
    return here.writes and ("*" in own or set(agreement["sites"]) <= own)


def _fresh(agreement: Mapping[str, Any], today: date) -> Typed:
    """Return what the form of a renewal begins with: the year after."""
    last = date.fromisoformat(agreement["until"]) if agreement["until"] else today
    starts = max(last + timedelta(days=1), today)
    until = _year_later(starts) - timedelta(days=1)
    return Typed("renew", until.isoformat(), starts.isoformat(), id=new_id())


def _year_later(day: date) -> date:
    leap = (day.month, day.day) == (2, 29)
    return date(day.year + 1, 3, 1) if leap else day.replace(year=day.year + 1)


async def _changes(here: Look, agreement: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return in what a renewal differs from the one before; nothing where there is none."""
    if not agreement["renews"]:
        return []
    try:
        return list(await here.get(f"/v1/agreements/{agreement['id']}/changes"))
    except PageError as error:
        if error.status != 404:  # noqa: PLR2004 - the one before has gone
            raise
        return []
