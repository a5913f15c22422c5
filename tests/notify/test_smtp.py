"""What a mail server's answer means, by a server on a real socket that says what it is told."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from services.notify.model.message import ReportKind
from services.notify.providers.base import Parcel
from services.notify.providers.smtp import SmtpMail

PARCEL = Parcel("m1", "reader@example.org", "Words", "Subject")


def provider(**changes: Any) -> SmtpMail:
    fields: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": 1,
        "from_": "Enlace <school@example.org>",
        "user": None,
        "password": None,
        "security": "none",
        "timeout": 20,
    }
    return SmtpMail(**{**fields, **changes})


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


LETTER = replace(
    PARCEL,
    html="<p>Words</p>",
    sender="Rosa Méndez, Lincoln Elementary",
    tag="site-01",
    languages=("es",),
    stop_url=f"https://enlace.example.org/v1/mail-stops/per-1/{'t' * 60}",
)


def test_a_mail_has_the_headers_that_its_domain_signs_and_one_press_to_stop() -> None:
    mail = provider()._letter(LETTER)
    (sender,) = mail["From"].addresses
    assert sender.display_name == "Rosa Méndez, Lincoln Elementary"
    assert sender.addr_spec == "school@example.org"
    assert mail["List-Unsubscribe"] == f"<{LETTER.stop_url}>"
    assert f"\r\nList-Unsubscribe: <{LETTER.stop_url}>\r\n".encode() in mail.as_bytes()
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail["Content-Language"] == "es"
    assert mail["Message-ID"] == "<m1@example.org>"
    assert mail["Date"].endswith("+0000")
    assert [part.get_content_type() for part in mail.walk()] == [
        "multipart/alternative",
        "text/plain",
        "text/html",
    ]


@pytest.mark.parametrize(
    ("tag", "address"),
    [
        ("site-01", "school+site-01@example.org"),
        ("a b>,c", "school+a-b-c@example.org"),
        ("", "school@example.org"),
    ],
)
def test_a_tagged_sender_says_which_school(tag: str, address: str) -> None:
    mail = provider(tagged=True)._letter(replace(LETTER, tag=tag))
    assert mail["From"].addresses[0].addr_spec == address


def test_what_a_school_is_called_cannot_add_a_header() -> None:
    with pytest.raises(ValueError, match="linefeed"):
        provider()._letter(replace(LETTER, sender="Rosa\nBcc: all@example.org"))


def test_a_visit_goes_with_its_mail_as_a_file_for_a_calendar() -> None:
    mail = provider()._letter(replace(LETTER, calendar="BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"))
    (file,) = list(mail.iter_attachments())
    assert (file.get_content_type(), file.get_filename()) == ("text/calendar", "cita.ics")
    assert file.get_content().startswith("BEGIN:VCALENDAR")
