"""Many offers at once: gathered, told in one message, and taken by number, each by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from contracts.codes import BatchResult, DeclineReason, LinkPurpose, OfferReply
from contracts.messages import BatchReplied
from services.chassis.clock import Clock
from services.chassis.errors import EnlaceError, Kind, unknown
from services.chassis.ids import new_id
from services.chassis.links import derive_token, hash_token
from services.chassis.store import Change, Found, Ref, Store
from services.chassis.timers import Sweep
from services.partner.handlers.moments import Moments
from services.partner.handlers.offers import Links
from services.partner.handlers.replies import reason_of
from services.partner.model import answers, waitlist
from services.partner.model.agency import Agency
from services.partner.model.batch import Batch, BatchLink, Item, Take
from services.partner.model.board import Board
from services.partner.model.capacity import Capacity
from services.partner.model.offering import Offer, Offering, OfferState
from services.partner.model.opening import Round
from services.partner.model.waitlist import Waiting
from services.partner.model.waitlist_policy import in_force
from services.partner.store import agreements_of, by_id, decide

_CLOSED = frozenset({Kind.RULE, Kind.UNKNOWN})


async def add(store: Store, wish: Round, going: Sequence[Offer], now: datetime) -> None:
    """Gather an offer with the others of its command."""
    if wish.batch is None or not going:
        return
    (offer,) = going
    ref = Ref(Batch, wish.batch)
    item = Item(referral=wish.referral, offer=offer.id)

    def gather(found: Found) -> Change[None]:
        known = found.get(ref) or Batch(
            id=ref.id,
            agency=offer.agency,
            service=offer.service,
            site=wish.site,
            contact=offer.contact,
            answer_by=offer.answer_by,
        )
        if known.service != offer.service:
            return Change(None)  # a command asks one service alone
        return Change(None, [known.with_item(item, offer.answer_by, now)])

    await store.update([ref], gather)


@dataclass(frozen=True, slots=True)
class Telling:
    """How agencies are told of what was gathered."""

    links: Links

    def tick(self, batch: Batch, now: datetime) -> Change[None]:
        """Tell, for the sweep."""
        after, event = batch.tell(new_id())
        if event is None:
            return Change(None, [after])
        token = derive_token(
            self.links.key,
            purpose=LinkPurpose.AGENCY_BATCH,
            subject=batch.id,
            recipient=batch.contact,
            nonce=after.nonce,
        )
        link = BatchLink(
            id=hash_token(token),
            batch=batch.id,
            contact=batch.contact,
            expires=now + self.links.lifetime,
        )
        fresh = [] if batch.nonce else [link]
        return Change(None, [after, *fresh], [event], batch.site)


class BatchSweep(Sweep[Batch]):
    """Tells agencies of what was gathered, and carries out what they said by text."""

    def __init__(self, store: Store, moments: Moments, telling: Telling) -> None:
        super().__init__(store, moments.clock, Batch, telling.tick)
        self._rows = store
        self._moments = moments

    async def create_indexes(self) -> None:
        """Index what is due."""
        await super().create_indexes()
        rows = self._rows.collection(Batch)
        await rows.create_index("pending", partialFilterExpression={"pending": True})

    async def due(self) -> int:
        """Return how many are to be told or carried out now."""
        waiting = await self._rows.collection(Batch).count_documents({"pending": True})
        return waiting + await super().due()

    async def once(self) -> int:
        """Do what is due now; returns how much that was."""
        await self._drop_what_was_taken_back()
        done = await super().once()
        pending = [each.id async for each in self._rows.find(Batch, {"pending": True}, limit=20)]
        for id in pending:
            await carry_out(self._rows, id, self._moments)
        return done + len(pending)

    async def _drop_what_was_taken_back(self) -> None:
        """Leave out what was recalled or cancelled before anybody was told."""
        due = {"next_due": {"$lte": self._moments.clock.now()}, "told": 0}
        async for batch in self._rows.find(Batch, due, limit=100):
            items = await open_items(self._rows, batch, self._moments)
            still = {each.offer for each in items}
            ref = Ref(Batch, batch.id)

            def drop(found: Found, ref: Ref[Batch] = ref, still: set[str] = still) -> Change[None]:
                known = found.get(ref)
                after = known.with_only(still) if known else None
                return Change(None, [after] if after and after != known else [])

            if len(still) < len(batch.items):
                await self._rows.update([ref], drop)


async def say(store: Store, id: str, take: Take, *, turn: int | None = None) -> None:
    """Keep an agency's word; `carry_out` does it.

    Args:
        store: of the service.
        id: of the batch.
        take: the word.
        turn: how many words there were on the page on which it was said; None for a text.

    Raises:
        EnlaceError: there is no such batch, or something was said meanwhile.
    """
    ref = Ref(Batch, id)

    def keep(found: Found) -> Change[None]:
        known = found.get(ref)
        if known is None:
            raise unknown("page")
        return Change(None, [known.say(take, turn)])

    await store.update([ref], keep)


async def reply(store: Store, event: BatchReplied, now: datetime) -> None:
    """Keep what an agency's text says; one that holds no more, as its link, changes nothing."""
    batch = await store.get(Batch, event.batch)
    if batch is None or batch.contact != event.person:
        return  # no text of ours has told this number
    agency = await store.get(Agency, batch.agency)
    links = [each async for each in store.find(BatchLink, {"batch": batch.id})]
    live = any(each.works(now) for each in links)
    if agency is None or not agency.answers_by(batch.contact) or not live:
        return
    wants = (event.take or 0) if event.reply is OfferReply.YES else 0
    if event.reply not in {OfferReply.YES, OfferReply.NO} or (
        event.reply is OfferReply.YES and wants < 1
    ):
        return  # of a later release
    try:
        reason = None if wants else await reason_of(store, event.reason)
        await say(store, batch.id, Take(id=event.inbound, wants=wants, reason=reason))
    except EnlaceError as error:
        if error.kind not in _CLOSED:
            raise


async def carry_out(store: Store, id: str, moments: Moments) -> None:
    """Do what an agency said, child by child, and tell what came of it.

    Each claim is one transaction with its seat and its place in the count: it can break off
    anywhere and be taken up again, by several at once.
    """
    batch = await store.get(Batch, id)
    if batch is None or batch.taking is None:
        return
    result = BatchResult.DECLINED if batch.taking.wants == 0 else BatchResult.DONE
    for item in await open_items(store, batch, moments):
        step = await _one(store, id, item, moments.clock)
        if step is _Step.FULL:
            result = BatchResult.NO_SEAT
        if step is not _Step.ON:
            break
    await _settle(store, id, result)


class _Step(Enum):
    """What came of one child: go on, no seat is left, or as many as were wanted."""

    ON = "on"
    FULL = "full"
    ENOUGH = "enough"


async def _one(store: Store, id: str, item: Item, clock: Clock) -> _Step:
    offering = await store.get(Offering, item.referral)
    offer = offering.offer(item.offer) if offering else None
    if offering is None or offer is None:
        return _Step.ON
    claim = new_id()
    batch_ref = Ref(Batch, id)
    seats = Ref(Capacity, offering.seats_of(offer))
    refs: list[Ref[Any]] = [batch_ref, Ref(Offering, offering.id), seats]

    def run(board: Board) -> tuple[_Step, Batch | None]:
        batch = board.read(batch_ref)
        take = batch.taking if batch else None
        if batch is None or take is None or (take.wants and take.got >= take.wants):
            return _Step.ENOUGH, None
        if take.wants == 0:
            no = answers.No(take.reason or DeclineReason.NOT_SAID, take.words)
            answers.decline(board, offering.id, offer.id, no, clock.now())
            return _Step.ON, None
        answers.claim(board, offering.id, offer.id, claim, clock.now())
        # Whoever carries it out beside us may have been first with this child.
        return _Step.ON, batch.got_one() if board.save else None

    try:
        step, _ = await decide(store, refs, run, also=lambda done: [done[1]] if done[1] else [])
    except EnlaceError as error:
        if error.kind not in _CLOSED:
            raise
        return _Step.FULL if error.slug == "no-seat" else _Step.ON
    return step


async def open_items(store: Store, batch: Batch, moments: Moments) -> list[Item]:
    """Return those that are open, in the order in which free seats go to who waits."""
    at = moments.now()
    offerings = await by_id(store, Offering, [each.referral for each in batch.items])
    by_offer = {each.offer: each for each in batch.items}
    asking = []
    for item in batch.items:
        offering = offerings.get(item.referral)
        offer = offering.offer(item.offer) if offering else None
        if offering is None or offer is None or offer.state is not OfferState.OPEN:
            continue
        if offer.answer_by > at.now:
            asking.append(_asking(offering, offer, at.now))
    seats = await store.get(Capacity, f"{batch.service}@{batch.site}")
    signed = (await agreements_of(store, [batch.agency])).get(batch.agency, [])
    own = seats.policy if seats else None
    chosen = in_force(own, signed, (batch.service, batch.site), at.now, at.waitlists.policy)
    return [by_offer[each.offer] for each in waitlist.line(asking, chosen.policy)]


def _asking(offering: Offering, offer: Offer, now: datetime) -> Waiting:
    return Waiting(
        referral=offering.id,
        offer=offer.id,
        priority=offering.priority,
        since=offer.asked_at or now,
        tier=offering.tier,
        sibling=offer.sibling,
    )


async def _settle(store: Store, id: str, result: BatchResult) -> None:
    """End a batch's last word, once, however many have carried it out."""
    ref = Ref(Batch, id)
    batch = await store.get(Batch, id)
    offerings = await by_id(
        store, Offering, [each.referral for each in batch.items] if batch else []
    )

    def end(found: Found) -> Change[None]:
        known = found.get(ref)
        take = known.taking if known else None
        if known is None or take is None:
            return Change(None)
        left = sum(
            offer is not None and offer.state is OfferState.OPEN
            for each in known.items
            if (offering := offerings.get(each.referral)) is not None
            for offer in [offering.offer(each.offer)]
        )
        done = result
        if take.wants > take.got and result is BatchResult.DONE:
            done = BatchResult.NONE_LEFT
        after, event = known.settle(done, left)
        return Change(None, [after], [event], known.site)

    await store.update([ref], end)
