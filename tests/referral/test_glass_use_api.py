"""How often and by whom the glass may be broken: counted, limited, suspended and let again."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.referral.main import build
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.referral.test_api import slug
from tests.referral.test_glass_api import PEOPLE, REASON, Scene, look
from tests.running import person, running
from tests.servers import Cell

EVERYBODY = PEOPLE | {
    "otto": person("otto", "admin"),
    "site2": person("site2", "coordinator:site-02"),
}
MOST, TOO_OFTEN = 6, 429


@pytest.fixture
async def scene(cell: Cell, tmp_path: Path) -> AsyncIterator[Scene]:
    clock = FixedClock(NOW)
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, EVERYBODY, clock=clock
    ) as service:
        yield await Scene(service, clock).set()


async def judged(scene: Scene, id: str, *, justified: bool = False, who: str = "rosa") -> None:
    body = {"justified": justified}
    answer = await scene.call("POST", f"/v1/break-glass/{id}/review", body, who)
    assert answer.status_code == 200, answer.text


async def tried(scene: Scene, who: str = "denise", **what: str) -> httpx2.Response:
    body = {"reason": REASON, **what}
    return await scene.call("PUT", f"/v1/break-glass/{new_id()}", body, who)


async def people(scene: Scene, who: str) -> list[tuple[str, int, int]]:
    found = (await scene.call("GET", "/v1/break-glass/people", who=who)).json()["people"]
    return [(each["by"], each["searches"], each["turned_away"]) for each in found]


async def test_beginnings_and_typos_of_a_name_find_nobody(scene: Scene) -> None:
    for name in ("An Ram", "ana ramire", "Ana Ramírex", "Ana Lopez", "la ana"):
        answer = await look(scene, name, "ingrid")
        assert answer.json().get("items", []) == [], name
        scene.clock.advance(timedelta(minutes=15))
    for name in ("RAMIREZ, ANA", "anita ramírez", "Ana de Ramirez"):
        answer = await look(scene, name, "ingrid")
        assert [each["name"] for each in answer.json()["items"]] == ["Ana Ramírez"], name
        scene.clock.advance(timedelta(minutes=15))


async def test_at_most_five_of_one_name_are_told(scene: Scene) -> None:
    body = scene.family.student_body() | {"given_name": "Luz", "family_name": "Prado"}
    for _ in range(6):
        await scene.family.put(f"/v1/students/{new_id()}", body)
    found = (await look(scene, "luz prado")).json()
    assert (len(found["items"]), found["more"]) == (5, True)


async def test_after_so_many_names_in_an_hour_nobody_is_told_and_the_reviewers_see_it(
    scene: Scene,
) -> None:
    for _ in range(MOST):
        assert (await look(scene, "Ana Ramírez")).status_code == 200
    refused = await look(scene, "Ana Ramírez")
    assert (refused.status_code, slug(refused)) == (TOO_OFTEN, "break-glass-too-often")
    assert "call the child's school" in refused.json()["detail"]
    assert "llame a su escuela" in refused.json()["detail_es"]
    assert scene.family.student not in refused.text
    assert (await look(scene, "Ana Ramírez", "ingrid")).status_code == 200, "each has their own"

    assert sorted(await people(scene, "rosa")) == [("denise", MOST, 1), ("ingrid", 1, 0)]
    audited = await scene.call("GET", "/v1/audit-log?action=break-glass-turned-away", who="ingrid")
    assert [each["subject"] for each in audited.json()["items"]] == ["denise"]
    opened = await scene.break_glass(referral=scene.dental)
    (waiting,) = (await scene.call("GET", "/v1/break-glass", who="rosa")).json()["items"]
    assert (waiting["id"], waiting["opener"]["searches"]) == (opened, MOST)

    scene.clock.advance(timedelta(minutes=61))
    assert (await look(scene, "Ana Ramírez")).status_code == 200


async def test_the_district_says_how_many_names_an_hour(scene: Scene) -> None:
    rules = await scene.call("GET", "/v1/rules", who="ingrid")
    body = rules.json()["rules"] | {"break_glass_searches_an_hour": 1}
    etag = {"If-Match": rules.headers["etag"]}
    changed = await scene.call("PUT", "/v1/rules", body, "ingrid", **etag)
    assert changed.status_code == 200, changed.text
    assert (await look(scene, "Ana Ramírez")).status_code == 200
    assert (await look(scene, "Ana Ramírez")).status_code == TOO_OFTEN


async def test_two_processes_count_together_also_at_once(
    scene: Scene, cell: Cell, tmp_path: Path
) -> None:
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, EVERYBODY, clock=scene.clock
    ) as other:
        answers = await asyncio.gather(
            *(look(Scene(each, scene.clock), "Ana Ramírez") for each in [scene.service, other] * 5)
        )
    answered = [each.status_code for each in answers]
    assert (answered.count(200), answered.count(TOO_OFTEN)) == (MOST, 10 - MOST)
    assert await people(scene, "ingrid") == [("denise", MOST, 10 - MOST)]


async def test_a_school_sees_who_was_told_of_its_children_and_the_district_everybody(
    scene: Scene,
) -> None:
    await look(scene, "Nadie Conocida")
    assert await people(scene, "rosa") == []
    assert await people(scene, "ingrid") == [("denise", 1, 0)]
    await look(scene, "Ana Ramírez")
    assert await people(scene, "rosa") == [("denise", 2, 0)]
    assert await people(scene, "site2") == []
    scene.clock.advance(timedelta(days=31))
    assert await people(scene, "ingrid") == []


async def test_who_was_found_not_justified_opens_finds_and_reads_nothing_any_more(
    scene: Scene,
) -> None:
    first = await scene.break_glass(referral=scene.dental)
    await scene.break_glass(referral=scene.counseling)
    assert await scene.status(f"/v1/referrals/{scene.counseling}") == 200
    await judged(scene, first)

    assert await scene.status(f"/v1/referrals/{scene.counseling}") == 404, "what else was open"
    again = await tried(scene, student=scene.family.student)
    assert (again.status_code, slug(again)) == (403, "break-glass-suspended")
    assert "call the child's school" in again.json()["detail"]
    assert "llame a su escuela" in again.json()["detail_es"]
    assert slug(await look(scene, "Ana Ramírez")) == "break-glass-suspended"
    assert (await tried(scene, "ingrid", referral=scene.dental)).status_code == 200

    listed = (await scene.call("GET", "/v1/break-glass?waiting=false", who="rosa")).json()
    (opener,) = [each["opener"] for each in listed["items"]]
    assert (opener["suspended"], opener["suspended_for"]) == (True, first)
    scene.clock.advance(timedelta(days=29))
    assert (await tried(scene, referral=scene.dental)).status_code == 403
    scene.clock.advance(timedelta(days=1))
    assert (await tried(scene, referral=scene.dental)).status_code == 200


async def test_an_administrator_lets_them_again_and_never_oneself(scene: Scene) -> None:
    denises = await scene.break_glass(referral=scene.dental)
    ingrids = await scene.break_glass("ingrid", referral=scene.counseling)
    await judged(scene, denises)
    await judged(scene, ingrids)
    for who in ("rosa", "denise"):
        path = f"/v1/break-glass/{denises}/let-again"
        assert (await scene.call("POST", path, who=who)).status_code == 403
    own = await scene.call("POST", f"/v1/break-glass/{ingrids}/let-again", who="ingrid")
    assert slug(own) == "own-suspension"

    for _ in range(2):
        path = f"/v1/break-glass/{denises}/let-again"
        let = await scene.call("POST", path, who="ingrid")
        assert let.json()["opener"]["suspended"] is False
    assert (await scene.call("POST", f"/v1/break-glass/{ingrids}/let-again", who="otto")).is_success
    assert (await tried(scene, referral=scene.dental)).status_code == 200
    assert (await scene.audited()).count("break-glass-let-again") == 2


async def test_a_suspension_lasts_until_it_is_lifted_where_the_district_says_so(
    scene: Scene,
) -> None:
    rules = await scene.call("GET", "/v1/rules", who="ingrid")
    body = rules.json()["rules"] | {"break_glass_suspended_days": None}
    etag = {"If-Match": rules.headers["etag"]}
    assert (await scene.call("PUT", "/v1/rules", body, "ingrid", **etag)).status_code == 200
    await judged(scene, await scene.break_glass(referral=scene.dental))
    scene.clock.advance(timedelta(days=2_000))
    assert (await tried(scene, referral=scene.dental)).status_code == 403


async def test_a_justified_opening_suspends_nobody(scene: Scene) -> None:
    await judged(scene, await scene.break_glass(referral=scene.dental), justified=True)
    assert (await tried(scene, referral=scene.dental)).status_code == 200


async def test_an_opening_that_crosses_its_review_is_read_by_nobody(
    scene: Scene, cell: Cell, tmp_path: Path
) -> None:
    first = await scene.break_glass(referral=scene.dental)
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, EVERYBODY, clock=scene.clock
    ) as there:
        await asyncio.gather(
            judged(scene, first),
            *(tried(Scene(there, scene.clock), student=scene.family.student) for _ in range(5)),
        )
    assert await scene.status(f"/v1/students/{scene.family.student}") == 404
