"""Every command with a body that its address takes, given from another school: nothing changes.

An empty body is refused before anybody asks whose child it is; so each is called with the example
that the API's document shows, of a child who is really there.
"""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.chassis.auth import Role
from services.chassis.ids import new_id
from services.referral.api.examples import examples
from tests.running import Running
from tests.seeded import Seeded
from tests.servers import Cell
from tests.test_access import TABLE
from tests.test_matrix import AT_A_SCHOOL, ELSEWHERE, SITE, entered, started

ANA = "01932b1e-7c00-7000-8000-000000000001"
FAMILY = "01932b1e-7c00-7000-8000-000000000002"
REFERRAL = "01932b1e-7c00-7000-8000-000000000004"
MALFORMED = 422
CALLED = re.compile(r"2026-11-0\dT[\d:-]+")
"""Moments of the examples: what was entered just now was called about and filed since."""

TAKE_FILES = {"POST /v1/imports/roster", "PUT /v1/consent-scans"}
BREAKS_GLASS = "PUT /v1/break-glass/{id}"
"""Made for another school's staff: its own tests say what it opens, and for whom."""


async def command(
    service: Running, endpoint: str, body: Any, who: str, there: Seeded
) -> httpx2.Response:
    method, template = endpoint.split(" ")
    child = there.child
    text = CALLED.sub(datetime.now(UTC).isoformat(), json.dumps(body))
    for example, own in ((ANA, child.student), (FAMILY, child.family), (REFERRAL, child.referral)):
        text = text.replace(example, own)
    return await service.http.request(
        method,
        there.path(template),
        params={"student": child.student, "family": child.family},
        json=json.loads(text),
        headers={**service.as_(who), "If-Match": '"1"'},
    )


async def held(service: Running, there: Seeded) -> set[tuple[str, str]]:
    """Return every stored record of what is there, as it stands; the audit log aside."""
    database = service.chassis.database
    found = set()
    for name in await database._database.list_collection_names():
        if name.startswith("audit"):
            continue
        async for row in database[name].find({}):
            text = str(row)
            if any(id in text for id in there.ids.values()):
                found.add((name, text))
    return found


async def test_no_command_of_another_school_changes_anything_of_a_child(
    cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bodies = examples().requests
    wrong: list[str] = []
    malformed: set[str] = set()
    read = 0
    async with started("referral", cell, tmp_path, monkeypatch) as service:
        there = await (await Seeded(service, await entered(service)).filled()).administered()
        before = await held(service, there)
        assert before
        for endpoint, allowed in TABLE["referral"].items():
            if endpoint.startswith("GET") or endpoint == BREAKS_GLASS:
                continue
            for role in AT_A_SCHOOL:
                if role.value not in allowed:
                    continue
                who = f"{role.value}-{ELSEWHERE}"
                answer = await command(service, endpoint, bodies.get(endpoint, {}), who, there)
                read += answer.status_code != MALFORMED
                if answer.status_code == MALFORMED:
                    malformed.add(endpoint)
                after = await held(service, there)
                if after != before:
                    wrong.append(f"{endpoint}, {role}: {answer.status_code} {answer.text[:80]}")
                    before = after
        rosa = f"{Role.COORDINATOR.value}-{SITE}"
        consent = f"PUT /v1/consents/{new_id()}"
        own = await command(service, consent, bodies["PUT /v1/consents/{id}"], rosa, there)
        assert own.status_code != MALFORMED, "the same body is read at home"
    assert wrong == []
    assert read > 40, "a body that is malformed proves nothing"
    assert malformed == TAKE_FILES, "show an example that its address takes"
