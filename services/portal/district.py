"""What the district has laid down, as the pages go by it: followed on the topic `rules`.

The newest state is in memory, and in the portal's database for the next start: a page never waits
for referral or for the broker to know what a need or a language is called.
"""

import asyncio

import structlog
from pymongo.errors import PyMongoError

from contracts.event import Event
from contracts.rules import CATEGORIES, LANGUAGES, CategoriesChanged, LanguagesChanged
from contracts.topic import RULES
from services.chassis.consumer.states import StateReader
from services.chassis.database import Database
from services.chassis.district import DistrictCategories, DistrictLanguages
from services.chassis.languages import SHIPPED_LANGUAGES, Languages
from services.chassis.needs import SHIPPED_NEEDS, Needs
from services.chassis.tasks import end
from services.portal.settings import PortalSettings

log = structlog.get_logger()


class District:
    """Needs and languages as they are now; what comes with Enlace until anything was told."""

    def __init__(self, database: Database, settings: PortalSettings) -> None:
        self._database = database
        self._reader = StateReader(settings.kafka, settings.topic(RULES.name), self.take)
        self._numbers: dict[str, int] = {}
        self._task: asyncio.Task[None] | None = None
        self.needs: Needs = SHIPPED_NEEDS
        self.languages: Languages = SHIPPED_LANGUAGES

    async def start(self) -> None:
        """Take what was known last, and follow what changes."""
        needs = await self._database[DistrictCategories.COLLECTION].find_one({"_id": CATEGORIES})
        if needs is not None:
            self._know(DistrictCategories.from_document(needs))
        languages = await self._database[DistrictLanguages.COLLECTION].find_one({"_id": LANGUAGES})
        if languages is not None:
            self._know(DistrictLanguages.from_document(languages))
        self._task = asyncio.create_task(self._reader.run())

    async def stop(self) -> None:
        """Follow no more."""
        if self._task is not None:
            await end([self._task])

    async def take(self, event: Event) -> None:
        """Take a state, unless a newer one is known."""
        if isinstance(event, CategoriesChanged):
            await self._take(DistrictCategories.of(event))
        elif isinstance(event, LanguagesChanged):
            await self._take(DistrictLanguages.of(event))

    async def _take(self, told: DistrictCategories | DistrictLanguages) -> None:
        if told.number < self._numbers.get(told.id, 0):
            return
        self._know(told)
        rows = self._database[told.COLLECTION]
        try:
            await rows.replace_one({"_id": told.id}, told.to_document(), upsert=True)
        except PyMongoError as error:  # it is in memory, and is told again at the next start
            log.warning("district.not_kept", error=type(error).__name__)

    def _know(self, told: DistrictCategories | DistrictLanguages) -> None:
        self._numbers[told.id] = told.number
        if isinstance(told, DistrictCategories):
            self.needs = Needs(told.categories)
        else:
            self.languages = Languages(told.languages)
