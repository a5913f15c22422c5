"""The pull feed over HTTP, on a real database."""

import asyncio
import json
from datetime import UTC, datetime, timedelta

from cloudevents.v1.http import from_json

from services.partner.subscriptions.model.entry import Entry
from tests.partner.subscriptions.subscribed import Subscribed, kinds


async def test_the_course_of_an_offer_is_read_in_order_and_each_event_once(
    district: Subscribed,
) -> None:
    smiles = await district.provider("Smiles", seats=1)
    bus = await district.provider("Bus", seats=1)
    key = await district.key(smiles, "feed")
    referral = await district.offer(smiles, bus)
    await district.answer(smiles, "claim")
    await district.accept(referral)  # read before the claim that it answers
    await district.pump()
    await district.answer(smiles, "progress", {"progress": "started"})
    await district.pump()
    first = await district.feed(key, limit=2)
    assert (kinds(first["items"]), first["next"], first["more"]) == (["opened", "claimed"], 2, True)
    rest = await district.feed(key, after=2)
    assert kinds(rest["items"]) == ["accepted", "progress-reported"]
    assert [each["feednumber"] for each in rest["items"]] == [3, 4]
    assert (rest["next"], rest["more"]) == (4, False)
    assert (await district.feed(key, after=4))["items"] == []
    theirs = await district.feed(await district.key(bus, "feed"))
    assert kinds(theirs["items"]) == ["opened", "withdrawn"]


async def test_each_event_is_one_that_the_cloudevents_library_reads(district: Subscribed) -> None:
    smiles = await district.provider("Smiles")
    key = await district.key(smiles, "feed")
    await district.offer(smiles)
    await district.pump()
    (event,) = (await district.feed(key))["items"]
    read = from_json(json.dumps(event))
    assert read["type"] == "org.enlace.offer.opened.v1"
    assert read["feednumber"] == 1
    assert read.data["service"] == smiles.service


async def test_an_event_that_is_delivered_twice_is_numbered_once(district: Subscribed) -> None:
    smiles = await district.provider("Smiles")
    key = await district.key(smiles, "feed")
    await district.offer(smiles)
    await district.pump()
    await district.again()
    await district.offer(smiles)
    await district.pump()
    page = await district.feed(key)
    assert [each["feednumber"] for each in page["items"]] == [1, 2]
    assert len({each["id"] for each in page["items"]}) == 2


async def test_who_waits_is_answered_as_soon_as_something_comes(district: Subscribed) -> None:
    smiles = await district.provider("Smiles")
    key = await district.key(smiles, "feed")
    waiting = asyncio.create_task(district.feed(key, wait=30))
    await district.offer(smiles)
    await district.pump()
    async with asyncio.timeout(25):
        assert kinds((await waiting)["items"]) == ["opened"]
    assert (await district.feed(key, after=1, wait=1))["items"] == []


async def test_a_place_that_is_none_is_told_where_to_go_on(district: Subscribed) -> None:
    smiles = await district.provider("Smiles")
    key = await district.key(smiles, "feed")
    answer = await district.http.get("/v1/feed", params={"after": 9}, headers=key)
    assert (answer.status_code, answer.json()["type"].rsplit("/")[-1]) == (409, "cursor-ahead")
    for _ in range(3):
        await district.offer(smiles)
    await district.pump()
    # What the database has let go after its time.
    entries = district.service.chassis.store.collection(Entry)
    await entries.delete_many({"agency": smiles.agency, "number": {"$lte": 2}})
    late = await district.http.get("/v1/feed", params={"after": 1}, headers=key)
    assert (late.status_code, late.json()["type"].rsplit("/")[-1]) == (409, "cursor-too-old")
    assert "after=0" in late.json()["detail"]
    assert [each["feednumber"] for each in (await district.feed(key))["items"]] == [3]
    assert [each["feednumber"] for each in (await district.feed(key, after=2))["items"]] == [3]


async def test_entries_are_let_go_by_the_servers_own_time(district: Subscribed) -> None:
    smiles = await district.provider("Smiles")
    await district.offer(smiles)
    await district.pump()
    entries = district.service.chassis.store.collection(Entry)
    row = await entries.find_one({})
    assert row is not None
    assert abs(datetime.now(UTC) - row["changed_at"]) < timedelta(hours=1)
    indexes = await entries.index_information()
    assert {each.get("expireAfterSeconds") for each in indexes.values()} == {None, 31 * 24 * 3600}
