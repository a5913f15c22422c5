"""Weighing a need against the directory, and recording that nothing fits."""

from dataclasses import dataclass, field
from datetime import timedelta

from services.chassis.clock import Clock
from services.chassis.store import Change, Found, Ref, Store
from services.partner.model.matching import rank
from services.partner.model.matching.candidate import Standings
from services.partner.model.matching.need import Need
from services.partner.model.matching.score import Scale
from services.partner.model.matching.weights import Weights
from services.partner.model.unmatched import Unmatched, Weighed, record
from services.partner.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Matcher:
    """What matching goes by.

    Attributes:
        stale_after: age from which a count of seats is old.
        standings: of agencies with schools, remembered.
    """

    shelf: Shelf
    clock: Clock
    weights: Weights
    stale_after: timedelta
    standings: Standings = field(default_factory=Standings)

    async def find(self, need: Need) -> rank.Found:
        """Weigh every service of this kind. Nothing of the need is kept or logged."""
        await self.shelf.fresh()
        return rank.weigh(self.shelf.of_kind(need.category), need, self.scale(), self.standings)

    async def why(self, service: str, need: Need) -> rank.Found | None:
        """Weigh one service, whatever it is for; None where there is none."""
        await self.shelf.fresh()
        candidate = self.shelf.one(service)
        return (
            None
            if candidate is None
            else rank.weigh([candidate], need, self.scale(), self.standings)
        )

    def scale(self) -> Scale:
        """Return what is measured by just now."""
        return Scale(self.clock.now(), self.stale_after, self.weights, self.shelf.ground)


async def record_outcome(store: Store, clock: Clock, weighed: Weighed) -> None:
    """Record what is missing for a referral, or that something fits after all."""
    ref = Ref(Unmatched, weighed.referral)
    if not weighed.missing and await store.get(Unmatched, weighed.referral) is None:
        return

    def write(found: Found) -> Change[None]:
        return record(found.get(ref), weighed, clock.now())

    await store.update([ref], write)
