"""Agreements (MOUs) as they are sent and told."""

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts.agencies import PaperKind
from contracts.codes import AgreementStatus
from services.chassis.errors import TwoTonguesError
from services.chassis.fields import Day, Id
from services.chassis.http.commands import Body
from services.chassis.scan import Scan, ScanKind
from services.partner.api.context import Context, Site
from services.partner.model.agreement import Agreement
from services.partner.model.agreement_metrics import Metric, MetricKind
from services.partner.model.papers import Paper
from services.partner.model.waitlist import WaitlistPolicy

Required = Literal[PaperKind.INSURANCE, PaperKind.BACKGROUND_CHECKS, PaperKind.LICENSE]
Approver = Literal["coordinator", "admin", "agency"]

_BEFORE_REVIEW = frozenset({AgreementStatus.DRAFT})


class PaperBody(Body):
    """A paper that was seen. `until`: its last day; null where it has no end."""

    kind: Required
    until: Day | None = None


class MetricBody(Body):
    """A measure with its target.

    Attributes:
        target: percent of a share; students of `served-by`.
        days: weekdays within which an answer counts, of a share.
        by: the day by which the students are to be served; null: the agreement's last one.
    """

    kind: MetricKind
    target: Annotated[int, Field(ge=1, le=100_000)]
    days: Annotated[int, Field(ge=0, le=60)] | None = None
    by: Day | None = None

    @model_validator(mode="after")
    def _whole(self) -> Self:
        share = self.kind is not MetricKind.SERVED_BY
        if share and (self.days is None or self.by is not None or self.target > 100):  # noqa: PLR2004 - percent
            raise TwoTonguesError(
                "a share takes days and a target of at most 100 percent, and no day by which",
                "una proporción lleva days y una meta de hasta 100 por ciento, y ningún by",
            )
        if not share and self.days is not None:
            raise TwoTonguesError(
                "a count of students takes no days: say by when",
                "un número de estudiantes no lleva days: diga para cuándo con by",
            )
        return self


class AgreementBody(Body):
    """An agreement, whole. `expiring` and `expired` follow from `until`; stated, they mean active.

    Attributes:
        services: those that it covers; none named: all of the agency.
        starts: `from` on the wire: the first day.
        until: the last day; null where it has no end.
        requires: papers without which no offer goes out.
        papers: those that were seen.
        approvers: who must approve it before it is active; with any, it begins as a draft.
        metrics: what it is measured by.
        waitlist: the policy by which seats that come free go to those who wait; null leaves it to
            each service.
    """

    model_config = ConfigDict(populate_by_name=True)

    agency: Id
    status: AgreementStatus
    sites: Annotated[tuple[Site, ...], Field(min_length=1, max_length=500)]
    services: Annotated[tuple[Id, ...], Field(max_length=200)] = ()
    starts: Day = Field(alias="from")
    until: Day | None = None
    requires: Annotated[tuple[Required, ...], Field(max_length=3)] = ()
    papers: Annotated[tuple[PaperBody, ...], Field(max_length=3)] = ()
    approvers: Annotated[tuple[Approver, ...], Field(max_length=3)] = ()
    metrics: Annotated[tuple[MetricBody, ...], Field(max_length=20)] = ()
    waitlist: WaitlistPolicy | None = None

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.until is not None and self.until < self.starts:
            raise TwoTonguesError(
                "the last day is before the first one: correct until or from",
                "el último día es anterior al primero: corrija until o from",
            )
        if self.approvers and self.status not in _BEFORE_REVIEW:
            raise TwoTonguesError(
                "it becomes active once all have approved: enter it as draft, then submit it",
                "entra en vigor cuando todos aprueban: ingréselo como draft y preséntelo",
            )
        kinds = [each.kind for each in self.papers]
        if len(set(kinds)) < len(kinds):
            raise TwoTonguesError(
                "a paper is named twice: keep the one that is valid longest",
                "un documento aparece dos veces: deje el que vale más tiempo",
            )
        return self

    def agreement(self, id: str, zone: str, fingerprint: str) -> Agreement:
        """Return it as it is kept."""
        return Agreement(
            id=id,
            agency=self.agency,
            status=self.status,
            sites=self.sites,
            services=self.services,
            starts=self.starts,
            until=self.until,
            zone=zone,
            requires=self.requires,
            papers=tuple(Paper(**each.model_dump()) for each in self.papers),
            approvers=self.approvers,
            metrics=tuple(Metric(**each.model_dump()) for each in self.metrics),
            waitlist=self.waitlist,
            fingerprint=fingerprint,
        )


class ApprovalView(BaseModel):
    """Somebody's yes."""

    role: str
    by: str
    at: datetime


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
    starts: date = Field(alias="from")
    until: date | None
    requires: tuple[PaperKind, ...]
    papers: tuple[Paper, ...]
    approvers: tuple[str, ...]
    approvals: tuple[ApprovalView, ...]
    metrics: tuple[Metric, ...]
    waitlist: WaitlistPolicy | None
    renews: str | None
    ended_because: str | None
    documents: tuple[DocumentView, ...]
    live: bool
    lacking: tuple[PaperKind, ...]
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


def view_of(context: Context, agreement: Agreement) -> AgreementView:
    """Return an agreement as staff and its agency see it."""
    now = context.clock.now()
    return AgreementView(
        id=agreement.id,
        version=agreement.version,
        agency=agreement.agency,
        status=agreement.settled(now).status,
        sites=agreement.sites,
        services=agreement.services,
        starts=agreement.starts,
        until=agreement.until,
        requires=agreement.requires,
        papers=agreement.papers,
        approvers=agreement.approvers,
        approvals=tuple(ApprovalView(**each.model_dump()) for each in agreement.approvals),
        metrics=agreement.metrics,
        waitlist=agreement.waitlist,
        renews=agreement.renews,
        ended_because=agreement.ended_because,
        documents=tuple(document_of(each) for each in agreement.documents),
        live=agreement.live(now),
        lacking=agreement.lacking(agreement.today(now)),
        unapproved=agreement.unapproved,
    )
