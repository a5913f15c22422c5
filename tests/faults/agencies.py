"""How agencies answer: half of them through their own systems, half on the portal's page."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Protocol
from uuid import UUID

import httpx2

from contracts.codes import LinkPurpose
from contracts.offerings import Offer
from services.chassis.links import derive_token
from tests.faults.client import Client, RefusedError, problem

_PAUSE = 0.2

Fields = Mapping[str, str]


class Door(Protocol):
    """A way by which an answer to an offer comes in."""

    async def send(self, what: str, link: str, fields: Fields) -> httpx2.Response:
        """Send an answer; a repeat of the same one changes nothing."""

    def done(self, answer: httpx2.Response) -> bool:
        """Tell whether the answer was taken."""

    def too_early(self, answer: httpx2.Response) -> bool:
        """Tell whether to ask again: the referral does not know yet who has taken it."""


class Interface:
    """The partner service's API."""

    def __init__(self, client: Client, url: str) -> None:
        self._client = client
        self._url = url

    async def send(self, what: str, link: str, fields: Fields) -> httpx2.Response:
        """Send an answer with its link in a header."""
        return await self._client.send(
            "POST",
            f"{self._url}/v1/answers/{what}",
            json=dict(fields),
            headers={"X-Enlace-Link": link},
        )

    def done(self, answer: httpx2.Response) -> bool:
        """Tell whether it is a 2xx."""
        return answer.is_success

    def too_early(self, answer: httpx2.Response) -> bool:
        """Tell by the type of the problem."""
        return problem(answer).endswith("not-confirmed")


class Page:
    """The portal's page behind an agency's link: looked at, then answered by its form."""

    def __init__(self, client: Client, url: str) -> None:
        self._client = client
        self._url = url

    async def send(self, what: str, link: str, fields: Fields) -> httpx2.Response:
        """Open the page, then send the form that stands on it."""
        page = f"{self._url}/a/{link}"
        shown = await self._client.send("GET", page)
        if not shown.is_success:
            return shown
        typed = dict(fields)
        if "appointment" in typed:
            typed["appointment"] = typed["appointment"][: len("2026-10-13T10:00")]
        return await self._client.send("POST", f"{page}/{what}", form=typed)

    def done(self, answer: httpx2.Response) -> bool:
        """Tell whether the portal leads on to the page that says thank you."""
        return answer.status_code == HTTPStatus.SEE_OTHER

    def too_early(self, answer: httpx2.Response) -> bool:
        """Tell by the status: a page says it in words."""
        return answer.status_code == HTTPStatus.CONFLICT


class Agencies:
    """Answers offers, each by the door that its id draws.

    Args:
        link_key: links are derived with it, as notify does.
        patience: seconds for which an event of another service is waited for.
    """

    def __init__(self, link_key: bytes, doors: tuple[Door, ...], patience: float) -> None:
        self._link_key = link_key
        self._doors = doors
        self._patience = patience

    async def claim(self, offer: Offer) -> bool:
        """Say yes; False where it was too late.

        Raises:
            RefusedError: the answer is none that can be.
        """
        door = self._door(offer)
        answer = await door.send("claim", self._link(offer), {})
        if not door.done(answer) and answer.status_code != HTTPStatus.CONFLICT:
            raise RefusedError(answer)
        return door.done(answer)

    async def decline(self, offer: Offer) -> None:
        """Say no.

        Raises:
            RefusedError: it was not taken.
        """
        door = self._door(offer)
        answer = await door.send("decline", self._link(offer), {"reason": "no-capacity"})
        if not door.done(answer):
            raise RefusedError(answer)

    async def report(self, offer: Offer, progress: str) -> None:
        """Tell how it goes with the child, as soon as the referral knows who has taken it.

        Raises:
            RefusedError: it was not taken.
        """
        more = {"scheduled": {"appointment": _tomorrow()}, "completed": {"outcome": "need-met"}}
        fields = {"progress": progress, **more.get(progress, {})}
        door = self._door(offer)

        async def send() -> httpx2.Response:
            return await door.send("progress", self._link(offer), fields)

        answer = await _until(send, lambda found: not door.too_early(found), self._patience)
        if not door.done(answer):
            raise RefusedError(answer)

    def _door(self, offer: Offer) -> Door:
        return self._doors[UUID(offer.offer).int % len(self._doors)]

    def _link(self, offer: Offer) -> str:
        return derive_token(
            self._link_key,
            purpose=LinkPurpose.AGENCY_ANSWER,
            subject=offer.offer,
            recipient=offer.contact,
            nonce=offer.nonce,
        )


async def _until(
    ask: Callable[[], Awaitable[httpx2.Response]],
    good: Callable[[httpx2.Response], bool],
    patience: float,
) -> httpx2.Response:
    """Ask until the answer is good, for so many seconds at most; return the last one."""
    deadline = time.monotonic() + patience
    while True:
        answer = await ask()
        if good(answer) or time.monotonic() > deadline:
            return answer
        await asyncio.sleep(_PAUSE)


def _tomorrow() -> str:
    return (datetime.now(UTC) + timedelta(days=1)).isoformat()
