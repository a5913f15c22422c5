"""The auditor finds people who were told twice, or not at all."""

from dataclasses import replace

import pytest

from contracts.codes import (
    CancelReason,
    NotSentReason,
    Template,
)
from contracts.messages import MessageCancelled, MessageQueued, MessageSent
from contracts.referrals import (
    ReferralCancelled,
)
from tests.faults.build import LOOP, district, faults, message, without
from tests.faults.seen import Fault


@pytest.mark.parametrize(
    ("template", "cause", "person"),
    [
        (Template.FAMILY_ASKED, "referrals-2", "per-mother"),
        (Template.AGENCY_OFFER, "offerings-1", "per-2"),
        (Template.AGENCY_TAKEN, "offerings-3", "per-2"),
        (Template.FAMILY_ACCEPTED, "referrals-3", "per-mother"),
        (Template.AGENCY_ACCEPTED, "referrals-3", "per-1"),
    ],
)
def test_somebody_who_was_not_told_is_found(template: Template, cause: str, person: str) -> None:
    gone = message(template, cause, person)
    found = faults(district(*without(*gone)))
    assert (Fault.LOST, f"nobody was told: {template}", cause) in found


def test_nobody_need_be_told_of_a_referral_that_was_given_up() -> None:
    gone = ReferralCancelled(referral="ref-1", reason=CancelReason.OTHER)
    messages = [event for event in LOOP if isinstance(event, MessageQueued | MessageSent)]
    found = faults(district(*without(*messages), gone))
    assert not [each for each in found if "nobody was told" in each[1]]


def test_a_message_that_came_to_no_end_is_lost_and_a_cancelled_one_is_not() -> None:
    queued, sent = message(Template.FAMILY_ASKED, "referrals-2", "per-mother")
    what = (Fault.LOST, "a message was neither sent nor cancelled", queued.message)
    assert what in faults(district(*without(sent)))
    cancelled = MessageCancelled(
        conversation=queued.conversation, message=queued.message, reason=NotSentReason.OPTED_OUT
    )
    assert what not in faults(district(*without(sent), cancelled))


def test_two_messages_for_one_cause_and_two_sendings_are_found() -> None:
    queued, sent = message(Template.FAMILY_ASKED, "referrals-2", "per-mother")
    other = queued.model_copy(update={"message": "msg-other"})
    found = faults(district(*LOOP, other))
    assert (Fault.DUPLICATED, "several messages for one cause", "referrals-2") in found
    found = faults(district(*LOOP, sent))
    assert (Fault.DUPLICATED, "a message was sent more than once", sent.message) in found


def test_a_phone_that_got_it_twice_not_at_all_or_out_of_nowhere_is_found() -> None:
    seen = district()
    first = seen.delivered[0]
    twice = faults(replace(seen, delivered=[*seen.delivered, first]))
    assert twice == [(Fault.DUPLICATED, "a person got one sms several times", first.message)]
    never = faults(replace(seen, delivered=seen.delivered[1:]))
    assert never == [(Fault.LOST, "a message that was sent is nowhere", first.message)]
    ghost = replace(first, message="ghost")
    found = faults(replace(seen, delivered=[*seen.delivered, ghost]))
    assert found == [(Fault.DUPLICATED, "a person got a message that nobody asked for", "ghost")]


def test_a_message_that_went_out_although_it_was_cancelled_is_found() -> None:
    queued, _ = message(Template.FAMILY_ASKED, "referrals-2", "per-mother")
    cancelled = MessageCancelled(
        conversation=queued.conversation, message=queued.message, reason=NotSentReason.OPTED_OUT
    )
    what = (Fault.DUPLICATED, "a message went out although it was cancelled", queued.message)
    assert what in faults(district(*LOOP, cancelled))
