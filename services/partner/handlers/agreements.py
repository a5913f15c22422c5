"""Agreements as they are changed by steps, and measured."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from services.chassis.calendar import Calendar
from services.chassis.clock import Clock
from services.chassis.errors import unknown
from services.chassis.http.commands import check_version, expected_version
from services.chassis.scan import Scan
from services.chassis.store import Change, Found, Ref, Store
from services.partner.measuring import each_of
from services.partner.model import agreement_steps
from services.partner.model.agreement import Agreement
from services.partner.model.agreement_metrics import Measured, day_of, measure


async def change(
    store: Store,
    id: str,
    if_match: str | None,
    step: Callable[[Agreement], Agreement],
    clock: Clock,
) -> Agreement:
    """Take a step in the version that the caller saw; one that changes nothing says so again.

    Raises:
        EnlaceError: there is none, it has changed since, or the step cannot be taken.
    """
    ref = Ref(Agreement, id)

    def run(found: Found) -> Change[Agreement]:
        known = found.get(ref)
        if known is None:
            raise unknown("agreement")
        after = step(known)
        if after == known:
            return Change(known)
        check_version(expected_version(if_match), known.version)
        after = after.settled(clock.now())
        return Change(after.having(version=after.version + 1), [after], [after.event()])

    return await store.update([ref], run)


async def attach(store: Store, id: str, scan: Scan) -> Agreement:
    """Keep a signed document with an agreement. Topics do not hear of it.

    Raises:
        EnlaceError: there is no such agreement, or it has too many.
    """
    ref = Ref(Agreement, id)

    def run(found: Found) -> Change[Agreement]:
        known = found.get(ref)
        if known is None:
            raise unknown("agreement")
        after = agreement_steps.attach(known, scan)
        if after == known:
            return Change(known)
        return Change(after.having(version=after.version + 1), [after])

    return await store.update([ref], run)


async def enter(store: Store, fresh: Agreement) -> Agreement:
    """Enter a draft; the same one again changes nothing.

    Raises:
        EnlaceError: the id is another agreement's.
    """
    ref = Ref(Agreement, fresh.id)

    def run(found: Found) -> Change[Agreement]:
        known = found.get(ref)
        if known is not None:
            if known.renews != fresh.renews:
                raise unknown("agreement")
            return Change(known)
        return Change(fresh.having(version=1), [fresh], [fresh.event()])

    return await store.update([ref], run)


async def measured(
    store: Store, agreement: Agreement, now: datetime, calendar: Calendar
) -> list[Measured]:
    """Return how an agreement stands by its measures, counted in the district's school days."""
    if not agreement.metrics:
        return []
    zone = ZoneInfo(agreement.zone)
    days = [
        day_of(each, zone)
        for each in await each_of(store, agreement.agency)
        if agreement.names(each.service) and each.site in agreement.sites
    ]
    today = agreement.today(now)
    return [
        measure(
            each,
            [one for one in days if agreement.starts <= one.asked <= today],
            starts=agreement.starts,
            until=agreement.until,
            today=today,
            calendar=calendar,
        )
        for each in agreement.metrics
    ]
