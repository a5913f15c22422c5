"""A request for help by itself: what ends it, whose words it holds, how long."""

from datetime import timedelta
from typing import Any

import pytest

from contracts.help_requests import RequestSource
from contracts.sealed import Sealed
from services.chassis.errors import EnlaceError
from services.referral.model.erasure import NOTHING
from services.referral.model.help_request import (
    KEPT_AT_MOST,
    Child,
    Handled,
    Handling,
    HelpRequest,
    RequestState,
    schools_of,
)
from services.referral.model.today import queue
from services.referral.model.today_rows import NextStep, Reason
from tests.referral.build import NOW, SEALED, referral

ANA = Child(student="stu-1", family="fam-1")
LATER = NOW + timedelta(days=2)


def request(**changes: Any) -> HelpRequest:
    """Return the request of a teacher who named a child that nobody has found yet."""
    fields: dict[str, Any] = {
        "id": "req-1",
        "site": "site-01",
        "sites": ("site-01",),
        "source": RequestSource.STAFF,
        "asked": SEALED,
        "key": "req-1",
        "asked_at": NOW,
        "by": "teacher",
        "forget_at": NOW + KEPT_AT_MOST,
    }
    return HelpRequest(**{**fields, **changes})


def handled(how: Handling = Handling.OTHER_WAY, **changes: Any) -> Handled:
    return Handled(**{"how": how, "at": LATER, "by": "rosa", **changes})


def test_the_asker_hears_received_then_handled_and_nothing_else() -> None:
    fresh = request(person="per-mother")
    done = fresh.ended(handled(), 90)
    assert (fresh.state, done.state) == (RequestState.RECEIVED, RequestState.HANDLED)
    assert set(done.told_handled().model_dump(exclude_none=True)) == {"help_request", "person"}
    assert set(fresh.received().model_dump(exclude_none=True)) == {
        "help_request",
        "source",
        "person",
    }


def test_words_of_a_family_that_nobody_found_are_kept_90_days_after_and_a_year_at_most() -> None:
    assert request().ended(handled(), 90).forget_at == LATER + timedelta(days=90)
    late = handled(at=NOW + timedelta(days=360))
    assert request().ended(late, 90).forget_at == NOW + KEPT_AT_MOST
    assert (
        request(key="stu-1", student="stu-1", forget_at=None).ended(handled(), 90).forget_at is None
    )


def test_a_request_that_is_taken_up_belongs_to_the_child_and_its_own_key_goes() -> None:
    wanted = handled(Handling.REFERRED, referral="ref-1")
    after = request().taken_up(wanted, ANA, Sealed("QUJE"))
    assert (after.student, after.families, after.key) == ("stu-1", ("fam-1",), "stu-1")
    assert (after.asked, after.forget_at) == ("QUJE", LATER)
    gone = after.forgotten(LATER)
    assert (gone.asked, gone.forgotten_at) == ("QUJE", LATER)
    lost = request().taken_up(wanted, ANA, None)
    assert lost.asked == NOTHING


def test_what_is_forgotten_has_no_words() -> None:
    gone = request().forgotten(LATER)
    assert (gone.asked, gone.forgotten_at) == (NOTHING, LATER)


def test_a_referral_of_another_child_answers_nothing() -> None:
    with pytest.raises(EnlaceError, match="another-child"):
        request(student="stu-2").taken_up(handled(Handling.REFERRED), ANA, SEALED)


def test_the_second_who_handles_it_hears_who_did() -> None:
    done = request().ended(handled(), 90)
    assert not done.need_open(handled(by="ben", at=LATER + timedelta(hours=1)))
    with pytest.raises(EnlaceError, match="by rosa on 2026-10-15") as refused:
        done.need_open(handled(Handling.ALREADY_OPEN))
    assert refused.value.slug == "already-handled"
    assert refused.value.es is not None


def test_a_number_of_nobody_is_seen_by_every_school() -> None:
    assert schools_of([]) == (None, ("*",))
    assert schools_of(["site-02", "site-01", "site-02"]) == ("site-02", ("site-02", "site-01"))


def test_a_request_stands_in_the_row_of_its_child_or_in_one_of_its_own() -> None:
    rows = queue(
        [referral()],
        [],
        LATER,
        consent_days=30,
        requests=[
            request(student="stu-1", key="stu-1"),
            request(id="req-2", asked_at=NOW + timedelta(hours=1)),
        ],
    )
    assert [(row.key, row.student) for row in rows] == [
        ("stu-1", "stu-1"),
        ("request:req-2", None),
    ]
    first, second = rows[0].calls
    assert (first.reason, first.step) == (Reason.ASKED_FOR_HELP, NextStep.LOOK_AT_REQUEST)
    assert (first.help_request, first.since, second.reason) == ("req-1", NOW, Reason.NOT_SENT)
