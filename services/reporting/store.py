"""Reads the generation of each read model that is pointed at. Nothing is written here."""

import json
from collections.abc import Mapping

from services.chassis.consumer.projection import read_counts
from services.chassis.database import Document
from services.reporting.generations import Generations
from services.reporting.model import counts
from services.reporting.model.counts import Cell
from services.reporting.projections import FACTS, SEATS


class Reading:
    """What the endpoints read."""

    def __init__(self, generations: Generations) -> None:
        self._generations = generations

    async def facts(self, referral: str) -> Document | None:
        """Return one referral's document."""
        return await self._find(FACTS, referral)

    async def cells(self, measure: str) -> list[Cell]:
        """Return a measure's counts of referrals, by school, need, month and what is counted."""
        return counts.cells(await self._counts(FACTS, measure))

    async def seat_sums(self) -> dict[tuple[str, str, str], dict[str, int]]:
        """Return the sums of seats by school, need and unit."""
        sums: dict[tuple[str, str, str], dict[str, int]] = {}
        for name, value in (await self._counts(SEATS, counts.SEATS)).items():
            _, site, category, unit, of = json.loads(name)
            sums.setdefault((site, category, unit), {})[of] = value
        return sums

    async def seats(self, query: Document) -> list[Document]:
        """Return what services told of their seats."""
        projection = self._generations.projections[SEATS]
        generation = await self._generations.current(SEATS)
        rows = self._generations.database[projection.documents(generation)]
        return [row async for row in rows.find(query, sort=[("_id", 1)], limit=2_000)]

    async def _find(self, model: str, id: str) -> Document | None:
        projection = self._generations.projections[model]
        generation = await self._generations.current(model)
        return await self._generations.database[projection.documents(generation)].find_one(
            {"_id": id}
        )

    async def _counts(self, model: str, measure: str) -> Mapping[str, int]:
        generation = await self._generations.current(model)
        return await read_counts(
            self._generations.database,
            self._generations.projections[model],
            generation,
            counts.prefix(measure),
        )
