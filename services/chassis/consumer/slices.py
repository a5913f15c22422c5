"""Applies a partition slice: effects, watermarks, parked events and progress, or nothing."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import structlog

from services.chassis.consumer.applier import (
    Applier,
    ContestedError,
    Opening,
    PassingError,
    RefusedError,
)
from services.chassis.consumer.incoming import Incoming
from services.chassis.consumer.ledger import FencedError, Ledger
from services.chassis.consumer.parked import Parked
from services.chassis.consumer.plan import Plan, Watermark, plan
from services.chassis.consumer.reactions import describe
from services.chassis.database import Database, is_duplicate, is_passing
from services.chassis.telemetry import meter

log = structlog.get_logger()

_applied = meter.create_counter("enlace.consumer.applied", unit="{event}")
_passed_over = meter.create_counter("enlace.consumer.passed_over", unit="{event}")
_parked = meter.create_counter("enlace.consumer.parked", unit="{event}")

MANY_REFUSALS = 3
"""Refusals in one slice after which it is applied record by record: each refusal costs a rerun."""

MANY_CONFLICTS = 3
"""Runs of a slice after which it is applied in smaller parts.

A slice that takes a second and writes what requests write all the time is always overtaken by one
of them: tried again as a whole, it would never be done.
"""

_DUPLICATE_TRIES = 5


class CrowdedError(Exception):
    """Others keep writing what this slice writes; nothing was applied."""


class Slices:
    """Applies slices for one consumer group."""

    def __init__(
        self, database: Database, ledger: Ledger, parked: Parked, applier: Applier
    ) -> None:
        self._database = database
        self._ledger = ledger
        self._parked = parked
        self._applier = applier
        self._in_turn = asyncio.Lock()

    async def offsets(self) -> list[dict[str, Any]]:
        """Return where the group reads on, one row a partition that it has read."""
        return await self._ledger.offsets()

    async def read_anew(self) -> int:
        """Have every topic read from 0 again; returns of how many partitions the place was left."""
        return await self._ledger.read_anew()

    async def apply(self, stream: str, records: Sequence[Incoming], *, expected: int) -> int:
        """Apply records of one partition, in offset order; returns the next offset.

        Raises:
            FencedError: another worker has moved on; nothing was applied.
            PassingError, PyMongoError: nothing, or only the first records were applied; try again.
        """
        try:
            return await self._apply(stream, records, expected)
        except CrowdedError:
            log.info("consumer.crowded", group=self._ledger.group, topic=stream)
            # One at a time: side by side, such slices would also be in each other's way.
            async with self._in_turn:
                return await self._in_halves(stream, records, expected)

    async def _in_halves(self, stream: str, records: Sequence[Incoming], expected: int) -> int:
        """Apply records in parts as small as it takes: in less time less comes between."""
        middle = len(records) // 2
        for part in (records[:middle], records[middle:]):
            if not part:
                continue
            try:
                expected = await self._apply(stream, part, expected)
            except CrowdedError:
                expected = await self._in_halves(stream, part, expected)
        return expected

    async def _apply(self, stream: str, records: Sequence[Incoming], expected: int) -> int:
        refused: dict[int, str] = {}
        while True:
            try:
                return await self._together(stream, records, expected, refused)
            except CrowdedError:
                raise
            except RefusedError as error:
                refused[error.offset] = error.cause
                alone = len(refused) > MANY_REFUSALS
            except Exception as error:
                if _lies_elsewhere(error):
                    raise
                # Something that one of them holds: alone it shows which, and parks its key only.
                alone = True
                if len(records) == 1:
                    if records[0].offset in refused:
                        raise  # set aside, and it fails all the same: not the record's making
                    refused[records[0].offset] = describe(error)
            if alone and len(records) > 1:
                for record in records:
                    expected = await self._apply(stream, [record], expected)
                return expected

    async def _together(
        self, stream: str, records: Sequence[Incoming], expected: int, refused: dict[int, str]
    ) -> int:
        topic, partition = records[0].topic, records[0].partition
        next_offset = records[-1].offset + 1
        records = await self._opened(records)
        runs = 0

        async def work() -> Plan:
            nonlocal runs
            runs += 1
            if runs > MANY_CONFLICTS and len(records) > 1:
                raise CrowdedError
            await self._ledger.move(topic, partition, expected=expected, next_offset=next_offset)
            known = await self._ledger.watermarks(stream, {record.key for record in records})
            planned = plan(records, known, refused)
            await self._applier.apply(planned.apply)
            await self._ledger.save(stream, planned.watermarks)
            await self._parked.add(stream, planned.park)
            return planned

        self._report(stream, await self._transact(work))
        return next_offset

    async def retry(self, stream: str, key: str) -> Plan:
        """Replay a parked key in order; what still cannot pass stays parked.

        Raises:
            PassingError, PyMongoError: nothing was changed; try again.
        """
        refused: dict[int, str] = {}
        while True:
            waiting = await self._opened(await self._parked.line(stream, key))
            there = {each.offset: each for each in waiting}

            async def work(there: Mapping[int, Incoming] = there) -> Plan:
                known = await self._ledger.watermarks(stream, [key])
                before = known.get(key, Watermark())
                line = [
                    there.get(each.offset, each) for each in await self._parked.line(stream, key)
                ]
                planned = plan(line, {key: Watermark(before.sequence)}, refused)
                await self._apply_each(planned.apply)
                after = planned.watermarks.get(key, Watermark(before.sequence))
                await self._ledger.save(stream, {key: after})
                await self._parked.replace(stream, key, planned.park)
                return planned

            try:
                planned = await self._transact(work)
            except RefusedError as error:
                refused[error.offset] = error.cause
                continue
            self._report(stream, planned)
            return planned

    async def discard(self, stream: str, key: str) -> Plan | None:
        """Drop the first waiting event of a key for good, then replay the rest.

        Where events are missing before it (a gap), those are what is given up: the first one that
        waits becomes the next to apply. Where another event of the same place in the key waits
        behind it, as when a spoilt record was sent again whole, that one is applied instead.
        Returns None where nothing waits.
        """

        async def work() -> bool:
            line = await self._parked.line(stream, key)
            if not line:
                return False
            known = await self._ledger.watermarks(stream, [key])
            before = known.get(key, Watermark()).sequence
            first = line[0]
            if first.sequence is not None and first.sequence > before + 1:
                after = first.sequence - 1
                rest = line
            else:
                rest = line[1:]
                instead = any(_takes_the_place(each, first) for each in rest)
                after = before if instead else max(before, first.sequence or 0)
            planned = plan(rest, {key: Watermark(after, parked=True)})
            await self._parked.replace(stream, key, planned.park)
            await self._ledger.save(stream, {key: Watermark(after, parked=True)})
            return True

        if not await self._database.transact(work):
            return None
        return await self.retry(stream, key)

    async def _opened(self, records: Sequence[Incoming]) -> Sequence[Incoming]:
        if not isinstance(self._applier, Opening):
            return records
        return await self._applier.opened(records)

    async def _apply_each(self, records: Sequence[Incoming]) -> None:
        """Apply one by one, so that whatever fails names its record."""
        for record in records:
            try:
                await self._applier.apply([record])
            except RefusedError:
                raise
            except Exception as error:
                if _lies_elsewhere(error):
                    raise
                raise RefusedError(record.offset, describe(error)) from error

    async def _transact(self, work: Callable[[], Awaitable[Plan]]) -> Plan:
        """Run a slice's transaction; a document that somebody else just made is read next time."""
        for _ in range(_DUPLICATE_TRIES):
            try:
                return await self._database.transact(work)
            except Exception as error:
                if not (isinstance(error, ContestedError) or is_duplicate(error)):
                    raise
                log.info("consumer.concurrent_insert", group=self._ledger.group)
        return await self._database.transact(work)

    def _report(self, stream: str, planned: Plan) -> None:
        labels = {"group": self._ledger.group, "topic": stream}
        _applied.add(len(planned.apply), labels)
        for verdict, count in planned.passed_over.items():
            _passed_over.add(count, {**labels, "verdict": verdict.value})
        for parking in planned.park:
            _parked.add(1, labels)
            if not parking.follows:
                log.error(
                    "consumer.parked",
                    group=self._ledger.group,
                    topic=stream,
                    key=parking.record.key,
                    offset=parking.record.offset,
                    cause=parking.cause,
                    next="enlace parked show, then retry or discard",
                )


def _takes_the_place(record: Incoming, of: Incoming) -> bool:
    """Tell whether it is another event with the same place in the key; a second copy is none."""
    if record.cause is not None or record.envelope is None or record.sequence != of.sequence:
        return False
    return of.cause is not None or of.envelope is None or of.envelope.id != record.envelope.id


def _lies_elsewhere(error: Exception) -> bool:
    """Tell whether a failure is none of the records' making."""
    return isinstance(error, FencedError | PassingError) or is_passing(error) or is_duplicate(error)
