"""Seats: what is told of them, against a recount from the claims and what became of each."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from contracts.codes import CapacityUnit
from contracts.offerings import OfferClaimed, OfferingOpened, OfferPromoted
from contracts.partner_capacity import PartnerCapacityChanged
from contracts.referrals import (
    ReferralAccepted,
    ReferralCancelled,
    ReferralClaimRefused,
    ReferralCompleted,
    ReferralEnteredInError,
    ReferralFailed,
)
from tests.faults.seen import Finding, Seen, duplicated, grouped, lost


@dataclass(frozen=True, slots=True)
class _Taken:
    """Seats that claims have taken, by a recount."""

    held: int
    used: int


def check_seats(seen: Seen) -> Iterator[Finding]:
    """Hold every service's seats at a school to its claims: none twice, none forgotten."""
    states = grouped((event.key, event) for _, event in seen.of(PartnerCapacityChanged))
    taken = _recount(seen, {key: events[-1].unit for key, events in states.items()})
    for key, events in states.items():
        first, last = events[0], events[-1]
        expected = taken.get(key, _Taken(0, 0))
        # What the agency told before the first claim was taken by others.
        elsewhere = first.used + first.held
        told = f"{last.held} held, {last.used} used"
        counted = f"{expected.held} held, {expected.used + elsewhere} used"
        all_told, all_counted = last.held + last.used, expected.held + expected.used + elsewhere
        if all_told > all_counted:
            yield lost("a seat was never freed", key, f"{told}; its claims make {counted}")
        elif all_told < all_counted:
            yield duplicated("a seat is booked twice", key, f"{told}; its claims make {counted}")
        elif last.held != expected.held:
            yield lost("a held seat was never confirmed", key, f"{told}; its claims make {counted}")
        for event in events:
            if not 0 <= event.available <= event.maximum:
                yield duplicated("more seats taken than there are", key, f"version {event.version}")
        versions = Counter(event.version for event in events)
        for version, times in versions.items():
            if times > 1:
                yield duplicated("two states of one version", key, f"version {version}")


def _recount(seen: Seen, units: dict[str, CapacityUnit]) -> dict[str, _Taken]:
    sites = {event.referral: event.site for _, event in seen.of(OfferingOpened)}
    accepted = {event.claim for _, event in seen.of(ReferralAccepted)}
    freed = {event.claim for _, event in seen.of(ReferralClaimRefused)}
    given_up = {event.referral for _, event in seen.of(ReferralCancelled)}
    given_up |= {event.referral for _, event in seen.of(ReferralEnteredInError)}
    ended = {event.claim for _, event in seen.of(ReferralCompleted)}
    ended |= {event.claim for _, event in seen.of(ReferralFailed)}
    held: Counter[str] = Counter()
    used: Counter[str] = Counter()
    claims: list[OfferClaimed | OfferPromoted] = [event for _, event in seen.of(OfferClaimed)]
    claims += [event for _, event in seen.of(OfferPromoted)]
    for event in claims:
        key = f"{event.service}@{sites.get(event.referral, '')}"
        if event.claim in freed or event.referral in given_up:
            continue
        if event.claim in ended:
            # A seat is free again; an appointment or a single thing is spent.
            used[key] += units.get(key) is not CapacityUnit.SEATS
        elif event.claim in accepted:
            used[key] += 1
        else:
            held[key] += 1
    return {key: _Taken(held[key], used[key]) for key in held.keys() | used.keys()}
