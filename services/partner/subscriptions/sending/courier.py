"""One endpoint's deliveries: taken, checked, sent, settled. No transaction is open while sending.

1. In one transaction: lanes that are due are held.
2. What is sent is read and checked anew: whose it is, and what its agency may see now.
3. Requests are made. A crash from here on sends again, under the same `webhook-id`.
4. In one transaction: what came of each; the next try, the log, the endpoint's own state.
"""

import asyncio
import json
import secrets
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from contracts.agencies import WebhookEnd
from contracts.event import Event
from contracts.sealed import Sealed
from services.chassis.ids import new_id
from services.chassis.store import Change, Found, Ref
from services.partner.model.agency import Agency
from services.partner.store import by_id
from services.partner.subscriptions.handlers import Desk
from services.partner.subscriptions.model import signatures
from services.partner.subscriptions.model.attempt import Attempt, Outcome
from services.partner.subscriptions.model.endpoint import Endpoint, State, key_name
from services.partner.subscriptions.model.entry import (
    CONTENT_TYPE,
    Entry,
    cloud_event,
    entry_id,
    test_event,
)
from services.partner.subscriptions.model.kinds import TEST
from services.partner.subscriptions.model.lane import Lane
from services.partner.subscriptions.model.thread import Thread
from services.partner.subscriptions.sending.post import TIMEOUT, Answer, Caller
from services.partner.subscriptions.sending.resolve import LookUp
from services.partner.subscriptions.store import due_lanes

TOGETHER = 128
"""Deliveries of one endpoint that are taken and settled together; of one that fails, one."""

AT_ONCE = 8
"""Requests that are open at one endpoint together."""

_CHANCE = secrets.SystemRandom()


@dataclass(frozen=True, slots=True)
class Parcel:
    """One delivery: the lane it belongs to, and what is sent. No body: nothing to send any more."""

    lane: str
    number: int
    event: str = ""
    type: str = ""
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Sent:
    """A parcel and what came of it; the response sealed. No answer: it was not tried."""

    parcel: Parcel
    answer: Answer | None
    response: Sealed | None = None

    @property
    def done(self) -> bool:
        """Whether the lane can go on."""
        return not self.parcel.body or (self.answer is not None and self.answer.good)


class Courier:
    """Delivers to endpoints.

    Args:
        desk: its database, the endpoints' secrets, the clock.
        look_up: of names.
        local: take plain http to this machine.
        trust: certificates that are believed.
    """

    def __init__(
        self,
        desk: Desk,
        look_up: LookUp,
        *,
        local: bool,
        trust: ssl.SSLContext,
    ) -> None:
        self._store = desk.store
        self._vault = desk.vault
        self._clock = desk.clock
        self._source = desk.source
        self._look_up = look_up
        self._local = local
        self._trust = trust
        self._callers: dict[str, Caller] = {}

    async def deliver(self, id: str) -> int:
        """Deliver what is due at an endpoint, as much as goes together; returns how many are done.

        Raises:
            PyMongoError: the database is away; what is under way is sent again later.
        """
        endpoint = await self._store.get(Endpoint, id)
        if endpoint is None or endpoint.state is not State.ENABLED:
            return 0
        lanes = await self._take(endpoint)
        if not lanes:
            return 0
        parcels = await self._pack(endpoint, lanes)
        keys = await self._secrets(endpoint)
        answers = await self._send_all(endpoint, keys, parcels)
        sealed = await self._seal(endpoint.id, answers)
        sent = [Sent(*each) for each in zip(parcels, answers, sealed, strict=True)]
        await self._settle(endpoint, sent)
        return sum(each.done for each in sent)

    async def test(self, endpoint: Endpoint) -> Attempt:
        """Send a test event at once; returns the line of the log."""
        event = test_event(new_id(), endpoint.id, endpoint.agency, datetime.now(UTC), self._source)
        parcel = Parcel("", 0, str(event["id"]), TEST, _json(event))
        caller = await self._caller(endpoint)
        answer = await self._send(caller, await self._secrets(endpoint), parcel)
        (response,) = await self._seal(endpoint.id, [answer])
        line = self._line(endpoint, parcel, answer, response)
        await self._store.update([], lambda _: Change(None, [line]))
        return line

    async def _take(self, endpoint: Endpoint) -> list[Lane]:
        """Hold lanes that are due, and return them as they are held."""
        now = self._clock.now()
        most = TOGETHER if endpoint.failing_since is None else 1
        refs = [Ref(Lane, each) for each in await due_lanes(self._store, endpoint.id, now, most)]

        def hold(found: Found) -> Change[list[Lane]]:
            lanes = [lane for ref in refs if (lane := found.get(ref)) is not None]
            held = [
                each.hold(now)
                for each in lanes
                if each.head is not None and each.next_due is not None and each.next_due <= now
            ]
            return Change(held, held)

        return await self._store.update(refs, hold) if refs else []

    async def _pack(self, endpoint: Endpoint, lanes: Sequence[Lane]) -> list[Parcel]:
        """Write what is sent, from what stands in the database at this moment."""
        heads = {each.id: each.head or 0 for each in lanes}
        wanted = [entry_id(endpoint.agency, number) for number in heads.values()]
        agency, entries, threads = await asyncio.gather(
            self._store.get(Agency, endpoint.agency),
            by_id(self._store, Entry, wanted),
            by_id(self._store, Thread, [each.referral for each in lanes]),
        )
        parcels = []
        for lane in lanes:
            number = heads[lane.id]
            entry = entries.get(entry_id(endpoint.agency, number))
            if entry is None or agency is None or agency.retired:
                parcels.append(Parcel(lane.id, number))
                continue
            body = _json(cloud_event(entry, threads.get(entry.referral), self._source))
            parcels.append(Parcel(lane.id, number, entry.event, entry.kind.value, body))
        return parcels

    async def _secrets(self, endpoint: Endpoint) -> list[str]:
        """Open the secrets that sign now.

        Raises:
            KeyGoneError: they were destroyed.
        """
        live = endpoint.live(self._clock.now())
        return [await self._vault.open(each) for each in live]

    async def _send_all(
        self, endpoint: Endpoint, keys: Sequence[str], parcels: Sequence[Parcel]
    ) -> list[Answer | None]:
        """Send some at a time; after one that fails, or 15 s, the rest is left for later.

        So none is under way for longer than its lane is held.
        """
        caller = await self._caller(endpoint)
        slots = asyncio.Semaphore(AT_ONCE)
        answers: dict[int, Answer] = {}

        async def send(place: int) -> None:
            async with slots:
                late = failed.is_set() or loop.time() >= until
                if parcels[place].body and not late:
                    answers[place] = answer = await self._send(caller, keys, parcels[place])
                    if not answer.good:
                        failed.set()

        failed = asyncio.Event()
        loop = asyncio.get_running_loop()
        until = loop.time() + TIMEOUT
        await asyncio.gather(*[send(place) for place in range(len(parcels))])
        return [answers.get(place) for place in range(len(parcels))]

    async def _send(self, caller: Caller, keys: Sequence[str], parcel: Parcel) -> Answer:
        # The machine's own time: a receiver compares it with its own.
        given = signatures.headers(keys, parcel.event, datetime.now(UTC), parcel.body)
        return await caller.post(parcel.body, {**given, "Content-Type": CONTENT_TYPE})

    async def _caller(self, endpoint: Endpoint) -> Caller:
        known = self._callers.get(endpoint.id)
        if known is not None and known.url == endpoint.url:
            return known
        fresh = Caller(endpoint.url, self._look_up, local=self._local, trust=self._trust)
        self._callers[endpoint.id] = fresh
        if known is not None:
            await known.close()
        return fresh

    async def _seal(self, endpoint: str, answers: Sequence[Answer | None]) -> list[Sealed | None]:
        texts = [each.response.decode("utf-8", "replace") if each else "" for each in answers]
        sealed = await self._vault.seal_many([(key_name(endpoint), text) for text in texts if text])
        rest = iter(sealed)
        return [next(rest) if text else None for text in texts]

    async def _settle(self, endpoint: Endpoint, sent: Sequence[Sent]) -> None:
        """Write what came of each delivery."""
        contact = None if all(each.done for each in sent) else await self._contact(endpoint)
        lanes = {each.parcel.lane: Ref(Lane, each.parcel.lane) for each in sent}
        own = Ref(Endpoint, endpoint.id)

        def settle(found: Found) -> Change[None]:
            now = self._clock.now()
            save: list[Any] = []
            for each in sent:
                lane = found.get(lanes[each.parcel.lane])
                after = None if lane is None else _after(lane, each, now)
                save += [after] if after is not None else []
                if each.answer is not None:
                    tries = lane.failures + 1 if lane is not None else 1
                    line = self._line(endpoint, each.parcel, each.answer, each.response, after)
                    save.append(line.having(tries=tries))
            known = found.get(own)
            changed, told = _endpoint_after(known, sent, contact, now)
            save += [changed] if changed is not None and changed != known else []
            return Change(None, save, told)

        await self._store.update([own, *lanes.values()], settle)

    async def _contact(self, endpoint: Endpoint) -> str | None:
        """Return who at the agency is told of an endpoint that is given up."""
        agency = await self._store.get(Agency, endpoint.agency)
        return agency.answers.id if agency is not None and agency.answers is not None else None

    def _line(
        self,
        endpoint: Endpoint,
        parcel: Parcel,
        answer: Answer,
        response: Sealed | None,
        lane: Lane | None = None,
    ) -> Attempt:
        again = lane is not None and lane.head == parcel.number
        outcome = Outcome.DELIVERED if answer.good else Outcome.FAILED
        if outcome is Outcome.FAILED and lane is not None and not again:
            outcome = Outcome.GIVEN_UP
        return Attempt(
            id=new_id(),
            endpoint=endpoint.id,
            agency=endpoint.agency,
            number=parcel.number,
            event=parcel.event,
            type=parcel.type,
            at=self._clock.now(),
            outcome=outcome,
            status=answer.status,
            error=answer.error,
            took=answer.took,
            body=parcel.body.decode(),
            response=response,
            next_try=lane.next_due if lane is not None and again and not answer.good else None,
        )

    async def close(self) -> None:
        """Close every connection."""
        for each in self._callers.values():
            await each.close()


def _after(lane: Lane, sent: Sent, now: datetime) -> Lane:
    if sent.done:
        return lane.delivered(sent.parcel.number, now)
    if sent.answer is None:
        return lane.let_go(now)
    number, asked = sent.parcel.number, sent.answer.asked
    return lane.failed(number, now, chance=_CHANCE.random(), asked=asked)


def _endpoint_after(
    endpoint: Endpoint | None, sent: Sequence[Sent], contact: str | None, now: datetime
) -> tuple[Endpoint | None, Sequence[Event]]:
    tried = [each.answer for each in sent if each.answer is not None]
    if endpoint is None or endpoint.state is not State.ENABLED or not tried:
        return None, ()
    if any(each.gone for each in tried):
        after = endpoint.fails(contact, now).disabled(WebhookEnd.GONE, now)
        return after, [after.told()]
    if any(each.good for each in tried):
        return endpoint.works(), ()
    return endpoint.fails(contact, now), ()


def _json(event: Mapping[str, Any]) -> bytes:
    return json.dumps(event, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
