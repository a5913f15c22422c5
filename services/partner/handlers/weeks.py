"""Appointments of a week, which begin anew on Monday by due time."""

from services.chassis.clock import Clock
from services.chassis.database import is_passing
from services.chassis.store import Change, Ref, Store
from services.chassis.timers import BATCH, Sweep
from services.partner.handlers.moments import Moments
from services.partner.model.board import Board
from services.partner.model.capacity import Capacity
from services.partner.model.seats import Moment, renew
from services.partner.store import decide


class WeekSweep(Sweep[Capacity]):
    """Begins a new week, once however long everything was down, and calls those who wait."""

    def __init__(self, store: Store, clock: Clock, moments: Moments) -> None:
        super().__init__(store, clock, Capacity, lambda _, __: Change(None))
        self._rows = store
        self._moments = moments

    async def once(self) -> int:
        """Begin what is due; returns how many began.

        Each by itself: those who wait for its seats are in its transaction.
        """
        at = self._moments.now()
        rows = self._rows.collection(Capacity).find(
            {"next_due": {"$lte": at.now}},
            projection={"_id": 1},
            sort=[("next_due", 1)],
            limit=BATCH,
        )
        return sum([await self._begin(str(row["_id"]), at) async for row in rows])

    async def _begin(self, id: str, at: Moment) -> int:
        if self.rests(id):
            return 0

        def run(board: Board) -> None:
            renew(board, id, at)

        try:
            await decide(self._rows, [Ref(Capacity, id)], run)
        except Exception as error:  # the boundary: one school's seats must not hold up the others
            if is_passing(error):
                raise
            self.put_off(id, error)
            return 0
        return 1
