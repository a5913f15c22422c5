"""Two households merged and parted over HTTP, on a real database. All people are invented."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from contracts.help_requests import RequestSource
from services.chassis.aggregate import Aggregate, Change
from services.chassis.ids import new_id
from services.referral.handlers.desk import Desk
from services.referral.handlers.help_requests import end_for_erasure
from services.referral.handlers.household import BY_STUDENT, OF_A_STUDENT
from services.referral.model.erasure import NOTHING
from services.referral.model.help_request import HelpRequest
from services.referral.model.people import Family, Student
from services.referral.model.rules import Rules
from tests.referral.build import NOW
from tests.referral.consents.scene import Scene, scene_in, slug
from tests.servers import Cell


class Two:
    """The scene's household, and another one with Luis, the aunt who raises him, and more."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self.family, self.student, self.aunt = new_id(), new_id(), new_id()
        self.merge = new_id()

    async def entered(self, site: str = "site-01", who: str = "rosa") -> "Two":
        aunt = {
            "id": self.aunt,
            "relation": "guardian",
            "given_name": "Carmen",
            "reads": "es",
            "phone": "(510) 555-0123",
            "may_be_told": True,
        }
        household = {"site": site, "contacts": [aunt]}
        await self.scene.done("PUT", f"/v1/families/{self.family}", household, who=who)
        await self.enter(self.student, self.family, site, who)
        return self

    async def enter(self, id: str, family: str, site: str = "site-01", who: str = "rosa") -> None:
        child = {"site": site, "family": family, "given_name": "Luis", "family_name": "Campoverde"}
        await self.scene.done("PUT", f"/v1/students/{id}", child, who=who)

    async def lived(self) -> "Two":
        """Give Luis a consent, a referral, a note, an attempt, a meeting and a tier."""
        mine, self.scene.student = self.scene.student, self.student
        await self.scene.give(given_by=self.aunt)
        self.referral = await self.scene.referral()
        self.hidden = await self.scene.referral("mental-health")
        self.scene.student = mine
        note = {"student": self.student, "visibility": "care-team", "words": "Falta mucho"}
        await self.scene.done("PUT", f"/v1/notes/{new_id()}", note)
        tier = {"tier": 2, "why": "Reads two grades below"}
        await self.scene.done("PUT", f"/v1/students/{self.student}/tiers/{new_id()}", tier)
        return self

    async def preview(self, who: str = "rosa") -> httpx2.Response:
        path = f"/v1/families/{self.scene.family}/merge-preview?absorb={self.family}"
        return await self.scene.call("GET", path, who=who)

    async def merged(self, who: str = "rosa", **changes: Any) -> httpx2.Response:
        seen = (await self.preview(who)).json()
        body = {
            "kept": self.scene.family,
            "absorbed": self.family,
            "absorbed_version": seen.get("absorbed_version", 1),
            "reason": "one-household",
            "why": "Both live with their grandmother",
            **changes,
        }
        version = changes.pop("version", seen.get("kept_version", 1))
        body.pop("version", None)
        return await self.scene.call(
            "PUT",
            f"/v1/family-merges/{self.merge}",
            body,
            who=who,
            headers={"If-Match": f'"{version}"'},
        )

    async def undone(self, version: int = 1) -> httpx2.Response:
        return await self.scene.call(
            "POST",
            f"/v1/family-merges/{self.merge}/undo",
            {},
            headers={"If-Match": f'"{version}"'},
        )

    async def dump(self) -> dict[str, list[dict[str, Any]]]:
        """Return everything that names a household, without how often it was written."""
        database = self.scene.service.chassis.database
        found = {}
        kinds: tuple[type[Aggregate], ...] = (Family, Student, *OF_A_STUDENT, *BY_STUDENT)
        for kind in kinds:
            rows = await database[kind.COLLECTION].find({}, sort=[("_id", 1)]).to_list()
            found[kind.COLLECTION] = [
                {k: v for k, v in row.items() if k not in {"version", "changed_at"}} for row in rows
            ]
        return found

    async def families(self) -> set[str]:
        """Return the households that Luis's documents name."""
        database = self.scene.service.chassis.database
        named = set()
        for kind in (*OF_A_STUDENT, *BY_STUDENT):
            query = {"$or": [{"student": self.student}, {"_id": self.student}]}
            named |= {row["family"] async for row in database[kind.COLLECTION].find(query)}
        student = await self.scene.service.chassis.store.get(Student, self.student)
        assert student is not None
        return named | {student.family}


@pytest.fixture
async def two(cell: Cell, tmp_path: Path) -> AsyncIterator[Two]:
    async with scene_in(cell, tmp_path) as scene:
        yield await Two(scene).entered()


async def test_a_preview_tells_who_comes_and_who_hears_of_whom(two: Two) -> None:
    await two.lived()
    before = await two.dump()

    seen = (await two.preview()).json()

    assert seen["students"] == [two.student]
    assert seen["consents"] == 1
    hears = {each["given_name"]: each["hears_of"] for each in seen["contacts"]}
    assert hears == {"Elena": [two.scene.student], "Mateo": [], "Carmen": [two.student]}
    (same,) = [each["same_as"] for each in seen["contacts"] if each["given_name"] == "Carmen"]
    assert same == two.scene.mother
    assert await two.dump() == before


async def test_everything_of_the_children_follows(two: Two) -> None:
    await two.lived()

    answer = await two.merged()

    assert answer.status_code == 200, answer.text
    assert await two.families() == {two.scene.family}
    assert (await two.scene.told(two.student))[-1] == "person.changed"
    assert (await two.scene.told(two.aunt))[-1] == "person.changed"
    family = (await two.scene.call("GET", f"/v1/families/{two.scene.family}")).json()
    assert {each["given_name"] for each in family["contacts"]} == {"Elena", "Mateo", "Carmen"}


async def test_undone_everything_is_exactly_as_it_was(two: Two) -> None:
    await two.lived()
    before = await two.dump()
    await two.merged()

    answer = await two.undone()

    assert answer.status_code == 200, answer.text
    assert answer.json()["undone_by"] == "rosa"
    assert await two.dump() == before


async def test_what_was_written_since_goes_back_with_its_child(two: Two) -> None:
    await two.merged()
    await two.lived()
    late = new_id()
    await two.enter(late, two.scene.family)

    assert (await two.undone()).status_code == 200

    assert await two.families() == {two.family}
    joined = await two.scene.service.chassis.store.get(Student, late)
    assert joined is not None
    assert joined.family == two.scene.family


async def test_a_relative_may_not_consent_for_a_child_they_did_not_come_with(two: Two) -> None:
    await two.merged()

    body = two.scene.consent(given_by=two.aunt)
    answer = await two.scene.call("PUT", f"/v1/consents/{new_id()}", body)

    assert (answer.status_code, slug(answer)) == (409, "not-this-child")


async def test_the_same_command_again_is_the_same_answer(two: Two) -> None:
    first = await two.merged()
    preview = await two.preview()
    assert slug(preview) == "merged-away"

    again = await two.merged(version=1, absorbed_version=1)

    assert again.json()["at"] == first.json()["at"]
    assert (await two.scene.told(two.aunt)).count("person.changed") == 2


async def test_a_household_that_was_merged_takes_nothing_more(two: Two) -> None:
    await two.merged()

    child = {
        "site": "site-01",
        "family": two.family,
        "given_name": "Eva",
        "family_name": "Campoverde",
    }
    answer = await two.scene.call("PUT", f"/v1/students/{new_id()}", child)

    assert (answer.status_code, slug(answer)) == (409, "merged-away")
    assert two.scene.family in answer.json()["detail"]


async def test_of_two_who_merge_at_once_one_sees_what_changed(two: Two) -> None:
    other = await Two(two.scene).entered()

    answers = await asyncio.gather(two.merged(), other.merged())

    assert sorted(each.status_code for each in answers) == [200, 412]


async def test_only_who_leads_at_both_schools_merges(cell: Cell, tmp_path: Path) -> None:
    async with scene_in(cell, tmp_path) as scene:
        two = await Two(scene).entered("site-02", "denise")
        assert (await two.preview("rosa")).status_code == 404
        assert (await two.preview("denise")).status_code == 404
        assert (await two.merged("nurse", absorbed_version=1, version=1)).status_code == 403
        assert (await two.merged("admin")).status_code == 200


async def test_a_preview_does_not_count_what_its_reader_may_not_see(two: Two) -> None:
    await two.lived()
    rules = (await two.scene.call("GET", "/v1/rules", who="admin")).json()
    restricted = "mental-health" in str(rules.get("restricted", rules))
    assert restricted

    counted = {who: (await two.preview(who)).json()["referrals"] for who in ("rosa", "admin")}

    assert counted == {"rosa": 2, "admin": 1}


async def test_who_asked_for_help_is_found_in_the_household_that_is_left(two: Two) -> None:
    scene = two.scene
    store = scene.service.chassis.store
    asked = HelpRequest(
        id=new_id(),
        site="site-01",
        sites=("site-01",),
        source=RequestSource.TEXT,
        asked=NOTHING,
        key=two.aunt,
        asked_at=NOW,
        families=(two.family,),
        person=two.aunt,
    )
    await store.update([], lambda _: Change(None, [asked]))
    assert (await two.merged()).status_code == 200
    seen = await scene.call("GET", f"/v1/help-requests/{asked.id}")
    assert two.student in {each["student"] for each in seen.json()["children"]}
    desk = Desk(store, scene.service.chassis.clock, Rules)
    await end_for_erasure(desk, scene.family, [])
    ended = await store.get(HelpRequest, asked.id)
    assert ended is not None
    assert ended.handled is not None


async def changed(two: Two, id: str, **changes: Any) -> str:
    """Enter or change somebody around the household that is one; returns its new version."""
    path = f"/v1/families/{two.scene.family}"
    seen = await two.scene.call("GET", path)
    known = [each for each in seen.json()["contacts"] if each["id"] == id]
    fresh = {
        "id": id,
        "relation": "guardian",
        "given_name": "Late",
        "reads": "es",
        "phone": "(510) 555-0177",
        "may_be_told": True,
    }
    body = {**(known[0] if known else fresh), **changes}
    etag = {"If-Match": seen.headers["etag"]}
    answer = await two.scene.call("PUT", f"{path}/contacts/{id}", body, headers=etag)
    assert answer.status_code == 200, answer.text
    return answer.headers["etag"]


async def around(two: Two, family: str) -> dict[str, dict[str, Any]]:
    found = await two.scene.done("GET", f"/v1/families/{family}")
    return {each["id"]: each for each in found["contacts"]}


async def test_undone_whom_a_court_keeps_from_a_child_is_told_no_more_than_by_then(
    two: Two,
) -> None:
    second = new_id()
    await two.enter(second, two.family)
    assert (await two.merged()).status_code == 200
    await changed(two, two.aunt, only_of=[two.student], custody_note="Not of the second child")

    assert (await two.undone()).status_code == 200

    aunt = (await around(two, two.family))[two.aunt]
    assert aunt["only_of"] == [two.student]
    two.scene.student = second
    refused = await two.scene.call(
        "PUT", f"/v1/consents/{new_id()}", two.scene.consent(given_by=two.aunt)
    )
    assert (refused.status_code, slug(refused)) == (409, "not-this-child")


async def test_undone_a_guardian_who_was_entered_since_goes_with_the_child(two: Two) -> None:
    assert (await two.merged()).status_code == 200
    late = new_id()
    await changed(two, late, only_of=[two.student], custody_note="Guardian by court since today")
    mine, two.scene.student = two.scene.student, two.student
    await two.scene.give(given_by=late)
    referral, claim = await two.scene.taken()
    two.scene.student = mine

    assert (await two.undone()).status_code == 200

    assert late not in await around(two, two.scene.family)
    there = (await around(two, two.family))[late]
    assert there["custody_note"] == "Guardian by court since today"
    read = await two.scene.read(referral, claim)
    assert read.status_code == 200, read.text
    assert "Late" in read.text, "the agency is told whom to call, as before"
    today = await two.scene.done("GET", "/v1/today")
    assert "consent-in-doubt" not in today["counts"]
    assert (await two.scene.told(late))[-1] == "person.changed"
