"""Reads what the page of one referral shows, from the services that know of it."""

import asyncio
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from services.chassis.auth import Role
from services.chassis.ids import is_id
from services.portal.errors import PageError
from services.portal.model.referral import Entry, Message, Referral
from services.portal.model.situation import Row, situation
from services.portal.pages.context import Pages
from services.portal.pages.lines import line_of, told
from services.portal.sessions import Session
from services.portal.words import Words

_UNDO_FOR = timedelta(minutes=10)
"""How long the button is shown; a district may have laid down less."""


def checked(id: str) -> str:
    """Return an id that is one.

    Raises:
        PageError: it is none: there is no such page.
    """
    if not is_id(id):
        raise PageError(404)
    return id.lower()


async def happened(pages: Pages, session: Session, id: str) -> list[Entry]:
    """Return a referral's timeline, oldest first.

    Raises:
        PageError: there is none for this reader, or referral does not answer.
    """
    found = await pages.upstream.get(
        "referral", f"/v1/referrals/{id}/timeline", token=session.token
    )
    return [Entry.model_validate(each) for each in found]


async def read(pages: Pages, session: Session, words: Words, id: str) -> dict[str, Any]:
    """Return what the page of a referral shows.

    Raises:
        PageError: there is none for this reader, or referral does not answer.
    """
    found, entries, talk = await asyncio.gather(
        pages.upstream.get("referral", f"/v1/referrals/{id}", token=session.token),
        happened(pages, session, id),
        _talk(pages, session, id),
    )
    referral = Referral.model_validate(found)
    row = Row(referral, situation(referral))
    wanted = {*referral.agencies, *(each.about.get("agency", "") for each in entries)} - {""}
    names = await pages.names.agencies(wanted, session.token)
    line = line_of(row, names, words, pages.when(words))
    return {
        "opened": referral,
        "line": line,
        "urgent": row.situation.calls,
        "timeline": told(entries, names, words),
        "talk": talk,
        "site": pages.site(referral.site),
        "can_record": referral.state == "requested"
        and bool(referral.candidates)
        and not referral.claimed
        and session.person.has(Role.COORDINATOR),
        "can_close": referral.hand_off is not None
        and referral.state in {"accepted", "in-progress", "on-hold"}
        and session.person.has(Role.COORDINATOR),
        "can_undo": _can_undo(referral, pages.clock.now()),
        "can_follow": (referral.state in _OVER or referral.business in _UNHELPED)
        and session.person.has(Role.COORDINATOR),
        "can_ask": row.situation.key in {"draft", "crisis-unclaimed", "nobody-answered"}
        and not referral.candidates,
    }


_OVER = frozenset({"rejected", "failed", "cancelled"})
_UNHELPED = frozenset({"disputed", "not-verified"})
"""Where the way on is a new referral that follows this one."""


def _can_undo(referral: Referral, now: datetime) -> bool:
    """Tell whether sending can still be undone; referral itself has the last word."""
    just_sent = referral.state == "requested" and bool(referral.candidates)
    return just_sent and not referral.claimed and now - referral.since <= _UNDO_FOR


async def _talk(pages: Pages, session: Session, id: str) -> list[Message] | None:
    """Return the conversation with the family, oldest first; None where it cannot be had now."""
    try:
        found = await pages.upstream.get(
            "notify", f"/v1/referrals/{id}/conversation", token=session.token
        )
    except PageError as error:
        # Notify has not heard of a referral that nobody was told of yet.
        return [] if error.status == HTTPStatus.NOT_FOUND else None
    return [Message.model_validate(each) for each in found["lines"]]
