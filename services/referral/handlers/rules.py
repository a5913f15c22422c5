"""The district's rules: read by every process, changed by the district's administrator."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import structlog
from pydantic import ValidationError
from pymongo.errors import DuplicateKeyError, PyMongoError

from contracts.event import Event
from contracts.rules import (
    CALENDAR,
    CATEGORIES,
    LANGUAGES,
    REASONS,
    CalendarChanged,
    CategoriesChanged,
    DistrictHoliday,
    LanguagesChanged,
    ReasonsChanged,
)
from services.chassis.clock import Clock
from services.chassis.district import DistrictPart, PartTold
from services.chassis.errors import stale
from services.chassis.store import Aggregate, Change, Found, Ref, Store
from services.chassis.tasks import end
from services.referral.handlers.audit import line
from services.referral.model.audit import Action, Actor
from services.referral.model.rules import Rules, RulesVersion, check_kept

log = structlog.get_logger()

REFRESH_SECONDS = 15.0
"""A change is in force everywhere after this time: well within a minute."""

_PARTS = tuple(Ref(DistrictPart, part) for part in (CATEGORIES, LANGUAGES, REASONS, CALENDAR))


class RulesBook:
    """The rules as they are now, in memory, read again every few seconds.

    Args:
        first: what a district begins with.
        every: seconds between two readings.
    """

    def __init__(
        self, store: Store, clock: Clock, first: Rules, *, every: float = REFRESH_SECONDS
    ) -> None:
        self._store = store
        self._clock = clock
        self._current = RulesVersion(
            id=RulesVersion.id_of(0), number=0, rules=first, by="referral", at=clock.now()
        )
        self._every = every
        self._task: asyncio.Task[None] | None = None

    @property
    def current(self) -> RulesVersion:
        """The version that this process works with."""
        return self._current

    def rules(self) -> Rules:
        """Return the rules as they are now."""
        return self._current.rules

    async def start(self) -> None:
        """Lay down the first version where there is none, tell it, and keep reading."""
        await self._begin()
        await self.refresh()
        await self._tell()
        self._task = asyncio.create_task(self._follow())

    async def stop(self) -> None:
        """Stop reading."""
        if self._task is not None:
            await end([self._task])

    async def refresh(self) -> None:
        """Read the newest version.

        Raises:
            ValidationError: a later release has written it, with fields that are not known here.
        """
        newest = [each async for each in self._newest(1)]
        if newest and newest[0].number > self._current.number:
            self._current = newest[0]
            log.info("rules.changed", version=newest[0].number)

    async def change(self, rules: Rules, *, by: Actor, expected: int) -> RulesVersion:
        """Lay down the next version.

        Raises:
            EnlaceError: somebody else has changed them since `expected`, or they take away what
                records rely on.
        """
        number = expected + 1
        ref = Ref(RulesVersion, RulesVersion.id_of(number))
        before = Ref(RulesVersion, RulesVersion.id_of(expected))
        latest = (await self.versions(limit=1))[0].number

        def lay_down(found: Found) -> Change[RulesVersion]:
            known = found.get(ref)
            if known is not None and (known.rules, known.by) == (rules, by.subject):
                return Change(known)
            earlier = found.get(before)
            if known is not None or earlier is None:
                raise stale(expected, latest)
            check_kept(earlier.rules, rules)
            now = self._clock.now()
            fresh = RulesVersion(id=ref.id, number=number, rules=rules, by=by.subject, at=now)
            noted = line(by, Action.RULES_CHANGED, now, about={"version": str(number)})
            told, events = _told(found, fresh)
            return Change(fresh, [fresh, noted, *told], events)

        after = await self._store.update([ref, before, *_PARTS], lay_down)
        await self.refresh()
        return after

    async def versions(self, *, before: int | None = None, limit: int) -> list[RulesVersion]:
        """Return versions, the newest first."""
        return [each async for each in self._newest(limit, before)]

    def _newest(self, limit: int, before: int | None = None) -> AsyncIterator[RulesVersion]:
        query = {} if before is None else {"_id": {"$lt": RulesVersion.id_of(before)}}
        return self._store.find(RulesVersion, query, sort=[("_id", -1)], limit=limit)

    async def _begin(self) -> None:
        first = self._current
        fresh = first.having(id=RulesVersion.id_of(1), number=1)
        ref = Ref(RulesVersion, fresh.id)

        def begin(found: Found) -> Change[None]:
            return Change(None, [] if found.get(ref) else [fresh])

        with contextlib.suppress(DuplicateKeyError):  # another process starts at the same moment
            await self._store.update([ref], begin)

    async def _tell(self) -> None:
        """Tell what is in force where that was not told yet: at first, and after a release."""
        current = self._current

        def tell(found: Found) -> Change[None]:
            return Change(None, *_told(found, current))

        with contextlib.suppress(DuplicateKeyError):  # another process starts at the same moment
            await self._store.update(_PARTS, tell)

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(self._every)
            try:
                await self.refresh()
            except PyMongoError as error:
                log.warning("rules.waiting", error=type(error).__name__)
            except ValidationError:
                log.warning(
                    "rules.unreadable",
                    version=self._current.number,
                    next="a later release wrote the newest rules: bring this process up to it; "
                    "until then the version above holds here",
                )


def _told(found: Found, version: RulesVersion) -> tuple[list[Aggregate], list[Event]]:
    """Return what to keep and to tell of a version; nothing of what was told already."""
    save: list[Aggregate] = []
    events: list[Event] = []
    for now in _states(version.number, version.rules):
        known = found.get(Ref(DistrictPart, now.part))
        if known is not None and (known.newer_than(now) or known.says(now)):
            continue
        save.append(DistrictPart.of(now, known.version if known else 0))
        events.append(now)
    return save, events


def _states(number: int, rules: Rules) -> tuple[PartTold, ...]:
    return (
        CategoriesChanged(part=CATEGORIES, version=number, needs=rules.needs.all),
        LanguagesChanged(part=LANGUAGES, version=number, languages=rules.spoken.all),
        ReasonsChanged(part=REASONS, version=number, reasons=rules.whys.all),
        CalendarChanged(
            part=CALENDAR,
            version=number,
            holidays=tuple(
                DistrictHoliday(first=each.first, until=each.last) for each in rules.holidays
            ),
        ),
    )
