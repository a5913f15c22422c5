"""One referral: where it stands, what happened, what was written; live while somebody looks."""

import asyncio
import time
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import RedirectResponse, Response
from fastapi.sse import EventSourceResponse, ServerSentEvent

from services.portal.errors import PageError, SignedOutError
from services.portal.pages.context import Pages
from services.portal.pages.reading import checked, happened, mark_of, read
from services.portal.pages.today import queue_of

_DONE = frozenset(
    {
        "hand",
        "offer",
        "told",
        "undo",
        "hold",
        "wake",
        "cancel",
        "correct",
        "in-error",
        "taken-over",
        "handed-over",
    }
)


def referral_router(pages: Pages) -> APIRouter:
    """Return the router."""
    router = APIRouter(include_in_schema=False)

    @router.get("/referrals/{id}")
    async def show(request: Request, id: str) -> Response:
        """Show one referral, beside the queue where there is room."""
        session = await pages.signed_in(request)
        words = pages.words(request)
        opened, beside = await asyncio.gather(
            read(pages, session, words, checked(id)), queue_of(pages, session, words)
        )
        known = request.query_params.get("done")
        done = f"done.{known}" if known in _DONE else None
        return pages.page(
            request,
            "referral.html",
            words=words,
            session=session,
            done=done,
            tab="",
            **{**opened, **beside},
        )

    @router.post("/referrals/{id}/undo")
    async def undo(request: Request, id: str, seen: Annotated[int, Form(ge=0)]) -> Response:
        """Take back what was just sent, while nobody has answered."""
        session = await pages.signed_in(request)
        await pages.upstream.post(
            "referral",
            f"/v1/referrals/{checked(id)}/recall",
            {},
            token=session.token,
            seen=seen,
        )
        return RedirectResponse(f"/referrals/{checked(id)}?done=undo", status_code=303)

    @router.get("/referrals/{id}/events", response_class=EventSourceResponse)
    async def watch(
        request: Request, id: str, after: str | None = None
    ) -> AsyncIterator[ServerSentEvent]:
        """Send the referral's part of the page anew whenever something has happened to it.

        `after` is what the page shows already: it is not sent again under a finger.
        """
        words = pages.words(request)
        ends = time.monotonic() + pages.settings.watch_for.total_seconds()
        seen = after
        # The server cancels this when the reader leaves: nobody is asked for nobody.
        while time.monotonic() < ends:
            try:
                # Asked anew each time: a session that ended stops seeing at once.
                session = await pages.signed_in(request)
                now = mark_of(await happened(pages, session, checked(id)))
                if now != seen:
                    opened = await read(pages, session, words, checked(id))
                    seen = now
                    yield ServerSentEvent(
                        raw_data=pages.fill("_live.html", words, tab="", **opened)
                    )
            except SignedOutError:
                break
            except PageError as error:
                # One service may be away: what stands on the page stays, and is looked at again.
                if error.status != HTTPStatus.SERVICE_UNAVAILABLE:
                    break
            await asyncio.sleep(pages.settings.watch_every.total_seconds())
        else:
            return  # the page opens the next watch by itself
        yield ServerSentEvent(event="end", raw_data="")

    return router
