"""What a mail server's answer means, by a server on a real socket that says what it is told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from services.notify.model.message import ReportKind
from services.notify.providers.base import Parcel
from services.notify.providers.smtp import SmtpMail

PARCEL = Parcel("m1", "reader@example.org", "Words", "Subject")


@contextlib.asynccontextmanager
async def server(after_data: str) -> AsyncIterator[SmtpMail]:
    """Run a server that takes a mail and then says this."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 here\r\n")
        data = False
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                word = line.decode().strip().upper()
                if data and word != ".":
                    continue
                answer = after_data if data else "354 go on" if word == "DATA" else "250 ok"
                data = word == "DATA"
                writer.write(answer.encode() + b"\r\n")
        writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    try:
        yield SmtpMail(
            host="127.0.0.1",
            port=port,
            from_="school@example.org",
            user=None,
            password=None,
            security="none",
            timeout=20,
        )
    finally:
        listening.close()


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("250 taken", ReportKind.ACCEPTED),
        ("451 come back later", ReportKind.NOT_NOW),
        ("554 never", ReportKind.PERMANENT),
        ("<html>a proxy's error</html>", ReportKind.UNKNOWN),
        ("399 what", ReportKind.UNKNOWN),
    ],
)
async def test_only_a_refusal_means_that_it_was_not_taken(said: str, kind: ReportKind) -> None:
    async with server(said) as mail:
        report = await mail.send(PARCEL)
    assert report.kind is kind
