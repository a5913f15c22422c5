"""Writing a new need down: who, what, who will be told; then the places are chosen."""

import asyncio
import re
from collections.abc import Mapping
from itertools import zip_longest
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from contracts.codes import Urgency
from services.chassis.auth import Role
from services.chassis.ids import is_id, new_id
from services.chassis.needs import Needs
from services.portal.errors import PageError
from services.portal.model.referral import Emergency
from services.portal.pages.asked import read_request, take_up
from services.portal.pages.context import Pages
from services.portal.pages.reading import checked
from services.portal.pages.today import school_of
from services.portal.pages.warned import go_on
from services.portal.sessions import Session
from services.portal.words import Words

FOUND = 12
"""Children that a search shows; who has more is asked for more of the name."""

NAME_CHARACTERS = 2
"""The least that is looked for: a letter alone fits half a school."""

NEED_CHARACTERS = 2_000
REASON_CHARACTERS, REASON_LEAST = 500, 3
_TEMPLATE = "new.html"
_ABOUT_THE_FORM = frozenset(
    {"category-retired", "category-unknown", "duplicate", "id-taken", "malformed", "not-found"}
)
"""Refusals that the form shows itself, so that nothing that was typed is lost."""


def new_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/referrals/new", include_in_schema=False)

    @router.get("")
    async def begin(
        request: Request,
        student: str | None = None,
        asked: str | None = None,
        follows: str | None = None,
    ) -> Response:
        """Ask who, and once that is known, what.

        For a request for help, and for one that goes on from an earlier referral, with what is
        known already.
        """
        session = await pages.signed_in(request)
        return await _begun(pages, request, session, student=student, asked=asked, follows=follows)

    @router.post("/find")
    async def find(
        request: Request,
        q: Annotated[str, Form(max_length=100)] = "",
        asked: Annotated[str, Form(max_length=36)] = "",
    ) -> Response:
        """Show the children whom a name fits. Posted: a name stands in no address."""
        session = await pages.signed_in(request)
        wanted = q.strip()
        kept = {"q": wanted, "asked": _id_if(asked)}
        if len(wanted) < NAME_CHARACTERS:
            return _page(pages, request, session, found=None, problem="new.name-first", **kept)
        found = await found_children(pages, session, wanted)
        more = len(found) > FOUND
        return _page(pages, request, session, found=found[:FOUND], more=more, **kept)

    @router.post("")
    async def write_down(  # noqa: PLR0917 - FastAPI passes the form's fields by name
        request: Request,
        id: Annotated[str, Form(max_length=36)],
        student: Annotated[str, Form(max_length=36)],
        category: Annotated[str, Form(max_length=64)] = "",
        urgency: Annotated[str, Form(max_length=16)] = Urgency.ROUTINE.value,
        need: Annotated[str, Form(max_length=3 * NEED_CHARACTERS)] = "",
        despite: Annotated[str, Form(max_length=3 * REASON_CHARACTERS)] = "",
        asked: Annotated[str, Form(max_length=36)] = "",
        follows: Annotated[str, Form(max_length=36)] = "",
    ) -> Response:
        """Write the need down, then go on to the places; the same form again writes nothing new."""
        session = await pages.signed_in(request)
        # A browser sends a line's end as two characters; they count as the one that was typed.
        words = need.replace("\r\n", "\n").strip()
        reason = despite.replace("\r\n", "\n").strip()
        typed = {
            "id": id if is_id(id) else new_id(),
            "category": category,
            "urgency": urgency,
            "need": words,
            "despite": reason,
            "asked": _id_if(asked),
            "follows": _id_if(follows),
        }
        problem = what_lacks(typed, pages.district.now.needs)
        if problem is not None:
            return await _form(
                pages, request, session, checked(student), typed, problem=problem, status=422
            )
        body = {
            "student": checked(student),
            "category": category,
            "urgency": urgency,
            "need": words,
            **_where_said(despite_duplicate=reason, re_referral_of=typed["follows"]),
        }
        try:
            entered = await pages.upstream.put(
                "referral", f"/v1/referrals/{typed['id']}", body, token=session.token
            )
        except PageError as error:
            if error.slug not in _ABOUT_THE_FORM:
                raise
            return await _form(
                pages,
                request,
                session,
                checked(student),
                typed,
                problem=f"new.{error.slug}",
                status=error.status,
            )
        to, onward = _onward(typed), "new.warned-next"
        if typed["asked"] and not await take_up(pages, session, typed["asked"], typed["id"]):
            # A colleague was faster: their page says what was done; this need stays in the list.
            to, onward = f"/asked/{typed['asked']}", "warned.back"
        says = "new.warned-text"
        mend = f"/referrals/{typed['id']}/correct"
        return go_on(pages, request, session, entered, to, says=says, onward=onward, mend=mend)

    return router


async def _begun(
    pages: Pages,
    request: Request,
    session: Session,
    *,
    student: str | None,
    asked: str | None,
    follows: str | None,
) -> Response:
    """Show the search for a child, or the form with what is known."""
    if follows:
        student_of_it, before = await _going_on(pages, session, checked(follows))
        return await _form(pages, request, session, student_of_it, before)
    wanted = await read_request(pages, session, asked) if asked else None
    known = student or (wanted["student"] if wanted else None)
    if known is None:
        return await _search(pages, request, session, wanted)
    need = str(wanted["words"] or "")[:NEED_CHARACTERS] if wanted else ""
    typed = {"asked": _id_if(asked), "need": need}
    return await _form(pages, request, session, checked(known), typed)


def _id_if(given: str | None) -> str:
    return checked(given) if given else ""


def _where_said(**fields: str) -> dict[str, str]:
    return {name: value for name, value in fields.items() if value}


async def _going_on(pages: Pages, session: Session, follows: str) -> tuple[str, dict[str, str]]:
    """Return whose need goes on from an earlier referral, and what is known of it already."""
    earlier = await pages.upstream.get("referral", f"/v1/referrals/{follows}", token=session.token)
    known = {name: earlier.get(name) or "" for name in ("category", "urgency", "need")}
    return checked(earlier["student"]), {**known, "follows": follows}


def _onward(typed: Mapping[str, str]) -> str:
    """Return the page after: the places, except that a crisis never waits for an offer."""
    place = f"/referrals/{typed['id']}"
    return place if typed["urgency"] == Urgency.CRISIS.value else f"{place}/ask"


async def _search(
    pages: Pages, request: Request, session: Session, wanted: Mapping[str, Any] | None
) -> Response:
    """Ask for a name; for a request, look already for what it says."""
    if wanted is None:
        return _page(pages, request, session, found=None, q="")
    # `Leo Ortiz, grade 3` is looked for as `Leo Ortiz`.
    name = re.split(r"[,;(\d]", str(wanted["child"] or ""))[0].strip()
    around = [
        {"id": each["student"], "name": each["name"], "grade": each["grade"]}
        for each in wanted["children"]
    ]
    found = around
    if not around and len(name) >= NAME_CHARACTERS:
        found = await found_children(pages, session, name)
    shown = found[:FOUND] if around or name else None
    return _page(
        pages, request, session, found=shown, q=name, more=len(found) > FOUND, asked=wanted["id"]
    )


async def found_children(pages: Pages, session: Session, name: str) -> list[dict[str, Any]]:
    """Return the children of the reader's schools whose names answer, the best first.

    Of several schools each one's best stand before any one's second best.
    """
    sites = session.person.sites(Role.COORDINATOR, Role.CARE_TEAM)
    schools = sorted(pages.sites.all if "*" in sites else sites)
    answers = await asyncio.gather(
        *(
            pages.upstream.get(
                "referral",
                "/v1/students/search",
                token=session.token,
                params={"site": site, "q": name, "limit": FOUND + 1},
            )
            for site in schools
        )
    )
    ranked = zip_longest(*(answer["items"] for answer in answers))
    return [child for rank in ranked for child in rank if child is not None]


def what_lacks(typed: Mapping[str, str], needs: Needs) -> str | None:
    """Return the words for what the form lacks, or None."""
    if needs.get(typed["category"]) is None:
        return "new.choose-need"
    if typed["urgency"] not in set(Urgency):
        return "new.choose-urgency"
    if not typed["need"]:
        return "new.say-need"
    if len(typed["need"]) > NEED_CHARACTERS:
        return "new.too-long"
    return "new.reason-length" if 0 < len(typed["despite"]) < REASON_LEAST else None


def _page(pages: Pages, request: Request, session: Session, **values: Any) -> Response:
    status = 422 if values.get("problem") else 200
    filled: dict[str, Any] = {
        "child": None,
        "problem": None,
        "more": False,
        "asked": "",
        "school": school_of(pages, session),
        **values,
    }
    return pages.page(request, _TEMPLATE, session=session, status=status, **filled)


async def _form(
    pages: Pages,
    request: Request,
    session: Session,
    student: str,
    typed: Mapping[str, str],
    *,
    problem: str | None = None,
    status: int = 200,
) -> Response:
    """Show the child and the form, with what was typed already."""
    words = pages.words(request)
    child = await pages.upstream.get("referral", f"/v1/students/{student}", token=session.token)
    family, emergency = await asyncio.gather(
        _family(pages, session, child["family"]), emergency_of(pages, session)
    )
    fresh = {
        "id": new_id(),
        "category": "",
        "urgency": Urgency.ROUTINE.value,
        "need": "",
        "despite": "",
        "asked": "",
        "follows": "",
    }
    return pages.page(
        request,
        _TEMPLATE,
        words=words,
        session=session,
        status=status,
        child=child,
        around=[_around(each, words) for each in family],
        typed={**fresh, **typed},
        emergency=emergency,
        categories=sorted(
            (
                (each.code.value, words.code("category", each.code.value))
                for each in pages.district.now.needs.open
            ),
            key=lambda pair: pair[1],
        ),
        urgencies=[each.value for each in Urgency],
        problem=problem,
        duplicate=problem == "new.duplicate" or bool(typed.get("despite")),
        longest=NEED_CHARACTERS,
        longest_reason=REASON_CHARACTERS,
        school=pages.site(child["site"]).name,
    )


async def emergency_of(pages: Pages, session: Session) -> Emergency | None:
    """Return what to do at once in a crisis; nothing where it cannot be had now."""
    try:
        found = await pages.upstream.get("referral", "/v1/emergency", token=session.token)
    except PageError as error:
        if error.status not in {404, 503}:
            raise
        return None
    return Emergency.model_validate(found)


async def _family(pages: Pages, session: Session, id: str) -> list[dict[str, Any]]:
    """Return the people around a child; none where they cannot be had now."""
    try:
        found = await pages.upstream.get("referral", f"/v1/families/{id}", token=session.token)
    except PageError as error:
        if error.status not in {404, 503}:
            raise
        return []
    return list(found["contacts"])


def _around(contact: Mapping[str, Any], words: Words) -> str:
    """Say of one person who they are and whether they are told."""
    key = "new.told" if contact["may_be_told"] else "new.not-told"
    return str(
        words(
            key,
            who=words.code("relation", contact["relation"]),
            name=contact["given_name"],
            language=words.code("language", contact["reads"]),
            channel=words.code("channel", contact["preferred"]),
        )
    )
