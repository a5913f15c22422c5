"""The worker that pushes, in one process of the service at a time.

Each endpoint with work has a task and connections of its own: none waits for another that hangs.
"""

import asyncio

import structlog
from pymongo.errors import PyMongoError

from services.chassis.clock import Clock
from services.chassis.consumer.reactions import describe
from services.chassis.database import is_passing
from services.chassis.lease import Lease
from services.chassis.store import Store
from services.chassis.tasks import end
from services.partner.subscriptions.sending.courier import Courier
from services.partner.subscriptions.store import count_due, enabled, with_work

log = structlog.get_logger()

_FIRST_PENALTY = 5.0
_LONGEST_PENALTY = 600.0


class Pusher:
    """Delivers what is due."""

    def __init__(self, store: Store, clock: Clock, courier: Courier, lease: Lease) -> None:
        self._store = store
        self._clock = clock
        self._courier = courier
        self._lease = lease
        self._serving: dict[str, asyncio.Task[None]] = {}
        self._penalties: dict[str, tuple[float, float]] = {}

    async def run(self, *, every: float = 0.25) -> None:
        """Work until cancelled."""
        try:
            while True:
                try:
                    if await self._lease.hold():
                        await self.start()
                except PyMongoError as error:
                    log.warning("pusher.waiting", error=type(error).__name__)
                await asyncio.sleep(every)
        finally:
            await end(self._serving.values())

    async def start(self) -> None:
        """Let every endpoint that has work be served; returns at once."""
        waiting = await with_work(self._store, self._clock.now())
        if not waiting:
            return
        time = asyncio.get_running_loop().time()
        for endpoint in await enabled(self._store):
            held, _ = self._penalties.get(endpoint.id, (0.0, 0.0))
            if endpoint.id in waiting and endpoint.id not in self._serving and held <= time:
                self._serving[endpoint.id] = asyncio.create_task(self._serve(endpoint.id))

    async def settled(self) -> None:
        """Wait until every delivery that was begun has ended."""
        while self._serving:
            await asyncio.wait(list(self._serving.values()))

    async def due(self) -> int:
        """Return how many deliveries are due now or under way."""
        return len(self._serving) + await count_due(self._store, self._clock.now())

    async def _serve(self, endpoint: str) -> None:
        """Deliver to one endpoint until nothing is due there, or it fails."""
        try:
            while await self._courier.deliver(endpoint):
                pass
            self._penalties.pop(endpoint, None)
        except Exception as error:  # noqa: BLE001 - the boundary: one must not hold up the others
            self._put_off(endpoint, error)
        finally:
            self._serving.pop(endpoint, None)

    def _put_off(self, endpoint: str, error: Exception) -> None:
        if is_passing(error):
            log.warning("pusher.waiting", endpoint=endpoint, error=type(error).__name__)
            return
        time = asyncio.get_running_loop().time()
        _, penalty = self._penalties.get(endpoint, (0.0, _FIRST_PENALTY / 2))
        penalty = min(penalty * 2, _LONGEST_PENALTY)
        self._penalties[endpoint] = (time + penalty, penalty)
        log.error(
            "pusher.refused",
            endpoint=endpoint,
            error=describe(error),
            next=f"tried again in {penalty:.0f} s; the others go on",
        )
