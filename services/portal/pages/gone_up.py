"""What has gone up: to the lead of a school, and to the district's administrators.

They do none of the work and see whose it is: what waits, since when, where and with whom.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from markupsafe import Markup

from contracts.codes import Urgency
from services.chassis.auth import Principal, Role
from services.chassis.sites import Site
from services.portal.model.queue import TodayRow
from services.portal.model.situation import Group, mark_of
from services.portal.pages.colleagues import named, names_at
from services.portal.pages.context import Pages
from services.portal.pages.ending import endings
from services.portal.pages.lines import shape_of, tone_of, what_of, why_of
from services.portal.sessions import Session
from services.portal.words import Words

_REVIEW = "review-disclosure"
_PRESSING = frozenset({Urgency.CRISIS.value, Urgency.URGENT.value})


@dataclass(frozen=True, slots=True)
class Up:
    """One of them in words.

    Attributes:
        pressing: how urgent it is, where that is more than usual.
        why: what waits, and since when; `level`: whom it has gone up to.
        text: who sees to it.
        ask: what to do where no page shows it; empty where `path` leads to one.
        phone: of the school, for somebody who is not there; empty where it is of no use.
        also: what else has gone up of the same child.
        home: the referral, where the reader may see it.
    """

    who: str
    what: str
    pressing: str
    why: str
    level: str
    text: str
    do: str
    ask: str
    phone: str
    path: str
    home: str
    tone: str
    mark: Markup
    also: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class School:
    """A school with what has gone up there, what hurts most first."""

    site: Site
    rows: tuple[Up, ...]


def reads_what_went_up(person: Principal) -> bool:
    """Tell whether somebody's list of today is what has gone up to them, and no work of theirs."""
    return person.has(Role.ADMIN) or bool(person.led)


async def gone_up(
    pages: Pages, request: Request, session: Session, rows: Sequence[TodayRow], **values: Any
) -> Response:
    """Show what has gone up, school by school; the school of the most pressing one first."""
    words = pages.words(request)
    sites = list(dict.fromkeys(row.site for row in rows if row.site))
    staff = await asyncio.gather(*[names_at(pages, session, site) for site in sites])
    schools = [
        School(
            pages.site(site),
            tuple(_up(pages, session, words, row, names) for row in rows if row.site == site),
        )
        for site, names in zip(sites, staff, strict=True)
    ]
    own = [pages.site(site).name for site in sorted(session.person.led)]
    return pages.page(
        request,
        "gone_up.html",
        words=words,
        session=session,
        schools=schools,
        number=len(rows),
        district=session.person.has(Role.ADMIN),
        school=own[0] if len(own) == 1 else "",
        own=words.listed(own) if own else "",
        endings=await endings(pages, session, words),
        **values,
    )


def _up(
    pages: Pages, session: Session, words: Words, row: TodayRow, names: Mapping[str, str]
) -> Up:
    there = row.site in session.person.led
    owner = named(row.owner, names, words)
    when = pages.when(words)
    pressing = row.urgency in _PRESSING
    crisis = row.urgency == Urgency.CRISIS.value
    group = Group.CRISIS if crisis else row.group
    return Up(
        who=str(words("up.child")) if row.withheld else row.name,
        what=what_of(row.grade, row.category, words),
        pressing=str(words.code("urgency", row.urgency or "")) if pressing else "",
        why=why_of(row, words, when),
        level=str(words.code("level", row.level or "other")),
        text=_text(row, owner, names, words),
        do=str(words("up.review" if row.step == _REVIEW else "up.open")),
        ask=str(words("up.ask" if there else "up.call", owner=owner))
        if row.owner
        else str(words("up.find" if there else "up.call-school")),
        phone="" if there else pages.site(row.site or "").phone,
        path=row.path,
        home=row.home if row.home != row.path else "",
        tone=tone_of(group),
        mark=shape_of(mark_of(group)),
        also=tuple(why_of(each, words, when) for each in row.more),
    )


def _text(row: TodayRow, owner: str, names: Mapping[str, str], words: Words) -> str:
    if row.step == _REVIEW:
        return str(words("up.told"))
    if not row.owner:
        return str(words("up.nobody"))
    if row.covering_for:
        other = named(row.covering_for, names, words)
        return str(words("up.covers", owner=owner, other=other))
    return str(words("up.with", owner=owner))
