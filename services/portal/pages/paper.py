"""The signed paper behind a consent: a photograph or a scan in, the same file out."""

from typing import Annotated

from fastapi import APIRouter, File, Request, UploadFile
from fastapi.responses import Response

from services.chassis.auth import Role
from services.portal.errors import PageError
from services.portal.pages.context import Pages
from services.portal.pages.parts import visit
from services.portal.pages.reading import checked

MAX_PAPER_BYTES = 10 * 1024 * 1024
"""As much as referral keeps of one paper."""

MAX_PAPER_FORM = MAX_PAPER_BYTES + 16 * 1024
"""A paper with the form around it."""

KINDS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png"}


def paper_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/referrals/{id}/consent/{consent}/paper", include_in_schema=False)

    @router.get("")
    async def see(request: Request, id: str, consent: str) -> Response:
        """Hand the paper out, to be saved: it is never run within our pages."""
        here = await visit(pages, request, id, Role.COORDINATOR)
        params = {"student": here.referral.student, "consent": checked(consent)}
        content, kind = await pages.upstream.get_file(
            "referral", "/v1/consent-scans", token=here.session.token, params=params
        )
        if kind not in KINDS:
            raise PageError(404)
        return saved(content, kind, checked(consent))

    @router.post("", max_body_size=MAX_PAPER_FORM)
    async def keep(
        request: Request, id: str, consent: str, paper: Annotated[UploadFile, File()]
    ) -> Response:
        """Keep it; what was signed is never replaced."""
        here = await visit(pages, request, id, Role.COORDINATOR)
        content = await paper.read(MAX_PAPER_BYTES + 1)
        if not content or len(content) > MAX_PAPER_BYTES:
            raise PageError(422, "paper-size")
        params = {"student": here.referral.student, "consent": checked(consent)}
        await pages.upstream.put_file(
            "referral", "/v1/consent-scans", content, token=here.session.token, params=params
        )
        return here.back("consent", "paper")

    return router


def saved(content: bytes, kind: str, name: str) -> Response:
    """Return a file to be saved under a name, whose ending is of its kind."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.{KINDS[kind]}"'}
    return Response(content, media_type=kind, headers=headers)
