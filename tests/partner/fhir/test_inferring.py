"""Two agencies that were asked for one child compare what they were sent, byte by byte."""

import base64
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from services.chassis.http.commands import write_cursor
from tests.partner.fhir.client import FhirClient, issue
from tests.partner.subscriptions.subscribed import Subscribed


async def test_no_place_in_a_list_names_the_child(district: Subscribed) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    referrals = [await district.offer(smiles, bus) for _ in range(3)]
    places = []
    for each in (smiles, bus):
        client = await FhirClient.of(district, each)
        bundle = await client.read("Task?_count=2")
        (onward,) = [x["url"] for x in bundle["link"] if x["relation"] == "next"]
        cursor = parse_qs(urlsplit(onward).query)["_cursor"][0]
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode()
        assert not [referral for referral in referrals if referral in text]
        places.append(text)
        rest = await client.tasks(f"?_count=2&_cursor={cursor}")
        first = [x["resource"]["id"] for x in bundle["entry"] if x["search"]["mode"] == "match"]
        assert len({*first, *(task["id"] for task in rest)}) == 3
    assert places[0] != places[1]


async def test_a_place_in_anothers_list_is_none(district: Subscribed) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    await district.offer(smiles, bus)
    client = await FhirClient.of(district, smiles)
    theirs = write_cursor(district.offers[bus.agency].offer)
    assert issue(await client.get(f"Task?_cursor={theirs}")) == (422, "cursor-malformed")


async def test_times_are_told_to_the_minute_and_ids_tell_none(district: Subscribed) -> None:
    district.clock.advance(timedelta(seconds=17, microseconds=123_457))
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    await district.offer(smiles, bus)
    await district.answer(smiles, "claim")
    await district.pump()
    for each in (smiles, bus):
        events = (await district.feed(await district.key(each)))["items"]
        assert events != []
        for event in events:
            assert event["time"].split("T")[1].startswith("17:00:00+")
        deadline = events[0]["data"].get("answer_by", "T17:00:00Z")
        assert deadline.endswith("T17:00:00Z")
        (task,) = await (await FhirClient.of(district, each)).tasks()
        for told in (
            task["authoredOn"],
            task["lastModified"],
            task["restriction"]["period"]["end"],
        ):
            assert told.split("T")[1].startswith("17:00:00")
        assert UUID(task["id"]).version == 4, "a version 7 begins with the millisecond"
        card = await district.show(each)
        assert card["answer_by"].endswith("T17:00:00Z")


async def test_what_another_answers_moves_no_version_of_a_card(district: Subscribed) -> None:
    smiles, bus = await district.provider("Smiles", seats=1), await district.provider("Bus")
    await district.offer(smiles, bus)
    before = await district.shown(smiles)
    await district.answer(bus, "decline", {"reason": "no-capacity"})
    after = await district.shown(smiles)
    assert (after.json(), after.headers["ETag"]) == (before.json(), before.headers["ETag"])
    claimed = await district.answer(smiles, "claim")
    assert claimed["version"] != before.json()["version"], "its own answer moves it"
