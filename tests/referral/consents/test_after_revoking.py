"""What a revocation does to one referral, whom it asks to delete, and what a report tells. Pure."""

from datetime import UTC, date, datetime, timedelta

import pytest

from contracts.categories import Category
from contracts.codes import CancelReason, RefusalReason
from contracts.consents import DeletionConfirmed, DeletionOverdue, ReceiptMethod
from contracts.referrals import Bands, ReferralCancelled, ReferralClaimRefused
from services.referral.model.calendar import Holiday
from services.referral.model.commands import LoseConsent
from services.referral.model.decide import decide
from services.referral.model.deletion import (
    DeletionRequest,
    DeletionState,
    Receipt,
    ask_for_deletion,
)
from services.referral.model.disclosed import lines_for
from services.referral.model.referral import Claim, State
from services.referral.model.rules import Rules
from tests.referral.build import NOW, SMILES, book, consent, disclosure, referral

CLAIM = Claim(id="clm-1", service="svc-smiles", agency="agy-smiles")
HELD = CLAIM.model_copy(update={"held_until": NOW + timedelta(days=3)})
CANCELLED = ReferralCancelled(referral="ref-1", reason=CancelReason.CONSENT_REVOKED)
REFUSED = ReferralClaimRefused(referral="ref-1", claim="clm-1", reason=RefusalReason.NO_CONSENT)
ASKED = {"candidates": (SMILES,), "bands": Bands(age="7-9", language="es"), "round": 1}


@pytest.mark.parametrize(
    ("given", "then"),
    [
        ({"state": State.DRAFT}, []),
        ({"state": State.REQUESTED}, []),
        ({"state": State.REQUESTED, **ASKED}, [CANCELLED]),
        ({"state": State.REQUESTED, **ASKED, "claim": HELD}, [REFUSED, CANCELLED]),
        ({"state": State.ACCEPTED, "claim": CLAIM}, [CANCELLED]),
        ({"state": State.IN_PROGRESS, "claim": CLAIM}, [CANCELLED]),
        ({"state": State.ON_HOLD, "claim": CLAIM}, [CANCELLED]),
        ({"state": State.COMPLETED, "claim": CLAIM}, []),
        ({"state": State.CANCELLED, "claim": CLAIM}, []),
        ({"state": State.ENTERED_IN_ERROR}, []),
    ],
)
def test_what_an_agency_was_asked_or_has_taken_is_given_up(
    given: dict[str, object], then: list[object]
) -> None:
    assert list(decide(referral(**given), LoseConsent(), NOW, Rules())) == then


def asked() -> DeletionRequest:
    readings = [
        disclosure(id="d-1"),
        disclosure(id="d-2"),
        disclosure(id="d-3", referral="ref-0"),
        disclosure(id="d-4", agency="agy-bus"),
    ]
    found = ask_for_deletion(book(consent()), consent(), readings, NOW, Rules())
    assert [(each.agency, each.referrals) for each in found] == [
        ("agy-bus", ("ref-1",)),
        ("agy-smiles", ("ref-0", "ref-1")),
    ]
    return found[1]


def test_each_agency_is_asked_once_and_has_thirty_days() -> None:
    request = asked()
    assert request.due_on == date(2026, 11, 12)
    assert request.next_due == datetime(2026, 11, 13, 17, 0, tzinfo=UTC), "nine in the morning"
    assert request.requested().due_on == request.due_on


def test_its_days_are_school_days_by_the_districts_calendar() -> None:
    # Thirty days on is Thursday, 12 November; the holidays last to Tuesday, the 17th.
    rules = Rules(
        holidays=(Holiday(name="Fall", first=date(2026, 11, 11), last=date(2026, 11, 17)),)
    )
    (request,) = ask_for_deletion(book(consent()), consent(), [disclosure()], NOW, rules)
    assert request.due_on == date(2026, 11, 18)
    wednesday = NOW + timedelta(days=1)
    (request,) = ask_for_deletion(book(consent()), consent(), [disclosure()], wednesday, Rules())
    assert request.due_on == date(2026, 11, 13)
    monday_at_nine = datetime(2026, 11, 16, 17, 0, tzinfo=UTC)
    assert request.next_due == monday_at_nine, "nobody calls an agency on a Saturday"


def test_a_receipt_closes_it_and_a_second_changes_nothing() -> None:
    receipt = Receipt(at=NOW, method=ReceiptMethod.TOLD_STAFF, recorded_by="rosa")
    closed, events = asked().confirm(receipt)
    assert [type(event) for event in events] == [DeletionConfirmed]
    assert (closed.state, closed.next_due) == (DeletionState.CONFIRMED, None)
    other = receipt.model_copy(update={"recorded_by": "denise"})
    assert closed.confirm(other) == (closed, ())


def test_one_without_a_receipt_is_overdue_once_and_can_still_be_confirmed() -> None:
    late, events = asked().tick()
    assert [type(event) for event in events] == [DeletionOverdue]
    assert (late.state, late.next_due) == (DeletionState.OVERDUE, None)
    receipt = Receipt(at=NOW, method=ReceiptMethod.BY_AGENCY, recorded_by="agy-smiles")
    assert late.confirm(receipt)[0].state is DeletionState.CONFIRMED


COUNSELING = (Category.MENTAL_HEALTH,)


@pytest.mark.parametrize(
    ("given", "category", "reader", "told"),
    [
        ({}, Category.DENTAL, None, True),
        ({"given_by": "stu-1"}, Category.DENTAL, None, False),
        ({"given_by": "stu-1", "categories": COUNSELING}, Category.MENTAL_HEALTH, None, False),
        ({"given_by": "stu-1"}, Category.MENTAL_HEALTH, "per-mother", False),
        ({"given_by": "stu-1", "guardian_may_know": True}, Category.DENTAL, "per-mother", False),
        ({"categories": COUNSELING}, Category.MENTAL_HEALTH, None, False),
        ({"categories": COUNSELING}, Category.MENTAL_HEALTH, "per-father", False),
        ({"categories": COUNSELING}, Category.MENTAL_HEALTH, "per-mother", True),
        ({"id": "con-other"}, Category.DENTAL, None, False),
    ],
)
def test_a_report_tells_a_guardian_what_that_guardian_may_know(
    given: dict[str, object], category: Category, reader: str | None, *, told: bool
) -> None:
    lines = lines_for(
        [disclosure()],
        {"stu-1": book(consent(**given))},
        {"ref-1": referral(category=category)},
        reader,
        Rules().restricted,
        named={"stu-1"},
    )
    assert bool(lines) is told


def test_a_restricted_need_is_told_by_whom_the_district_names_at_the_childs_school_alone() -> None:
    counseling = consent(categories=COUNSELING)
    need = {"ref-1": referral(category=Category.MENTAL_HEALTH)}
    restricted = Rules().restricted
    books = {"stu-1": book(counseling)}
    lines = lines_for([disclosure()], books, need, "per-mother", restricted, named={"stu-2"})
    assert lines == []


def test_readings_of_one_day_that_are_alike_are_one_line() -> None:
    readings = [
        disclosure(id="d-1", made_at=NOW - timedelta(days=2)),
        disclosure(id="d-2"),
        disclosure(id="d-3", made_at=NOW + timedelta(hours=3)),
    ]
    lines = lines_for(
        readings, {"stu-1": book(consent())}, {"ref-1": referral()}, None, frozenset(), named=()
    )
    assert [(line.day, line.times) for line in lines] == [
        (date(2026, 10, 13), 2),
        (date(2026, 10, 11), 1),
    ]
