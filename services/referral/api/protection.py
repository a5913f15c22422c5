"""Child-protection reports over HTTP: for who reports, and for whom the district names."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Response
from pydantic import BeforeValidator, StringConstraints

from contracts.sealed import Sealed
from services.chassis.auth import Allow, Principal
from services.chassis.errors import unknown
from services.chassis.fields import Id, Moment, none_if_blank
from services.chassis.http.commands import (
    Body,
    Cursor,
    Identifier,
    Limit,
    Page,
    fingerprint,
    identifier,
    read_cursor,
    set_etag,
    write_cursor,
)
from services.referral import store as reading
from services.referral.api.children import child_for, sees_restricted
from services.referral.api.context import Context, short_name
from services.referral.api.sight import STAFF, named_sites
from services.referral.api.words import Warned, Words, warnings_of
from services.referral.handlers import protection
from services.referral.model.attempts import in_milliseconds
from services.referral.model.people import Student
from services.referral.model.protection import Correction, ProtectionReport, Step
from services.referral.roster.forms import Never

Reference = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class ReportBody(Body):
    """What was seen or heard, of which child."""

    student: Id
    words: Words


class CalledBody(Body):
    """When the hotline was called, and the number that it gave.

    Attributes:
        at: not to come, and at most two weeks before the report was written down.
        correct: another time was entered, and was wrong; it is kept.
    """

    at: Moment
    correct: bool = False
    reference: Annotated[Reference | None, BeforeValidator(none_if_blank)] = None


class FiledBody(Body):
    """When the written report was sent.

    Attributes:
        at: not to come, and not before the call.
        correct: another time was entered, and was wrong; it is kept.
    """

    at: Moment
    correct: bool = False


class ReportView(Body):
    """A report, with what is to be done next and by when.

    Attributes:
        hotline: whom to call, as the district has laid down.
        words: null once the child was erased, as is `reference`; who reported, and when each step
            was taken and entered by whom, stays: the duty to report is proven by it.
        corrections: times that were corrected, oldest first: of which step, what stood there, and
            who corrected it.
    """

    id: str
    version: int
    student: str
    name: str
    reporter: str
    words: str | None
    next_step: Step
    hotline: str
    created_at: datetime
    called_at: datetime | None
    called_by: str | None
    reference: str | None
    due_at: datetime | None
    filed_at: datetime | None
    filed_by: str | None
    overdue: bool
    corrections: tuple[Correction, ...]
    warnings: tuple[Warned, ...] = ()


def protection_router(context: Context) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/v1/protection-reports", tags=["child protection"])
    staff = Annotated[Principal, Depends(Allow(*STAFF))]

    async def theirs(caller: Principal, id: str) -> ProtectionReport:
        report = await context.store.get(ProtectionReport, identifier(id))
        if report is None or not _may_see(context, caller, report):
            raise unknown("report")
        return report

    @router.put("/{id}")
    async def put_report(
        id: Identifier, body: ReportBody, response: Response, caller: staff
    ) -> ReportView:
        """Write down what was seen or heard; the answer says whom to call."""
        student = await child_for(context, caller, body.student, *STAFF)
        report = ProtectionReport(
            id=identifier(id),
            student=student.id,
            site=student.site,
            reporter=caller.subject,
            words=await context.seal_known(student.id, body.words),
            fingerprint=fingerprint(context.secret, body),
            created_at=context.clock.now(),
        )
        entered = await protection.put_report(context.desk, report)
        if not _may_see(context, caller, entered):
            raise unknown("report")  # somebody else's, under the same id and body
        set_etag(response, entered.version)
        return await _warned(context, entered, "words", body.words)

    @router.get("")
    async def list_reports(
        caller: staff, cursor: Cursor = None, limit: Limit = 50
    ) -> Page[ReportView]:
        """List the reports that the caller may see, newest first."""
        found = await reading.list_protection_reports(
            context.store,
            caller.subject,
            named_sites(caller, context.desk.rules()),
            before=read_cursor(cursor),
            limit=limit + 1,
        )
        page = found[:limit]
        return Page[ReportView](
            items=[await _view(context, each) for each in page],
            next=write_cursor(page[-1].id) if len(found) > limit else None,
        )

    @router.get("/{id}")
    async def get_report(id: Identifier, response: Response, caller: staff) -> ReportView:
        """Return a report."""
        report = await theirs(caller, id)
        set_etag(response, report.version)
        return await _view(context, report)

    @router.post("/{id}/called")
    async def called(
        id: Identifier, body: CalledBody, response: Response, caller: staff
    ) -> ReportView:
        """Enter the call to the hotline; from it the written report's deadline is counted."""
        known = await theirs(caller, id)
        sealed = (
            None
            if body.reference is None
            else await context.seal_known(known.student, body.reference)
        )
        step = _call(context, body, sealed, caller.subject)
        after = await protection.move(context.desk, known.id, step)
        set_etag(response, after.version)
        return await _warned(context, after, "reference", body.reference)

    @router.post("/{id}/filed")
    async def filed(
        id: Identifier, body: FiledBody, response: Response, caller: staff
    ) -> ReportView:
        """Enter that the written report was sent; it follows the call."""
        known = await theirs(caller, id)
        step = _file(context, body, caller.subject)
        after = await protection.move(context.desk, known.id, step)
        set_etag(response, after.version)
        return await _view(context, after)

    return router


def _call(
    context: Context, body: CalledBody, reference: Sealed | None, by: str
) -> Callable[[ProtectionReport], ProtectionReport]:
    now, rules = context.clock.now(), context.desk.rules()
    at = in_milliseconds(body.at)
    if body.correct:
        return lambda report: report.call_corrected(at, reference, now, rules, by)
    return lambda report: report.called(at, reference, now, rules, by)


def _file(
    context: Context, body: FiledBody, by: str
) -> Callable[[ProtectionReport], ProtectionReport]:
    now, at = context.clock.now(), in_milliseconds(body.at)
    if body.correct:
        return lambda report: report.filing_corrected(at, now, by)
    return lambda report: report.filed(at, now, by)


def _may_see(context: Context, caller: Principal, report: ProtectionReport) -> bool:
    """Who reported it, and whom the district names at the school."""
    return caller.subject == report.reporter or sees_restricted(context, caller, report.site)


async def _warned(
    context: Context, report: ProtectionReport, field: str, text: str | None
) -> ReportView:
    warnings = warnings_of([(field, text)], but=Never.CHILD_PROTECTION)
    return (await _view(context, report)).model_copy(update={"warnings": warnings})


async def _view(context: Context, report: ProtectionReport) -> ReportView:
    student = await context.store.get(Student, report.student)
    erased = student is None or student.erased_at is not None

    async def opened(sealed: Sealed | None) -> str | None:
        # A key that was destroyed opens for a minute more in a process that has read it.
        return None if erased else await context.vault.open_if(sealed)

    return ReportView(
        id=report.id,
        version=report.version,
        student=report.student,
        name=short_name(await context.known_record(student)),
        reporter=report.reporter,
        words=await opened(report.words),
        next_step=report.step,
        hotline=context.desk.rules().hotline,
        created_at=report.created_at,
        called_at=report.called_at,
        called_by=report.called_by,
        reference=await opened(report.reference),
        due_at=report.due_at,
        filed_at=report.filed_at,
        filed_by=report.filed_by,
        overdue=report.overdue,
        corrections=report.corrections,
    )
