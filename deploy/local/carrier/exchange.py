"""The carrier itself: takes a text in either direction, decides on it and plans what follows."""

import secrets
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass

from deploy.local.carrier import plan
from deploy.local.carrier.clock import Clock
from deploy.local.carrier.database import transaction
from deploy.local.carrier.errors import TwilioError
from deploy.local.carrier.feed import Feed
from deploy.local.carrier.jobs import Job, Kind, Queue
from deploy.local.carrier.keywords import Keyword, read_keyword
from deploy.local.carrier.model import Direction, Message, Status
from deploy.local.carrier.numbers import MAGIC_FROM, MAGIC_TO
from deploy.local.carrier.rulebook import Rulebook
from deploy.local.carrier.rules import Effects, Fail, Of
from deploy.local.carrier.segments import count_segments
from deploy.local.carrier.settings import Options, SettingsBook
from deploy.local.carrier.store import Refusal, Store

_ALL_OF_THE_SERVICE = "messaging-service"


@dataclass(frozen=True, slots=True)
class Sending:
    """A request to text a family, its form already checked."""

    to: str
    line: str
    service_sid: str | None
    body: str
    callback_url: str | None


@dataclass(frozen=True, slots=True)
class Accepted:
    """A text that will be sent, and for how long its request is left without an answer."""

    message: Message
    hang_seconds: float | None


class Exchange:
    """Takes texts. Everything about one is written in one transaction, its callbacks too.

    Args:
        wake: Called after there is new work in the queue.
    """

    def __init__(
        self,
        *,
        connection: sqlite3.Connection,
        options: Options,
        settings: SettingsBook,
        clock: Clock,
        feed: Feed,
        wake: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._options = options
        self._settings = settings
        self._clock = clock
        self._feed = feed
        self._wake = wake
        self.store = Store(connection, options.keep)
        self.queue = Queue(connection)
        self.rulebook = Rulebook(connection)

    def send(self, sending: Sending) -> Accepted:
        """Accept a text of the product to a family.

        Raises:
            TwilioError: It is refused: a magic number, an opt-out or a rule says so.
        """
        with transaction(self._connection):
            refused = self._refusal(sending)
            effects = Effects()
            if refused is None:
                effects = self.rulebook.use(Of.CALLBACKS, sending.to, sending.body)
                if effects.refusal is not None:
                    refused = _refused(effects.refusal)
            if refused is None:
                effects = _with_magic(sending.to, effects)
                message = self._add_outbound(sending, Direction.OUTBOUND_API, effects)
            else:
                self.note_refusal(sending.to, sending.line, refused.code)
        if refused is not None:
            raise refused
        self._announce(message.phone)
        return Accepted(message, effects.hang.seconds if effects.hang else None)

    def receive(self, phone: str, line: str, body: str) -> Message:
        """Take a text of a family to the product, and answer it if it is a keyword."""
        now = self._clock.now()
        with transaction(self._connection):
            effects = self.rulebook.use(Of.INBOUND, phone, body)
            message = self.store.add(
                Message(
                    seq=0,
                    sid="SM" + secrets.token_hex(16),
                    direction=Direction.INBOUND,
                    phone=phone,
                    line=line,
                    service_sid=self._service_of(line),
                    body=body,
                    segments=count_segments(body),
                    status=Status.RECEIVED,
                    error_code=None,
                    callback_url=None,
                    created_at=now,
                    updated_at=now,
                    sent_at=now,
                )
            )
            if effects.tells(Status.RECEIVED) and self._settings.current.inbound_url:
                for _ in range(effects.copies):
                    due = self._clock.real() + effects.delay
                    self.queue.put(message.sid, Kind.INBOUND, Status.RECEIVED, due)
            self._answer_keyword(phone, line, body)
        self._announce(phone)
        return message

    def reply(self, phone: str, line: str, body: str) -> Message | None:
        """Text back what the product answered to a webhook; None when the phone has opted out."""
        with transaction(self._connection):
            if self._opted_out(phone, line):
                self.note_refusal(phone, line, 21610)
                return None
            sending = Sending(phone, line, None, body, None)
            message = self._add_outbound(sending, Direction.OUTBOUND_REPLY, Effects())
        self._announce(phone)
        return message

    def move(self, job: Job) -> Message | None:
        """Give a text its next status, as planned; None when it has been deleted since."""
        with transaction(self._connection):
            self.queue.done(job)
            return self.store.move(job.sid, job.status, job.error_code, self._clock.now())

    def clear(self) -> None:
        """Forget texts, refusals and waiting deliveries."""
        with transaction(self._connection):
            self.store.clear()
        self._feed.publish()

    def retry_failed(self) -> int:
        """Give the failed webhooks all their attempts again; how many there are."""
        count = self.queue.retry_failed(self._clock.real())
        self._wake()
        return count

    def note_refusal(self, to: str, line: str, code: int) -> None:
        """Keep a refused request for whoever looks for it."""
        self.store.refuse(Refusal(self._clock.now(), to[:40], line[:40], code))

    def opted_out_lines(self, phone: str) -> list[str]:
        """The product's numbers that this phone wants no texts of."""
        scopes = {scope for _, scope, _ in self.store.opt_outs(phone)}
        lines = sorted(scopes - {_ALL_OF_THE_SERVICE})
        return lines + list(self._options.pool if _ALL_OF_THE_SERVICE in scopes else ())

    def _refusal(self, sending: Sending) -> TwilioError | None:
        code = MAGIC_FROM.get(sending.line)
        if code is None and sending.to in MAGIC_TO and MAGIC_TO[sending.to] < 30_000:  # noqa: PLR2004 - see is_failure
            code = MAGIC_TO[sending.to]
        if code is None and self._opted_out(sending.to, sending.line):
            code = 21610
        if code is None:
            return None
        return TwilioError(code, retry_after=1 if code == 20429 else None)  # noqa: PLR2004 - too many requests

    def _add_outbound(self, sending: Sending, direction: Direction, effects: Effects) -> Message:
        now, real = self._clock.now(), self._clock.real()
        through_service = sending.service_sid is not None
        message = self.store.add(
            Message(
                seq=0,
                sid="SM" + secrets.token_hex(16),
                direction=direction,
                phone=sending.to,
                line=sending.line,
                service_sid=sending.service_sid,
                body=sending.body,
                segments=count_segments(sending.body),
                status=Status.ACCEPTED if through_service else Status.QUEUED,
                error_code=None,
                callback_url=sending.callback_url,
                created_at=now,
                updated_at=now,
                sent_at=None,
            )
        )
        latency = self._settings.current.latency_seconds
        for step in plan.plan_outbound(effects, latency, through_service=through_service):
            if not step.tell:
                kind = Kind.MOVE
            elif sending.callback_url is not None:
                kind = Kind.CALLBACK
            else:
                continue
            self.queue.put(message.sid, kind, step.status, real + step.after, step.error_code)
        return message

    def _answer_keyword(self, phone: str, line: str, body: str) -> None:
        keyword = read_keyword(body)
        scope, now = self._scope(line), self._clock.now()
        match keyword:
            case Keyword.STOP:
                news = self.store.opt_out(phone, scope, now)
            case Keyword.START:
                news = self.store.opt_in(phone, scope)
            case Keyword.HELP:
                news = not self._opted_out(phone, line)
            case None:
                return
        if news:
            sending = Sending(phone, line, None, keyword.value, None)
            self._add_outbound(sending, Direction.OUTBOUND_REPLY, Effects())

    def _opted_out(self, phone: str, line: str) -> bool:
        return any(scope == self._scope(line) for _, scope, _ in self.store.opt_outs(phone))

    def _scope(self, line: str) -> str:
        """What an opt-out covers: the whole messaging service, or a number outside it."""
        return _ALL_OF_THE_SERVICE if line in self._options.pool else line

    def _service_of(self, line: str) -> str | None:
        return self._options.service_sid if line in self._options.pool else None

    def _announce(self, phone: str) -> None:
        self._wake()
        self._feed.publish(phone)


def _refused(rule: Fail) -> TwilioError:
    return TwilioError(
        rule.code,
        status=rule.http_status,
        retry_after=rule.retry_after_seconds if rule.code == 20429 else None,  # noqa: PLR2004 - too many requests
    )


def _with_magic(to: str, effects: Effects) -> Effects:
    """A magic number fails as it always does, unless a rule says otherwise."""
    code = MAGIC_TO.get(to)
    if code is None or effects.fail is not None:
        return effects
    return Effects(**(vars(effects) | {"fail": Fail(action="fail", code=code)}))
