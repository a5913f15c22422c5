"""Where the switch of everything outgoing stands before anybody turned it."""

import asyncio
from datetime import UTC, datetime

from services.chassis.store import Store
from services.notify.handlers import begin_outgoing, switch_outgoing
from services.notify.model.conversation import OUTGOING, Outgoing
from tests.chassis.build import store
from tests.servers import Cell

NOW = datetime(2026, 8, 24, 17, tzinfo=UTC)


async def stands(notify: Store) -> tuple[bool, str | None] | None:
    found = await notify.get(Outgoing, OUTGOING)
    return None if found is None else (found.on, found.by)


async def test_messages_begin_off_where_the_installation_says_so(cell: Cell) -> None:
    async with store(cell, "notify") as notify:
        await asyncio.gather(*(begin_outgoing(notify, on=False, now=NOW) for _ in range(4)))
        assert await stands(notify) == (False, "first-installation")


async def test_once_turned_the_switch_stays_through_every_start(cell: Cell) -> None:
    async with store(cell, "notify") as notify:
        await begin_outgoing(notify, on=False, now=NOW)
        await switch_outgoing(notify, on=True, by="farah", now=NOW)
        await begin_outgoing(notify, on=False, now=NOW)
        assert await stands(notify) == (True, "farah")


async def test_where_messages_begin_on_nothing_is_written(cell: Cell) -> None:
    async with store(cell, "notify") as notify:
        await begin_outgoing(notify, on=True, now=NOW)
        assert await stands(notify) is None
