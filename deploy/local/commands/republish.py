"""`enlace republish`: Kafka filled anew from the event logs."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from deploy.local.commands.common import (
    DEFAULT,
    Api,
    CommandError,
    HomeOption,
    JsonOption,
    out,
    print_json,
    print_table,
    running,
)
from deploy.local.system.places import CELL, WITH_EVENTS, Home
from deploy.local.system.republish import fill_anew
from deploy.local.system.state import State
from services.chassis.events.relay import IN_HAND_SECONDS

_OPERATOR = "operator"
_PATIENCE = 600.0  # seconds for a service to offer all that it ever published


@dataclass(frozen=True, slots=True)
class _Called:
    """A service of the running system, asked over HTTP; it may hold a great many events."""

    api: Api

    async def ask(self) -> None:
        await asyncio.to_thread(self.api.get, "/v1/operations/waiting")

    async def read_anew(self) -> int:
        return int((await self._post("progress/reset"))["partitions"])

    async def offer(self) -> int:
        return int((await self._post("republish"))["offered"])

    async def _post(self, what: str) -> Any:
        return await asyncio.to_thread(self.api.post, f"/v1/operations/{what}")


def republish(*, home: HomeOption = DEFAULT, as_json: JsonOption = False) -> None:
    """Fill Kafka anew from the services' event logs; readers drop what they know.

    Every service must run. Interrupted, it is whole after another run.
    """
    found = republished(running(home), Home(home), (lambda _: None) if as_json else out.print)
    if as_json:
        print_json(found)
        return
    print_table(("service", "events offered again"), list(found.items()))


def republished(system: State, home: Home, say: Callable[[str], None]) -> dict[str, int]:
    """Fill a running system's Kafka anew; return how many events each service offered.

    Raises:
        CommandError: a service is left out or refused.
        RepublishError: one does not answer, or a step failed.
    """
    left_out = [name for name in WITH_EVENTS if name not in system.parts]
    if left_out:
        named = " and ".join(left_out)
        raise CommandError(
            f"Every service must run for this, and {named} was left out: what it has published "
            "would be lost to the others, and it would pass over events on its return. Nothing "
            "was dropped. Stop the system (Ctrl-C), start it whole (enlace up, without --without) "
            "and repeat this: enlace republish"
        )
    owners = {name: _Called(Api(system, name, _OPERATOR, wait=_PATIENCE)) for name in WITH_EVENTS}
    say(
        f"This takes {IN_HAND_SECONDS:.0f} s or more, until relays and readers have nothing "
        "older in hand."
    )
    return asyncio.run(fill_anew(owners, system.kafka, CELL, home.republishing))
