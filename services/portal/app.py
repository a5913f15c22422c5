"""The portal's web application: pages, static files, what is shown when something goes wrong."""

import re
from http import HTTPStatus
from urllib.parse import quote

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from fastapi.staticfiles import StaticFiles
from pymongo.errors import PyMongoError
from starlette.exceptions import HTTPException
from starlette.middleware.sessions import SessionMiddleware
from starlette.types import Receive, Scope, Send

from services.portal.errors import PageError, SignedOutError
from services.portal.pages.acts import acts_router
from services.portal.pages.agency import agency_router
from services.portal.pages.agency_form import agency_form_router
from services.portal.pages.agreement import agreement_router
from services.portal.pages.agreement_form import agreement_form_router
from services.portal.pages.agreement_papers import agreement_papers_router
from services.portal.pages.agreements import agreements_router
from services.portal.pages.ask import ask_router
from services.portal.pages.asked import asked_router
from services.portal.pages.asking import asking_router
from services.portal.pages.batch import batch_router
from services.portal.pages.consent import consent_router
from services.portal.pages.contacts import contacts_router
from services.portal.pages.context import STATIC, Pages
from services.portal.pages.copies import copies_router
from services.portal.pages.correct import correct_router
from services.portal.pages.delete import delete_router
from services.portal.pages.directory import directory_router
from services.portal.pages.disclosure import disclosure_router
from services.portal.pages.doors import AccountDoor
from services.portal.pages.entries import entries_router
from services.portal.pages.entry_form import entry_form_router
from services.portal.pages.family import family_router
from services.portal.pages.follow_ups import follow_ups_router
from services.portal.pages.glass import glass_router
from services.portal.pages.hand_off import hand_off_router
from services.portal.pages.help import help_router
from services.portal.pages.identity import identity_router
from services.portal.pages.imports import imports_router
from services.portal.pages.lost import Kept, kept_of
from services.portal.pages.messages import messages_router
from services.portal.pages.new import new_router
from services.portal.pages.notes import notes_router
from services.portal.pages.offers import offers_router
from services.portal.pages.own import own_router
from services.portal.pages.own_deliveries import own_deliveries_router
from services.portal.pages.own_hooks import own_hooks_router
from services.portal.pages.own_keys import own_keys_router
from services.portal.pages.own_offers import (
    own_identity_router,
    own_offers_router,
)
from services.portal.pages.own_seats import own_seats_router
from services.portal.pages.own_system import own_system_router
from services.portal.pages.paper import paper_router
from services.portal.pages.phone import phone_router
from services.portal.pages.progress import progress_router
from services.portal.pages.protection import protection_router
from services.portal.pages.question import question_router
from services.portal.pages.questions import questions_router
from services.portal.pages.records import records_router
from services.portal.pages.referral import referral_router
from services.portal.pages.refusals import Refused, refused
from services.portal.pages.reply import reply_router
from services.portal.pages.reports import reports_router
from services.portal.pages.seats import seats_router
from services.portal.pages.seen import seen_router
from services.portal.pages.settling import settling_router
from services.portal.pages.sign_in import sign_in_router
from services.portal.pages.taking_back import taking_back_router
from services.portal.pages.talk import talk_router
from services.portal.pages.today import today_router
from services.portal.pages.waiting import waiting_router
from services.portal.security import Guard
from services.portal.words import LANGUAGES, Words, words_in

log = structlog.get_logger()

MAX_BODY_BYTES = 64 * 1024
SIGN_IN_SECONDS = 600
"""How long somebody may take at the provider."""


def create_portal(pages: Pages, *, session_key: bytes) -> FastAPI:
    """Return the app.

    Args:
        pages: what the pages need.
        session_key: signs the cookie that lives from leaving for the provider to coming back.
    """
    app = FastAPI(
        title="Enlace portal",
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        # Addresses can hold links that act for somebody: nothing records them.
        telemetry={"logs": False, "operation_spans": False},
        max_body_size=MAX_BODY_BYTES,
    )
    offers = AccountDoor(pages, "offers")
    for router in (
        today_router(pages),
        new_router(pages),  # before any referral: `new` is no id
        referral_router(pages),
        contacts_router(pages),
        follow_ups_router(pages),
        consent_router(pages),
        paper_router(pages),
        taking_back_router(pages),
        offers_router(pages),
        questions_router(pages),
        notes_router(pages),
        reply_router(pages),
        talk_router(pages),
        seen_router(pages),
        acts_router(pages),
        correct_router(pages),
        copies_router(pages),
        glass_router(pages),  # before any opening: `new` is no id
        records_router(pages),
        protection_router(pages),
        ask_router(pages),
        phone_router(pages),
        hand_off_router(pages),
        disclosure_router(pages),
        reports_router(pages),
        messages_router(pages),
        directory_router(pages),
        entry_form_router(pages),
        agency_form_router(pages),
        seats_router(pages),
        waiting_router(pages),
        settling_router(pages),
        imports_router(pages),
        agreements_router(pages),
        agreement_form_router(pages),  # before any agreement: `new` is no id
        agreement_papers_router(pages),  # before the steps: `documents` is none
        agreement_router(pages),
        agency_router(pages),
        question_router(pages),
        progress_router(pages),
        identity_router(pages),
        batch_router(pages),
        delete_router(pages),
        entries_router(pages),
        family_router(pages),
        help_router(pages),
        asking_router(pages),
        asked_router(pages),
        own_router(pages),
        own_offers_router(pages),
        own_identity_router(pages, offers),
        agency_router(pages, offers),
        question_router(pages, offers),
        progress_router(pages, offers),
        batch_router(pages, AccountDoor(pages, "batches")),
        own_seats_router(pages),
        own_system_router(pages),
        own_hooks_router(pages),
        own_deliveries_router(pages),
        own_keys_router(pages),
        sign_in_router(pages),
    ):
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
    _add_health(app, pages)
    _show_errors(app, pages)
    secure = pages.settings.secure
    app.add_middleware(
        SessionMiddleware,
        secret_key=session_key.hex(),
        session_cookie="__Host-enlace-sign-in" if secure else "enlace-sign-in",
        max_age=SIGN_IN_SECONDS,
        same_site="lax",
        https_only=secure,
    )

    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        await _error(pages, request, HTTPStatus.FORBIDDEN, "foreign")(scope, receive, send)

    async def fail(scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        status = HTTPStatus.INTERNAL_SERVER_ERROR
        await _error(pages, request, status, "500")(scope, receive, send)

    app.add_middleware(Guard, refuse=refuse, fail=fail, secure=secure)
    return app


def _add_health(app: FastAPI, pages: Pages) -> None:
    @app.get("/health", include_in_schema=False)
    async def alive() -> dict[str, str]:
        """Tell that the process runs its loop."""
        return {"status": "alive"}

    @app.get("/ready", include_in_schema=False)
    async def ready() -> JSONResponse:
        """Tell whether pages can be shown: the database of the sessions answers."""
        try:
            await pages.sessions.ping()
        except PyMongoError:
            return JSONResponse({"ready": False, "database": False}, status_code=503)
        return JSONResponse({"ready": True, "database": True})


def _show_errors(app: FastAPI, pages: Pages) -> None:
    """Show every error as a sentence with the next step."""

    async def signed_out(request: Request, _: SignedOutError) -> Response:
        if request.method != "GET":
            status = HTTPStatus.UNAUTHORIZED
            kept = await kept_of(request, status)
            if kept is None:
                return RedirectResponse("/welcome", status_code=303)
            return _error(pages, request, status, "signed-out", kept)
        query = f"?{request.url.query}" if request.url.query else ""
        to = quote(f"{request.url.path}{query}", safe="")
        return RedirectResponse(f"/welcome?to={to}", status_code=303)

    async def page_error(request: Request, error: PageError) -> Response:
        return _refusal(pages, request, error, await kept_of(request, error.status))

    async def http(request: Request, error: HTTPException) -> Response:
        status = error.status_code
        return _error(pages, request, status, str(status), await kept_of(request, status))

    async def malformed(request: Request, _: RequestValidationError) -> Response:
        status = HTTPStatus.UNPROCESSABLE_ENTITY
        return _error(pages, request, status, "422", await kept_of(request, status))

    async def database(request: Request, error: PyMongoError) -> Response:
        log.warning("portal.database_away", error=type(error).__name__)
        status = HTTPStatus.SERVICE_UNAVAILABLE
        return _error(pages, request, status, "503", await kept_of(request, status))

    app.add_exception_handler(SignedOutError, signed_out)  # type: ignore[arg-type] # Starlette
    app.add_exception_handler(PageError, page_error)  # type: ignore[arg-type] # types the error
    app.add_exception_handler(HTTPException, http)  # type: ignore[arg-type] # as Exception, and
    app.add_exception_handler(RequestValidationError, malformed)  # type: ignore[arg-type] # calls
    app.add_exception_handler(PyMongoError, database)  # type: ignore[arg-type] # by class


_PLACE = re.compile(r"^/(?:referrals|partners/agreements)/[0-9a-fA-F-]{36}(?=/)")
"""Of what a page is about: the way back from a refusal."""


def _refusal(
    pages: Pages, request: Request, error: PageError, kept: Kept | None = None
) -> Response:
    """Show a refusal; where somebody was faster, what they did, and the way to how it stands."""
    words = pages.words(request)
    shown = refused(error, words, pages.when(words))
    place = _PLACE.match(request.url.path)
    return pages.page(
        request,
        "error.html",
        words=words,
        status=error.status,
        error=_known(words, error.slug, error.status),
        refused=shown,
        onward=place.group() if place and error.status not in {403, 404} else None,
        also=_in_other_languages(pages, request, error, words),
        kept=kept,
    )


_BY_LINK = ("/f/", "/a/", "/b/", "/d/", "/e/")
"""Pages that families and agencies open by a link, without an account."""


def _in_other_languages(
    pages: Pages, request: Request, error: PageError, words: Words
) -> list[tuple[str, Refused]]:
    """Return what is said where somebody's link shows nothing, in every other language.

    Nobody can tell who holds such a link, and a phone's own language need not be its owner's.
    """
    if error.status != HTTPStatus.NOT_FOUND or not request.url.path.startswith(_BY_LINK):
        return []
    others = [words_in(each) for each in LANGUAGES if each != words.language]
    return [(each.language, refused(error, each, pages.when(each))) for each in others]


def _known(words: Words, slug: str, status: int) -> str:
    return next(key for key in (slug, str(int(status)), "500") if words.has(f"error.{key}.title"))


def _error(
    pages: Pages, request: Request, status: int, slug: str, kept: Kept | None = None
) -> Response:
    words = pages.words(request)
    known = _known(words, slug, status)
    shown = refused(PageError(status, known), words, pages.when(words))
    # Nobody is signed in behind a link, and a page for errors asks no database.
    return pages.page(
        request,
        "error.html",
        words=words,
        status=int(status),
        error=known,
        refused=shown,
        onward=None,
        also=[],
        kept=kept,
    )
