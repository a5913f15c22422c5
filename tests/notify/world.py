"""Notify among real neighbours: database, carrier simulator, mail sink, and a referral to ask.

The worker is driven step by step, on a clock that the test moves, so that a night passes at once.
"""

import asyncio
import contextlib
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import uvicorn
from pydantic import SecretStr

from contracts.agencies import AgencyChanged, AgencyContact, ContactProfile
from contracts.cloudevents import Envelope
from contracts.event import Event
from contracts.people import PersonChanged, PersonKind, Profile
from services.chassis.auth import ServiceIdentity
from services.chassis.clock import FileClock, write_offset
from services.chassis.consumer.incoming import Incoming
from services.chassis.ids import new_id
from services.chassis.keys import make_keys
from services.chassis.lease import Lease
from services.chassis.privacy import Vault, read_root_key
from services.chassis.service import Chassis, Parts, Service
from services.chassis.settings import Role
from services.chassis.store import Aggregate, Change
from services.notify.main import parts_of, tools_for
from services.notify.model.message import Message
from services.notify.sending.tools import Tools
from services.notify.sending.worker import Worker
from services.notify.settings import NotifySettings
from tests.local.carrier.running import ACCOUNT, LINE, TOKEN, Carrier, free_port
from tests.notify.build import NOW, PHONE, SITE
from tests.running import SignedIn, person
from tests.servers import Cell

T = TypeVar("T")

PEOPLE = {
    "rosa": person("rosa", "coordinator:site-01"),
    "denise": person("denise", "coordinator:site-02"),
    "nurse": person("nurse", "care-team:site-01"),
    "farah": person("farah", "operator"),
    "lead": person("lead", "leadership:site-01"),
    "grace": person("grace", "admin"),
}


@dataclass
class Referral:
    """Referral's answers to notify on a real port; a token that is no service's is refused.

    Attributes:
        away: answers 503 to everything.
        verdict: what it says.
        help_words: by which families ask for help in this district.
        refused: referrals whose messages may not go out, whatever the verdict.
        sighted: who may see a restricted referral.
        asked: bodies of the questions.
        answering: while it is not set, a question that has come waits for its answer.
    """

    url: str
    identity: ServiceIdentity
    away: bool = False
    verdict: dict[str, Any] = field(default_factory=lambda: {"may_send": True, "reason": None})
    help_words: dict[str, list[str]] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    sighted: set[str] = field(default_factory=set)
    asked: list[dict[str, Any]] = field(default_factory=list)
    answering: threading.Event = field(default_factory=threading.Event)


@contextlib.contextmanager
def referral(keys: Path) -> Iterator[Referral]:
    """Serve message checks until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            token = self.headers["Authorization"].removeprefix("Bearer ")
            if self.path.startswith("/v1/referrals/"):
                self._answer({}, 200 if token in here.sighted else 404)
                return
            assert here.identity.check(token).subject == "notify"
            assert self.path == "/v1/help-words"
            self._answer(here.help_words)

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            token = self.headers["Authorization"].removeprefix("Bearer ")
            assert here.identity.check(token).subject == "notify"
            assert self.path == "/v1/message-checks"
            here.asked.append(body)
            here.answering.wait(timeout=10)
            gone = {"may_send": False, "reason": "cause-gone"}
            self._answer(gone if body["referral"] in here.refused else here.verdict)

        def _answer(self, body: Any, status: int = 200) -> None:
            answer = json.dumps(body).encode()
            self.send_response(503 if here.away else status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    here = Referral(
        f"http://127.0.0.1:{server.server_address[1]}", ServiceIdentity("referral", keys)
    )
    here.answering.set()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield here
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class World:
    """Notify and what is around it."""

    def __init__(
        self,
        chassis: Chassis[NotifySettings],
        carrier: Carrier,
        referral: Referral,
        clock_file: Path,
    ) -> None:
        self.chassis = chassis
        self.carrier = carrier
        self.referral = referral
        self.clock_file = clock_file
        self.tools: Tools = tools_for(chassis)
        self.parts: Parts = parts_of(chassis, self.tools)
        self.worker = Worker(self.tools, Lease(chassis.database, "sending"))
        self.http = httpx2.AsyncClient(
            base_url=chassis.settings.callbacks, trust_env=False, timeout=60
        )
        root = read_root_key(chassis.settings.keys_dir)
        settings = chassis.settings
        self._vaults = {
            name: Vault(chassis.mongo, settings.database(f"keys_{name}"), root)
            for name in ("people", "agencies", "askers")
        }

    @property
    def now(self) -> datetime:
        return self.chassis.clock.now()

    def set_time(self, at: datetime) -> None:
        """Move the clock, which goes on from there."""
        write_offset(self.clock_file, (at - datetime.now(UTC)).total_seconds())
        clock = self.chassis.clock
        assert isinstance(clock, FileClock)
        clock._read_at = float("-inf")

    def advance(self, by: timedelta) -> None:
        self.set_time(self.now + by)

    async def prepare(self) -> None:
        for vault in self._vaults.values():
            await vault.prepare()

    async def close(self) -> None:
        await self.http.aclose()
        for vault in self._vaults.values():
            await vault.close()

    async def person(
        self,
        profile: Profile,
        id: str = "",
        family: str = "fam-1",
        kind: PersonKind = PersonKind.CONTACT,
    ) -> str:
        """Let one of a family be entered; returns the id."""
        id = id or new_id()
        await self._vaults["people"].create_key(id)
        sealed = await self._vaults["people"].seal(id, profile)
        await self.happens(PersonChanged(person=id, kind=kind, family=family, profile=sealed))
        return id

    async def agency(self, *profiles: ContactProfile) -> list[str]:
        """Let an agency with these contacts be entered; returns their ids."""
        contacts = []
        for profile in profiles:
            id = new_id()
            await self._vaults["agencies"].create_key(id)
            sealed = await self._vaults["agencies"].seal(id, profile)
            contacts.append(AgencyContact(contact=id, profile=sealed))
        await self.happens(AgencyChanged(agency="agy-1", name="Bright", contacts=tuple(contacts)))
        return [each.contact for each in contacts]

    async def happens(self, *events: Event, id: str | None = None, site: str | None = SITE) -> None:
        """Apply events as the consumer does, in one transaction."""
        records = [self._record(event, id or new_id(), site) for event in events]
        applier = self.parts.groups[0].applier
        await self.chassis.database.transact(lambda: applier.apply(records))

    async def lays_down(self, event: Event) -> None:
        """Let something come that the district has laid down, in the group that keeps it."""
        record = self._record(event, new_id(), None)
        applier = self.parts.groups[1].applier
        await self.chassis.database.transact(lambda: applier.apply([record]))

    def _record(self, event: Event, id: str, site: str | None = SITE) -> Incoming:
        envelope = Envelope(
            id=id,
            source="enlace/test",
            type=event.TYPE,
            key=event.key,
            time=self.now,
            sequence=1,
            site=site,
        )
        return Incoming("t", 0, 0, event.key, envelope, event, None, (), b"", b"")

    async def work(self, rounds: int = 1) -> None:
        for _ in range(rounds):
            await self.worker.once()

    async def stands(self, aggregate: Aggregate) -> None:
        """Have something stand in the database."""
        await self.chassis.store.update([], lambda _: Change(None, [aggregate]))

    async def book_indexed(self) -> None:
        """Have those who were entered be found by their numbers."""
        await self.tools.book.index_new()

    async def messages(self, **query: Any) -> list[Message]:
        found = self.chassis.store.find(Message, query, sort=[("created_at", 1), ("_id", 1)])
        return [each async for each in found]

    async def message(self, **query: Any) -> Message:
        (only,) = await self.messages(**query)
        return only

    async def told(self) -> list[str]:
        """Return the types of the events that notify has written, in order."""
        rows = self.chassis.database["event_log"].find({}, sort=[("order", 1), ("sequence", 1)])
        return [row["type"].removeprefix("org.enlace.").removesuffix(".v1") async for row in rows]

    async def events(self, type_name: str) -> list[dict[str, Any]]:
        """Return the bodies of one type's events."""
        rows = self.chassis.database["event_log"].find({"type": f"org.enlace.{type_name}.v1"})
        return [json.loads(row["data"]) async for row in rows]

    def texts(self, number: str = PHONE) -> list[str]:
        """Return what stands on a phone that came from the product."""
        return [
            each["body"] for each in self.carrier.phone(number) if each["direction"] != "inbound"
        ]

    async def answers(self, body: str, number: str = PHONE) -> None:
        """Let a phone text the product, and wait until it has been handed over."""
        path = f"/sim/phones/{number}/messages"
        sent = await asyncio.to_thread(
            self.carrier.http.post, path, json={"body": body, "to": LINE}
        )
        assert sent.status_code == 201, sent.text
        await until(lambda: self._handed_over(str(sent.json()["sid"])))

    async def _handed_over(self, sid: str) -> bool:
        return await self.chassis.database["replies"].find_one({"_id": sid}) is not None

    async def reaches(self, state: str, **query: Any) -> Message:
        """Wait until the only message of a query has a state, by the carrier's callbacks."""

        async def look() -> Message | None:
            found = await self.message(**query)
            return found if found.state == state else None

        found = await until(look)
        assert isinstance(found, Message)
        return found

    def opened(self, vault: str) -> Vault:
        """Return one of the vaults, to read what was sealed."""
        return self._vaults[vault]

    async def get(self, path: str, who: str) -> httpx2.Response:
        return await self.http.get(path, headers={"Authorization": f"Bearer {who}"})

    async def post(self, path: str, who: str, body: dict[str, Any]) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {who}"}
        return await self.http.post(path, json=body, headers=headers)

    async def put(
        self, path: str, who: str, body: dict[str, Any], version: int = 0
    ) -> httpx2.Response:
        headers = {"Authorization": f"Bearer {who}", "If-Match": f'"{version}"'}
        return await self.http.put(path, json=body, headers=headers)


async def until(look: Callable[[], Any], seconds: float = 10) -> Any:
    """Return what `look` comes to once it is true."""
    for _ in range(int(seconds / 0.03)):
        found = await look()
        if found:
            return found
        await asyncio.sleep(0.03)
    raise AssertionError(f"still {found!r} after {seconds} seconds")


@contextlib.asynccontextmanager
async def world(
    cell: Cell,
    folder: Path,
    carrier: Carrier,
    *,
    smtp_port: int = 25,
    **changes: Any,
) -> AsyncIterator[World]:
    """Run notify's API on a real port, its worker in the test's hands."""
    keys, clock_file, port = folder / "keys", folder / "clock.json", free_port()
    make_keys(keys)
    sites = folder / "sites.json"
    sites.write_text(
        json.dumps(
            {
                SITE: {
                    "name": "Lincoln Elementary",
                    "coordinator": "Rosa M.",
                    "phone": "+15105550100",
                }
            }
        )
    )
    write_offset(clock_file, (NOW - datetime.now(UTC)).total_seconds())
    with referral(keys) as asked:
        fields: dict[str, Any] = {
            "role": Role.API,
            "cell": cell.name,
            "kafka": cell.kafka,
            "mongo_uri": SecretStr(cell.mongo_uri),
            "keys_dir": keys,
            "clock_file": clock_file,
            "sites_file": sites,
            "referral_url": asked.url,
            "notify_url": f"http://127.0.0.1:{port}",
            "twilio_url": carrier.url,
            "twilio_account": ACCOUNT,
            "twilio_token": SecretStr(TOKEN),
            "twilio_from": LINE,
            "twilio_timeout": 1.0,
            "smtp_port": smtp_port,
            "mail_from": "Enlace <enlace@example.org>",
        }
        chassis = Chassis("notify", NotifySettings(**{**fields, **changes}))
        chassis.authenticator = SignedIn(chassis.authenticator, PEOPLE)
        here = World(chassis, carrier, asked, clock_file)
        service = Service(chassis, here.parts)
        server = uvicorn.Server(
            uvicorn.Config(
                service.app, host="127.0.0.1", port=port, log_config=None, access_log=False
            )
        )
        serving = asyncio.create_task(server.serve())
        try:
            await until(lambda: asyncio.sleep(0, server.started))
            await here.prepare()
            inbound = f"{chassis.settings.callbacks}/v1/callbacks/twilio/inbound"
            set_up = carrier.http.put("/sim/settings", json={"inbound_url": inbound})
            assert set_up.status_code == 200, set_up.text
            yield here
            await here.close()
        finally:
            server.should_exit = True
            await serving
