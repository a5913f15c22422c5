"""What the district has laid down, as every service reads it: a copy kept from the topic `rules`.

Each event is the full state of its part, so that the newest one is all there is to know. Contract,
with the tests named after it in `docs/rules.md`:

1. A copy never goes back to an older version, however late or often an event comes.
2. What stands in the copy holds though referral is away.
"""

import time
from collections.abc import Awaitable, Callable, Iterable
from typing import ClassVar

from contracts.categories import Category
from contracts.cloudevents import Envelope
from contracts.codes import Language
from contracts.rules import (
    CATEGORIES,
    LANGUAGES,
    CategoriesChanged,
    DistrictCategory,
    DistrictLanguage,
    LanguagesChanged,
)
from services.chassis.aggregate import Aggregate, Change, Found, Ref
from services.chassis.consumer.reactions import Reactions
from services.chassis.languages import SHIPPED_LANGUAGES, Languages, need_language
from services.chassis.needs import SHIPPED_NEEDS, Needs, need_known
from services.chassis.store import Store

REREAD_SECONDS = 5.0
"""How long what was read is taken for true."""

Told = Callable[[Needs, Needs], Awaitable[None]]


class DistrictCategories(Aggregate):
    """The kinds of need, from the newest event; its id is the event's part."""

    COLLECTION: ClassVar[str] = "district_categories"

    number: int
    categories: tuple[DistrictCategory, ...]

    @classmethod
    def of(cls, event: CategoriesChanged, version: int = 0) -> "DistrictCategories":
        """Return what an event says."""
        return cls(id=event.part, version=version, number=event.version, categories=event.needs)


class DistrictLanguages(Aggregate):
    """The languages, from the newest event; its id is the event's part."""

    COLLECTION: ClassVar[str] = "district_languages"

    number: int
    languages: tuple[DistrictLanguage, ...]

    @classmethod
    def of(cls, event: LanguagesChanged, version: int = 0) -> "DistrictLanguages":
        """Return what an event says."""
        return cls(id=event.part, version=version, number=event.version, languages=event.languages)


class DistrictCopy:
    """This service's copy of what the district has laid down."""

    def __init__(self, store: Store, *, reread: float = REREAD_SECONDS) -> None:
        self._store = store
        self._reread = reread
        self._until = 0.0
        self._needs, self._languages = SHIPPED_NEEDS, SHIPPED_LANGUAGES

    async def needs(self) -> Needs:
        """Return the kinds of need, as they were a few seconds ago at most."""
        await self._read(anew=False)
        return self._needs

    async def languages(self) -> Languages:
        """Return the languages, as they were a few seconds ago at most."""
        await self._read(anew=False)
        return self._languages

    async def need_known(self, categories: Iterable[Category]) -> Needs:
        """Return the kinds of need where these are among them; one just added is looked for anew.

        Raises:
            EnlaceError: one is not.
        """
        wanted = tuple(categories)
        known = await self.needs()
        await self._read(anew=any(known.get(each) is None for each in wanted))
        need_known(self._needs, wanted)
        return self._needs

    async def need_language(self, languages: Iterable[Language]) -> None:
        """Pass languages that the district has; one just added is looked for anew.

        Raises:
            EnlaceError: one is not.
        """
        wanted = tuple(languages)
        known = await self.languages()
        await self._read(anew=any(known.get(each) is None for each in wanted))
        need_language(self._languages, wanted)

    async def _read(self, *, anew: bool) -> None:
        now = time.monotonic()
        if now < self._until and not anew:
            return
        needs = await self._store.get(DistrictCategories, CATEGORIES)
        languages = await self._store.get(DistrictLanguages, LANGUAGES)
        self._needs = SHIPPED_NEEDS if needs is None else Needs(needs.categories)
        self._languages = SHIPPED_LANGUAGES if languages is None else Languages(languages.languages)
        self._until = now + self._reread


def follow_district(table: Reactions, store: Store, changed: Told | None = None) -> None:
    """Let a consumer's table keep the copy; `changed` is called with what was and what is now."""

    async def categories_changed(event: CategoriesChanged, envelope: Envelope) -> None:
        del envelope
        ref = Ref(DistrictCategories, event.part)

        def keep(found: Found) -> Change[Needs | None]:
            known = found.get(ref)
            if known is not None and known.number > event.version:
                return Change(None)
            before = SHIPPED_NEEDS if known is None else Needs(known.categories)
            return Change(before, [DistrictCategories.of(event, known.version if known else 0)])

        before = await store.update([ref], keep)
        if before is not None and changed is not None:
            await changed(before, Needs(event.needs))

    async def languages_changed(event: LanguagesChanged, envelope: Envelope) -> None:
        del envelope
        ref = Ref(DistrictLanguages, event.part)

        def keep(found: Found) -> Change[None]:
            known = found.get(ref)
            if known is not None and known.number > event.version:
                return Change(None)
            return Change(None, [DistrictLanguages.of(event, known.version if known else 0)])

        await store.update([ref], keep)

    table.on(CategoriesChanged, categories_changed)
    table.on(LanguagesChanged, languages_changed)
