"""What of agreements runs out, for the list of today of those who answer for a school."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from services.chassis.auth import Role
from services.portal.errors import PageError
from services.portal.pages.context import Pages
from services.portal.sessions import Session
from services.portal.words import Words

SHOWN = 10
"""Lines; the page of agreements shows them all."""

_AWAY = frozenset({403, 404, 503})


@dataclass(frozen=True, slots=True)
class Ending:
    """Something that runs out, or has.

    Attributes:
        path: of the agreement; empty for who may not open it.
        over: its day has passed.
    """

    says: Markup
    path: str
    over: bool


@dataclass(frozen=True, slots=True)
class Endings:
    """What runs out, soonest first. `total`: shown or not."""

    lines: tuple[Ending, ...] = ()
    total: int = 0


async def endings(pages: Pages, session: Session, words: Words) -> Endings:
    """Return what runs out at the reader's schools; nothing where that cannot be had now."""
    person = session.person
    opens = person.has(Role.COORDINATOR, Role.ADMIN)
    if not opens and not person.led:
        return Endings()
    try:
        found = await pages.upstream.get(
            "partner",
            "/v1/agreement-deadlines",
            token=session.token,
            params={"limit": SHOWN},
        )
    except PageError as error:
        if error.status not in _AWAY:
            raise
        return Endings()
    when = pages.when(words)
    lines = [
        Ending(
            says=words(
                f"ending.{each['kind']}-{'over' if each['left'] < 0 else 'soon'}",
                what=_what(words, each),
                agency=each["agency_name"] or words("agency.unknown"),
                day=when.calendar_day(each["on"]),
            ),
            path=f"/partners/agreements/{each['agreement']}" if opens else "",
            over=each["left"] < 0,
        )
        for each in found["items"]
    ]
    return Endings(tuple(lines), found["total"])


def _what(words: Words, deadline: Mapping[str, Any]) -> str:
    name = str(deadline["name"])
    return words.code("paper", name) if deadline["kind"] == "paper" else name
