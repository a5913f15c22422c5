"""Codes that a later release has added."""

import pytest
from pydantic import ValidationError

from contracts.categories import RESTRICTED, Category, on_topics
from contracts.codes import DeclineReason, Urgency
from contracts.offerings import OfferDeclined, ProgressReported

DECLINED = (
    '{"referral":"r","round":1,"offer":"o","agency":"a","reason":"%s","last":false,'
    '"recorded_by":null,"wave":1}'
)


def test_an_unknown_code_keeps_its_text_and_is_not_listed() -> None:
    urgency = Urgency("tomorrow")

    assert isinstance(urgency, Urgency)
    assert urgency == "tomorrow"
    assert str(urgency) == "tomorrow"
    assert not urgency.listed


def test_a_districts_own_code_is_listed_and_none_of_those_that_come_along() -> None:
    event = OfferDeclined.model_validate_json(DECLINED % "flooded")

    assert isinstance(event.reason, DeclineReason)
    assert event.reason.listed
    assert not event.reason.shipped
    assert not DeclineReason("Flooded!").listed


def test_an_unknown_code_is_written_as_it_came() -> None:
    event = OfferDeclined.model_validate_json(DECLINED % "flooded")

    assert event.model_dump_json() == DECLINED % "flooded"
    assert OfferDeclined.model_validate_json(event.model_dump_json()) == event


def test_a_known_code_is_its_member_and_listed() -> None:
    event = OfferDeclined.model_validate_json(DECLINED % "out-of-area")

    assert event.reason is DeclineReason.OUT_OF_AREA
    assert event.reason.listed


def test_unknown_codes_are_equal_by_their_text_and_join_no_list() -> None:
    assert Urgency("tomorrow") == Urgency("tomorrow")
    assert hash(Urgency("tomorrow")) == hash("tomorrow")
    assert "tomorrow" not in [code.value for code in Urgency]


def test_an_unknown_code_in_an_optional_field_is_kept() -> None:
    event = ProgressReported.model_validate_json(
        '{"referral":"r","offer":"o","claim":"c","progress":"started","outcome":"adopted"}'
    )

    assert event.outcome is not None
    assert (event.outcome.value, event.outcome.listed) == ("adopted", False)


@pytest.mark.parametrize("value", ["", "x" * 65])
def test_what_can_be_nobodys_code_is_refused(value: str) -> None:
    with pytest.raises(ValidationError):
        OfferDeclined.model_validate_json(DECLINED % value)


def test_a_code_that_is_no_text_is_refused() -> None:
    with pytest.raises(ValidationError):
        OfferDeclined.model_validate_json((DECLINED % "7").replace('"7"', "7"))


def test_restricted_categories_travel_as_restricted_and_others_as_they_are() -> None:
    assert {on_topics(category).value for category in RESTRICTED} == {"restricted"}
    assert on_topics(Category.DENTAL) is Category.DENTAL
