"""Reads what the page of one referral shows, from the services that know of it."""

import asyncio
from typing import Any

from services.chassis.ids import is_id
from services.portal.errors import PageError
from services.portal.model.referral import Entry, Referral
from services.portal.model.situation import Row, situation
from services.portal.pages.context import Pages
from services.portal.pages.lines import line_of, told
from services.portal.sessions import Session
from services.portal.words import Words


def checked(id: str) -> str:
    """Return an id that is one.

    Raises:
        PageError: it is none: there is no such page.
    """
    if not is_id(id):
        raise PageError(404)
    return id.lower()


async def read(pages: Pages, session: Session, words: Words, id: str) -> dict[str, Any]:
    """Return what the page of a referral shows.

    Raises:
        PageError: there is none for this reader, or referral does not answer.
    """
    get = pages.upstream.get
    found, happened, talk = await asyncio.gather(
        get("referral", f"/v1/referrals/{id}", token=session.token),
        get("referral", f"/v1/referrals/{id}/timeline", token=session.token),
        _talk(pages, session, id),
    )
    referral = Referral.model_validate(found)
    entries = [Entry.model_validate(each) for each in happened]
    row = Row(referral, situation(referral))
    wanted = {*referral.agencies, *(each.about.get("agency", "") for each in entries)} - {""}
    names = await pages.names.agencies(wanted, session.token)
    line = line_of(row, names, words, pages.when(words))
    timeline = told(entries, names, words)
    return {
        "opened": referral,
        "line": line,
        "urgent": row.situation.calls,
        "timeline": timeline,
        "talk": talk,
        "site": pages.site(referral.site),
        "can_ask": row.situation.key in {"draft", "crisis-unclaimed", "nobody-answered"}
        and not referral.candidates,
        # What makes the page another one; the words of `since` change without anything happening.
        "mark": (referral.version, len(timeline), str(talk), sorted(names.items())),
    }


async def _talk(pages: Pages, session: Session, id: str) -> list[dict[str, Any]] | None:
    """Return the conversation with the family, oldest first; None where notify does not answer."""
    try:
        found = await pages.upstream.get(
            "notify", "/v1/conversations", token=session.token, params={"referral": id}
        )
    except PageError:
        return None
    messages = found.get("messages") if isinstance(found, dict) else None
    return messages if isinstance(messages, list) else None
