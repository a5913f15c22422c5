"""An agency's offers for its own staff: what waits for an answer, whom it helps, what is over."""

import asyncio
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse, Response

from services.chassis.auth import OF_AGENCY, Role
from services.portal.errors import PageError
from services.portal.pages.card import Card, in_words
from services.portal.pages.context import Pages
from services.portal.pages.delete import reference
from services.portal.pages.doors import Door
from services.portal.pages.own import SYSTEM, Own, moment, own

SHOWN = 100
"""Offers that one page shows; what is over goes on from there."""


def own_offers_router(pages: Pages) -> APIRouter:
    """Return the router of the lists."""
    router = APIRouter(prefix="/agency/{agency}", include_in_schema=False)

    @router.get("")
    async def show(request: Request, agency: str) -> Response:
        """Show what waits for an answer, and whom the agency helps."""
        mine = await own(pages, request, agency, *OF_AGENCY, Role.ADMIN)
        if not mine.holds(Role.AGENCY):
            part = "system" if mine.holds(*SYSTEM) else "performance"
            return RedirectResponse(f"{mine.place}/{part}", status_code=303)
        waits, ours, waiting, batches = await asyncio.gather(
            _shelf(mine, "open"),
            _shelf(mine, "ours"),
            _shelf(mine, "waiting"),
            mine.here.get("/v1/batches", agency=mine.agency),
        )
        gathered = [_batch(mine, each) for each in batches["items"]]
        together = {each["id"] for each in gathered}
        alone = [each for each in waits["items"] if each["batch"] not in together]
        rows = sorted((_row(mine, each) for each in alone), key=lambda row: row["answer_by"])
        return mine.page(
            "own_offers.html",
            "offers",
            batches=gathered,
            waits=rows,
            open=len(rows) + sum(each["open"] for each in gathered),
            ours=[_row(mine, each) for each in ours["items"]],
            waiting=[_row(mine, each) for each in waiting["items"]],
            cut=any(each["next"] for each in (waits, ours, waiting)),
        )

    @router.get("/earlier")
    async def earlier(
        request: Request,
        agency: str,
        cursor: Annotated[str | None, Query(max_length=500)] = None,
    ) -> Response:
        """Show what is over."""
        mine = await own(pages, request, agency, Role.AGENCY)
        found = await _shelf(mine, "over", cursor)
        rows = [_row(mine, each) for each in found["items"]]
        return mine.page("own_earlier.html", "offers", rows=rows, onward=found["next"])

    return router


def own_identity_router(pages: Pages, door: Door) -> APIRouter:
    """Return the router of who a child is, for an account, which needs no code."""
    router = APIRouter(prefix=door.prefix, include_in_schema=False)
    card = Card(pages, door)

    @router.get("/who")
    async def ask(request: Request, token: str) -> Response:
        """Say that it is written down; nothing is shown yet."""
        return await card.step(request, token, "own_who.html")

    @router.post("/who")
    async def who(request: Request, token: str) -> Response:
        """Show who the child is: consent is checked now, and the reading written down."""
        try:
            key = await door.send(request, token, "identity-token", {})
            identity = await pages.upstream.get(
                "referral", f"/v1/referrals/{key['referral']}/identity", token=key["token"]
            )
        except PageError as error:
            # Referral tells nobody whether it is the consent or the claim that is missing.
            slug = "not-released" if error.slug == "not-found" else error.slug
            return await card.step(
                request, token, "own_who.html", status=error.status, problem=slug
            )
        return await card.step(
            request, token, "who.html", identity=identity, reference=reference(key["referral"])
        )

    return router


async def _shelf(mine: Own, shelf: str, cursor: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = await mine.here.get(
        "/v1/offers", agency=mine.agency, shelf=shelf, limit=SHOWN, cursor=cursor
    )
    return found


def _row(mine: Own, offer: Mapping[str, Any]) -> dict[str, Any]:
    """Return an offer in words."""
    words = mine.here.words
    state = str(offer["state"])
    if offer["claim_state"] in {"awaiting-consent", "refused"}:
        state = str(offer["claim_state"])
    return {
        **offer,
        **in_words(offer, words),
        "state": state,
        "school": mine.here.school(offer["site"]),
        "place": f"{mine.place}/offers/{offer['offer']}",
        "answer_by": moment(offer["answer_by"]),
        "appointment": moment(offer["appointment"]),
        "confirmed": offer["claim_state"] == "accepted",
    }


def _batch(mine: Own, batch: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **batch,
        "need": mine.here.words.code("need", batch["category"]),
        "school": mine.here.school(batch["site"]),
        "place": f"{mine.place}/batches/{batch['id']}",
        "answer_by": moment(batch["answer_by"]),
    }
