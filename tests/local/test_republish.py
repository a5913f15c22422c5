"""Filling Kafka anew: what is promised in docs/local.md, on a real broker and database."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy.local.system import lock, state
from deploy.local.system.places import WITH_EVENTS, Home
from deploy.local.system.republish import RepublishError, fill_anew
from services.chassis.events.topics import make_topics
from services.chassis.store import Store
from tests.chassis.build import (
    Effects,
    Group,
    bump,
    eventually,
    group,
    read_topic,
    relay,
    running,
    sequences_by_key,
    store,
    worker,
)
from tests.local.running import enlace
from tests.servers import Cell

ALL = {"a": [1, 2, 3], "b": [1, 2]}


class DiedError(Exception):
    """The command has ended here."""


@dataclass
class Service:
    """A service's own log and readers, asked without HTTP; it ends the command where it shall."""

    store: Store
    readers: Group
    ends_at: str = ""
    asked: list[str] = field(default_factory=list)

    async def ask(self) -> None:
        self._step("ask")

    async def read_anew(self) -> int:
        self._step("read_anew")
        return await self.readers.ledger.read_anew()

    async def offer(self) -> int:
        self._step("offer")
        return await self.store.log.unpublish_all()

    async def wait(self) -> None:
        self._step("wait")
        await asyncio.sleep(3)  # longer than this cell's relay holds anything

    def _step(self, name: str) -> None:
        self.asked.append(name)
        if name == self.ends_at:
            raise DiedError(f"the end at {name}.")


@contextlib.asynccontextmanager
async def whole_system(cell: Cell) -> AsyncIterator[tuple[Service, Effects]]:
    """Run a relay and a reader on topics that hold and have told all events."""
    await make_topics(cell.kafka, cell.name)
    async with store(cell) as service:
        effects = Effects(service.database)
        readers = group(service.database, effects)
        async with (
            running(relay(cell, service.log, service.database, patience=1).run),
            worker(cell, readers, metadata_seconds=1, pause_seconds=0.2),
        ):
            for key in ("a", "b", "a", "a", "b"):
                await bump(service, key)
            await eventually(lambda: knows(effects, ALL), "the first time", seconds=60)
            yield Service(service, readers), effects


async def knows(effects: Effects, expected: dict[str, list[int]]) -> bool:
    return await effects.by_key() == expected


async def holds(cell: Cell, expected: dict[str, list[int]]) -> bool:
    found = sequences_by_key(await read_topic(cell))
    # A relay publishes at least once: a fresh topic's leaders may take long for its patience.
    return {key: list(dict.fromkeys(each)) for key, each in found.items()} == expected


@pytest.mark.parametrize("ends_at", ["read_anew", "offer", "wait"])
async def test_ended_between_two_steps_another_run_makes_it_whole(
    cell: Cell, tmp_path: Path, ends_at: str
) -> None:
    begun = tmp_path / "begun"
    async with whole_system(cell) as (service, effects):
        service.ends_at = ends_at
        with pytest.raises(RepublishError, match="Run this again"):
            await fill_anew({"one": service}, cell.kafka, cell.name, begun, wait=service.wait)
        assert begun.exists()

        # As the next `enlace up` does, before it brings this to its end.
        await make_topics(cell.kafka, cell.name)
        service.ends_at = ""
        await fill_anew({"one": service}, cell.kafka, cell.name, begun, wait=service.wait)
        assert not begun.exists()

        await bump(service.store, "b")
        after = ALL | {"b": [1, 2, 3]}
        await eventually(lambda: holds(cell, after), "all of it on the topic", seconds=60)
        await eventually(lambda: knows(effects, after), "each told once", seconds=60)


async def test_where_a_service_does_not_answer_nothing_is_dropped(
    cell: Cell, tmp_path: Path
) -> None:
    begun = tmp_path / "begun"
    async with whole_system(cell) as (service, _):
        away = Service(service.store, service.readers, ends_at="ask")
        owners = {"one": service, "two": away}

        with pytest.raises(RepublishError, match="Nothing was dropped"):
            await fill_anew(owners, cell.kafka, cell.name, begun, wait=service.wait)

        assert service.asked == ["ask"]
        assert not begun.exists()
        assert await holds(cell, ALL)


async def test_what_is_marked_after_it_was_offered_is_offered_again(
    cell: Cell, tmp_path: Path
) -> None:
    async with whole_system(cell) as (service, _):
        rows = service.store.database["event_log"]
        late = [row["_id"] async for row in rows.find({"key": "a"})]

        async def relay_marks_late() -> None:
            if service.asked.count("wait") == 0:
                await service.store.log.mark_published(late)
            await service.wait()

        found = await fill_anew(
            {"one": service}, cell.kafka, cell.name, tmp_path / "begun", wait=relay_marks_late
        )

        assert found == {"one": 5 + 3}
        await eventually(lambda: holds(cell, ALL), "all of it on the topic", seconds=60)


def test_of_a_system_with_a_service_left_out_nothing_is_dropped(tmp_path: Path) -> None:
    home = Home(tmp_path)
    with lock.held(home):
        pid = lock.holder(home)
        assert pid is not None
        there = {
            name: state.Part(pid=pid, started="", port=1, log=tmp_path)
            for name in WITH_EVENTS
            if name != "notify"
        }
        state.write(
            home, state.State(version="0", phase="running", pid=pid, base=1, kafka="", parts=there)
        )

        done = enlace("republish", home=tmp_path)

    assert done.returncode == 1
    assert "notify was left out" in done.stderr
    assert "Nothing was dropped" in done.stderr
    assert "without --without" in done.stderr
