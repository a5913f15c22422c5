"""A draft of an agreement: entered, and changed until it is put before those who approve."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response
from pydantic import StringConstraints

from services.chassis.ids import is_id, new_id
from services.portal.errors import PageError
from services.portal.model.agreement import PAPERS
from services.portal.model.agreement_draft import (
    APPROVERS,
    COUNT,
    LONGEST_NAME,
    MOST_DAYS,
    MOST_MILESTONES,
    MOST_PERCENT,
    MOST_STUDENTS,
    POLICIES,
    SHARES,
    Draft,
    Measure,
    Milestone,
    draft_of,
    typed_milestones,
)
from services.portal.model.whom import GRADES, INSURANCES, Whom
from services.portal.pages.context import Pages
from services.portal.pages.listing import code_of
from services.portal.pages.partners import WRITERS, Look, back, look, own_schools
from services.portal.pages.reading import checked
from services.portal.pages.refusals import Refused, about_the_form, lacking

Text = Annotated[str, Form(max_length=36)]
Some = Annotated[list[str] | None, Form(max_length=500)]
Few = Annotated[list[str] | None, Form(max_length=3)]
Figure = Annotated[str, Form(max_length=10)]
Grade = Annotated[str, Form(max_length=8)]
Code = Annotated[str, StringConstraints(max_length=32)]
Codes = Annotated[list[Code] | None, Form(max_length=50)]
Zips = Annotated[str, Form(max_length=3_500)]
Line = Annotated[str, StringConstraints(max_length=3 * LONGEST_NAME)]
Name = Annotated[str, Form(max_length=3 * LONGEST_NAME)]
Lines = Annotated[list[Line] | None, Form(max_length=MOST_MILESTONES)]

_SPARE_LINES = 3
"""Empty lines that the form has for further milestones."""


def agreement_form_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/partners/agreements", include_in_schema=False)

    @router.get("/new")
    async def begin(
        request: Request, agency: Annotated[str, Query(max_length=36)] = ""
    ) -> Response:
        """Ask for the terms of a new agreement with an agency."""
        here = await look(pages, request, *WRITERS)
        own = [id for id, _ in own_schools(here)]
        fresh = Draft(sites=tuple(own) if len(own) == 1 else ())
        return await _page(here, new_id(), checked(agency), fresh)

    @router.get("/{id}/change")
    async def change(request: Request, id: str) -> Response:
        """Ask what is to be changed of a draft."""
        here = await look(pages, request, *WRITERS)
        known = await here.get(f"/v1/agreements/{checked(id)}")
        return await _page(here, known["id"], known["agency"], draft_of(known), known)

    @router.post("/{id}/change")
    async def save(
        request: Request,
        id: str,
        *,
        agency: Text,
        seen: Annotated[int | None, Form(ge=0)] = None,
        sites: Some = None,
        services: Some = None,
        starts: Text = "",
        until: Text = "",
        requires: Few = None,
        approvers: Few = None,
        accepted_target: Figure = "",
        accepted_days: Figure = "",
        answered_target: Figure = "",
        answered_days: Figure = "",
        served_target: Figure = "",
        served_by: Figure = "",
        needs: Some = None,
        youngest: Figure = "",
        oldest: Figure = "",
        first_grade: Grade = "",
        last_grade: Grade = "",
        insurance: Codes = None,
        zips: Zips = "",
        before: Name = "",
        after: Name = "",
        milestone: Lines = None,
        milestone_by: Lines = None,
        waitlist: Text = "",
    ) -> Response:
        """Keep the draft; the same form again changes nothing."""
        here = await look(pages, request, *WRITERS)
        typed = Draft(
            sites=tuple(sites or ()),
            services=tuple(each for each in services or () if is_id(each)),
            needs=tuple(each for each in needs or () if each in _kinds(here, needs or ())),
            whom=Whom(
                youngest.strip(),
                oldest.strip(),
                first_grade,
                last_grade,
                tuple(insurance or ()),
                zips,
            ),
            before=" ".join(before.split()),
            after=" ".join(after.split()),
            starts=starts,
            until=until,
            requires=tuple(requires or ()),
            approvers=tuple(approvers or ()),
            measures={
                SHARES[0]: Measure(accepted_target.strip(), accepted_days.strip()),
                SHARES[1]: Measure(answered_target.strip(), answered_days.strip()),
                COUNT: Measure(served_target.strip(), by=served_by),
            },
            milestones=typed_milestones(milestone or (), milestone_by or ()),
            waitlist=waitlist,
        )
        path = f"/v1/agreements/{checked(id)}"
        known = await here.get(path) if seen is not None else None
        partner = known["agency"] if known else checked(agency)
        lacks = typed.lacks()
        if lacks is not None:
            problem = lacking(lacks, here.words)
            return await _page(here, checked(id), partner, typed, known, problem, 422)
        try:
            await here.put(path, typed.body(partner, known), seen)
        except PageError as error:
            if not about_the_form(error):
                raise
            shown = here.refusal(error)
            return await _page(here, checked(id), partner, typed, known, shown, error.status)
        return back(f"/partners/agreements/{checked(id)}", "agreement-draft")

    return router


async def _page(  # noqa: PLR0917 - which draft, what was typed, what was wrong
    here: Look,
    id: str,
    agency: str,
    typed: Draft,
    known: Mapping[str, Any] | None = None,
    problem: Refused | None = None,
    status: int = 200,
) -> Response:
    found = await here.get(f"/v1/agencies/{agency}")
    services = await here.every("/v1/services", agency=agency)
    own = dict(own_schools(here))
    also = {
        site: here.school(site) for site in (known["sites"] if known else ()) if site not in own
    }
    return here.page(
        "agreement_form.html",
        "agreements",
        problem=problem,
        status=status,
        id=id,
        agency=found,
        version=known["version"] if known else None,
        typed=typed,
        schools=[*own.items(), *also.items()],
        services=[each for each in services if not each["retired"] or each["id"] in typed.services],
        kinds=[(code, here.words.code("category", code)) for code in _kinds(here, typed.needs)],
        insurances=[
            (code, code_of(here.words, "insurance", code))
            for code in dict.fromkeys([*INSURANCES, *typed.whom.insurance])
        ],
        grades=dict.fromkeys([*GRADES, typed.whom.first_grade, typed.whom.last_grade]),
        lines=_lines(typed),
        longest=LONGEST_NAME,
        papers=PAPERS,
        approvers=APPROVERS,
        shares=[(kind, kind.split("-")[0]) for kind in SHARES],
        count=COUNT,
        policies=POLICIES,
        empty=Measure(),
        most_percent=MOST_PERCENT,
        most_days=MOST_DAYS,
        most_students=MOST_STUDENTS,
    )


def _kinds(here: Look, chosen: Sequence[str]) -> list[str]:
    """Return the kinds of need to choose from: those open now, and those that were chosen."""
    needs = here.pages.district.now.needs
    found = [each.code for each in needs.all if not each.retired or each.code in chosen]
    return sorted(found, key=lambda code: str(here.words.code("category", code)).casefold())


def _lines(typed: Draft) -> list[Milestone]:
    """Return the form's lines for milestones: those that were typed, and some to fill in."""
    empty = [Milestone()] * _SPARE_LINES
    return [*typed.milestones, *empty][: max(MOST_MILESTONES, len(typed.milestones))]
