"""Replays: one event by its id, or all of the last 30 days from a time or a place in the feed."""

import json
from datetime import timedelta

from services.chassis.ids import new_id
from tests.partner.subscriptions.receiver import Receiver
from tests.partner.subscriptions.subscribed import Subscribed, kinds


def ids(receiver: Receiver) -> list[str]:
    return [each.headers["webhook-id"] for each in receiver.requests]


async def test_one_event_is_delivered_again_at_once_under_its_own_id(
    district: Subscribed, receiver: Receiver
) -> None:
    smiles = await district.provider("Smiles")
    hook = await district.hook(smiles, receiver.url)
    receiver.status = 500
    await district.offer(smiles)
    await district.push()
    receiver.status = 200
    (event,) = ids(receiver)
    answer = await district.command(hook, "replay", {"event": event})
    assert answer.json() == {"queued": 1, "next": None}
    await district.push()
    assert ids(receiver) == [event, event]
    unknown = await district.command(hook, "replay", {"event": new_id()})
    assert unknown.status_code == 404


async def test_all_from_a_time_or_a_place_on_are_delivered_again_in_order(
    district: Subscribed, receiver: Receiver
) -> None:
    smiles = await district.provider("Smiles", seats=3)
    for _ in range(3):
        await district.offer(smiles)
        await district.answer(smiles, "claim")
        district.clock.advance(timedelta(days=1))
    await district.pump()
    hook = await district.hook(smiles, receiver.url)  # what was before it was there comes too
    since = (district.clock.now() - timedelta(days=2)).isoformat()
    answer = await district.command(hook, "replay", {"since": since})
    assert answer.json() == {"queued": 4, "next": None}
    await district.push()
    numbers = [json.loads(each.body)["feednumber"] for each in receiver.requests]
    assert sorted(numbers) == [3, 4, 5, 6]
    assert numbers.index(3) < numbers.index(4)
    assert numbers.index(5) < numbers.index(6)
    receiver.requests.clear()
    await district.command(hook, "replay", {"after": 5})
    await district.push()
    assert kinds([json.loads(each.body) for each in receiver.requests]) == ["claimed"]


async def test_what_may_be_seen_is_looked_at_again(
    district: Subscribed, receiver: Receiver
) -> None:
    smiles, bus = await district.provider("Smiles", seats=1), await district.provider("Bus")
    hook = await district.hook(bus, receiver.url)
    await district.offer(smiles, bus)
    await district.push()
    assert "bands" in json.loads(receiver.requests[0].body)["data"]
    await district.answer(smiles, "claim")
    await district.push()
    await district.command(hook, "replay", {"after": 0})
    await district.push()
    assert ids(receiver)[2] == ids(receiver)[0]
    assert "bands" not in json.loads(receiver.requests[2].body)["data"]


async def test_it_goes_back_thirty_days_and_not_further(
    district: Subscribed, receiver: Receiver
) -> None:
    smiles = await district.provider("Smiles")
    hook = await district.hook(smiles, receiver.url)
    await district.offer(smiles)
    await district.push()
    (event,) = ids(receiver)
    district.clock.advance(timedelta(days=30, seconds=1))
    too_old = await district.command(hook, "replay", {"since": "2026-10-13T17:00:00Z"})
    assert too_old.json()["type"].endswith("replay-too-old")
    assert (await district.command(hook, "replay", {"event": event})).status_code == 404
    assert (await district.command(hook, "replay", {"after": 0})).json()["queued"] == 0


async def test_a_replay_says_what_it_is_of_and_needs_an_endpoint_that_is_enabled(
    district: Subscribed, receiver: Receiver
) -> None:
    smiles = await district.provider("Smiles")
    hook = await district.hook(smiles, receiver.url)
    for body in ({}, {"event": "x", "after": 1}, {"after": -1}, {"since": "yesterday"}):
        assert (await district.command(hook, "replay", body)).status_code == 422
    await district.offer(smiles)
    await district.pump()
    await district.command(hook, "disable")
    refused = await district.command(hook, "replay", {"after": 0})
    assert refused.json()["type"].endswith("endpoint-disabled")
