"""An entry of the directory, put right by staff: a service, for whom it is, when and where."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from pydantic import StringConstraints

from services.portal.errors import PageError
from services.portal.model.entry_draft import (
    COSTS,
    LONGEST_NAME,
    LONGEST_TEXT,
    WEEK,
    EntryDraft,
    draft_of,
    typed_hours,
)
from services.portal.model.whom import GRADES, INSURANCES
from services.portal.pages.context import Pages
from services.portal.pages.listing import code_of
from services.portal.pages.partners import WRITERS, Look, back, look
from services.portal.pages.reading import checked
from services.portal.pages.refusals import Refused, about_the_form, lacking

Code = Annotated[str, StringConstraints(max_length=64)]
Line = Annotated[str, StringConstraints(max_length=500)]
Codes = Annotated[list[Code] | None, Form(max_length=500)]
Week = Annotated[list[Code] | None, Form(max_length=len(WEEK))]
Lines = Annotated[list[Line] | None, Form(max_length=100)]
Short = Annotated[str, Form(max_length=64)]
Name = Annotated[str, Form(max_length=3 * LONGEST_NAME)]
Long = Annotated[str, Form(max_length=3 * LONGEST_TEXT)]


def entry_form_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/partners/services/{id}/change", include_in_schema=False)

    @router.get("")
    async def change(request: Request, id: str) -> Response:
        """Ask what is to be put right."""
        here = await look(pages, request, *WRITERS)
        known = await here.get(f"/v1/services/{checked(id)}")
        return await _page(here, known, draft_of(known))

    @router.post("")
    async def save(
        request: Request,
        id: str,
        *,
        seen: Annotated[int, Form(ge=0)],
        name: Name = "",
        description: Long = "",
        category: Short = "",
        also: Codes = None,
        sites: Codes = None,
        languages: Codes = None,
        youngest: Short = "",
        oldest: Short = "",
        first_grade: Short = "",
        last_grade: Short = "",
        insurance: Codes = None,
        zips: Long = "",
        interpreter: Short = "",
        cost: Short = "",
        opens: Week = None,
        closes: Week = None,
        phones: Lines = None,
    ) -> Response:
        """Keep it, on the version that was seen; a directory's next import leaves it alone."""
        here = await look(pages, request, *WRITERS)
        path = f"/v1/services/{checked(id)}"
        known = await here.get(path)
        typed = EntryDraft(
            name=" ".join(name.split()),
            description=description.replace("\r\n", "\n").strip(),
            category=category or known["category"],
            also=tuple(also or ()),
            sites=tuple(sites or ()),
            languages=tuple(languages or ()),
            youngest=youngest,
            oldest=oldest,
            first_grade=first_grade,
            last_grade=last_grade,
            insurance=tuple(insurance or ()),
            zips=zips,
            interpreter=interpreter,
            cost=cost,
            hours=typed_hours(opens or (), closes or ()),
            phones=tuple(phones or ()),
        )
        lacks = typed.lacks()
        if lacks is not None:
            return await _page(here, known, typed, lacking(lacks, here.words), 422, seen)
        try:
            await here.put(path, typed.body(known), seen)
        except PageError as error:
            if not about_the_form(error):
                raise
            return await _page(here, known, typed, here.refusal(error), error.status, seen)
        return back(f"/partners/services/{checked(id)}", "entry")

    return router


async def _page(  # noqa: PLR0917 - what is known, what was typed, what was wrong
    here: Look,
    known: Mapping[str, Any],
    typed: EntryDraft,
    problem: Refused | None = None,
    status: int = 200,
    seen: int | None = None,
) -> Response:
    agency = await here.get(f"/v1/agencies/{known['agency']}")
    now = here.pages.district.now
    chosen = {typed.category, *typed.also}
    needs = [each.code for each in now.needs.all if not each.retired or each.code in chosen]
    spoken = [each.code for each in now.languages.all if not each.retired]
    every = here.pages.sites.all
    return here.page(
        "entry_form.html",
        "directory",
        problem=problem,
        status=status,
        service=known,
        agency=agency,
        version=known["version"] if seen is None else seen,
        typed=typed,
        needs=_named(here, "category", needs),
        languages=_named(here, "language", [*spoken, *typed.languages]),
        schools=sorted(((id, each.name) for id, each in every.items()), key=lambda one: one[1]),
        insurances=_named(here, "insurance", [*INSURANCES, *typed.insurance], ordered=True),
        costs=COSTS,
        grades=[*GRADES, *(g for g in (typed.first_grade, typed.last_grade) if g not in GRADES)],
        week=[(day, here.when.weekdays([day]), typed.hours.get(day, ("", ""))) for day in WEEK],
        places=[
            (each["name"] or ", ".join(each["lines"]) or each["city"] or "", phones)
            for each, phones in zip(known["locations"], _lines(known, typed), strict=True)
        ],
        longest=LONGEST_NAME,
        longest_text=LONGEST_TEXT,
    )


def _lines(known: Mapping[str, Any], typed: EntryDraft) -> list[str]:
    count = len(known["locations"])
    return [*typed.phones, *[""] * count][:count]


def _named(
    here: Look, kind: str, codes: Sequence[str], *, ordered: bool = False
) -> list[tuple[str, str]]:
    """Return codes with what they are called, each once; by name unless they have an order."""
    named = [(code, code_of(here.words, kind, code)) for code in dict.fromkeys(codes)]
    return named if ordered else sorted(named, key=lambda pair: pair[1].casefold())
