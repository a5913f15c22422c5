"""What becomes of a text at the carrier: refused, answered late, twice, never, or not at all."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from services.chassis.tasks import end
from services.notify.model.message import State
from tests.local.carrier.running import Carrier
from tests.notify.build import created, mother, offered
from tests.notify.world import World, until, world
from tests.servers import Cell

REF = "019ab000-0000-7000-8000-000000000001"


async def test_a_busy_carrier_is_asked_again_after_its_own_pause(notify: World) -> None:
    rule = {"action": "fail", "code": 20429, "retry_after_seconds": 90, "times": 1}
    notify.carrier.rules(rule)
    await notify.person(mother())
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    held = await notify.message()
    assert (held.state, held.waits_for, held.code) == ("waiting", "provider", "20429")
    notify.advance(timedelta(seconds=80))
    await notify.work()
    assert notify.texts() == []
    notify.advance(timedelta(seconds=20))
    await notify.work()
    assert len(notify.texts()) == 1
    assert (await notify.message()).attempts == 2


@pytest.mark.parametrize(
    ("code", "state"),
    [
        (21211, State.PERMANENT_FAILURE),
        (21612, State.PERMANENT_FAILURE),
        (30003, State.TEMPORARY_FAILURE),
        (30007, State.PERMANENT_FAILURE),
        (21606, State.TECHNICAL_FAILURE),
    ],
)
async def test_the_carriers_codes_end_a_message_as_the_table_says(
    notify: World, code: int, state: State
) -> None:
    notify.carrier.rules({"action": "fail", "code": code})
    await notify.person(mother())
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    failed = await notify.reaches(state)
    assert failed.code == str(code)
    (event,) = await notify.events("message.failed")
    assert (event["kind"], event["code"]) == (state.value, str(code))


async def test_callbacks_that_come_twice_and_last_first_end_in_delivered(notify: World) -> None:
    notify.carrier.rules({"action": "reorder"}, {"action": "duplicate", "copies": 2})
    await notify.person(mother())
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    await notify.reaches("delivered")

    async def all_handed_over() -> bool:
        document = await asyncio.to_thread(notify.carrier.http.get, "/sim/deliveries")
        counts: dict[str, int] = document.json()["counts"]
        return counts.get("waiting", 0) == 0

    await until(all_handed_over)
    assert (await notify.message()).state == "delivered"
    assert await notify.told() == ["message.queued", "message.sent", "message.delivered"]


async def test_an_answer_that_was_lost_is_settled_by_the_callback_and_never_resent(
    notify: World,
) -> None:
    notify.carrier.rules(
        {"action": "hang", "times": 1},
        {"action": "delay", "seconds": 3},
        {"action": "drop", "statuses": ["queued"]},
    )
    await notify.person(mother())
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    assert (await notify.message()).state == "unknown"
    await notify.reaches("delivered")
    notify.advance(timedelta(hours=1))
    await notify.work(2)
    assert len(notify.texts()) == 1


async def test_a_crash_before_the_answer_leaves_it_unknown_and_the_carriers_list_settles_it(
    notify: World,
) -> None:
    notify.carrier.rules({"action": "hang"}, {"action": "drop"})
    await notify.person(mother())
    await notify.happens(created(REF), offered(REF))
    working = asyncio.create_task(notify.work())

    async def intent() -> bool:
        return bool(notify.texts())

    await until(intent)
    await end([working])
    assert (await notify.message()).state == "sending"
    await notify.work()
    assert (await notify.message()).state == "sending"
    notify.advance(timedelta(seconds=61))
    await notify.work()
    assert (await notify.message()).state == "unknown"
    notify.advance(timedelta(seconds=31))
    await notify.work()
    settled = await notify.message()
    assert settled.state in {"sent", "delivered"}
    assert settled.provider_id is not None
    assert len(notify.texts()) == 1


async def test_what_nobody_can_settle_is_listed_for_a_person_and_never_sent_again(
    cell: Cell, tmp_path: Path, carrier: Carrier
) -> None:
    held: list[asyncio.StreamWriter] = []

    async def silence(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held.append(writer)

    server = await asyncio.start_server(silence, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    async with world(cell, tmp_path, carrier, twilio_url=url, twilio_timeout=0.2) as notify:
        await notify.person(mother())
        await notify.happens(created(REF), offered(REF))
        await notify.work()
        assert (await notify.message()).state == "unknown"
        asked_once = len(held)
        for _ in range(3):
            notify.advance(timedelta(minutes=8))
            await notify.work()
        lost = await notify.message()
        assert (lost.state, lost.next_due, lost.attempts) == ("unknown", None, 1)
        assert asked_once == 1
        answer = await notify.get("/v1/messages?state=unknown", "rosa")
        (item,) = answer.json()["items"]
        assert (item["id"], item["template"]) == (lost.id, "family-asked")
        assert (await notify.get("/v1/messages?state=unknown", "denise")).json()["items"] == []
    for writer in held:
        writer.close()
    server.close()


async def test_a_carrier_that_cannot_be_reached_is_tried_again(notify: World) -> None:
    notify.carrier.stop()
    await notify.person(mother())
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    held = await notify.message()
    assert (held.state, held.waits_for, held.code) == ("waiting", "provider", "not-reached")
    notify.carrier.start()
    notify.advance(timedelta(seconds=31))
    await notify.work()
    assert len(notify.texts()) == 1
