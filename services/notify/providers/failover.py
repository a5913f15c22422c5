"""Two providers for one channel: the second carries what the first cannot take.

Only a refusal that is certain goes on to the second. An answer that was lost may stand behind a
text that has left: it is *unknown*, and nobody sends it again.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import ClassVar

import structlog

from services.notify.model.breaker import Breaker
from services.notify.model.message import Report, ReportKind
from services.notify.providers.base import Found, Parcel, Provider

log = structlog.get_logger()


class Failover(Provider):
    """A provider, and the one that stands in while it fails.

    Args:
        first: asked, unless its breaker is open.
        second: asked otherwise, and for what the first has refused for now.
        now: a steady clock, in seconds.
    """

    name: ClassVar[str] = "failover"

    def __init__(
        self, first: Provider, second: Provider, now: Callable[[], float] | None = None
    ) -> None:
        self._first = first
        self._second = second
        self._now = now or time.monotonic
        self._breaker = Breaker()

    async def _send(self, parcel: Parcel) -> Report:
        self._breaker, may = self._breaker.ask(self._now())
        if not may:
            return await self._second.send(parcel)
        report = await self._first.send(parcel)
        well = report.kind not in {ReportKind.NOT_NOW, ReportKind.UNKNOWN}
        before = self._breaker
        self._breaker = before.heard(self._now(), well=well)
        if self._breaker.opened_at is not None and before.opened_at is None:
            log.error(
                "provider.left_alone",
                provider=self._first.name,
                code=report.code,
                next=f"texts go through {self._second.name}; the first is tried again by itself",
            )
        if report.kind is not ReportKind.NOT_NOW:
            return report
        return await self._second.send(parcel)

    async def look_up(self, to: str, since: datetime) -> Sequence[Found]:
        """Return what both lists show: nobody knows which one an answer was lost of."""
        return [*await self._first.look_up(to, since), *await self._second.look_up(to, since)]

    async def close(self) -> None:
        """Close both."""
        await self._first.close()
        await self._second.close()
