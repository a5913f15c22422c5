"""Given what happened to a referral's offers, then what each agency is told, and no other."""

from datetime import timedelta
from typing import Any

from contracts.categories import Category
from contracts.codes import CancelReason, DeclineReason, HoldReason, Outcome, Progress
from contracts.event import Event
from contracts.offerings import (
    Offer,
    OfferClaimed,
    OfferDeclined,
    OfferingExpired,
    OfferingOpened,
    OfferPromoted,
    OfferWaitlisted,
    OfferWithdrawn,
    ProgressReported,
    WithdrawalReason,
)
from contracts.referrals import (
    Bands,
    ReferralAccepted,
    ReferralCancelled,
    ReferralCompleted,
    ReferralErased,
    ReferralOnHold,
    ReferralResumed,
)
from services.partner.subscriptions.model.entry import Entry, Feed, cloud_event, number
from services.partner.subscriptions.model.telling import tell
from services.partner.subscriptions.model.thread import Cause, Draft, Thread
from tests.partner.build import NOW, SITE

REF = "ref-1"
A, B = "agy-smiles", "agy-bus"


def opened(round: int = 1) -> OfferingOpened:
    offers = tuple(
        Offer(offer=f"{name}-{round}", service=f"svc-{name}", agency=agency, contact="c", nonce="n")
        for name, agency in (("a", A), ("b", B))
    )
    return OfferingOpened(
        referral=REF,
        round=round,
        site=SITE,
        category=Category.MENTAL_HEALTH,
        bands=Bands(age="7-9", language="es"),
        offers=offers,
        answer_by=NOW + timedelta(days=2),
    )


def claimed(offer: str = "a-1", agency: str = A) -> OfferClaimed:
    return OfferClaimed(
        referral=REF,
        round=1,
        offer=offer,
        claim="claim-1",
        service="svc-a",
        agency=agency,
        contact="c",
        nonce="n",
    )


def withdrawn(
    offer: str, agency: str, reason: WithdrawalReason = WithdrawalReason.TAKEN
) -> OfferWithdrawn:
    return OfferWithdrawn(referral=REF, offer=offer, agency=agency, contact="c", reason=reason)


ACCEPTED = ReferralAccepted(referral=REF, claim="claim-1", service="svc-a", agency=A)
COMPLETED = ReferralCompleted(referral=REF, claim="claim-1", outcome=Outcome.NEED_MET)


def told(*events: Event) -> tuple[Thread, list[Draft]]:
    thread = Thread(id=REF)
    drafts: list[Draft] = []
    for place, event in enumerate(events):
        thread, more = tell(thread, event, Cause(f"evt-{place}", NOW))
        drafts.extend(more)
    return thread, drafts


def names(drafts: list[Draft], agency: str) -> list[str]:
    return [x.kind.value.split(".")[3] for x in drafts if x.agency == agency]


def seen(thread: Thread, drafts: list[Draft], agency: str) -> list[dict[str, Any]]:
    _, entries = number(Feed(id=agency), [each for each in drafts if each.agency == agency])
    return [cloud_event(each, thread) for each in entries]


class TestWhoIsTold:
    def test_the_course_of_a_referral_is_told_to_who_took_it(self) -> None:
        progress = ProgressReported(
            referral=REF, offer="a-1", claim="claim-1", progress=Progress.STARTED
        )
        hold = ReferralOnHold(referral=REF, reason=HoldReason.FAMILY_ASKED)
        _, drafts = told(
            opened(),
            claimed(),
            withdrawn("b-1", B),
            ACCEPTED,
            progress,
            hold,
            ReferralResumed(referral=REF),
            COMPLETED,
        )
        assert names(drafts, A) == [
            "opened",
            "claimed",
            "accepted",
            "progress-reported",
            "on-hold",
            "resumed",
            "completed",
        ]
        assert names(drafts, B) == ["opened", "withdrawn"]

    def test_one_who_waits_is_promoted_and_the_end_of_the_round_closes_the_others(self) -> None:
        waits = OfferWaitlisted(referral=REF, round=1, offer="a-1", agency=A, service="svc-a")
        promoted = OfferPromoted(
            referral=REF, round=1, offer="a-1", claim="claim-1", service="svc-a", agency=A
        )
        end = OfferingExpired(referral=REF, round=1)
        _, drafts = told(opened(), waits, end, promoted, ACCEPTED)
        assert names(drafts, A) == ["opened", "waitlisted", "promoted", "accepted"]
        assert names(drafts, B) == ["opened", "expired"]

    def test_who_was_never_asked_is_told_nothing(self) -> None:
        declined = OfferDeclined(
            referral=REF,
            round=1,
            offer="c-1",
            agency="agy-c",
            reason=DeclineReason.OTHER,
            last=False,
        )
        cancelled = ReferralCancelled(referral=REF, reason=CancelReason.OTHER)
        assert told(declined, cancelled, ReferralResumed(referral=REF)) == (Thread(id=REF), [])

    def test_a_hold_before_anybody_has_the_child_is_told_to_nobody(self) -> None:
        hold = ReferralOnHold(referral=REF, reason=HoldReason.FAMILY_ASKED)
        _, drafts = told(opened(), claimed(), hold)
        assert names(drafts, A) == ["opened", "claimed"]


class TestOrder:
    def test_the_schools_answer_waits_for_the_claim_that_it_answers(self) -> None:
        hold = ReferralOnHold(referral=REF, reason=HoldReason.FAMILY_ASKED)
        thread, drafts = told(ACCEPTED, hold, COMPLETED, opened(), claimed())
        assert names(drafts, A) == ["opened", "claimed", "accepted", "on-hold", "completed"]
        assert thread.waiting == ()

    def test_read_twice_it_has_the_same_ids(self) -> None:
        first, again = told(opened(), claimed())[1], told(opened(), claimed())[1]
        assert [each.id for each in first] == [each.id for each in again]
        assert len({each.id for each in first}) == len(first)


class TestWhatIsSeen:
    def test_before_the_claim_no_two_agencies_hear_one_id(self) -> None:
        thread, drafts = told(opened())
        (mine,), (theirs,) = seen(thread, drafts, A), seen(thread, drafts, B)
        assert mine["data"] == {
            "offer": "a-1",
            "service": "svc-a",
            "site": SITE,
            "category": "restricted",
            "bands": {"age": "7-9", "language": "es", "times": []},
            "answer_by": "2026-10-15T17:00:00Z",
        }
        assert mine["id"] != theirs["id"]
        for text in (repr(mine), repr(theirs)):
            assert REF not in text
            assert "evt-0" not in text
            assert "nonce" not in text
        assert "agy-bus" not in repr(mine)

    def test_the_referral_is_named_to_who_has_it_alone(self) -> None:
        thread, drafts = told(opened(), claimed(), withdrawn("b-1", B), ACCEPTED)
        assert seen(thread, drafts, A)[-1]["data"]["referral"] == REF
        assert REF not in repr(seen(thread, drafts, B))

    def test_an_offer_that_is_closed_tells_no_more_what_it_was_about(self) -> None:
        thread, drafts = told(opened(), claimed(), withdrawn("b-1", B))
        first, second = seen(thread, drafts, B)
        assert first["data"] == {"offer": "b-1", "service": "svc-b", "withheld": True}
        assert second["data"] == {"offer": "b-1", "service": "svc-b", "reason": "taken"}
        assert seen(thread, drafts, A)[0]["data"]["site"] == SITE

    def test_after_an_erasure_nobody_sees_what_it_was_about(self) -> None:
        thread, drafts = told(opened(), claimed(), ACCEPTED, ReferralErased(referral=REF))
        for event in seen(thread, drafts, A):
            assert not {"site", "bands", "category", "referral"} & set(event["data"])
        assert tell(thread, COMPLETED, Cause("evt-9", NOW)) == (thread, ())

    def test_the_entry_of_another_agency_shows_nothing(self) -> None:
        thread, drafts = told(opened())
        _, (entry, *_) = number(Feed(id=A), [each for each in drafts if each.agency == A])
        stolen: Entry = entry.having(agency=B)
        assert cloud_event(stolen, thread)["data"] == {
            "offer": "a-1",
            "service": "svc-a",
            "withheld": True,
        }

    def test_numbers_go_on_where_the_feed_was(self) -> None:
        _, drafts = told(opened(), claimed())
        mine = [each for each in drafts if each.agency == A]
        feed, entries = number(Feed(id=A, last=7), mine)
        assert (feed.last, [each.number for each in entries]) == (9, [8, 9])
