"""A message's way: what may be sent again, what never, and whose word counts."""

from datetime import timedelta

import pytest

from contracts.event import Event
from contracts.messages import (
    FailureKind,
    MessageDelivered,
    MessageFailed,
    MessageSent,
    MessageUnknown,
)
from services.notify.model.message import (
    Message,
    Report,
    ReportKind,
    State,
    hear,
    lose_answer,
    message_id,
    start,
    still_unknown,
)
from services.notify.providers.twilio_codes import of_code, of_status
from tests.notify.build import NOW, message

ACCEPTED = Report(ReportKind.ACCEPTED, provider_id="SM1")
DELIVERED = Report(ReportKind.DELIVERED, provider_id="SM1")
UNDELIVERED = Report(ReportKind.TEMPORARY, provider_id="SM1", code="30003")


def sending(**changes: object) -> Message:
    begun = start(message(), number="n", body_hash="b", text=None, bypassed=None, now=NOW)
    return begun.having(**changes)


def heard(first: Message, *reports: Report) -> tuple[Message, list[Event]]:
    events: list[Event] = []
    for report in reports:
        first, told = hear(first, report, NOW)
        events += told
    return first, events


def test_the_same_event_person_and_channel_make_the_same_message() -> None:
    one = message()
    assert one.id == message_id("evt-1", "per-1", one.channel)
    assert one.id != message_id("evt-2", "per-1", one.channel)
    assert one.id != message_id("evt-1", "per-2", one.channel)


def test_reports_in_order_tell_sent_and_delivered() -> None:
    after, events = heard(sending(), ACCEPTED, ACCEPTED, DELIVERED)
    assert after.state is State.DELIVERED
    assert [type(each) for each in events] == [MessageSent, MessageDelivered]


def test_reports_out_of_order_end_where_they_would_have() -> None:
    after, events = heard(sending(), DELIVERED, ACCEPTED, ACCEPTED)
    assert after.state is State.DELIVERED
    assert [type(each) for each in events] == [MessageSent, MessageDelivered]


def test_an_accepted_word_after_a_failure_does_not_revive_it() -> None:
    after, events = heard(sending(), UNDELIVERED, ACCEPTED)
    assert after.state is State.TEMPORARY_FAILURE
    (failed,) = events
    assert isinstance(failed, MessageFailed)
    assert (failed.kind, failed.code) == (FailureKind.TEMPORARY, "30003")


def test_a_lost_answer_is_unknown_and_settled_by_a_later_word() -> None:
    after, events = heard(sending(), Report(ReportKind.UNKNOWN))
    assert (after.state, after.pending) == (State.UNKNOWN, False)
    settled, more = heard(after, ACCEPTED)
    assert settled.state is State.SENT
    assert [type(each) for each in [*events, *more]] == [MessageUnknown, MessageSent]


def test_the_answer_that_comes_after_the_time_is_up_still_counts() -> None:
    lost, _ = lose_answer(sending(), NOW + timedelta(seconds=60))
    assert lost.state is State.UNKNOWN
    assert heard(lost, ACCEPTED)[0].state is State.SENT


def test_a_word_on_another_text_of_the_provider_is_left_alone() -> None:
    sent, _ = heard(sending(), ACCEPTED)
    other = Report(ReportKind.TEMPORARY, provider_id="SM2", code="30003")
    assert heard(sent, other) == (sent, [])


def test_a_refusal_that_passes_is_tried_again_with_growing_pauses() -> None:
    refused, events = heard(sending(), Report(ReportKind.NOT_NOW, code="20429"))
    assert (refused.state, events) == (State.WAITING, [])
    assert refused.next_due is not None
    assert timedelta(seconds=30) <= refused.next_due - NOW <= timedelta(seconds=38)
    third = sending(attempts=3)
    later, _ = heard(third, Report(ReportKind.NOT_NOW, code="20429"))
    assert later.next_due is not None
    assert timedelta(seconds=120) <= later.next_due - NOW <= timedelta(seconds=150)


def test_the_providers_own_pause_is_honoured() -> None:
    word = Report(ReportKind.NOT_NOW, code="20429", retry_after=timedelta(minutes=5))
    due = heard(sending(), word)[0].next_due
    assert due is not None
    assert due >= NOW + timedelta(minutes=5)


def test_it_is_not_tried_for_ever() -> None:
    last = sending(attempts=8)
    after, events = heard(last, Report(ReportKind.NOT_NOW, code="20429"))
    assert after.state is State.TEMPORARY_FAILURE
    assert [type(each) for each in events] == [MessageFailed]


def test_what_was_sent_is_never_put_back() -> None:
    sent, _ = heard(sending(), ACCEPTED)
    assert heard(sent, Report(ReportKind.NOT_NOW, code="20429"))[0] == sent


def test_an_unknown_one_is_asked_about_for_a_quarter_of_an_hour_and_then_shown() -> None:
    lost, _ = lose_answer(sending(), NOW + timedelta(seconds=60))
    asked = still_unknown(lost, NOW + timedelta(minutes=2))
    assert asked.next_due == NOW + timedelta(minutes=2, seconds=30)
    assert still_unknown(lost, NOW + timedelta(minutes=15)).next_due is None
    assert still_unknown(lost, NOW + timedelta(minutes=15)).state is State.UNKNOWN


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (21211, ReportKind.PERMANENT),
        (21610, ReportKind.PERMANENT),
        (21612, ReportKind.PERMANENT),
        (30003, ReportKind.TEMPORARY),
        (30007, ReportKind.PERMANENT),
        (20429, ReportKind.NOT_NOW),
        (21606, ReportKind.TECHNICAL),
        (29999, ReportKind.TECHNICAL),
    ],
)
def test_codes_mean_what_twilio_says(code: int, kind: ReportKind) -> None:
    assert of_code(code).kind is kind


def test_what_was_accepted_is_never_tried_again_whatever_its_code_says() -> None:
    report = of_status("failed", "SM1", 20429)
    assert report is not None
    assert report.kind is ReportKind.TEMPORARY
