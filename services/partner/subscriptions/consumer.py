"""Writes agencies' feeds: numbered entries, and what is to be pushed, in the slice's transaction.

The counter of a feed is written in the transaction that takes its numbers, so that two workers who
write for one agency do so one after the other: numbers are committed in their order, and whoever
reads "what comes after N" misses nothing.
"""

from collections.abc import Mapping, Sequence

from contracts.topic import OFFERINGS, REFERRALS
from services.chassis.clock import Clock
from services.chassis.consumer.applier import RefusedError
from services.chassis.consumer.incoming import Incoming
from services.chassis.consumer.reactions import describe
from services.chassis.store import Change, Found, Ref, Store
from services.partner.subscriptions.model import entry as feeds
from services.partner.subscriptions.model.entry import Entry, Feed
from services.partner.subscriptions.model.lane import Lane, lane_id
from services.partner.subscriptions.model.telling import TELLING, tell
from services.partner.subscriptions.model.thread import Cause, Draft, Thread
from services.partner.subscriptions.store import endpoints_of

GROUP = "partner-subscriptions"
TOPICS = (OFFERINGS.name, REFERRALS.name)


class FeedWriter:
    """The applier of the consumer group that writes feeds."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def apply(self, records: Sequence[Incoming]) -> None:
        """Write what agencies are told of these events; see `Applier.apply`."""
        telling = [each for each in records if isinstance(each.event, TELLING) and each.envelope]
        if not telling:
            return
        drafts = await self._fold(telling)
        if drafts:
            await self._queue(await self._number(drafts))

    async def _fold(self, records: Sequence[Incoming]) -> list[Draft]:
        refs = {each.key: Ref(Thread, each.key) for each in records}

        def fold(found: Found) -> Change[list[Draft]]:
            before = {key: found.get(ref) or Thread(id=key) for key, ref in refs.items()}
            after = dict(before)
            drafts: list[Draft] = []
            for record in records:
                after[record.key], told = _tell(after[record.key], record)
                drafts.extend(told)
            changed = [each for key, each in after.items() if each != before[key]]
            return Change(drafts, changed)

        return await self._store.update(list(refs.values()), fold)

    async def _number(self, drafts: Sequence[Draft]) -> Sequence[Entry]:
        by_agency: dict[str, list[Draft]] = {}
        for each in drafts:
            by_agency.setdefault(each.agency, []).append(each)
        # In one order, so that two slices wait for each other instead of crossing.
        refs = [Ref(Feed, agency) for agency in sorted(by_agency)]

        def write(found: Found) -> Change[list[Entry]]:
            moved: list[Feed] = []
            entries: list[Entry] = []
            for ref in refs:
                feed, own = feeds.number(found.get(ref) or Feed(id=ref.id), by_agency[ref.id])
                moved.append(feed)
                entries.extend(own)
            return Change(entries, [*moved, *entries])

        return await self._store.update(refs, write)

    async def _queue(self, entries: Sequence[Entry]) -> None:
        """Put the entries into the lanes of the endpoints that want them."""
        endpoints = await endpoints_of(self._store, {each.agency for each in entries})
        wanted: dict[Ref[Lane], list[Entry]] = {}
        for endpoint in endpoints:
            for each in entries:
                if endpoint.wants(each):
                    ref = Ref(Lane, lane_id(endpoint.id, each.referral))
                    wanted.setdefault(ref, []).append(each)
        if wanted:
            await self._store.update(list(wanted), lambda found: self._put(found, wanted))

    def _put(self, found: Found, wanted: Mapping[Ref[Lane], Sequence[Entry]]) -> Change[None]:
        now = self._clock.now()
        lanes = [
            (found.get(ref) or _lane(ref.id, entries[0])).put([x.number for x in entries], now)
            for ref, entries in wanted.items()
        ]
        return Change(None, lanes)


def _tell(thread: Thread, record: Incoming) -> tuple[Thread, tuple[Draft, ...]]:
    """Fold one event.

    Raises:
        RefusedError: it cannot be; the fold is pure, so trying again would fail again.
    """
    if record.event is None or record.envelope is None:
        return thread, ()
    try:
        return tell(thread, record.event, Cause(record.envelope.id, record.envelope.time))
    except Exception as error:
        raise RefusedError(record.offset, describe(error)) from error


def _lane(id: str, entry: Entry) -> Lane:
    return Lane(
        id=id,
        endpoint=id.partition(":")[0],
        agency=entry.agency,
        referral=entry.referral,
    )
