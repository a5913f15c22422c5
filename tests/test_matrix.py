"""Every endpoint x every role x the own and another school, called on the running services.

The table of who may call what is written by hand in `tests/test_access.py`; here it is put to the
proof: who is not in it is refused, whoever asks from another school learns nothing, and nobody who
is let in meets a fault of ours.
"""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import pytest

from services.chassis.auth import OF_AGENCY, Principal, Role
from services.chassis.ids import new_id
from tests.running import Running, person, running
from tests.servers import Cell
from tests.test_access import OPERATIONS, SERVICES, TABLE

SITE, ELSEWHERE = "site-01", "site-02"
EVERYWHERE = (Role.ADMIN, Role.AUDITOR, Role.OPERATOR)
HUMANS = tuple(role for role in Role if role not in {Role.SERVICE, Role.CLAIMANT})
AT_A_SCHOOL = tuple(role for role in HUMANS if role not in {*EVERYWHERE, *OF_AGENCY})
FOR_ANYBODY = {"GET /fhir/r4/metadata"}
"""What a server says of itself, in public."""

UPSTREAM_AWAY = 503
"""Some answers need another service, and none other runs here."""


def _grant(role: Role, site: str) -> str:
    if role in EVERYWHERE:
        return role.value
    return f"{role.value}:agy-1" if role in OF_AGENCY else f"{role.value}:{site}"


PEOPLE = {
    f"{role.value}-{site}": person(f"{role.value}-{site}", _grant(role, site))
    for role in HUMANS
    for site in (SITE, ELSEWHERE)
}


EVERYBODY = "everybody"
PEOPLE[EVERYBODY] = person(EVERYBODY, *(_grant(role, SITE) for role in HUMANS))
PORTAL = "portal"
PEOPLE[PORTAL] = Principal(PORTAL, PORTAL, frozenset({(Role.SERVICE, "")}))


@dataclass(frozen=True, slots=True)
class Child:
    """A child of the first school with what was written down of it."""

    family: str
    student: str
    referral: str

    @property
    def by_collection(self) -> dict[str, str]:
        """The id that stands behind a collection's name in a path."""
        return {
            "families": self.family,
            "students": self.student,
            "referrals": self.referral,
            "referral-facts": self.referral,
        }

    def path(self, template: str) -> str:
        """Fill a path: with this child's ids where they belong, otherwise with fresh ones."""
        collection = template.split("/")[2]
        known = self.by_collection.get(collection)
        path = template.replace("{site}", SITE)
        if known is not None:
            path = re.sub(r"\{\w+\}", known, path, count=1)
        return re.sub(r"\{\w+\}", lambda _: new_id(), path)

    @property
    def query(self) -> dict[str, str]:
        """What lists may be asked by; those that are not known are passed over."""
        return {"site": SITE, "q": "Quintanilla", "student": self.student, "family": self.family}


@asynccontextmanager
async def started(
    name: str, cell: Cell, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Running]:
    for what in ("ACCOUNT", "TOKEN", "FROM"):
        monkeypatch.setenv(f"ENLACE_TWILIO_{what}", "+15005550006")
    build, settings = SERVICES[name]
    async with running(name, build, settings, cell, folder, PEOPLE) as service:
        yield service


async def call(service: Running, endpoint: str, who: str | None, child: Child) -> httpx2.Response:
    method, template = endpoint.split(" ")
    return await service.http.request(
        method,
        child.path(template),
        params=child.query,
        json={} if method in {"POST", "PUT"} else None,
        headers={} if who is None else service.as_(who),
    )


async def entered(service: Running) -> Child:
    """Let the first school's coordinator enter a family, a child and a need."""
    child = Child(new_id(), new_id(), new_id())
    mother = {"id": new_id(), "relation": "mother", "given_name": "Elena", "reads": "es"}
    told = {"may_be_told": True, "phone": "+15105550123"}
    record = {"given_name": "Ana", "family_name": "Quintanilla", "birth_date": "2018-05-02"}
    student = {"site": SITE, "family": child.family, **record}
    need = {"student": child.student, "category": "dental", "need": "Pain when chewing"}
    for path, body in (
        (f"/v1/families/{child.family}", {"site": SITE, "contacts": [mother | told]}),
        (f"/v1/students/{child.student}", student),
        (f"/v1/referrals/{child.referral}", need),
    ):
        answer = await service.http.put(path, json=body, headers=service.as_(f"coordinator-{SITE}"))
        assert answer.status_code == 200, answer.text
    return child


@pytest.mark.parametrize("name", sorted(SERVICES))
async def test_each_role_is_let_in_where_the_table_says_and_nowhere_else(
    name: str, cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong: list[str] = []
    async with started(name, cell, tmp_path, monkeypatch) as service:
        for endpoint, allowed in {**TABLE[name], **OPERATIONS}.items():
            nobody = await call(service, endpoint, None, Child(new_id(), new_id(), new_id()))
            # Behind a link or a signature it is that which opens, for whoever has it.
            if endpoint in FOR_ANYBODY:
                continue
            if nobody.is_success or (allowed and nobody.status_code != 401):
                wrong.append(f"{endpoint}, nobody signed in: {nobody.status_code}")
            for role in HUMANS if allowed else ():
                who = f"{role.value}-{SITE}"
                answer = await call(service, endpoint, who, Child(new_id(), new_id(), new_id()))
                let_in = answer.status_code != 403
                fault = answer.is_server_error and answer.status_code != UPSTREAM_AWAY
                if let_in != (role.value in allowed) or answer.status_code == 401 or fault:
                    wrong.append(f"{endpoint}, {role}: {answer.status_code}")
    assert wrong == []


async def test_another_school_learns_nothing_of_a_child_from_any_endpoint(
    cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong: list[str] = []
    shown = 0
    async with started("referral", cell, tmp_path, monkeypatch) as service:
        child = await entered(service)
        for endpoint, allowed in TABLE["referral"].items():
            for role in AT_A_SCHOOL:
                if role.value not in allowed:
                    continue
                told = await call(service, endpoint, f"{role.value}-{ELSEWHERE}", child)
                names = any(id in told.text for id in child.by_collection.values())
                its_own = endpoint.split("/")[2].split(" ")[0] in child.by_collection
                opened = told.is_success and its_own and "{" in endpoint
                if names or "Quintanilla" in told.text or opened:
                    wrong.append(f"{endpoint}, {role}: {told.status_code} {told.text[:80]}")
                if endpoint.startswith("GET"):
                    own = await call(service, endpoint, f"{role.value}-{SITE}", child)
                    shown += own.is_success and child.student in own.text
    assert wrong == []
    assert shown > 10, "its own school sees the child"
