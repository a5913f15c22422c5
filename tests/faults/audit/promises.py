"""What clients were told, against what was written and what the other services made of it."""

from collections import Counter
from collections.abc import Callable, Iterator

from contracts.offerings import (
    OfferClaimed,
    OfferDeclined,
    OfferingOpened,
    OfferWithdrawn,
    ProgressReported,
)
from contracts.referrals import (
    ReferralAccepted,
    ReferralAwaitingConsent,
    ReferralCancelled,
    ReferralClaimRefused,
    ReferralCompleted,
    ReferralCreated,
    ReferralEnteredInError,
    ReferralOffered,
    ReferralRequested,
    ReferralScheduled,
    ReferralStarted,
)
from tests.faults.seen import Finding, Said, Seen, Told, duplicated, lost


def check_promises(seen: Seen) -> Iterator[Finding]:
    """Hold the services to each 2xx answer that they gave."""
    kept = _Kept(seen)
    for told in seen.told:
        if told.said in _PARTNERS and "partner" not in seen.services:
            continue
        if not kept.holds(told):
            yield lost(f"a client was told '{told.said.value}', no event says so", _name(told))
    for told in seen.told:
        if told.said is Said.CREATED and told.referral not in seen.referrals:
            yield lost("a referral that a client was told of is not there", told.referral)
        if told.said is Said.CANCELLED and seen.referrals.get(told.referral) != "cancelled":
            state = seen.referrals.get(told.referral, "not there")
            yield lost("a referral that was cancelled is not", told.referral, state)
    yield from _check_told_twice(seen)


_PARTNERS = {Said.CLAIMED, Said.DECLINED, Said.REPORTED}


def _name(told: Told) -> str:
    return " ".join(part for part in (told.referral, told.offer, told.progress) if part)


class _Kept:
    """Looks answers up in the event logs."""

    def __init__(self, seen: Seen) -> None:
        asked = {event.referral for _, event in seen.of(ReferralOffered)}
        asked |= {event.referral for _, event in seen.of(ReferralRequested)}
        cancelled = {event.referral for _, event in seen.of(ReferralCancelled)}
        claimed = {event.offer for _, event in seen.of(OfferClaimed)}
        declined = {event.offer for _, event in seen.of(OfferDeclined)}
        created = {event.referral for _, event in seen.of(ReferralCreated)}
        reported = {(event.offer, str(event.progress)) for _, event in seen.of(ProgressReported)}
        self._rules: dict[Said, Callable[[Told], bool]] = {
            Said.CREATED: lambda told: told.referral in created,
            Said.OFFERED: lambda told: told.referral in asked,
            Said.CANCELLED: lambda told: told.referral in cancelled,
            Said.CLAIMED: lambda told: told.offer in claimed,
            Said.DECLINED: lambda told: told.offer in declined,
            Said.REPORTED: lambda told: (told.offer, told.progress) in reported,
        }

    def holds(self, told: Told) -> bool:
        """Tell whether an event says what the client was told."""
        return self._rules[told.said](told)


def _check_told_twice(seen: Seen) -> Iterator[Finding]:
    """No two agencies may both have been told that a child is theirs, unless one was let go."""
    refused = {event.claim for _, event in seen.of(ReferralClaimRefused)}
    claims = {event.offer: event.claim for _, event in seen.of(OfferClaimed)}
    standing: dict[str, set[str]] = {}
    for told in seen.told:
        if told.said is Said.CLAIMED and claims.get(told.offer) not in refused:
            standing.setdefault(told.referral, set()).add(told.offer)
    for referral, offers in standing.items():
        if len(offers) > 1:
            yield duplicated("two agencies were told that a child is theirs", referral)


def check_loop(seen: Seen) -> Iterator[Finding]:
    """Hold each service to having acted, once, on what another has decided."""
    if "partner" not in seen.services:
        return
    yield from _check_offerings(seen)
    yield from _check_claims(seen)
    yield from _check_reports(seen)
    yield from _check_once(seen)


def _check_offerings(seen: Seen) -> Iterator[Finding]:
    opened = {(event.referral, event.round) for _, event in seen.of(OfferingOpened)}
    settled = {(event.referral, event.round) for _, event in seen.of(OfferDeclined) if event.last}
    asked = [(event.referral, event.round) for _, event in seen.of(ReferralOffered)]
    asked += [(event.referral, event.round) for _, event in seen.of(ReferralRequested)]
    for key in asked:
        if key not in opened | settled:
            yield lost("partner never opened an offering", key[0], f"round {key[1]}")
    ended = {event.offer for _, event in seen.of(OfferDeclined)}
    ended |= {event.offer for _, event in seen.of(OfferWithdrawn)}
    ended |= {event.offer for _, event in seen.of(OfferClaimed)}
    for referral in {event.referral for _, event in seen.of(ReferralCancelled)}:
        for event in seen.by_referral(OfferingOpened).get(referral, ()):
            for offer in event.offers:
                if offer.offer not in ended:
                    yield lost("an offer outlives its cancelled referral", offer.offer, referral)


def _check_claims(seen: Seen) -> Iterator[Finding]:
    """Every claim is answered, finally and once."""
    final = Counter(event.claim for _, event in seen.of(ReferralAccepted))
    final.update(event.claim for _, event in seen.of(ReferralClaimRefused))
    waiting = Counter(event.claim for _, event in seen.of(ReferralAwaitingConsent))
    for _, event in seen.of(OfferClaimed):
        answers = final[event.claim]
        if answers == 0 and waiting[event.claim] == 0:
            yield lost("a claim was never answered by referral", event.claim, event.referral)
        if answers > 1 or waiting[event.claim] > 1:
            yield duplicated("a claim was answered twice", event.claim, event.referral)
    for referral, events in seen.by_referral(ReferralAccepted).items():
        if len({event.claim for event in events}) > 1:
            yield duplicated("two claims of a referral were accepted", referral)


_SHOWN = {"scheduled", "started", "completed"}


def _check_reports(seen: Seen) -> Iterator[Finding]:
    """What an agency reports shows in referral, unless the referral was given up."""
    given_up = {event.referral for _, event in seen.of(ReferralCancelled)}
    given_up |= {event.referral for _, event in seen.of(ReferralEnteredInError)}
    shown = {("scheduled", event.claim) for _, event in seen.of(ReferralScheduled)}
    shown |= {("started", event.claim) for _, event in seen.of(ReferralStarted)}
    shown |= {("completed", event.claim) for _, event in seen.of(ReferralCompleted)}
    for _, event in seen.of(ProgressReported):
        report = (str(event.progress), event.claim)
        if report[0] in _SHOWN and event.referral not in given_up and report not in shown:
            yield lost("a report never reached referral", event.referral, report[0])


def _check_once(seen: Seen) -> Iterator[Finding]:
    """Things that happen once, happened once."""
    once: list[tuple[str, str]] = []
    once += [("created", event.referral) for _, event in seen.of(ReferralCreated)]
    once += [("asked", f"{e.referral} round {e.round}") for _, e in seen.of(ReferralOffered)]
    once += [("asked", f"{e.referral} round {e.round}") for _, e in seen.of(ReferralRequested)]
    once += [("opened", f"{e.referral} round {e.round}") for _, e in seen.of(OfferingOpened)]
    once += [("cancelled", event.referral) for _, event in seen.of(ReferralCancelled)]
    once += [("completed", event.referral) for _, event in seen.of(ReferralCompleted)]
    once += [("started", event.referral) for _, event in seen.of(ReferralStarted)]
    once += [("offer claimed", event.offer) for _, event in seen.of(OfferClaimed)]
    once += [("offer declined", event.offer) for _, event in seen.of(OfferDeclined)]
    once += [("reported", f"{e.offer} {e.progress}") for _, e in seen.of(ProgressReported)]
    for (what, id), times in Counter(once).items():
        if times > 1:
            yield duplicated(f"{what} more than once", id, f"{times} times")
