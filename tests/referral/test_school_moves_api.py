"""What is open of a child goes along to another school: there it calls, and there one may act.

By every way in which a child changes schools. All people are invented.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.help_requests import RequestSource
from services.chassis.aggregate import Change
from services.chassis.ids import new_id
from services.referral.model.consent import ConsentBook
from services.referral.model.erasure import NOTHING
from services.referral.model.help_request import HelpRequest
from tests.referral.build import NOW
from tests.referral.consents.scene import Scene, scene_in
from tests.referral.roster.district import package
from tests.referral.test_household_moves_api import go, mover, sibling
from tests.referral.test_told_without_consent import calls, look, told
from tests.servers import Cell

PDF = b"%PDF-1.7 an invented paper"

Way = Callable[[Scene], Awaitable[None]]


@pytest.fixture
async def scene(cell: Cell, tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_in(cell, tmp_path) as found:
        found.student = new_id()
        child = {
            "site": "site-01",
            "family": found.family,
            "given_name": "Itzel",
            "family_name": "Zaragoza",
            "birth_date": "2011-05-02",
            "sis_id": "S1",
        }
        await found.done("PUT", f"/v1/students/{found.student}", child)
        yield found


async def by_roll_over(scene: Scene) -> None:
    await go(scene, scene.student, "site-02")


async def by_roster(scene: Scene) -> None:
    path = f"/v1/students/{scene.student}"
    etag = {"If-Match": (await scene.call("GET", path)).headers["etag"]}
    await scene.done("PUT", f"{path}/enrolment", {"enrolment": "withdrawn"}, headers=etag)
    zipped = {"Content-Type": "application/zip"}
    content = package({"S1": ("O2", "Zaragoza")})
    path = "/v1/imports/roster?site=site-02"
    await scene.done("POST", path, who="denise", content=content, headers=zipped)


WAYS = pytest.mark.parametrize("move", [by_roll_over, by_roster])


async def reasons(scene: Scene, who: str) -> set[str]:
    """Return why the child is in somebody's queue."""
    page = await scene.done("GET", "/v1/today", who=who)
    rows = [each for each in page["items"] if each["student"] == scene.student]
    return {each["reason"] for row in rows for each in (row, *row["more"])}


async def put_aside(scene: Scene) -> None:
    path = f"/v1/families/{scene.family}"
    seen = await scene.call("GET", path, who="admin")
    (mother,) = [each for each in seen.json()["contacts"] if each["id"] == scene.mother]
    body = {**mother, "may_be_told": False, "do_not_contact": True}
    etag = {"If-Match": seen.headers["etag"]}
    await scene.done("PUT", f"{path}/contacts/{scene.mother}", body, who="admin", headers=etag)


@WAYS
async def test_what_is_to_be_done_about_consents_calls_at_the_new_school(
    scene: Scene, move: Way
) -> None:
    await scene.give(until="2026-11-01")
    await scene.give(categories=["food"], method="paper")
    await scene.referral()
    assert {"consent-expiring", "scan-missing"} <= await reasons(scene, "rosa")

    await move(scene)

    assert await reasons(scene, "denise") == {"scan-missing"}
    await mover(scene).once()
    assert await reasons(scene, "rosa") == set(), "nor does her name stand there"
    assert {"consent-expiring", "scan-missing"} <= await reasons(scene, "denise")
    await put_aside(scene)
    assert "consent-in-doubt" in await reasons(scene, "denise")
    assert await reasons(scene, "rosa") == set()


@WAYS
async def test_a_students_own_consent_is_read_and_taken_back_at_the_new_school(
    scene: Scene, move: Way
) -> None:
    own = await scene.confide(method="paper")
    path = f"/v1/consent-scans?student={scene.student}&consent={own}"
    pdf = {"Content-Type": "application/pdf"}
    await scene.done("PUT", path, content=PDF, headers=pdf)

    await move(scene)

    listed = f"/v1/students/{scene.student}/consents"
    (seen,) = (await scene.done("GET", listed, who="denise"))["items"]
    assert (seen["id"], seen["categories"], seen["given_by"]) == (
        own,
        ["mental-health"],
        scene.student,
    )
    assert (await scene.call("GET", path, who="denise")).content == PDF
    for gone in (listed, path):
        assert (await scene.call("GET", gone)).status_code == 404
    back = await scene.call("POST", f"{listed}/{own}/revoke", {"by": scene.student}, who="denise")
    assert back.status_code == 200, back.text
    assert back.json()["holds"] is False


async def test_a_consent_entered_for_the_old_school_at_that_very_moment_follows_too(
    scene: Scene,
) -> None:
    await scene.give()
    await by_roll_over(scene)
    chassis = scene.service.chassis
    late = {"$set": {"site": "site-01"}, "$inc": {"version": 1}}
    await chassis.database["consents"].update_one({"_id": scene.student}, late)

    await mover(scene).once()

    book = await chassis.store.get(ConsentBook, scene.student)
    assert book is not None
    assert book.site == "site-02"


@WAYS
async def test_an_open_request_for_help_is_taken_up_at_the_new_school(
    scene: Scene, move: Way
) -> None:
    id = new_id()
    body = {"student": scene.student, "words": "Needs glasses"}
    await scene.done("PUT", f"/v1/help-requests/{id}", body)
    assert await reasons(scene, "rosa") == {"asked-for-help"}

    await move(scene)

    assert await reasons(scene, "rosa") == set()
    assert (await scene.call("GET", f"/v1/help-requests/{id}")).status_code == 404
    assert await reasons(scene, "denise") == {"asked-for-help"}
    seen = await scene.call("GET", f"/v1/help-requests/{id}", who="denise")
    assert (seen.json()["student"], seen.json()["site"]) == (scene.student, "site-02")
    assert seen.json()["name"] is not None
    referral = new_id()
    need = {"student": scene.student, "category": "vision", "need": "Lentes"}
    await scene.done("PUT", f"/v1/referrals/{referral}", need, who="denise")
    etag = {"If-Match": seen.headers["etag"]}
    path = f"/v1/help-requests/{id}/take-up"
    done = await scene.done("POST", path, {"referral": referral}, who="denise", headers=etag)
    assert done["handled"]["referral"] == referral


async def test_what_may_be_about_either_of_two_children_is_seen_at_both_their_schools(
    scene: Scene,
) -> None:
    await sibling(scene, "site-01")
    asked = HelpRequest(
        id=new_id(),
        site="site-01",
        sites=("site-01",),
        source=RequestSource.TEXT,
        asked=NOTHING,
        key=scene.mother,
        asked_at=NOW,
        families=(scene.family,),
        person=scene.mother,
    )
    store = scene.service.chassis.store
    await store.update([], lambda _: Change(None, [asked]))
    path = f"/v1/help-requests/{asked.id}"
    assert (await scene.call("GET", path, who="denise")).status_code == 404

    await by_roll_over(scene)

    found = await store.get(HelpRequest, asked.id)
    assert found is not None
    assert (found.site, set(found.sites)) == ("site-01", {"site-01", "site-02"})
    for who in ("rosa", "denise"):
        assert (await scene.call("GET", path, who=who)).status_code == 200


async def test_what_was_told_without_a_consent_is_looked_at_where_its_referral_is(
    scene: Scene,
) -> None:
    referral = await scene.referral()
    made = await told(scene, referral)
    assert made.status_code == 200, made.text
    assert [len(await calls(scene, who)) for who in ("both", "denise")] == [1, 0]

    await by_roll_over(scene)
    await mover(scene).once()

    assert [len(await calls(scene, who)) for who in ("rosa", "denise")] == [0, 1]
    seen = await look(scene, referral, "denise")
    assert (seen.status_code, seen.json()["seen_by"]) == (200, "denise")
    assert await calls(scene, "denise") == []


async def test_a_receipt_that_is_owed_is_called_for_by_the_new_school(scene: Scene) -> None:
    consent = await scene.give()
    referral, claim = await scene.taken()
    await scene.read(referral, claim)
    assert (await scene.revoke(consent, by=scene.mother)).status_code == 200
    await by_roll_over(scene)

    await scene.sweep(timedelta(days=31))

    assert "receipt-missing" in await reasons(scene, "denise")
    assert await reasons(scene, "rosa") == set()
    listed: dict[str, Any] = await scene.done("GET", "/v1/deletion-requests", who="denise")
    (request,) = listed["items"]
    path = f"/v1/deletion-requests/{request['id']}/confirm"
    assert (await scene.call("POST", path, {"told_by": "Dra. Inventada"})).status_code == 404
    await scene.done("POST", path, {"told_by": "Dra. Inventada"}, who="denise")
    assert "receipt-missing" not in await reasons(scene, "denise")
