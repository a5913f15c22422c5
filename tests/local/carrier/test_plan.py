"""What happens to a text, and in which order, under the rules."""

from typing import Any

import pytest
from pydantic import ValidationError

from deploy.local.carrier.model import Status
from deploy.local.carrier.plan import plan_outbound
from deploy.local.carrier.rules import RULES, Effects, Of, choose

PHONE = "+14155550123"


def effects(*rules: dict[str, Any], phone: str = PHONE, of: Of = Of.CALLBACKS) -> Effects:
    return choose(enumerate(RULES.validate_python(list(rules))), of, phone, "Hello Ana")[0]


def told(found: Effects, latency: float = 1.0) -> list[tuple[float, str]]:
    steps = plan_outbound(found, latency, through_service=False)
    return [(step.after, step.status.value) for step in steps if step.tell]


def moves(found: Effects, *, through_service: bool = False) -> list[str]:
    steps = plan_outbound(found, 1.0, through_service=through_service)
    return [step.status.value for step in steps if not step.tell]


def test_a_text_is_queued_sent_and_delivered() -> None:
    assert told(Effects()) == [(0, "queued"), (1, "sent"), (2, "delivered")]
    assert moves(Effects()) == ["sent", "delivered"]


def test_a_messaging_service_queues_it_later() -> None:
    assert moves(Effects(), through_service=True) == ["queued", "sent", "delivered"]


def test_a_status_comes_before_its_callback_without_latency() -> None:
    steps = plan_outbound(Effects(), 0.0, through_service=True)
    assert [(step.status.value, step.tell) for step in steps] == [
        ("queued", False),
        ("queued", True),
        ("sent", False),
        ("sent", True),
        ("delivered", False),
        ("delivered", True),
    ]


def test_an_unreachable_handset_is_undelivered_with_its_code() -> None:
    steps = plan_outbound(effects({"action": "fail", "code": 30003}), 1.0, through_service=False)
    assert [(step.status, step.error_code) for step in steps if step.tell] == [
        (Status.QUEUED, None),
        (Status.SENT, None),
        (Status.UNDELIVERED, 30003),
    ]


def test_a_failed_text_was_never_sent() -> None:
    assert moves(effects({"action": "fail", "code": 30001, "status": "failed"})) == ["failed"]


def test_a_delay_moves_everything_after_queued() -> None:
    assert told(effects({"action": "delay", "seconds": 10})) == [
        (0, "queued"),
        (11, "sent"),
        (12, "delivered"),
    ]


@pytest.mark.parametrize(
    ("status", "expected"), [("queued", ["queued"]), ("sent", ["queued", "sent"])]
)
def test_a_held_text_gets_no_further(status: str, expected: list[str]) -> None:
    held = effects({"action": "hold", "status": status})
    assert [name for _, name in told(held)] == expected
    assert moves(held) == expected[1:]


def test_reordered_callbacks_come_last_first_when_all_has_happened() -> None:
    reordered = effects({"action": "reorder"})
    assert told(reordered) == [(2, "delivered"), (2, "sent"), (2, "queued")]
    assert moves(reordered) == ["sent", "delivered"]


def test_duplicated_callbacks_come_twice() -> None:
    assert [name for _, name in told(effects({"action": "duplicate"}))] == [
        "queued",
        "queued",
        "sent",
        "sent",
        "delivered",
        "delivered",
    ]


def test_a_dropped_callback_changes_nothing_but_the_telling() -> None:
    dropped = effects({"action": "drop", "statuses": ["delivered"]})
    assert [name for _, name in told(dropped)] == ["queued", "sent"]
    assert moves(dropped) == ["sent", "delivered"]
    assert told(effects({"action": "drop"})) == []


def test_rules_for_other_numbers_words_and_directions_do_not_apply() -> None:
    assert effects({"action": "reorder", "match": "+1415555*"}).reorder
    assert effects({"action": "reorder", "contains": "Ana"}).reorder
    assert not effects({"action": "reorder", "match": "+1212*"}).reorder
    assert not effects({"action": "reorder", "contains": "Luis"}).reorder
    assert effects({"action": "delay", "seconds": 1, "of": "inbound"}).delay == 0
    assert effects({"action": "delay", "seconds": 1, "of": "inbound"}, of=Of.INBOUND).delay == 1


def test_of_two_rules_with_one_action_the_first_applies() -> None:
    both = effects({"action": "delay", "seconds": 1}, {"action": "delay", "seconds": 2})
    assert both.delay == 1


def test_a_refused_text_uses_no_other_rule() -> None:
    rules = RULES.validate_python(
        [{"action": "delay", "seconds": 1}, {"action": "fail", "code": 20429}]
    )
    found, used = choose(enumerate(rules), Of.CALLBACKS, PHONE, "")
    assert found.delay == 0
    assert used == [1]


def test_what_makes_no_sense_for_inbound_texts_is_refused() -> None:
    with pytest.raises(ValidationError):
        RULES.validate_python([{"action": "hang", "of": "inbound"}])
