"""Published numbers: counted once for each month that closes, and frozen.

Numbers that moved from day to day would tell whose referral moved them, however large they are.
What is corrected or answered later is in the next month's publication.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pymongo.errors import DuplicateKeyError

from services.chassis.clock import Clock
from services.chassis.database import Database, Document
from services.reporting.model import counts
from services.reporting.model.counts import Cell, of_closed_months
from services.reporting.store import Reading

MEASURES = (counts.FUNNEL, counts.ACCEPT_HOURS, counts.UNMET, counts.PROGRAMME)

Published = Mapping[str, list[Cell]]
"""Cells by measure, all closed months summed."""


class Publication:
    """The tables that everybody of the leadership reads."""

    def __init__(self, database: Database, reading: Reading, clock: Clock, zone: str) -> None:
        self._rows = database["publications"]
        self._reading = reading
        self._clock = clock
        self._zone = ZoneInfo(zone)

    def month(self) -> str:
        """Return the month that is not closed yet, as `2026-11`, by the district's own calendar."""
        return self._clock.now().astimezone(self._zone).strftime("%Y-%m")

    async def cells(self) -> Published:
        """Return what was published for the months before this one.

        The first to ask in a month has it counted; of two at once one counts for both.
        """
        month = self.month()
        found = await self._rows.find_one({"_id": month})
        if found is None:
            fresh = await self._count(month)
            try:
                await self._rows.insert_one(fresh)
                found = fresh
            except DuplicateKeyError:
                found = await self._rows.find_one({"_id": month}) or fresh
        return {
            measure: [
                Cell(site, category, month, of, value)
                for site, category, of, value in found["cells"].get(measure, ())
            ]
            for measure in MEASURES
        }

    async def _count(self, month: str) -> Document:
        cells = {
            measure: [
                [cell.site, cell.category, cell.of, cell.value]
                for cell in of_closed_months(await self._reading.cells(measure), month)
            ]
            for measure in MEASURES
        }
        return {"_id": month, "cells": cells, "published_at": datetime.now(UTC)}
