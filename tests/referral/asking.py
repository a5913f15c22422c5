"""What tests of asking for help do with a running referral service."""

import json
from typing import Any

import httpx2

from contracts.cloudevents import Envelope
from contracts.help_requests import Asked, HelpTexted
from services.chassis.auth import ServiceIdentity
from services.chassis.consumer.incoming import Incoming
from services.chassis.ids import new_id
from services.chassis.privacy import Vault, read_root_key
from tests.referral.build import NOW
from tests.referral.test_api import PEOPLE
from tests.running import Running, person

WORDS = "He sleeps at his desk since Monday"
STAFF = {
    **PEOPLE,
    "teacher": person("teacher", "staff:site-01"),
    "other-teacher": person("other-teacher", "staff:site-02"),
}


def vault_of(office: Running, name: str) -> Vault:
    settings = office.chassis.settings
    root = read_root_key(settings.keys_dir)
    return Vault(office.chassis.mongo, settings.database(name), root)


def service_token(office: Running, who: str) -> dict[str, str]:
    identity = ServiceIdentity(who, office.chassis.settings.keys_dir)
    return {"Authorization": f"Bearer {identity.token('referral')}"}


async def ask(office: Running, id: str, who: str = "teacher", **changes: Any) -> httpx2.Response:
    body = {"site": "site-01", "child": "Leo, grade 3", "words": WORDS, **changes}
    return await office.http.put(
        f"/v1/help-requests/{id}",
        json={name: value for name, value in body.items() if value is not None},
        headers=office.as_(who),
    )


async def read(office: Running, path: str, who: str = "rosa") -> httpx2.Response:
    return await office.http.get(path, headers=office.as_(who))


async def do(
    office: Running,
    id: str,
    what: str,
    body: dict[str, Any] | None = None,
    *,
    who: str = "rosa",
    seen: int = 1,
) -> httpx2.Response:
    return await office.http.post(
        f"/v1/help-requests/{id}/{what}",
        json=body or {},
        headers={**office.as_(who), "If-Match": f'"{seen}"'},
    )


async def events(office: Running, kind: str) -> list[dict[str, Any]]:
    rows = office.chassis.database["event_log"].find({"type": f"org.enlace.help-request.{kind}.v1"})
    return [json.loads(row["data"]) async for row in rows]


async def text(
    office: Running, *people: str, words: str = "Necesito comida", crisis: bool | None = None
) -> str:
    """Let somebody text, as notify tells it."""
    id = new_id()
    vault = vault_of(office, "keys_people" if people else "keys_askers")
    if not people:
        await vault.create_key(id)
    sealed = await vault.seal(people[0] if people else id, Asked(words=words))
    await vault.close()
    event = HelpTexted(help_request=id, people=people, asked=sealed, crisis=crisis)
    envelope = Envelope(
        id=new_id(),
        source="enlace/notify",
        type=event.TYPE,
        key=event.key,
        time=NOW,
        sequence=1,
        site=None,
    )
    record = Incoming("t", 0, 0, event.key, envelope, event, None, (), b"", b"")
    applier = office.service.parts.groups[0].applier
    for _ in range(2):  # delivery is at least once
        await office.chassis.database.transact(lambda: applier.apply([record]))
    return id
