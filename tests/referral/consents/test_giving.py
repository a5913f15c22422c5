"""Consent over HTTP on a real database: who gives it, how, and what follows from it."""

from datetime import timedelta

import pytest

from contracts.codes import Audience
from services.chassis.ids import new_id
from tests.referral.consents.scene import Scene, slug


async def test_a_consent_says_how_it_was_given_and_names_are_sealed(scene: Scene) -> None:
    id = await scene.give(
        method="verbal-witnessed",
        witness="Nurse Invented",
        interpreter="Señora Inventada",
        read_in="mix",
        purposes=["arrange-service", "coordinate-care"],
        since="2026-10-15",
    )
    path = f"/v1/students/{scene.student}/consents"
    (seen,) = (await scene.done("GET", path))["items"]
    assert seen["id"] == id
    assert seen["witness"] == "Nurse Invented"
    assert seen["interpreter"] == "Señora Inventada"
    assert (seen["read_in"], seen["since"], seen["holds"]) == ("mix", "2026-10-15", False)
    assert seen["purposes"] == ["arrange-service", "coordinate-care"]
    assert (seen["entered_by"], seen["own"], seen["scan_missing"]) == ("rosa", False, False)
    stored = await scene.service.chassis.database["consents"].find_one({})
    assert "Invent" not in str(stored)
    assert (await scene.call("GET", path, who="denise")).status_code == 404


@pytest.mark.parametrize(
    ("changes", "status", "why"),
    [
        ({"given_by": "father"}, 409, "may-not-consent"),
        ({"given_by": "stranger"}, 409, "not-a-contact"),
        ({"given_by": "student"}, 409, "minor-may-not-consent"),
        ({"given_by": "neighbour"}, 409, "not-a-guardian"),
        ({"given_by": "aunt"}, 409, "not-a-guardian"),
        ({"until": "2031-10-14"}, 409, "consent-too-long"),
        ({"until": "9999-12-31"}, 422, "malformed"),
        ({"until": "2026-10-12"}, 409, "consent-days"),
        ({"since": "2026-01-01", "until": "2026-10-12"}, 409, "consent-over"),
        ({"since": "2028-01-01", "until": "2028-06-30"}, 409, "consent-days"),
        ({"method": "verbal-witnessed"}, 422, "malformed"),
        ({"method": "by-hearsay"}, 422, "malformed"),
        ({"purposes": ["curiosity"]}, 422, "malformed"),
        ({"read_in": "not a language"}, 422, "malformed"),
        ({"read_in": None}, 422, "malformed"),
        ({"witness": "x" * 101}, 422, "malformed"),
        ({"agencies": ["x" * 65]}, 422, "malformed"),
        ({"agencies": ["~x"]}, 422, "malformed"),
    ],
)
async def test_what_cannot_be_a_consent_is_refused_with_the_way_out(
    scene: Scene, changes: dict[str, object], status: int, why: str
) -> None:
    who = {"father": scene.father, "stranger": new_id(), "student": scene.student}
    who |= {"neighbour": await scene.knows("other"), "aunt": await scene.knows("relative")}
    if "given_by" in changes:
        changes = {**changes, "given_by": who[str(changes["given_by"])]}
    answer = await scene.call("PUT", f"/v1/consents/{new_id()}", scene.consent(**changes))
    assert (answer.status_code, slug(answer)) == (status, why)
    assert await scene.service.chassis.database["consents"].count_documents({}) == 0


async def test_what_is_said_twice_is_kept_once(scene: Scene) -> None:
    twice = {
        "categories": ["dental", "vision", "dental"],
        "parts": ["name", "name", "contact", "name"],
        "purposes": ["arrange-service", "arrange-service"],
        "agencies": ["agy-smiles", "agy-bus", "agy-smiles"],
    }
    await scene.give(**twice)
    (kept,) = await scene.consents()
    assert {name: kept[name] for name in twice} == {
        "categories": ["dental", "vision"],
        "parts": ["name", "contact"],
        "purposes": ["arrange-service"],
        "agencies": ["agy-smiles", "agy-bus"],
    }


async def test_the_language_in_which_it_was_read_is_never_left_out(scene: Scene) -> None:
    body = {name: value for name, value in scene.consent().items() if name != "read_in"}
    answer = await scene.call("PUT", f"/v1/consents/{new_id()}", body)
    assert (answer.status_code, slug(answer)) == (422, "malformed")
    assert [each["field"].rpartition(".")[2] for each in answer.json()["fields"]] == ["read_in"]
    await scene.give(read_in="und")


async def test_a_repeat_is_the_same_answer_whatever_became_of_the_giver(scene: Scene) -> None:
    id, body = new_id(), scene.consent()
    await scene.done("PUT", f"/v1/consents/{id}", body)
    contact = {"id": scene.mother, "relation": "mother", "given_name": "Elena", "reads": "es"}
    seen = await scene.call("GET", f"/v1/families/{scene.family}")
    await scene.done(
        "PUT",
        f"/v1/families/{scene.family}/contacts/{scene.mother}",
        contact,
        headers={"If-Match": seen.headers["etag"]},
    )
    again = await scene.done("PUT", f"/v1/consents/{id}", body)
    assert again == {"id": id, "scan_missing": False, "warnings": []}
    other = await scene.call("PUT", f"/v1/consents/{id}", {**body, "until": "2027-01-31"})
    assert (other.status_code, slug(other)) == (409, "id-taken")
    fresh = await scene.call("PUT", f"/v1/consents/{new_id()}", body)
    assert (fresh.status_code, slug(fresh)) == (409, "may-not-consent")


async def test_a_student_under_twelve_does_not_consent_alone(scene: Scene) -> None:
    young = scene.student = new_id()
    child = {
        "site": "site-01",
        "family": scene.family,
        "given_name": "Leo",
        "family_name": "Ramírez",
        "birth_date": "2014-10-14",
    }
    await scene.done("PUT", f"/v1/students/{young}", child)
    body = scene.consent(given_by=young, categories=["mental-health"])
    answer = await scene.call("PUT", f"/v1/consents/{new_id()}", body)
    assert (answer.status_code, slug(answer)) == (409, "minor-too-young")
    assert "mental-health from 12" in answer.json()["detail"]


async def test_what_a_student_confides_is_kept_from_a_parent_everywhere(scene: Scene) -> None:
    await scene.give(categories=["dental", "mental-health"])
    draft = await scene.referral("mental-health")
    assert (await scene.state(draft)).audience is Audience.GUARDIAN
    teeth = await scene.referral("dental")

    await scene.confide()
    assert (await scene.state(draft)).audience is Audience.STUDENT, "nobody was told of it yet"
    assert (await scene.state(teeth)).audience is Audience.GUARDIAN
    later = await scene.referral("mental-health")
    assert (await scene.state(later)).audience is Audience.STUDENT

    await scene.offer(draft, {"service": "svc-smiles", "agency": "agy-smiles"})
    claim = await scene.claim(draft)
    identity = (await scene.read(draft, claim)).json()
    assert identity["name"] == "Ana Ramírez"
    assert identity["contacts"] == [], "the agency would call a parent"

    token = scene.token("notify")
    for person, why in ((scene.mother, "not-the-audience"), (scene.student, None)):
        ask = {"referral": draft, "template": "family-accepted", "person": person}
        verdict = await scene.service.http.post(
            "/v1/message-checks", json=ask, headers={"Authorization": f"Bearer {token}"}
        )
        assert verdict.json()["reason"] == why


async def test_a_restricted_need_is_named_to_those_alone_whom_the_district_names(
    scene: Scene,
) -> None:
    mothers = await scene.give(categories=["dental", "mental-health"], agencies=["agy-calm"])
    confided = await scene.confide()
    path = f"/v1/students/{scene.student}/consents"
    whole = (await scene.done("GET", path))["items"]
    assert [each["id"] for each in whole] == [mothers, confided]
    assert whole[0]["categories"] == ["dental", "mental-health"]
    for who in ("nurse", "admin"):
        (seen,) = (await scene.done("GET", path, who=who))["items"]
        assert (seen["id"], seen["categories"]) == (mothers, ["dental", "restricted"])
        assert seen["agencies"] == [], "an agency's name says as much"


async def test_a_consent_for_later_lets_nobody_read_before_its_first_day(scene: Scene) -> None:
    await scene.give(since="2026-10-15")
    referral, claim = await scene.taken()
    assert (await scene.state(referral)).business == "awaiting-consent"
    assert (await scene.read(referral, claim)).status_code == 404


async def test_the_end_of_a_consent_is_told_thirty_days_before_and_once(scene: Scene) -> None:
    await scene.give(until="2026-12-01")
    assert await scene.sweep() == 0
    assert await scene.sweep(timedelta(days=25)) == 1
    assert await scene.sweep(timedelta(days=1)) == 0
    assert await scene.sweep(timedelta(days=60)) == 1
    assert await scene.sweep(timedelta(days=60)) == 0
    told = await scene.told(scene.family)
    assert told == ["consent.granted", "consent.expiring", "consent.expired"]
