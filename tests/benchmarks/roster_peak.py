"""One import of a roster in a process of its own, so that its memory is nobody else's.

Reads a JSON of `mongo`, `database`, `path` and `sample`; prints a JSON of what it measured.
"""

import asyncio
import contextlib
import json
import random
import sys
import time
import zipfile
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

from contracts.codes import Language, Relation
from contracts.people import Profile
from services.chassis import memory
from services.chassis.clock import SystemClock
from services.chassis.database import Database, connect
from services.chassis.events.log import EventLog
from services.chassis.ids import new_id
from services.chassis.privacy import ROOT_KEY_BYTES, Vault
from services.chassis.sites import Sites
from services.chassis.staff import StaffRegister
from services.chassis.store import Store
from services.referral.api.context import Context
from services.referral.handlers import people
from services.referral.handlers.desk import Desk
from services.referral.imports.bad_rows import BadRows
from services.referral.imports.run import Import, Order, begin
from services.referral.model.people import Contact, Family, Student, StudentRecord
from services.referral.model.roster_run import RosterRun
from services.referral.model.rules import Rules
from services.referral.roster import Scope
from services.referral.settings import ReferralSettings
from services.referral.store import create_indexes
from tests.benchmarks.measure import size
from tests.benchmarks.search import names

SITE = "site-01"
ROOT = b"p" * ROOT_KEY_BYTES
_PER_HOME = 1.5


def write_roster(path: Path, children: int) -> None:
    """Write a roster of a district: two children in every other home, two adults in a third."""
    chance = random.Random(7)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr("orgs.csv", "sourcedId,name,type\nO1,Larkhill,school\n")
        with made.open("roles.csv", "w") as file:
            file.write(b"userSourcedId,orgSourcedId,role,grade,isPrimary\n")
            for n in range(children):
                file.write(f"S{n},O1,student,{chance.randint(1, 12):02},TRUE\n".encode())
        homes = int(children / _PER_HOME)
        with made.open("relationships.csv", "w") as file:
            file.write(b"userSourcedId,relationshipUserSourcedId,relationshipRole\n")
            for n in range(children):
                home = n % homes
                file.write(f"S{n},G{home}a,mother\n".encode())
                if home % 3 == 0:
                    file.write(f"S{n},G{home}b,father\n".encode())
        with made.open("demographics.csv", "w") as file:
            file.write(b"userSourcedId,birthDate,birthCity\n")
            for n in range(children):
                born = f"{chance.randint(2008, 2020)}-{chance.randint(1, 12):02}-15"
                file.write(f"S{n},{born},Springwater\n".encode())
        with made.open("users.csv", "w") as file:
            file.write(b"sourcedId,givenName,familyName,email,phone,preferredLanguage\n")
            for row in _users(children, homes):
                file.write(f"{row}\n".encode())


def _users(children: int, homes: int) -> Iterator[str]:
    for n, (given, family) in enumerate(names(children)):
        yield f"S{n},{given},{family},,,"
    for n, (given, family) in enumerate(names(homes)):
        phone = f"(650) 253-{n % 10_000:04}"
        yield f"G{n}a,{given},{family},g{n}@home.example,{phone},es"
        if n % 3 == 0:
            yield f"G{n}b,{given},{family},,{phone},en"


@contextlib.asynccontextmanager
async def referral(mongo: str, database: str) -> AsyncIterator[Context]:
    """Put together what an import needs; its databases are gone at the end."""
    client = connect(mongo, app="enlace-bench")
    data = Database(client, database)
    store = Store(data, EventLog(data, source="bench", clock=SystemClock()))
    vault = Vault(client, f"{database}_keys", ROOT)
    await store.log.create_indexes()
    await create_indexes(store)
    await vault.prepare()
    rules = Rules.model_validate({})
    try:
        yield Context(
            desk=Desk(store, SystemClock(), lambda: rules),
            vault=vault,
            sites=Sites({}),
            settings=ReferralSettings(),
            secret=b"s" * 32,
            link_key=b"l" * 32,
            register=StaffRegister(store, SystemClock(), "America/Los_Angeles"),
        )
    finally:
        await vault.close()
        await client.drop_database(database)
        await client.drop_database(f"{database}_keys")
        await client.close()


async def take_in(context: Context, path: Path, *, preview: bool = False) -> float:
    """Take a roster in; return the seconds."""
    began, now = time.perf_counter(), datetime.now(UTC)
    run = RosterRun(
        id=new_id(),
        sites=(SITE,),
        org=None,
        by="bench",
        digest="",
        preview=preview,
        started_at=now,
        touched_at=now,
    )
    bad_rows = BadRows(context.store.database, context.vault)
    order = Order(await begin(context.store, run), Scope(site=SITE))
    report = await Import(context, bad_rows, order).take_in(path)
    assert not report.problems, report.problems[:1]
    return time.perf_counter() - began


async def one_by_one(context: Context, children: int) -> float:
    """Enter children as the forms do, each with a household; return the seconds for each child.

    As many contacts and households to a child as the roster has.
    """
    homes = int(children / _PER_HOME)
    made: dict[int, str] = {}
    pupils = names(children)
    began = time.perf_counter()
    for n, (given, surname) in enumerate(pupils):
        home = n % homes
        if home not in made:
            made[home] = new_id()
            contacts = [await _contact(context, given) for _ in range(2 if home % 3 == 0 else 1)]
            family = Family(id=made[home], site=SITE, contacts=tuple(contacts), fingerprint="bench")
            await people.put_family(context.desk, family)
        id = new_id()
        record = StudentRecord(given_name=given, family_name=surname, grade="3", sis_id=f"X{id}")
        profile = Profile(given_name=given, relation=Relation.SELF, reads=Language.ENGLISH)
        student = Student(
            id=id,
            site=SITE,
            family=made[home],
            record=await context.seal_for(id, record),
            fingerprint="bench",
            sis_key=context.sis_key(f"X{id}"),
        )
        await people.put_student(context.desk, student, await context.vault.seal(id, profile))
    return (time.perf_counter() - began) / children


async def _contact(context: Context, given: str) -> Contact:
    id = new_id()
    profile = Profile(given_name=given, relation=Relation.MOTHER, reads=Language.SPANISH)
    sealed = await context.seal_for(id, profile)
    return Contact(
        id=id,
        relation=Relation.MOTHER,
        reads=Language.SPANISH,
        may_be_told=False,
        profile=sealed,
    )


async def _main(given: dict[str, str], sample: int) -> dict[str, float]:
    path = Path(given["path"])
    async with referral(given["mongo"], given["database"]) as context:
        before = await one_by_one(context, sample)
        start = size()
        seconds = await take_in(context, path)
        again = await take_in(context, path)
        highest = size(largest=True)
        after = await one_by_one(context, sample)
        return {
            "seconds": seconds,
            "again": again,
            "peak": highest,
            "grown": highest - start,
            "one": (before + after) / 2,
        }


if __name__ == "__main__":
    asked = json.loads(sys.stdin.read())
    memory.settle()
    print(json.dumps(asyncio.run(_main(asked, asked["sample"]))))  # noqa: T201
