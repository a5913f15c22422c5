"""One referral's facts: pure, whatever topic is read first."""

import json
import re
from datetime import timedelta
from itertools import permutations
from typing import Any

import bson
from bson.codec_options import CodecOptions

from contracts.categories import Category
from contracts.codes import Outcome, Urgency
from contracts.event import Event
from contracts.referral_marks import ReferralMarked
from contracts.referrals import (
    ReferralCompleted,
    ReferralCorrected,
    ReferralDisputed,
    ReferralEnteredInError,
    ReferralErased,
    ReferralHandedOff,
    ReferralTransferred,
    ReferralVerified,
)
from contracts.sealed import Sealed
from services.reporting.model.facts import OpenedMarks, contributions
from services.reporting.model.funnel import Stage, reached
from services.reporting.projections import FACTS, projections
from tests.reporting.build import START, Stream, created, helped, offered, unmatched, unmet

ZONE = "America/Los_Angeles"
EVOLVE = projections(ZONE)[FACTS].evolve


def fold(stream: Stream) -> dict[str, Any]:
    document: dict[str, Any] | None = None
    for event, envelope in stream.sent:
        document = EVOLVE(document, event, envelope)
    assert document is not None
    return document


def a_life() -> Stream:
    stream = Stream()
    stream.add(*helped("r1"))
    return stream


def test_a_closed_loop_has_both_ends_set() -> None:
    facts = fold(a_life())["referral"]
    assert facts["partner_closed_at"] < facts["family_verified_at"]
    assert facts["agency"] == "a1"
    assert facts["month"] == "2026-09"


def test_a_yes_that_the_family_took_back_counts_no_more_until_it_says_yes_again() -> None:
    stream = a_life()
    stream.add(ReferralDisputed(referral="r1"))
    taken_back = fold(stream)["referral"]
    assert taken_back["family_verified_at"] is None
    assert Stage.FAMILY_VERIFIED not in reached(taken_back)
    assert {Stage.PARTNER_CLOSED, Stage.DISPUTED} <= set(reached(taken_back))
    stream.add(ReferralVerified(referral="r1"))
    assert Stage.FAMILY_VERIFIED in reached(fold(stream)["referral"])


def test_it_does_not_matter_which_topic_arrives_first() -> None:
    stream = a_life()
    topics = {event.TOPIC.name for event, _ in stream.sent}
    expected = fold(stream)
    for order in permutations(sorted(topics)):
        mixed = Stream()
        mixed.sent = sorted(stream.sent, key=lambda pair: order.index(pair[0].TOPIC.name))
        assert fold(mixed) == expected


def test_a_document_is_the_same_after_it_was_kept() -> None:
    """A duration of times that the database cuts would fall into another bucket the next time."""
    stream = Stream(START + timedelta(microseconds=123_456))
    stream.add(*helped("r1"))
    made = fold(stream)
    kept: dict[str, Any] = bson.decode(bson.encode(made), CodecOptions(tz_aware=True))
    assert kept == made
    assert contributions(kept) == contributions(made)


def test_a_closed_loop_counts_once_in_every_stage() -> None:
    counted = contributions(fold(a_life()))
    for stage in ("created", "offered", "accepted", "started", "partner-closed"):
        assert counted[f'["funnel","site-01","dental","2026-09","{stage}"]'] == 1
    assert counted['["funnel","site-01","dental","2026-09","family-verified"]'] == 1
    assert counted['["accept-hours","site-01","dental","2026-09","4"]'] == 1
    assert counted['["follow-up","site-01","dental","2026-09","done"]'] == 1


def test_a_hand_off_counts_as_taken_and_by_itself_and_waits_for_nobody() -> None:
    stream = Stream()
    stream.add(
        created("r1"),
        offered("r1"),
        ReferralHandedOff(referral="r1", hand_off="h1"),
        ReferralCompleted(referral="r1", claim="h1", outcome=Outcome.NEED_MET),
    )
    found = [json.loads(name) for name in contributions(fold(stream))]
    assert {of for measure, *_, of in found if measure == "funnel"} == {
        "created",
        "offered",
        "accepted",
        "started",
        "partner-closed",
        "handed-off",
    }
    assert "accept-hours" not in {measure for measure, *_ in found}, "no agency's time to accept"
    stream.add(ReferralErased(referral="r1"))
    erased = [json.loads(name) for name in contributions(fold(stream))]
    assert [of for *_, of in erased if of == "handed-off"] == ["handed-off"], "totals stay"


SEALED = Sealed("c2VhbGVk")


def marked(*programmes: str) -> Event:
    """Return the marks of a referral, as they are once they are opened."""
    return OpenedMarks(referral="r1", marks=SEALED, programmes=programmes)


def by_programme(stream: Stream) -> set[tuple[str, str]]:
    names = [json.loads(name) for name in contributions(fold(stream))]
    found = set()
    for measure, *_, of in names:
        if measure == "programme":
            stage, _, programme = of.partition(" ")
            found.add((programme, stage))
    return found


def test_a_referral_counts_in_each_programme_of_its_child() -> None:
    stream = Stream()
    stream.add(created("r1"), marked("iep", "free-lunch"), offered("r1"))
    stages = ("created", "offered")
    expected = {(each, stage) for each in ("iep", "free-lunch") for stage in stages}
    assert by_programme(stream) == expected
    stream.add(ReferralErased(referral="r1"))
    assert by_programme(stream) == {("unknown", stage) for stage in stages}


def test_marks_whose_key_is_gone_come_to_the_same_in_a_rebuilt_read_model() -> None:
    kept, rebuilt = Stream(), Stream()
    opened, sealed = marked("iep"), ReferralMarked(referral="r1", marks=SEALED)
    for stream, marks in ((kept, opened), (rebuilt, sealed)):
        stream.add(created("r1"), marks, offered("r1"), ReferralErased(referral="r1"))
    late = Stream()
    late.add(created("r1"), offered("r1"), ReferralErased(referral="r1"), opened)
    assert fold(kept) == fold(rebuilt)
    assert fold(late)["marks"] == fold(kept)["marks"]
    assert contributions(fold(kept)) == contributions(fold(rebuilt))


def test_an_unmet_need_counts_with_its_reason() -> None:
    stream = Stream()
    stream.add(*unmet("r1"))
    assert contributions(fold(stream))['["unmet","site-01","dental","2026-09","no-capacity"]'] == 1


def test_a_need_that_no_service_fits_counts_until_somebody_could_be_asked() -> None:
    stream = Stream()
    stream.add(created("r1"), unmatched("r1"))
    name = '["unmet","site-01","dental","2026-09","not-eligible"]'
    assert contributions(fold(stream))[name] == 1
    stream.add(ReferralErased(referral="r1"))
    forgotten = contributions(fold(stream))
    assert forgotten['["unmet","site-01","unknown","2026-09","unknown"]'] == 1
    found = Stream()
    found.add(unmatched("r1"), *helped("r1"))
    assert name not in contributions(fold(found))


def test_what_was_entered_in_error_counts_nowhere() -> None:
    stream = a_life()
    stream.add(ReferralEnteredInError(referral="r1"))
    assert contributions(fold(stream)) == {}


def test_after_an_erasure_totals_stay_and_slices_are_unknown() -> None:
    for life in (helped("r1"), unmet("r1")):
        stream = Stream()
        stream.add(*life)
        before = contributions(fold(stream))
        stream.add(ReferralErased(referral="r1"))
        document = fold(stream)
        after = contributions(document)
        assert sum(after.values()) == sum(before.values())
        assert {json.loads(name)[2] for name in after} == {"unknown"}
        assert {json.loads(name)[1] for name in after} == {"site-01"}
        kept = json.dumps(document["referral"], default=str)
        assert not {"dental", "routine", "a1", "s1", "no-capacity"} & set(
            re.findall(r'"([^"]*)"', kept)
        )


def test_an_erasure_that_is_read_before_the_other_topics_comes_to_the_same() -> None:
    stream = a_life()
    stream.add(ReferralErased(referral="r1"))
    expected = fold(stream)
    first = Stream()
    first.sent = sorted(stream.sent, key=lambda pair: pair[0].TOPIC.name != "referrals")
    assert fold(first) == expected


def test_a_transferred_child_counts_at_the_new_school() -> None:
    stream = Stream()
    stream.add(
        created("r1"), ReferralTransferred(referral="r1", site="site-02", coordinator="denise")
    )
    assert contributions(fold(stream)) == {'["funnel","site-02","dental","2026-09","created"]': 1}


def test_a_draft_that_was_put_right_counts_as_what_it_is() -> None:
    stream = Stream()
    right = ReferralCorrected(
        referral="r1", category=Category.FOOD, urgency=Urgency.CRISIS, reworded=False
    )
    stream.add(created("r1"), right)
    assert contributions(fold(stream)) == {'["funnel","site-01","food","2026-09","created"]': 1}


def test_an_event_of_a_referral_that_was_never_created_counts_nowhere() -> None:
    stream = Stream()
    stream.add(*helped("r1")[1:])
    assert contributions(fold(stream)) == {}


def test_a_need_of_the_districts_own_is_a_slice_by_its_code() -> None:
    stream = a_life()
    event, envelope = stream.sent[0]
    stream.sent[0] = (event.model_copy(update={"category": Category("swimming")}), envelope)
    assert any("swimming" in name for name in contributions(fold(stream)))
