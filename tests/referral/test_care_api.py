"""Care team, notes and meetings over HTTP, on a real database."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.chassis.privacy import KeyGoneError, Vault, read_root_key
from services.chassis.timers import Sweep
from services.referral.handlers import meetings
from services.referral.main import build
from services.referral.model.meeting import Meeting
from services.referral.model.notes import Note
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.referral.test_api import PEOPLE, Family, slug
from tests.running import Running, person, running
from tests.servers import Cell

STAFF = {
    **PEOPLE,
    "nora": person("nora", "care-team:site-01"),
    "admin": person("admin", "admin:*"),
}


class School:
    """A child at site-01, and a hand to call the service with."""

    def __init__(self, service: Running, clock: FixedClock) -> None:
        self.service, self.clock = service, clock
        self.family = Family(service)

    @property
    def student(self) -> str:
        return self.family.student

    async def put(self, path: str, body: dict[str, Any], who: str = "rosa") -> httpx2.Response:
        return await self.family.put(path, body, who)

    async def post(
        self, path: str, body: dict[str, Any] | None = None, who: str = "rosa", version: int = 1
    ) -> httpx2.Response:
        headers = {**self.service.as_(who), "If-Match": f'"{version}"'}
        return await self.service.http.post(path, json=body, headers=headers)

    async def get(self, path: str, who: str = "rosa") -> httpx2.Response:
        return await self.service.http.get(path, headers=self.service.as_(who))

    async def referral(self) -> str:
        id = new_id()
        assert (await self.family.referral(id)).status_code == 200
        return id

    async def note(self, words: str = "Falta mucho", who: str = "nora", **more: Any) -> str:
        id = new_id()
        answer = await self.put(
            f"/v1/notes/{id}", {"student": self.student, "words": words, **more}, who
        )
        assert answer.status_code == 200, answer.text
        return id


@pytest.fixture
async def school(cell: Cell, tmp_path: Path) -> AsyncIterator[School]:
    clock = FixedClock(NOW)
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, STAFF, clock=clock
    ) as service:
        there = School(service, clock)
        await there.family.entered()
        yield there


async def test_a_team_is_entered_read_and_ended(school: School) -> None:
    path = f"/v1/students/{school.student}/care-team"
    empty = await school.get(path)
    assert (empty.json()["members"], empty.json()["tier"], empty.headers["etag"]) == (
        [],
        None,
        '"0"',
    )
    id = new_id()
    body = {"name": "Nora Vidal", "role": "nurse", "subject": "nora"}
    added = await school.put(f"{path}/{id}", body)
    assert added.status_code == 200, added.text
    [nurse] = added.json()["members"]
    assert (nurse["name"], nurse["role"], nurse["since"], nurse["present"]) == (
        "Nora Vidal",
        "nurse",
        "2026-10-13",
        True,
    )
    assert (await school.put(f"{path}/{id}", body)).json() == added.json()
    other = await school.put(f"{path}/{id}", {**body, "role": "teacher"})
    assert (other.status_code, slug(other)) == (409, "id-taken")
    stale = await school.post(f"{path}/{id}/end", {"until": "2026-10-20"}, version=7)
    assert (stale.status_code, slug(stale)) == (412, "stale-version")
    ended = await school.post(f"{path}/{id}/end", {"until": "2026-10-20"})
    assert ended.json()["members"][0]["until"] == "2026-10-20"
    again = await school.post(f"{path}/{id}/end", {"until": "2026-10-20"})
    assert again.status_code == 200, "its effect already holds"


async def test_two_members_added_at_once_are_both_there(school: School) -> None:
    path = f"/v1/students/{school.student}/care-team"
    answers = await asyncio.gather(
        *(
            school.put(f"{path}/{new_id()}", {"name": f"Maestra {n}", "role": "teacher"})
            for n in range(6)
        )
    )
    assert {each.status_code for each in answers} == {200}
    assert len((await school.get(path)).json()["members"]) == 6


async def test_an_unknown_role_is_told_with_the_list(school: School) -> None:
    answer = await school.put(
        f"/v1/students/{school.student}/care-team/{new_id()}", {"name": "X", "role": "wizard"}
    )
    assert (answer.status_code, slug(answer)) == (422, "malformed")
    assert "psychologist" in answer.json()["fields"][0]["what"]


async def test_a_tier_keeps_its_history_and_the_care_team_may_set_it(school: School) -> None:
    path = f"/v1/students/{school.student}/tiers"
    first = await school.put(f"{path}/{new_id()}", {"tier": 2, "why": "Faltas"}, "nora")
    assert first.status_code == 200, first.text
    second = await school.put(f"{path}/{new_id()}", {"tier": 3, "why": "Nació en Puebla"})
    view = second.json()
    assert view["tier"] == 3
    assert [(each["tier"], each["why"], each["by"]) for each in view["tiers"]] == [
        (2, "Faltas", "nora"),
        (3, "Nació en Puebla", "rosa"),
    ]
    assert [(each["field"], each["what"]) for each in view["warnings"]] == [("why", "birthplace")]
    bad = await school.put(f"{path}/{new_id()}", {"tier": 4, "why": "x"})
    assert bad.status_code == 422


async def test_a_note_only_for_me_is_read_by_nobody_else(school: School) -> None:
    id = await school.note(visibility="only-me")
    for who, status in (("nora", 200), ("rosa", 404), ("admin", 404), ("denise", 404)):
        assert (await school.get(f"/v1/notes/{id}", who)).status_code == status, who
    listed = f"/v1/students/{school.student}/notes"
    assert [each["id"] for each in (await school.get(listed, "nora")).json()["items"]] == [id]
    for who in ("rosa", "admin"):
        assert (await school.get(listed, who)).json()["items"] == []
    taken = await school.put(
        f"/v1/notes/{id}",
        {"student": school.student, "words": "Falta mucho", "visibility": "only-me"},
        "rosa",
    )
    assert (taken.status_code, slug(taken)) == (409, "id-taken")


async def test_a_note_is_edited_within_the_hour_and_amended_later(school: School) -> None:
    id = await school.note("Primera versión")
    edit = {"words": "Segunda versión"}
    edited = await school.post(f"/v1/notes/{id}/edit", edit, "nora")
    assert (edited.status_code, edited.json()["words"]) == (200, "Segunda versión")
    repeat = await school.post(f"/v1/notes/{id}/edit", edit, "nora")
    assert repeat.json() == edited.json(), "the phone asked twice"
    others = await school.post(f"/v1/notes/{id}/edit", {"words": "x"}, "rosa", version=2)
    assert others.status_code == 403
    school.clock.advance(timedelta(hours=1))
    closed = await school.post(f"/v1/notes/{id}/edit", {"words": "Tercera"}, "nora", version=2)
    assert (closed.status_code, slug(closed)) == (409, "note-closed")
    path = f"/v1/notes/{id}/amendments/{new_id()}"
    amended = await school.put(path, {"words": "Ya vino"}, "nora")
    assert amended.json()["words"] == "Segunda versión"
    assert [each["words"] for each in amended.json()["amendments"]] == ["Ya vino"]
    assert (await school.put(path, {"words": "Ya vino"}, "nora")).json() == amended.json()


async def test_a_note_for_the_partner_names_its_referral(school: School) -> None:
    body = {"student": school.student, "words": "x", "visibility": "partner"}
    bare = await school.put(f"/v1/notes/{new_id()}", body, "nora")
    assert bare.status_code == 422
    referral = await school.referral()
    named = await school.put(f"/v1/notes/{new_id()}", {**body, "referral": referral}, "nora")
    assert (named.status_code, named.json()["referral"]) == (200, referral)


async def test_words_that_must_never_be_stored_warn_and_are_kept(school: School) -> None:
    answer = await school.put(
        f"/v1/notes/{new_id()}",
        {"student": school.student, "words": "Undocumented, SSN 123-45-6789"},
        "nora",
    )
    assert answer.status_code == 200
    found = {(each["field"], each["what"]) for each in answer.json()["warnings"]}
    assert found == {("words", "immigration-status"), ("words", "social-security-number")}
    assert all(each["en"] and each["es"] for each in answer.json()["warnings"])


async def test_a_note_has_a_limit_and_needs_words(school: School) -> None:
    for words in ("", "   ", "a" * 4_001):
        body = {"student": school.student, "words": words}
        answer = await school.put(f"/v1/notes/{new_id()}", body, "nora")
        assert (answer.status_code, slug(answer)) == (422, "malformed")


async def test_pages_of_notes_follow_each_other(school: School) -> None:
    ids = [await school.note(f"Nota {n}") for n in range(5)]
    seen: list[str] = []
    path = f"/v1/students/{school.student}/notes?limit=2"
    cursor: str | None = ""
    while cursor is not None:
        page = (await school.get(path + (f"&cursor={cursor}" if cursor else ""))).json()
        seen += [each["id"] for each in page["items"]]
        cursor = page["next"]
    assert seen == ids[::-1]


async def test_notes_and_attempts_on_a_restricted_referral_follow_it(school: School) -> None:
    referral = new_id()
    need = {"student": school.student, "category": "mental-health", "need": "Ansiedad"}
    assert (await school.put(f"/v1/referrals/{referral}", need)).status_code == 200
    note = await school.note("Muy reservado", who="rosa", referral=referral)
    attempt = new_id()
    body = {
        "student": school.student,
        "referral": referral,
        "kind": "call",
        "reached": True,
        "happened_at": NOW.isoformat(),
    }
    assert (await school.put(f"/v1/contact-attempts/{attempt}", body)).status_code == 200
    open_note = await school.note("Para todos")
    for who, status, listed in (("rosa", 200, [open_note, note]), ("nora", 404, [open_note])):
        assert (await school.get(f"/v1/notes/{note}", who)).status_code == status
        assert (await school.get(f"/v1/contact-attempts/{attempt}", who)).status_code == status
        page = await school.get(f"/v1/students/{school.student}/notes", who)
        assert [each["id"] for each in page.json()["items"]] == listed
        page = await school.get(f"/v1/students/{school.student}/contact-attempts", who)
        assert len(page.json()["items"]) == (1 if who == "rosa" else 0)
    body = {"student": school.student, "referral": referral, "words": "x"}
    assert (await school.put(f"/v1/notes/{new_id()}", body, "nora")).status_code == 404


async def test_another_school_sees_nothing_and_writes_nothing(school: School) -> None:
    note = await school.note()
    student = school.student
    for path in (
        f"/v1/notes/{note}",
        f"/v1/students/{student}/care-team",
        f"/v1/students/{student}/notes",
        f"/v1/students/{student}/meetings",
        f"/v1/students/{student}/contact-attempts",
    ):
        assert (await school.get(path, "denise")).status_code == 404, path
    body = {"student": student, "words": "x"}
    assert (await school.put(f"/v1/notes/{new_id()}", body, "denise")).status_code == 404


async def test_a_meeting_is_written_down_and_its_tasks_are_done(school: School) -> None:
    id, task = new_id(), new_id()
    body = {
        "student": school.student,
        "held_on": "2026-10-13",
        "participants": [{"name": "Elena Ramírez", "role": "other"}],
        "decided": "Lentes primero",
        "tasks": [
            {"id": task, "what": "Llamar a la óptica", "owner": "nora", "due_on": "2026-10-14"}
        ],
    }
    made = await school.put(f"/v1/meetings/{id}", body, "nora")
    assert made.status_code == 200, made.text
    assert (await school.put(f"/v1/meetings/{id}", body, "nora")).json() == made.json()
    assert made.json()["participants"][0]["name"] == "Elena Ramírez"
    mine = await school.get("/v1/tasks?owner=me", "nora")
    assert [(each["id"], each["what"]) for each in mine.json()["items"]] == [
        (task, "Llamar a la óptica")
    ]
    assert (await school.get("/v1/tasks?owner=me", "rosa")).json()["items"] == []
    assert (await school.get("/v1/tasks", "denise")).json()["items"] == []
    added = await school.put(
        f"/v1/meetings/{id}/tasks/{new_id()}",
        {"what": "Avisar", "owner": "rosa", "due_on": "2026-10-30"},
    )
    assert len(added.json()["tasks"]) == 2
    done = await school.post(f"/v1/meetings/{id}/tasks/{task}/done", who="nora", version=2)
    assert done.json()["tasks"][0]["state"] == "done"
    again = await school.post(f"/v1/meetings/{id}/tasks/{task}/done", who="rosa", version=2)
    assert (again.status_code, again.json()["tasks"][0]["done_by"]) == (200, "nora")


async def test_an_overdue_task_is_known_once(school: School) -> None:
    id = new_id()
    body = {
        "student": school.student,
        "held_on": "2026-10-13",
        "participants": [{"name": "Nora", "role": "nurse"}],
        "decided": "x",
        "tasks": [{"id": new_id(), "what": "y", "owner": "nora", "due_on": "2026-10-14"}],
    }
    await school.put(f"/v1/meetings/{id}", body)
    store = school.service.chassis.store
    sweeps = [Sweep(store, school.clock, Meeting, meetings.tick) for _ in range(2)]
    assert await sweeps[0].once() == 0
    school.clock.advance(timedelta(days=4))  # a weekend without any process
    assert sum(await asyncio.gather(*(each.once() for each in sweeps))) >= 1
    [late] = (await school.get("/v1/tasks?state=overdue")).json()["items"]
    assert late["overdue_at"].startswith("2026-10-17T17:00:00")
    school.clock.advance(timedelta(days=4))
    assert await sweeps[0].once() == 0
    assert (await school.get(f"/v1/meetings/{id}")).json()["version"] == 2


async def test_nothing_that_was_written_is_in_the_database_in_clear(school: School) -> None:
    await school.note("Marcada como secreta")
    student = school.student
    await school.put(
        f"/v1/students/{student}/care-team/{new_id()}", {"name": "Señalada", "role": "nurse"}
    )
    await school.put(f"/v1/students/{student}/tiers/{new_id()}", {"tier": 2, "why": "Reservado"})
    database = school.service.chassis.database
    everything = ""
    for name in await database._database.list_collection_names():
        everything += str([row async for row in database[name].find({})])
    for word in ("secreta", "Señalada", "Reservado"):
        assert word not in everything


async def test_after_an_erasure_no_word_is_left_and_nothing_more_is_written(
    school: School, cell: Cell
) -> None:
    note = await school.note("Se borra")
    keys = school.service.chassis.mongo[f"{cell.database_prefix}keys_people"]["keys"]
    await keys.delete_one({"keyAltNames": school.student})
    kept = await school.service.chassis.store.get(Note, note)
    assert kept is not None
    # A client keeps a key for a minute; another process has none.
    root = read_root_key(school.service.chassis.settings.keys_dir)
    fresh = Vault(school.service.chassis.mongo, f"{cell.database_prefix}keys_people", root)
    with pytest.raises(KeyGoneError):
        await fresh.open(kept.words)
    with pytest.raises(KeyGoneError):
        await fresh.seal(school.student, "Nueva")
    await fresh.close()
