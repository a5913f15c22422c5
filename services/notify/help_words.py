"""The words by which this district's families ask for help: referral's rules, kept here.

A text cannot wait for referral, so a copy stands in the database and is looked at twice a minute.
"""

import asyncio
from typing import ClassVar

import httpx2
import structlog
from pydantic import TypeAdapter, ValidationError
from pymongo.errors import PyMongoError

from contracts.codes import Language
from services.chassis.auth import ServiceIdentity
from services.chassis.store import Aggregate, Change, Found, Ref, Store
from services.notify.model.keywords import DEFAULT_WORDS

log = structlog.get_logger()

EVERY_SECONDS = 30.0
_ID = "help-words"
_ANSWER = TypeAdapter(dict[Language, tuple[str, ...]])


class HelpWords(Aggregate):
    """The copy; its id is always `help-words`."""

    COLLECTION: ClassVar[str] = "help_words"

    words: dict[Language, tuple[str, ...]]


async def help_words(store: Store) -> dict[Language, tuple[str, ...]]:
    """Return the words as referral last told them; the defaults until then."""
    known = await store.get(HelpWords, _ID)
    return DEFAULT_WORDS if known is None else known.words


class HelpWordsCopy:
    """Asks referral's `GET /v1/help-words`, and keeps what has changed.

    Args:
        url: of referral.
    """

    def __init__(
        self, store: Store, url: str, identity: ServiceIdentity, http: httpx2.AsyncClient
    ) -> None:
        self._store = store
        self._url = f"{url.rstrip('/')}/v1/help-words"
        self._identity = identity
        self._http = http

    async def once(self) -> None:
        """Look once; without a clear answer the copy stays as it is."""
        token = self._identity.token("referral")
        try:
            answer = await self._http.get(self._url, headers={"Authorization": f"Bearer {token}"})
            if answer.is_success:
                await self._keep(_ANSWER.validate_json(answer.content))
        except (httpx2.HTTPError, ValidationError) as error:
            log.info("help_words.unreachable", error=type(error).__name__)

    async def run(self) -> None:
        """Look until cancelled."""
        while True:
            try:
                await self.once()
            except PyMongoError as error:
                log.warning("help_words.away", error=type(error).__name__)
            await asyncio.sleep(EVERY_SECONDS)

    async def _keep(self, words: dict[Language, tuple[str, ...]]) -> None:
        ref = Ref(HelpWords, _ID)

        def keep(found: Found) -> Change[None]:
            known = found.get(ref)
            if known is None:
                return Change(None, [HelpWords(id=_ID, words=words)])
            return Change(None, [] if known.words == words else [known.having(words=words)])

        await self._store.update([ref], keep)
