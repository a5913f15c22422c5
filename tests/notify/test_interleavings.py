"""No interleaving of opt-out, night, erasure, custody and sending yields a text that is forbidden.

Hypothesis makes up the histories; database, carrier and the question to referral are real. What the
phone shows is held against a few booleans that the test keeps by itself.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.event import Event
from contracts.people import PersonErased
from services.chassis.ids import new_id
from tests.notify.build import NOW, accepted, asked, created, mother, offered
from tests.notify.world import World, until

PLACE = ZoneInfo("America/Los_Angeles")
A_WEEK = 2

CHANGES = ("stop", "start", "erase", "custody", "night", "off", "on", "gone", "back", "wrong")
NEWS = ("asked", "accepted", "question")
STEPS = (
    st.sampled_from(CHANGES)
    | st.sampled_from(NEWS)
    | st.sampled_from(("work", "work", "morning"))
    | st.tuples(st.just("while"), st.sampled_from(CHANGES))
)


@dataclass
class Rules:
    """What holds for one family's phone, as the test knows it."""

    stopped: bool = False
    wrong: bool = False
    erased: bool = False
    may_be_told: bool = True
    on: bool = True
    gone: bool = False
    sent_on: list[datetime] = field(default_factory=list)

    def forbids(self, now: datetime) -> str | None:
        """Return why nothing may reach this phone now, but for what answers it."""
        for name in ("stopped", "wrong", "erased", "gone"):
            if getattr(self, name):
                return name
        if not self.may_be_told or not self.on:
            return "custody or switch"
        if not time(8) <= now.astimezone(PLACE).time() < time(20):
            return "night"
        today = now.astimezone(PLACE).date()
        week = [each for each in self.sent_on if (today - each.astimezone(PLACE).date()).days < 7]
        return "week" if len(week) >= A_WEEK else None


class Family:
    """A family with a number of its own, and the history that is made up for it."""

    def __init__(self, notify: World, index: int) -> None:
        self.notify = notify
        self.rules = Rules()
        self.phone = f"+1510555{100 + index % 100:04d}"
        self.id = new_id()
        self.seen = 0
        self.person = ""

    async def begin(self) -> None:
        self.notify.set_time(NOW)
        await self.turn_switch(on=True)
        self.notify.referral.verdict = {"may_send": True, "reason": None}
        self.person = await self.notify.person(mother(phone=self.phone), family=self.id)
        await self.notify.book_indexed()
        self.seen = len(self.notify.texts(self.phone))

    async def turn_switch(self, *, on: bool) -> None:
        headers = {"Authorization": "Bearer farah"}
        await self.notify.http.post("/v1/outgoing", json={"on": on}, headers=headers)
        self.rules.on = on

    async def change(self, name: str) -> None:
        rules, notify = self.rules, self.notify
        match name:
            case "stop":
                await notify.answers("ALTO", self.phone)
                rules.stopped = True
            case "start":
                await notify.answers("INICIO", self.phone)
                rules.stopped = rules.wrong = False
            case "wrong":
                await notify.answers("wrong number", self.phone)
                rules.wrong = True
            case "erase" if not rules.erased:
                await notify.happens(PersonErased(person=self.person, family=self.id))
                rules.erased = True
            case "custody" if not rules.erased:
                profile = mother(phone=self.phone, may_be_told=False)
                await notify.person(profile, id=self.person, family=self.id)
                rules.may_be_told = False
            case "night":
                local = notify.now.astimezone(PLACE)
                late = local.replace(hour=21, minute=0)
                notify.set_time(max(late, local))
            case "off" | "on":
                await self.turn_switch(on=name == "on")
            case "gone" | "back":
                rules.gone = name == "gone"
                reason = "cause-gone" if rules.gone else None
                notify.referral.verdict = {"may_send": not rules.gone, "reason": reason}

    async def news(self, name: str) -> None:
        referral = new_id()
        made: dict[str, Event] = {
            "asked": offered(referral),
            "accepted": accepted(referral),
            "question": asked(referral),
        }
        await self.notify.happens(created(referral, family=self.id), made[name])

    async def work(self) -> None:
        await self.notify.work()
        self.look()

    async def work_while(self, name: str) -> None:
        """Let something change while referral is asked whether a text may go out."""
        referral = self.notify.referral
        before = len(referral.asked)
        referral.answering.clear()
        working = asyncio.create_task(self.notify.work())

        async def asked_or_done() -> bool:
            return len(referral.asked) > before or working.done()

        try:
            await until(asked_or_done, seconds=60)
            if not working.done() and name not in {"gone", "back"}:
                # Referral's own word is of the moment at which it was asked.
                await self.change(name)
        finally:
            referral.answering.set()
        await working
        self.look()

    def look(self) -> None:
        """Hold what the phone got since the last look against the rules."""
        texts = self.notify.texts(self.phone)
        fresh, self.seen = texts[self.seen :], len(texts)
        for text in fresh:
            if _answers_them(text):
                continue
            now = self.notify.now
            assert self.rules.forbids(now) is None, (self.rules.forbids(now), text)
            self.rules.sent_on.append(now)


def _answers_them(text: str) -> bool:
    """Tell a confirmation of a stop and the carrier's own word from what we would tell."""
    return text.startswith(("Listo: ya no", "You have", "No conocemos"))


async def _play(family: Family, steps: list[object]) -> None:
    await family.begin()
    for step in steps:
        match step:
            case ("while", str(name)):
                await family.work_while(name)
            case "work":
                await family.work()
            case "morning":
                family.notify.advance(timedelta(hours=11))
            case str(name) if name in NEWS:
                await family.news(name)
            case str(name):
                await family.change(name)
    await family.work()


def _played(notify: World) -> Callable[[list[object]], Coroutine[Any, Any, None]]:
    count = 0

    async def play(steps: list[object]) -> None:
        nonlocal count
        count += 1
        await _play(Family(notify, count), steps)

    return play


async def test_no_interleaving_yields_a_message_that_the_rules_forbid(notify: World) -> None:
    play, loop = _played(notify), asyncio.get_running_loop()

    @settings(
        max_examples=40,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.lists(STEPS, min_size=3, max_size=14))
    def histories(steps: list[object]) -> None:
        asyncio.run_coroutine_threadsafe(play(steps), loop).result()

    # Hypothesis is not asynchronous: it stands in a thread, and the world in its loop.
    await asyncio.to_thread(histories)


async def test_the_histories_do_send(notify: World) -> None:
    """Show that the test above would see a text: a plain history yields two."""
    family = Family(notify, 1)
    await _play(family, ["asked", "work", "accepted", "work", "asked", "work"])
    assert family.seen == A_WEEK
