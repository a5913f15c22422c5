"""A page that tells a day in calls, made one after the other on the real service.

Its fenced blocks are `http` (a call, or the answer to the last one), `event` (what another service
tells) and `clock` (the time it is). `{word}` is an id that the client makes.
"""

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx2

from contracts.event import Event
from contracts.registry import event_classes
from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from tests.running import Running

_BLOCK = re.compile(r"^```(http|event|clock)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_THING = 4
"""Parts of an address that name a thing whose version is remembered."""

Tell = Callable[[Event], Awaitable[None]]
Words = Callable[[str], Awaitable[str]]


async def _as_it_stands(text: str) -> str:
    return text


@dataclass
class Walk:
    """The page's calls, made in its order.

    Attributes:
        tell: lets an event of another service arrive.
        words: puts in what a page says in words, such as *the link for …*; after the names.
        who: calls where no `As:` says otherwise.
        names: what stands for `{word}` on the page; a fresh id at its first use.
        etags: the version last seen of each thing, by its address.
    """

    service: Running
    clock: FixedClock
    tell: Tell
    who: str
    words: Words = _as_it_stands
    names: dict[str, str] = field(default_factory=dict)
    etags: dict[str, str] = field(default_factory=dict)
    answer: httpx2.Response | None = None
    calls: int = 0

    async def through(self, page: str) -> None:
        """Go through a page, given as its text."""
        for found in _BLOCK.finditer(page):
            await self._block(found[1], found[2])

    async def _block(self, kind: str, text: str) -> None:
        text = re.sub(r"\{([a-z]+)\}", lambda found: self._name(found[1]), text)
        text = await self.words(text)
        if kind == "clock":
            self.clock.advance(datetime.fromisoformat(text.strip()) - self.clock.now())
        elif kind == "event":
            await self.tell(_event(json.loads(text)))
        elif text.startswith("HTTP"):
            self._compare(text)
        else:
            await self._call(text)

    async def _call(self, text: str) -> None:
        head, _, body = text.strip().partition("\n\n")
        first, *lines = head.splitlines()
        method, path = first.split(" ", 1)
        headers = dict(line.split(": ", 1) for line in lines)
        thing = "/".join(path.split("/")[:_THING])
        if headers.get("If-Match") == "the version you saw":
            headers["If-Match"] = self.etags[thing]
        signed_in = self.service.as_(headers.pop("As", self.who))
        content = {"Content-Type": "application/json"} if body else {}
        headers = {**signed_in, **content, **headers}
        self.answer = await self.service.http.request(method, path, content=body, headers=headers)
        self.calls += 1
        if "etag" in self.answer.headers:
            self.etags[thing] = self.answer.headers["etag"]

    def _compare(self, text: str) -> None:
        head, _, body = text.strip().partition("\n\n")
        answer = self.answer
        assert answer is not None
        assert answer.status_code == int(head.split()[1]), f"{answer.request.url}: {answer.text}"
        if body:
            _within(json.loads(body), answer.json(), str(answer.request.url))

    def _name(self, word: str) -> str:
        return self.names.setdefault(word, new_id())


def _event(told: Mapping[str, Any]) -> Event:
    kind = next(each for each in event_classes() if each.__name__ == told["event"])
    return kind.model_validate({name: value for name, value in told.items() if name != "event"})


def _within(told: Any, found: Any, where: str) -> None:
    """See that what the page shows is there; it need not show everything."""
    if isinstance(told, dict):
        for key, value in told.items():
            assert key in found, f"{where}: no {key} in {sorted(found)}"
            _within(value, found[key], f"{where}.{key}")
    elif isinstance(told, list):
        assert len(told) == len(found), f"{where}: {found}"
        for number, (each, its) in enumerate(zip(told, found, strict=True)):
            _within(each, its, f"{where}[{number}]")
    else:
        assert told == found, f"{where}: {found!r}"
