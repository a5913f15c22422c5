"""Asking for help and looking at it, over HTTP on a real database."""

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.referral.forgetter import Forgetter
from services.referral.handlers import help_requests
from services.referral.handlers.desk import Desk
from services.referral.main import build
from services.referral.model.help_request import HelpRequest
from services.referral.model.rules import Rules
from services.referral.settings import ReferralSettings
from tests.referral.asking import (
    STAFF,
    WORDS,
    ask,
    do,
    events,
    read,
    service_token,
    text,
    vault_of,
)
from tests.referral.build import NOW
from tests.referral.test_api import Family, slug
from tests.running import Running, running
from tests.servers import Cell


@pytest.fixture
async def office(cell: Cell, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, STAFF, clock=FixedClock(NOW)
    ) as service:
        yield service


async def test_a_teacher_asks_with_two_fields_and_hears_received_and_handled_and_nothing_else(
    office: Running,
) -> None:
    id = new_id()
    asked = await ask(office, id)
    assert (asked.status_code, asked.json()["state"]) == (200, "received")
    assert (await ask(office, id)).json() == asked.json(), "a phone sends it twice"
    await do(office, id, "handled", {"words": "Spoke with the family at the gate"})
    (mine,) = (await read(office, "/v1/my-help-requests", "teacher")).json()["items"]
    assert (mine["id"], mine["state"], mine["handled_at"] is None) == (id, "handled", False)
    assert set(mine) == {"id", "site", "state", "asked_at", "handled_at", "warnings"}
    assert "gate" not in json.dumps(mine)
    assert (await read(office, "/v1/my-help-requests", "nurse")).json()["items"] == []


async def test_another_body_under_the_same_id_and_a_colleagues_id_are_refused(
    office: Running,
) -> None:
    id = new_id()
    await ask(office, id)
    other = await ask(office, id, words="Something else")
    assert (other.status_code, slug(other)) == (409, "id-taken")
    assert (await ask(office, id, who="nurse")).status_code == 404


async def test_the_coordinators_of_the_school_alone_read_the_words(office: Running) -> None:
    id = new_id()
    await ask(office, id)
    seen = (await read(office, f"/v1/help-requests/{id}")).json()
    assert (seen["words"], seen["child"], seen["asker"]) == (WORDS, "Leo, grade 3", "Teacher")
    statuses = {"denise": 404, "nurse": 403, "lead": 403, "teacher": 403}
    for who, status in statuses.items():
        assert (await read(office, f"/v1/help-requests/{id}", who)).status_code == status, who
    listed = (await read(office, "/v1/help-requests?state=received")).json()["items"]
    assert [each["id"] for each in listed] == [id]
    assert (await read(office, "/v1/help-requests", "denise")).json()["items"] == []


@pytest.mark.parametrize(
    ("changes", "status", "told"),
    [
        ({"child": None}, 422, "malformed"),
        ({"site": None}, 422, "malformed"),
        ({"words": " "}, 422, "malformed"),
        ({"words": "x" * 2_001}, 422, "malformed"),
        ({"child": "x" * 101}, 422, "malformed"),
        ({"source": "text"}, 422, "malformed"),
        ({"source": "paper"}, 403, "forbidden"),
        ({"site": "site-02"}, 404, "not-found"),
    ],
)
async def test_what_cannot_be_is_refused_with_what_to_do(
    office: Running, changes: dict[str, Any], status: int, told: str
) -> None:
    answer = await ask(office, new_id(), **changes)
    assert (answer.status_code, slug(answer)) == (status, told)


async def test_words_that_must_never_be_stored_warn(office: Running) -> None:
    warned = await ask(office, new_id(), words="His SSN is 123-45-6789")
    assert [each["what"] for each in warned.json()["warnings"]] == ["social-security-number"]


async def test_a_request_is_taken_up_as_a_referral_and_its_words_are_the_childs(
    office: Running,
) -> None:
    family, id, need = await Family(office).entered(), new_id(), new_id()
    await ask(office, id)
    await family.referral(need)
    taken = await do(office, id, "take-up", {"referral": need})
    assert taken.status_code == 200, taken.text
    assert taken.json()["handled"]["how"] == "referred"
    assert (taken.json()["student"], taken.json()["words"]) == (family.student, WORDS)
    again = await do(office, id, "take-up", {"referral": need}, seen=7)
    assert again.json()["version"] == taken.json()["version"]
    otherwise = await do(office, id, "set-aside", seen=2)
    assert (otherwise.status_code, slug(otherwise)) == (409, "already-handled")
    assert "by rosa" in otherwise.json()["detail"]
    assert await events(office, "handled") == [{"help_request": id}]
    vault = vault_of(office, "keys_people")
    await vault.destroy_key(family.student)
    await vault.close()
    kept = await office.chassis.store.get(HelpRequest, id)
    assert kept is not None
    assert kept.key == family.student


async def test_of_two_who_look_at_once_one_hears_what_the_other_did(office: Running) -> None:
    id = new_id()
    await ask(office, id)
    answers = await asyncio.gather(
        do(office, id, "handled", {"words": "Called"}), do(office, id, "set-aside")
    )
    assert sorted(each.status_code for each in answers) == [200, 409]
    stale_id = new_id()
    await ask(office, stale_id)
    stale = await do(office, stale_id, "handled", seen=9)
    assert (stale.status_code, slug(stale)) == (412, "stale-version")
    assert len(await events(office, "handled")) == 1


async def test_a_child_whose_record_one_knows_is_asked_for_under_its_own_key(
    office: Running,
) -> None:
    family, id = await Family(office).entered(), new_id()
    asked = await ask(office, id, who="nurse", student=family.student, child=None, site=None)
    assert asked.status_code == 200, asked.text
    kept = await office.chassis.store.get(HelpRequest, id)
    assert kept is not None
    assert (kept.key, kept.forget_at, kept.families) == (family.student, None, (family.family,))
    assert (await read(office, f"/v1/help-requests/{id}")).json()["name"] == "Ana R."
    elsewhere = await ask(office, new_id(), "other-teacher", student=family.student, child=None)
    assert elsewhere.status_code == 404


async def test_no_word_stands_in_the_database_and_no_event_tells_what_was_needed(
    office: Running,
) -> None:
    id = new_id()
    await ask(office, id, reach="the bakery")
    await do(office, id, "handled", {"words": "brought groceries"})
    rows = [row async for row in office.chassis.database["help_requests"].find({})]
    log = [row async for row in office.chassis.database["event_log"].find({})]
    for text_ in ("desk", "Leo", "bakery", "groceries"):
        assert text_ not in str(rows)
        assert text_.encode() not in b"".join(row["data"] for row in log)
    assert await events(office, "received") == [{"help_request": id, "source": "staff"}]
    assert await events(office, "handled") == [{"help_request": id}]


async def test_words_of_a_family_that_nobody_found_are_forgotten_in_time(office: Running) -> None:
    id = new_id()
    await ask(office, id)
    await do(office, id, "handled")
    askers = vault_of(office, "keys_askers")
    store = office.chassis.store
    soon = Desk(store, FixedClock(NOW + timedelta(days=89)), Rules)
    await Forgetter(soon, askers).once()
    assert (await read(office, f"/v1/help-requests/{id}")).json()["words"] == WORDS
    late = Forgetter(Desk(store, FixedClock(NOW + timedelta(days=90)), Rules), askers)
    assert await late.due() == 1
    await late.once()
    await late.once()
    assert await late.due() == 0
    assert not await askers.having_keys([id])
    seen = (await read(office, f"/v1/help-requests/{id}")).json()
    assert (seen["words"], seen["child"], seen["state"]) == (None, None, "handled")
    await askers.close()


class TestPage:
    async def test_the_portal_enters_it_once_and_its_receipt_tells_the_state_alone(
        self, office: Running
    ) -> None:
        id = new_id()
        body = {"site": "site-01", "words": "Comida", "child": "Leo", "reach": "510 555 0188"}
        first, again = [
            await office.http.put(
                f"/v1/page-help-requests/{id}", json=body, headers=service_token(office, "portal")
            )
            for _ in range(2)
        ]
        assert first.json() == again.json()
        link = {"X-Enlace-Link": first.json()["token"]}
        told = (await office.http.get("/v1/help-receipts", headers=link)).json()
        assert told["state"] == "received"
        seen = (await read(office, f"/v1/help-requests/{id}")).json()
        assert (seen["source"], seen["reach"], seen["by"]) == ("page", "510 555 0188", None)
        await do(office, id, "handled")
        told = (await office.http.get("/v1/help-receipts", headers=link)).json()
        assert told["state"] == "handled"
        assert set(told) == {"id", "site", "state", "asked_at", "handled_at", "warnings"}
        for headers in ({}, {"X-Enlace-Link": "A" * 22}):
            assert (await office.http.get("/v1/help-receipts", headers=headers)).status_code == 404

    async def test_nobody_but_the_portal_enters_a_page(self, office: Running) -> None:
        path, body = f"/v1/page-help-requests/{new_id()}", {"site": "site-01", "words": "x"}
        given = {**body, "child": "Leo"}
        for headers in (office.as_("rosa"), service_token(office, "notify")):
            answer = await office.http.put(path, json=given, headers=headers)
            assert answer.status_code == 403
        nobody = await office.http.put(path, json=body, headers=service_token(office, "portal"))
        assert nobody.status_code == 422


class TestText:
    async def test_the_family_that_owns_the_number_asks_once(self, office: Running) -> None:
        family = await Family(office).entered()
        id = await text(office, family.mother)
        seen = (await read(office, f"/v1/help-requests/{id}")).json()
        assert (seen["student"], seen["asker"]) == (family.student, "Elena")
        assert (seen["words"], seen["source"]) == ("Necesito comida", "text")
        assert await events(office, "received") == [
            {"help_request": id, "source": "text", "person": family.mother}
        ]

    async def test_several_families_on_one_number_are_all_shown_and_none_is_chosen(
        self, office: Running
    ) -> None:
        first, second = await Family(office).entered(), await Family(office).entered()
        id = await text(office, second.mother, first.mother)
        seen = (await read(office, f"/v1/help-requests/{id}")).json()
        assert seen["student"] is None
        assert {each["student"] for each in seen["children"]} == {first.student, second.student}

    async def test_a_number_of_nobody_is_lost_to_nobody(self, office: Running) -> None:
        id = await text(office)
        for who in ("rosa", "denise"):
            seen = (await read(office, f"/v1/help-requests/{id}", who)).json()
            assert (seen["words"], seen["children"]) == ("Necesito comida", [])
        kept = await office.chassis.store.get(HelpRequest, id)
        assert kept is not None
        assert kept.forget_at is not None


class TestToday:
    async def test_it_is_in_the_queue_of_the_coordinator_until_it_is_handled(
        self, office: Running
    ) -> None:
        id = new_id()
        await ask(office, id)
        (row,) = (await read(office, "/v1/today")).json()["items"]
        assert (row["reason"], row["step"]) == ("asked-for-help", "look-at-request")
        assert (row["name"], row["student"], row["help_request"]) == ("Leo, grade 3", None, id)
        assert row["since"] == NOW.isoformat().replace("+00:00", "Z")
        for who in ("nurse", "denise"):
            assert (await read(office, "/v1/today", who)).json()["items"] == []
        await do(office, id, "handled")
        assert (await read(office, "/v1/today")).json()["items"] == []

    async def test_words_of_danger_stand_on_top_of_the_queue(self, office: Running) -> None:
        family = await Family(office).entered()
        await text(office, words="Necesito comida")
        await text(office, family.mother, words="Mi esposo me pega", crisis=True)
        rows = (await read(office, "/v1/today")).json()["items"]
        assert [(row["reason"], row["step"]) for row in rows] == [
            ("crisis-texted", "look-at-request"),
            ("asked-for-help", "look-at-request"),
        ]
        assert rows[0]["student"] == family.student

    async def test_it_stands_in_the_row_of_its_child(self, office: Running) -> None:
        family, id = await Family(office).entered(), new_id()
        await family.referral(new_id())
        await ask(office, id, student=family.student, child=None, site=None)
        (row,) = (await read(office, "/v1/today?site=site-01")).json()["items"]
        assert (row["student"], row["reason"]) == (family.student, "asked-for-help")
        assert [each["reason"] for each in row["more"]] == ["not-sent"]


async def test_an_erasure_takes_the_words_and_the_row(office: Running) -> None:
    family, id = await Family(office).entered(), new_id()
    await ask(office, id, student=family.student, child=None, site=None)
    desk = Desk(office.chassis.store, office.chassis.clock, Rules)
    await help_requests.end_for_erasure(desk, family.family, [family.student])
    vault = vault_of(office, "keys_people")
    await vault.destroy_key(family.student)
    await vault.close()
    assert (await read(office, "/v1/today")).json()["items"] == []
    kept = await office.chassis.store.get(HelpRequest, id)
    assert kept is not None
    assert kept.handled is not None
    assert kept.handled.how == "erased"
