"""The auditor finds promises that were broken, and things done twice."""

import pytest

from contracts.codes import (
    CancelReason,
    DeclineReason,
    Outcome,
    Progress,
    RefusalReason,
)
from contracts.event import Event
from contracts.offerings import (
    OfferDeclined,
    ProgressReported,
)
from contracts.referrals import (
    ReferralCancelled,
    ReferralClaimRefused,
    ReferralCompleted,
    ReferralScheduled,
)
from tests.faults.audit import audit
from tests.faults.build import (
    ACCEPTED,
    CLAIMED,
    CLAIMED_BY_OTHER,
    CREATED,
    LOOP,
    NOON,
    OFFERED,
    OPENED,
    STARTED,
    STARTED_THERE,
    TOLD,
    district,
    faults,
    seats,
    told,
    without,
)
from tests.faults.seen import Fault, Said


def test_a_district_where_all_is_well_is_not_accused() -> None:
    assert audit(district()) == []


@pytest.mark.parametrize(
    ("gone", "expected"),
    [
        (CREATED, (Fault.LOST, "a client was told 'created', no event says so", "ref-1")),
        (OFFERED, (Fault.LOST, "a client was told 'offered', no event says so", "ref-1")),
        (OPENED, (Fault.LOST, "partner never opened an offering", "ref-1")),
        (CLAIMED, (Fault.LOST, "a client was told 'claimed', no event says so", "ref-1 off-1")),
        (ACCEPTED, (Fault.LOST, "a claim was never answered by referral", "clm-1")),
        (STARTED, (Fault.LOST, "a report never reached referral", "ref-1")),
        (
            seats(3, held=0, used=1),
            (Fault.LOST, "a held seat was never confirmed", "svc-1@site-01"),
        ),
    ],
)
def test_a_step_that_is_missing_is_found(gone: Event, expected: tuple[Fault, str, str]) -> None:
    assert expected in faults(district(*without(gone)))


def test_a_referral_that_is_not_there_or_not_cancelled_is_lost() -> None:
    promises = [told(Said.CREATED), told(Said.CANCELLED)]
    gone = ReferralCancelled(referral="ref-1", reason=CancelReason.OTHER)
    open_offer = ("an offer outlives its cancelled referral", "off-2")
    found = faults(district(CREATED, OFFERED, OPENED, CLAIMED, gone, told=promises, referrals={}))
    assert (Fault.LOST, "a referral that a client was told of is not there", "ref-1") in found
    assert (Fault.LOST, "a referral that was cancelled is not", "ref-1") in found
    assert (Fault.LOST, *open_offer) in found


def test_a_decline_that_no_event_tells_is_lost() -> None:
    promise = [told(Said.DECLINED, "off-2")]
    what = "a client was told 'declined', no event says so"
    assert (Fault.LOST, what, "ref-1 off-2") in faults(district(told=promise))
    declined = OfferDeclined(
        referral="ref-1",
        round=1,
        offer="off-2",
        agency="agy-2",
        reason=DeclineReason.NO_CAPACITY,
        last=False,
    )
    assert what not in str(faults(district(*LOOP, declined, told=promise)))


def test_two_agencies_that_were_both_told_yes_are_found_unless_one_was_let_go() -> None:
    promises = [*TOLD, told(Said.CLAIMED, "off-2")]
    what = (Fault.DUPLICATED, "two agencies were told that a child is theirs", "ref-1")
    assert what in faults(district(*LOOP, CLAIMED_BY_OTHER, told=promises))
    refused = ReferralClaimRefused(referral="ref-1", claim="clm-2", reason=RefusalReason.TAKEN)
    assert what not in faults(district(*LOOP, CLAIMED_BY_OTHER, refused, told=promises))


def test_two_accepted_claims_and_a_claim_answered_twice_are_found() -> None:
    other = ACCEPTED.model_copy(update={"claim": "clm-2"})
    found = faults(district(*LOOP, CLAIMED_BY_OTHER, other))
    assert (Fault.DUPLICATED, "two claims of a referral were accepted", "ref-1") in found
    again = faults(district(*LOOP, ACCEPTED))
    assert (Fault.DUPLICATED, "a claim was answered twice", "clm-1") in again


@pytest.mark.parametrize(
    ("event", "what", "id"),
    [
        (CREATED, "created more than once", "ref-1"),
        (OFFERED, "asked more than once", "ref-1 round 1"),
        (OPENED, "opened more than once", "ref-1 round 1"),
        (CLAIMED, "offer claimed more than once", "off-1"),
        (STARTED_THERE, "reported more than once", "off-1 started"),
        (STARTED, "started more than once", "ref-1"),
    ],
)
def test_what_happens_once_and_happened_twice_is_found(event: Event, what: str, id: str) -> None:
    assert (Fault.DUPLICATED, what, id) in faults(district(*LOOP, event))


def test_a_seat_that_two_claims_share_is_booked_twice() -> None:
    other = CLAIMED.model_copy(update={"claim": "clm-3", "offer": "off-3", "referral": "ref-2"})
    opened = OPENED.model_copy(update={"referral": "ref-2", "offers": ()})
    found = faults(district(*LOOP, opened, other))
    assert (Fault.DUPLICATED, "a seat is booked twice", "svc-1@site-01") in found


def test_a_seat_that_stays_taken_after_the_end_was_never_freed() -> None:
    done = ReferralCompleted(referral="ref-1", claim="clm-1", outcome=Outcome.NEED_MET)
    what = (Fault.LOST, "a seat was never freed", "svc-1@site-01")
    assert what in faults(district(*LOOP, done))
    assert what not in faults(district(*LOOP, done, seats(4, held=0, used=0)))


def test_more_seats_than_there_are_is_found() -> None:
    over = seats(4, held=0, used=7, maximum=5)
    found = faults(district(*LOOP, over))
    assert (Fault.DUPLICATED, "more seats taken than there are", "svc-1@site-01") in found


def test_scheduled_reports_are_looked_for_under_their_claim() -> None:
    report = ProgressReported(
        referral="ref-1",
        offer="off-1",
        claim="clm-1",
        progress=Progress.SCHEDULED,
        appointment=NOON,
    )
    what = (Fault.LOST, "a report never reached referral", "ref-1")
    assert what in faults(district(*LOOP, report))
    shown = ReferralScheduled(referral="ref-1", claim="clm-1", appointment=NOON)
    assert what not in faults(district(*LOOP, report, shown))
