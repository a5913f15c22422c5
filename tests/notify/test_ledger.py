"""The worker dies at each step of a sending: one copy on the phone at most, and none lost unseen.

The steps are those of `services/notify/sending/dispatch.py`. Others go on, with nothing but what
stands in the database.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import ClassVar

import pytest

from contracts.codes import Channel
from services.chassis.lease import Lease
from services.chassis.tasks import end
from services.notify.main import tools_for
from services.notify.model.message import Report
from services.notify.providers.base import Found, Parcel, Provider
from services.notify.sending.worker import Worker
from tests.notify.build import PHONE, created, mother, offered
from tests.notify.world import World, until

REF = "019ab000-0000-7000-8000-000000000001"
STEPS = ("before the intent", "before the call", "before the answer is kept")
RECEIPTS = ("told", "told late", "lost")


@dataclass
class Dying(Provider):
    """A provider at which the worker stops, before or after the call, until it is killed."""

    name: ClassVar[str] = "dying"
    carrier: Provider
    step: str
    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def _send(self, parcel: Parcel) -> Report:
        if self.step == "before the answer is kept":
            await self.carrier.send(parcel)
        self.reached.set()
        await asyncio.Event().wait()
        raise AssertionError

    async def look_up(self, to: str, since: datetime) -> Sequence[Found]:
        return await self.carrier.look_up(to, since)


@pytest.fixture
async def heirs(notify: World) -> AsyncIterator[list[Worker]]:
    """Two workers of processes that start when the first one is dead."""
    tools = [tools_for(notify.chassis) for _ in range(2)]
    yield [Worker(each, Lease(notify.chassis.database, "sending")) for each in tools]
    for each in tools:
        await each.book.close()
        for provider in each.providers.values():
            await provider.close()


async def die_at(notify: World, step: str) -> None:
    """Run a worker until it is at this step, and kill it there."""
    if step == "before the intent":
        notify.referral.answering.clear()
        working = asyncio.create_task(notify.work())
        await until(lambda: asyncio.sleep(0, bool(notify.referral.asked)), seconds=60)
        await end([working])
        notify.referral.answering.set()
        return
    dying = Dying(notify.tools.providers[Channel.SMS], step)
    tools = replace(notify.tools, providers={Channel.SMS: dying})
    worker = Worker(tools, Lease(notify.chassis.database, "sending"))
    dead = asyncio.create_task(_once(worker))
    async with asyncio.timeout(60):
        await dying.reached.wait()
    await end([dead])


async def _once(worker: Worker) -> None:
    await worker.once()


@pytest.mark.parametrize("receipt", RECEIPTS)
@pytest.mark.parametrize("step", STEPS)
async def test_a_worker_that_dies_leaves_one_copy_at_most_and_none_unseen(
    notify: World, heirs: list[Worker], step: str, receipt: str
) -> None:
    if receipt == "lost":
        notify.carrier.rules({"action": "drop"})
    if receipt == "told late":
        notify.carrier.rules({"action": "delay", "seconds": 2})
    await notify.person(mother())
    await notify.happens(created(REF), offered(REF))
    await die_at(notify, step)
    for _ in range(8):
        await asyncio.gather(*[each.once() for each in heirs])
        notify.advance(timedelta(seconds=31))
    taken = step != "before the call"
    if taken and receipt == "told late":
        await notify.reaches("delivered")
    message = await notify.message()
    on_phone = [each for each in notify.carrier.phone(PHONE) if each["direction"] != "inbound"]
    assert len(on_phone) == (1 if taken else 0)
    if taken:
        assert message.state in {"sent", "delivered"}
        assert message.provider_id is not None
    else:
        assert message.state == "unknown"
        for _ in range(3):
            notify.advance(timedelta(minutes=8))
            await asyncio.gather(*[each.once() for each in heirs])
        listed = (await notify.get("/v1/messages?state=unknown", "rosa")).json()["items"]
        assert [each["id"] for each in listed] == [message.id], "a person is shown it"
        assert notify.texts() == []


async def test_a_carrier_that_dies_after_taking_a_text_has_it_once(
    notify: World, heirs: list[Worker]
) -> None:
    notify.carrier.rules({"action": "hang"}, {"action": "drop"})
    await notify.person(mother())
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    assert (await notify.message()).state == "unknown"
    notify.carrier.stop()
    for _ in range(3):
        await asyncio.gather(*[each.once() for each in heirs])
        notify.advance(timedelta(seconds=31))
    assert (await notify.message()).state == "unknown", "nobody can tell"
    notify.carrier.start()
    for _ in range(3):
        notify.advance(timedelta(seconds=31))
        await asyncio.gather(*[each.once() for each in heirs])
    assert (await notify.message()).state in {"sent", "delivered"}
    assert len(notify.texts()) == 1
