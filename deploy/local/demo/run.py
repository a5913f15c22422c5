"""Puts a demonstration together: fresh people, two agencies, one referral."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from aiokafka.errors import KafkaError

from deploy.local import stream
from deploy.local.client import Client, RefusedError
from deploy.local.demo.cast import Asked, Child
from deploy.local.demo.imported import MissingError, find_child, find_service, need_service
from deploy.local.demo.letters import Letters
from deploy.local.demo.loop import Loop
from deploy.local.demo.people import fresh_child, give_consent
from deploy.local.demo.supply import Supply
from deploy.local.demo.told import Story
from deploy.local.demo.watch import NotSeenError, Watch
from deploy.local.servers.errors import ServerError
from deploy.local.system import clock, logs
from deploy.local.system.places import CELL, SERVICES, Home
from deploy.local.system.state import State
from services.chassis.ids import new_id
from services.chassis.tasks import end

SITE = "site-01"
_FIRST, _SECOND = 0, 2  # the sample's two dental agencies: one by mail, one by text
_WEEK = timedelta(days=7)
_OPENS, _CLOSES = 9, 17  # hours between which a demonstration plays


class DemoError(ServerError):
    """The demonstration stopped; the text names the step and what the services logged."""


async def run_demo(
    system: State,
    home: Home,
    tell: Callable[[str], None],
    *,
    service: str | None = None,
    student: str = "",
) -> Story:
    """Send one referral round the loop.

    Args:
        system: the running system.
        home: its folder.
        tell: is given each line.
        service: part of the name of an imported service; a child of a roster is referred to it.
            Without it, a fresh family and two agencies of the sample district.
        student: part of that child's name; empty for any.

    Raises:
        DemoError: a step did not happen, or was refused.
    """
    story = Story(tell)
    marks = {name: logs.size(part.log) for name, part in system.parts.items()}
    try:
        async with (
            Client(system.ports) as client,
            stream.opened(system.kafka, CELL, from_start=False) as line,
        ):
            watch = Watch(line)
            watching = asyncio.create_task(watch.run())
            try:
                await _play(client, home, story, watch, (service, student))
            finally:
                await end([watching])
    except MissingError as error:
        raise DemoError(str(error)) from None
    except (NotSeenError, RefusedError, KafkaError) as error:
        raise DemoError(_why(error, story, system, marks)) from None
    return story


async def _play(
    client: Client, home: Home, story: Story, watch: Watch, wanted: tuple[str | None, str]
) -> None:
    service, student = wanted
    _wait_for_day(home, story)
    letters = Letters(client)
    supply = Supply(client, home, story.supply)
    asked: tuple[Asked, ...]
    child: Child
    if service is None:
        asked = (await supply.sample(_FIRST, SITE), await supply.sample(_SECOND, SITE))
        child = await fresh_child(client, SITE)
    else:
        await need_service(client, service)
        child = await find_child(client, story.supply, student)
        await _wait_for_week(client, home, story, child.phone)
        asked = (await find_service(client, supply, service, child.site),)
    await give_consent(client, child, asked[0].category, clock.now(home).date())
    story.supply(f"the family's consent for {asked[0].category}, signed on the screen")
    loop = Loop(client, home, watch, letters, story, child, asked, new_id())
    story.facts["referral"] = loop.referral
    await loop.run()


def _wait_for_day(home: Home, story: Story) -> None:
    """Move the clock to the morning where families are not texted now."""
    now = clock.now(home)
    if _OPENS <= now.hour < _CLOSES:
        return
    day = now.date() + timedelta(days=now.hour >= _CLOSES)
    moved = clock.advance(home, datetime.combine(day, clock.MORNING, clock.ZONE) - now)
    story.tell(f"    It is evening: the clock moves to {moved:%A, %-d %B, %H:%M}")


async def _wait_for_week(client: Client, home: Home, story: Story, phone: str) -> None:
    """Move the clock on where this family was texted lately: two texts a week are the most."""
    found = await client.get("carrier", "/sim/phones")
    last = next((each["last_at"] for each in found["phones"] if each["number"] == phone), None)
    if last is None:
        return
    again = datetime.fromisoformat(last) + _WEEK
    now = clock.now(home)
    if now < again:
        days = timedelta(days=(again - now).days + 1)
        moved = clock.advance(home, days)
        story.tell(
            f"    The family was texted in the last week, and two texts a week are the most: the "
            f"clock moves to {moved:%A, %-d %B, %H:%M}"
        )


def _why(error: Exception, story: Story, system: State, marks: dict[str, int]) -> str:
    last = f"after step {story.steps[-1].name!r}" if story.steps else "before the first step"
    step = f"step {error.step!r}" if isinstance(error, NotSeenError) else "a step"
    lines = [f"The demonstration stopped at {step}, {last}: {error}"]
    for name in (*SERVICES, "carrier", "mail"):
        part = system.parts.get(name)
        if part is None:
            continue
        if not part.alive:
            lines.append(f"  {name}: its process has ended")
        found = logs.that_matter(Path(part.log), since=marks.get(name, 0))
        lines += [f"  {name}: {each}" for each in found]
    if len(lines) == 1:
        lines.append("  No service has logged a warning since it began.")
    return "\n".join(lines)
