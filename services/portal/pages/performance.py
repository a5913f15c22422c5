"""How an agency does, in words: what it was asked, how it answered, what became of the children."""

from collections.abc import Mapping
from typing import Any

from services.portal.errors import PageError
from services.portal.pages.partners import Look

_HOURS_OF_A_DAY = 24
SHARES = ("acceptance", "completed", "family_verified", "no_show")


async def performance_of(here: Look, agency: str) -> dict[str, Any] | None:
    """Return how an agency does; None where the reader may not know, or it cannot be had now."""
    try:
        found = await here.get(f"/v1/agencies/{agency}/performance")
    except PageError as error:
        if error.status not in {403, 404, 503}:
            raise
        return None
    now, before = found["now"], found["before"]
    past = before["total"] if before["total"]["asked"] else None
    lines = [("asked", str(now["total"]["asked"]), str(past["asked"]) if past else "")]
    lines.append(("reply", _reply(here, now["total"]), _reply(here, past) if past else ""))
    lines += [
        (each, _share(here, now["total"][each]), _share(here, past[each]) if past else "")
        for each in SHARES
    ]
    spans = ("since", "until", "families_since", "families_until")
    return {**{name: now[name] for name in spans}, "lines": lines}


def _reply(here: Look, total: Mapping[str, Any]) -> str:
    hours = total["reply_hours"]
    if hours is None:
        return str(here.words("does.too-few"))
    if hours < _HOURS_OF_A_DAY:
        return str(here.words("does.hours", n=max(1, round(hours))))
    return str(here.words("does.days", n=round(hours / _HOURS_OF_A_DAY)))


def _share(here: Look, share: Mapping[str, Any]) -> str:
    if share["percent"] is None:
        return str(here.words("does.too-few"))
    return str(here.words("does.share", value=share["percent"], n=share["of"]))
