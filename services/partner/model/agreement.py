"""An agreement (MOU) with an agency: no offer goes out without a live one.

The practice is that of the agreement in partnership development: what is agreed is written down,
signed by those who must, renewed in time, and looked at by its own measures.
"""

from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict

from contracts.agencies import (
    AgreementChanged,
    AgreementMilestoneOverdue,
    AgreementPaperDue,
    PaperKind,
)
from contracts.categories import Category
from contracts.codes import AgreementStatus
from contracts.sealed import Sealed
from services.chassis.aggregate import Aggregate, Change
from services.chassis.scan import Scan
from services.partner.model.agreement_metrics import Metric
from services.partner.model.eligibility import Eligibility
from services.partner.model.milestones import Milestone, Reached, overdue
from services.partner.model.papers import Paper, due, lacking, reminders
from services.partner.model.waitlist import WaitlistPolicy

EXPIRING_BEFORE = timedelta(days=60)
"""Time to renew: an agreement shows as *expiring* for its last sixty days."""

_BY_DATE = frozenset({AgreementStatus.ACTIVE, AgreementStatus.EXPIRING, AgreementStatus.EXPIRED})
LIVE = frozenset({AgreementStatus.ACTIVE, AgreementStatus.EXPIRING})
"""Those under which offers may go out."""

_TOLD_AT = time(9)
"""When people are told of papers: not at midnight."""


class Approval(BaseModel):
    """Somebody's yes to an agreement, in the role in which it was needed.

    Attributes:
        by: their subject.
        name: theirs, sealed under the agreement's key.
    """

    model_config = ConfigDict(frozen=True)

    role: str
    by: str
    at: datetime
    name: Sealed | None = None


class Agreement(Aggregate):
    """An agreement.

    Attributes:
        sites: schools that it covers.
        services: ids of the services that it covers; empty: all of the agency.
        needs: kinds of need that it is meant to meet.
        eligibility: whom it is for; matching leaves everybody else out, and says why.
        pre_assessment: how children are looked at before the help, by its name.
        post_assessment: how after it.
        starts: its first day, local to `zone`.
        until: its last day; None where it has no end.
        requires: papers without which no offer goes out.
        papers: those that were seen.
        approvers: roles that must approve before it is active; empty: nobody.
        approvals: those that have.
        metrics: what it is measured by.
        milestones: what is to be done by when.
        reached: those that one of the two sides said are done.
        waitlist: the policy by which seats that come free go; None leaves it to the services.
        renews: id of the agreement that it follows.
        ended_because: in words of the district, where somebody ended it.
        documents: what was signed, the oldest first; nothing of it is ever replaced.
        told: reminders that were told, by key.
        lacks: papers that were missing or had run out when it was last settled, as others know it.
        next_due: when time alone changes its status or reminds of a paper next.
        fingerprint: keyed hash of the body that staff sent last.
        created: keyed hash of the body that entered it, so that a late repeat is known as one.
    """

    COLLECTION: ClassVar[str] = "agreements"
    STAMPED: ClassVar[bool] = True

    agency: str
    status: AgreementStatus
    sites: tuple[str, ...]
    services: tuple[str, ...] = ()
    needs: tuple[Category, ...] = ()
    eligibility: Eligibility = Eligibility()
    pre_assessment: str | None = None
    post_assessment: str | None = None
    starts: date
    until: date | None = None
    zone: str
    requires: tuple[PaperKind, ...] = ()
    papers: tuple[Paper, ...] = ()
    approvers: tuple[str, ...] = ()
    approvals: tuple[Approval, ...] = ()
    metrics: tuple[Metric, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    reached: tuple[Reached, ...] = ()
    waitlist: WaitlistPolicy | None = None
    renews: str | None = None
    ended_because: str | None = None
    documents: tuple[Scan, ...] = ()
    told: tuple[str, ...] = ()
    lacks: tuple[PaperKind, ...] = ()
    next_due: datetime | None = None
    fingerprint: str = ""
    created: str = ""

    def settled(self, now: datetime) -> "Agreement":
        """Return it with the status that the date gives it, and when that changes next."""
        today = self.today(now)
        status = self.status_on(today)
        lacks = self.lacking(today)
        if status not in LIVE:
            return self.having(status=status, lacks=lacks, next_due=None)
        days = [self._morning(day) for day in self._turns(status, today)]
        known = set(self.told)
        telling = [
            each.on
            for each in reminders(self.dated)
            if each.key not in known and today <= each.until
        ]
        done = {each.milestone for each in self.reached}
        telling += [
            each.late_from
            for each in self.milestones
            if each.name not in done and each.key not in known
        ]
        days += [
            datetime.combine(day, _TOLD_AT, ZoneInfo(self.zone)).astimezone(UTC) for day in telling
        ]
        return self.having(status=status, lacks=lacks, next_due=min(days, default=None))

    def _turns(self, status: AgreementStatus, today: date) -> list[date]:
        """Return the days on which its standing changes by itself."""
        days = [each.until + timedelta(days=1) for each in self.papers if each.until is not None]
        if self.until is not None:
            ending = status is AgreementStatus.EXPIRING
            days.append(self.until + timedelta(days=1) if ending else self.until - EXPIRING_BEFORE)
        return [day for day in days if day > today]

    @property
    def dated(self) -> tuple[Paper, ...]:
        """The papers that are needed, itself among them, to be reminded of."""
        own = Paper(kind=PaperKind.AGREEMENT, until=self.until)
        return (own, *(each for each in self.papers if each.kind in self.requires))

    def today(self, now: datetime) -> date:
        """Return the day that it is where the agreement holds."""
        return now.astimezone(ZoneInfo(self.zone)).date()

    def status_on(self, day: date) -> AgreementStatus:
        """Return the status that a date gives it."""
        if self.status not in _BY_DATE:
            return self.status
        if self.until is None or day < self.until - EXPIRING_BEFORE:
            return AgreementStatus.ACTIVE
        return AgreementStatus.EXPIRED if day > self.until else AgreementStatus.EXPIRING

    def lacking(self, day: date) -> tuple[PaperKind, ...]:
        """Return the papers that are missing or have run out."""
        return lacking(self.requires, self.papers, day)

    @property
    def unapproved(self) -> tuple[str, ...]:
        """Who must still approve."""
        given = {each.role for each in self.approvals}
        return tuple(role for role in self.approvers if role not in given)

    def live(self, now: datetime) -> bool:
        """Tell whether offers may go out under it; by the date, however late the sweep is."""
        today = self.today(now)
        standing = self.starts <= today and self.status_on(today) in LIVE
        return standing and not self.lacking(today)

    def covers(self, site: str, now: datetime, service: str | None = None) -> bool:
        """Tell whether offers for a school, to a service, may go out under it now."""
        return site in self.sites and self.names(service) and self.live(now)

    def names(self, service: str | None) -> bool:
        """Tell whether it is about a service."""
        return service is None or not self.services or service in self.services

    def event(self) -> AgreementChanged:
        """Return its present state for the other services."""
        return AgreementChanged(
            agency=self.agency,
            agreement=self.id,
            status=self.status,
            sites=self.sites,
            until=self.until,
            lacking=self.lacks,
        )

    def _morning(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC)


def tick(agreement: Agreement, now: datetime) -> Change[None]:
    """Let time pass for an agreement, for the sweep."""
    today = agreement.today(now)
    local = now.astimezone(ZoneInfo(agreement.zone)).time()
    awake = local >= _TOLD_AT and agreement.status_on(today) in LIVE
    reminding = due(agreement.dated, agreement.told, today) if awake else []
    late = overdue(agreement.milestones, agreement.reached, today) if awake else []
    passed = [each.key for each in reminders(agreement.dated) if awake and each.on <= today]
    told = tuple(dict.fromkeys([*agreement.told, *passed, *(each.key for each in late)]))
    after = agreement.having(told=told).settled(now)
    events: list[AgreementChanged | AgreementPaperDue | AgreementMilestoneOverdue] = [
        AgreementPaperDue(
            agency=agreement.agency,
            agreement=agreement.id,
            paper=each.kind,
            until=each.until,
            days=(each.until - today).days,
            site=agreement.sites[0],
        )
        for each in reminding
    ]
    events += [
        AgreementMilestoneOverdue(
            agency=agreement.agency,
            agreement=agreement.id,
            by=each.by,
            site=agreement.sites[0],
        )
        for each in late
        if each.key not in agreement.told
    ]
    if (after.status, after.lacks) != (agreement.status, agreement.lacks):
        events.append(after.event())
    return Change(None, [after], events)
