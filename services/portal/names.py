"""Names of agencies, as sentences need them: asked of partner, kept for a short while."""

import asyncio
import time
from collections.abc import Iterable, Mapping

from services.portal.errors import PageError, SignedOutError
from services.portal.upstream import Upstream

KEPT_SECONDS = 60.0
AWAY_SECONDS = 10.0
"""How long an agency goes without its name after partner did not answer."""

_MOST = 2_000


class Names:
    """Looks agencies' names up. A name that cannot be had is left out: the sentence does without.

    Agencies' names are public, so what one reader was told may be told to another.
    """

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._known: dict[str, tuple[float, str | None]] = {}

    async def agencies(self, ids: Iterable[str], token: str) -> Mapping[str, str]:
        """Return names by id."""
        wanted = sorted(set(ids))
        now = time.monotonic()
        fresh = [id for id in wanted if self._known.get(id, (0.0, None))[0] < now]
        if len(self._known) > _MOST:
            self._known.clear()
        await asyncio.gather(*[self._look_up(id, token) for id in fresh])
        found = {id: self._known[id][1] for id in wanted if id in self._known}
        return {id: name for id, name in found.items() if name is not None}

    async def _look_up(self, id: str, token: str) -> None:
        try:
            agency = await self._upstream.get("partner", f"/v1/agencies/{id}", token=token)
            name, kept = str(agency["name"]), KEPT_SECONDS
        except (PageError, SignedOutError, KeyError, TypeError):
            self._known[id] = (time.monotonic() + AWAY_SECONDS, None)
            return
        self._known[id] = (time.monotonic() + kept, name)
