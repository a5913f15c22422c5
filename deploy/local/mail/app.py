"""The mail sink as one application: SMTP on one port, a page and a JSON API on the other."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Annotated

from aiosmtpd.smtp import SMTP, Envelope, Session
from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.responses import HTMLResponse
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel
from starlette.middleware.trustedhost import TrustedHostMiddleware

from deploy.local.mail.store import MailStore, StoredMail

HOST = "127.0.0.1"
LARGEST = 10_000_000  # bytes of a message

_TEMPLATES = Jinja2Templates(Path(__file__).with_name("templates"))


class Message(BaseModel):
    """A message as programs see it.

    Attributes:
        id: sorts by arrival.
        received_at: when it was taken.
        mail_from: the envelope's sender.
        to: the envelope's recipients.
        subject: the header, empty when there is none.
        headers: all of them, name by name; of a repeated one the last.
        text: the plain part, None when there is none.
        html: the HTML part, None when there is none.
    """

    id: str
    received_at: datetime
    mail_from: str
    to: list[str]
    subject: str
    headers: dict[str, str]
    text: str | None
    html: str | None


class Messages(BaseModel):
    """The messages that were asked for, the newest first."""

    messages: list[Message]


class Deleted(BaseModel):
    """How many messages were thrown away."""

    deleted: int


class Sink:
    """What `aiosmtpd` hands messages to."""

    def __init__(self, store: MailStore) -> None:
        self._store = store

    async def handle_DATA(  # noqa: N802 - the name that the library calls
        self, _server: SMTP, _session: Session, envelope: Envelope
    ) -> str:
        """Keep a message and say so: the answer is given once it is on disk."""
        raw = envelope.content or b""
        mail = await asyncio.to_thread(
            self._store.add,
            envelope.mail_from or "",
            envelope.rcpt_tos,
            raw.encode() if isinstance(raw, str) else raw,
        )
        return f"250 Kept as {mail.id}"


def create_app(home: Path, smtp_port: int) -> FastAPI:
    """Return the application; SMTP is served while it runs.

    Args:
        home: folder that keeps the messages.
        smtp_port: loopback port for SMTP.
    """
    store = MailStore(home / "messages")
    sink = Sink(store)

    @contextlib.asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        server = await asyncio.get_running_loop().create_server(
            lambda: SMTP(sink, enable_SMTPUTF8=True, data_size_limit=LARGEST, hostname="localhost"),
            HOST,
            smtp_port,
        )
        async with server:
            yield

    app = FastAPI(
        title="Mail sink",
        lifespan=lifespan,
        docs_url=None,  # its page would come from a CDN
        redoc_url=None,
        telemetry={"logs": False, "operation_spans": False},
    )
    # A page elsewhere must not reach the mail by a name of its own that resolves to loopback.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"])

    @app.get("/api/messages")
    def messages(
        to: Annotated[str | None, Query(description="One recipient's messages only.")] = None,
        limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    ) -> Messages:
        """List messages, the newest first."""
        found = store.newest_first(to)
        return Messages(messages=[_shown(mail) for mail, _ in zip(found, range(limit))])  # noqa: B905 - stops at the limit

    @app.delete("/api/messages")
    def clear() -> Deleted:
        """Throw all messages away."""
        return Deleted(deleted=store.clear())

    @app.get("/", response_class=HTMLResponse)
    def inbox(request: Request, to: str | None = None) -> HTMLResponse:
        """Show the list of messages."""
        listed = messages(to or None).messages
        return _TEMPLATES.TemplateResponse(request, "inbox.html", {"messages": listed, "to": to})

    @app.get("/messages/{identity}", response_class=HTMLResponse)
    def one(request: Request, identity: str) -> HTMLResponse:
        """Show one message."""
        mail = store.get(identity)
        if mail is None:
            raise HTTPException(404, "There is no such message (any more).")
        return _TEMPLATES.TemplateResponse(request, "message.html", {"message": _shown(mail)})

    return app


def _shown(mail: StoredMail) -> Message:
    parsed = mail.parsed()
    return Message(
        id=mail.id,
        received_at=mail.received_at,
        mail_from=mail.mail_from,
        to=list(mail.rcpt_to),
        subject=str(parsed.get("subject", "")),
        headers={name: str(value) for name, value in parsed.items()},
        text=_part(parsed, "plain"),
        html=_part(parsed, "html"),
    )


def _part(message: EmailMessage, kind: str) -> str | None:
    """Return a message's body of one kind; None when it has none."""
    part = message.get_body(preferencelist=(kind,))
    if part is None:
        return None
    try:
        text = str(part.get_content())
    except (LookupError, UnicodeError):  # an encoding that Python does not know
        payload = part.get_payload(decode=True)
        text = payload.decode(errors="replace") if isinstance(payload, bytes) else str(payload)
    return text.replace("\r\n", "\n")  # lines end so on the wire only
