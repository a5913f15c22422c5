"""A coordinator's day as `docs/coordinators-day.md` tells it, call by call, on the real service."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx2

from contracts import cloudevents
from contracts.cloudevents import Envelope
from contracts.registry import event_classes
from services.chassis.clock import FixedClock
from services.chassis.consumer.incoming import read_parts
from services.chassis.ids import new_id
from services.referral.consumer import reactions
from services.referral.handlers.desk import Desk
from services.referral.main import build
from services.referral.model.rules import Rules
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.running import Running, person, running
from tests.servers import Cell

PAGE = Path(__file__).parents[2] / "docs" / "coordinators-day.md"
PEOPLE = {
    "rosa": person("rosa", "coordinator:site-01"),
    "nora": person("nora", "care-team:site-01"),
}
_BLOCK = re.compile(r"^```(http|event|clock)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass
class Day:
    """The page's calls, made in its order.

    Attributes:
        names: what stands for `{word}` on the page; a fresh id at its first use.
        etags: the version last seen of each thing, by its address.
    """

    service: Running
    clock: FixedClock
    names: dict[str, str] = field(default_factory=dict)
    etags: dict[str, str] = field(default_factory=dict)
    answer: httpx2.Response | None = None
    calls: int = 0

    async def block(self, kind: str, text: str) -> None:
        """Do what one block says."""
        text = re.sub(r"\{([a-z]+)\}", lambda found: self._name(found[1]), text)
        if kind == "clock":
            self.clock.advance(datetime.fromisoformat(text.strip()) - self.clock.now())
        elif kind == "event":
            await self._tell(json.loads(text))
        elif text.startswith("HTTP"):
            self._compare(text)
        else:
            await self._call(text)

    async def _call(self, text: str) -> None:
        head, _, body = text.strip().partition("\n\n")
        first, *lines = head.splitlines()
        method, path = first.split(" ", 1)
        headers = dict(line.split(": ", 1) for line in lines)
        who = headers.pop("As", "rosa")
        thing = "/".join(path.split("/")[:4])
        if headers.get("If-Match") == "the version you saw":
            headers["If-Match"] = self.etags[thing]
        headers |= self.service.as_(who) | ({"Content-Type": "application/json"} if body else {})
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

    async def _tell(self, told: dict[str, Any]) -> None:
        """Apply another service's event, as from Kafka."""
        name = told.pop("event")
        kind = next(each for each in event_classes() if each.__name__ == name)
        event = kind.model_validate(told)
        envelope = Envelope(new_id(), "enlace/test", kind.TYPE, event.key, self.clock.now(), 1)
        record = read_parts(
            topic=kind.TOPIC.name,
            partition=0,
            offset=0,
            raw_key=event.key.encode(),
            headers=tuple(cloudevents.encode(envelope)),
            value=event.model_dump_json().encode(),
        )
        table = reactions(Desk(self.service.chassis.store, self.clock, Rules))
        await self.service.chassis.database.transact(lambda: table.apply([record]))

    def _name(self, word: str) -> str:
        return self.names.setdefault(word, new_id())


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


def _blocks() -> Iterator[tuple[str, str]]:
    for found in _BLOCK.finditer(PAGE.read_text()):
        yield found[1], found[2]


async def test_the_day_is_as_the_page_tells_it(cell: Cell, tmp_path: Path) -> None:
    clock = FixedClock(NOW)
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, PEOPLE, clock=clock
    ) as service:
        day = Day(service, clock)
        for kind, text in _blocks():
            await day.block(kind, text)
    assert day.calls > 20, "the page lost its calls"
