"""Child-protection reports: what was seen, the call to the hotline, and the written report.

For who reports, and for whom the district names. Nothing of it stands on a referral's page, nor on
any page of the family.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from services.chassis.ids import is_id, new_id
from services.portal.errors import PageError
from services.portal.pages.context import Pages
from services.portal.pages.new import FOUND, NAME_CHARACTERS, emergency_of, found_children
from services.portal.pages.reading import checked
from services.portal.pages.refusals import Refused, about_the_form, lacking, refused
from services.portal.pages.today import STAFF, school_of
from services.portal.pages.warned import go_on
from services.portal.sessions import Session

WORDS_CHARACTERS = 4_000
REFERENCE_CHARACTERS = 100
SHOWN = 100
STEPS = ("called", "filed")

Text = Annotated[str, Form(max_length=100)]


def protection_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/protection", include_in_schema=False)
    _add_writing(router, pages)
    _add_reports(router, pages)
    return router


def _add_reports(router: APIRouter, pages: Pages) -> None:
    @router.get("")
    async def show_all(request: Request) -> Response:
        """Show the reports that the reader may see."""
        session = await _staff(pages, request)
        found = await pages.upstream.get(
            "referral",
            "/v1/protection-reports",
            token=session.token,
            params={"limit": SHOWN},
        )
        reports = [_told(each) for each in found["items"]]
        return pages.page(
            request,
            "protection.html",
            session=session,
            open_ones=[each for each in reports if each["filed_at"] is None],
            filed=[each for each in reports if each["filed_at"] is not None],
            school=school_of(pages, session),
        )

    @router.get("/{id}")
    async def show(request: Request, id: str) -> Response:
        """Show a report with its next step."""
        session = await _staff(pages, request)
        return await _page(pages, request, session, checked(id))

    @router.post("/{id}/{step}")
    async def enter(  # noqa: PLR0917 - FastAPI passes the form's fields by name
        request: Request,
        id: str,
        step: str,
        at: Text = "",
        reference: Annotated[str, Form(max_length=3 * REFERENCE_CHARACTERS)] = "",
        correct: Text = "",
    ) -> Response:
        """Enter the call, or that the written report was sent; or correct its time."""
        session = await _staff(pages, request)
        if step not in STEPS:
            raise PageError(404)
        words = pages.words(request)
        typed = {"of": f"{step}-{correct}", "at": at, "reference": reference}
        try:
            moment = pages.when(words).local(at)
        except ValueError:
            problem = lacking("protect.say-when", words)
            return await _page(pages, request, session, checked(id), typed, problem)
        number = reference.strip()
        if len(number) > REFERENCE_CHARACTERS:
            problem = lacking("protect.number-long", words)
            return await _page(pages, request, session, checked(id), typed, problem)
        body: dict[str, Any] = {
            "at": moment.isoformat(),
            **({"reference": number} if number and step == "called" else {}),
            **({"correct": True} if correct == "yes" else {}),
        }
        try:
            after = await pages.upstream.post(
                "referral",
                f"/v1/protection-reports/{checked(id)}/{step}",
                body,
                token=session.token,
            )
        except PageError as error:
            problem = _shown(pages, request, error)
            return await _page(pages, request, session, checked(id), typed, problem)
        return go_on(pages, request, session, after, f"/protection/{checked(id)}?done=reported")


def _add_writing(router: APIRouter, pages: Pages) -> None:
    @router.get("/new")
    async def begin(request: Request, student: str | None = None) -> Response:
        """Ask of which child, then what was seen or heard."""
        session = await _staff(pages, request)
        return await _form(pages, request, session, checked(student) if student else None)

    @router.post("/find")
    async def find(request: Request, q: Text = "") -> Response:
        """Show the children whom a name fits. Posted: a name stands in no address."""
        session = await _staff(pages, request)
        wanted = q.strip()
        if len(wanted) < NAME_CHARACTERS:
            problem = lacking("new.name-first", pages.words(request))
            return await _form(pages, request, session, None, problem=problem, q=wanted)
        found = await found_children(pages, session, wanted)
        return await _form(pages, request, session, None, found=found, q=wanted)

    @router.post("/new")
    async def write_down(
        request: Request,
        report: Text = "",
        student: Text = "",
        words: Annotated[str, Form(max_length=3 * WORDS_CHARACTERS)] = "",
    ) -> Response:
        """Write it down; the same form again writes nothing new."""
        session = await _staff(pages, request)
        said = words.replace("\r\n", "\n").strip()
        id = report if is_id(report) else new_id()
        typed = {"report": id, "words": said}
        of = checked(student)
        if not 0 < len(said) <= WORDS_CHARACTERS:
            problem = lacking("protect.say", pages.words(request))
            return await _form(pages, request, session, of, problem=problem, typed=typed)
        body = {"student": of, "words": said}
        try:
            entered = await pages.upstream.put(
                "referral", f"/v1/protection-reports/{id}", body, token=session.token
            )
        except PageError as error:
            problem = _shown(pages, request, error)
            return await _form(pages, request, session, of, problem=problem, typed=typed)
        return go_on(pages, request, session, entered, f"/protection/{id}?done=reported")


async def _staff(pages: Pages, request: Request) -> Session:
    session = await pages.signed_in(request)
    if not session.person.has(*STAFF):
        raise PageError(403)
    return session


def _shown(pages: Pages, request: Request, error: PageError) -> Refused:
    """Return what a form says of a refusal.

    Raises:
        PageError: it is not about the form.
    """
    if not about_the_form(error):
        raise error
    words = pages.words(request)
    return refused(error, words, pages.when(words))


async def _form(
    pages: Pages,
    request: Request,
    session: Session,
    student: str | None,
    *,
    found: list[dict[str, Any]] | None = None,
    q: str = "",
    typed: Mapping[str, str] | None = None,
    problem: Refused | None = None,
) -> Response:
    child = None
    if student is not None:
        child = await pages.upstream.get("referral", f"/v1/students/{student}", token=session.token)
    return pages.page(
        request,
        "protection_new.html",
        session=session,
        status=422 if problem else 200,
        child=child,
        found=None if found is None else found[:FOUND],
        more=found is not None and len(found) > FOUND,
        q=q,
        typed={"report": new_id(), "words": "", **(typed or {})},
        emergency=await emergency_of(pages, session),
        longest=WORDS_CHARACTERS,
        refused=problem,
        school=school_of(pages, session),
    )


async def _page(  # noqa: PLR0917 - whose, which, and the form to show again
    pages: Pages,
    request: Request,
    session: Session,
    id: str,
    typed: Mapping[str, str] | None = None,
    problem: Refused | None = None,
) -> Response:
    words = pages.words(request)
    found = await pages.upstream.get(
        "referral", f"/v1/protection-reports/{id}", token=session.token
    )
    return pages.page(
        request,
        "protection_report.html",
        words=words,
        session=session,
        status=422 if problem else 200,
        report=_told(found),
        typed={"of": "", "at": "", "reference": "", **(typed or {})},
        now=pages.when(words).now_local,
        longest=REFERENCE_CHARACTERS,
        done="done.reported" if request.query_params.get("done") == "reported" else None,
        refused=problem,
        school=school_of(pages, session),
    )


def _told(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return a report with its times as times."""
    times = ("created_at", "called_at", "due_at", "filed_at")
    return {
        **report,
        **{name: datetime.fromisoformat(report[name]) if report[name] else None for name in times},
        "corrections": [
            {**each, "was": datetime.fromisoformat(each["was"])} for each in report["corrections"]
        ],
    }
