"""Why not this place? Any service is found by its own name or its agency's, and weighed."""

import asyncio
from collections.abc import Mapping
from typing import Any

from services.portal.errors import PageError
from services.portal.pages.context import Pages
from services.portal.sessions import Session

WEIGHED = 8
"""Services that one answer tells of; who has more is asked for more of the name."""

LEAST = 2
"""Letters below which half a directory has the name."""


async def why_of(
    pages: Pages, session: Session, need: Mapping[str, Any], name: str
) -> list[dict[str, Any]] | None:
    """Return services of that name, each with why or why not; None where none was asked about.

    Args:
        pages: what the pages need.
        session: of who asks.
        need: as matching takes it.
        name: of a service or an agency.
    """
    if len(name) < LEAST:
        return None
    try:
        found = await _services(pages, session, name)
        return list(await asyncio.gather(*[_weigh(pages, session, need, each) for each in found]))
    except PageError as error:
        if error.status not in {404, 503}:
            raise
        return None


async def _services(pages: Pages, session: Session, name: str) -> list[str]:
    async def ids(**query: Any) -> list[str]:
        answer = await pages.upstream.get(
            "partner", "/v1/services", token=session.token, params={**query, "limit": WEIGHED}
        )
        return [each["id"] for each in answer["items"]]

    own, agencies = await asyncio.gather(
        ids(q=name),
        pages.upstream.get(
            "partner", "/v1/agencies", token=session.token, params={"q": name, "limit": WEIGHED}
        ),
    )
    of_agencies = await asyncio.gather(*[ids(agency=each["id"]) for each in agencies["items"]])
    both = [*own, *(id for some in of_agencies for id in some)]
    return list(dict.fromkeys(both))[:WEIGHED]


async def _weigh(
    pages: Pages, session: Session, need: Mapping[str, Any], service: str
) -> dict[str, Any]:
    """Return a service with the reasons for it, or with everything that keeps it."""
    answer = await pages.upstream.post(
        "partner", "/v1/matches/why", {**need, "service": service}, token=session.token
    )
    fits = answer["match"] is not None
    return {**(answer["match"] or answer["excluded"]), "fits": fits}
