"""From a request to its event in another process, beside a direct produce and beside its parts."""

import asyncio
import contextlib
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from deploy.local.servers import ports
from services.chassis.clock import SystemClock
from services.chassis.events.log import EventLog
from services.chassis.ids import new_id
from services.chassis.keys import make_keys
from services.chassis.store import Store
from services.chassis.tasks import end
from tests.benchmarks import load
from tests.benchmarks.delay_apps import DIRECT, make
from tests.benchmarks.measure import say, until
from tests.benchmarks.report import AT_MOST, Figure, Result
from tests.servers import Cell

RATE = 50.0
"""Requests a second: a large district's busiest minute."""

_PARTS = "parts"
_MODULE = "tests.benchmarks.delay_apps"


@dataclass(slots=True)
class Way:
    """One way from a request to a reader."""

    name: str
    url: str
    seen: Path


class Delay:
    """The ways, and the parts measured by themselves."""

    def __init__(self, cell: Cell, folder: Path, seconds: float) -> None:
        self._cell = cell
        self._folder = folder
        self._count = int(RATE * seconds)
        # Connections rest while the other sides run; the server closes those that rest for 5 s.
        self._http = httpx2.AsyncClient(timeout=30, limits=httpx2.Limits(keepalive_expiry=2))

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[tuple[Way, Way]]:
        """Run both ways' processes until the block ends."""
        keys = self._folder / "keys"
        make_keys(keys)
        await load.create_topic(self._cell)
        await load.create_topic(self._cell, DIRECT)
        ours = Way("enlace", self._address(), self._folder / "enlace.txt")
        direct = Way("direct", self._address(), self._folder / "direct.txt")
        async with contextlib.AsyncExitStack() as stack:
            for role, port, out in (
                ("service", ours.url.rpartition(":")[2], None),
                ("reader", str(ports.free_port()), ours.seen),
                ("direct", direct.url.rpartition(":")[2], None),
                ("plain", "0", direct.seen),
            ):
                await stack.enter_async_context(self._process(role, port, out, keys))
            for way in (ours, direct):
                await until(lambda way=way: self._goes_through(way))  # type: ignore[misc] # bound
            yield ours, direct
        await self._http.aclose()

    def _address(self) -> str:
        return f"http://127.0.0.1:{ports.free_port()}"

    @contextlib.asynccontextmanager
    async def _process(
        self, role: str, port: str, out: Path | None, keys: Path
    ) -> AsyncIterator[None]:
        given = {
            "ENLACE_CELL": self._cell.name,
            "ENLACE_KAFKA": self._cell.kafka,
            "ENLACE_MONGO_URI": self._cell.mongo_uri,
            "ENLACE_KEYS_DIR": str(keys),
            "ENLACE_PORT": port,
            "ENLACE_BENCH_OUT": str(out or self._folder / "unused.txt"),
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", _MODULE, role, env={**os.environ, **given}
        )
        try:
            yield
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)
            try:
                async with asyncio.timeout(20):
                    await process.wait()
            except TimeoutError:
                process.kill()
                await process.wait()

    async def _goes_through(self, way: Way) -> bool:
        """Tell whether one request's event has arrived."""
        with contextlib.suppress(httpx2.HTTPError):
            await self._http.put(f"{way.url}/things/{new_id()}")
            await asyncio.sleep(0.5)
        return await asyncio.to_thread(lambda: way.seen.exists() and bool(_seen(way.seen)))

    async def delays(self, way: Way) -> list[float]:
        """Send requests at the rate; return each one's milliseconds to its reader."""
        began: dict[str, int] = {}

        async def put() -> None:
            key = new_id()
            began[key] = time.time_ns()
            (await self._http.put(f"{way.url}/things/{key}")).raise_for_status()

        await self._at_rate(put)

        async def arrived() -> bool:
            return set(began) <= set(await asyncio.to_thread(_seen, way.seen))

        await until(arrived)
        seen = _seen(way.seen)
        return [(seen[key] - start) / 1e6 for key, start in began.items()]

    async def http(self, way: Way) -> list[float]:
        """Return the milliseconds of requests that do nothing, through the same app."""

        async def put() -> None:
            (await self._http.put(f"{way.url}/nothing/{new_id()}")).raise_for_status()

        return await self._at_rate(put)

    async def transaction(self, store: Store) -> list[float]:
        """Return the milliseconds of the command's transaction by itself."""
        return await self._at_rate(lambda: make(store, new_id()))

    async def produce_and_fetch(self) -> list[float]:
        """Return the milliseconds from a produce to its record in a consumer's hands."""
        topic = f"{self._cell.topic_prefix}{_PARTS}"
        producer = AIOKafkaProducer(
            bootstrap_servers=self._cell.kafka, enable_idempotence=True, acks="all"
        )
        consumer = AIOKafkaConsumer(topic, bootstrap_servers=self._cell.kafka)
        await producer.start()
        await consumer.start()
        await consumer.seek_to_end()
        for place in consumer.assignment():
            await consumer.position(place)  # known now: what is sent from here on is seen
        arrivals: dict[bytes, asyncio.Future[None]] = {}

        async def read() -> None:
            async for record in consumer:
                arrivals[record.value].set_result(None)

        reading = asyncio.ensure_future(read())

        async def send() -> None:
            value = new_id().encode()
            arrivals[value] = asyncio.get_running_loop().create_future()
            await producer.send_and_wait(topic, value, key=value)
            await arrivals[value]

        try:
            return await self._at_rate(send)
        finally:
            await end([reading])
            await consumer.stop()
            await producer.stop()

    async def _at_rate(self, work: Callable[[], Awaitable[None]]) -> list[float]:
        """Start work at the rate, however long each takes; return the milliseconds of each."""
        took: list[float] = []

        async def timed() -> None:
            start = time.perf_counter()
            await work()
            took.append((time.perf_counter() - start) * 1000)

        loop = asyncio.get_running_loop()
        start = loop.time()
        async with asyncio.TaskGroup() as group:
            for number in range(self._count):
                await asyncio.sleep(start + number / RATE - loop.time())
                group.create_task(timed())
        return took


def _seen(path: Path) -> dict[str, int]:
    """Return when each key was first handed over, in ns since 1970."""
    found: dict[str, int] = {}
    lines = path.read_text().split("\n")
    for line in lines[:-1]:  # the last one may be half written
        key, _, when = line.partition(" ")
        found.setdefault(key, int(when))
    return found


async def run(cell: Cell, folder: Path, *, short: bool) -> list[Result]:
    """Measure."""
    found: dict[str, list[list[float]]] = {}
    with tempfile.TemporaryDirectory(prefix="enlace-bench-") as home:
        work = Delay(cell, Path(home), 1 if short else 4)
        await load.create_topic(cell, _PARTS)
        async with (
            work.running() as (ours, direct),
            load.database(cell, "parts") as data,
            load.database(cell, "referral"),
            load.database(cell, "notify"),
        ):
            log = EventLog(data, source="enlace/referral", clock=SystemClock())
            await log.create_indexes()
            store = Store(data, log)
            sides: dict[str, Callable[[], Awaitable[list[float]]]] = {
                "enlace": lambda: work.delays(ours),
                "direct": lambda: work.delays(direct),
                "HTTP": lambda: work.http(ours),
                "transaction": lambda: work.transaction(store),
                "produce and fetch": work.produce_and_fetch,
            }
            for number in range(1) if short else range(-1, 5):
                for name, side in sides.items():
                    times = await side()
                    say(f"  round {number + 1}: {name} p50 {statistics.median(times):.1f} ms")
                    if number >= 0:
                        found.setdefault(name, []).append(times)
    results = _results(found)
    if not short and results[0].met is False:
        path = folder / "profile-request-to-reader.txt"
        results[0].notes.append(_explain(found, path))
    return results


def _results(found: dict[str, list[list[float]]]) -> list[Result]:
    parts = ("HTTP", "transaction", "produce and fetch")
    middles = {name: [statistics.median(times) for times in found[name]] for name in found}
    sums = [sum(values) for values in zip(*(middles[part] for part in parts), strict=True)]
    ours = _pooled("enlace p50", middles["enlace"])
    what = (
        f"A `PUT` at {RATE:.0f} requests a second to its event in the hands of a handler in "
        "another process: HTTP app, transaction, event log, change stream, relay, Kafka, consumer"
    )
    single = ", ".join(f"{part} {statistics.median(middles[part]):.1f} ms" for part in parts)
    late = {
        name: [statistics.quantiles(times, n=100)[98] for times in found[name]]
        for name in ("enlace", "direct")
    }
    beside = f"{what}, beside a produce in the request handler that a plain consumer reads"
    return [
        Result(
            "request-to-reader",
            f"{what}, beside the sum of its parts, each measured alone.",
            "ms",
            ours,
            _pooled("parts p50", sums),
            _ratio(middles["enlace"], sums),
            1.5,
            AT_MOST,
            "parts",
            [f"Parts, p50: {single}."],
        ),
        Result(
            "request-to-reader-direct",
            f"{beside} (which loses an event when it fails between database and broker).",
            "ms",
            ours,
            _pooled("direct p50", middles["direct"]),
            _ratio(middles["enlace"], middles["direct"]),
            None,
            AT_MOST,
            "peer",
        ),
        Result(
            "request-to-reader-p99",
            f"{beside}; the slowest of a hundred.",
            "ms",
            _pooled("enlace p99", late["enlace"]),
            _pooled("direct p99", late["direct"]),
            _ratio(late["enlace"], late["direct"]),
            None,
            AT_MOST,
            "peer",
        ),
    ]


def _pooled(name: str, values: Sequence[float]) -> Figure:
    return Figure(name, statistics.median(values), tuple(values))


def _ratio(ours: Sequence[float], other: Sequence[float]) -> float:
    return statistics.median(mine / its for mine, its in zip(ours, other, strict=True))


def _explain(found: dict[str, list[list[float]]], path: Path) -> str:
    """Write what each part took, and what is left for the way between them."""
    middles = {
        name: statistics.median(time for times in rounds for time in times)
        for name, rounds in found.items()
    }
    left = middles["enlace"] - sum(
        middles[part] for part in ("HTTP", "transaction", "produce and fetch")
    )
    lines = [f"{name}: p50 {value:.2f} ms" for name, value in middles.items()]
    lines.append(
        f"left for waking the relay, reading the log and the reader's slice: {left:.2f} ms"
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")
    return f"Goal missed; {lines[-1]} (`{path.name}`)."
