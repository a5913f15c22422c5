"""Names of agencies and services, as sentences need them: asked of partner, kept for a while."""

import asyncio
import time
from collections.abc import Iterable, Mapping

from services.portal.errors import PageError, SignedOutError
from services.portal.upstream import Upstream

KEPT_SECONDS = 60.0
AWAY_SECONDS = 10.0
"""How long one goes without its name after partner did not answer."""

_MOST = 2_000


class Names:
    """Looks names up. One that cannot be had is left out: the sentence does without.

    Names of agencies and services are public, so what one reader was told may be told to another.
    """

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._known: dict[str, tuple[float, str | None]] = {}

    async def agencies(self, ids: Iterable[str], token: str) -> Mapping[str, str]:
        """Return agencies' names by id."""
        return await self._names("agencies", ids, token)

    async def services(self, ids: Iterable[str], token: str) -> Mapping[str, str]:
        """Return services' names by id."""
        return await self._names("services", ids, token)

    async def _names(self, kind: str, ids: Iterable[str], token: str) -> Mapping[str, str]:
        paths = {id: f"/v1/{kind}/{id}" for id in sorted(set(ids))}
        now = time.monotonic()
        fresh = [path for path in paths.values() if self._known.get(path, (0.0, None))[0] < now]
        if len(self._known) > _MOST:
            self._known.clear()
        await asyncio.gather(*[self._look_up(path, token) for path in fresh])
        found = {id: self._known[path][1] for id, path in paths.items() if path in self._known}
        return {id: name for id, name in found.items() if name is not None}

    async def _look_up(self, path: str, token: str) -> None:
        try:
            found = await self._upstream.get("partner", path, token=token)
            name, kept = str(found["name"]), KEPT_SECONDS
        except (PageError, SignedOutError, KeyError, TypeError):
            self._known[path] = (time.monotonic() + AWAY_SECONDS, None)
            return
        self._known[path] = (time.monotonic() + kept, name)
