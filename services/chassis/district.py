"""What the district has laid down, as every service reads it: a copy kept from the topic `rules`.

Each event is the full state of its part, so that the newest one is all there is to know. Contract,
with the tests named after it in `docs/rules.md`:

1. A copy never goes back to an older version, however late or often an event comes.
2. What stands in the copy holds though referral is away.
"""

import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from contracts.categories import Category
from contracts.cloudevents import Envelope
from contracts.code import DistrictCode
from contracts.codes import Language
from contracts.rules import CalendarChanged, CategoriesChanged, LanguagesChanged, ReasonsChanged
from services.chassis.aggregate import Aggregate, Change, Found, Ref
from services.chassis.calendar import NO_HOLIDAYS, Calendar
from services.chassis.consumer.reactions import Reactions
from services.chassis.errors import EnlaceError
from services.chassis.languages import SHIPPED_LANGUAGES, Languages, need_language
from services.chassis.needs import SHIPPED_NEEDS, Needs, need_known
from services.chassis.reasons import SHIPPED_REASONS, Reasons, need_reason
from services.chassis.store import Store

REREAD_SECONDS = 5.0
"""How long what was read is taken for true."""

NeedsTold = Callable[[Needs, Needs], Awaitable[None]]
"""Is called with the kinds of need that were, and those that are now."""

PartTold = CategoriesChanged | LanguagesChanged | ReasonsChanged | CalendarChanged


class DistrictPart(Aggregate):
    """A part of what is laid down, as its newest event says it; its id is the part's name."""

    COLLECTION: ClassVar[str] = "district"

    told: PartTold

    @classmethod
    def of(cls, told: PartTold, version: int = 0) -> "DistrictPart":
        """Return what an event says."""
        return cls(id=told.part, version=version, told=told)

    def newer_than(self, told: PartTold) -> bool:
        """Tell whether an event comes late."""
        return self.told.version > told.version

    def says(self, told: PartTold) -> bool:
        """Tell whether an event says nothing new, whatever its version."""
        return self.told == told.model_copy(update={"version": self.told.version})


@dataclass(frozen=True, slots=True)
class LaidDown:
    """What is in force; what comes with Enlace where nothing was told."""

    needs: Needs = SHIPPED_NEEDS
    languages: Languages = SHIPPED_LANGUAGES
    reasons: Reasons = SHIPPED_REASONS
    calendar: Calendar = NO_HOLIDAYS

    def after(self, told: PartTold) -> "LaidDown":
        """Return what is in force once a part was told."""
        if isinstance(told, CategoriesChanged):
            return replace(self, needs=Needs(told.needs))
        if isinstance(told, LanguagesChanged):
            return replace(self, languages=Languages(told.languages))
        if isinstance(told, ReasonsChanged):
            return replace(self, reasons=Reasons(told.reasons))
        return replace(self, calendar=Calendar(told.holidays))


class DistrictCopy:
    """This service's copy of what the district has laid down."""

    def __init__(self, store: Store, *, reread: float = REREAD_SECONDS) -> None:
        self._store = store
        self._reread = reread
        self._until = 0.0
        self._now = LaidDown()

    async def needs(self) -> Needs:
        """Return the kinds of need, as they were a few seconds ago at most."""
        return (await self._read()).needs

    async def languages(self) -> Languages:
        """Return the languages, as they were a few seconds ago at most."""
        return (await self._read()).languages

    async def calendar(self) -> Calendar:
        """Return the days of school, as they were a few seconds ago at most."""
        return (await self._read()).calendar

    async def need_known(self, categories: Iterable[Category]) -> Needs:
        """Return the kinds of need where these are among them; one just added is looked for anew.

        Raises:
            EnlaceError: one is not.
        """
        wanted = tuple(categories)
        return (await self._passing(lambda now: need_known(now.needs, wanted))).needs

    async def need_language(self, languages: Iterable[Language]) -> None:
        """Pass languages that the district has; one just added is looked for anew.

        Raises:
            EnlaceError: one is not.
        """
        wanted = tuple(languages)
        await self._passing(lambda now: need_language(now.languages, wanted))

    async def need_reason(self, reason: DistrictCode, stands: DistrictCode | None = None) -> None:
        """Pass a reason that can be chosen now or stands already; one just added is looked for.

        Raises:
            EnlaceError: the district has it not for this act, or has retired it.
        """
        await self._passing(lambda now: need_reason(now.reasons, reason, stands))

    async def _passing(self, check: Callable[[LaidDown], None]) -> LaidDown:
        try:
            check(await self._read())
        except EnlaceError:
            check(await self._read(anew=True))
        return self._now

    async def _read(self, *, anew: bool = False) -> LaidDown:
        now = time.monotonic()
        if anew or now >= self._until:
            laid = LaidDown()
            async for part in self._store.find(DistrictPart, {}):
                laid = laid.after(part.told)
            self._now, self._until = laid, now + self._reread
        return self._now


def follow_district(
    table: Reactions,
    store: Store,
    changed: NeedsTold | None = None,
) -> None:
    """Let a consumer's table keep the copy; `changed` is called with the needs before and now."""

    async def keep(told: PartTold, envelope: Envelope) -> None:
        del envelope
        ref = Ref(DistrictPart, told.part)

        def newest(found: Found) -> Change[LaidDown | None]:
            known = found.get(ref)
            if known is not None and known.newer_than(told):
                return Change(None)
            before = LaidDown() if known is None else LaidDown().after(known.told)
            return Change(before, [DistrictPart.of(told, known.version if known else 0)])

        before = await store.update([ref], newest)
        if before is not None and changed is not None and isinstance(told, CategoriesChanged):
            await changed(before.needs, Needs(told.needs))

    table.on(CategoriesChanged, keep)
    table.on(LanguagesChanged, keep)
    table.on(ReasonsChanged, keep)
    table.on(CalendarChanged, keep)
