"""Waves: further agencies of an open round, entered with their links, now or when they fall due."""

from collections.abc import Callable, Sequence
from datetime import datetime

from contracts.referrals import ReferralWaveAdded
from services.chassis.clock import Clock
from services.chassis.database import is_passing
from services.chassis.store import Ref, Store
from services.chassis.timers import Sweep
from services.partner.handlers.moments import Moments
from services.partner.handlers.offers import Links, link_to, on_offering, tick
from services.partner.model import waves
from services.partner.model.board import Board
from services.partner.model.offering import Offer, Offering, Planned
from services.partner.model.seats import Moment
from services.partner.store import AgencyLink, decide

AT_ONCE = 100
"""Offerings whose waves one look asks."""


async def add(
    store: Store, event: ReferralWaveAdded, added: datetime, links: Links, moments: Moments
) -> None:
    """Take up a wave that referral has added, at the moment `added`; see `waves.add`."""
    at = moments.now()
    wave = Planned(
        wave=event.wave,
        candidates=event.candidates,
        opens_at=event.opens_at or added,
        answer_by=event.answer_by,
        siblings=event.waits.siblings,
    )
    await _ask(
        store,
        event.referral,
        lambda board: waves.add(board, event.referral, event.round, wave, at),
        links,
        at,
    )


async def take_back(store: Store, referral: str, wave: int, check: Callable[[int], None]) -> None:
    """Drop one planned wave; `check` is given the offering's version where it changes.

    Raises:
        EnlaceError: there is none, it was asked already, or it has changed since it was seen.
    """

    def run(board: Board) -> None:
        before = board.offering(referral)
        waves.take_back(board, referral, wave)
        if before is not None and board.save:
            check(before.version)

    await on_offering(store, referral, run)


class OfferingSweep(Sweep[Offering]):
    """Reminds, expires, and asks the waves whose hour has come."""

    def __init__(self, store: Store, clock: Clock, moments: Moments, links: Links) -> None:
        super().__init__(store, clock, Offering, tick)
        self._rows = store
        self._moments = moments
        self._links = links

    async def create_indexes(self) -> None:
        """Index what is due."""
        await super().create_indexes()
        await self._rows.collection(Offering).create_index("waves_due", sparse=True)

    async def due(self) -> int:
        """Return how many have something to do now."""
        query = {"waves_due": {"$lte": self._moments.clock.now()}}
        waiting = await self._rows.collection(Offering).count_documents(query)
        return waiting + await super().due()

    async def once(self) -> int:
        """Do what is due now; returns how much that was."""
        done = await super().once()
        at = self._moments.now()
        query = {"waves_due": {"$lte": at.now}}
        rows = self._rows.collection(Offering).find(
            query, projection={"_id": 1}, sort=[("waves_due", 1)], limit=AT_ONCE
        )
        for id in [str(row["_id"]) async for row in rows]:
            done += await self._open(id, at)
        return done

    async def _open(self, id: str, at: Moment) -> int:
        if self.rests(id):
            return 0
        try:
            await _ask(self._rows, id, lambda board: waves.open_due(board, id, at), self._links, at)
        except Exception as error:  # the boundary: one offering must not hold up the others
            if is_passing(error):
                raise
            self.put_off(id, error)
            return 0
        return 1


async def _ask(
    store: Store,
    referral: str,
    decision: Callable[[Board], tuple[Offer, ...]],
    links: Links,
    at: Moment,
) -> None:
    def linked(going: tuple[Offer, ...]) -> Sequence[AgencyLink]:
        return [
            link_to(referral, offer, links.key, at.now + links.lifetime)
            for offer in going
            if offer.contact
        ]

    await decide(store, [Ref(Offering, referral)], decision, also=linked)
