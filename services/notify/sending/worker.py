"""The worker: looks at what is due, some at a time, in one process of the service at a time."""

import asyncio
from collections.abc import Awaitable, Callable

import structlog
from pymongo.errors import PyMongoError

from services.chassis.consumer.reactions import describe
from services.chassis.database import is_passing
from services.chassis.lease import Lease
from services.chassis.tasks import together
from services.chassis.telemetry import continuing
from services.notify.model.message import Message, State
from services.notify.model.notice import Notice
from services.notify.model.rules import Priority
from services.notify.sending.dispatch import send
from services.notify.sending.expand import look
from services.notify.sending.settle import give_up_waiting, settle
from services.notify.sending.tools import Tools
from services.notify.store import due

log = structlog.get_logger()

BATCH = 100
AT_ONCE = {Priority.HASTE: 4, Priority.USUAL: 8, Priority.BULK: 3}
"""How many of each priority are in hand at once."""

_FIRST_PENALTY = 5.0
_LONGEST_PENALTY = 600.0


class Worker:
    """Sends what is due, each priority in a lane of its own.

    A carrier that is slow with a thousand digests keeps their lane busy, and no answer or offer
    waits behind them.

    Args:
        lease: keeps a second worker idle; what both should do all the same is done once, since
            every step is a change of the version that was read.
    """

    def __init__(self, tools: Tools, lease: Lease) -> None:
        self._tools = tools
        self._lease = lease
        self._slots = {lane: asyncio.Semaphore(places) for lane, places in AT_ONCE.items()}
        self._penalties: dict[str, tuple[float, float]] = {}

    async def run(self, *, every: float = 0.25) -> None:
        """Work until cancelled."""
        await together(*[self._run(lane, every) for lane in Priority])

    async def _run(self, lane: Priority, every: float) -> None:
        while True:
            try:
                if await self._lease.hold() and await self._once(lane) >= BATCH:
                    continue
            except PyMongoError as error:
                log.warning("worker.waiting", error=type(error).__name__)
            await asyncio.sleep(every)

    async def once(self) -> int:
        """Do what is due now; returns how many notices and messages were looked at."""
        return sum([await self._once(lane) for lane in Priority])

    async def _once(self, lane: Priority) -> int:
        if lane is Priority.USUAL:
            await self._tools.book.index_new()
        notices = await self._due(Notice, lane)
        await asyncio.gather(*[self._guard(each, lane, self._look) for each in notices])
        # Afterwards, so that a message is on its way in the round in which its cause was seen.
        messages = await self._due(Message, lane)
        await asyncio.gather(*[self._guard(each, lane, self._move) for each in messages])
        return len(notices) + len(messages)

    async def _due(self, kind: type[Notice] | type[Message], lane: Priority) -> list[str]:
        time = asyncio.get_running_loop().time()
        held = {each for each, (until, _) in self._penalties.items() if until > time}
        return await due(
            self._tools.store, kind, lane, self._tools.clock.now(), limit=BATCH, without=held
        )

    async def _look(self, id: str) -> None:
        notice = await self._tools.store.get(Notice, id)
        if notice is not None:
            with continuing(notice.trace, "tell", id=id):
                await look(self._tools, id)

    async def _move(self, id: str) -> None:
        message = await self._tools.store.get(Message, id)
        if message is not None:
            with continuing(message.trace, "message", id=id):
                await self._move_on(message)

    async def _move_on(self, message: Message) -> None:
        match message.state:
            case State.SENDING:
                await give_up_waiting(self._tools, message)
            case State.UNKNOWN:
                await settle(self._tools, message)
            case _:
                await send(self._tools, message.id)

    async def _guard(self, id: str, lane: Priority, work: Callable[[str], Awaitable[None]]) -> None:
        """Keep one that fails from holding up the others."""
        async with self._slots[lane]:
            try:
                await work(id)
            except Exception as error:  # noqa: BLE001 - the boundary
                if is_passing(error):
                    log.warning("worker.waiting", id=id, error=type(error).__name__)
                    return
                time = asyncio.get_running_loop().time()
                _, penalty = self._penalties.get(id, (0.0, _FIRST_PENALTY / 2))
                penalty = min(penalty * 2, _LONGEST_PENALTY)
                self._penalties[id] = (time + penalty, penalty)
                log.error(  # noqa: TRY400 - a traceback's texts could hold whom it was for
                    "worker.refused",
                    id=id,
                    error=describe(error),
                    next=f"tried again in {penalty:.0f} s; the others go on",
                )
            else:
                self._penalties.pop(id, None)
