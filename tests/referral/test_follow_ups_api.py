"""Follow-ups over HTTP and on their due times, on a real database."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import httpx2
import pytest

from contracts.codes import Outcome, Progress
from services.chassis.clock import FixedClock
from services.chassis.timers import Sweep
from services.referral.handlers import referrals
from services.referral.handlers.desk import Desk
from services.referral.main import build
from services.referral.model import commands
from services.referral.model.referral import Referral
from services.referral.model.rules import Rules
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.referral.test_api import PEOPLE, slug
from tests.referral.test_release import Scene
from tests.running import running
from tests.servers import Cell


@pytest.fixture
async def taken(cell: Cell, tmp_path: Path) -> AsyncIterator[Scene]:
    clock = FixedClock(NOW)
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, PEOPLE, clock=clock
    ) as service:
        yield await Scene(service, tmp_path, clock).claimed()


async def read(scene: Scene, who: str = "rosa") -> dict[str, Any]:
    path = f"/v1/referrals/{scene.id}/follow-ups"
    answer = await scene.service.http.get(path, headers=scene.service.as_(who))
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


async def act(
    scene: Scene, what: str, body: dict[str, Any], *, place: int = 1, who: str = "rosa"
) -> httpx2.Response:
    known = await read(scene)
    path = f"/v1/referrals/{scene.id}/follow-ups/{known['items'][place]['id']}/{what}"
    headers = {**scene.service.as_(who), "If-Match": f'"{known["version"]}"'}
    return await scene.service.http.post(path, json=body, headers=headers)


def sweep(scene: Scene) -> Sweep[Referral]:
    desk = Desk(scene.service.chassis.store, scene.clock, Rules)
    return Sweep(scene.service.chassis.store, scene.clock, Referral, partial(referrals.tick, desk))


async def logged(scene: Scene) -> list[str]:
    rows = scene.service.chassis.database["event_log"].find(
        {"key": scene.id, "topic": "follow-ups"}, sort=[("sequence", 1)]
    )
    return [str(row["type"]).removeprefix("org.enlace.follow-up.") async for row in rows]


async def test_an_acceptance_plans_them_and_they_are_listed(taken: Scene) -> None:
    told = await read(taken, "nurse")
    assert [(each["kind"], each["due_on"], each["owner"]) for each in told["items"]] == [
        ("agency-silent", "2026-10-23", "rosa"),
        ("look-in", "2026-10-27", "rosa"),
    ]


async def test_one_is_seen_to_with_words_that_stand_nowhere_in_clear(taken: Scene) -> None:
    body = {"words": "Palabras marcadas: todo va bien"}
    answer = await act(taken, "done", body, who="nurse")
    assert answer.status_code == 200, answer.text
    look = answer.json()["items"][1]
    assert (look["state"], look["end"], look["words"]) == ("done", "done", body["words"])
    again = await act(taken, "done", body, who="nurse")
    assert (again.status_code, again.json()) == (200, answer.json()), "a repeat is the same answer"
    database = taken.service.chassis.database
    everything = ""
    for name in await database._database.list_collection_names():
        everything += str([row async for row in database[name].find({})])
    assert "marcadas" not in everything


async def test_words_of_a_second_report_are_refused_and_never_dropped(taken: Scene) -> None:
    assert (await act(taken, "done", {"words": "Todo bien"})).status_code == 200
    for who, body in (("rosa", {"words": "Otra cosa"}), ("nurse", {"words": "Todo bien"})):
        answer = await act(taken, "done", body, who=who)
        assert (answer.status_code, slug(answer)) == (409, "follow-up-over"), who
    assert (await read(taken))["items"][1]["words"] == "Todo bien"


async def test_the_family_answers_by_telephone_and_the_loop_is_closed(taken: Scene) -> None:
    desk = Desk(taken.service.chassis.store, taken.clock, Rules)
    done = commands.Report(taken.claim, Progress.COMPLETED, outcome=Outcome.NEED_MET)
    await referrals.command(desk, taken.id, done)
    bad = await act(taken, "done", {"reply": "maybe"}, place=2)
    assert (bad.status_code, slug(bad)) == (422, "malformed")
    answer = await act(taken, "done", {"reply": "yes", "words": "Llamé a la mamá"}, place=2)
    assert answer.json()["items"][2]["end"] == "answered"
    shown = await taken.service.http.get(
        f"/v1/referrals/{taken.id}", headers=taken.service.as_("rosa")
    )
    assert shown.json()["business"] == "family-verified"


async def test_one_is_put_off_and_given_to_somebody_else(taken: Scene) -> None:
    put_off = await act(taken, "snooze", {"due_on": "2026-10-31", "reason": "family-asked"})
    assert put_off.status_code == 200, put_off.text
    look = put_off.json()["items"][1]
    assert (look["due_on"], look["snoozed"]) == ("2026-11-02", "family-asked"), "a Saturday moves"
    given = await act(taken, "reassign", {"owner": "nurse"})
    assert given.json()["items"][1]["owner"] == "nurse"
    assert (await logged(taken))[-2:] == ["snoozed.v1", "reassigned.v1"]


@pytest.mark.parametrize(
    ("what", "body", "status", "problem"),
    [
        ("snooze", {"due_on": "2026-10-13", "reason": "other"}, 409, "snooze-date"),
        ("snooze", {"due_on": "2027-10-13", "reason": "other"}, 409, "snooze-date"),
        ("snooze", {"due_on": "2026-10-20", "reason": "tired"}, 422, "reason-unknown"),
        ("snooze", {"due_on": "2026-10-20"}, 422, "malformed"),
        ("done", {"words": "x" * 2_001}, 422, "malformed"),
        ("done", {"reply": "yes"}, 422, "no-question"),
        ("done", {"mood": "good"}, 422, "malformed"),
        ("reassign", {"owner": ""}, 422, "malformed"),
        ("reassign", {"owner": "Ana Ramírez"}, 422, "malformed"),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(
    taken: Scene, what: str, body: dict[str, Any], status: int, problem: str
) -> None:
    before = await read(taken)
    answer = await act(taken, what, body)
    assert (answer.status_code, slug(answer)) == (status, problem)
    assert await read(taken) == before


async def test_who_may_do_what_and_that_another_school_learns_nothing(taken: Scene) -> None:
    for who, what, body, status in (
        ("nurse", "reassign", {"owner": "nurse"}, 403),
        ("denise", "done", {}, 404),
        ("lead", "done", {}, 403),
        ("nurse", "done", {}, 200),
    ):
        answer = await act(taken, what, body, who=who)
        assert answer.status_code == status, (who, what)


async def test_of_two_who_act_at_once_the_second_sees_what_changed(taken: Scene) -> None:
    first, second = await asyncio.gather(
        act(taken, "done", {"words": "Rosa"}),
        act(taken, "snooze", {"due_on": "2026-10-29", "reason": "other"}, who="nurse"),
    )
    problems = {412: "stale-version", 409: "follow-up-over"}
    lost = [each for each in (first, second) if each.status_code != 200]
    assert len(lost) == 1
    assert slug(lost[0]) == problems[lost[0].status_code]


async def test_an_unknown_follow_up_or_a_missing_version_is_told(taken: Scene) -> None:
    rosa = taken.service.as_("rosa")
    path = f"/v1/referrals/{taken.id}/follow-ups/{taken.id}-99/done"
    without = await taken.service.http.post(path, json={}, headers=rosa)
    assert (without.status_code, slug(without)) == (422, "if-match-missing")
    unknown = await taken.service.http.post(path, json={}, headers={**rosa, "If-Match": '"3"'})
    assert (unknown.status_code, slug(unknown)) == (404, "not-found")


async def test_after_a_stop_of_months_each_fires_once_and_goes_up_once(taken: Scene) -> None:
    sweeping = sweep(taken)
    for days in (60, 0, 0, 10, 10, 10, 60):
        taken.clock.advance(timedelta(days=days))
        while await sweeping.once():
            pass
    steps = [each for each in await logged(taken) if each != "scheduled.v1"]
    assert steps == [
        "due.v1",
        "due.v1",
        "overdue.v1",
        "overdue.v1",
        "escalated.v1",
        "escalated.v1",
        "escalated.v1",
        "escalated.v1",
    ]


async def test_two_workers_that_sweep_at_once_fire_each_once(taken: Scene) -> None:
    taken.clock.advance(timedelta(days=20))
    await asyncio.gather(*(sweep(taken).once() for _ in range(4)))
    assert (await logged(taken)).count("due.v1") == 2
