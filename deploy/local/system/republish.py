"""Fills Kafka anew from the services' event logs; an end between any two steps harms nothing.

What is promised, with the tests named after it in `docs/local.md`:
1. Nothing is dropped before every service has answered: one that is not there would neither offer
   what it has published nor forget where it reads on, and later pass over what stands before it.
2. Topics are made again only once nothing has moved for longer than a relay or a reader holds
   anything: what they had in hand is offered, and read, again.
3. Whatever ends it, another run makes it whole: each step only asks for what must hold, and a file
   remembers that it was begun, for the next `enlace up`.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Protocol

from deploy.local.servers.errors import ServerError
from deploy.local.system.topics import drop_topics
from services.chassis.events.relay import IN_HAND_SECONDS
from services.chassis.events.topics import make_topics

_ROUNDS = 5  # a service that still moves things after so many has not given up what it holds


class RepublishError(ServerError):
    """Kafka was not filled; the text says what was done and what to do next."""


class Owner(Protocol):
    """A service that owns an event log and reads topics."""

    async def ask(self) -> None:
        """Return once it has answered.

        Raises:
            Exception: it does not; the text says so.
        """
        ...

    async def read_anew(self) -> int:
        """Have its readers start at 0; return how many places they had reached."""
        ...

    async def offer(self) -> int:
        """Offer what it has published to the relay again; return how many events."""
        ...


async def _in_hand() -> None:
    await asyncio.sleep(IN_HAND_SECONDS)


async def fill_anew(
    owners: Mapping[str, Owner],
    kafka: str,
    cell: str,
    begun: Path,
    *,
    wait: Callable[[], Awaitable[None]] = _in_hand,
) -> dict[str, int]:
    """Drop the cell's topics, and have them filled and read from the first event.

    Args:
        owners: every service of the system by name, whether it runs or not.
        kafka: `host:port` of the broker.
        cell: the prefix of the topics.
        begun: exists from the first step to the last.
        wait: waits until nobody holds what stood on the old topics.

    Returns:
        How many events each service has offered again.

    Raises:
        RepublishError: a service does not answer, and nothing was changed; or a step failed, and
            what is lacking is done by the next run.
    """
    for owner in owners.values():
        try:
            await owner.ask()
        except Exception as error:
            raise RepublishError(
                f"{error} Every service must run for this. Nothing was dropped: repeat it once "
                "enlace status shows all of them ready."
            ) from error
    await asyncio.to_thread(begun.touch)
    try:
        offered = await _remade(owners, kafka, cell, wait)
    except Exception as error:
        why = str(error) or type(error).__name__
        raise RepublishError(
            f"{why} The topics are not filled yet, and nothing is lost: "
            "all of it is in the services' event logs. Run this again: enlace republish"
        ) from error
    await asyncio.to_thread(begun.unlink, missing_ok=True)
    return offered


async def _remade(
    owners: Mapping[str, Owner], kafka: str, cell: str, wait: Callable[[], Awaitable[None]]
) -> dict[str, int]:
    # The topics first: while there are none, nobody publishes an event before those that it
    # follows, and no reader goes on at its old place and passes over what stands before it.
    await drop_topics(kafka, cell)
    offered: Counter[str] = Counter(dict.fromkeys(owners, 0))
    for waited in range(_ROUNDS):
        moved = sum([await owner.read_anew() for owner in owners.values()])
        for name, owner in owners.items():
            found = await owner.offer()
            moved += found
            offered[name] += found
        if waited and not moved:
            await make_topics(kafka, cell)
            return dict(offered)
        # A relay may mark what the old topics confirmed, and a reader end the slice that it is at,
        # after they were asked; what a relay has in hand it would send to topics that come back.
        await wait()
    raise RepublishError("A service still marks events as published, or as read, without topics.")
