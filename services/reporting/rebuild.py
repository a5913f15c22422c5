"""Carries rebuilds through, in one worker at a time: build, compare, switch."""

import asyncio
from typing import Any

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError
from pymongo.errors import PyMongoError

from contracts.topic import PARTITIONS
from services.chassis.consumer.ledger import Ledger
from services.chassis.database import Document, is_passing
from services.chassis.kafka import client_security
from services.chassis.lease import Lease
from services.reporting.compare import compare
from services.reporting.generations import Generations, RebuildState, SwitchWhen
from services.reporting.settings import ReportingSettings

log = structlog.get_logger()

EVERY = 1.0
LEASE_SECONDS = 120.0
"""Longer than a comparison of a district takes; a second worker would only do it again."""


class Rebuilder:
    """Looks after requested rebuilds until cancelled."""

    def __init__(self, generations: Generations, settings: ReportingSettings) -> None:
        self._generations = generations
        self._settings = settings
        self._lease = Lease(generations.database, "rebuilds", seconds=LEASE_SECONDS)

    async def run(self) -> None:
        """Work on rebuilds, one step of each a second."""
        while True:
            try:
                await self.once()
            except (PyMongoError, KafkaError) as error:
                log.warning("rebuild.waiting", error=type(error).__name__, next="trying again")
            await asyncio.sleep(EVERY)

    async def once(self) -> None:
        """Take every rebuild one step on."""
        rows = [row for row in await self._generations.all() if row.get("rebuild")]
        if not rows or not await self._lease.hold():
            return
        for row in rows:
            try:
                await self._step(row)
            except Exception as error:
                if is_passing(error) or isinstance(error, KafkaError):
                    raise
                log.exception("rebuild.failed", read_model=row["_id"], error=type(error).__name__)
                await self._generations.progress(
                    row,
                    state=RebuildState.FAILED.value,
                    cause=type(error).__name__,
                    next="Nothing that is read was changed. Mend the cause and rebuild again.",
                )

    async def _step(self, row: Document) -> None:
        match row["rebuild"]["state"]:
            case RebuildState.REQUESTED:
                await self._generations.drop_others(row)
                targets = await self._end_offsets(row["name"])
                await self._generations.progress(
                    row,
                    state=RebuildState.BUILDING.value,
                    targets=targets,
                    applied=0,
                    total=sum(targets.values()),
                )
            case RebuildState.BUILDING:
                await self._watch(row)
            case RebuildState.COMPARING:
                await self._compare(row)

    async def _end_offsets(self, name: str) -> dict[str, int]:
        """Return where each partition that feeds a read model ends now, by `topic|partition`."""
        places = [
            TopicPartition(self._settings.topic(topic), partition)
            for topic in self._generations.projections[name].topics
            for partition in range(PARTITIONS)
        ]
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self._settings.kafka,
            client_id="enlace-reporting-rebuild",
            **client_security(self._settings),
        )
        await consumer.start()
        try:
            ends: dict[TopicPartition, int] = await consumer.end_offsets(places)
        finally:
            await consumer.stop()
        return {f"{_plain(each.topic)}|{each.partition}": end for each, end in ends.items()}

    async def _watch(self, row: Document) -> None:
        """Note how far the new generation has come; at its targets it is compared."""
        projection = self._generations.projections[row["name"]]
        group = projection.group(row["rebuild"]["generation"])
        done = {
            f"{_plain(each['topic'])}|{each['partition']}": each["next"]
            for each in await Ledger(self._generations.database, group).offsets()
        }
        targets: dict[str, int] = row["rebuild"]["targets"]
        applied = sum(min(done.get(place, 0), end) for place, end in targets.items())
        state = RebuildState.COMPARING if applied >= row["rebuild"]["total"] else None
        changes: dict[str, Any] = {"applied": applied}
        if state is not None:
            changes["state"] = state.value
        await self._generations.progress(row, **changes)

    async def _compare(self, row: Document) -> None:
        """Compare the new generation with the kept one, and switch where that was asked for."""
        rebuild = row["rebuild"]
        report = await compare(
            self._generations.database,
            self._generations.projections[row["name"]],
            row["generation"],
            rebuild["generation"],
            passes=self._settings.compare_passes,
        )
        state = RebuildState.EQUAL if report.equal else RebuildState.DIFFERENT
        log.info("rebuild.compared", read_model=row["_id"], state=state.value)
        row = await self._generations.progress(row, report=report.as_document())
        # One write ends it: whoever follows it never takes a state on the way for the end.
        if SwitchWhen(rebuild["switch"]).allows(equal=report.equal):
            await self._generations.switch(row)
        else:
            await self._generations.progress(row, state=state.value)


def _plain(topic: str) -> str:
    """Return a topic's name without its cell: a dot would part a field of the document."""
    return topic.rpartition(".")[2]
