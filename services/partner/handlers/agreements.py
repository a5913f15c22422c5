"""Agreements as they are changed by steps, and measured."""

from collections.abc import Callable
from datetime import datetime
from zoneinfo import ZoneInfo

from contracts.codes import Progress
from services.chassis.calendar import Calendar
from services.chassis.clock import Clock
from services.chassis.errors import unknown
from services.chassis.http.commands import check_version, expected_version
from services.chassis.scan import Scan
from services.chassis.store import Change, Found, Ref, Store
from services.partner.model import agreement_steps
from services.partner.model.agreement import Agreement
from services.partner.model.agreement_metrics import Handled, Measured, measure
from services.partner.model.offering import ClaimState, Offer, Offering, OfferState

_BEGUN = frozenset({Progress.STARTED, Progress.COMPLETED})
_NO = frozenset({ClaimState.REFUSED, ClaimState.CANCELLED})


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
    handled = []
    async for offering in store.find(Offering, {"offers.agency": agreement.agency}):
        for offer in offering.offers:
            ours = offer.agency == agreement.agency and agreement.names(offer.service)
            if ours and offer.site in agreement.sites and offer.asked_at is not None:
                handled.append(_handled(offering, offer, offer.asked_at, zone))
    today = agreement.today(now)
    return [
        measure(
            each,
            [one for one in handled if agreement.starts <= one.asked <= today],
            starts=agreement.starts,
            until=agreement.until,
            today=today,
            calendar=calendar,
        )
        for each in agreement.metrics
    ]


def _handled(offering: Offering, offer: Offer, asked: datetime, zone: ZoneInfo) -> Handled:
    claim = offering.claim_of(offer.id)
    answered = claim.made_at if claim else None
    if offer.state is OfferState.DECLINED:
        answered = offer.replied_at
    began = claim.began_at if claim and claim.progress in _BEGUN else None
    return Handled(
        asked=asked.astimezone(zone).date(),
        answered=answered.astimezone(zone).date() if answered else None,
        accepted=claim is not None and claim.state not in _NO,
        began=began.astimezone(zone).date() if began else None,
    )
