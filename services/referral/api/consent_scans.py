"""The signed paper behind a consent, over HTTP: a file in, the same file out."""

from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Query, Request, Response

from services.chassis.auth import Allow, Principal, Role
from services.chassis.errors import EnlaceError, unknown
from services.chassis.http.commands import Body, identifier
from services.chassis.http.files import ANSWER, BODY, handed_out, print_of
from services.chassis.scan import Scan, ScanKind, kind_of
from services.chassis.scans import Scans
from services.referral.api.children import child_for, may_read
from services.referral.api.context import Context
from services.referral.handlers import consents
from services.referral.handlers.audit import actor_of, note
from services.referral.model.audit import Action
from services.referral.model.consent import ConsentBook

PATH = "/v1/consent-scans"

Id = Annotated[str, Query(max_length=36)]


class ScanStored(Body):
    """What is kept."""

    consent: str
    type: ScanKind
    size: int
    stored_at: datetime
    stored_by: str


def scans_router(context: Context, scans: Scans) -> APIRouter:
    """Return the router."""
    router = APIRouter(tags=["consents"])
    staff = Annotated[Principal, Depends(Allow(Role.COORDINATOR, Role.ADMIN))]

    @router.put(PATH, openapi_extra=BODY)
    async def put_scan(student: Id, consent: Id, request: Request, caller: staff) -> ScanStored:
        """Store the scan of a consent's signed paper: PDF, JPEG or PNG of at most 10 MiB.

        From then on the consent holds, and what waited for it goes on.

        What it is is told by what it holds. The same file again is the same answer; another one is
        refused, since what was signed is never replaced.
        """
        child = await child_for(context, caller, student, Role.COORDINATOR)
        book = await context.store.get(ConsentBook, child.id)
        known = book.find(identifier(consent)) if book else None
        if known is None:
            raise unknown("consent")
        content = await request.body()
        kind = kind_of(content)
        print_ = print_of(context.secret, content)
        if known.scan is not None and known.scan.fingerprint == print_:
            return _stored(known.id, known.scan)
        scan = await scans.keep(
            child.id,
            content,
            kind=kind,
            fingerprint=print_,
            at=context.clock.now(),
            by=caller.subject,
        )
        try:
            kept = await consents.attach_scan(context.desk, child.id, known.id, scan)
        except EnlaceError:
            await scans.drop(scan)
            raise
        if kept.id != scan.id:  # the same file was sent twice at the same instant
            await scans.drop(scan)
        return _stored(known.id, kept)

    @router.get(PATH, response_class=Response, responses=ANSWER)
    async def get_scan(student: Id, consent: Id, caller: staff) -> Response:
        """Return the scan of a consent's paper to the staff of the child's school."""
        child = await child_for(context, caller, student, Role.COORDINATOR)
        book = await context.store.get(ConsentBook, child.id)
        known = book.find(identifier(consent)) if book else None
        if book is None or known is None or known.scan is None:
            raise unknown("scan")
        if not may_read(context, caller, child, book, known):
            raise unknown("scan")
        content = await scans.read(known.scan)
        about = {"student": child.id, "consent": known.id}
        await note(context.desk, actor_of(caller), Action.SCAN_OPENED, site=child.site, about=about)
        return handed_out(content, known.scan.kind, known.id)

    return router


def _stored(consent: str, scan: Scan) -> ScanStored:
    return ScanStored(
        consent=consent,
        type=scan.kind,
        size=scan.size,
        stored_at=scan.stored_at,
        stored_by=scan.stored_by,
    )
