"""Choosing whom to ask: the places that could help, why, why not, and how fresh their seats are.

What is known of the child goes to partner in the body of the question, and is shown to who asks.
"""

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response

from contracts.categories import Category
from services.portal.errors import PageError
from services.portal.model.matching import PARTS, SPEAKS_FOR, Facts, facts_of
from services.portal.model.referral import Referral
from services.portal.pages.context import Pages
from services.portal.pages.lines import what_of
from services.portal.pages.reading import checked, need
from services.portal.pages.refusals import Refused, about_the_form, lacking, refused
from services.portal.pages.why import why_of
from services.portal.sessions import Session
from services.portal.when import When
from services.portal.words import Words

MOST = 20
"""Places that can be asked at once."""

SHOWN = 50
"""Places of each list that one page shows."""

SOUGHT_CHARACTERS = 100

MORNING = 9
"""The local hour at which further places are asked where nobody chooses another."""

Places = Annotated[list[str] | None, Form(max_length=2 * MOST)]
Parts = Annotated[list[str] | None, Form(max_length=len(PARTS))]
Choice = Annotated[str, Form(max_length=3)]
Text = Annotated[str, Form(max_length=SOUGHT_CHARACTERS)]


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form holds.

    Attributes:
        places: `service@agency` of those that are chosen.
        times: when the family can come; none: any.
        needed: it cannot do with another language; None: as its record says.
        why: the name of a place that somebody misses in the list.
        later: further places are asked at `opens`, and not at once.
        opens: a day and time as typed.
    """

    places: tuple[str, ...] = ()
    times: tuple[str, ...] = ()
    needed: bool | None = None
    why: str = ""
    later: bool = False
    opens: str = ""


def ask_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(prefix="/referrals/{id}/ask", include_in_schema=False)

    @router.get("")
    async def choose(request: Request, id: str) -> Response:
        """Show the places that could help."""
        return await _page(pages, request, checked(id), Typed())

    @router.get("/look")
    async def again(id: str) -> Response:
        """Lead back whoever comes to the address of a form's answer."""
        return RedirectResponse(f"/referrals/{checked(id)}/ask", status_code=303)

    @router.post("/look")
    async def look(
        request: Request,
        id: str,
        *,
        place: Places = None,
        times: Parts = None,
        needed: Text = "",
        why: Text = "",
        later: Choice = "",
        opens: Text = "",
    ) -> Response:
        """Look again, with what was added; what was chosen stays chosen."""
        typed = _typed(place, times, needed, why, later, opens)
        return await _page(pages, request, checked(id), typed)

    @router.post("")
    async def send(
        request: Request,
        id: str,
        *,
        seen: Annotated[int, Form(ge=0)],
        place: Places = None,
        only: Text = "",
        times: Parts = None,
        needed: Text = "",
        why: Text = "",
        more: Choice = "",
        later: Choice = "",
        opens: Text = "",
    ) -> Response:
        """Ask those that were chosen, or the one whose own button was pressed.

        Where others are asked already (`more`) they are a further wave, now or later.
        """
        session = await pages.signed_in(request)
        words = pages.words(request)
        # One that was opened before anybody was asked has no hour.
        typed = _typed(place, times, needed, why, later if more else "", opens)
        body, lack = _wish((only,) if only else typed.places, typed, pages.when(words))
        if lack is not None:
            problem = lacking(lack, words)
            return await _page(pages, request, checked(id), typed, problem, 422)
        what = "waves" if more else "offer"
        try:
            await pages.upstream.post(
                "referral",
                f"/v1/referrals/{checked(id)}/{what}",
                body,
                token=session.token,
                seen=seen,
            )
        except PageError as error:
            if not about_the_form(error):
                raise
            shown = refused(error, words, pages.when(words))
            return await _page(pages, request, checked(id), typed, shown, error.status)
        done = "wave-later" if "opens_at" in body else what
        part = "/offers" if more else ""
        return RedirectResponse(f"/referrals/{checked(id)}{part}?done={done}", status_code=303)

    return router


def _wish(places: Sequence[str], typed: Typed, when: When) -> tuple[dict[str, Any], str | None]:
    """Return whom to ask, and when; and the words for what the form lacks."""
    chosen = [each.split("@") for each in places if "@" in each]
    body: dict[str, Any] = {"candidates": [_candidate(*each[:3]) for each in chosen]}
    if not chosen:
        return body, "ask.choose"
    if len(chosen) > MOST:
        return body, "ask.too-many"
    if typed.later:
        try:
            body["opens_at"] = when.local(typed.opens).isoformat()
        except ValueError:
            return body, "ask.opens-lacks"
    return body, None


def _candidate(service: str, agency: str, how: str = "") -> dict[str, Any]:
    """Return whom to ask, by a message or by somebody's call."""
    return {"service": service, "agency": agency, **({"by_phone": True} if how else {})}


def _typed(  # noqa: PLR0917 - a form's fields
    place: list[str] | None,
    times: list[str] | None,
    needed: str,
    why: str,
    later: str,
    opens: str,
) -> Typed:
    parts = tuple(each for each in PARTS if each in (times or ()))
    return Typed(
        tuple(place or ()), parts, needed == "yes", why.strip(), later == "yes", opens.strip()
    )


async def _page(  # noqa: PLR0917 - who looks, what was typed, what was wrong
    pages: Pages,
    request: Request,
    id: str,
    typed: Typed,
    problem: Refused | None = None,
    status: int = 200,
) -> Response:
    session = await pages.signed_in(request)
    words = pages.words(request)
    referral = await need(pages, session, id)
    facts = await _facts(pages, session, words, referral)
    known = facts or Facts()
    needed = known.interpreter if typed.needed is None else typed.needed
    needed = needed and known.language is not None
    body = {
        "referral": referral.id,
        "category": referral.category,
        "site": referral.site,
        **known.body(),
        "language_needed": needed,
        "times": list(typed.times),
    }
    asking = referral.state == "requested" and bool(referral.candidates) and not referral.claimed
    asked = {f"{each.service}@{each.agency}" for each in referral.candidates if asking}
    found, why, names = await asyncio.gather(
        _matches(pages, session, body, asked),
        why_of(pages, session, body, typed.why),
        pages.names.agencies(referral.agencies if asking else (), session.token),
    )
    return pages.page(
        request,
        "ask.html",
        words=words,
        session=session,
        status=status,
        referral=referral,
        what=what_of(referral.grade, referral.category, words),
        one_only=pages.district.now.needs.restricted(Category(referral.category)),
        refused=problem,
        typed=typed,
        needed=needed,
        told=_told(known, words),
        untold=_untold(known, words),
        facts_away=facts is None,
        speaks=known.language,
        parts=PARTS,
        why=why,
        for_it=SPEAKS_FOR,
        longest=SOUGHT_CHARACTERS,
        school=pages.site(referral.site).name,
        asked_already=words.listed([names[each] for each in referral.agencies if each in names]),
        more_places=asking,
        opens=typed.opens or _tomorrow(pages.when(words)),
        **found,
    )


def _tomorrow(when: When) -> str:
    """Return the next morning, as a form's field takes it."""
    day = when.now.date() + timedelta(days=1)
    return f"{day.isoformat()}T{MORNING:02}:00"


async def _facts(pages: Pages, session: Session, words: Words, referral: Referral) -> Facts | None:
    """Return what is known of the child; None where it cannot be had now."""
    try:
        child = await pages.upstream.get(
            "referral", f"/v1/students/{referral.student}", token=session.token
        )
        family = await pages.upstream.get(
            "referral", f"/v1/families/{child['family']}", token=session.token
        )
    except PageError as error:
        if error.status not in {404, 503}:
            raise
        return None
    today = pages.when(words).now.date()
    contacts = [
        each
        for each in family["contacts"]
        if each.get("only_of") is None or child["id"] in each["only_of"]
    ]
    return facts_of(child, contacts, pages.settings.insurance_codes, today)


def _told(facts: Facts, words: Words) -> list[str]:
    """Say what was asked with."""
    said = []
    if facts.age is not None:
        said.append(words("ask.fact-age", n=facts.age))
    if facts.grade:
        said.append(words("row.grade", grade=facts.grade))
    if facts.insurance is not None:
        said.append(words.code("insured", str(facts.insured)))
    if facts.home_zip is not None:
        said.append(words("ask.fact-zip", zip=facts.home_zip))
    if facts.language is not None:
        said.append(words("ask.fact-language", language=words.code("language", facts.language)))
    return [str(each) for each in said]


def _untold(facts: Facts, words: Words) -> str:
    """Say what nobody has written down, and which therefore excludes nobody."""
    lacks = {
        "age": facts.age is None,
        "grade": not facts.grade,
        "insurance": facts.insurance is None,
        "zip": facts.home_zip is None,
        "language": facts.language is None,
    }
    return words.listed([words(f"ask.no-{name}") for name, lack in lacks.items() if lack])


async def _matches(
    pages: Pages, session: Session, body: dict[str, Any], asked: Collection[str]
) -> dict[str, Any]:
    """Return the places that fit and are not among those asked already, and those that do not."""
    nothing: dict[str, Any] = {"matches": None, "excluded": [], "more": 0, "others": 0}
    try:
        found = await pages.upstream.post(
            "partner", f"/v1/matches?limit={SHOWN}", body, token=session.token
        )
    except PageError as error:
        if error.status not in {404, 503}:
            raise
        return {**nothing, "missing": [], "recorded": False}
    new = [each for each in found["matches"] if f"{each['service']}@{each['agency']}" not in asked]
    for each in new:
        at = each.get("as_of")
        each["as_of"] = datetime.fromisoformat(at) if at else None
    return {
        "matches": new,
        "excluded": found["excluded"],
        "more": found["total"] - len(found["matches"]),
        "others": found["excluded_total"],
        "missing": found["missing"],
        "recorded": found["recorded"],
    }
