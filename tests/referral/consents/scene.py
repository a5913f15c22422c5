"""A child, a mother, agencies and their claims in a running referral service."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2

from contracts.categories import Category
from contracts.cloudevents import Envelope
from contracts.offerings import OfferClaimed
from services.chassis.auth import ServiceIdentity
from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.referral.consumer import _Subscriber
from services.referral.handlers.desk import Desk
from services.referral.main import build
from services.referral.model.referral import Referral
from services.referral.model.rules import Rules
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.running import Running, person, running
from tests.servers import Cell

PEOPLE = {
    "rosa": person("rosa", "coordinator:site-01"),
    "nurse": person("nurse", "care-team:site-01"),
    "denise": person("denise", "coordinator:site-02"),
    "both": person("both", "coordinator:site-01", "coordinator:site-02"),
    "admin": person("admin", "admin:"),
    "lead": person("lead", "leadership:site-01"),
}
SMILES = {"service": "svc-smiles", "agency": "agy-smiles"}
EVERY_NEED = " ".join(Category)
BUS = {"service": "svc-bus", "agency": "agy-bus"}


class Scene:
    """One family at site-01; everything is done by Rosa unless somebody else is named."""

    def __init__(self, service: Running, keys: Path, clock: FixedClock) -> None:
        self.service, self.keys, self.clock = service, keys, clock
        self.family, self.student = new_id(), new_id()
        self.mother, self.father = new_id(), new_id()

    @property
    def desk(self) -> Desk:
        return Desk(self.service.chassis.store, self.clock, Rules)

    async def call(
        self, method: str, path: str, body: Any = None, *, who: str = "rosa", **more: Any
    ) -> httpx2.Response:
        headers = {**self.service.as_(who), **more.pop("headers", {})}
        if body is not None:
            more["json"] = body
        return await self.service.http.request(method, path, headers=headers, **more)

    async def done(self, method: str, path: str, body: Any = None, **more: Any) -> Any:
        answer = await self.call(method, path, body, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    async def entered(self, born: str = "2013-05-02") -> "Scene":
        contacts = [
            {"id": self.mother, "relation": "mother", "given_name": "Elena", "reads": "es",
             "phone": "(510) 555-0123", "may_be_told": True},
            {"id": self.father, "relation": "father", "given_name": "Mateo", "reads": "es"},
        ]  # fmt: skip
        household = {"site": "site-01", "contacts": contacts}
        await self.done("PUT", f"/v1/families/{self.family}", household)
        child = {
            "site": "site-01",
            "family": self.family,
            "given_name": "Ana",
            "family_name": "Ramírez",
            "birth_date": born,
        }
        await self.done("PUT", f"/v1/students/{self.student}", child)
        return self

    async def knows(self, relation: str) -> str:
        """Enter one more contact, who may be told."""
        id = new_id()
        contact = {"id": id, "relation": relation, "given_name": "Nora", "reads": "es"}
        path = f"/v1/families/{self.family}"
        seen = (await self.call("GET", path)).headers["ETag"]
        told = {"may_be_told": True, "phone": "(510) 555-0199"}
        headers = {"If-Match": seen}
        await self.done("PUT", f"{path}/contacts/{id}", contact | told, headers=headers)
        return id

    def consent(self, **changes: Any) -> dict[str, Any]:
        body = {
            "student": self.student,
            "categories": ["dental"],
            "parts": ["name", "contact", "need"],
            "method": "signed-on-screen",
            "given_by": self.mother,
            "read_in": "es",
            "until": "2027-06-30",
        }
        return {**body, **changes}

    async def give(self, **changes: Any) -> str:
        id = new_id()
        await self.done("PUT", f"/v1/consents/{id}", self.consent(**changes))
        return id

    async def confide(self, **changes: Any) -> str:
        own = {"given_by": self.student, "categories": ["mental-health"]}
        return await self.give(**{**own, **changes})

    async def consents(self) -> list[dict[str, Any]]:
        page = await self.done("GET", f"/v1/students/{self.student}/consents")
        return list(page["items"])

    async def revoke(self, consent: str, **body: Any) -> httpx2.Response:
        path = f"/v1/students/{self.student}/consents/{consent}/revoke"
        return await self.call("POST", path, body)

    async def referral(self, category: str = "dental") -> str:
        id = new_id()
        body = {
            "student": self.student,
            "category": category,
            "need": "Le duele al masticar",
            "despite_duplicate": "One test refers a child several times",
        }
        await self.done("PUT", f"/v1/referrals/{id}", body)
        return id

    async def offer(self, referral: str, *candidates: dict[str, str]) -> None:
        answer = await self.ask(referral, *candidates)
        assert answer.status_code == 200, answer.text

    async def ask(self, referral: str, *candidates: dict[str, str]) -> httpx2.Response:
        return await self.act(referral, "offer", {"candidates": list(candidates or (SMILES, BUS))})

    async def act(self, referral: str, what: str, body: Any = None) -> httpx2.Response:
        """Do something with a referral as it is now."""
        path = f"/v1/referrals/{referral}"
        seen = (await self.call("GET", path)).headers["etag"]
        return await self.call("POST", f"{path}/{what}", body, headers={"If-Match": seen})

    async def claim(self, referral: str, by: dict[str, str] = SMILES, *, round: int = 1) -> str:
        claim = new_id()
        event = OfferClaimed(
            referral=referral,
            round=round,
            offer="off-1",
            claim=claim,
            contact="con-9",
            nonce="n",
            **by,
        )
        envelope = Envelope("e", "enlace/partner", event.TYPE, referral, NOW, 1)
        await _Subscriber(self.desk).claimed(event, envelope)
        return claim

    async def taken(self, category: str = "dental") -> tuple[str, str]:
        """Refer the child and let Smiles claim; returns referral and claim."""
        referral = await self.referral(category)
        await self.offer(referral, SMILES)
        return referral, await self.claim(referral)

    async def read(
        self, referral: str, claim: str, agency: str = "agy-smiles", meets: str = EVERY_NEED
    ) -> httpx2.Response:
        """Read who the child is; partner vouches for what the agency's service is for."""
        vouched = {"referral": referral, "claim": claim, "agency": agency, "meets": meets}
        token = self.token(**vouched)
        return await self.service.http.get(
            f"/v1/referrals/{referral}/identity", headers={"Authorization": f"Bearer {token}"}
        )

    def token(self, service: str = "partner", **claims: str) -> str:
        return ServiceIdentity(service, self.keys).token("referral", **claims)

    async def state(self, referral: str) -> Referral:
        found = await self.service.chassis.store.get(Referral, referral)
        assert found is not None
        return found

    async def told(self, key: str) -> list[str]:
        """Return what was told on a key, in order, as `consent.granted`."""
        rows = self.service.chassis.database["event_log"].find({"key": key})
        found = [row async for row in rows.sort([("topic", 1), ("sequence", 1)])]
        return [str(row["type"]).removeprefix("org.enlace.").removesuffix(".v1") for row in found]

    async def sweep(self, after: timedelta = timedelta()) -> int:
        """Let time pass and fire what is due."""
        self.clock.advance(after)
        return sum([await sweep.once() for sweep in self.service.service.parts.sweeps])


def slug(answer: httpx2.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json", answer.text
    return str(answer.json()["type"]).removeprefix("https://enlace.org/problems/")


@asynccontextmanager
async def scene_in(cell: Cell, keys: Path) -> AsyncIterator[Scene]:
    clock = FixedClock(NOW)
    async with running(
        "referral", build, ReferralSettings, cell, keys, PEOPLE, clock=clock
    ) as service:
        yield await Scene(service, keys, clock).entered()
