"""Builders for reporting's tests: the events of a referral's life, and a producer of them."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

from aiokafka import AIOKafkaProducer

from contracts import cloudevents
from contracts.categories import Category
from contracts.cloudevents import Envelope
from contracts.codes import (
    Audience,
    CapacityStatus,
    CapacityUnit,
    DeclineReason,
    Outcome,
    Urgency,
)
from contracts.event import Event
from contracts.follow_ups import FollowUpDone, FollowUpDue, FollowUpKind, FollowUpScheduled
from contracts.offerings import (
    Missing,
    NeedUnmatched,
    OfferClaimed,
    OfferDeclined,
    OfferingOpened,
)
from contracts.partner_capacity import PartnerCapacityChanged
from contracts.referrals import (
    Bands,
    Candidate,
    ReferralAccepted,
    ReferralCompleted,
    ReferralCreated,
    ReferralOffered,
    ReferralRejected,
    ReferralStarted,
    ReferralUnmet,
    ReferralVerified,
)
from services.chassis.ids import new_id
from tests.servers import Cell

START = datetime(2026, 9, 1, 17, tzinfo=UTC)
"""Ten in the morning in Los Angeles."""

BANDS = Bands(age="7-9", language="es")


class Stream:
    """Gives the events of each topic and key their sequence, an hour after one another."""

    def __init__(self, start: datetime = START) -> None:
        self.at = start
        self._last: dict[tuple[str, str], int] = {}
        self.sent: list[tuple[Event, Envelope]] = []

    def add(self, *events: Event) -> None:
        """Append events."""
        for event in events:
            place = (event.TOPIC.name, event.key)
            self._last[place] = self._last.get(place, 0) + 1
            envelope = Envelope(
                id=new_id(),
                source="enlace/test",
                type=event.TYPE,
                key=event.key,
                time=self.at,
                sequence=self._last[place],
            )
            self.sent.append((event, envelope))
            self.at += timedelta(hours=1)


def created(referral: str, *, site: str = "site-01", need: Category = Category.DENTAL) -> Event:
    """Return the first event of a referral."""
    return ReferralCreated(
        referral=referral,
        student=new_id(),
        family=new_id(),
        site=site,
        category=need,
        urgency=Urgency.ROUTINE,
        audience=Audience.GUARDIAN,
        coordinator="rosa",
        nonce="n",
    )


def offered(referral: str, *, site: str = "site-01", need: Category = Category.DENTAL) -> Event:
    """Return the offer to two services."""
    return ReferralOffered(
        referral=referral,
        round=1,
        site=site,
        category=need,
        urgency=Urgency.ROUTINE,
        bands=BANDS,
        candidates=(
            Candidate(service="s1", agency="a1"),
            Candidate(service="s2", agency="a2"),
        ),
        answer_by=START + timedelta(days=2),
    )


def opened(referral: str) -> Event:
    """Return the offering."""
    return OfferingOpened(
        referral=referral,
        round=1,
        site="site-01",
        category=Category.DENTAL,
        bands=BANDS,
        offers=(),
        answer_by=START + timedelta(days=2),
    )


def declined(referral: str) -> Event:
    """Return one agency's no."""
    return OfferDeclined(
        referral=referral,
        round=1,
        offer=new_id(),
        agency="a2",
        reason=DeclineReason.NO_CAPACITY,
        last=False,
    )


def claimed(referral: str) -> Event:
    """Return the first yes."""
    return OfferClaimed(
        referral=referral,
        round=1,
        offer=new_id(),
        claim="c1",
        service="s1",
        agency="a1",
        contact=new_id(),
        nonce="n",
    )


def accepted(referral: str) -> Event:
    """Return the claim that stands."""
    return ReferralAccepted(referral=referral, claim="c1", service="s1", agency="a1")


def helped(referral: str) -> list[Event]:
    """Return a whole life: asked, taken, served, and the family says yes."""
    return [
        created(referral),
        offered(referral),
        opened(referral),
        declined(referral),
        claimed(referral),
        accepted(referral),
        ReferralStarted(referral=referral, claim="c1"),
        ReferralCompleted(referral=referral, claim="c1", outcome=Outcome.NEED_MET),
        *asked_family(referral),
        ReferralVerified(referral=referral),
        FollowUpDone(follow_up=f"{referral}-1", referral=referral),
    ]


def asked_family(referral: str) -> list[Event]:
    """Return the question whether the help arrived."""
    return [
        FollowUpScheduled(
            follow_up=f"{referral}-1",
            referral=referral,
            kind=FollowUpKind.DID_HELP_ARRIVE,
            due_on=date(2026, 9, 10),
            zone="America/Los_Angeles",
        ),
        FollowUpDue(
            follow_up=f"{referral}-1",
            referral=referral,
            kind=FollowUpKind.DID_HELP_ARRIVE,
            student="s",
            family="f",
            site="site-01",
            audience=Audience.GUARDIAN,
        ),
    ]


def unmet(referral: str) -> list[Event]:
    """Return a need that nobody could meet."""
    return [
        created(referral),
        offered(referral),
        ReferralRejected(referral=referral, reason=DeclineReason.NO_CAPACITY),
        ReferralUnmet(
            referral=referral,
            site="site-01",
            category=Category.DENTAL,
            reason=DeclineReason.NO_CAPACITY,
        ),
    ]


def unmatched(referral: str) -> Event:
    """Return a need that no service fits."""
    return NeedUnmatched(
        referral=referral,
        site="site-01",
        category=Category.DENTAL,
        reason=DeclineReason.NOT_ELIGIBLE,
        missing=(Missing.TOO_YOUNG,),
    )


def seats(service: str, available: int, version: int, *, site: str = "site-01") -> Event:
    """Return a state of a service's seats, of five."""
    return PartnerCapacityChanged(
        service=service,
        agency="a1",
        site=site,
        category=Category.DENTAL,
        unit=CapacityUnit.SEATS,
        status=CapacityStatus.CAPACITY,
        maximum=5,
        available=available,
        held=0,
        used=5 - available,
        waitlisted=0,
        as_of=START,
        version=version,
    )


@contextlib.asynccontextmanager
async def producer(cell: Cell) -> AsyncIterator[Callable[[Event, Envelope], Awaitable[None]]]:
    """Return what publishes one event on a cell's topics."""
    client = AIOKafkaProducer(bootstrap_servers=cell.kafka, enable_idempotence=True)
    await client.start()

    async def publish(event: Event, envelope: Envelope) -> None:
        await client.send_and_wait(
            f"{cell.name}.{event.TOPIC.name}",
            key=event.key.encode(),
            value=event.model_dump_json().encode(),
            headers=cloudevents.encode(envelope),
        )

    try:
        yield publish
    finally:
        await client.stop()


async def until(
    look: Callable[[], Awaitable[Any]], wanted: Callable[[Any], bool], seconds: float = 30
) -> Any:
    """Return what was found once it is as wanted."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not wanted(found := await look()):
        if asyncio.get_running_loop().time() > deadline:
            raise AssertionError(f"not so within {seconds:.0f} s; found: {found}")
        await asyncio.sleep(0.2)
    return found
