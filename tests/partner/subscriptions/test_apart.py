"""One agency and another: none delays the other, and none is sent what is the other's."""

from datetime import timedelta

from services.chassis.tasks import end
from tests.partner.subscriptions.receiver import Receiver, receiving
from tests.partner.subscriptions.subscribed import Subscribed, bodies, kinds


async def test_one_that_hangs_delays_nobody_else(district: Subscribed, receiver: Receiver) -> None:
    async with receiving() as hanging:
        hanging.hangs = True
        bad, good = await district.provider("Bad"), await district.provider("Good")
        await district.hook(bad, hanging.url)
        await district.hook(good, receiver.url)
        for _ in range(20):
            await district.offer(bad, good)
        await district.pump()
        await district.pusher.start()
        await hanging.got(8)
        await receiver.got(20)
        assert len(hanging.requests) == 8  # bounded, however much waits
        assert district.pusher._serving  # the hanging ones are still under way
        await end(district.pusher._serving.values())


async def test_one_that_fails_is_tried_one_by_one(district: Subscribed, receiver: Receiver) -> None:
    smiles = await district.provider("Smiles")
    await district.hook(smiles, receiver.url)
    receiver.status = 500
    await district.offer(smiles)
    await district.push()
    for _ in range(5):
        await district.offer(smiles)
    await district.push()
    assert len(receiver.requests) == 2


async def test_after_one_that_fails_the_rest_is_left_for_later_and_none_is_lost(
    district: Subscribed, receiver: Receiver
) -> None:
    smiles = await district.provider("Smiles")
    hook = await district.hook(smiles, receiver.url)
    receiver.status = 500
    for _ in range(30):
        await district.offer(smiles)
    await district.push()
    assert len(receiver.requests) <= 9  # those that were open together, and one by itself
    receiver.status = 200
    for _ in range(20):
        district.clock.advance(timedelta(seconds=6))
        await district.push()
    delivered = [x for x in await district.log(hook) if x["outcome"] == "delivered"]
    assert len({each["number"] for each in delivered}) == 30


async def test_no_agency_is_sent_what_is_anothers(district: Subscribed, receiver: Receiver) -> None:
    async with receiving() as other:
        smiles, bus = (
            await district.provider("Smiles", seats=3),
            await district.provider("Bus", seats=3),
        )
        await district.hook(smiles, receiver.url)
        await district.hook(bus, other.url)
        referral = await district.offer(smiles, bus)
        await district.answer(smiles, "claim")
        await district.pump()
        await district.accept(referral)
        await district.push()
        mine, theirs = repr(bodies(receiver)), repr(bodies(other))
        assert kinds(bodies(other)) == ["opened", "withdrawn"]
        for word in (smiles.agency, smiles.service, referral):
            assert word not in theirs
        assert bus.service not in mine
        ids = [{each["id"] for each in bodies(each)} for each in (receiver, other)]
        assert not ids[0] & ids[1]
        assert "Marked" not in mine + theirs
