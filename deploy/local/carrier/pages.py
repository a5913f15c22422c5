"""The pages: every phone, and one phone on which a person reads and answers as the family."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated
from urllib.parse import quote

import phonenumbers
from fastapi import APIRouter, Depends, Form, Query, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.sse import EventSourceResponse, ServerSentEvent
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from deploy.local.carrier import view
from deploy.local.carrier.control import answer_line
from deploy.local.carrier.numbers import is_phone, shown
from deploy.local.carrier.parts import Here, Number, Parts, same_origin

_SHOWN = 100
_LONGEST_BODY = 1600
_QUICK = ("YES", "NO", "SÍ", "HELP", "STOP", "START")

_templates = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_templates.filters["shown"] = shown
_templates.filters["path"] = lambda number: "/phones/" + quote(number)

routes = APIRouter(
    dependencies=[Depends(same_origin)],
    include_in_schema=False,
    default_response_class=HTMLResponse,
)


@routes.get("/")
async def list_phones(here: Here) -> Response:
    """Every phone, the one with the newest text first."""
    return _page("phones.html", here, phones=_phones(here), wanted="", error="")


@routes.get("/live", response_class=EventSourceResponse)
async def live_phones(here: Here) -> AsyncIterator[ServerSentEvent]:
    """The list of phones, again whenever one changes."""
    with here.feed.listen() as changed:
        while not here.feed.closing.is_set():
            changed.clear()
            yield ServerSentEvent(raw_data=_part("_phones.html", phones=_phones(here)))
            await _change(changed)


@routes.get("/phones")
async def open_phone(here: Here, number: Annotated[str, Query(max_length=40)] = "") -> Response:
    """Go to the phone with the number that was typed, however it was written."""
    found = _typed(number)
    if found is not None:
        return RedirectResponse("/phones/" + quote(found), 303)
    error = "That is not a phone number. Write it like +1 415 555 0123."
    return _page("phones.html", here, status=400, phones=_phones(here), wanted=number, error=error)


@routes.get("/phones/{number}")
async def show_phone(
    number: Number, here: Here, before: Annotated[int | None, Query(ge=1)] = None
) -> Response:
    """One phone: its texts and a box to answer."""
    return _phone(here, number, before=before)


@routes.get("/phones/{number}/live", response_class=EventSourceResponse)
async def live_phone(number: Number, here: Here) -> AsyncIterator[ServerSentEvent]:
    """The newest texts of one phone, again whenever they change."""
    with here.feed.listen(number) as changed:
        while not here.feed.closing.is_set():
            changed.clear()
            yield ServerSentEvent(raw_data=_part("_texts.html", texts=_texts(here, number)))
            yield ServerSentEvent(event="note", raw_data=_note(here, number))
            await _change(changed)


@routes.post("/phones/{number}")
async def answer(
    number: Number,
    here: Here,
    body: Annotated[str, Form()] = "",
    quick: Annotated[str, Form()] = "",
    to: Annotated[str, Form()] = "",
) -> Response:
    """The family texts the product."""
    text = (quick or body).replace("\r\n", "\n")
    if not text.strip() or len(text) > _LONGEST_BODY:
        error = "Write something first." if not text.strip() else "Write at most 1,600 characters."
        return _phone(here, number, status=400, written=text, error=error)
    here.exchange.receive(number, answer_line(here, number, to or None), text)
    return RedirectResponse(f"/phones/{quote(number)}#answer", 303)


async def _change(changed: asyncio.Event) -> None:
    await changed.wait()
    # Changes that come together are shown together.
    await asyncio.sleep(0.05)


def _phone(
    here: Parts,
    number: str,
    *,
    before: int | None = None,
    status: int = 200,
    written: str = "",
    error: str = "",
) -> Response:
    messages = here.exchange.store.conversation(number, _SHOWN, before)
    return _page(
        "phone.html",
        here,
        status=status,
        number=number,
        texts=_texts(here, number, before),
        earlier=messages[0].seq if len(messages) == _SHOWN else None,
        live=before is None,
        lines=here.exchange.store.lines(number) or [here.options.pool[0]],
        note=_note(here, number),
        inbound_url=here.settings.current.inbound_url,
        quick=_QUICK,
        written=written,
        error=error,
    )


def _texts(here: Parts, number: str, before: int | None = None) -> list[view.Bubble]:
    messages = here.exchange.store.conversation(number, _SHOWN, before)
    webhooks = here.exchange.queue.webhooks(message.sid for message in messages)
    return view.bubbles(messages, webhooks)


def _note(here: Parts, number: str) -> str:
    return view.opt_out_note(here.exchange.opted_out_lines(number))


def _phones(here: Parts) -> list[dict[str, object]]:
    return [
        {
            "number": phone.number,
            "received": phone.received,
            "written": phone.written,
            "at": view.local(phone.last_at),
            "last": phone.last_body,
            "opted_out": bool(here.exchange.opted_out_lines(phone.number)),
        }
        for phone in here.exchange.store.phones()
    ]


def _typed(text: str) -> str | None:
    """The E.164 form of a number that a person typed; one without a country is American."""
    try:
        parsed = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        return None
    number = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return number if is_phone(number) else None


def _part(name: str, **values: object) -> str:
    return _templates.get_template(name).render(**values)


def _page(name: str, here: Parts, *, status: int = 200, **values: object) -> Response:
    nonce = secrets.token_urlsafe(16)
    moved = view.clock_words(here.clock.offset())
    html = _part(name, nonce=nonce, moved=moved, now=view.local(here.clock.now()), **values)
    policy = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; script-src 'nonce-{nonce}'; "
        "connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    headers = {
        "Content-Security-Policy": policy,
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(html, status, headers)
