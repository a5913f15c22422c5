"""One delivery, against real servers of this machine that behave badly."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.partner.subscriptions.model.attempt import MOST_RESPONSE
from services.partner.subscriptions.sending.post import Answer, Caller, retry_after
from tests.partner.subscriptions.receiver import Receiver, receiving
from tests.partner.subscriptions.tls import contexts

NAME = "hooks.agency.example"


class Names:
    """A name server whose answers the test gives, one after the other; the last one stays."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        del port
        self.asked.append(host)
        answer = self.answers[0] if len(self.answers) == 1 else self.answers.pop(0)
        if not answer:
            raise OSError("no such name")
        return answer


HERE = Names(["127.0.0.1"])


@asynccontextmanager
async def calling(
    url: str,
    names: Names = HERE,
    *,
    local: bool = True,
    trust: ssl.SSLContext | None = None,
    seconds: float = 15.0,
) -> AsyncIterator[Caller]:
    caller = Caller(url, names, local=local, trust=trust, timeout=seconds)
    try:
        yield caller
    finally:
        await caller.close()


async def send(caller: Caller) -> Answer:
    return await caller.post(b'{"a":1}', {"webhook-id": "evt-1"})


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as found:
        yield found


async def test_a_delivery_arrives_whole_and_its_answer_is_kept(receiver: Receiver) -> None:
    receiver.status, receiver.body = 202, b"thank you"
    async with calling(receiver.url) as caller:
        answer = await send(caller)
    assert (answer.good, answer.status, answer.response) == (True, 202, b"thank you")
    (request,) = receiver.requests
    assert request.path == "/hooks?from=enlace"
    assert request.body == b'{"a":1}'
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["webhook-id"] == "evt-1"


async def test_a_redirect_is_a_failure_and_nobody_follows_it(receiver: Receiver) -> None:
    async with receiving() as elsewhere:
        receiver.status, receiver.headers = 307, {"Location": elsewhere.url}
        async with calling(receiver.url) as caller:
            answer = await send(caller)
        assert (answer.good, answer.status) == (False, 307)
        assert elsewhere.requests == []


async def test_an_answer_without_an_end_is_cut_off(receiver: Receiver) -> None:
    receiver.endless = True
    async with calling(receiver.url) as caller:
        answer = await send(caller)
    assert answer.good
    assert len(answer.response) == MOST_RESPONSE
    assert receiver.sent < 64 * 1024 * 1024


async def test_one_that_hangs_is_left_after_its_time(receiver: Receiver) -> None:
    receiver.hangs = True
    async with calling(receiver.url, seconds=0.3) as caller:
        answer = await send(caller)
    assert (answer.good, answer.status, answer.error) == (False, None, "timed-out")


async def test_an_answer_that_drips_is_left_after_its_time() -> None:
    async def drip(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        try:
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                writer.write(b"x")
                await writer.drain()
                await asyncio.sleep(0.05)
        except ConnectionError:
            writer.close()

    server = await asyncio.start_server(drip, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with calling(f"http://127.0.0.1:{port}/", seconds=0.5) as caller:
        assert (await send(caller)).error == "timed-out"
    server.close()


async def test_nobody_there_and_no_such_name_are_told_apart() -> None:
    async with receiving() as gone:
        url = gone.url
    async with calling(url) as caller:
        assert (await send(caller)).error == "not-connected"
    async with calling(f"https://{NAME}/", Names([])) as caller:
        assert (await send(caller)).error == "unknown-name"


async def test_plain_http_is_refused_elsewhere_than_in_local_mode(receiver: Receiver) -> None:
    async with calling(receiver.url, local=False) as caller:
        assert (await send(caller)).error == "not-https"
    assert receiver.requests == []


@pytest.mark.parametrize(
    "address", ["127.0.0.1", "::1", "::ffff:127.0.0.1", "10.1.2.3", "169.254.169.254", "fe80::1%lo"]
)
async def test_a_name_that_leads_inside_is_never_connected_to(
    address: str, receiver: Receiver
) -> None:
    url = f"https://{NAME}:{receiver.port}/"
    async with calling(url, Names([address]), local=False) as caller:
        assert (await send(caller)).error == "not-public"
    assert receiver.requests == []


async def test_one_address_inside_refuses_the_whole_name(receiver: Receiver) -> None:
    names = Names(["93.184.215.14", "127.0.0.1"])
    async with calling(f"https://{NAME}:{receiver.port}/", names, local=False) as caller:
        assert (await send(caller)).error == "not-public"
    assert receiver.requests == []


async def test_a_name_that_leads_inside_the_second_time_is_refused_then(tmp_path: Path) -> None:
    server, trust = contexts(tmp_path, NAME)
    async with receiving(tls=server) as receiver:
        names = Names(["127.0.0.1"], ["10.0.0.1"])
        async with calling(f"https://{NAME}:{receiver.port}/", names, trust=trust) as caller:
            assert (await send(caller)).good
            assert (await send(caller)).error == "not-public"
        assert len(receiver.requests) == 1


async def test_the_name_is_looked_up_once_an_attempt_and_what_was_checked_is_connected(
    tmp_path: Path,
) -> None:
    server, trust = contexts(tmp_path, NAME)
    async with receiving(tls=server) as receiver:
        names = Names(["127.0.0.1"])
        # Nothing but the test's own resolver knows the name: a second look-up would find nothing.
        async with calling(f"https://{NAME}:{receiver.port}/in", names, trust=trust) as caller:
            assert (await send(caller)).good
            assert (await send(caller)).good
        assert names.asked == [NAME, NAME]
        assert {each.headers["host"] for each in receiver.requests} == {f"{NAME}:{receiver.port}"}
        assert set(receiver.names) == {NAME}


async def test_a_certificate_of_another_name_is_refused(tmp_path: Path) -> None:
    server, trust = contexts(tmp_path, "other.example")
    async with receiving(tls=server) as receiver:
        url = f"https://{NAME}:{receiver.port}/"
        async with calling(url, Names(["127.0.0.1"]), trust=trust) as caller:
            assert (await send(caller)).error == "certificate-refused"
        assert receiver.requests == []


async def test_a_proxy_of_the_environment_is_not_used(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with receiving() as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        async with calling(receiver.url) as caller:
            assert (await send(caller)).good
        assert proxy.requests == []


async def test_an_address_that_does_not_answer_is_followed_by_the_next(receiver: Receiver) -> None:
    names = Names(["127.0.0.2", "127.0.0.1"])
    async with calling(f"http://{NAME}:{receiver.port}/", names) as caller:
        assert (await send(caller)).good
    assert len(receiver.requests) == 1


class TestRetryAfter:
    NOW = datetime(2026, 10, 13, 17, 0, tzinfo=UTC)

    def test_seconds_and_dates_are_read(self) -> None:
        assert retry_after("120", self.NOW) == timedelta(minutes=2)
        date = "Tue, 13 Oct 2026 17:10:00 GMT"
        assert retry_after(date, self.NOW) == timedelta(minutes=10)
        assert retry_after("Tue, 13 Oct 2026 16:00:00 GMT", self.NOW) == timedelta()

    @pytest.mark.parametrize("text", [None, "", "soon", "-5", "1e9", "٣"])
    def test_anything_else_asks_for_nothing(self, text: str | None) -> None:
        assert retry_after(text, self.NOW) is None
