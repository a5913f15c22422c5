"""Who acts is kept with every event, and leaves the service on no topic."""

import pytest
from starlette.types import Receive, Scope, Send

from services.chassis.acting import Acting, ActorKind, Via, acting, acting_as, set_acting
from services.chassis.consumer.reactions import Reactions
from services.chassis.http.middleware import RequestSpan
from tests.chassis.build import (
    bump,
    completed,
    create_topics,
    eventually,
    incoming,
    read_topic,
    relay,
    running,
    store,
)
from tests.servers import Cell

ROSA = Acting(ActorKind.STAFF, "rosa-who-acted", Via.PORTAL, "192.0.2.0/24", "r-1")


async def test_it_is_written_beside_the_event_in_its_transaction(cell: Cell) -> None:
    async with store(cell) as service:
        with acting_as(ROSA):
            await bump(service, "a", completed("a"))
        await bump(service, "b", completed("b"))
        rows = service.database["event_log"].find({}, sort=[("key", 1)])
        by = {row["key"]: row["by"] async for row in rows}
        assert Acting.of(by["a"]) == ROSA
        assert by["b"] is None


async def test_no_topic_carries_it(cell: Cell) -> None:
    await create_topics(cell)
    async with store(cell) as service:
        with acting_as(ROSA):
            await bump(service, "a", completed("a"))
        async with running(relay(cell, service.log, service.database).run):

            async def there() -> bool:
                return bool(await read_topic(cell))

            await eventually(there, "the event")
        (record,) = await read_topic(cell)
        assert "rosa-who-acted" not in str((record.value, record.headers))


async def test_an_event_is_the_act_of_the_service_that_told_it() -> None:
    seen: list[Acting | None] = []
    table = Reactions()

    async def look(event: object, envelope: object) -> None:
        del event, envelope
        seen.append(acting())

    table.on(type(completed("a")), look)
    await table.apply([incoming("a", 1)])
    (who,) = seen
    assert who is not None
    assert (who.kind, who.via) == (ActorKind.SERVICE, Via.EVENT)
    assert "/" not in who.subject
    assert acting() is None


async def test_nobody_acts_before_a_request_has_said_who_and_after_it() -> None:
    seen: list[Acting | None] = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive, send
        seen.append(acting())
        set_acting(ROSA)

    async def nothing(*_: object) -> None:
        raise AssertionError("nothing is read or sent")

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    for _ in range(2):
        await RequestSpan(app)(scope, nothing, nothing)  # type: ignore[arg-type] # never called
    assert seen == [None, None]
    assert acting() is None


@pytest.mark.parametrize("who", [ROSA, Acting(ActorKind.AGENCY, "agy-1", Via.AGENCY_LINK)])
def test_what_is_kept_is_read_back(who: Acting) -> None:
    assert Acting.of(who.to_document()) == who
