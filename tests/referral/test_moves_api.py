"""Undo, hold, hand-over, duplicates and many at once, over HTTP on a real database."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from contracts import cloudevents
from contracts.cloudevents import Envelope
from contracts.codes import DeclineReason
from contracts.offerings import OfferDeclined
from contracts.referrals import ReferralRequested
from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.referral.consumer import _Timeline
from services.referral.main import build
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.referral.test_api import OFFER, PEOPLE, Family, slug
from tests.running import Running, running
from tests.servers import Cell


@pytest.fixture
async def office(cell: Cell, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, PEOPLE, clock=FixedClock(NOW)
    ) as service:
        yield service


async def act(
    office: Running, id: str, what: str, body: Any = None, *, version: int, who: str = "rosa"
) -> httpx2.Response:
    return await office.http.post(
        f"/v1/referrals/{id}/{what}",
        json=body,
        headers={**office.as_(who), "If-Match": f'"{version}"'},
    )


async def sent(office: Running) -> str:
    family = await Family(office).entered()
    id = new_id()
    await family.referral(id)
    answer = await act(office, id, "offer", OFFER, version=1)
    assert answer.status_code == 200, answer.text
    return id


async def types_of(office: Running, id: str) -> list[str]:
    rows = office.chassis.database["event_log"].find({"key": id}, sort=[("sequence", 1)])
    return [row["type"].split(".")[-2] async for row in rows]


class TestRecall:
    async def test_takes_it_back_and_lets_it_be_sent_elsewhere(self, office: Running) -> None:
        id = await sent(office)
        back = await act(office, id, "recall", version=2)
        assert (back.status_code, back.json()["state"]) == (200, "draft")
        again = await act(office, id, "offer", OFFER, version=3)
        assert (again.json()["state"], again.json()["round"]) == ("requested", 2)
        assert await types_of(office, id) == ["created", "offered", "recalled", "offered"]

    async def test_is_refused_once_an_agency_has_declined(self, office: Running) -> None:
        id = await sent(office)
        event = OfferDeclined(
            referral=id,
            round=1,
            offer="off-1",
            agency="agy-smiles",
            reason=DeclineReason.NO_CAPACITY,
            last=False,
        )
        envelope = Envelope("e-1", "enlace/partner", event.TYPE, id, NOW, 1)
        await _Timeline(office.chassis.store).of_offering(event, envelope)
        refused = await act(office, id, "recall", version=2)
        assert (refused.status_code, slug(refused)) == (409, "already-acted-on")

    async def test_a_stale_version_or_another_school_changes_nothing(self, office: Running) -> None:
        id = await sent(office)
        assert (await act(office, id, "recall", version=1)).status_code == 412
        assert (await act(office, id, "recall", version=2, who="denise")).status_code == 404
        assert (await act(office, id, "recall", version=2, who="nurse")).status_code == 403


async def test_of_two_at_once_the_second_hears_what_the_first_did(office: Running) -> None:
    id = await sent(office)
    assert (await act(office, id, "cancel", {"reason": "moved-away"}, version=2)).status_code == 200
    late = await act(office, id, "recall", version=2)
    assert (late.status_code, slug(late)) == (409, "wrong-state")
    changes = late.json()["meanwhile"]
    assert [each["what"] for each in changes] == [
        "referral.cancelled",
        "referral.offered",
        "referral.created",
    ]
    assert {each["by"] for each in changes} == {"rosa"}


async def test_a_hold_needs_a_reason_that_is_known(office: Running) -> None:
    id = await sent(office)
    odd = await act(office, id, "hold", {"reason": "because"}, version=2)
    assert (odd.status_code, slug(odd)) == (422, "reason-unknown")
    early = await act(office, id, "hold", {"reason": "school-break"}, version=2)
    assert (early.status_code, slug(early)) == (409, "wrong-state")


async def test_what_should_never_have_been_is_taken_back_with_its_reason(office: Running) -> None:
    id = await sent(office)

    without = await act(office, id, "enter-in-error", {}, version=2)
    done = await act(office, id, "enter-in-error", {"reason": "wrong-child"}, version=2)
    again = await act(office, id, "enter-in-error", {"reason": "wrong-child"}, version=2)

    assert (without.status_code, slug(without)) == (422, "malformed")
    assert (done.status_code, done.json()["state"]) == (200, "entered-in-error")
    assert again.json()["state"] == "entered-in-error"
    assert (await types_of(office, id))[-1] == "entered-in-error"
    late = await act(office, id, "cancel", {"reason": "other"}, version=3)
    assert (late.status_code, slug(late)) == (409, "wrong-state")


async def test_agencies_are_given_time_to_answer_and_not_too_much(office: Running) -> None:
    id = await sent(office)
    await act(office, id, "recall", version=2)
    asked = {"candidates": [{"service": "svc-1", "agency": "agy-1"}]}
    for at, why in (
        ("2020-01-01T09:00:00Z", "answer-by-passed"),
        ("2199-12-31T09:00:00Z", "answer-by-too-far"),
    ):
        answer = await act(office, id, "offer", asked | {"answer_by": at}, version=3)
        assert (answer.status_code, slug(answer)) == (409, why)


class TestHandOver:
    async def test_moves_the_open_ones_and_can_be_sent_again(self, office: Running) -> None:
        ids = [await sent(office) for _ in range(3)]
        await act(office, ids[0], "cancel", {"reason": "moved-away"}, version=2)
        mine = (await office.http.get(f"/v1/referrals/{ids[1]}", headers=office.as_("rosa"))).json()
        body = {
            "site": "site-01",
            "from_coordinator": mine["coordinator"],
            "to_coordinator": "staff-hugo",
        }
        path = "/v1/caseloads/hand-over"
        done = await office.http.post(path, json=body, headers=office.as_("rosa"))
        assert done.json() == {"handed_over": 2, "follow_ups": 0, "not_handed_over": []}
        again = await office.http.post(path, json=body, headers=office.as_("rosa"))
        assert again.json()["handed_over"] == 0
        assert (await types_of(office, ids[1]))[-1] == "transferred"
        assert (await types_of(office, ids[0]))[-1] == "cancelled"

    async def test_another_schools_coordinator_may_not(self, office: Running) -> None:
        body = {"site": "site-01", "from_coordinator": "a", "to_coordinator": "b"}
        answer = await office.http.post(
            "/v1/caseloads/hand-over", json=body, headers=office.as_("denise")
        )
        assert answer.status_code == 404

    async def test_the_new_school_sees_it_and_the_old_one_no_more(self, office: Running) -> None:
        id = await sent(office)
        body = {"coordinator": "staff-denise", "site": "site-02"}
        early = await act(office, id, "transfer", body, version=2)
        assert (early.status_code, slug(early)) == (409, "child-elsewhere"), "who would see it?"
        children = office.chassis.database["students"]
        await children.update_one({}, {"$set": {"site": "site-02"}})
        moved = await act(office, id, "transfer", body, version=2)
        assert (moved.status_code, moved.json()["site"]) == (200, "site-02")
        path = f"/v1/referrals/{id}"
        assert (await office.http.get(path, headers=office.as_("denise"))).status_code == 200
        assert (await office.http.get(path, headers=office.as_("rosa"))).status_code == 404


class TestDuplicates:
    async def test_the_same_need_that_is_open_is_told_and_can_be_overridden(
        self, office: Running
    ) -> None:
        family = await Family(office).entered()
        first = new_id()
        await family.referral(first)
        warned = await family.referral(new_id())
        assert (warned.status_code, slug(warned)) == (409, "duplicate")
        assert first in warned.json()["detail"]
        assert (await family.referral(first)).status_code == 200, "a repeat is no duplicate"
        other = await family.referral(new_id(), despite_duplicate="Another tooth, another clinic")
        assert other.status_code == 200

    async def test_why_it_was_wanted_all_the_same_is_kept_sealed_and_shown(
        self, office: Running
    ) -> None:
        family = await Family(office).entered()
        first, second = new_id(), new_id()
        await family.referral(first)
        why = "Otra muela, marcada, otra clínica"
        made = await family.referral(second, despite_duplicate=why)
        path = f"/v1/referrals/{second}"
        read = await office.http.get(path, headers=office.as_("rosa"))
        for answer in (made, read):
            assert (answer.json()["duplicate_of"], answer.json()["despite_duplicate"]) == (
                first,
                why,
            )
        plain = await office.http.get(f"/v1/referrals/{first}", headers=office.as_("rosa"))
        assert (plain.json()["duplicate_of"], plain.json()["despite_duplicate"]) == (None, None)
        lines = await office.http.get(f"{path}/history", headers=office.as_("rosa"))
        (begun,) = [each for each in lines.json()["items"] if each["what"] == "referral.created"]
        assert begun["about"] == {"duplicate_of": first}
        rows = office.chassis.database["referrals"].find({})
        assert "marcada" not in str([row async for row in rows])

    async def test_what_has_ended_is_followed_by_a_linked_one(self, office: Running) -> None:
        family = await Family(office).entered()
        first, second = new_id(), new_id()
        await family.referral(first)
        await act(office, first, "cancel", {"reason": "nobody-answered"}, version=1)
        linked = await family.referral(second, re_referral_of=first)
        assert (linked.status_code, linked.json()["re_referral_of"]) == (200, first)
        stranger = await (await Family(office).entered()).referral(new_id(), re_referral_of=first)
        assert stranger.status_code == 404


class TestBulk:
    async def test_every_row_is_its_own_referral_and_a_bad_one_keeps_none(
        self, office: Running
    ) -> None:
        children = [(await Family(office).entered()).student for _ in range(3)]
        rows = [{"referral": new_id(), "student": each} for each in children]
        rows.insert(1, {"referral": new_id(), "student": new_id()})
        rows.append({"referral": "not-an-id", "student": children[0]})
        rows.append({"referral": new_id(), "student": children[0]})
        body = {
            "category": "vision",
            "need": "Vision clinic in October",
            "candidate": {"service": "svc-smiles", "agency": "agy-smiles"},
            "rows": rows,
        }
        headers = office.as_("rosa")
        first = (await office.http.post("/v1/bulk-referrals", json=body, headers=headers)).json()
        assert first["sent"] == 3
        assert [each["problem"] for each in first["rows"]] == [
            None,
            "not-found",
            None,
            None,
            "malformed-id",
            "duplicate",
        ]
        assert await types_of(office, rows[0]["referral"]) == ["created", "requested"]
        again = (await office.http.post("/v1/bulk-referrals", json=body, headers=headers)).json()
        assert again == first
        assert await types_of(office, rows[0]["referral"]) == ["created", "requested"]

    async def test_many_go_under_one_name_for_the_agency_and_one_child_alone_under_none(
        self, office: Running
    ) -> None:
        async def asked(*students: str, by_phone: bool = False) -> set[tuple[str | None, bool]]:
            rows = [{"referral": new_id(), "student": each} for each in students]
            smiles = {"service": "svc-smiles", "agency": "agy-smiles", "by_phone": by_phone}
            body = {
                "category": "vision",
                "need": "Vision clinic",
                "candidate": smiles,
                "rows": rows,
            }
            headers = office.as_("rosa")
            answer = await office.http.post("/v1/bulk-referrals", json=body, headers=headers)
            assert answer.json()["sent"] == len(students)
            ids = office.chassis.ids
            return {
                (event.batch, event.candidate.by_phone)
                async for each in office.chassis.log.all()
                if each.envelope.key in {row["referral"] for row in rows}
                and isinstance(
                    event := cloudevents.read(each.envelope, each.data, ids), ReferralRequested
                )
            }

        children = [(await Family(office).entered()).student for _ in range(7)]
        first, second = await asked(*children[:2]), await asked(*children[2:4])
        assert len(first) == len(second) == 1
        assert first.isdisjoint(second)
        assert (None, False) not in first | second
        assert await asked(children[4]) == {(None, False)}
        assert await asked(*children[5:], by_phone=True) == {(None, True)}

    async def test_two_at_the_same_instant_send_each_child_once(self, office: Running) -> None:
        children = [(await Family(office).entered()).student for _ in range(4)]
        rows = [{"referral": new_id(), "student": each} for each in children]
        body = {
            "category": "vision",
            "need": "Vision clinic",
            "candidate": {"service": "svc-smiles", "agency": "agy-smiles"},
            "rows": rows,
        }
        headers = office.as_("rosa")
        answers = await asyncio.gather(
            *(office.http.post("/v1/bulk-referrals", json=body, headers=headers) for _ in range(3))
        )
        assert {answer.json()["sent"] for answer in answers} == {4}
        for row in rows:
            assert await types_of(office, row["referral"]) == ["created", "requested"]

    async def test_more_than_a_hundred_are_refused_whole(self, office: Running) -> None:
        rows = [{"referral": new_id(), "student": new_id()} for _ in range(101)]
        body = {
            "category": "vision",
            "need": "n",
            "candidate": {"service": "s", "agency": "a"},
            "rows": rows,
        }
        answer = await office.http.post("/v1/bulk-referrals", json=body, headers=office.as_("rosa"))
        assert (answer.status_code, slug(answer)) == (422, "malformed")
