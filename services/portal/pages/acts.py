"""What a coordinator does with a referral besides: rest, go on, hand over, give up, take back."""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from contracts.rules import ReasonedAct
from services.chassis.auth import Role
from services.portal.errors import PageError
from services.portal.pages.context import Pages
from services.portal.pages.parts import Visit, visit
from services.portal.pages.reading import HAND_OVER, acts_of
from services.portal.pages.refusals import Refused, about_the_form, lacking, refused

_ASKED: Mapping[str, ReasonedAct] = {
    "hold": ReasonedAct.HOLD,
    "cancel": ReasonedAct.CANCEL,
    "in-error": ReasonedAct.ENTER_IN_ERROR,
}
"""The acts that ask why. A consent that is taken back gives its referrals up itself."""

_PATHS = {
    "hold": "hold",
    "wake": "resume",
    "hand-over": "transfer",
    "cancel": "cancel",
    "in-error": "enter-in-error",
}

Text = Annotated[str, Form(max_length=100)]


def acts_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/referrals/{id}/do", include_in_schema=False)

    @router.get("/{act}")
    async def ask(request: Request, id: str, act: str) -> Response:
        """Say what it will do, and ask what it needs."""
        return await _page(await visit(pages, request, id, *_who(act)), _known(act))

    @router.post("/{act}")
    async def do(  # noqa: PLR0917 - FastAPI passes the form's fields by name
        request: Request,
        id: str,
        act: str,
        seen: Annotated[int, Form(ge=0)],
        reason: Text = "",
        until: Text = "",
        coordinator: Text = "",
    ) -> Response:
        """Do it, on the version that was seen."""
        here = await visit(pages, request, id, *_who(act))
        typed = {"reason": reason, "until": until, "coordinator": coordinator.strip()}
        body, lacks = _body(_known(act), typed, _reasons(here, act))
        if lacks is not None:
            return await _page(here, act, typed, lacking(lacks, here.words), 422)
        try:
            await here.post(f"/v1/referrals/{here.referral.id}/{_PATHS[act]}", body, seen)
        except PageError as error:
            if not about_the_form(error):
                raise
            shown = refused(error, here.words, pages.when(here.words))
            return await _page(here, act, typed, shown, error.status)
        if act == "hand-over" and typed["coordinator"] != here.session.person.subject:
            return RedirectResponse(f"{here.place}?done=handed-over", status_code=303)
        return here.back("", {"hand-over": "taken-over"}.get(act, act))

    return router


def _who(act: str) -> tuple[Role, ...]:
    """Return whose it is to do; the district hands over what a school leaves lying."""
    return (Role.COORDINATOR, Role.ADMIN) if act == HAND_OVER else (Role.COORDINATOR,)


def _known(act: str) -> str:
    if act not in _PATHS:
        raise PageError(404)
    return act


def _reasons(here: Visit, act: str) -> tuple[str, ...]:
    return here.reasons(_ASKED[act]) if act in _ASKED else ()


def _body(
    act: str, typed: Mapping[str, str], reasons: tuple[str, ...]
) -> tuple[dict[str, Any], str | None]:
    """Return what is sent, and the words for what is missing, if anything is."""
    if act == "wake":
        return {}, None
    if act == "hand-over":
        chosen = typed["coordinator"]
        return {"coordinator": chosen}, None if chosen else "do.say-whom"
    if typed["reason"] not in reasons:
        return {}, "do.say-why"
    body = {"reason": typed["reason"]}
    if act != "hold" or not typed["until"]:
        return body, None
    try:
        return {**body, "until": date.fromisoformat(typed["until"]).isoformat()}, None
    except ValueError:
        return body, "do.say-day"


async def _page(
    here: Visit,
    act: str,
    typed: Mapping[str, str] | None = None,
    problem: Refused | None = None,
    status: int = 200,
) -> Response:
    staff = await here.staff() if act == "hand-over" else None
    return here.pages.page(
        here.request,
        "act.html",
        words=here.words,
        session=here.session,
        status=status,
        referral=here.referral,
        act=act,
        can_do=act in acts_of(here.referral),
        reasons=_reasons(here, act),
        colleagues=staff.others("coordinator") if staff else [],
        is_mine=here.referral.coordinator == here.session.person.subject
        or not here.session.person.has(Role.COORDINATOR),
        me=here.session.person.subject,
        typed={"reason": "", "until": "", "coordinator": "", **(typed or {})},
        refused=problem,
        school=here.pages.site(here.referral.site).name,
    )
