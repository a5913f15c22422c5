"""Messages: everybody who is to be told has one, at most one, and it is where notify says."""

from collections import Counter
from collections.abc import Iterator

from contracts.codes import Audience, Template
from contracts.messages import (
    MessageCancelled,
    MessageDelivered,
    MessageFailed,
    MessageQueued,
    MessageSent,
    MessageUnknown,
)
from contracts.offerings import OfferClaimed, OfferingOpened, OfferWithdrawn, WithdrawalReason
from contracts.referrals import (
    ReferralAccepted,
    ReferralCancelled,
    ReferralCreated,
    ReferralOffered,
    ReferralRequested,
)
from tests.faults.seen import Finding, Seen, duplicated, lost

Wanted = tuple[Template, str, str]
"""Template, the causing event's id, and the recipient where the event names one (else empty)."""


def check_telling(seen: Seen) -> Iterator[Finding]:
    """Hold notify to one message an (event, recipient, channel), sent, cancelled or settled."""
    if "notify" not in seen.services:
        return
    yield from _check_wanted(seen)
    yield from _check_at_most_once(seen)
    yield from _check_phones(seen)


def _check_wanted(seen: Seen) -> Iterator[Finding]:
    queued = [event for _, event in seen.of(MessageQueued)]
    to_anybody = {(event.template, event.cause, "") for event in queued}
    to_person = {(event.template, event.cause, event.person) for event in queued}
    known = to_anybody | to_person
    for template, cause, person in _wanted(seen):
        if (template, cause, person) not in known:
            yield lost(f"nobody was told: {template}", cause, person)
    told = {event.message for _, event in seen.of(MessageSent)}
    told |= {event.message for _, event in seen.of(MessageFailed)}
    told |= {event.message for _, event in seen.of(MessageUnknown)}
    told |= {event.message for _, event in seen.of(MessageCancelled)}
    told |= {event.message for _, event in seen.of(MessageDelivered)}
    for event in queued:
        if event.message not in told:
            what = "a message was neither sent nor cancelled"
            yield lost(what, event.message, f"{event.template} for {event.cause}")


def _wanted(seen: Seen) -> Iterator[Wanted]:
    """Yield what must have been told, but for referrals that were given up meanwhile."""
    given_up = {event.referral for _, event in seen.of(ReferralCancelled)}
    yield from _for_families(seen, given_up)
    yield from _for_agencies(seen, given_up)


def _for_families(seen: Seen, given_up: set[str]) -> Iterator[Wanted]:
    created = [event for _, event in seen.of(ReferralCreated)]
    tellable = {event.referral for event in created if event.audience is Audience.GUARDIAN}
    tellable -= given_up
    asked = [(row, event.referral, event.round) for row, event in seen.of(ReferralOffered)]
    asked += [(row, event.referral, event.round) for row, event in seen.of(ReferralRequested)]
    for row, referral, number in asked:
        if referral in tellable and number == 1:
            yield Template.FAMILY_ASKED, row.envelope.id, ""
    for row, accepted in seen.of(ReferralAccepted):
        if accepted.referral in tellable:
            yield Template.FAMILY_ACCEPTED, row.envelope.id, ""


def _for_agencies(seen: Seen, given_up: set[str]) -> Iterator[Wanted]:
    for row, opened in seen.of(OfferingOpened):
        if opened.referral not in given_up:
            for offer in opened.offers:
                yield Template.AGENCY_OFFER, row.envelope.id, offer.contact
    contacts = {event.claim: event.contact for _, event in seen.of(OfferClaimed)}
    for row, accepted in seen.of(ReferralAccepted):
        if accepted.referral not in given_up and accepted.claim in contacts:
            yield Template.AGENCY_ACCEPTED, row.envelope.id, contacts[accepted.claim]
    for row, withdrawn in seen.of(OfferWithdrawn):
        if withdrawn.referral not in given_up and withdrawn.reason is WithdrawalReason.TAKEN:
            yield Template.AGENCY_TAKEN, row.envelope.id, withdrawn.contact


def _check_at_most_once(seen: Seen) -> Iterator[Finding]:
    queued = Counter(
        (event.cause, event.person, str(event.channel)) for _, event in seen.of(MessageQueued)
    )
    for (cause, person, channel), times in queued.items():
        if times > 1:
            yield duplicated("several messages for one cause", cause, f"{person} {channel}")
    for message, times in Counter(event.message for _, event in seen.of(MessageSent)).items():
        if times > 1:
            yield duplicated("a message was sent more than once", message, f"{times} times")


def _check_phones(seen: Seen) -> Iterator[Finding]:
    """What phones and mailboxes hold, against what notify says of each message."""
    channels = {event.message: str(event.channel) for _, event in seen.of(MessageQueued)}
    arrived = Counter(each.message for each in seen.delivered if each.message is not None)
    for message, times in arrived.items():
        if times > 1:
            yield duplicated(
                f"a person got one {channels.get(message, 'message')} several times",
                message,
                f"{times} times",
            )
        if message not in channels:
            yield duplicated("a person got a message that nobody asked for", message)
    cancelled = {event.message for _, event in seen.of(MessageCancelled)}
    for message in cancelled & set(arrived):
        yield duplicated("a message went out although it was cancelled", message)
    for _, event in seen.of(MessageSent):
        if event.message not in arrived:
            yield lost("a message that was sent is nowhere", event.message, str(event.channel))
