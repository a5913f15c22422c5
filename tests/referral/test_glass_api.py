"""Break-glass on a real database: opened for a while, for a reason, never silently."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.referral.main import build
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.referral.test_api import Family, slug
from tests.running import Running, person, running
from tests.servers import Cell

PEOPLE = {
    "rosa": person("rosa", "coordinator:site-01"),
    "nurse": person("nurse", "care-team:site-01"),
    "denise": person("denise", "coordinator:site-02"),
    "ingrid": person("ingrid", "admin"),
}
REASON = "The mother is at our school's door and asks for her daughter's appointment"


class Scene:
    """A child of the first school with a dental and a counseling referral."""

    def __init__(self, service: Running, clock: FixedClock) -> None:
        self.service = service
        self.clock = clock
        self.family = Family(service)
        self.dental, self.counseling = new_id(), new_id()

    async def set(self) -> "Scene":
        await self.family.entered()
        await self.family.referral(self.dental)
        await self.family.referral(self.counseling, category="mental-health")
        return self

    async def call(
        self, method: str, path: str, body: object = None, who: str = "denise", **headers: str
    ) -> httpx2.Response:
        return await self.service.http.request(
            method, path, json=body, headers=self.service.as_(who) | headers
        )

    async def break_glass(self, who: str = "denise", **what: Any) -> str:
        id = new_id()
        body = {"reason": REASON, **what}
        answer = await self.call("PUT", f"/v1/break-glass/{id}", body, who)
        assert answer.status_code == 200, answer.text
        return id

    async def status(self, path: str, who: str = "denise") -> int:
        return (await self.call("GET", path, who=who)).status_code

    async def audited(self) -> list[str]:
        answer = await self.call("GET", "/v1/audit-log", who="ingrid")
        return [each["action"] for each in answer.json()["items"]]


@pytest.fixture
async def scene(cell: Cell, tmp_path: Path) -> AsyncIterator[Scene]:
    clock = FixedClock(NOW)
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, PEOPLE, clock=clock
    ) as service:
        yield await Scene(service, clock).set()


async def test_one_referral_is_opened_and_nothing_beside_it(scene: Scene) -> None:
    assert await scene.status(f"/v1/referrals/{scene.dental}") == 404
    await scene.break_glass(referral=scene.dental)

    assert await scene.status(f"/v1/referrals/{scene.dental}") == 200
    assert await scene.status(f"/v1/referrals/{scene.dental}/timeline") == 200
    assert await scene.status(f"/v1/referrals/{scene.counseling}") == 404
    assert await scene.status(f"/v1/students/{scene.family.student}/notes") == 404
    assert await scene.status(f"/v1/referrals/{scene.dental}", "nurse") == 200


async def test_a_child_s_whole_record_is_opened_with_what_is_restricted(scene: Scene) -> None:
    await scene.break_glass(student=scene.family.student)
    assert await scene.status(f"/v1/students/{scene.family.student}") == 200
    assert await scene.status(f"/v1/families/{scene.family.family}") == 200
    assert await scene.status(f"/v1/referrals/{scene.counseling}") == 200


async def test_it_closes_by_itself(scene: Scene) -> None:
    await scene.break_glass(referral=scene.dental)
    scene.clock.advance(timedelta(minutes=61))
    assert await scene.status(f"/v1/referrals/{scene.dental}") == 404


async def test_it_lets_read_and_never_change(scene: Scene) -> None:
    await scene.break_glass(referral=scene.dental)
    cancel = await scene.call(
        "POST",
        f"/v1/referrals/{scene.dental}/cancel",
        {"reason": "other"},
        **{"If-Match": '"1"'},
    )
    assert cancel.status_code == 404


async def test_it_is_for_who_opened_it_alone_and_for_the_roles_that_the_district_names(
    scene: Scene,
) -> None:
    await scene.break_glass(referral=scene.counseling, who="ingrid")
    body = {"reason": REASON, "referral": scene.counseling}
    refused = await scene.call("PUT", f"/v1/break-glass/{new_id()}", body, "nurse")

    assert refused.status_code == 403
    assert await scene.status(f"/v1/referrals/{scene.counseling}", "ingrid") == 200
    assert await scene.status(f"/v1/referrals/{scene.counseling}", "denise") == 404


async def test_every_reading_is_written_down_and_the_school_is_told(scene: Scene) -> None:
    id = await scene.break_glass(referral=scene.dental)
    await scene.status(f"/v1/referrals/{scene.dental}")
    await scene.status(f"/v1/referrals/{scene.dental}/timeline")

    assert await scene.audited() == ["break-glass-read", "break-glass-read", "break-glass-opened"]
    log = scene.service.chassis.database["event_log"]
    told = [row["key"] async for row in log.find({"topic": "staff"})]
    assert told == [id]
    waiting = (await scene.call("GET", "/v1/break-glass?waiting=true", who="rosa")).json()["items"]
    assert [(each["id"], each["by"], each["reason"]) for each in waiting] == [
        (id, "denise", REASON)
    ]


async def test_somebody_else_reviews_it_once(scene: Scene) -> None:
    id = await scene.break_glass(referral=scene.dental)
    path = f"/v1/break-glass/{id}/review"
    elsewhere = await scene.call("POST", path, {"justified": True})
    good = await scene.call("POST", path, {"justified": True, "words": "She called me"}, "rosa")
    other = await scene.call("POST", path, {"justified": False}, "ingrid")
    own = await scene.break_glass(referral=scene.counseling, who="ingrid")
    mine = await scene.call("POST", f"/v1/break-glass/{own}/review", {"justified": True}, "ingrid")

    assert elsewhere.status_code == 404
    assert good.json()["review"]["words"] == "She called me"
    assert (slug(other), slug(mine)) == ("reviewed", "own-opening")
    waiting = (await scene.call("GET", "/v1/break-glass?waiting=true", who="rosa")).json()
    assert [each["id"] for each in waiting["items"]] == [own]


async def look(scene: Scene, name: str, who: str = "denise", **more: str) -> httpx2.Response:
    body = {"name": name, "reason": REASON, **more}
    return await scene.call("POST", "/v1/break-glass/search", body, who)


async def test_not_justified_ends_it_at_once_and_justified_leaves_it(scene: Scene) -> None:
    right = await scene.break_glass(referral=scene.counseling, who="ingrid")
    await scene.call("POST", f"/v1/break-glass/{right}/review", {"justified": True}, "rosa")
    assert await scene.status(f"/v1/referrals/{scene.counseling}", "ingrid") == 200

    wrong = await scene.break_glass(student=scene.family.student)
    assert await scene.status(f"/v1/students/{scene.family.student}") == 200
    scene.clock.advance(timedelta(minutes=5))
    found = await scene.call(
        "POST", f"/v1/break-glass/{wrong}/review", {"justified": False}, "rosa"
    )

    assert found.json()["closes_at"] == found.json()["review"]["at"]
    for path in (f"/v1/students/{scene.family.student}", f"/v1/referrals/{scene.dental}"):
        assert await scene.status(path) == 404, path


async def test_a_review_after_its_end_prolongs_nothing(scene: Scene) -> None:
    id = await scene.break_glass(referral=scene.dental)
    scene.clock.advance(timedelta(hours=3))
    body = {"justified": False}
    found = (await scene.call("POST", f"/v1/break-glass/{id}/review", body, "rosa")).json()
    assert found["closes_at"] < found["review"]["at"]


async def test_a_child_of_another_school_is_found_by_name_and_nothing_more_is_told(
    scene: Scene,
) -> None:
    answer = await look(scene, "ramirez ana")
    assert answer.status_code == 200, answer.text
    (child,) = answer.json()["items"]
    assert child == {
        "student": scene.family.student,
        "name": "Ana Ramírez",
        "site": "site-01",
        "school": child["school"],
    }
    assert await scene.status(f"/v1/students/{scene.family.student}") == 404
    listed = f"/v1/referrals?student={scene.family.student}"
    assert await scene.status(listed) == 404

    await scene.break_glass(student=child["student"])
    found = (await scene.call("GET", listed)).json()["items"]
    assert {each["id"] for each in found} == {scene.dental, scene.counseling}
    own = (await scene.call("GET", listed, who="nurse")).json()["items"]
    assert [each["id"] for each in own] == [scene.dental], "a restricted need stays restricted"


async def test_each_search_is_in_the_audit_log_with_the_children_it_named(scene: Scene) -> None:
    await look(scene, "Nadie Conocida")
    await look(scene, "Ana Ramírez")
    log = await scene.call("GET", "/v1/audit-log?action=break-glass-searched", who="ingrid")
    lines = [(each["subject"], each["site"], each["about"]) for each in log.json()["items"]]
    assert lines == [
        ("denise", "site-01", {"found": "1", "student": scene.family.student}),
        ("denise", None, {"found": "0"}),
    ]
    assert "Ram" not in log.text


async def test_one_word_finds_nobody_nor_does_a_name_without_a_reason(scene: Scene) -> None:
    for answer in (
        await look(scene, "Ramírez"),
        await look(scene, "A Ramírez"),
        await look(scene, "Ana Ramírez", reason="curious"),
    ):
        assert answer.status_code == 422
    field = (await look(scene, "Ramírez")).json()["fields"][0]
    assert "one word fits too many" in field["what"]
    assert "apellido" in field["what_es"]
    assert (await look(scene, "Ana Ramírez", "nurse")).status_code == 403


@pytest.mark.parametrize(
    "body",
    [
        {"reason": "curious", "referral": "r"},
        {"reason": REASON},
        {"reason": REASON, "referral": "r", "student": "s"},
    ],
)
async def test_an_opening_says_what_and_why(scene: Scene, body: dict[str, str]) -> None:
    answer = await scene.call("PUT", f"/v1/break-glass/{new_id()}", body)
    assert answer.status_code == 422
