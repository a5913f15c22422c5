"""Putting right what was written down wrongly, while nobody was asked yet."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from contracts.codes import Urgency
from services.chassis.auth import Role
from services.portal.errors import PageError
from services.portal.pages.context import Pages
from services.portal.pages.new import (
    NEED_CHARACTERS,
    REASON_CHARACTERS,
    REASON_LEAST,
    emergency_of,
    what_lacks,
)
from services.portal.pages.parts import Visit, visit
from services.portal.pages.reading import can_correct
from services.portal.pages.refusals import Refused, about_the_form, lacking, refused

_DUPLICATE = "duplicate"


def correct_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/referrals/{id}/correct", include_in_schema=False)

    @router.get("")
    async def show(request: Request, id: str) -> Response:
        """Show what stands there, to be changed."""
        return await _page(await visit(pages, request, id, Role.COORDINATOR))

    @router.post("")
    async def correct(  # noqa: PLR0917 - FastAPI passes the form's fields by name
        request: Request,
        id: str,
        seen: Annotated[int, Form(ge=0)],
        category: Annotated[str, Form(max_length=64)] = "",
        urgency: Annotated[str, Form(max_length=16)] = "",
        need: Annotated[str, Form(max_length=3 * NEED_CHARACTERS)] = "",
        despite: Annotated[str, Form(max_length=3 * REASON_CHARACTERS)] = "",
    ) -> Response:
        """Put it right, on the version that was seen; what stays as it was is not sent."""
        here = await visit(pages, request, id, Role.COORDINATOR)
        typed = {
            "category": category,
            "urgency": urgency,
            "need": _clean(need),
            "despite": _clean(despite),
        }
        lacks = what_lacks(typed, pages.district.now.needs)
        if lacks is not None:
            return await _page(here, typed, lacking(lacks, here.words), 422)
        before = _stands(here)
        body = {name: typed[name] for name in before if typed[name] != before[name]}
        if not body:
            return here.back("", "correct")
        if len(typed["despite"]) >= REASON_LEAST:
            body["despite_duplicate"] = typed["despite"]
        try:
            after = await here.post(f"/v1/referrals/{here.referral.id}/correct", body, seen)
        except PageError as error:
            if not about_the_form(error):
                raise
            known = error.slug == _DUPLICATE
            shown = (
                lacking("new.duplicate", here.words)
                if known
                else refused(error, here.words, pages.when(here.words))
            )
            return await _page(here, typed, shown, error.status, duplicate=known)
        mend = f"{here.place}/correct"
        return here.go_on(after, "", "correct", says="warned.correct", mend=mend)

    return router


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _stands(here: Visit) -> dict[str, str]:
    """Return what stands there, by the form's fields."""
    known = here.referral
    return {"category": known.category, "urgency": known.urgency, "need": known.need or ""}


async def _page(
    here: Visit,
    typed: Mapping[str, str] | None = None,
    problem: Refused | None = None,
    status: int = 200,
    *,
    duplicate: bool = False,
) -> Response:
    needs, words = here.pages.district.now.needs, here.words
    # One that takes nothing new any more stays what it is.
    codes = {each.code.value for each in needs.open} | {here.referral.category}
    named = [(code, words.code("category", code)) for code in codes]
    return here.pages.page(
        here.request,
        "correct.html",
        words=words,
        session=here.session,
        status=status,
        referral=here.referral,
        can_do=can_correct(here.referral),
        categories=sorted(named, key=lambda pair: pair[1]),
        urgencies=[each.value for each in Urgency],
        emergency=await emergency_of(here.pages, here.session),
        typed={"despite": "", **_stands(here), **(typed or {})},
        duplicate=duplicate or bool(typed and typed["despite"]),
        longest=NEED_CHARACTERS,
        longest_reason=REASON_CHARACTERS,
        refused=problem,
        school=here.pages.site(here.referral.site).name,
    )
