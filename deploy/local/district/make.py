"""Makes the sample district in a running system: people, agencies, and three months."""

import json
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta

import httpx2
from aiokafka.errors import KafkaError

from deploy.local.client import Client, RefusedError
from deploy.local.district.agencies import agencies
from deploy.local.district.history import History
from deploy.local.district.load import DistrictError, load_agencies, load_people, load_staff
from deploy.local.district.past import SCHOOL_DAYS, stories
from deploy.local.district.people import families
from deploy.local.district.rest import watching
from deploy.local.personas import PERSONAS
from deploy.local.system import clock
from deploy.local.system.places import Home, Ports


def is_made(home: Home) -> bool:
    """Tell whether the folder's system has the whole sample district."""
    return home.district.exists()


def is_begun(home: Home) -> bool:
    """Tell whether some of the sample district may be there."""
    return home.district_begun.exists() or is_made(home)


def has_room_for_a_past(home: Home, today: date) -> bool:
    """Tell whether the folder's clock has not gone past the day on which the sample begins."""
    return not home.clock.exists() or clock.now(home) < first_day(today) + timedelta(days=1)


def first_day(today: date) -> datetime:
    """Return when the sample's past begins."""
    day = clock.school_days_before(today, SCHOOL_DAYS)[0]
    return datetime.combine(day, clock.MORNING, clock.ZONE)


async def make_district(
    ports: Ports, home: Home, kafka: str, tell: Callable[[str], None], *, history: bool
) -> None:
    """Make the sample district; its last day is the latest Tuesday of term.

    Args:
        ports: where the system listens.
        home: its folder.
        kafka: `host:port` of its broker.
        tell: is given each step.
        history: whether it has a past.

    Raises:
        DistrictError: a service refused some of it, or does not answer.
        NoRestError: a day of its past did not end.
    """
    try:
        await _make(ports, home, kafka, tell, history=history)
    except (RefusedError, httpx2.HTTPError, KafkaError, ExceptionGroup) as error:
        raise DistrictError(f"The sample district cannot be made: {_first(error)}") from error


def _first(error: Exception) -> str:
    while isinstance(error, ExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"


async def _make(
    ports: Ports, home: Home, kafka: str, tell: Callable[[str], None], *, history: bool
) -> None:
    began = time.monotonic()
    home.district_begun.touch()
    today = clock.first_morning(datetime.now(clock.ZONE).date())
    people, partners = families(today.date()), agencies(today.date())
    async with Client(ports) as client, watching(client, kafka) as rest:
        for each in PERSONAS:
            await client.token(each.key)
        # Nobody waits for a simulated handset in a past of three months.
        before = await client.get("carrier", "/sim/settings")
        await client.call("PUT", "carrier", "/sim/settings", body={"latency_seconds": 0})
        tell(f"Making the sample district: {len(partners)} agencies, {len(people)} families")
        await load_staff(client, today.date())
        await load_agencies(client, partners)
        await load_people(client, people)
        await rest.reached()
        tell(f"  people and agencies are in ({time.monotonic() - began:.1f} s)")
        if history:
            days = clock.school_days_before(today.date(), SCHOOL_DAYS)
            past = History(client, home, rest, stories(people, partners), days)
            await past.live(lambda number, day: _tell_day(tell, number, day))
            clock.set_to(home, today)
            await rest.reached()
        await rest.none_parked()
        settings = {"latency_seconds": before["latency_seconds"]}
        await client.call("PUT", "carrier", "/sim/settings", body=settings)
    seconds = time.monotonic() - began
    home.district.write_text(json.dumps({"today": today.isoformat(), "seconds": seconds}))
    tell(f"  the sample district is made ({seconds:.1f} s)")


def _tell_day(tell: Callable[[str], None], number: int, day: date) -> None:
    if number % 10 == 0:
        tell(f"  its past: {day:%-d %B %Y}, school day {number + 1} of {SCHOOL_DAYS}")
