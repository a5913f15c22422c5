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
LIVE = frozenset({AgreementStatus.ACTIVE, AgreementStatus.EXPIRING})
"""Those under which offers may go out."""


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
    STAMPED: ClassVar[bool] = True

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
        status = self.status_on(self.today(now))
        if self.until is None or status not in LIVE:
            return self.having(status=status, next_due=None)
        expiring = status is AgreementStatus.EXPIRING
        day = self.until + timedelta(days=1) if expiring else self.until - EXPIRING_BEFORE
        return self.having(status=status, next_due=self._morning(day))

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

    def live(self, now: datetime) -> bool:
        """Tell whether offers may go out under it; by the date, however late the sweep is."""
        today = self.today(now)
        return self.starts <= today and self.status_on(today) in LIVE

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
