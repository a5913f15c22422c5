"""The ids of who helps a child are sealed outside a service."""

import json
from datetime import UTC, datetime

import pytest

from contracts import cloudevents
from contracts.cloudevents import Envelope, UnreadableEventError
from contracts.event import Event
from contracts.offerings import OfferClaimed
from contracts.provider import use
from contracts.referrals import Candidate, ReferralAccepted
from contracts.registry import event_classes
from services.chassis.provider_ids import PROVIDER_KEY_BYTES, ProviderCipher

ours = ProviderCipher(b"k" * PROVIDER_KEY_BYTES)
another = ProviderCipher(b"l" * PROVIDER_KEY_BYTES)


def accepted(referral: str) -> ReferralAccepted:
    return ReferralAccepted(referral=referral, claim="c1", service="s1", agency="a1")


def envelope(event: Event) -> Envelope:
    now = datetime(2026, 11, 3, 18, 0, tzinfo=UTC)
    return Envelope("e1", "enlace/referral", event.TYPE, event.key, now, 1, "site-01", None)


def test_on_a_topic_the_service_and_the_agency_are_sealed_and_nothing_else_is() -> None:
    value = json.loads(cloudevents.write(accepted("r1"), ours))

    assert (value["referral"], value["claim"]) == ("r1", "c1")
    assert value["service"].startswith("~")
    assert value["agency"].startswith("~")
    assert "s1" not in value["service"]


def test_a_service_reads_them_in_clear() -> None:
    event = accepted("r1")

    assert cloudevents.read(envelope(event), cloudevents.write(event, ours), ours) == event


def test_one_id_is_sealed_alike_in_one_referral_and_otherwise_in_another() -> None:
    one, same, other = (
        json.loads(cloudevents.write(accepted(referral), ours))["service"]
        for referral in ("r1", "r1", "r2")
    )

    assert one == same != other


@pytest.mark.parametrize("ids", [None, another], ids=["no key", "another key"])
def test_without_the_key_an_event_is_set_aside_not_misread(ids: ProviderCipher | None) -> None:
    event = accepted("r1")

    with pytest.raises(UnreadableEventError, match="service value_error"):
        cloudevents.read(envelope(event), cloudevents.write(event, ours), ids)


def test_a_sealed_id_does_not_fit_another_referral() -> None:
    moved = cloudevents.write(accepted("r1"), ours).replace(b'"r1"', b'"r2"')

    with pytest.raises(UnreadableEventError, match="service value_error"):
        cloudevents.read(envelope(accepted("r2")), moved, ours)


@pytest.mark.parametrize("id", ["~", "~#", "~AAAA", "~ü", "~" + "A" * 100_000])
def test_what_nobody_has_sealed_is_refused(id: str) -> None:
    with pytest.raises(ValueError, match="another installation"):
        ours.open(id, "r1")


def test_an_id_in_clear_is_read_as_it_is() -> None:
    event = accepted("r1")

    assert cloudevents.read(envelope(event), cloudevents.write(event), ours) == event


def test_ids_inside_lists_are_sealed_too() -> None:
    candidate = Candidate(service="s1", agency="a1")

    value = json.loads(candidate.model_dump_json(context=use(ours, "r1")))

    assert value["service"].startswith("~")


def test_no_event_of_a_child_has_a_field_that_names_who_helps_in_clear() -> None:
    """By name: a new event that calls its field so must use the type that is sealed."""
    clear = []
    for kind in event_classes():
        if kind.TOPIC.name in ("agencies", "partner-capacity"):
            continue  # what an agency is and has; no child is in it
        for name in ("service", "agency"):
            field = kind.model_fields.get(name)
            if field is not None and not field.metadata:
                clear.append(f"{kind.__name__}.{name}")
    assert clear == []
    assert OfferClaimed.model_fields["service"].metadata
