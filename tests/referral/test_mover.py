"""Open referrals follow a child to another school, to somebody who has a right there."""

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pymongo.errors import AutoReconnect

from services.chassis.errors import rule
from services.chassis.events.log import Entry
from services.chassis.ids import new_id
from services.chassis.store import Change
from services.referral.handlers import referrals
from services.referral.handlers.desk import Desk
from services.referral.handlers.staff import without_owner
from services.referral.model.commands import Command
from services.referral.model.evolve import settled
from services.referral.model.people import Student
from services.referral.model.referral import NOBODY, Referral, State
from services.referral.mover import MARKED_FOR, Mover
from tests.referral.build import referral as draft
from tests.referral.test_roll_over import School
from tests.referral.test_roll_over import school as school  # noqa: PLC0414 - a fixture


@pytest.fixture
def mover(school: School) -> Mover:
    (found,) = [
        each.__self__  # type: ignore[attr-defined] # a bound method
        for each in school.service.service.parts.tasks
        if isinstance(getattr(each, "__self__", None), Mover)
    ]
    assert isinstance(found, Mover)
    return found


async def need(school: School, child: str, **changes: Any) -> str:
    id = new_id()
    made = settled(draft(id=id, student=school.children[child], **changes))
    await school.service.chassis.store.update([], lambda _: Change(None, [made]))
    return id


async def register(school: School, subject: str, *sites: str) -> None:
    roles = [{"role": "coordinator", "scope": each, "since": "2026-08-01"} for each in sites]
    body = {"subject": subject, "name": "Somebody Invented", "roles": roles}
    answer = await school.call("PUT", f"/v1/staff/{new_id()}", body, "ingrid")
    assert answer.status_code == 200, answer.text


async def roll(school: School) -> None:
    id = new_id()
    await school.preview(id)
    assert (await school.apply(id)).json()["state"] == "applied"


async def where(school: School, id: str) -> tuple[str, str]:
    found = await school.service.chassis.store.get(Referral, id)
    assert found is not None
    return found.site, found.coordinator


async def test_open_ones_go_to_the_new_schools_coordinator_and_closed_ones_stay(
    school: School, mover: Mover
) -> None:
    await register(school, "rosa", "site-01")
    await register(school, "denise", "site-02")
    open_one = await need(school, "Luis", state=State.IN_PROGRESS)
    ended = await need(school, "Luis", state=State.COMPLETED)
    stays = await need(school, "Noor")
    await roll(school)
    assert await mover.once() == 1
    assert await where(school, open_one) == ("site-02", "denise")
    assert await where(school, ended) == ("site-01", "rosa")
    assert await where(school, stays) == ("site-01", "rosa")
    assert await mover.once() == 0


async def test_whoever_has_the_role_there_too_keeps_it(school: School, mover: Mover) -> None:
    await register(school, "rosa", "site-01", "site-02")
    await register(school, "denise", "site-02")
    id = await need(school, "Luis")
    await roll(school)
    await mover.once()
    assert await where(school, id) == ("site-02", "rosa")


async def test_where_nobody_is_registered_it_waits_in_the_new_schools_queue(
    school: School, mover: Mover
) -> None:
    id = await need(school, "Luis", state=State.IN_PROGRESS)
    await roll(school)
    await mover.once()
    assert await where(school, id) == ("site-02", NOBODY)
    theirs = (await school.call("GET", "/v1/today", who="denise")).json()["items"]
    assert [(each["reason"], each["step"], each["owner"]) for each in theirs] == [
        ("no-coordinator", "take-over", None)
    ]
    assert (await school.call("GET", "/v1/today", who="rosa")).json()["items"] == []
    chassis = school.service.chassis
    unowned = await without_owner(
        chassis.store, chassis.register, frozenset({"site-02"}), chassis.clock.now()
    )
    assert unowned == {(NOBODY, "site-02"): [id]}
    seen = await school.call("GET", f"/v1/referrals/{id}", who="denise")
    assert seen.json()["coordinator"] is None
    took = await school.call(
        "POST",
        f"/v1/referrals/{id}/transfer",
        {"coordinator": "denise"},
        "denise",
        **{"If-Match": seen.headers["etag"]},
    )
    assert took.status_code == 200, took.text
    assert (await school.call("GET", "/v1/today", who="denise")).json()["items"] == []


async def test_one_written_at_the_same_instant_is_found_and_the_mark_goes_at_last(
    school: School, mover: Mover
) -> None:
    await roll(school)
    await mover.once()
    late = await need(school, "Luis")
    assert await mover.once() == 1
    assert (await where(school, late))[0] == "site-02"
    store = school.service.chassis.store
    long_ago = datetime.now(UTC) - MARKED_FOR - timedelta(seconds=1)
    rows = school.service.chassis.database["students"]
    await rows.update_one({"_id": school.children["Luis"]}, {"$set": {"moved_at": long_ago}})
    await mover.once()
    child = await store.get(Student, school.children["Luis"])
    assert child is not None
    assert child.moved_at is None


async def test_thousands_go_at_once_and_none_waits_for_the_marks_of_others(
    school: School, mover: Mover, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.referral.mover.BATCH", 3)
    monkeypatch.setattr("services.referral.mover.SLICE", 2)
    await register(school, "denise", "site-02")
    await register(school, "marta", "site-02")
    names = [f"Child {number}" for number in range(8)]
    for name in names:
        await school.enter(name, "05")
    ids = [await need(school, name, state=State.IN_PROGRESS) for name in names for _ in range(2)]
    await roll(school)

    assert await mover.once() == len(ids)

    there = [await where(school, id) for id in ids]
    assert Counter(there) == {("site-02", "denise"): 8, ("site-02", "marta"): 8}
    assert await mover.once() == 0


async def test_what_a_crash_has_left_behind_goes_after_it_and_nothing_twice(
    school: School, mover: Mover, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.referral.mover.SLICE", 2)
    await register(school, "denise", "site-02")
    names = [f"Child {number}" for number in range(3)]
    for name in names:
        await school.enter(name, "05")
    ids = [await need(school, name, state=State.IN_PROGRESS) for name in names for _ in range(2)]
    await roll(school)
    store, slices = school.service.chassis.store, 0
    writes = store.log.append_all

    async def dies(entries: Sequence[Entry]) -> None:
        nonlocal slices
        slices += 1
        await writes(entries)
        if slices == 2:
            raise AutoReconnect("the process is gone, in the middle of a transaction")

    with monkeypatch.context() as patch:
        patch.setattr(store.log, "append_all", dies)
        with pytest.raises(AutoReconnect):
            await mover.once()
    went = [id for id in ids if await where(school, id) == ("site-02", "denise")]
    assert len(went) == 2, "one whole transaction, and nothing of the other"

    assert await mover.once() == 4
    assert {await where(school, id) for id in ids} == {("site-02", "denise")}
    told = {"type": "org.enlace.referral.transferred.v1", "key": {"$in": ids}}
    assert await school.service.chassis.database["event_log"].count_documents(told) == 6


async def test_one_that_cannot_go_keeps_no_other_back(
    school: School, mover: Mover, monkeypatch: pytest.MonkeyPatch
) -> None:
    await register(school, "denise", "site-02")
    stuck, goes = [await need(school, "Luis", state=State.IN_PROGRESS) for _ in range(2)]
    await roll(school)
    changed = referrals.changed

    def refuses(desk: Desk, known: Referral, wish: Command, now: datetime) -> Change[None]:
        if known.id == stuck:
            raise rule("wrong-state", "It has ended meanwhile.", es="Ya terminó.")
        return changed(desk, known, wish, now)

    with monkeypatch.context() as patch:
        patch.setattr(referrals, "changed", refuses)
        assert await mover.once() == 1
    assert (await where(school, goes))[0] == "site-02"
    assert (await where(school, stuck))[0] == "site-01"
    assert await mover.once() == 1, "it is tried again"


async def test_a_next_step_goes_along_and_is_the_new_coordinators(
    school: School, mover: Mover
) -> None:
    await register(school, "denise", "site-02")
    id = await need(school, "Luis", coordinator="rosa")
    sought = {
        "student": school.children["Luis"],
        "referral": id,
        "kind": "call",
        "reached": False,
        "happened_at": "2026-10-01T16:00:00Z",
        "next_step": "Go by the house",
        "next_on": "2026-10-02",
    }
    attempt = new_id()
    written = await school.call("PUT", f"/v1/contact-attempts/{attempt}", sought)
    assert written.status_code == 200, written.text

    async def steps(who: str) -> list[tuple[str, str | None]]:
        page = (await school.call("GET", "/v1/today?reason=overdue-task", who=who)).json()
        calls = [each for row in page["items"] for each in (row, *row["more"])]
        return [
            (each["record"], each["owner"]) for each in calls if each["step"] == "take-next-step"
        ]

    assert (await steps("rosa"), await steps("denise")) == ([(attempt, "rosa")], [])
    await roll(school)
    await mover.once()
    assert (await steps("rosa"), await steps("denise")) == ([], [(attempt, "denise")])


async def test_tasks_go_along_and_the_old_school_sees_none_of_them(
    school: School, mover: Mover
) -> None:
    held = {
        "student": school.children["Luis"],
        "held_on": "2026-10-01",
        "participants": [{"name": "Rosa M.", "role": "teacher"}],
        "decided": "Glasses first",
        "tasks": [
            {"id": new_id(), "what": "Call", "owner": "rosa", "due_on": "2026-10-02"},
        ],
    }
    written = await school.call("PUT", f"/v1/meetings/{new_id()}", held)
    assert written.status_code == 200, written.text
    for each in school.service.service.parts.sweeps:
        await each.once()

    async def rows(who: str) -> list[str]:
        return [
            each["reason"]
            for each in (await school.call("GET", "/v1/today", who=who)).json()["items"]
        ]

    assert (await rows("rosa"), await rows("denise")) == (["overdue-task"], [])
    await roll(school)
    assert await rows("rosa") == [], "before it has followed, too"
    await mover.once()
    assert (await rows("rosa"), await rows("denise")) == ([], ["overdue-task"])
