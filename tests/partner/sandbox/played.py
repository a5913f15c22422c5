"""An agency in the sandbox: it knows its key and the addresses, as its engineers do."""

from typing import Any

import httpx2

from services.chassis.ids import new_id
from services.partner.sandbox.parts import PATH
from services.partner.sandbox.world import World
from services.partner.subscriptions.sending.pusher import Pusher
from tests.partner.district import Provider
from tests.partner.fhir.client import FhirClient
from tests.partner.subscriptions.subscribed import Subscribed, kinds

Json = dict[str, Any]


class Played:
    """What an agency's engineers do."""

    def __init__(self, district: Subscribed, provider: Provider, key: dict[str, str]) -> None:
        self.district = district
        self.provider = provider
        self.key = key
        self.fhir = FhirClient(district.http, key, PATH)

    @classmethod
    async def of(cls, district: Subscribed, provider: Provider) -> "Played":
        """Enter an agency by a key of its own."""
        own = await district.key(provider, "keys")
        made = await enter(district, own)
        assert made.status_code == 200, made.text
        return cls(district, provider, {"Authorization": f"Bearer {made.json()['key']}"})

    async def call(self, method: str, path: str, body: Json | None = None) -> httpx2.Response:
        """Call an address of the sandbox."""
        return await self.district.http.request(
            method, f"{PATH}{path}", json=body, headers=self.key
        )

    async def done(self, method: str, path: str, body: Json | None = None) -> Json:
        """The same, where it must be done."""
        answer = await self.call(method, path, body)
        assert answer.status_code == 200, answer.text
        found: Json = answer.json()
        return found

    async def invent(self, **body: Any) -> Json:
        """Let the invented school ask; returns the referral."""
        asked = {"service": self.provider.service, **body}
        return await self.done("PUT", f"/v1/referrals/{new_id()}", asked)

    async def says(self, referral: Json, says: str) -> Json:
        """Let the school or the family do something."""
        return await self.done("POST", f"/v1/referrals/{referral['id']}/says", {"says": says})

    async def stage(self, referral: Json) -> str:
        """Return how far it has come, once all is handed on."""
        await self.world.play()
        return str((await self.done("GET", f"/v1/referrals/{referral['id']}"))["stage"])

    async def task(self, referral: Json) -> Json:
        """Return the FHIR Task of its offer."""
        return await self.fhir.read(f"Task/{referral['offer']}")

    async def feed(self) -> list[Json]:
        """Return all that the sandbox has told."""
        await self.world.play()
        return list((await self.done("GET", "/v1/feed?after=0"))["items"])

    async def told(self) -> list[str]:
        """Return the kinds of it."""
        return kinds(await self.feed())

    @property
    def world(self) -> World:
        return self.district.tasks_of(World)[0]

    @property
    def pusher(self) -> Pusher:
        return self.district.tasks_of(Pusher)[1]


async def enter(district: Subscribed, key: dict[str, str], **body: Any) -> httpx2.Response:
    """Ask for a key of the sandbox."""
    path = f"/v1/sandbox-keys/{new_id()}"
    return await district.http.put(path, json={"name": "Trying out", **body}, headers=key)
