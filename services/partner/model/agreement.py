"""An agreement (MOU) with an agency: no offer goes out without a live one."""

from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from contracts.agencies import AgreementChanged
from contracts.codes import AgreementStatus
from services.chassis.aggregate import Aggregate, Change

EXPIRING_BEFORE = timedelta(days=60)
"""Time to renew: an agreement shows as *expiring* for its last sixty days."""

_BY_DATE = frozenset({AgreementStatus.ACTIVE, AgreementStatus.EXPIRING, AgreementStatus.EXPIRED})


class Agreement(Aggregate):
    """An agreement.

    Attributes:
        starts: its first day, local to `zone`.
        until: its last day; None where it has no end.
        next_due: when time alone changes its status next.
        fingerprint: keyed hash of the body that staff sent last.
        created: keyed hash of the body that entered it, so that a late repeat is known as one.
    """

    COLLECTION: ClassVar[str] = "agreements"

    agency: str
    status: AgreementStatus
    sites: tuple[str, ...]
    starts: date
    until: date | None = None
    zone: str
    next_due: datetime | None = None
    fingerprint: str = ""
    created: str = ""

    def settled(self, now: datetime) -> "Agreement":
        """Return it with the status that the date gives it, and when that changes next."""
        today = now.astimezone(ZoneInfo(self.zone)).date()
        status = self.status
        if status not in _BY_DATE:
            return self.having(next_due=None)
        if self.until is None:
            return self.having(status=AgreementStatus.ACTIVE, next_due=None)
        if today > self.until:
            return self.having(status=AgreementStatus.EXPIRED, next_due=None)
        if today >= self.until - EXPIRING_BEFORE:
            ends = self._morning(self.until + timedelta(days=1))
            return self.having(status=AgreementStatus.EXPIRING, next_due=ends)
        warns = self._morning(self.until - EXPIRING_BEFORE)
        return self.having(status=AgreementStatus.ACTIVE, next_due=warns)

    def live(self, now: datetime) -> bool:
        """Tell whether offers may go out under it; by the date, however late the sweep is."""
        today = now.astimezone(ZoneInfo(self.zone)).date()
        return self.settled(now).status in {
            AgreementStatus.ACTIVE,
            AgreementStatus.EXPIRING,
        } and (self.starts <= today)

    def covers(self, site: str, now: datetime) -> bool:
        """Tell whether offers for a school may go out under it now."""
        return site in self.sites and self.live(now)

    def event(self) -> AgreementChanged:
        """Return its present state for the other services."""
        return AgreementChanged(
            agency=self.agency,
            agreement=self.id,
            status=self.status,
            sites=self.sites,
            until=self.until,
        )

    def _morning(self, day: date) -> datetime:
        return datetime.combine(day, time(), ZoneInfo(self.zone)).astimezone(UTC)


def tick(agreement: Agreement, now: datetime) -> Change[None]:
    """Let time pass for an agreement, for the sweep."""
    after = agreement.settled(now)
    told = [after.event()] if after.status is not agreement.status else []
    return Change(None, [after], told)
