"""Reads what the page of one referral shows, from the services that know of it."""

import asyncio
import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from contracts.categories import Category
from services.chassis.auth import Role
from services.chassis.ids import is_id
from services.portal.errors import PageError
from services.portal.model.referral import Entry, Message, Referral
from services.portal.model.situation import Row, situation
from services.portal.pages.context import Pages
from services.portal.pages.lines import ended, line_of, told
from services.portal.sessions import Session
from services.portal.words import Words

TABS = ("", "contacts", "follow-ups", "consent", "offers", "notes", "seen")
"""Of a referral, in the order of the page; the first is what happened and the messages."""

_DISTRICTS = ("", "follow-ups")
"""Those for the district's administrators, who do none of its work."""

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
    found = await pages.upstream.every(
        "referral", f"/v1/referrals/{id}/timeline", token=session.token
    )
    return [Entry.model_validate(each) for each in found]


async def read(pages: Pages, session: Session, words: Words, id: str) -> dict[str, Any]:
    """Return what the page of a referral shows.

    Raises:
        PageError: there is none for this reader, or referral does not answer.
    """
    referral, entries, talk = await asyncio.gather(
        need(pages, session, id),
        happened(pages, session, id),
        conversation(pages, session, id),
    )
    wanted = {*referral.agencies, *(each.about.get("agency", "") for each in entries)} - {""}
    names = await pages.names.agencies(wanted, session.token)
    return {
        **standing(pages, session, words, referral, names),
        "timeline": told(entries, names, words),
        "mark": mark_of(entries),
        "talk": talk,
    }


def mark_of(entries: Sequence[Entry]) -> str:
    """Return what changes with a timeline, so that a watch tells only what a page lacks."""
    ids = " ".join(each.id for each in entries)
    return hashlib.sha256(ids.encode()).hexdigest()[:16]


async def need(pages: Pages, session: Session, id: str) -> Referral:
    """Return a referral.

    Raises:
        PageError: there is none for this reader, or referral does not answer.
    """
    found = await pages.upstream.get("referral", f"/v1/referrals/{id}", token=session.token)
    return Referral.model_validate(found)


def standing(
    pages: Pages, session: Session, words: Words, referral: Referral, names: Mapping[str, str]
) -> dict[str, Any]:
    """Return where a referral stands and what the reader can do about it."""
    row = Row(referral, situation(referral))
    leads = session.person.has(Role.COORDINATOR)
    works = session.person.has(Role.COORDINATOR, Role.CARE_TEAM)
    gives = session.person.has(Role.COORDINATOR, Role.ADMIN)
    waits = referral.state == "requested" and bool(referral.candidates) and not referral.claimed
    started = referral.state in {"accepted", "in-progress", "on-hold"}
    return {
        "opened": referral,
        "line": line_of(row, names, words, pages.when(words)),
        "ended": ended(referral, words),
        "urgent": row.situation.calls,
        "site": pages.site(referral.site),
        "leads": leads,
        "works": works,
        "gives": gives,
        "tabs": TABS if works else _DISTRICTS,
        "due": next((each for each in referral.follow_ups if each.waits), None),
        "can_record": waits and leads,
        "can_ask_more": waits
        and leads
        and not pages.district.now.needs.restricted(Category(referral.category)),
        "can_close": referral.hand_off is not None and started and leads,
        "can_undo": leads and _can_undo(referral, pages.clock.now()),
        "can_follow": leads and (referral.state in _OVER or referral.business in _UNHELPED),
        "can_ask": leads
        and not referral.candidates
        and row.situation.key in {"draft", "crisis-unclaimed", "nobody-answered"},
        "can_take": leads and referral.coordinator is None and not referral.over,
        "needs_consent": leads and referral.business == "awaiting-consent",
        "can_correct": leads and can_correct(referral),
        "acts": tuple(act for act in acts_of(referral) if leads or (gives and act == HAND_OVER)),
    }


HAND_OVER = "hand-over"


def can_correct(referral: Referral) -> bool:
    """Tell whether what was written down can be put right: nobody was asked yet."""
    return referral.state == "draft"


def acts_of(referral: Referral) -> tuple[str, ...]:
    """Return what a coordinator can do with it besides; referral itself has the last word."""
    resting = {"accepted": ("hold",), "in-progress": ("hold",), "on-hold": ("wake", "hold")}
    open_ = () if referral.over else (HAND_OVER, "cancel")
    wrong = () if referral.state == "entered-in-error" else ("in-error",)
    return (*resting.get(referral.state, ()), *open_, *wrong)


_OVER = frozenset({"rejected", "failed", "cancelled"})
_UNHELPED = frozenset({"disputed", "not-verified"})
"""Where the way on is a new referral that follows this one."""


def _can_undo(referral: Referral, now: datetime) -> bool:
    """Tell whether sending can still be undone; referral itself has the last word."""
    just_sent = referral.state == "requested" and bool(referral.candidates)
    return just_sent and not referral.claimed and now - referral.since <= _UNDO_FOR


async def conversation(pages: Pages, session: Session, id: str) -> list[Message] | None:
    """Return the conversation with the family, oldest first; None where it cannot be had now."""
    try:
        found = await pages.upstream.get(
            "notify", f"/v1/referrals/{id}/conversation", token=session.token
        )
    except PageError as error:
        # Notify has not heard of a referral that nobody was told of yet.
        return [] if error.status == HTTPStatus.NOT_FOUND else None
    return [Message.model_validate(each) for each in found["lines"]]
