"""Twilio's Messages resource, as its clients expect it."""

import asyncio
import base64
import binascii
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import JSONResponse

from deploy.local.carrier.errors import TwilioError
from deploy.local.carrier.exchange import Sending
from deploy.local.carrier.model import Message
from deploy.local.carrier.numbers import MAGIC_FROM, is_phone, is_sender
from deploy.local.carrier.parts import Here, Parts
from deploy.local.carrier.resource import as_resource, messages_uri
from deploy.local.carrier.settings import is_http_url
from deploy.local.carrier.store import Filter

_LONGEST_BODY = 1600
_LARGEST_PAGE = 1000
_SERVICE = re.compile(r"MG[0-9a-fA-F]{32}", re.ASCII)
# Answering these as if they had been heeded would let a client believe that they work.
_NOT_CARRIED = ("MediaUrl", "ContentSid", "ContentVariables", "SendAt", "ScheduleType", "SendAsMms")


def _authorise(request: Request, here: Here, account_sid: str) -> None:
    """Check the account and its token.

    Raises:
        TwilioError: 20003 without the right credentials, 20404 on another account's path.
    """
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    try:
        given = base64.b64decode(encoded, validate=True)
    except binascii.Error:
        given = b""
    token = here.options.auth_token.get_secret_value()
    expected = f"{here.options.account_sid}:{token}".encode()
    if scheme.lower() != "basic" or not hmac.compare_digest(given, expected):
        raise TwilioError(20003)
    if account_sid != here.options.account_sid:
        raise _not_found(request)


routes = APIRouter(
    prefix="/2010-04-01/Accounts/{account_sid}", dependencies=[Depends(_authorise)], tags=["Twilio"]
)


@routes.post("/Messages.json", status_code=201)
async def create_message(request: Request, here: Here) -> Response:
    """Text a family. The form is read by hand: its errors have Twilio's codes."""
    form = {name: str(value) for name, value in (await request.form()).items()}
    try:
        sending = _read_sending(form, here)
    except TwilioError as error:
        here.exchange.note_refusal(form.get("To", ""), form.get("From", ""), error.code)
        raise
    accepted = here.exchange.send(sending)
    if accepted.hang_seconds is not None:
        await _hang(request, here, accepted.hang_seconds)
        raise TwilioError(20504)
    return JSONResponse(as_resource(accepted.message, here.options.account_sid), 201)


@routes.get("/Messages.json")
async def list_messages(request: Request, here: Here) -> Response:
    """Texts in both directions, newest first, one page."""
    query = request.query_params
    size = _read_size(query.get("PageSize", "50"))
    wanted = _read_filter(query)
    # Filtering keeps the query's other parameters in the links to other pages.
    kept = [
        (name, value)
        for name, value in query.multi_items()
        if name not in {"Page", "PageToken", "PageSize"}
    ]
    number = int(query.get("Page", "0")) if query.get("Page", "0").isdecimal() else 0
    before, after = _read_token(query.get("PageToken"), here)
    # One more than asked for tells whether there is another page.
    found = here.exchange.store.page(wanted, size + 1, before=before, after=after)
    more = len(found) > size
    messages = found[:size] if after is None else found[-size:]
    older = messages and (more if after is None else True)
    newer = messages and (before is not None if after is None else more)

    def link(page: int, token: str | None = None) -> str:
        parameters = [*kept, ("PageSize", str(size)), ("Page", str(page))]
        if token is not None:
            parameters.append(("PageToken", token))
        return f"{messages_uri(here.options.account_sid)}.json?{urlencode(parameters)}"

    return JSONResponse(
        {
            "end": number * size + max(len(messages) - 1, 0),
            "first_page_uri": link(0),
            "messages": [as_resource(found, here.options.account_sid) for found in messages],
            "next_page_uri": link(number + 1, "PA" + messages[-1].sid) if older else None,
            "page": number,
            "page_size": size,
            "previous_page_uri": (
                link(max(number - 1, 0), "PB" + messages[0].sid) if newer else None
            ),
            "start": number * size,
            "uri": link(number, query.get("PageToken")),
        }
    )


def _found(request: Request, here: Parts, sid: str) -> Message:
    message = here.exchange.store.get(sid)
    if message is None:
        raise _not_found(request)
    return message


@routes.get("/Messages/{sid}.json")
async def get_message(sid: str, request: Request, here: Here) -> Response:
    """One text as it is now."""
    message = _found(request, here, sid)
    return JSONResponse(as_resource(message, here.options.account_sid))


@routes.post("/Messages/{sid}.json")
async def redact_message(sid: str, request: Request, here: Here) -> Response:
    """Forget the words of a text: an empty Body, the one change that is possible."""
    message = _found(request, here, sid)
    form = await request.form()
    if form.get("Body") != "" or set(form) != {"Body"}:
        raise TwilioError(20001, "A message can only be changed by setting its Body to nothing.")
    redacted = here.exchange.store.redact(message.sid, here.clock.now())
    here.feed.publish(message.phone)
    if redacted is None:
        raise _not_found(request)
    return JSONResponse(as_resource(redacted, here.options.account_sid))


@routes.delete("/Messages/{sid}.json", status_code=204)
async def delete_message(sid: str, request: Request, here: Here) -> Response:
    """Forget one text."""
    message = _found(request, here, sid)
    if not message.finished:
        raise TwilioError(20009)
    here.exchange.store.delete(message.sid)
    here.feed.publish(message.phone)
    return Response(status_code=204)


def _read_sending(form: Mapping[str, str], here: Parts) -> Sending:
    """Check the form in the order in which Twilio complains."""
    for name in _NOT_CARRIED:
        if name in form:
            raise TwilioError(20001, f"This simulator carries plain texts; it has no {name}.")
    to, body = form.get("To", ""), form.get("Body", "")
    if not to:
        raise TwilioError(21604)
    if not is_phone(to):
        raise TwilioError(21211, f"Invalid 'To' Phone Number: {to[:40]}")
    line, service_sid = _read_sender(form, here)
    if to == line:
        raise TwilioError(21266)
    if not body.strip():
        raise TwilioError(21602)
    if len(body) > _LONGEST_BODY:
        raise TwilioError(21617)
    callback_url = form.get("StatusCallback") or None
    if callback_url is not None and not is_http_url(callback_url):
        raise TwilioError(21609)
    return Sending(to, line, service_sid, body, callback_url)


def _read_sender(form: Mapping[str, str], here: Parts) -> tuple[str, str | None]:
    """The number to send from, and the messaging service that sends when no number is named."""
    line, service_sid = form.get("From", ""), form.get("MessagingServiceSid") or None
    options = here.options
    if service_sid is not None:
        known = options.service_sid in (None, service_sid)
        if not _SERVICE.fullmatch(service_sid) or not known:
            raise TwilioError(21701, f"The Messaging Service {service_sid[:40]} does not exist")
    if not line:
        if service_sid is None:
            raise TwilioError(21603)
        return options.pool[0], service_sid
    if not is_sender(line):
        raise TwilioError(21212, f"Invalid 'From' number, short code or sender id: {line[:40]}")
    if options.numbers and line not in options.numbers and line not in MAGIC_FROM:
        raise TwilioError(21606, f"{line} is not a number of this account (see --number)")
    return line, service_sid


def _read_size(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise TwilioError(20001, "PageSize must be a whole number from 1 to 1000.")
    return min(int(text), _LARGEST_PAGE)


def _read_token(token: str | None, here: Parts) -> tuple[int | None, int | None]:
    """Older than which text, newer than which text."""
    if token is None:
        return None, None
    message = here.exchange.store.get(token[2:])
    if message is None or token[:2] not in {"PA", "PB"}:
        raise TwilioError(20001, "PageToken is not one of this list; start again without it.")
    return (message.seq, None) if token.startswith("PA") else (None, message.seq)


def _read_filter(query: Mapping[str, str]) -> Filter:
    """The filter in the query: DateSent is a day of UTC, DateSent< and DateSent> are moments."""
    sent_from = _moment(query, "DateSent>")
    sent_until = _moment(query, "DateSent<")
    day = _moment(query, "DateSent")
    if day is not None:
        start = day.replace(hour=0, minute=0, second=0, microsecond=0)
        sent_from, sent_until = start, start + timedelta(days=1, microseconds=-1)
    return Filter(
        to=query.get("To") or None,
        from_=query.get("From") or None,
        sent_from=None if sent_from is None else sent_from.timestamp(),
        sent_until=None if sent_until is None else sent_until.timestamp(),
    )


def _moment(query: Mapping[str, str], name: str) -> datetime | None:
    text = query.get(name)
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise TwilioError(20001, f"{name} must be YYYY-MM-DD or an ISO 8601 time.") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


async def _hang(request: Request, here: Parts, seconds: float) -> None:
    """Say nothing until the client has gone, the time is up or the server stops."""
    until = here.clock.real() + seconds
    while here.clock.real() < until and not here.feed.closing.is_set():
        if await request.is_disconnected():
            return
        await asyncio.sleep(0.1)


def _not_found(request: Request) -> TwilioError:
    return TwilioError(20404, f"The requested resource {request.url.path} was not found")
