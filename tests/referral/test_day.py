"""A coordinator's day as `docs/coordinators-day.md` tells it, call by call, on the real service."""

from pathlib import Path

from contracts import cloudevents
from contracts.cloudevents import Envelope
from contracts.event import Event
from services.chassis.clock import FixedClock
from services.chassis.consumer.incoming import read_parts
from services.chassis.ids import new_id
from services.referral.consumer import reactions
from services.referral.handlers.desk import Desk
from services.referral.main import build
from services.referral.model.rules import Rules
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.running import person, running
from tests.servers import Cell
from tests.walk import Walk

PAGE = (Path(__file__).parents[2] / "docs" / "coordinators-day.md").read_text()
PEOPLE = {
    "rosa": person("rosa", "coordinator:site-01"),
    "nora": person("nora", "care-team:site-01"),
}


async def test_the_day_is_as_the_page_tells_it(cell: Cell, tmp_path: Path) -> None:
    clock = FixedClock(NOW)
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, PEOPLE, clock=clock
    ) as service:

        async def tell(event: Event) -> None:
            """Apply another service's event, as from Kafka."""
            envelope = Envelope(new_id(), "enlace/test", event.TYPE, event.key, clock.now(), 1)
            record = read_parts(
                topic=event.TOPIC.name,
                partition=0,
                offset=0,
                raw_key=event.key.encode(),
                headers=tuple(cloudevents.encode(envelope)),
                value=event.model_dump_json().encode(),
            )
            table = reactions(Desk(service.chassis.store, clock, Rules))
            await service.chassis.database.transact(lambda: table.apply([record]))

        day = Walk(service, clock, tell, "rosa")
        await day.through(PAGE)
    assert day.calls > 20, "the page lost its calls"
