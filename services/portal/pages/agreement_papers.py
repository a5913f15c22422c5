"""The signed documents of an agreement: a photograph or a scan in, the same file out."""

from typing import Annotated

from fastapi import APIRouter, File, Request, UploadFile
from fastapi.responses import Response

from services.portal.errors import PageError
from services.portal.pages.agreement import page_of
from services.portal.pages.context import Pages
from services.portal.pages.paper import KINDS, MAX_PAPER_BYTES, MAX_PAPER_FORM, saved
from services.portal.pages.partners import WRITERS, back, look
from services.portal.pages.reading import checked
from services.portal.pages.refusals import about_the_form

_PATH = "/v1/agreement-documents"


def agreement_papers_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/partners/agreements/{id}/documents", include_in_schema=False)

    @router.get("/{document}")
    async def see(request: Request, id: str, document: str) -> Response:
        """Hand one out, to be saved: it is never run within our pages."""
        here = await look(pages, request)
        params = {"agreement": checked(id), "document": checked(document)}
        content, kind = await pages.upstream.get_file(
            "partner", _PATH, token=here.session.token, params=params
        )
        if kind not in KINDS:
            raise PageError(404)
        return saved(content, kind, checked(document))

    @router.post("", max_body_size=MAX_PAPER_FORM)
    async def keep(request: Request, id: str, paper: Annotated[UploadFile, File()]) -> Response:
        """Keep one; what was signed is never replaced."""
        here = await look(pages, request, *WRITERS)
        content = await paper.read(MAX_PAPER_BYTES + 1)
        problem = None
        if not content or len(content) > MAX_PAPER_BYTES:
            problem = PageError(422, "paper-size")
        else:
            try:
                await pages.upstream.put_file(
                    "partner",
                    _PATH,
                    content,
                    token=here.session.token,
                    params={"agreement": checked(id)},
                )
            except PageError as error:
                if not about_the_form(error):
                    raise
                problem = error
        if problem is not None:
            shown = here.refusal(problem)
            return await page_of(here, checked(id), problem=shown, status=problem.status)
        return back(f"/partners/agreements/{checked(id)}", "document", "documents")

    return router
