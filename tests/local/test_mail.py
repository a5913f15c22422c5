"""The mail sink: what is handed over by SMTP is found again over HTTP."""

from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib
import httpx2
import pytest

from deploy.local.servers import ports
from deploy.local.servers.errors import PortInUseError
from deploy.local.servers.mail import MailServer


@pytest.fixture(scope="module")
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    server = MailServer(tmp_path_factory.mktemp("mail"), ports.free_port(), ports.free_port())
    server.start()
    yield server
    server.stop()


async def _send(sink: MailServer, to: str, subject: str, *, html: str | None = None) -> None:
    mail = EmailMessage()
    mail["From"] = "enlace@example.org"
    mail["To"] = to
    mail["Subject"] = subject
    mail.set_content("Buenos días: http://127.0.0.1:8400/l/abc")
    if html:
        mail.add_alternative(html, subtype="html")
    await aiosmtplib.send(mail, hostname="127.0.0.1", port=sink.smtp_port)


def _messages(sink: MailServer, to: str) -> list[dict[str, object]]:
    answer = httpx2.get(f"{sink.url}/api/messages", params={"to": to})
    found: list[dict[str, object]] = answer.raise_for_status().json()["messages"]
    return found


async def test_a_mail_is_found_by_its_recipient(sink: MailServer) -> None:
    await _send(sink, "clinic@example.org", "Cita confirmada: ¿puede venir?", html="<p>Hola</p>")

    (mail,) = _messages(sink, "Clinic@Example.org")

    assert mail["subject"] == "Cita confirmada: ¿puede venir?"
    assert mail["mail_from"] == "enlace@example.org"
    assert mail["text"] == "Buenos días: http://127.0.0.1:8400/l/abc\n"
    assert mail["html"] == "<p>Hola</p>\n"
    assert _messages(sink, "somebody-else@example.org") == []


async def test_the_newest_mail_comes_first(sink: MailServer) -> None:
    await _send(sink, "desk@example.org", "first")
    await _send(sink, "desk@example.org", "second")

    assert [mail["subject"] for mail in _messages(sink, "desk@example.org")] == ["second", "first"]


async def test_the_pages_show_a_mail_and_run_none_of_it(sink: MailServer) -> None:
    await _send(sink, "page@example.org", "<script>alert(1)</script>", html="<script>x</script>")
    (mail,) = _messages(sink, "page@example.org")

    inbox = httpx2.get(sink.url, params={"to": "page@example.org"}).text
    page = httpx2.get(f"{sink.url}/messages/{mail['id']}").text

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in inbox
    assert 'href="http://127.0.0.1:8400/l/abc"' in page
    assert "<script>" not in inbox + page


def test_a_message_that_is_not_there_is_not_found(sink: MailServer) -> None:
    assert httpx2.get(f"{sink.url}/messages/..%2F..%2Fetc%2Fpasswd").status_code == 404


async def test_mail_survives_a_killed_sink_and_ends_with_a_delete(tmp_path: Path) -> None:
    sink = MailServer(tmp_path, ports.free_port(), ports.free_port())
    sink.start()
    try:
        await _send(sink, "kept@example.org", "kept")
        sink.kill()
        sink.start()
        assert len(_messages(sink, "kept@example.org")) == 1

        assert httpx2.delete(f"{sink.url}/api/messages").json() == {"deleted": 1}
        assert _messages(sink, "kept@example.org") == []
    finally:
        sink.stop()


def test_a_taken_smtp_port_is_named(sink: MailServer, tmp_path: Path) -> None:
    other = MailServer(tmp_path, sink.smtp_port, ports.free_port())
    with pytest.raises(PortInUseError, match=rf"port {sink.smtp_port}.*process {sink.pid}"):
        other.start()
