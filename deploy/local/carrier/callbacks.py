"""The worker of the durable queue: moves texts on and posts signed webhooks."""

import asyncio
import contextlib
from dataclasses import dataclass
from itertools import groupby

import httpx2

from deploy.local.carrier.clock import Clock
from deploy.local.carrier.exchange import Exchange
from deploy.local.carrier.feed import Feed
from deploy.local.carrier.jobs import Job, Kind
from deploy.local.carrier.model import Message
from deploy.local.carrier.resource import callback_form, inbound_form
from deploy.local.carrier.settings import Options, SettingsBook
from deploy.local.carrier.signature import sign
from deploy.local.carrier.twiml import replies

_TIMEOUT_SECONDS = 15.0  # Twilio's
_BATCH = 500
_AT_ONCE = 16
_READ_AT_MOST = 65_536


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of posting a webhook; `error` is None when it was taken."""

    error: str | None
    content_type: str = ""
    body: bytes = b""


class Courier:
    """Does what is due, one text's jobs in order, several texts at once.

    A failed webhook is put off and does not hold up the next one of its text, so callbacks can
    come out of order, as they do in life.

    Args:
        wake: Set by whoever puts something into the queue.
    """

    def __init__(
        self,
        *,
        options: Options,
        settings: SettingsBook,
        clock: Clock,
        feed: Feed,
        exchange: Exchange,
        wake: asyncio.Event,
    ) -> None:
        self._options = options
        self._settings = settings
        self._clock = clock
        self._feed = feed
        self._exchange = exchange
        self._wake = wake
        self._busy: set[str] = set()

    async def run(self) -> None:
        """Work until cancelled. What is cut off in the middle is done again after a restart."""
        # trust_env: a proxy of the environment has no business between two local processes.
        client = httpx2.AsyncClient(timeout=_TIMEOUT_SECONDS, trust_env=False)
        async with client, asyncio.TaskGroup() as tasks:
            while True:
                self._wake.clear()
                started = self._clock.real()
                for sid, jobs in self._ready(started):
                    self._busy.add(sid)
                    tasks.create_task(self._work(client, sid, jobs))
                await self._rest(started)

    def _ready(self, now: float) -> list[tuple[str, list[Job]]]:
        """Due jobs by text, of texts that nobody works on, as many as may be worked on at once."""
        due = [job for job in self._exchange.queue.due(now, _BATCH) if job.sid not in self._busy]
        # Stable, so that the jobs of one text stay in order.
        due.sort(key=lambda job: job.sid)
        groups = [(sid, list(jobs)) for sid, jobs in groupby(due, key=lambda job: job.sid)]
        groups.sort(key=lambda group: group[1][0].due)
        return groups[: _AT_ONCE - len(self._busy)]

    async def _rest(self, since: float) -> None:
        """Wait until there is news, until a text is done with, or until the next job is due."""
        next_due = self._exchange.queue.next_due(since)
        wait = None if next_due is None else max(0.0, next_due - self._clock.real())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(wait):
                await self._wake.wait()

    async def _work(self, client: httpx2.AsyncClient, sid: str, jobs: list[Job]) -> None:
        try:
            for job in jobs:
                await self._do(client, job)
        finally:
            self._busy.discard(sid)
            self._wake.set()

    async def _do(self, client: httpx2.AsyncClient, job: Job) -> None:
        if job.kind is Kind.MOVE:
            message = self._exchange.move(job)
        else:
            message = self._exchange.store.get(job.sid)
            if message is None:  # deleted since
                return
            outcome = await self._tell(client, message, job)
            self._settle(job, message, outcome)
        if message is not None:
            self._feed.publish(message.phone)

    async def _tell(self, client: httpx2.AsyncClient, message: Message, job: Job) -> Outcome:
        account = self._options.account_sid
        if job.kind is Kind.INBOUND:
            url = self._settings.current.inbound_url
            form = inbound_form(message, account)
        else:
            url = message.callback_url
            form = callback_form(message, account, job.status, job.error_code)
        if url is None:
            return Outcome("no address is configured")
        token = self._options.auth_token.get_secret_value()
        headers = {
            "X-Twilio-Signature": sign(token, _requested(url), form),
            "I-Twilio-Idempotency-Token": job.token,
            "User-Agent": "EnlaceCarrierSimulator/1",
        }
        return await _post(client, url, form, headers)

    def _settle(self, job: Job, message: Message, outcome: Outcome) -> None:
        queue, waits = self._exchange.queue, self._settings.current.retry_seconds
        if outcome.error is None:
            queue.done(job)
            if job.kind is Kind.INBOUND:
                for text in replies(outcome.body, outcome.content_type):
                    self._exchange.reply(message.phone, message.line, text)
        elif job.attempts < len(waits):
            queue.again(job, self._clock.real() + waits[job.attempts], outcome.error)
        else:
            queue.failed(job, outcome.error)


def _requested(url: str) -> str:
    """The address as the product sees it: escaped, with a path, without the unsent fragment."""
    parsed = httpx2.URL(url)
    return f"{parsed.scheme}://{parsed.netloc.decode()}{parsed.raw_path.decode()}"


async def _post(
    client: httpx2.AsyncClient, url: str, form: dict[str, str], headers: dict[str, str]
) -> Outcome:
    """One attempt: taken when the answer is 2xx within the time allowed."""
    try:
        async with (
            asyncio.timeout(_TIMEOUT_SECONDS),
            client.stream("POST", url, data=form, headers=headers) as response,
        ):
            body = b""
            async for chunk in response.aiter_bytes():
                body += chunk
                if len(body) > _READ_AT_MOST:
                    body = b""
                    break
            if not response.is_success:
                return Outcome(f"answered {response.status_code}")
            return Outcome(None, response.headers.get("content-type", ""), body)
    except TimeoutError:
        return Outcome(f"no answer within {_TIMEOUT_SECONDS:.0f} seconds")
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        return Outcome(f"{type(error).__name__}: {error}"[:200])
