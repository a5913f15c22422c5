"""The processes of the delay benchmark, each run as `python -m tests.benchmarks.delay_apps ROLE`.

- `service`: a chassis service with one small command; it relays what it commits.
- `reader`: a chassis worker in another process that reacts to the service's events.
- `direct`: the same request answered by a produce in the handler, with nothing behind it.
- `plain`: an aiokafka consumer of what `direct` sends.

Readers write a line for each event they are handed: its key and the time in ns since 1970.
"""

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import TextIO

import uvicorn
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from fastapi import APIRouter, FastAPI

from contracts import cloudevents
from contracts.cloudevents import Envelope
from contracts.codes import Outcome
from contracts.referrals import ReferralCompleted
from contracts.topic import REFERRALS
from services.chassis.clock import SystemClock
from services.chassis.ids import new_id
from services.chassis.run import run
from services.chassis.service import Chassis, Group, Parts
from services.chassis.settings import Role, ServiceSettings
from services.chassis.store import Aggregate, Change, Found, Ref, Store

DIRECT = "direct"
"""The topic of the direct produce, without prefix."""


class Thing(Aggregate):
    """What the small command makes."""

    COLLECTION = "things"


def event_of(key: str) -> ReferralCompleted:
    """Return the event of the small command."""
    return ReferralCompleted(referral=key, claim="c1", outcome=Outcome.NEED_MET)


async def make(store: Store, key: str) -> None:
    """Carry out the small command: an aggregate and an event in one transaction."""
    ref = Ref(Thing, key)

    def create(found: Found) -> Change[None]:
        thing = found.get(ref) or Thing(id=key)
        return Change(None, [thing], [event_of(key)], "lincoln-high")

    await store.update([ref], create)


class ReaderSettings(ServiceSettings):
    """What a reader is told beside the usual."""

    bench_out: Path = Path("seen.txt")


def service() -> None:
    """Run the service whose events are waited for."""

    def build(chassis: Chassis[ServiceSettings]) -> Parts:
        router = APIRouter()

        @router.put("/things/{key}")
        async def put(key: str) -> dict[str, str]:
            await make(chassis.store, key)
            return {"id": key}

        @router.put("/nothing/{key}")
        async def nothing(key: str) -> dict[str, str]:
            return {"id": key}

        return Parts(routers=[router])

    run("referral", build, ServiceSettings)


def reader() -> None:
    """Run a worker that notes when it is handed an event."""
    from services.chassis.consumer.reactions import Reactions  # noqa: PLC0415 - this role's alone

    def build(chassis: Chassis[ReaderSettings]) -> Parts:
        out = chassis.settings.bench_out.open("a", buffering=1)
        reactions = Reactions()

        async def seen(event: ReferralCompleted, envelope: Envelope) -> None:
            del envelope
            note(out, event.key)

        reactions.on(ReferralCompleted, seen)
        return Parts(groups=[Group("bench", (REFERRALS.name,), reactions)])

    run("notify", build, ReaderSettings)


def direct() -> None:
    """Run the app that sends in its request handler."""
    settings = ServiceSettings(role=Role.API)
    topic = settings.topic(DIRECT)
    clock = SystemClock()

    async def serve() -> None:
        app = FastAPI()
        producer = AIOKafkaProducer(
            bootstrap_servers=settings.kafka, enable_idempotence=True, acks="all"
        )
        await producer.start()

        @app.put("/things/{key}")
        async def put(key: str) -> dict[str, str]:
            event = event_of(key)
            envelope = Envelope(new_id(), "enlace/bench", event.TYPE, key, clock.now(), 1)
            headers = cloudevents.encode(envelope)
            value = event.model_dump_json().encode()
            await producer.send_and_wait(topic, value, key=key.encode(), headers=headers)
            return {"id": key}

        config = uvicorn.Config(
            app, host=settings.host, port=settings.port, access_log=False, log_level="warning"
        )
        try:
            await uvicorn.Server(config).serve()
        finally:
            await producer.stop()

    asyncio.run(serve())


def plain() -> None:
    """Consume what was sent directly."""
    settings = ReaderSettings()

    async def consume() -> None:
        consumer = AIOKafkaConsumer(
            settings.topic(DIRECT),
            bootstrap_servers=settings.kafka,
            group_id=settings.topic("plain"),
            auto_offset_reset="earliest",
            fetch_max_wait_ms=100,
        )
        await consumer.start()
        try:
            with settings.bench_out.open("a", buffering=1) as out:
                async for record in consumer:
                    note(out, record.key.decode())
        finally:
            await consumer.stop()

    asyncio.run(consume())


def note(out: TextIO, key: str) -> None:
    """Write down when an event was handed over."""
    out.write(f"{key} {time.time_ns()}\n")


ROLES = {"service": service, "reader": reader, "direct": direct, "plain": plain}

if __name__ == "__main__":
    os.environ.setdefault("ENLACE_LOG_LEVEL", "warning")
    ROLES[sys.argv[1]]()
