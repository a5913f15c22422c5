"""The signed documents of an agreement, over HTTP: a file in, the same file out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from services.chassis.auth import OF_AGENCY, Allow, Principal, Role
from services.chassis.errors import EnlaceError, unknown
from services.chassis.http.commands import identifier
from services.chassis.http.files import ANSWER, BODY, handed_out, print_of
from services.chassis.scan import kind_of
from services.chassis.scans import Scans
from services.partner.api.agreement_views import DocumentView, document_of
from services.partner.api.context import Context, Writer, need_agency, need_sites
from services.partner.handlers import agreements
from services.partner.model.agreement import Agreement

PATH = "/v1/agreement-documents"

Id = Annotated[str, Query(max_length=36)]
Which = Annotated[str | None, Query(max_length=36, description="Left out: the newest.")]
Reader = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.ADMIN, *OF_AGENCY))]


def documents_router(context: Context, scans: Scans) -> APIRouter:
    """Return the router."""
    router = APIRouter(tags=["agreements"])

    @router.put(PATH, openapi_extra=BODY)
    async def put_document(agreement: Id, request: Request, caller: Writer) -> DocumentView:
        """Keep a signed document with an agreement: PDF, JPEG or PNG of at most 10 MiB.

        What it is is told by what it holds. The same file again is the same answer; another one
        stands beside it, since what was signed is never replaced.
        """
        known = await _need(context, agreement)
        need_sites(caller, known.sites)
        content = await request.body()
        kind = kind_of(content)
        fingerprint = print_of(context.secret, content)
        same = [each for each in known.documents if each.fingerprint == fingerprint]
        if same:
            return document_of(same[0])
        await context.vault.create_key(known.id)
        scan = await scans.keep(
            known.id,
            content,
            kind=kind,
            fingerprint=fingerprint,
            at=context.clock.now(),
            by=caller.subject,
        )
        try:
            after = await agreements.attach(context.store, known.id, scan)
        except EnlaceError:
            await scans.drop(scan)
            raise
        kept = next(each for each in after.documents if each.fingerprint == fingerprint)
        if kept.id != scan.id:  # the same file was sent twice at the same instant
            await scans.drop(scan)
        return document_of(kept)

    @router.get(PATH, response_class=Response, responses=ANSWER)
    async def get_document(agreement: Id, caller: Reader, document: Which = None) -> Response:
        """Return a signed document to staff who lead, and to the agency that signed it."""
        known = await _need(context, agreement)
        need_agency(caller, known.agency, "agreement")
        wanted = identifier(document) if document is not None else None
        kept = [each for each in known.documents if wanted in {None, each.id}]
        if not kept:
            raise unknown("signed document")
        return handed_out(await scans.read(kept[-1]), kept[-1].kind, kept[-1].id)

    return router


def document_gone() -> EnlaceError:
    """Return the refusal where the key of an agreement's documents is gone."""
    return unknown("signed document")


async def _need(context: Context, agreement: str) -> Agreement:
    known = await context.store.get(Agreement, identifier(agreement))
    if known is None:
        raise unknown("agreement")
    return known
