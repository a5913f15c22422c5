"""What every provider holds to, and what two of them do together."""

import asyncio
import contextlib
import io
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx2
import pytest
from structlog.testing import capture_logs

from deploy.local.servers import ports
from deploy.local.servers.mail import MailServer
from services.chassis.tasks import end
from services.notify.model.breaker import OPENS_AFTER, RESTS_FOR
from services.notify.model.message import Report, ReportKind
from services.notify.model.retry import Refusal
from services.notify.providers.base import Parcel, Provider
from services.notify.providers.console import Console
from services.notify.providers.failover import Failover
from services.notify.providers.smtp import SmtpMail
from services.notify.providers.twilio import TwilioSms
from tests.local.carrier.running import ACCOUNT, LINE, TOKEN, Carrier, eventually
from tests.notify.build import PHONE, created, mother, offered
from tests.notify.world import until, world
from tests.servers import Cell

REF = "019ab000-0000-7000-8000-000000000001"
WORDS = "¿Recibieron la ayuda? Responda SÍ o NO 👍"
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def twilio(url: str) -> TwilioSms:
    return TwilioSms(
        url=url,
        account=ACCOUNT,
        token=TOKEN,
        from_=LINE,
        callbacks="http://127.0.0.1:9",
        timeout=5,
    )


def smtp(port: int) -> SmtpMail:
    return SmtpMail(
        host="127.0.0.1",
        port=port,
        from_="school@example.org",
        user=None,
        password=None,
        security="none",
        timeout=20,
    )


@dataclass
class Subject:
    """A provider, and what has arrived through it.

    Attributes:
        elsewhere: the same kind of provider where nobody listens; None: it needs no line.
    """

    provider: Provider
    to: str
    arrived: Callable[[], list[str]]
    elsewhere: Provider | None


@pytest.fixture(params=["twilio", "smtp", "console", "failover"])
async def subject(
    request: pytest.FixtureRequest, carrier: Carrier, mail: MailServer
) -> AsyncIterator[Subject]:
    nobody = f"http://127.0.0.1:{ports.free_port()}"
    address = f"{request.node.name.partition('[')[0]}@example.org"
    shown = io.StringIO()

    def texts() -> list[str]:
        return [each["body"] for each in carrier.phone(PHONE)]

    def letters() -> list[str]:
        answer = httpx2.get(f"{mail.url}/api/messages", params={"to": address}, trust_env=False)
        return [each["text"].rstrip("\n") for each in answer.json()["messages"]]

    def lines() -> list[str]:
        return [line.partition("Subject: ")[2] for line in shown.getvalue().splitlines()]

    match request.param:
        case "twilio":
            made = Subject(twilio(carrier.url), PHONE, texts, twilio(nobody))
        case "smtp":
            made = Subject(smtp(mail.smtp_port), address, letters, smtp(ports.free_port()))
        case "console":
            made = Subject(Console(shown), PHONE, lines, None)
        case _:
            both = Failover(twilio(nobody), twilio(carrier.url))
            made = Subject(both, PHONE, texts, Failover(twilio(nobody), twilio(nobody)))
    yield made
    await made.provider.close()
    if made.elsewhere is not None:
        await made.elsewhere.close()


def parcel(to: str, id: str = "m-1") -> Parcel:
    return Parcel(id, to, WORDS, "Subject")


async def test_what_was_taken_arrives_once_with_its_words_unchanged(subject: Subject) -> None:
    report = await subject.provider.send(parcel(subject.to))
    assert report.kind is ReportKind.ACCEPTED
    assert report.provider_id
    assert report.provider
    found = await asyncio.to_thread(lambda: eventually(subject.arrived))
    assert found == [WORDS]


async def test_no_two_messages_have_one_id(subject: Subject) -> None:
    ids = [
        (await subject.provider.send(parcel(subject.to, f"m-{each}"))).provider_id
        for each in range(3)
    ]
    assert len(set(ids)) == 3


async def test_nothing_of_address_or_words_is_logged(subject: Subject) -> None:
    with capture_logs() as logs:
        await subject.provider.send(parcel(subject.to))
    assert "provider.answered" in [each["event"] for each in logs]
    for secret in (subject.to, "Recibieron", "Subject"):
        assert secret not in str(logs)


async def test_where_nobody_listens_it_says_for_certain_that_nothing_was_taken(
    subject: Subject,
) -> None:
    if subject.elsewhere is None:
        return
    report = await subject.elsewhere.send(parcel(subject.to))
    assert (report.kind, report.refusal) == (ReportKind.NOT_NOW, Refusal.NOT_REACHED)


@pytest.mark.parametrize("to", ["", "no address", "a\r\nBcc: b@example.org"])
async def test_an_address_that_is_none_raises_nothing_and_reaches_nobody(
    subject: Subject, to: str
) -> None:
    report = await subject.provider.send(parcel(to))
    assert isinstance(report, Report)
    if not isinstance(subject.provider, Console):
        assert report.kind is not ReportKind.ACCEPTED
        assert subject.arrived() == []


async def test_its_list_shows_nobody_elses_messages(subject: Subject) -> None:
    await subject.provider.send(parcel(subject.to))
    found = (
        await subject.provider.look_up("+15105550199", LONG_AGO)
        if not isinstance(subject.provider, Failover)
        else ()
    )
    assert list(found) == []


async def test_it_is_closed_twice_without_harm(subject: Subject) -> None:
    await subject.provider.close()
    await subject.provider.close()


# an answer that was lost


async def test_a_text_whose_answer_was_lost_is_unknown(carrier: Carrier) -> None:
    carrier.rules({"action": "hang"})
    provider = twilio(carrier.url)
    report = await provider.send(parcel(PHONE))
    assert report.kind is ReportKind.UNKNOWN
    (listed,) = await provider.look_up(PHONE, LONG_AGO)
    assert listed.body == WORDS, "and its list knows better"
    await provider.close()


# a success with an error inside


@contextlib.contextmanager
def answering(status: int, body: str) -> Iterator[str]:
    """Serve one answer to everything; yields the address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body.encode())))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def text(**fields: Any) -> str:
    return json.dumps({"sid": "SM1", "status": "queued", "error_code": None, **fields})


@pytest.mark.parametrize(
    ("status", "body", "kind", "code"),
    [
        (201, text(), ReportKind.ACCEPTED, None),
        (200, text(status="failed", error_code=30007), ReportKind.PERMANENT, "30007"),
        (200, text(status="undelivered", error_code=30003), ReportKind.TEMPORARY, "30003"),
        (200, text(status="failed", error_code=20429), ReportKind.TEMPORARY, "20429"),
        (200, text(status="delivered"), ReportKind.DELIVERED, None),
        (200, text(status="new-word"), ReportKind.ACCEPTED, None),
        (200, '{"code": 21211, "message": "no"}', ReportKind.PERMANENT, "21211"),
        (200, '{"code": 20429, "message": "later"}', ReportKind.NOT_NOW, "20429"),
        (200, '{"error": "oops"}', ReportKind.UNKNOWN, "no-sid"),
        (200, "<html>maintenance</html>", ReportKind.UNKNOWN, "no-sid"),
        (200, "[]", ReportKind.UNKNOWN, "no-sid"),
        (204, "", ReportKind.UNKNOWN, "no-sid"),
        (401, '{"code": 20003}', ReportKind.NOT_NOW, "20003"),
        (502, "<html>bad gateway</html>", ReportKind.UNKNOWN, "502"),
    ],
)
async def test_what_an_answer_holds_counts_and_not_its_status_alone(
    status: int, body: str, kind: ReportKind, code: str | None
) -> None:
    with answering(status, body) as url:
        provider = twilio(url)
        report = await provider.send(parcel(PHONE))
        await provider.close()
    assert (report.kind, report.code) == (kind, code)


# two providers


class Clock:
    """A steady clock in the test's hands."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def second(tmp_path: Path) -> Iterator[Carrier]:
    simulator = Carrier(tmp_path / "second", clock_file=tmp_path / "clock.json")
    simulator.start()
    try:
        yield simulator
    finally:
        simulator.stop()
        simulator.close()


async def test_what_the_first_refuses_for_now_the_second_carries(
    carrier: Carrier, second: Carrier
) -> None:
    carrier.rules({"action": "fail", "code": 20503, "times": 1})
    both = Failover(twilio(carrier.url), twilio(second.url))
    report = await both.send(parcel(PHONE))
    assert report.kind is ReportKind.ACCEPTED
    assert (len(carrier.phone(PHONE)), len(second.phone(PHONE))) == (0, 1)
    await both.send(parcel(PHONE, "m-2"))
    assert (len(carrier.phone(PHONE)), len(second.phone(PHONE))) == (1, 1)
    await both.close()


async def test_an_answer_that_was_lost_is_never_carried_by_the_second(
    carrier: Carrier, second: Carrier
) -> None:
    carrier.rules({"action": "hang"})
    both = Failover(twilio(carrier.url), twilio(second.url))
    assert (await both.send(parcel(PHONE))).kind is ReportKind.UNKNOWN
    assert (len(carrier.phone(PHONE)), len(second.phone(PHONE))) == (1, 0)
    assert len(await both.look_up(PHONE, LONG_AGO)) == 1
    await both.close()


async def test_a_refusal_for_good_is_the_numbers_and_not_the_providers(
    carrier: Carrier, second: Carrier
) -> None:
    carrier.rules({"action": "fail", "code": 21614})
    both = Failover(twilio(carrier.url), twilio(second.url))
    for each in range(OPENS_AFTER + 1):
        report = await both.send(parcel(PHONE, f"m-{each}"))
        assert (report.kind, report.dead) == (ReportKind.PERMANENT, True)
    assert second.phone(PHONE) == []
    await both.close()


async def test_a_first_that_fails_on_and_on_is_left_alone_and_tried_again_by_one(
    carrier: Carrier, second: Carrier
) -> None:
    def asked() -> int:
        return len(carrier.http.get("/sim/ledger").json()["refusals"])

    clock = Clock()
    carrier.rules({"action": "fail", "code": 20503, "times": OPENS_AFTER + 1})
    both = Failover(twilio(carrier.url), twilio(second.url), clock)
    for each in range(OPENS_AFTER + 3):
        await both.send(parcel(PHONE, f"m-{each}"))
    assert asked() == OPENS_AFTER
    clock.at += RESTS_FOR
    await asyncio.gather(*[both.send(parcel(PHONE, f"n-{each}")) for each in range(4)])
    assert asked() == OPENS_AFTER + 1, "one of them tried it"
    assert len(second.phone(PHONE)) == OPENS_AFTER + 3 + 4, "and all of them went out"
    clock.at += RESTS_FOR
    await both.send(parcel(PHONE, "o-1"))
    assert len(carrier.phone(PHONE)) == 1, "it is well again"
    await both.close()


async def test_notify_goes_on_through_the_second_and_believes_its_receipts(
    cell: Cell, tmp_path: Path, carrier: Carrier, second: Carrier
) -> None:
    more: dict[str, Any] = {
        "second_url": second.url,
        "second_account": ACCOUNT,
        "second_token": TOKEN,
        "second_from": LINE,
    }
    carrier.rules({"action": "fail", "code": 20503})
    async with world(cell, tmp_path, carrier, **more) as notify:
        await notify.person(mother())
        await notify.happens(created(REF), offered(REF))
        await notify.work()
        delivered = await notify.reaches("delivered")
        assert delivered.attempts == 1
        assert len(second.phone(PHONE)) == 1
        assert notify.texts() == []


# our own account


async def test_a_wrong_password_of_ours_loses_nobodys_message(
    cell: Cell, tmp_path: Path, carrier: Carrier
) -> None:
    async with world(cell, tmp_path, carrier, twilio_account="AC" + "9" * 32) as notify:
        await notify.person(mother())
        await notify.happens(created(REF), offered(REF))
        for _ in range(12):
            await notify.work()
            notify.advance(timedelta(minutes=20))
        held = await notify.message()
        assert (held.state, held.waits_for) == ("waiting", "provider")
        assert held.attempts >= 10


async def test_a_flood_of_what_is_not_in_haste_never_delays_an_offer(
    cell: Cell, tmp_path: Path, carrier: Carrier
) -> None:
    async with world(cell, tmp_path, carrier) as notify:
        carrier.rules({"action": "hang", "match": "+1510555019*"})
        await notify.person(mother())
        await notify.happens(created(REF), offered(REF))
        await notify.work()
        bulk = await notify.message()
        rows = notify.chassis.database["messages"]
        row = await rows.find_one({"_id": bulk.id})
        assert row is not None
        slow = await notify.person(mother(phone="+15105550190"), family="fam-2")
        for each in range(40):
            changes = {
                "_id": f"slow-{each}",
                "priority": 2,
                "state": "created",
                "person": slow,
                "conversation": f"{slow}-sms",
                "next_due": notify.now,
                "provider_id": None,
                "template": "family-request-handled",
                "referral": None,
            }
            await rows.insert_one({**row, **changes})
        running = asyncio.create_task(notify.worker.run(every=0.05))
        try:
            await until(lambda: rows.find_one({"state": "sending"}), seconds=60)
            other = REF[:-1] + "2"
            await notify.happens(created(other, urgency="urgent"), offered(other))
            await until(lambda: notify.messages(referral=other, state="delivered"), seconds=60)
            waiting = await rows.count_documents({"priority": 2, "state": "created"})
            assert waiting > 20, "most of the flood is still behind its slow carrier"
        finally:
            await end([running])
