"""Weighing a need against the directory, and recording that nothing fits."""

from dataclasses import dataclass, field
from datetime import timedelta

from services.chassis.clock import Clock
from services.chassis.store import Change, Found, Ref, Store
from services.partner.model.matching import rank
from services.partner.model.matching.need import Kind, Need
from services.partner.model.matching.prepare import Prepared, prepare
from services.partner.model.matching.scale import Scale
from services.partner.model.matching.weights import Weights
from services.partner.model.unmatched import Unmatched, Weighed, record
from services.partner.shelf import Shelf


@dataclass(frozen=True, slots=True)
class Matcher:
    """What matching goes by.

    Attributes:
        stale_after: age from which a count of seats is old.
        entry_old_after: age from which the last word that an entry holds is old.
        prepared: candidates by kind of need, as long as nothing about them changes.
    """

    shelf: Shelf
    clock: Clock
    weights: Weights
    stale_after: timedelta
    entry_old_after: timedelta
    prepared: dict[Kind, "_Ready"] = field(default_factory=dict)

    async def find(self, need: Need) -> rank.Found:
        """Weigh every service of this kind. Nothing of the need is kept or logged."""
        await self.shelf.fresh()
        scale = self.scale()
        return rank.weigh(self._of_kind(need.kind, scale), need, scale)

    async def why(self, service: str, need: Need) -> rank.Found | None:
        """Weigh one service, whatever it is for; None where there is none."""
        await self.shelf.fresh()
        candidate = self.shelf.one(service)
        if candidate is None:
            return None
        scale = self.scale()
        return rank.weigh(prepare([candidate], need.kind, scale), need, scale)

    def _of_kind(self, kind: Kind, scale: Scale) -> tuple[Prepared, ...]:
        # Local days change at a quarter of an hour, whatever the zone.
        state = (self.shelf.changes, int(scale.now.timestamp() // _QUARTER))
        ready = self.prepared.get(kind)
        if ready is None or ready.state != state:
            candidates = self.shelf.of_kind(kind.category)
            ready = _Ready(state, prepare(candidates, kind, scale))
            self.prepared[kind] = ready
        return ready.candidates

    def scale(self) -> Scale:
        """Return what is measured by just now."""
        ground, old = self.shelf.ground, self.entry_old_after
        return Scale(self.clock.now(), self.stale_after, self.weights, ground, old)


_QUARTER = 900


@dataclass(frozen=True, slots=True)
class _Ready:
    """Candidates that were prepared, and in which state of the directory and which day's part."""

    state: tuple[int, int]
    candidates: tuple[Prepared, ...]


async def record_outcome(store: Store, clock: Clock, weighed: Weighed) -> None:
    """Record what is missing for a referral, or that something fits after all."""
    ref = Ref(Unmatched, weighed.referral)
    if not weighed.missing and await store.get(Unmatched, weighed.referral) is None:
        return

    def write(found: Found) -> Change[None]:
        return record(found.get(ref), weighed, clock.now())

    await store.update([ref], write)
