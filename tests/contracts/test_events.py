"""What holds for every message class, whoever adds the next one."""

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from contracts.agencies import AgencyContact
from contracts.categories import Category
from contracts.cloudevents import Envelope, read
from contracts.code import Code
from contracts.event import Event, Part
from contracts.generate.catalogue import meaning, published
from contracts.generate.examples import example
from contracts.generate.schemas import closed_schema
from contracts.referrals import ReferralOffered, ReferralResumed
from contracts.registry import event_class, event_classes
from contracts.topic import BY_NAME, REFERRALS, TOPICS
from tests.contracts.builders import an_envelope, events

RESTRICTED_EXAMPLE = Category.DOMESTIC_VIOLENCE.value

SUBJECTS = {
    "help-requests": "help-request",
    "texted-requests": "texted-request",
    "referrals": "referral",
    "referral-marks": "referral",
    "follow-ups": "follow-up",
    "consents": "consent",
    "people": "person",
    "offerings": "offering",
    "partner-capacity": "partner-capacity",
    "agencies": "agency",
    "messages": "message",
    "staff": "staff",
    "rules": "rules",
}

STATES = {
    "handed-off",
    "offers-taken",
    "agreement-paper-due",
    "agreement-milestone-overdue",
    "awaiting-consent",
    "cancelled",
    "deletion-overdue",
    "disclosure-made",
    "done",
    "due",
    "entered-in-error",
    "expiring",
    "offer-withdrawn",
    "number-wrong",
    "on-hold",
    "opted-in",
    "opted-out",
    "overdue",
    "sent",
    "unknown",
    "unmet",
    "withdrawn",
}
"""Past tenses without -ed, and the states of HL7 Gravity that a referral has come into."""

PERSONAL = re.compile(
    r"name|phone|mobile|sms_number|e?mail|note|birth|dob|address|street|zip|postal|gender|sex"
    r"|race|ethnic|grade|photo|text|comment|words|ssn|diagnos|latitude|longitude",
)

PUBLIC_NAMES = {
    ("AgencyChanged", "name"): "an agency's name is public",
    ("ServiceChanged", "name"): "a service's name is public",
    ("DistrictCategory", "names"): "what a kind of need is called",
    ("DistrictLanguage", "names"): "what a language is called",
    ("DistrictReason", "names"): "what a reason is called",
    ("Bands", "grade"): "a band of grades fits many children",
    ("Bands", "zip3"): "20,000 people live where it is told",
}

every_class = pytest.mark.parametrize("kind", published(), ids=lambda kind: kind.TYPE)


@every_class
class TestEveryClass:
    def test_says_what_it_means(self, kind: type[Event]) -> None:
        assert kind.__doc__, "a class without a docstring has no place on a page"
        assert kind.__doc__ != Event.__doc__

    def test_says_what_every_field_means(self, kind: type[Event]) -> None:
        for part in _parts(kind):
            for field in part.model_fields:
                assert meaning(part, field).endswith("."), f"{part.__name__}.{field}"

    def test_has_its_key(self, kind: type[Event]) -> None:
        for field in kind.TOPIC.key_fields:
            assert kind.model_fields[field].is_required()
            assert kind.model_fields[field].annotation is str

    def test_type_names_subject_and_past_tense(self, kind: type[Event]) -> None:
        found = re.fullmatch(r"org\.enlace\.([a-z-]+)\.([a-z-]+)\.v([1-9]\d*)", kind.TYPE)

        assert found, kind.TYPE
        assert found[1] == SUBJECTS[kind.TOPIC.name]
        assert found[2].endswith("ed") or found[2] in STATES

    def test_is_found_by_its_type(self, kind: type[Event]) -> None:
        assert event_class(kind.TYPE) is kind

    def test_names_nothing_personal_in_the_clear(self, kind: type[Event]) -> None:
        named = [
            (part.__name__, field)
            for part in _parts(kind)
            for field in part.model_fields
            if PERSONAL.search(field)
        ]

        assert [name for name in named if name not in PUBLIC_NAMES] == []

    def test_keeps_encrypted_fields_to_restricted_topics(self, kind: type[Event]) -> None:
        encrypted = "contentEncoding" in str(closed_schema(kind))

        assert not encrypted or kind.TOPIC.restricted

    def test_withholds_a_restricted_category_whatever_it_is_made_with(
        self, kind: type[Event]
    ) -> None:
        whole = example(kind).model_dump(mode="json")
        named = {field: whole[field] for field in ("category", "categories") if field in whole}
        secret = RESTRICTED_EXAMPLE
        for field, value in named.items():
            given = [secret] if isinstance(value, list) else secret
            made = kind.model_validate({**whole, field: given})
            assert secret not in made.model_dump_json()

    def test_lists_of_codes_may_grow(self, kind: type[Event]) -> None:
        for part in closed_schema(kind).get("$defs", {}).values():
            assert "enum" not in part or part["x-open-codes"], part["title"]

    @settings(max_examples=10, suppress_health_check=[HealthCheck.too_slow], deadline=None)
    @given(st.data())
    def test_goes_through_json_and_back(self, kind: type[Event], data: st.DataObject) -> None:
        event = data.draw(events(kind))
        envelope = _of(event)

        assert read(envelope, event.model_dump_json().encode()) == event
        assert read(envelope, event.model_dump_json(exclude_none=True).encode()) == event

    def test_cannot_be_changed(self, kind: type[Event]) -> None:
        assert kind.model_config["frozen"]
        assert kind.model_config["extra"] == "ignore"
        assert kind.model_config["hide_input_in_errors"]


def _parts(kind: type[BaseModel]) -> list[type[BaseModel]]:
    """A class and the parts inside it, as the schema names them."""
    inside = closed_schema(kind).get("$defs", {})
    known = {part.__name__: part for part in Part.__subclasses__()}
    return [kind, *(known[name] for name in inside if "properties" in inside[name])]


def _of(event: Event) -> Envelope:
    given_one = an_envelope()
    return Envelope(
        given_one.id, given_one.source, event.TYPE, event.key, given_one.time, given_one.sequence
    )


class TestRegistry:
    def test_two_classes_of_one_type_are_refused(self) -> None:
        with pytest.raises(TypeError, match=r"org\.enlace\.referral\.resumed\.v1 is already"):

            class Again(Event, topic=REFERRALS, type="org.enlace.referral.resumed.v1"):
                """A second one."""

                referral: str

        assert event_class("org.enlace.referral.resumed.v1") is ReferralResumed

    def test_a_class_without_its_key_is_refused(self) -> None:
        with pytest.raises(TypeError, match=r"Keyless lacks \['referral'\], the key of topic"):

            class Keyless(Event, topic=REFERRALS, type="org.enlace.referral.lost.v1"):
                """No key."""

        assert event_class("org.enlace.referral.lost.v1") is None

    def test_a_class_without_a_type_is_refused(self) -> None:
        with pytest.raises(TypeError, match="Nameless names a topic and no type"):

            class Nameless(Event, topic=REFERRALS):
                """No type."""

                referral: str

    def test_an_unknown_type_has_no_class(self) -> None:
        assert event_class("org.enlace.referral.imagined.v1") is None

    def test_every_topic_has_messages(self) -> None:
        assert {kind.TOPIC.name for kind in event_classes()} >= set(BY_NAME)
        assert len(BY_NAME) == len(TOPICS)

    def test_the_key_of_capacity_is_service_at_site(self) -> None:
        assert BY_NAME["partner-capacity"].key_fields == ("service", "site")

    def test_codes_are_words_with_hyphens(self) -> None:
        lists = [codes for codes in Code.__subclasses__() if codes.__module__[:10] == "contracts."]

        assert lists
        for codes in lists:
            for code in codes:
                assert re.fullmatch(r"[a-z]+(-[a-z]+)*", code.value), code


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError, match="timezone"):
        ReferralOffered.model_validate(
            {
                "referral": "r",
                "round": 1,
                "site": "s",
                "category": "dental",
                "urgency": "soon",
                "bands": {"age": "7-9", "language": "es"},
                "candidates": [],
                "answer_by": "2027-03-09T17:30:00",
            }
        )


def test_a_superseded_form_is_read_as_its_successor(monkeypatch: pytest.MonkeyPatch) -> None:
    class Successor(Event):
        """As a `.v2` would be."""

        referral: str
        why: str

    def upcast(event: ReferralResumed) -> Event:
        return Successor(referral=event.referral, why="not-said")

    monkeypatch.setattr(ReferralResumed, "upcast", upcast)

    assert read(an_envelope(), b'{"referral":"r1"}') == Successor(referral="r1", why="not-said")


def test_an_agencys_contact_is_encrypted_whole() -> None:
    assert set(AgencyContact.model_fields) == {"contact", "profile"}
