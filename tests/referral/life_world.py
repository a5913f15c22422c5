"""The running service on a loop of its own, for tests that are no coroutines."""

import asyncio
import contextlib
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest

from contracts import cloudevents
from contracts.cloudevents import Envelope
from contracts.event import Event
from services.chassis.clock import FixedClock
from services.chassis.consumer.incoming import read_parts
from services.chassis.ids import new_id
from services.chassis.timers import Sweep
from services.referral.consumer import reactions
from services.referral.handlers.desk import Desk
from services.referral.handlers.referrals import tick
from services.referral.main import build
from services.referral.model.referral import Referral
from services.referral.model.rules import Rules
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.referral.test_api import PEOPLE
from tests.running import Running, running
from tests.servers import Cell

T = TypeVar("T")


class World:
    """The running service, and the loop it runs on."""

    def __init__(
        self, runner: asyncio.Runner, service: Running, keys: Path, clock: FixedClock
    ) -> None:
        self._runner = runner
        self.service, self.keys, self.clock = service, keys, clock
        self.desk = Desk(service.chassis.store, clock, Rules)
        self.table = reactions(self.desk)
        self.sweep = Sweep(
            service.chassis.store, clock, Referral, lambda r, n: tick(self.desk, r, n)
        )

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Let the service work."""
        return self._runner.run(work)

    def tell(self, event: Event) -> None:
        """Apply an event of another service, as from Kafka."""
        envelope = Envelope(new_id(), "enlace/test", event.TYPE, event.key, self.clock.now(), 1)
        record = read_parts(
            topic=event.TOPIC.name,
            partition=0,
            offset=0,
            raw_key=event.key.encode(),
            headers=tuple(cloudevents.encode(envelope)),
            value=event.model_dump_json().encode(),
        )
        self.do(self.service.chassis.database.transact(lambda: self.table.apply([record])))


@pytest.fixture
def world(cell: Cell, tmp_path: Path) -> Iterator[World]:
    """Run the service on a loop that a test which is no coroutine can use."""
    clock = FixedClock(NOW)
    with asyncio.Runner() as runner:
        stack = contextlib.AsyncExitStack()
        service = running("referral", build, ReferralSettings, cell, tmp_path, PEOPLE, clock=clock)
        try:
            entered = runner.run(stack.enter_async_context(service))
            yield World(runner, entered, tmp_path, clock)
        finally:
            runner.run(stack.aclose())
