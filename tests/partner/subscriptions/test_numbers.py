"""Numbers without a gap and without a repeat, whoever writes at the same moment."""

import asyncio

from contracts.categories import Category
from contracts.cloudevents import Envelope
from contracts.offerings import Offer, OfferingOpened
from contracts.referrals import Bands
from services.chassis.consumer.incoming import Incoming
from services.chassis.ids import new_id
from tests.partner.build import NOW, SITE
from tests.partner.district import Provider
from tests.partner.subscriptions.receiver import Receiver
from tests.partner.subscriptions.subscribed import Subscribed

WRITERS, EACH = 8, 12


def record(partition: int, offset: int, *providers: Provider) -> Incoming:
    referral = new_id()
    event = OfferingOpened(
        referral=referral,
        round=1,
        site=SITE,
        category=Category.DENTAL,
        bands=Bands(age="7-9", language="es"),
        offers=tuple(
            Offer(offer=new_id(), service=x.service, agency=x.agency, contact="c", nonce="n")
            for x in providers
        ),
        answer_by=NOW,
    )
    envelope = Envelope(
        id=new_id(),
        source="enlace/partner",
        type=event.TYPE,
        key=referral,
        time=NOW,
        sequence=1,
        site=SITE,
    )
    return Incoming(
        topic="t.offerings",
        partition=partition,
        offset=offset,
        key=referral,
        envelope=envelope,
        event=event,
        cause=None,
        headers=(),
        value=b"{}",
        raw_key=referral.encode(),
    )


async def test_a_reader_among_eight_writers_misses_nothing(
    district: Subscribed, receiver: Receiver
) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    key = await district.key(smiles, "feed")
    await district.hook(smiles, receiver.url)
    slices = district.service.service.slices["partner-subscriptions"]
    done = asyncio.Event()

    async def write(partition: int) -> None:
        for offset in range(0, EACH, 3):
            records = [record(partition, offset + x, smiles, bus) for x in range(3)]
            await slices.apply("offerings", records, expected=offset)

    async def read() -> list[int]:
        numbers: list[int] = []
        while True:
            last = done.is_set()
            page = await district.feed(key, after=numbers[-1] if numbers else 0, limit=5)
            numbers += [each["feednumber"] for each in page["items"]]
            if last and not page["items"]:
                return numbers

    reading = asyncio.create_task(read())
    async with asyncio.timeout(120):
        await asyncio.gather(*[write(partition) for partition in range(WRITERS)])
        done.set()
        numbers = await reading
    assert numbers == list(range(1, WRITERS * EACH + 1))
    await district.push()
    assert len({each.headers["webhook-id"] for each in receiver.requests}) == WRITERS * EACH
    assert len(receiver.requests) == WRITERS * EACH
