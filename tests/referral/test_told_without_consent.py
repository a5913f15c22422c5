"""What staff told a place outside the network without a consent: written down, and looked at."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from services.chassis.ids import new_id
from tests.referral.build import NOW
from tests.referral.consents.scene import Scene, scene_in, slug
from tests.servers import Cell

WHY = "I phoned the clinic before I had asked her mother"
REASON = "told-without-consent"
LANGS = ("en", "es")


@pytest.fixture
async def scene(cell: Cell, tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_in(cell, tmp_path) as there:
        yield there


async def told(scene: Scene, referral: str, **changes: Any) -> httpx2.Response:
    """Let Rosa record a hand-off at which the clinic was told who the child is."""
    given = {
        "hand_off": new_id(),
        "to": "The clinic on Fourth Street",
        "how": "called-ahead",
        "handed_at": (NOW - timedelta(hours=1)).isoformat(),
        "released": ["name", "need"],
        "without_consent": WHY,
    }
    body = {name: each for name, each in (given | changes).items() if each is not None}
    return await scene.act(referral, "hand-off", body)


async def calls(scene: Scene, who: str) -> list[dict[str, Any]]:
    page = await scene.done("GET", "/v1/today", who=who)
    found = [each for row in page["items"] for each in (row, *row["more"])]
    return [each for each in found if each["reason"] == REASON]


async def look(scene: Scene, referral: str, who: str) -> httpx2.Response:
    return await scene.call("POST", f"/v1/referrals/{referral}/hand-off/seen", who=who)


async def test_it_is_recorded_with_its_reason_and_its_disclosure(scene: Scene) -> None:
    referral = await scene.referral()
    silent = await told(scene, referral, without_consent=None)
    assert (silent.status_code, slug(silent)) == (409, "consent-missing")
    assert "without_consent" in silent.json()["detail"]

    made = await told(scene, referral)

    assert made.status_code == 200, made.text
    assert (made.json()["consented"], made.json()["without_consent"]) == (False, WHY)
    readings = await scene.done("GET", f"/v1/families/{scene.family}/disclosures")
    (reading,) = readings["items"]
    assert (reading["consent"], reading["parts"]) == (None, ["name", "need"])
    assert reading["agency"] == made.json()["id"]
    stored = [row async for row in scene.service.chassis.database["hand_offs"].find({})]
    assert WHY not in str(stored)
    log = await scene.done("GET", f"/v1/audit-log?action={REASON}", who="admin")
    assert [each["subject"] for each in log["items"]] == ["rosa"]


async def test_the_familys_report_says_that_it_had_no_consent(scene: Scene) -> None:
    await told(scene, await scene.referral())

    path = f"/v1/families/{scene.family}/disclosure-report?language="
    english, spanish = [await scene.call("GET", path + each) for each in ("en", "es")]

    assert "Without a consent: the school told it" in english.text
    assert "Sin permiso: la escuela lo dijo" in spanish.text
    assert "The clinic on Fourth Street" in english.text


async def test_of_what_a_student_confided_no_guardians_report_tells_it(scene: Scene) -> None:
    law = {"minor_consents_from": {"dental": 12}}
    await scene.done("PUT", "/v1/rules", law, who="admin", headers={"If-Match": '"1"'})
    own = await scene.confide(categories=["dental"])
    assert (await scene.revoke(own, by=scene.student)).status_code == 200
    made = await told(scene, await scene.referral(), handed_at=NOW.isoformat())
    assert made.status_code == 200, made.text

    report = await scene.call("GET", f"/v1/families/{scene.family}/disclosure-report?language=en")

    assert "The clinic on Fourth Street" not in report.text


async def test_a_lead_who_did_not_tell_it_looks_at_it_once(scene: Scene) -> None:
    referral = await scene.referral()
    made = await told(scene, referral)
    assert await calls(scene, "rosa") == []
    assert await calls(scene, "denise") == []
    (call,) = await calls(scene, "both")
    assert (call["referral"], call["record"]) == (referral, made.json()["id"])
    assert (call["step"], call["level"]) == ("review-disclosure", "site-lead")

    own, elsewhere = await look(scene, referral, "rosa"), await look(scene, referral, "denise")
    assert (own.status_code, slug(own)) == (409, "own-disclosure")
    assert elsewhere.status_code == 404
    for _ in range(2):
        seen = await look(scene, referral, "both")
        assert (seen.status_code, seen.json()["seen_by"]) == (200, "both")

    assert await calls(scene, "both") == []
    log = await scene.done("GET", "/v1/audit-log?action=disclosure-looked-at", who="admin")
    assert [each["subject"] for each in log["items"]] == ["both"]


async def test_what_nobody_at_the_school_looks_at_goes_up_to_the_district(scene: Scene) -> None:
    referral = await scene.referral()
    await told(scene, referral)
    assert await calls(scene, "admin") == []

    scene.clock.advance(timedelta(days=7))

    (call,) = await calls(scene, "admin")
    assert call["level"] == "district"
    assert (await look(scene, referral, "admin")).status_code == 200
    assert await calls(scene, "admin") == []


async def test_it_is_refused_where_a_consent_covers_it_or_nothing_was_told(scene: Scene) -> None:
    await scene.give()
    referral = await scene.referral()

    covered = await told(scene, referral)
    nothing = await told(scene, referral, released=[])
    bare = await told(scene, referral, without_consent="a")

    assert (covered.status_code, slug(covered)) == (409, "consent-there")
    assert [nothing.status_code, bare.status_code] == [422, 422]
    assert "leave without_consent out" in nothing.json()["fields"][0]["what"]
    narrower = await told(scene, referral, released=["name", "grade"])
    assert narrower.status_code == 200, narrower.text
    assert narrower.json()["consented"] is False


async def test_there_is_nothing_to_look_at_where_a_consent_covered_it(scene: Scene) -> None:
    await scene.give()
    referral = await scene.referral()
    made = await told(scene, referral, without_consent=None)
    assert (made.json()["consented"], made.json()["without_consent"]) == (True, None)

    refused = await look(scene, referral, "both")

    assert (refused.status_code, slug(refused)) == (409, "nothing-to-look-at")
    assert await calls(scene, "both") == []


async def test_of_a_restricted_need_the_district_looks_at_it_without_the_need(
    scene: Scene,
) -> None:
    referral = await scene.referral("substance-use")
    made = (await told(scene, referral)).json()
    assert await calls(scene, "admin") == []

    scene.clock.advance(timedelta(days=7))

    (call,) = await calls(scene, "admin")
    assert (call["withheld"], call["site"], call["level"]) == (True, "site-01", "district")
    assert (call["referral"], call["record"]) == (referral, made["id"])
    nothing = {"student": None, "name": "-", "category": None, "audience": None}
    assert nothing.items() <= call.items()
    assert (await scene.call("GET", f"/v1/referrals/{referral}", who="admin")).status_code == 404
    path = f"/v1/referrals/{referral}/hand-off"
    record = await scene.done("GET", path, who="admin")
    assert (record["by"], record["released"]) == ("rosa", ["name", "need"])
    hidden = {"withheld": True, "to": None, "without_consent": None, "outcome": None}
    assert hidden.items() <= record.items()

    seen = await look(scene, referral, "admin")

    assert (seen.status_code, seen.json()["seen_by"]) == (200, "admin")
    assert hidden.items() <= seen.json().items()
    assert await calls(scene, "admin") == []
    whole = await scene.done("GET", path)
    assert (whole["withheld"], whole["without_consent"]) == (False, WHY)


async def test_whoever_leads_and_is_not_named_looks_at_it_too_and_the_care_team_does_not(
    scene: Scene,
) -> None:
    dental, hidden = await scene.referral(), await scene.referral("substance-use")
    for each in (dental, hidden):
        assert (await told(scene, each)).status_code == 200
    rules = {"restricted_roles": ["care-team"]}
    await scene.done("PUT", "/v1/rules", rules, who="admin", headers={"If-Match": '"1"'})

    found = {each["referral"]: each["withheld"] for each in await calls(scene, "both")}

    assert found == {dental: False, hidden: True}
    assert await calls(scene, "denise") == []
    assert await calls(scene, "nurse") == []
    assert (await look(scene, hidden, "denise")).status_code == 404
    assert (await look(scene, hidden, "both")).status_code == 200


async def test_the_schools_lead_looks_at_it_without_child_need_and_place(scene: Scene) -> None:
    referral = await scene.referral()
    await told(scene, referral)

    (call,) = await calls(scene, "lead")

    assert (call["withheld"], call["level"], call["step"]) == (
        True,
        "site-lead",
        "review-disclosure",
    )
    assert (call["student"], call["name"], call["category"]) == (None, "-", None)
    record = await scene.done("GET", f"/v1/referrals/{referral}/hand-off", who="lead")
    hidden = {"withheld": True, "to": None, "without_consent": None, "outcome": None}
    assert hidden.items() <= record.items()
    assert (record["by"], record["released"]) == ("rosa", ["name", "need"])
    seen = await look(scene, referral, "lead")
    assert (seen.status_code, seen.json()["seen_by"]) == (200, "lead")
    assert await calls(scene, "lead") == []


async def test_a_hand_off_of_a_restricted_need_under_a_consent_stays_out_of_sight(
    scene: Scene,
) -> None:
    await scene.give(categories=["substance-use"])
    referral = await scene.referral("substance-use")
    made = await told(scene, referral, without_consent=None, handed_at=NOW.isoformat())
    assert made.status_code == 200, made.text

    answer = await scene.call("GET", f"/v1/referrals/{referral}/hand-off", who="admin")

    assert answer.status_code == 404
    assert (await look(scene, referral, "admin")).status_code == 404


async def test_of_a_restricted_need_the_familys_report_tells_it_without_need_and_place(
    scene: Scene,
) -> None:
    await told(scene, await scene.referral("substance-use"))
    path = f"/v1/families/{scene.family}/disclosure-report?language="

    for reader in ("", f"&contact={scene.mother}"):
        english, spanish = [(await scene.call("GET", path + each + reader)).text for each in LANGS]
        assert "Without a consent: the school told it" in english
        assert "A place outside the network. Ask the school" in english
        assert "Un lugar fuera de la red. Pregunte a la coordinación" in spanish
        for each in (english, spanish):
            assert "The clinic on Fourth Street" not in each
            assert "substance" not in each
            assert "sustancias" not in each
            assert "may not see every kind" not in each

    admins = (await scene.call("GET", path + "en", who="admin")).text
    assert "Without a consent" not in admins, "nobody reads there what they may not"
    assert "may not see every kind of need" in admins


async def test_the_guardian_who_consented_to_that_need_reads_the_place_and_the_need(
    scene: Scene,
) -> None:
    assert (await told(scene, await scene.referral("substance-use"))).status_code == 200
    await scene.give(categories=["substance-use"])
    path = f"/v1/families/{scene.family}/disclosure-report?language=en"

    hers = (await scene.call("GET", f"{path}&contact={scene.mother}")).text

    assert "The clinic on Fourth Street" in hers
    assert "The clinic on Fourth Street" not in (await scene.call("GET", path)).text
