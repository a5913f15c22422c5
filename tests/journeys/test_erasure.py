"""The whole system: after an erasure nothing anywhere tells of the family, and totals stay."""

import asyncio
import io
import json
import re
import zipfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from pymongo import AsyncMongoClient

from deploy.local.client import Client, RefusedError
from deploy.local.servers.infra import mongo_server
from deploy.local.system.places import CELL, Home, Ports
from services.chassis.ids import new_id
from services.chassis.privacy import read_root_key
from tests.journeys.dump import Dump, at_last, traces
from tests.local.running import Up, enlace

WORDS = "Quetzalcoatlita Tlanextli-Muestra"  # in no other text of the system
SITE = "site-01"
ROSA = "coordinator-01"


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    up = Up(tmp_path_factory.mktemp("erasure") / "home").ready()
    yield up
    up.kill()


async def told_by_everybody(client: Client, story: dict[str, Any]) -> dict[str, Any]:
    """Write a note, a member of the team and a second person into the record of a story's child."""
    referral = await client.get("referral", f"/v1/referrals/{story['referral']}", who=ROSA)
    student = referral["student"]
    child = await client.get("referral", f"/v1/students/{student}", who=ROSA)
    household = await client.call("GET", "referral", f"/v1/families/{child['family']}", who=ROSA)
    aunt = new_id()
    await client.call(
        "PUT",
        "referral",
        f"/v1/families/{child['family']}/contacts/{aunt}",
        who=ROSA,
        etag=household.etag,
        body={
            "id": aunt,
            "relation": "relative",
            "given_name": WORDS,
            "reads": "es",
            "email": "tlanextli@example.org",
            "may_be_told": True,
        },
    )
    note = {"student": student, "words": f"{WORDS} came by", "visibility": "care-team"}
    await client.put("referral", f"/v1/notes/{new_id()}", note, who=ROSA)
    team = {"role": "teacher", "name": f"Aunt {WORDS}", "since": "2026-09-01"}
    await client.put("referral", f"/v1/students/{student}/care-team/{new_id()}", team, who=ROSA)
    return {"student": student, **child, "contacts": household.body["contacts"]}


async def has_a_copy(client: Client, child: dict[str, Any]) -> None:
    """Make the copy for the mother: it has what notify wrote to her, and her answer."""
    mother = child["contacts"][0]
    path = f"/v1/families/{child['family']}/export?reader={mother['id']}"
    copy = (await client.get("referral", path, who=ROSA))["sections"]
    assert mother["phone"] in json.dumps(copy["people"])
    assert {line["outgoing"] for line in copy["messages"]} == {True, False}
    assert all(line["text"] for line in copy["messages"])
    page = await client.call("GET", "referral", f"{path}&format=html&language=es", who=ROSA)
    assert "Los datos que guardamos de su familia" in page.body


async def erase(client: Client, family: str) -> str:
    id = new_id()
    body = {"family": family, "reason": "family-asked"}
    await client.put("referral", f"/v1/erasures/{id}", body, who="admin")

    async def complete() -> bool:
        seen = await client.get("referral", f"/v1/erasures/{id}", who="admin")
        return bool(seen["state"] == "complete")

    await at_last(complete)
    return id


def logged(home: Home, marks: list[str]) -> list[tuple[Path, str]]:
    """Return which logs hold which marks; carrier and mail are the world outside."""
    return [
        (log, mark)
        for log in home.parts.glob("*/*.log")
        for mark in marks
        if log.parent.name not in {"carrier", "mail"} and mark in log.read_text(errors="replace")
    ]


async def confirmed_by_the_agency(client: Client, family: str) -> None:
    """Let the agency that read who the child is open its link and say that it has deleted."""

    async def link() -> str | None:
        mails = (await client.get("mail", "/api/messages"))["messages"]
        texts = []
        for phone in (await client.get("carrier", "/sim/phones"))["phones"]:
            path = f"/sim/phones/{quote(phone['number'])}/messages"
            texts += (await client.get("carrier", path))["messages"]
        words = [*(each["text"] or "" for each in mails), *(each["body"] for each in texts)]
        found = re.search(r"/d/([A-Za-z0-9_-]{22})", " ".join(words))
        return found[1] if found else None

    await at_last(link)
    place = f"/d/{await link()}"
    assert "We have deleted it" in await client.page(place)
    (asked,) = await requests(client, "open")
    assert asked["receipt"] is None, "opening the page confirms nothing"

    assert "Thank you, it is confirmed" in await client.form(f"{place}/confirm", {})

    async def received() -> bool:
        return bool(await requests(client, "confirmed"))

    await at_last(received)
    (confirmed,) = await requests(client, "confirmed")
    assert confirmed["receipt"]["method"] == "by-agency"
    assert family not in json.dumps(confirmed["receipt"])


async def slices_are_unknown(client: Client, totals: dict[str, Any]) -> None:
    """Look for the totals as they were, of which one referral has no need any more."""

    async def folded() -> bool:
        now = await client.get("reporting", "/v1/funnel", who=ROSA)
        needs = {each["category"] for each in now["by_category"]}
        return "unknown" in needs

    await at_last(folded)
    now = await client.get("reporting", "/v1/funnel", who=ROSA)
    assert {**now, "by_category": None} == {**totals, "by_category": None}


async def requests(client: Client, state: str) -> list[dict[str, Any]]:
    found = await client.get("referral", f"/v1/deletion-requests?state={state}", who=ROSA)
    return list(found["items"])


async def journey(up: Up) -> None:
    home, ports = Home(up.home), Ports(up.base)
    story = json.loads((up.home / "story.json").read_text())
    root_key = read_root_key(home.keys)
    uri = mongo_server(home.part("mongod"), ports.mongod).admin_uri
    mongo: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(uri)
    async with Client(ports) as client:
        child = await told_by_everybody(client, story)
        phone = child["contacts"][0]["phone"]
        marks = [child["family_name"], phone, *WORDS.split(), "tlanextli@example.org"]
        totals = await client.get("reporting", "/v1/funnel", who=ROSA)
        found = await client.get(
            "referral", f"/v1/students/search?site={SITE}&q={child['family_name']}", who=ROSA
        )
        assert child["student"] in json.dumps(found)
        dump = Dump(mongo, f"127.0.0.1:{ports.kafka}", CELL, root_key)
        before = traces(await dump.pieces(), marks)
        assert {word for _, word in before} == set(marks), "the dump finds what is there"
        assert {where for where, _ in before} == {f"opened by {CELL}_keys_people"}

        await has_a_copy(client, child)
        began = datetime.now(UTC)
        erasure = await erase(client, child["family"])

        assert traces(await dump.pieces(), marks) == set()
        assert traces(await dump.pieces(), [child["given_name"] + " "]) == set()
        confirmed = await client.get("referral", f"/v1/erasures/{erasure}", who="admin")
        assert set(confirmed["confirmed"]) == {"notify", "partner", "reporting"}
        assert (datetime.now(UTC) - began).total_seconds() < 60
        await slices_are_unknown(client, totals)
        found = await client.get(
            "referral", f"/v1/students/search?site={SITE}&q={child['family_name']}", who=ROSA
        )
        assert child["student"] not in json.dumps(found)
        listed = await client.get("referral", "/v1/referrals", who=ROSA)
        assert [
            each["name"] for each in listed["items"] if each["student"] == child["student"]
        ] == ["-"]
        said = await client.get(
            "notify", f"/v1/referrals/{story['referral']}/conversation", who=ROSA
        )
        assert {line["text"] for line in said["lines"]} == {None}
        with pytest.raises(RefusedError):
            await client.get("referral", f"/v1/students/{child['student']}", who=ROSA)
        await confirmed_by_the_agency(client, child["family"])
        assert logged(home, marks) == []
    await mongo.close()


def test_after_an_erasure_a_dump_opened_by_every_key_holds_no_trace_of_the_family(
    system: Up,
) -> None:
    done = enlace("demo", "--json", home=system.home, seconds=400)
    assert done.returncode == 0, done.stderr + system.said
    (system.home / "story.json").write_text(done.stdout)
    asyncio.run(journey(system))
    parked = enlace("parked", "list", "--json", home=system.home)
    assert json.loads(parked.stdout) == []


def roster(guardian: str, number: str) -> bytes:
    """Return a school's roster of one child with this guardian."""
    tables = {
        "orgs.csv": ["sourcedId,name,type", "O1,Lincoln,school"],
        "users.csv": [
            "sourcedId,givenName,familyName,email,phone,preferredLanguage",
            "TX1,Xochitl,Tepehuani,,,",
            f"{guardian},Given{guardian},Family{guardian},{guardian}@example.org,{number},es",
        ],
        "roles.csv": ["userSourcedId,orgSourcedId,role,grade", "TX1,O1,student,3"],
        "relationships.csv": [
            "userSourcedId,relationshipUserSourcedId,relationshipRole",
            f"TX1,{guardian},mother",
        ],
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as made:
        for name, lines in tables.items():
            made.writestr(name, "\n".join([*lines, ""]))
    return content.getvalue()


async def replaced(up: Up) -> None:
    """Let a later roster name another guardian, and erase the child's household."""
    home, ports = Home(up.home), Ports(up.base)
    numbers = {"GXA": "+15105550188", "GXB": "+15105550189"}
    marks = [each + guardian for guardian in numbers for each in ("Given", "Family")]
    marks += [*numbers.values(), *(f"{each}@example.org" for each in numbers), "Tepehuani"]
    uri = mongo_server(home.part("mongod"), ports.mongod).admin_uri
    mongo: AsyncMongoClient[dict[str, Any]] = AsyncMongoClient(uri)
    async with Client(ports) as client:
        for guardian, number in numbers.items():
            await client.call(
                "POST",
                "referral",
                "/v1/imports/roster",
                who=ROSA,
                content=roster(guardian, number),
                query={"site": SITE, "part": "true", "tell": "mother", "org": "O1"},
            )
        path = f"/v1/students/search?site={SITE}&q=Tepehuani"
        (child,) = (await client.get("referral", path, who=ROSA))["items"]
        dump = Dump(mongo, f"127.0.0.1:{ports.kafka}", CELL, read_root_key(home.keys))
        assert {word for _, word in traces(await dump.pieces(), marks)} == set(marks)

        await erase(client, child["family"])

        assert traces(await dump.pieces(), marks) == set()
    await mongo.close()


def test_nor_is_there_a_trace_of_a_guardian_whom_a_later_roster_replaced(system: Up) -> None:
    asyncio.run(replaced(system))
