"""A district in which all is well, event by event, for tests that spoil one thing in it.

What is right is written by hand here, from nothing but the contracts.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.categories import Category
from contracts.cloudevents import Envelope
from contracts.codes import (
    Audience,
    CapacityStatus,
    CapacityUnit,
    Channel,
    Progress,
    Template,
    Urgency,
)
from contracts.event import Event
from contracts.messages import MessageQueued, MessageSent
from contracts.offerings import (
    Offer,
    OfferClaimed,
    OfferingOpened,
    OfferWithdrawn,
    ProgressReported,
    WithdrawalReason,
)
from contracts.partner_capacity import PartnerCapacityChanged
from contracts.referrals import (
    Bands,
    Candidate,
    ReferralAccepted,
    ReferralCreated,
    ReferralOffered,
    ReferralStarted,
)
from services.chassis.consumer.plan import Watermark
from tests.faults.audit import audit
from tests.faults.seen import Delivered, Fault, Reader, ReadModel, Record, Row, Said, Seen, Told

NOON = datetime(2026, 10, 13, 19, tzinfo=UTC)
BANDS = Bands(age="7-9", language="es")

CREATED = ReferralCreated(
    referral="ref-1",
    student="stu-1",
    family="fam-1",
    site="site-01",
    category=Category.DENTAL,
    urgency=Urgency.ROUTINE,
    audience=Audience.GUARDIAN,
    coordinator="rosa",
    nonce="n",
)
OFFERED = ReferralOffered(
    referral="ref-1",
    round=1,
    site="site-01",
    category=Category.DENTAL,
    urgency=Urgency.ROUTINE,
    bands=BANDS,
    candidates=(
        Candidate(service="svc-1", agency="agy-1"),
        Candidate(service="svc-2", agency="agy-2"),
    ),
    answer_by=NOON + timedelta(days=2),
)
OPENED = OfferingOpened(
    referral="ref-1",
    round=1,
    site="site-01",
    category=Category.DENTAL,
    bands=BANDS,
    offers=(
        Offer(offer="off-1", service="svc-1", agency="agy-1", contact="per-1", nonce="n1"),
        Offer(offer="off-2", service="svc-2", agency="agy-2", contact="per-2", nonce="n2"),
    ),
    answer_by=NOON + timedelta(days=2),
)
CLAIMED = OfferClaimed(
    referral="ref-1",
    round=1,
    offer="off-1",
    claim="clm-1",
    service="svc-1",
    agency="agy-1",
    contact="per-1",
    nonce="n1",
)
CLAIMED_BY_OTHER = CLAIMED.model_copy(
    update={
        "offer": "off-2",
        "claim": "clm-2",
        "service": "svc-2",
        "agency": "agy-2",
        "contact": "per-2",
    }
)
TAKEN = OfferWithdrawn(
    referral="ref-1",
    offer="off-2",
    agency="agy-2",
    contact="per-2",
    reason=WithdrawalReason.TAKEN,
)
ACCEPTED = ReferralAccepted(referral="ref-1", claim="clm-1", service="svc-1", agency="agy-1")
STARTED_THERE = ProgressReported(
    referral="ref-1", offer="off-1", claim="clm-1", progress=Progress.STARTED
)
STARTED = ReferralStarted(referral="ref-1", claim="clm-1")


def seats(version: int, *, held: int, used: int, maximum: int = 5) -> PartnerCapacityChanged:
    """Return the state of the first service's seats."""
    return PartnerCapacityChanged(
        service="svc-1",
        agency="agy-1",
        site="site-01",
        category=Category.DENTAL,
        unit=CapacityUnit.SEATS,
        status=CapacityStatus.CAPACITY,
        maximum=maximum,
        available=maximum - held - used,
        held=held,
        used=used,
        waitlisted=0,
        as_of=NOON,
        version=version,
    )


SEAT_USED = seats(3, held=0, used=1)


def message(template: Template, cause: str, person: str) -> tuple[MessageQueued, MessageSent]:
    """Return a message that was sent, by its queueing and its sending."""
    id = f"msg-{template}-{person}"
    common: dict[str, Any] = {
        "conversation": f"{person}-sms",
        "message": id,
        "template": template,
        "channel": Channel.SMS,
        "person": person,
        "referral": "ref-1",
    }
    return MessageQueued(cause=cause, **common), MessageSent(**common)


def log(*events: Event) -> list[Row]:
    """Return log rows: ids count on per topic as `referrals-1`, sequences per key."""
    rows: list[Row] = []
    for event in events:
        topic = event.TOPIC
        number = 1 + sum(row.topic == topic.name for row in rows)
        sequence = 1 + sum((row.topic, row.envelope.key) == (topic.name, event.key) for row in rows)
        envelope = Envelope(
            id=f"{topic.name}-{number}",
            source=f"enlace/{topic.owner}",
            type=event.TYPE,
            key=event.key,
            time=NOON,
            sequence=sequence,
            site="site-01",
        )
        rows.append(Row(topic.owner, topic.name, envelope, event, published=True))
    return rows


def on_topics(rows: Sequence[Row]) -> list[Record]:
    """Return the rows as they stand on their topics, all on one partition."""
    return [
        Record(row.topic, 0, offset, row.envelope.id, row.envelope.key, row.envelope.sequence)
        for offset, row in enumerate(rows)
    ]


def reader(rows: Sequence[Row]) -> Reader:
    """Return a group that has read everything."""
    marks: dict[tuple[str, str], Watermark] = {}
    for row in rows:
        marks[row.topic, row.envelope.key] = Watermark(row.envelope.sequence)
    return Reader("reporting", "all", tuple({row.topic for row in rows}), marks)


def told(said: Said, offer: str = "", progress: str = "") -> Told:
    """Return a promise about the referral."""
    return Told(0.0, said, "ref-1", offer, progress)


LOOP: tuple[Event, ...] = (
    CREATED,
    OFFERED,
    OPENED,
    CLAIMED,
    TAKEN,
    ACCEPTED,
    STARTED_THERE,
    STARTED,
    seats(1, held=0, used=0),
    seats(2, held=1, used=0),
    SEAT_USED,
    *message(Template.FAMILY_ASKED, "referrals-2", "per-mother"),
    *message(Template.AGENCY_OFFER, "offerings-1", "per-1"),
    *message(Template.AGENCY_OFFER, "offerings-1", "per-2"),
    *message(Template.AGENCY_TAKEN, "offerings-3", "per-2"),
    *message(Template.FAMILY_ACCEPTED, "referrals-3", "per-mother"),
    *message(Template.AGENCY_ACCEPTED, "referrals-3", "per-1"),
)
"""A referral that one of two agencies has taken and begun with: everything is as it should be."""

TOLD = (
    told(Said.CREATED),
    told(Said.OFFERED),
    told(Said.CLAIMED, "off-1"),
    told(Said.REPORTED, "off-1", "started"),
)


def district(*events: Event, **changes: object) -> Seen:
    """Return a district in which exactly these events happened and reached everybody."""
    rows = log(*(events or LOOP))
    sent = [row.event for row in rows if isinstance(row.event, MessageSent)]
    seen = Seen(
        told=TOLD,
        rows=rows,
        records=on_topics(rows),
        readers=[reader(rows)],
        referrals={"ref-1": "in-progress"},
        delivered=[Delivered("sms", "+15105550101", each.message, "") for each in sent],
        read_models=[ReadModel("facts", {"ref-1": {"a": 1}}, {"ref-1": {"a": 1}}, {}, {})],
    )
    return replace(seen, **changes)  # type: ignore[arg-type] # fields by name, from the tests below


def without(*gone: Event) -> list[Event]:
    """Return the loop's events but for these."""
    return [event for event in LOOP if event not in gone]


def faults(seen: Seen) -> list[tuple[Fault, str, str]]:
    """Return what the audit finds, without details."""
    return [(finding.fault, finding.what, finding.id) for finding in audit(seen)]
