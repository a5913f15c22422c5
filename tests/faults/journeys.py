"""One referral's way, as its clients go it: the coordinator, and the agencies that are asked."""

import asyncio
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from http import HTTPStatus
from typing import Any

import httpx2

from contracts.offerings import Offer
from services.chassis.ids import new_id
from tests.faults.agencies import Agencies
from tests.faults.client import Client, NoAnswerError, RefusedError, need_success
from tests.faults.district import Child, Service
from tests.faults.seen import Said, Told
from tests.faults.watcher import Watcher

WAIT = 100.0  # seconds for an event of another service, a broker's restart included


class Fate(Enum):
    """What the people of a referral do with it."""

    HELPED = "one agency takes the child and reports to the end"
    RACED = "both agencies say yes at the same moment"
    DECLINED = "both agencies say no"
    GIVEN_UP = "the coordinator cancels before anybody has answered"
    CROSSED = "the coordinator cancels at the moment an agency says yes"
    LEFT = "the coordinator cancels after the agency has begun"


FATES = {
    Fate.HELPED: 50,
    Fate.RACED: 20,
    Fate.DECLINED: 10,
    Fate.GIVEN_UP: 6,
    Fate.CROSSED: 8,
    Fate.LEFT: 6,
}
"""How often each is drawn, in percent."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where the clients send, and by what right.

    Attributes:
        token: of the coordinator.
        agencies: answer what they are offered.
        tell: is given every promise, as soon as it was made.
    """

    client: Client
    watcher: Watcher
    referral_url: str
    token: str
    agencies: Agencies
    tell: Callable[[Told], None]

    @property
    def signed_in(self) -> dict[str, str]:
        """The coordinator's headers."""
        return {"Authorization": f"Bearer {self.token}"}


class Journey:
    """One referral from its creation to its end.

    Attributes:
        step: what it is doing, for the report of one that got stuck.
    """

    def __init__(
        self, desk: Desk, child: Child, services: tuple[Service, Service], fate: Fate
    ) -> None:
        self.id = new_id()
        self.step = ""
        self._desk = desk
        self._child = child
        self._services = services
        self._fate = fate

    async def go(self, *, to_the_end: bool) -> None:
        """Go the whole way; without a partner service only as far as the offer.

        Raises:
            RefusedError, NoAnswerError, TimeoutError: it could not be gone to the end.
        """
        await self._create()
        await self._offer()
        if not to_the_end:
            if self._fate in {Fate.GIVEN_UP, Fate.CROSSED, Fate.LEFT}:
                await self._cancel()
            return
        if self._fate is Fate.GIVEN_UP:
            await self._cancel()
            return
        self.step = "waiting for the offers to go out"
        async with asyncio.timeout(WAIT):
            opened = await self._desk.watcher.offering(self.id)
        await self._answer(opened.offers)

    async def _create(self) -> None:
        self.step = "creating"
        body = {
            "student": self._child.id,
            "category": self._child.category,
            "urgency": self._child.urgency,
            "need": "A sample need of a sample child.",
            # The children are few and come round again while earlier needs are open.
            "despite_duplicate": "Another need of the same kind.",
        }
        answer = await self._send("PUT", "", body)
        need_success(answer)
        self._told(Said.CREATED)

    async def _offer(self) -> None:
        self.step = "offering"
        candidates = [{"service": each.id, "agency": each.agency} for each in self._services]
        answer = await self._command("offer", {"candidates": candidates})
        if answer.is_success:
            self._told(Said.OFFERED)
        elif answer.status_code != HTTPStatus.CONFLICT:
            # 409 says that it was offered by a request whose answer was lost.
            need_success(answer)

    async def _cancel(self) -> None:
        self.step = "cancelling"
        answer = await self._command("cancel", {"reason": "family-withdrew"})
        if answer.is_success:
            self._told(Said.CANCELLED)
        elif answer.status_code != HTTPStatus.CONFLICT:
            need_success(answer)

    async def _command(self, what: str, body: dict[str, Any]) -> httpx2.Response:
        """Send a command on the version that was read; one that has changed is read again."""
        while True:
            known = await self._send("GET", "")
            need_success(known)
            answer = await self._send(
                "POST", f"/{what}", body, **{"If-Match": f'"{known.json()["version"]}"'}
            )
            if answer.status_code != HTTPStatus.PRECONDITION_FAILED:
                return answer

    async def _send(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> httpx2.Response:
        url = f"{self._desk.referral_url}/v1/referrals/{self.id}{path}"
        return await self._desk.client.send(
            method, url, json=body, headers={**self._desk.signed_in, **headers}
        )

    async def _answer(self, offers: tuple[Offer, ...]) -> None:
        first, *others = offers
        self.step = "answering"
        match self._fate:
            case Fate.DECLINED:
                await asyncio.gather(*(self._decline(offer) for offer in offers))
                return
            case Fate.CROSSED:
                await asyncio.gather(self._claim(first), self._cancel())
                return
            case Fate.RACED:
                await asyncio.gather(*(self._claim(offer) for offer in (first, *others)))
            case _:
                await self._claim(first)
        self.step = "waiting for the claim to be accepted"
        async with asyncio.timeout(WAIT):
            accepted = await self._desk.watcher.accepted(self.id)
        offer = next(each for each in offers if each.service == accepted.service)
        await self._report(offer, "scheduled")
        if self._fate is Fate.LEFT:
            await self._cancel()
            return
        await self._report(offer, "started")
        await self._report(offer, "completed")

    async def _claim(self, offer: Offer) -> None:
        if await self._desk.agencies.claim(offer):
            self._told(Said.CLAIMED, offer.offer)

    async def _decline(self, offer: Offer) -> None:
        await self._desk.agencies.decline(offer)
        self._told(Said.DECLINED, offer.offer)

    async def _report(self, offer: Offer, progress: str) -> None:
        self.step = f"reporting {progress}"
        await self._desk.agencies.report(offer, progress)
        self._told(Said.REPORTED, offer.offer, progress)

    def _told(self, said: Said, offer: str = "", progress: str = "") -> None:
        self._desk.tell(Told(time.monotonic(), said, self.id, offer, progress))


FAILURES = (RefusedError, NoAnswerError, TimeoutError)
"""What `Journey.go` ends with when it could not be gone to the end."""


def draw(chance: random.Random) -> Fate:
    """Return a fate, as often as `FATES` says."""
    return chance.choices(list(FATES), weights=list(FATES.values()))[0]
