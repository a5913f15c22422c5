"""A steady load: so many new referrals a second, each gone to its end, whatever is killed."""

import asyncio
import itertools
import random
import time
from collections import Counter
from dataclasses import dataclass, field

from services.chassis.tasks import end
from tests.faults.agencies import Agencies, Interface, Page
from tests.faults.client import Client
from tests.faults.district import District
from tests.faults.journeys import FAILURES, WAIT, Desk, Journey, draw
from tests.faults.seen import Finding, Said, Told, lost
from tests.faults.system import Installation
from tests.faults.watcher import Watcher

_FINISH = 120.0  # seconds in which every journey must end after the last one has begun


@dataclass(slots=True)
class Done:
    """What a stretch of load came to.

    Attributes:
        begun: referrals that were begun.
        answers: 2xx answers by kind.
        repeats: requests that had to be sent again.
        pause_creates: longest time without a successful create, in seconds.
        pause_events: longest time in which no acceptance came through all services, in seconds.
        stuck: journeys that could not be gone to the end.
    """

    begun: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    repeats: int = 0
    pause_creates: float = 0.0
    pause_events: float = 0.0
    stuck: list[Finding] = field(default_factory=list)


class Load:
    """Clients of one installation.

    Args:
        rate: new referrals a second.

    Attributes:
        told: every promise since the start, the ledger that the audit starts from.
    """

    def __init__(
        self, installation: Installation, district: District, client: Client, rate: float
    ) -> None:
        self.told: list[Told] = []
        self._district = district
        self._client = client
        self._rate = rate
        self._chance = random.Random(20261013)
        self._children = itertools.cycle(district.children)
        self._whole = bool(district.services)
        self.watcher = Watcher(installation.kafka.bootstrap, installation.provider_ids)
        self._desk = Desk(
            client=client,
            watcher=self.watcher,
            referral_url=installation.url("referral"),
            token=installation.token("coordinator-01"),
            agencies=Agencies(
                installation.link_key,
                (
                    Interface(client, installation.url("partner")),
                    Page(client, installation.url("portal")),
                ),
                WAIT,
            ),
            tell=self.told.append,
        )
        self._begun: list[tuple[Journey, asyncio.Task[None]]] = []
        self._pacer: asyncio.Task[None] | None = None
        self._since = 0.0
        self._told_before = 0
        self._repeats_before = 0

    def begin(self, *, rate: float | None = None) -> None:
        """Begin to make referrals, until `end`."""
        self._since = time.monotonic()
        self._told_before = len(self.told)
        self._repeats_before = self._client.repeats
        self._begun = []
        self._pacer = asyncio.create_task(self._pace(rate or self._rate))

    async def end(self) -> Done:
        """Begin no more, go every journey to its end, and return what it came to."""
        if self._pacer is not None:
            await end([self._pacer])
        stopped = time.monotonic()
        tasks = [task for _, task in self._begun]
        if tasks:
            await asyncio.wait(tasks, timeout=_FINISH)
        told = self.told[self._told_before :]
        creates = [each.at for each in told if each.said is Said.CREATED]
        return Done(
            begun=len(self._begun),
            answers=Counter(each.said.value for each in told),
            repeats=self._client.repeats - self._repeats_before,
            pause_creates=longest_pause(creates, self._since, stopped),
            pause_events=longest_pause(self.watcher.accepted_at, self._since, stopped),
            stuck=[finding for each in self._begun if (finding := _stuck(*each))],
        )

    async def _pace(self, rate: float) -> None:
        """Begin journeys at even distances, whether or not earlier ones have come through."""
        begins = time.monotonic()
        for number in itertools.count():
            await asyncio.sleep(max(0.0, begins + number / rate - time.monotonic()))
            pair = self._district.two_services(self._chance)
            journey = Journey(self._desk, next(self._children), pair, draw(self._chance))
            going = asyncio.create_task(journey.go(to_the_end=self._whole))
            self._begun.append((journey, going))

    async def stop(self) -> None:
        """Drop whatever still goes on."""
        tasks = [task for _, task in self._begun]
        if self._pacer is not None:
            tasks.append(self._pacer)
        await end(tasks)
        await self.watcher.stop()


def longest_pause(moments: list[float], begin: float, end: float) -> float:
    """Return the longest time between two moments of a stretch, its ends included."""
    inside = sorted(at for at in moments if begin <= at <= end)
    edges = [begin, *inside, end]
    return max(after - before for before, after in itertools.pairwise(edges))


def _stuck(journey: Journey, task: "asyncio.Task[None]") -> Finding | None:
    if not task.done():
        task.cancel()
        return lost("a client could not go on", journey.id, f"still {journey.step}")
    error = task.exception()
    if error is None:
        return None
    if not isinstance(error, FAILURES):
        raise error
    return lost("a client could not go on", journey.id, f"{journey.step}: {error}")
