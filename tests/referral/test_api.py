"""The HTTP API on a real database: creates that repeat, versions, roles and sites."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from contracts.referral_marks import Marks
from contracts.sealed import Sealed
from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.chassis.privacy import Vault, read_root_key
from services.referral.main import build
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.running import Running, person, running
from tests.servers import Cell

PEOPLE = {
    "rosa": person("rosa", "coordinator:site-01"),
    "nurse": person("nurse", "care-team:site-01"),
    "denise": person("denise", "coordinator:site-02"),
    "lead": person("lead", "leadership:site-01"),
}


@pytest.fixture
async def referral(cell: Cell, tmp_path: Path) -> AsyncIterator[Running]:
    clock = FixedClock(NOW)
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, PEOPLE, clock=clock
    ) as service:
        yield service


class Family:
    """A family, a child and a consent, entered by Rosa."""

    def __init__(self, service: Running) -> None:
        self.service = service
        self.family, self.mother, self.student = new_id(), new_id(), new_id()

    async def put(self, path: str, body: dict[str, Any], who: str = "rosa") -> httpx2.Response:
        return await self.service.http.put(path, json=body, headers=self.service.as_(who))

    def family_body(self) -> dict[str, Any]:
        return {
            "site": "site-01",
            "contacts": [
                {
                    "id": self.mother,
                    "relation": "mother",
                    "given_name": "Elena",
                    "reads": "es",
                    "phone": "(510) 555-0123",
                    "may_be_told": True,
                }
            ],
        }

    def student_body(self) -> dict[str, Any]:
        return {
            "site": "site-01",
            "family": self.family,
            "given_name": "Ana",
            "family_name": "Ramírez",
            "birth_date": "2018-05-02",
            "grade": "3",
        }

    def consent_body(self) -> dict[str, Any]:
        return {
            "student": self.student,
            "categories": ["dental"],
            "parts": ["name", "contact", "need"],
            "method": "signed-on-screen",
            "given_by": self.mother,
            "read_in": "es",
            "until": "2027-06-30",
        }

    async def entered(self) -> "Family":
        for path, body in (
            (f"/v1/families/{self.family}", self.family_body()),
            (f"/v1/students/{self.student}", self.student_body()),
            (f"/v1/consents/{new_id()}", self.consent_body()),
        ):
            answer = await self.put(path, body)
            assert answer.status_code == 200, answer.text
        return self

    async def referral(
        self, id: str, need: str = "Le duele al masticar", **more: str
    ) -> httpx2.Response:
        body = {"student": self.student, "category": "dental", "need": need, **more}
        return await self.put(f"/v1/referrals/{id}", body)


OFFER = {
    "candidates": [
        {"service": "svc-smiles", "agency": "agy-smiles"},
        {"service": "svc-bus", "agency": "agy-bus"},
    ]
}


def slug(answer: httpx2.Response) -> str:
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["type"]).removeprefix("https://enlace.org/problems/")


@pytest.mark.parametrize("blank", [{"need": "  \n "}, {"despite_duplicate": "   "}])
async def test_blanks_are_no_need_and_no_reason(referral: Running, blank: dict[str, str]) -> None:
    family = await Family(referral).entered()
    refused = await family.referral(new_id(), **blank)
    assert (refused.status_code, slug(refused)) == (422, "malformed")


async def test_a_referral_is_created_offered_and_read(referral: Running) -> None:
    family = await Family(referral).entered()
    id = new_id()
    created = await family.referral(id)
    assert (created.status_code, created.headers["etag"]) == (200, '"1"')
    assert created.json()["name"] == "Ana R."
    assert created.json()["audience"] == "guardian"
    offered = await referral.http.post(
        f"/v1/referrals/{id}/offer",
        json=OFFER,
        headers={**referral.as_("rosa"), "If-Match": created.headers["etag"]},
    )
    assert offered.status_code == 200, offered.text
    assert (offered.json()["state"], offered.json()["business"]) == ("requested", "offered")
    whole = await referral.http.get(f"/v1/referrals/{id}", headers=referral.as_("rosa"))
    assert whole.json()["need"] == "Le duele al masticar"
    timeline = await referral.http.get(
        f"/v1/referrals/{id}/timeline", headers=referral.as_("nurse")
    )
    assert [entry["what"] for entry in timeline.json()["items"]] == [
        "referral.created",
        "referral.offered",
    ]


async def test_the_event_log_and_the_documents_hold_no_name_phone_or_word(
    referral: Running,
) -> None:
    family = await Family(referral).entered()
    await family.referral(new_id(), need="Marcada como secreta")
    database = referral.chassis.database
    everything = ""
    for name in await database._database.list_collection_names():
        everything += str([row async for row in database[name].find({})])
    assert "Elena" not in everything
    assert "Ramírez" not in everything
    assert "5550123" not in everything
    assert "secreta" not in everything
    assert "2018-05-02" not in everything


async def test_the_childs_programmes_go_along_sealed_for_the_reports(
    referral: Running, tmp_path: Path
) -> None:
    family, id = await Family(referral).entered(), new_id()
    student, marked = new_id(), new_id()
    child = {**family.student_body(), "programmes": ["iep", "free-lunch"]}
    assert (await family.put(f"/v1/students/{student}", child)).status_code == 200
    need = {"student": student, "category": "dental", "need": "Le duele"}
    assert (await family.put(f"/v1/referrals/{marked}", need)).status_code == 200
    assert (await family.referral(id)).status_code == 200
    log = referral.chassis.database["event_log"]
    told = await log.find_one({"topic": "referral-marks"})
    assert told is not None
    assert told["key"] == marked, "the other child is in none"
    vault = Vault(
        referral.chassis.mongo,
        referral.chassis.settings.database("keys_people"),
        read_root_key(tmp_path),
    )
    marks = await vault.open_as(Marks, Sealed(json.loads(told["data"])["marks"]))
    assert marks.programmes == ("iep", "free-lunch")
    await vault.close()
    everything = b"".join([bytes(row["data"]) async for row in log.find({})])
    assert b"free-lunch" not in everything


async def test_a_create_repeated_is_the_same_answer_and_another_body_is_refused(
    referral: Running,
) -> None:
    family = await Family(referral).entered()
    id = new_id()
    first = await family.referral(id)
    again = await family.referral(id)
    assert (again.status_code, again.json()) == (200, first.json())
    other = await family.referral(id, need="Otra cosa")
    assert (other.status_code, slug(other)) == (409, "id-taken")
    rows = referral.chassis.database["event_log"]
    assert await rows.count_documents({"key": id}) == 1


async def test_a_stale_version_changes_nothing(referral: Running) -> None:
    family = await Family(referral).entered()
    id = new_id()
    await family.referral(id)
    path = f"/v1/referrals/{id}/offer"
    rosa = referral.as_("rosa")
    without = await referral.http.post(path, json=OFFER, headers=rosa)
    assert (without.status_code, slug(without)) == (422, "if-match-missing")
    stale = await referral.http.post(path, json=OFFER, headers={**rosa, "If-Match": '"7"'})
    assert (stale.status_code, slug(stale)) == (412, "stale-version")
    assert [each["what"] for each in stale.json()["meanwhile"]] == ["referral.created"]
    good = await referral.http.post(path, json=OFFER, headers={**rosa, "If-Match": '"1"'})
    assert good.status_code == 200
    held = await referral.http.post(path, json=OFFER, headers={**rosa, "If-Match": '"1"'})
    assert held.status_code == 200, "its effect already holds"


async def test_another_school_does_not_learn_that_a_referral_exists(referral: Running) -> None:
    family = await Family(referral).entered()
    id = new_id()
    await family.referral(id)
    for who, status in (("denise", 404), ("lead", 403), ("nurse", 200), ("rosa", 200)):
        answer = await referral.http.get(f"/v1/referrals/{id}", headers=referral.as_(who))
        assert answer.status_code == status, who
    listed = await referral.http.get("/v1/referrals", headers=referral.as_("denise"))
    assert listed.json() == {"items": [], "next": None}
    assert (await referral.http.get(f"/v1/referrals/{id}")).status_code == 401


async def test_pages_follow_each_other(referral: Running) -> None:
    family = await Family(referral).entered()
    ids = [new_id() for _ in range(5)]
    for id in ids:
        await family.referral(id, despite_duplicate="Another tooth.")
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        query = {"limit": "2", **({"cursor": cursor} if cursor else {})}
        page = await referral.http.get("/v1/referrals", params=query, headers=referral.as_("rosa"))
        seen += [item["id"] for item in page.json()["items"]]
        cursor = page.json()["next"]
    assert seen == ids[::-1]


NO_CHILD = new_id()


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (
            {"student": NO_CHILD, "category": "dental", "need": "n", "ssn": "123-45-6789"},
            "body.ssn",
        ),
        ({"student": NO_CHILD, "category": "dental"}, "body.need"),
        ({"student": NO_CHILD, "category": 7, "need": "n"}, "body.category"),
    ],
)
async def test_a_malformed_body_is_told_by_field_and_never_repeated(
    referral: Running, body: dict[str, Any], field: str
) -> None:
    answer = await referral.http.put(
        f"/v1/referrals/{new_id()}", json=body, headers=referral.as_("rosa")
    )
    assert (answer.status_code, slug(answer)) == (422, "malformed")
    assert [each["field"] for each in answer.json()["fields"]] == [field]
    assert "123-45-6789" not in answer.text


async def test_an_unknown_category_is_refused(referral: Running) -> None:
    family = await Family(referral).entered()
    body = {"student": family.student, "category": "astrology", "need": "n"}
    answer = await family.put(f"/v1/referrals/{new_id()}", body)
    assert (answer.status_code, slug(answer)) == (422, "category-unknown")


async def test_words_that_should_never_be_stored_are_kept_sealed_and_warned_of(
    referral: Running,
) -> None:
    family = await Family(referral).entered()
    body = {"student": family.student, "category": "dental", "need": "Undocumented, toothache"}
    answer = await family.put(f"/v1/referrals/{new_id()}", body)
    (warned,) = answer.json()["warnings"]
    assert (answer.status_code, warned["field"]) == (200, "need")
    assert warned["what"] == "immigration-status"
    assert warned["es"].startswith("Esto parece decir la situación migratoria")


async def test_a_verbal_consent_needs_its_witness(referral: Running) -> None:
    family = await Family(referral).entered()
    body = {**family.consent_body(), "method": "verbal-witnessed"}
    answer = await family.put(f"/v1/consents/{new_id()}", body)
    assert (answer.status_code, slug(answer)) == (422, "malformed")


async def test_two_creates_at_the_same_instant_make_one(referral: Running) -> None:
    family = await Family(referral).entered()
    id = new_id()
    answers = await asyncio.gather(*(family.referral(id) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {200}
    rows = referral.chassis.database["event_log"]
    assert await rows.count_documents({"key": id}) == 1


async def test_nobody_is_entered_at_a_school_that_the_district_has_not(
    cell: Cell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    school = {"name": "Madrone Elementary", "coordinator": "Rosa Méndez", "phone": "+15105550180"}
    (tmp_path / "sites.json").write_text(json.dumps({"site-01": school, "site-02": school}))
    monkeypatch.setenv("ENLACE_SITES_FILE", str(tmp_path / "sites.json"))
    people = {**PEOPLE, "admin": person("admin", "admin:*")}
    async with running("referral", build, ReferralSettings, cell, tmp_path, people) as service:
        family = await Family(service).entered()
        nowhere = {**family.family_body(), "site": "site-99"}
        nowhere["contacts"] = []
        child = {**family.student_body(), "site": "site-99"}
        for path, body in (
            (f"/v1/families/{new_id()}", nowhere),
            (f"/v1/students/{new_id()}", child),
        ):
            refused = await family.put(path, body, who="admin")
            assert (refused.status_code, slug(refused)) == (422, "unknown-site")
            assert "site-01, site-02" in refused.json()["detail"]
            assert "No se cambió nada" in refused.json()["detail_es"]


async def test_a_service_that_is_named_twice_is_asked_once(referral: Running) -> None:
    family, id = await Family(referral).entered(), new_id()
    await family.referral(id)
    smiles = OFFER["candidates"][0]
    headers = {**referral.as_("rosa"), "If-Match": '"1"'}
    body = {"candidates": [smiles, smiles]}
    asked = await referral.http.post(f"/v1/referrals/{id}/offer", json=body, headers=headers)
    assert asked.status_code == 200, asked.text
    asked_of = [{**smiles, "other_need": False, "by_phone": False}]
    assert (asked.json()["business"], asked.json()["candidates"]) == (None, asked_of)
    log = referral.chassis.database["event_log"]
    assert await log.count_documents({"type": "org.enlace.referral.requested.v1"}) == 1
