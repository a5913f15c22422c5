"""The ids of who helps a child are sealed outside a service."""

import json
from datetime import UTC, datetime
from typing import get_args

import pytest
from pydantic.fields import FieldInfo

from contracts import cloudevents
from contracts.categories import Category
from contracts.cloudevents import Envelope, UnreadableEventError
from contracts.codes import CapacityStatus, CapacityUnit
from contracts.event import Event
from contracts.offerings import OfferClaimed, OfferWithdrawn, WithdrawalReason
from contracts.partner_capacity import PartnerCapacityChanged
from contracts.provider import use
from contracts.referrals import Candidate, ReferralAccepted
from contracts.registry import event_classes
from services.chassis.events import log
from services.chassis.provider_ids import PROVIDER_KEY_BYTES, ProviderCipher
from tests.chassis.build import store
from tests.servers import Cell

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


def is_sealed(field: FieldInfo) -> bool:
    """Tell whether a field's type is the one that is sealed; also where it may be left out."""
    inside = [getattr(part, "__metadata__", ()) for part in get_args(field.annotation)]
    return bool(field.metadata) or any(inside)


def test_one_that_may_be_left_out_is_sealed_too() -> None:
    event = OfferWithdrawn(
        referral="r1",
        offer="o1",
        agency="a1",
        contact="c1",
        reason=WithdrawalReason.NOT_NEEDED,
        service="s1",
    )
    assert json.loads(cloudevents.write(event, ours))["service"].startswith("~")


def test_no_event_of_a_child_has_a_field_that_names_who_helps_in_clear() -> None:
    """By name: a new event that calls its field so must use the type that is sealed."""
    clear = []
    for kind in event_classes():
        if kind.TOPIC.name in ("agencies", "partner-capacity"):
            continue  # what an agency is and has; no child is in it
        for name in ("service", "agency", "contact"):
            field = kind.model_fields.get(name)
            if field is not None and not is_sealed(field):
                clear.append(f"{kind.__name__}.{name}")
    assert clear == []
    assert OfferClaimed.model_fields["service"].metadata


async def test_seats_are_told_without_the_trace_of_the_claim_that_changed_them(
    cell: Cell, monkeypatch: pytest.MonkeyPatch
) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    monkeypatch.setattr(log, "current_traceparent", lambda: trace)
    now = datetime(2026, 11, 3, 18, 0, tzinfo=UTC)
    seats = PartnerCapacityChanged(
        service="s1",
        agency="a1",
        site="site-01",
        category=Category.MENTAL_HEALTH,
        unit=CapacityUnit.SEATS,
        status=CapacityStatus.CAPACITY,
        maximum=4,
        available=3,
        held=1,
        used=0,
        waitlisted=0,
        as_of=now,
        version=2,
    )
    async with store(cell) as service:
        await service.database.transact(
            lambda: service.log.append([accepted("r1"), seats], site="site-01")
        )

        traces = {each.topic: each.envelope.traceparent async for each in service.log.all()}
    assert traces == {"referrals": trace, "partner-capacity": None}
