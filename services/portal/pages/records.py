"""What calls for somebody besides the referrals: receipts, meetings' tasks, opened records."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from services.chassis.auth import Role
from services.portal.errors import PageError
from services.portal.pages.context import Pages
from services.portal.pages.delete import reference
from services.portal.pages.glass import standing
from services.portal.pages.reading import checked
from services.portal.pages.refusals import Refused, about_the_form, lacking, refused
from services.portal.pages.today import STAFF
from services.portal.pages.warned import go_on
from services.portal.sessions import Session

NAME_CHARACTERS = 100
WORDS_CHARACTERS = 500


def records_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(include_in_schema=False)
    _add_receipts(router, pages)
    _add_tasks(router, pages)
    _add_openings(router, pages)
    return router


async def _staff(pages: Pages, request: Request, *roles: Role) -> Session:
    session = await pages.signed_in(request)
    if not session.person.has(*roles):
        raise PageError(403)
    return session


async def _listed(
    pages: Pages, session: Session, path: str, id: str, **params: Any
) -> dict[str, Any]:
    """Return one record of a list.

    Raises:
        PageError: it is not in there for this reader.
    """
    found = await pages.upstream.every("referral", path, token=session.token, params=params)
    for each in found:
        if each["id"] == id:
            return dict(each)
    raise PageError(404)


async def _post(
    pages: Pages,
    session: Session,
    request: Request,
    path: str,
    body: Mapping[str, Any],
    **more: Any,
) -> Refused | Response:
    """Do it and go back to the list; returns what is said where it was refused."""
    try:
        after = await pages.upstream.post("referral", path, body, token=session.token, **more)
    except PageError as error:
        if not about_the_form(error):
            raise
        words = pages.words(request)
        return refused(error, words, pages.when(words))
    return go_on(pages, request, session, after, "/?done=settled")


def _add_receipts(router: APIRouter, pages: Pages) -> None:
    async def page(
        request: Request, session: Session, id: str, problem: Refused | None = None, typed: str = ""
    ) -> Response:
        asked = await _listed(pages, session, "/v1/deletion-requests", id)
        names = await pages.names.agencies([asked["agency"]], session.token)
        receipt = asked["receipt"]
        return pages.page(
            request,
            "receipt.html",
            session=session,
            status=422 if problem else 200,
            asked=asked,
            agency=names.get(asked["agency"]),
            since=datetime.fromisoformat(asked["asked_at"]),
            due=date.fromisoformat(asked["due_on"]),
            references=[reference(each) for each in asked["referrals"]],
            receipt=None
            if receipt is None
            else {**receipt, "at": datetime.fromisoformat(receipt["at"])},
            refused=problem,
            typed=typed,
            longest=NAME_CHARACTERS,
            school=pages.site(asked["site"]).name,
        )

    @router.get("/receipts/{id}")
    async def receipt(request: Request, id: str) -> Response:
        """Show what an agency was asked to delete."""
        session = await _staff(pages, request, Role.COORDINATOR)
        return await page(request, session, checked(id))

    @router.post("/receipts/{id}")
    async def confirm(
        request: Request,
        id: str,
        told_by: Annotated[str, Form(max_length=3 * NAME_CHARACTERS)] = "",
    ) -> Response:
        """Write down who at the agency confirmed it."""
        session = await _staff(pages, request, Role.COORDINATOR)
        said = told_by.strip()
        if not 0 < len(said) <= NAME_CHARACTERS:
            lacks = lacking("receipt.say-who", pages.words(request))
            return await page(request, session, checked(id), lacks, said)
        path = f"/v1/deletion-requests/{checked(id)}/confirm"
        done = await _post(pages, session, request, path, {"told_by": said})
        if isinstance(done, Refused):
            return await page(request, session, checked(id), done, said)
        return done


def _add_tasks(router: APIRouter, pages: Pages) -> None:
    async def page(
        request: Request, session: Session, id: str, task: str, problem: Refused | None = None
    ) -> Response:
        meeting = await pages.upstream.get("referral", f"/v1/meetings/{id}", token=session.token)
        found = next((each for each in meeting["tasks"] if each["id"] == task), None)
        if found is None:
            raise PageError(404)
        child = await pages.upstream.get(
            "referral", f"/v1/students/{meeting['student']}", token=session.token
        )
        return pages.page(
            request,
            "task.html",
            session=session,
            status=409 if problem else 200,
            meeting=meeting,
            task=found,
            child=child,
            due=date.fromisoformat(found["due_on"]),
            held=date.fromisoformat(meeting["held_on"]),
            refused=problem,
            school=pages.site(child["site"]).name,
        )

    @router.get("/meetings/{id}/tasks/{task}")
    async def task(request: Request, id: str, task: str) -> Response:
        """Show what was agreed to be done."""
        session = await _staff(pages, request, *STAFF)
        return await page(request, session, checked(id), checked(task))

    @router.post("/meetings/{id}/tasks/{task}")
    async def did(
        request: Request, id: str, task: str, seen: Annotated[int, Form(ge=0)]
    ) -> Response:
        """Say that it is done."""
        session = await _staff(pages, request, *STAFF)
        path = f"/v1/meetings/{checked(id)}/tasks/{checked(task)}/done"
        done = await _post(pages, session, request, path, {}, seen=seen)
        if isinstance(done, Refused):
            return await page(request, session, checked(id), checked(task), done)
        return done


def _add_openings(router: APIRouter, pages: Pages) -> None:
    async def page(  # noqa: PLR0917 - whose, which, and the form to show again
        request: Request,
        session: Session,
        id: str,
        problem: Refused | None = None,
        typed: str = "",
        justified: str = "",
    ) -> Response:
        opening = await _listed(pages, session, "/v1/break-glass", id)
        child = await pages.upstream.get(
            "referral", f"/v1/students/{opening['student']}", token=session.token
        )
        review = opening["review"]
        return pages.page(
            request,
            "opening.html",
            session=session,
            status=422 if problem else 200,
            opening=opening,
            child=child,
            opened_at=datetime.fromisoformat(opening["opened_at"]),
            closes_at=datetime.fromisoformat(opening["closes_at"]),
            review=None
            if review is None
            else {**review, "at": datetime.fromisoformat(review["at"])},
            by=opening["opener"]["name"],
            opener=standing(opening["opener"]),
            lets=review is not None and session.person.has(Role.ADMIN),
            refused=problem,
            typed=typed,
            justified=justified,
            longest=WORDS_CHARACTERS,
            school=pages.site(opening["site"]).name,
        )

    @router.get("/openings/{id}")
    async def opening(request: Request, id: str) -> Response:
        """Show who opened a record, and why."""
        session = await _staff(pages, request, Role.COORDINATOR, Role.ADMIN)
        return await page(request, session, checked(id))

    @router.post("/openings/{id}")
    async def review(
        request: Request,
        id: str,
        justified: Annotated[str, Form(max_length=8)] = "",
        words: Annotated[str, Form(max_length=3 * WORDS_CHARACTERS)] = "",
    ) -> Response:
        """Say whether it was right; where it was not, it ends with that."""
        session = await _staff(pages, request, Role.COORDINATOR, Role.ADMIN)
        said = words.replace("\r\n", "\n").strip()
        if justified not in {"yes", "no"} or len(said) > WORDS_CHARACTERS:
            key = "opening.too-long" if justified in {"yes", "no"} else "opening.choose"
            lacks = lacking(key, pages.words(request))
            return await page(request, session, checked(id), lacks, said, justified)
        body = {"justified": justified == "yes", **({"words": said} if said else {})}
        path = f"/v1/break-glass/{checked(id)}/review"
        done = await _post(pages, session, request, path, body)
        if isinstance(done, Refused):
            return await page(request, session, checked(id), done, said, justified)
        return done

    @router.post("/openings/{id}/let-again")
    async def let_again(request: Request, id: str) -> Response:
        """Let who opened it open records in an emergency again."""
        session = await _staff(pages, request, Role.ADMIN)
        path = f"/v1/break-glass/{checked(id)}/let-again"
        done = await _post(pages, session, request, path, {})
        if isinstance(done, Refused):
            return await page(request, session, checked(id), done)
        return RedirectResponse(f"/openings/{checked(id)}", status_code=303)
