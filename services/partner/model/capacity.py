"""Seats of a service at a school: one pure model, never below zero and never twice.

A seat is taken by a claim (held, then used) or elsewhere, by people whom Enlace does not know. What
an agency reports is true as of the version that it saw: holds and releases since then stand.
"""

from datetime import datetime
from typing import Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field

from contracts.categories import Category
from contracts.codes import CapacityPeriod, CapacityStatus, CapacityUnit
from contracts.partner_capacity import PartnerCapacityChanged
from services.chassis.aggregate import Aggregate
from services.chassis.errors import EnlaceError, rule, stale
from services.partner.model import waitlist as waitlists
from services.partner.model.period import monday_after, monday_of
from services.partner.model.waitlist import Promotion, Waiting, WaitlistPolicy

REMEMBERED = 500
"""Changes of the seats taken, since the last report, that are kept. A report from before them is
told to read again; one would have to leave a page open for as many claims."""

_TAKES = frozenset({CapacityStatus.CAPACITY, CapacityStatus.ADDITIONAL_ASSESSMENT_REQUIRED})


class Taken(BaseModel):
    """How many seats were taken from a version on."""

    model_config = ConfigDict(frozen=True)

    version: int
    taken: int


class Capacity(Aggregate):
    """Seats. The id is `service@site`.

    Attributes:
        stated: what the agency says of itself; see `status` for what follows.
        elsewhere: seats taken by others than claims. Below zero where the agency offers more
            than its claims leave, as with appointments of a new week.
        holds: when each unconfirmed claim took its seat, by claim.
        used: when each confirmed claim took its seat, by claim.
        as_of: when the agency last told its figure.
        reported: the version that the last report made.
        history: seats taken by version, since the last report.
        notes: what the agency says of them in words: on no topic, for those who look.
        zone: whose Monday begins a week.
        renewed_at: the Monday with which the present week's appointments began, where they did.
        next_due: when appointments of a week begin anew.
        policy: by which free seats go to those who wait, where it was chosen for these seats; see
            `waitlist.in_force`.
        promotions: the last seats that went to one who waited.
        fingerprint: keyed hash of the body that staff sent last.
        created: keyed hash of the body that entered it, so that a late repeat is known as one.
    """

    COLLECTION: ClassVar[str] = "capacities"
    STAMPED: ClassVar[bool] = True
    HOT: ClassVar[bool] = True

    service: str
    agency: str
    site: str
    category: Category
    unit: CapacityUnit = CapacityUnit.SEATS
    stated: CapacityStatus = CapacityStatus.CAPACITY
    maximum: int = 0
    elsewhere: int = 0
    holds: dict[str, datetime] = Field(default_factory=dict)
    used: dict[str, datetime] = Field(default_factory=dict)
    waitlist: tuple[Waiting, ...] = ()
    notes: str | None = None
    zone: str = "America/Los_Angeles"
    renewed_at: datetime | None = None
    next_due: datetime | None = None
    policy: WaitlistPolicy | None = None
    promotions: tuple[Promotion, ...] = ()
    as_of: datetime
    reported: int = 0
    history: tuple[Taken, ...] = ()
    fingerprint: str = ""
    created: str = ""

    @property
    def taken(self) -> int:
        """Seats that nobody can have, whoever has them."""
        return self.elsewhere + len(self.holds) + len(self.used)

    @property
    def available(self) -> int:
        """Seats that can be claimed."""
        return min(self.maximum, max(0, self.maximum - self.taken))

    @property
    def free(self) -> bool:
        """Whether a claim would get a seat now."""
        return self.available > 0 and self.stated in _TAKES

    @property
    def status(self) -> CapacityStatus:
        """What one who asks is told."""
        if self.free or (self.stated not in _TAKES and self.stated is not CapacityStatus.WAITLIST):
            return self.stated
        waits = self.stated is CapacityStatus.WAITLIST or bool(self.waitlist)
        return CapacityStatus.WAITLIST if waits else CapacityStatus.NO_CAPACITY

    @property
    def period(self) -> CapacityPeriod | None:
        """After which the seats begin anew; None: they come free as help ends."""
        weekly = self.unit is CapacityUnit.APPOINTMENTS_PER_WEEK
        return CapacityPeriod.WEEK if weekly else None

    def reserve(self, claim: str, now: datetime) -> Self:
        """Hold a seat for a claim; a claim that has one keeps it.

        Raises:
            EnlaceError: there is none (`no-seat`).
        """
        if claim in self.holds or claim in self.used:
            return self
        if not self.free:
            raise no_seat()
        return self._moved(holds={**self.holds, claim: now})

    def confirm(self, claim: str) -> Self:
        """Turn a held seat into a used one; nothing changes for a claim that holds none."""
        if claim not in self.holds:
            return self
        return self._moved(
            holds=_without(self.holds, claim), used={**self.used, claim: self.holds[claim]}
        )

    def release(self, claim: str) -> Self:
        """Free a claim's seat, once; nothing changes for a claim that has none."""
        if claim not in self.holds and claim not in self.used:
            return self
        return self._moved(holds=_without(self.holds, claim), used=_without(self.used, claim))

    def finish(self, claim: str) -> Self:
        """Let a child go whose help has ended: a seat is free again, a single thing is spent."""
        if self.unit is CapacityUnit.SEATS:
            return self.release(claim)
        if claim not in self.holds and claim not in self.used:
            return self
        # The claim leaves and its seat stays taken: as many are taken as before.
        return self.release(claim).having(elsewhere=self.elsewhere + 1, history=self.history)

    def report(
        self,
        *,
        available: int,
        seen: int,
        now: datetime,
        maximum: int | None = None,
        unit: CapacityUnit | None = None,
        status: CapacityStatus | None = None,
    ) -> Self:
        """Take the agency's figure as of the version that it saw.

        Without `maximum` the known one stays, or grows to what the figure needs.

        Raises:
            EnlaceError: another report was made since (412), or the figures contradict each other.
        """
        if not self.reported <= seen <= self.version:
            raise stale(seen, self.version)
        unit = unit or self.unit
        drift = self.taken - self._taken_at(seen)
        claimed = len(self.holds) + len(self.used)
        # Seats belong to children until their help ends; other units start afresh when told.
        known = max(0, claimed - drift) if unit is CapacityUnit.SEATS else 0
        if maximum is None:
            maximum = max(self.maximum, available + known)
        if available + known > maximum:
            raise rule(
                "more-than-maximum",
                f"{available} free and {known} taken by referrals are more than {maximum} in all. "
                "Nothing was changed: raise the total, or lower the free ones.",
                es=f"{available} libres y {known} ocupados por derivaciones son más que {maximum} "
                "en total. No se cambió nada: suba el total o baje los libres.",
            )
        if status is None:
            assess = CapacityStatus.ADDITIONAL_ASSESSMENT_REQUIRED
            status = assess if self.stated is assess else CapacityStatus.CAPACITY
        after = self.having(
            unit=unit,
            stated=status,
            maximum=maximum,
            elsewhere=maximum - available + drift - claimed,
            as_of=now,
            reported=self.version + 1,
        )
        return after.having(history=(Taken(version=self.version + 1, taken=after.taken),))

    def in_period(self, zone: str, now: datetime) -> Self:
        """Return seats that were just told, with when they begin anew."""
        weekly = self.period is CapacityPeriod.WEEK
        return self.having(
            zone=zone,
            renewed_at=monday_of(now, zone) if weekly else None,
            next_due=monday_after(now, zone) if weekly else None,
        )

    def renewed(self, now: datetime) -> Self:
        """Begin a new week, once, however many have passed; `as_of` stays: nobody told anything.

        What was used in weeks that are over is free; who waits for an answer keeps the place, and
        so does whoever took one since Monday. A report that saw the week before is told to read
        again.
        """
        since = monday_of(now, self.zone)
        used = {claim: at for claim, at in self.used.items() if at >= since}
        version = self.version + 1
        after = self.having(
            used=used,
            elsewhere=0,
            reported=version,
            renewed_at=since,
            next_due=monday_after(now, self.zone),
        )
        return after.having(history=(Taken(version=version, taken=after.taken),))

    def report_as_of(self, at: datetime, *, available: int) -> Self:
        """Take a figure without a version, told at a moment: claims since then stand.

        Raises:
            EnlaceError: a later figure is known (`older-figure`).
        """
        before = self.renewed_at is not None and at < self.renewed_at
        if self.reported and (self.as_of > at or before):
            raise rule(
                "older-figure",
                "A newer number of seats is known. Nothing was changed: look at it first.",
                es="Ya se conoce un número de cupos más reciente. No se cambió nada: mírelo "
                "primero.",
            )
        since = sum(taken > at for taken in (*self.holds.values(), *self.used.values()))
        return self.report(available=max(0, available - since), seen=self.version, now=at)

    def wait(self, waiting: Waiting) -> Self:
        """Put one on the waitlist; one who waits already keeps the place."""
        if any(each.offer == waiting.offer for each in self.waitlist):
            return self
        return self.having(waitlist=(*self.waitlist, waiting))

    def leave(self, offer: str) -> Self:
        """Take one off the waitlist."""
        rest = tuple(each for each in self.waitlist if each.offer != offer)
        return self if len(rest) == len(self.waitlist) else self.having(waitlist=rest)

    def promoted(self, waiting: Waiting, now: datetime) -> Self:
        """Take one off the waitlist whose turn has come, and keep how long that took."""
        fresh = Promotion(since=waiting.since, at=now)
        kept = (*self.promotions, fresh)[-waitlists.REMEMBERED :]
        return self.leave(waiting.offer).having(promotions=kept)

    def line(self, policy: WaitlistPolicy) -> tuple[Waiting, ...]:
        """Who waits, in the order in which free seats go to them."""
        return waitlists.line(self.waitlist, policy)

    def event(self) -> PartnerCapacityChanged:
        """Return the full state for the other services, as the version that is being saved."""
        return PartnerCapacityChanged(
            service=self.service,
            agency=self.agency,
            site=self.site,
            category=self.category,
            unit=self.unit,
            status=self.status,
            maximum=self.maximum,
            available=self.available,
            held=len(self.holds),
            used=max(0, self.elsewhere + len(self.used)),
            waitlisted=len(self.waitlist),
            as_of=self.as_of,
            version=self.version + 1,
            period=self.period,
            renews_at=self.next_due,
        )

    def _taken_at(self, seen: int) -> int:
        then = [each.taken for each in self.history if each.version <= seen]
        if not then and seen > 0:
            raise stale(seen, self.version)
        return then[-1] if then else 0

    def _moved(self, **changes: Any) -> Self:
        after = self.having(**changes)
        version = self.version + 1  # what is decided now is seen as the next version
        earlier = [each for each in self.history if each.version < version]
        fresh = Taken(version=version, taken=after.taken)
        return after.having(history=(*earlier, fresh)[-REMEMBERED:])


def capacity_id(service: str, site: str) -> str:
    """Return the id of a service's seats at a school."""
    return f"{service}@{site}"


def no_seat() -> EnlaceError:
    """There is no seat to claim."""
    return rule(
        "no-seat",
        "No seat is free just now. Nothing was changed: say how many you have, or put this child "
        "on your waitlist.",
        es="No hay cupos libres en este momento. No se cambió nada: diga cuántos tiene, o "
        "ponga a este estudiante en su lista de espera.",
    )


def _without(claims: dict[str, datetime], claim: str) -> dict[str, datetime]:
    return {known: at for known, at in claims.items() if known != claim}
