"""The small district with agencies that subscribe."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

import httpx2

from contracts import cloudevents
from contracts.cloudevents import Envelope
from contracts.event import Event
from services.chassis.clock import FixedClock
from services.chassis.consumer.incoming import Incoming
from services.chassis.events.log import LoggedEvent
from services.chassis.ids import new_id
from services.partner.subscriptions.consumer import GROUP
from services.partner.subscriptions.sending.pusher import Pusher
from tests.partner.build import SITE
from tests.partner.district import District, Provider, record_of
from tests.partner.subscriptions.receiver import Receiver
from tests.running import Running

T = TypeVar("T")

ALL_SCOPES = ["feed", "webhooks", "keys"]


@dataclass(frozen=True, slots=True)
class Hook:
    """An endpoint as it was made: its id, and the secret that was shown once."""

    id: str
    secret: str


class Subscribed(District):
    """What tests do with subscriptions."""

    def __init__(self, service: Running, clock: FixedClock) -> None:
        super().__init__(service, clock)
        self._told: list[str] = []
        self._written = 0
        self._read = 0

    @property
    def pusher(self) -> Pusher:
        return self.tasks_of(Pusher)[0]

    def tasks_of(self, kind: type[T]) -> list[T]:
        """Return whose tasks the service runs, of one kind; the sandbox's come after its own."""
        owners = [getattr(each, "__self__", None) for each in self.service.service.parts.tasks]
        return [each for each in owners if isinstance(each, kind)]

    async def apply(self, event: Event, behind: timedelta = timedelta(0)) -> None:
        """Let an event of referral arrive at the service, and at its subscriptions."""
        await super().apply(event, behind)
        envelope = Envelope(
            id=new_id(),
            source="enlace/referral",
            type=event.TYPE,
            key=event.key,
            time=self.clock.now() - behind,
            sequence=self._sequences[event.TOPIC.name][event.key],
            site=SITE,
        )
        await self.write(record_of("referrals", self._read, envelope, event))
        self._read += 1

    async def write(self, record: Incoming) -> None:
        """Apply one record to the feeds, as their consumer would."""
        slices = self.service.service.slices[GROUP]
        await slices.apply(record.topic.removeprefix("t."), [record], expected=record.offset)

    async def pump(self) -> None:
        """Let what partner has told of offerings so far arrive at its subscriptions."""
        # By id: of what was written at one moment a later row may stand before an earlier one.
        for row in await self._offerings():
            if row.envelope.id not in self._told:
                await self._write(row)
                self._told.append(row.envelope.id)

    async def again(self) -> None:
        """Let all of it arrive a second time, as after a rebalance."""
        rows = {row.envelope.id: row for row in await self._offerings()}
        for id in self._told:
            await self._write(rows[id])

    async def _offerings(self) -> list[LoggedEvent]:
        return [row async for row in self.service.chassis.log.all() if row.topic == "offerings"]

    async def _write(self, row: LoggedEvent) -> None:
        event = cloudevents.read(row.envelope, row.data, self.service.chassis.ids)
        assert event is not None
        await self.write(record_of("offerings", self._written, row.envelope, event))
        self._written += 1

    async def push(self) -> None:
        """Pump, then deliver what is due."""
        await self.pump()
        await self.pusher.start()
        await self.pusher.settled()

    async def key(self, provider: Provider, *scopes: str, **more: Any) -> dict[str, str]:
        """Make an agency's key; returns the header that it calls with."""
        body = {"agency": provider.agency, "name": "Our system", "scopes": scopes or ALL_SCOPES}
        answer = await self.put(f"/v1/api-keys/{new_id()}", {**body, **more})
        assert answer.status_code == 200, answer.text
        return {"Authorization": f"Bearer {answer.json()['key']}"}

    async def hook(self, provider: Provider, url: str, **more: Any) -> Hook:
        """Make an agency's endpoint."""
        body = {"agency": provider.agency, "url": url, **more}
        answer = await self.put(f"/v1/webhooks/{new_id()}", body)
        assert answer.status_code == 200, answer.text
        return Hook(answer.json()["id"], answer.json()["secret"])

    async def command(
        self, hook: Hook, what: str, body: dict[str, Any] | None = None, *, who: str = "admin"
    ) -> httpx2.Response:
        headers = self.service.as_(who)
        return await self.http.post(
            f"/v1/webhooks/{hook.id}/{what}", json=body or {}, headers=headers
        )

    async def view(self, hook: Hook) -> dict[str, Any]:
        answer = await self.get(f"/v1/webhooks/{hook.id}", "admin")
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def log(self, hook: Hook) -> list[dict[str, Any]]:
        answer = await self.get(f"/v1/webhooks/{hook.id}/deliveries", "admin")
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    async def feed(self, key: dict[str, str], after: int = 0, **query: Any) -> dict[str, Any]:
        answer = await self.http.get("/v1/feed", params={"after": after, **query}, headers=key)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found


def kinds(events: list[dict[str, Any]]) -> list[str]:
    """Return the middle of each event's type."""
    return [each["type"].split(".")[3] for each in events]


def bodies(receiver: Receiver) -> list[dict[str, Any]]:
    """Return what a receiver was sent, in order."""
    return [json.loads(each.body) for each in receiver.requests]
