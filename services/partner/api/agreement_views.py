"""Agreements (MOUs) as they are told to staff and to the agency."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from contracts.agencies import PaperKind
from contracts.categories import Category
from contracts.codes import AgreementStatus
from contracts.sealed import Sealed
from services.chassis.scan import Scan, ScanKind
from services.partner.api.context import Context
from services.partner.model.agreement import Agreement
from services.partner.model.agreement_metrics import Metric
from services.partner.model.deadlines import Deadline, deadlines
from services.partner.model.eligibility import Eligibility
from services.partner.model.milestones import overdue
from services.partner.model.papers import Paper
from services.partner.model.waitlist import WaitlistPolicy


class ApprovalView(BaseModel):
    """Somebody's yes.

    Attributes:
        by: subject of who gave it.
        name: theirs; null where it was not kept, or can be read no more.
    """

    role: str
    by: str
    name: str | None
    at: datetime


class ReachedView(BaseModel):
    """Who said that a milestone was reached, and when; `by` and `name` as of an approval."""

    by: str
    name: str | None
    at: datetime


class MilestoneView(BaseModel):
    """What is to be done by a day.

    Attributes:
        reached: null until one of the two sides says that it is done.
        overdue: its day has passed, and nobody said that it is done.
    """

    name: str
    by: date
    reached: ReachedView | None
    overdue: bool


class DocumentView(BaseModel):
    """A signed document that is kept with an agreement.

    Attributes:
        size: in bytes.
        stored_by: subject of who handed it in.
    """

    id: str
    type: ScanKind
    size: int
    stored_at: datetime
    stored_by: str


class AgreementView(BaseModel):
    """An agreement.

    Attributes:
        live: whether offers may go out under it now.
        lacking: papers that are missing or have run out: meanwhile it is not live.
        deadlines: what of it runs out within sixty days, or has, soonest first.
        unapproved: who must still approve.
        waitlist: the policy by which its services' free seats go; null: each service's own.
        renews: id of the agreement that it follows.
        documents: what was signed, the oldest first (`GET /v1/agreement-documents`).
    """

    model_config = ConfigDict(populate_by_name=True)

    id: str
    version: int
    agency: str
    status: AgreementStatus
    sites: tuple[str, ...]
    services: tuple[str, ...]
    needs: tuple[Category, ...]
    eligibility: Eligibility
    pre_assessment: str | None
    post_assessment: str | None
    starts: date = Field(alias="from")
    until: date | None
    requires: tuple[PaperKind, ...]
    papers: tuple[Paper, ...]
    approvers: tuple[str, ...]
    approvals: tuple[ApprovalView, ...]
    metrics: tuple[Metric, ...]
    milestones: tuple[MilestoneView, ...]
    waitlist: WaitlistPolicy | None
    renews: str | None
    ended_because: str | None
    documents: tuple[DocumentView, ...]
    live: bool
    lacking: tuple[PaperKind, ...]
    deadlines: tuple[Deadline, ...]
    unapproved: tuple[str, ...]


def document_of(scan: Scan) -> DocumentView:
    """Return a signed document as it is told."""
    return DocumentView(
        id=scan.id,
        type=scan.kind,
        size=scan.size,
        stored_at=scan.stored_at,
        stored_by=scan.stored_by,
    )


async def view_of(context: Context, agreement: Agreement) -> AgreementView:
    """Return an agreement as staff and its agency see it."""
    (view,) = await views_of(context, [agreement])
    return view


async def views_of(context: Context, agreements: Sequence[Agreement]) -> list[AgreementView]:
    """Return agreements as staff and their agencies see them; names are opened together."""
    sealed = [
        name
        for agreement in agreements
        for name in (
            *(each.name for each in agreement.approvals),
            *(each.name for each in agreement.reached),
        )
        if name is not None
    ]
    opened = dict(zip(sealed, await context.vault.open_many(sealed), strict=True))
    return [_view(context, each, opened) for each in agreements]


def _view(
    context: Context, agreement: Agreement, names: Mapping[Sealed, str | None]
) -> AgreementView:
    now = context.clock.now()
    late = overdue(agreement.milestones, agreement.reached, agreement.today(now))
    reached = {
        each.milestone: ReachedView(by=each.by, name=_name(names, each.name), at=each.at)
        for each in agreement.reached
    }
    return AgreementView(
        id=agreement.id,
        version=agreement.version,
        agency=agreement.agency,
        status=agreement.settled(now).status,
        sites=agreement.sites,
        services=agreement.services,
        needs=agreement.needs,
        eligibility=agreement.eligibility,
        pre_assessment=agreement.pre_assessment,
        post_assessment=agreement.post_assessment,
        starts=agreement.starts,
        until=agreement.until,
        requires=agreement.requires,
        papers=agreement.papers,
        approvers=agreement.approvers,
        approvals=tuple(
            ApprovalView(role=each.role, by=each.by, name=_name(names, each.name), at=each.at)
            for each in agreement.approvals
        ),
        metrics=agreement.metrics,
        milestones=tuple(
            MilestoneView(
                name=each.name, by=each.by, reached=reached.get(each.name), overdue=each in late
            )
            for each in agreement.milestones
        ),
        waitlist=agreement.waitlist,
        renews=agreement.renews,
        ended_because=agreement.ended_because,
        documents=tuple(document_of(each) for each in agreement.documents),
        live=agreement.live(now),
        lacking=agreement.lacking(agreement.today(now)),
        deadlines=deadlines(agreement, agreement.today(now)),
        unapproved=agreement.unapproved,
    )


def _name(names: Mapping[Sealed, str | None], sealed: Sealed | None) -> str | None:
    return None if sealed is None else names[sealed]
