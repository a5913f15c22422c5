"""Webhooks to a fast receiver, beside a bare loop of requests, and beside one that hangs."""

import asyncio
import contextlib
import json
import ssl
import statistics
import sys
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx2

from services.chassis.clock import SystemClock
from services.chassis.database import Database, connect
from services.chassis.events.log import EventLog
from services.chassis.ids import new_id
from services.chassis.lease import Lease
from services.chassis.privacy import ROOT_KEY_BYTES, Vault
from services.chassis.rates import Rates
from services.chassis.store import Change, Store
from services.chassis.tasks import end
from services.partner.model.agency import Agency
from services.partner.subscriptions.handlers import Desk, make_endpoint
from services.partner.subscriptions.model.endpoint import Endpoint
from services.partner.subscriptions.model.entry import CONTENT_TYPE, Entry, cloud_event, entry_id
from services.partner.subscriptions.model.kinds import Kind
from services.partner.subscriptions.model.lane import Lane, lane_id
from services.partner.subscriptions.model.signatures import ID
from services.partner.subscriptions.model.thread import KnownOffer, Thread
from services.partner.subscriptions.sending.courier import AT_ONCE, Courier
from services.partner.subscriptions.sending.pusher import Pusher
from services.partner.subscriptions.sending.resolve import SystemLookUp
from services.partner.subscriptions.store import create_indexes
from tests.benchmarks.measure import compare, profiled, rounds, until
from tests.benchmarks.report import AT_LEAST, AT_MOST, Result
from tests.servers import Cell

GOAL = 0.7
APART = 2.0
"""At most so many times the delay of the others where one endpoint in ten hangs."""

ENDPOINTS = 10
RATE = 100
"""Events a second beside the one that hangs: more than a large district's busiest minute."""

_ROOT = Path(__file__).parents[2]
_PAGE = 400


class Receiver:
    """The receiver's process."""

    def __init__(self, process: asyncio.subprocess.Process, port: int) -> None:
        self._process = process
        self._port = port
        self.came: dict[str, int] = {}

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._port}/{path}"

    async def ask(self) -> dict[str, int]:
        """Return when each id came first, in ns."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")
        self.came |= json.loads(await _line(self._process))
        return self.came


async def _line(process: asyncio.subprocess.Process) -> bytes:
    assert process.stdout is not None
    return await process.stdout.readline()


@contextlib.asynccontextmanager
async def _receiving() -> AsyncIterator[Receiver]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.benchmarks.webhook_receiver"),
        cwd=_ROOT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=2**26,
    )
    try:
        yield Receiver(process, int(await _line(process)))
    finally:
        process.kill()
        await process.wait()


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for one endpoint, as the feed's writer leaves it."""

    entry: Entry
    thread: Thread
    lane: Lane


class Webhooks:
    """Ten agencies' endpoints at one receiver, and an eleventh that hangs."""

    def __init__(self, database: Database, vault: Vault, receiver: Receiver, count: int) -> None:
        self._clock = clock = SystemClock()
        self._store = Store(database, EventLog(database, source="bench", clock=clock))
        self._desk = Desk(self._store, vault, clock, Rates(database, "key_calls", per_minute=0))
        self._receiver = receiver
        self._count = count
        self._numbers: dict[str, int] = {}
        self._good: list[Endpoint] = []
        self._hangs: list[Endpoint] = []

    async def prepare(self) -> None:
        """Enter the agencies and their endpoints."""
        await self._desk.vault.prepare()
        await self._store.log.create_indexes()
        await create_indexes(self._store)
        self._good = [await self._enter(f"good/{each}") for each in range(ENDPOINTS)]
        self._hangs = [await self._enter("hangs")]

    async def _enter(self, path: str) -> Endpoint:
        agency = Agency(id=new_id(), name="Invented agency")
        await self._store.update([], lambda _: Change(None, [agency]))
        url, now = self._receiver.url(path), self._clock.now()
        wish = Endpoint(id=new_id(), agency=agency.id, url=url, created_at=now)
        endpoint, _ = await make_endpoint(self._desk, wish)
        return endpoint

    async def ours(self) -> float:
        """Deliver what waits; returns deliveries a second."""
        wanted = await self._queue(self._count, self._good)
        async with self._pushing() as pusher:
            began = time.perf_counter()
            while await pusher.due():
                await pusher.start()
                await pusher.settled()
            taken = time.perf_counter() - began
        await self._arrived(wanted)
        return self._count / taken

    async def bare(self) -> float:
        """Post as many ready bodies, as many at a time; returns requests a second."""
        event = _waiting(self._good[0], 1)
        body = json.dumps(cloud_event(event.entry, event.thread)).encode()
        ids = [new_id() for _ in range(self._count)]
        waiting = iter(ids)

        async def work(http: httpx2.AsyncClient, url: str) -> None:
            for id in waiting:
                answer = await http.post(
                    url, content=body, headers={ID: id, "Content-Type": CONTENT_TYPE}
                )
                answer.raise_for_status()

        async with contextlib.AsyncExitStack() as stack:
            https = [
                await stack.enter_async_context(httpx2.AsyncClient(trust_env=False))
                for _ in self._good
            ]
            began = time.perf_counter()
            await asyncio.gather(
                *(
                    work(http, endpoint.url)
                    for http, endpoint in zip(https, self._good, strict=True)
                    for _ in range(AT_ONCE)
                )
            )
            taken = time.perf_counter() - began
        await self._arrived(ids)
        return self._count / taken

    async def alone(self) -> float:
        """Return the others' p95 in ms, from queued to received, where none hangs."""
        return await self._delay(self._good[0])

    async def beside(self) -> float:
        """Return the same where a tenth of all goes to an endpoint that hangs."""
        return await self._delay(self._hangs[0])

    async def _delay(self, tenth: Endpoint) -> float:
        queued: dict[str, int] = {}
        async with self._pushing() as pusher:
            task = asyncio.create_task(pusher.run())
            loop = asyncio.get_running_loop()
            began = loop.time()
            for number in range(self._count // 4):
                await asyncio.sleep(began + number / RATE - loop.time())
                place = number % ENDPOINTS
                now = time.time_ns()
                (id,) = await self._queue(1, [tenth if place == 0 else self._good[place]])
                queued |= {} if place == 0 else {id: now}
            await self._arrived(list(queued))
            await end([task])
        await self._store.collection(Lane).delete_many({"endpoint": tenth.id})
        delays = [(self._receiver.came[id] - at) / 1e6 for id, at in queued.items()]
        return statistics.quantiles(delays, n=20)[-1]

    @contextlib.asynccontextmanager
    async def _pushing(self) -> AsyncIterator[Pusher]:
        names = SystemLookUp()
        trust = ssl.create_default_context()
        desk, store = self._desk, self._store
        courier = Courier(desk, names, local=True, trust=trust)
        lease = Lease(store.database, "webhooks")
        try:
            yield Pusher(store, desk.clock, courier, lease)
        finally:
            await lease.release()
            await courier.close()
            names.close()

    async def _queue(self, count: int, endpoints: Sequence[Endpoint]) -> list[str]:
        """Let so many events wait, in turns; returns their ids."""
        made: list[Waiting] = []
        for number in range(count):
            endpoint = endpoints[number % len(endpoints)]
            place = self._numbers[endpoint.id] = self._numbers.get(endpoint.id, 0) + 1
            made.append(_waiting(endpoint, place))
        for start in range(0, count, _PAGE):
            page = made[start : start + _PAGE]
            kept = [part for each in page for part in (each.entry, each.thread, each.lane)]
            await self._store.update([], lambda _, kept=kept: Change(None, kept))  # type: ignore[misc] # bound
        return [each.entry.event for each in made]

    async def _arrived(self, wanted: Sequence[str]) -> None:
        """Wait until all have come.

        Raises:
            TimeoutError: one was lost.
        """

        async def all_there() -> bool:
            return set(wanted) <= set(await self._receiver.ask())

        await until(all_there)


def _waiting(endpoint: Endpoint, place: int) -> Waiting:
    referral, offer, service, now = new_id(), new_id(), "svc-bench", datetime.now(UTC)
    entry = Entry(
        id=entry_id(endpoint.agency, place),
        agency=endpoint.agency,
        number=place,
        event=new_id(),
        kind=Kind.OPENED,
        time=now,
        referral=referral,
        offer=offer,
        service=service,
        data={
            "site": "site-01",
            "category": "dental",
            "bands": {"age": "7-9", "language": "es", "zip3": "937"},
            "answer_by": now.isoformat(),
        },
    )
    known = KnownOffer(id=offer, agency=endpoint.agency, service=service, round=1)
    lane = Lane(
        id=lane_id(endpoint.id, referral),
        endpoint=endpoint.id,
        agency=endpoint.agency,
        referral=referral,
    )
    return Waiting(entry, Thread(id=referral, offers=(known,)), lane.put([place], now))


async def run(cell: Cell, folder: Path, *, short: bool) -> list[Result]:
    """Measure."""
    client = connect(cell.mongo_uri, app="enlace-bench")
    database = Database(client, f"{cell.database_prefix}webhooks")
    vault = Vault(client, f"{database.name}_keys", b"w" * ROOT_KEY_BYTES)
    count, turns = (40, 1) if short else (4_000, 5)
    try:
        async with _receiving() as receiver:
            side = Webhooks(database, vault, receiver, count)
            await side.prepare()
            sent = await rounds({"webhooks": side.ours, "bare": side.bare}, turns)
            apart = await rounds({"alone": side.alone, "beside": side.beside}, min(turns, 3))
            speed = compare(
                "webhooks",
                f"Deliveries a second of {count:,} events that wait for {ENDPOINTS} endpoints of a "
                f"fast receiver in another process, {AT_ONCE} at a time each: held, read and "
                "looked at again, signed, sent, their answers sealed, logged and settled; beside "
                "as many clients that post ready bodies, and keep nothing.",
                "deliveries/s",
                ours=("webhooks", sent["webhooks"]),
                other=("bare requests", sent["bare"]),
                goal=None if short else GOAL,
                direction=AT_LEAST,
                kind="limit",
            )
            if speed.met is False:
                speed.notes.append(await profiled(side.ours, folder / "profile-webhooks.txt"))
        hanging = compare(
            "webhooks-apart",
            f"p95 from an event that waits to its arrival, {RATE} events a second, where a tenth "
            "of them goes to an endpoint that never answers; beside the same where none hangs.",
            "ms",
            ours=("one hangs", apart["beside"]),
            other=("none hangs", apart["alone"]),
            goal=None if short else APART,
            direction=AT_MOST,
            kind="parts",
        )
    finally:
        await vault.close()
        for each in (database.name, f"{database.name}_keys"):
            await client.drop_database(each)
        await client.close()
    return [speed, hanging]
