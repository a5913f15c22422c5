"""The sandbox's own database, and what happens in it.

What an agency meets there is the service itself, over another database whose event log goes to no
broker: each event is handed, in order, to the feeds, to the decisions that referral's events lead
to, and to the invented school. So nothing that is played reaches a family, a count or another
agency.
"""

from collections.abc import Sequence

import structlog
from pymongo.errors import PyMongoError

from contracts import cloudevents
from contracts.provider import ProviderIds
from services.chassis.clock import Clock
from services.chassis.consumer.applier import Applier, RefusedError
from services.chassis.consumer.incoming import Incoming
from services.chassis.database import Document
from services.chassis.events.log import LoggedEvent
from services.chassis.events.waker import LogWaker
from services.chassis.lease import Lease
from services.chassis.store import Change, Found, Ref, Store
from services.partner.sandbox.model import KEPT, Invented

log = structlog.get_logger()

_PAGE = 100
_LOOK_SECONDS = 5.0


class World:
    """What is played, by whoever asks and by the worker alike: each event is handed on once."""

    def __init__(
        self, store: Store, clock: Clock, ids: ProviderIds, appliers: Sequence[Applier]
    ) -> None:
        self.store = store
        self._clock = clock
        self._ids = ids
        self._appliers = appliers
        self._waker = LogWaker(store.database)
        self._lease = Lease(store.database, "sandbox")

    async def prepare(self) -> None:
        """Index what is looked for, and let what was played go after a month."""
        await self.store.log.create_indexes()
        seconds = int(KEPT.total_seconds())
        rows = self.store.collection(Invented)
        await rows.create_index("changed_at", expireAfterSeconds=seconds)
        await rows.create_index([("agency", 1), ("_id", -1)])

    async def watch(self) -> None:
        """Watch for what happens until cancelled."""
        await self._waker.run()

    async def run(self) -> None:
        """Hand on what happens until cancelled."""
        while True:
            try:
                if await self._lease.hold():
                    await self.play()
            except PyMongoError as error:
                log.warning("sandbox.waiting", error=type(error).__name__)
            await self._waker.wait(_LOOK_SECONDS)

    async def play(self) -> None:
        """Hand on what has happened, and what comes of that, until nothing is left.

        Raises:
            PyMongoError: the database is away; the rest is handed on later.
        """
        while page := await self.store.log.pending(_PAGE):
            for row in page:
                await self._hand_on(row)

    async def due(self) -> int:
        """Return how many events wait."""
        return await self.store.log.pending_count()

    async def _hand_on(self, row: Document) -> None:
        try:
            await self.store.database.transact(lambda: self._apply(row))
        except RefusedError as error:
            # Nothing here is worth stopping for: it is told, and left out.
            log.error("sandbox.refused", type=row["type"], error=str(error))  # noqa: TRY400 - no trace
            await self.store.log.mark_published([row["_id"]])

    async def _apply(self, row: Document) -> None:
        if not await self.store.log.mark_published([row["_id"]]):
            return  # somebody else was quicker
        record = self._read(row)
        for each in self._appliers:
            await each.apply([record])
        await self._school(record)

    async def _school(self, record: Incoming) -> None:
        """Let the invented school answer."""
        ref = Ref(Invented, record.key)
        event = record.event

        def answer(found: Found) -> Change[None]:
            known = found.get(ref)
            if known is None or event is None:
                return Change(None)
            return known.heard(event, self._clock.now())

        await self.store.update([ref], answer)

    def _read(self, row: Document) -> Incoming:
        told = LoggedEvent.of(row)
        return Incoming(
            topic=told.topic,
            partition=0,
            offset=told.order,
            key=told.envelope.key,
            envelope=told.envelope,
            event=cloudevents.read(told.envelope, told.data, self._ids),
            cause=None,
            headers=(),
            value=told.data,
            raw_key=told.envelope.key.encode(),
        )
