"""Every text that staff write says what never to write, where it does; and is kept all the same."""

from typing import Any

import pytest

from services.chassis.ids import new_id
from tests.referral.consents.conftest import scene as scene  # noqa: PLC0414 - a fixture
from tests.referral.consents.scene import Scene

TEXT = "undocumented, SSN 123-45-6789"
BOTH = {"immigration-status", "social-security-number"}


def warned(answer: Any) -> set[tuple[str, str]]:
    assert answer.status_code == 200, answer.text
    found = answer.json()["warnings"]
    assert all(each["en"] and each["es"] for each in found)
    return {(each["field"], each["what"]) for each in found}


def both(*fields: str) -> set[tuple[str, str]]:
    return {(field, what) for field in fields for what in BOTH}


async def seen(scene: Scene, path: str) -> dict[str, str]:
    return {"If-Match": (await scene.call("GET", path)).headers["etag"]}


async def test_a_hand_off_and_what_a_follow_up_brought(scene: Scene) -> None:
    id = await scene.referral()
    path = f"/v1/referrals/{id}"
    body = {
        "hand_off": new_id(),
        "to": TEXT,
        "how": "letter",
        "handed_at": "2026-10-13T16:00:00Z",
    }
    handed = await scene.call("POST", f"{path}/hand-off", body, headers=await seen(scene, path))
    assert warned(handed) == both("to")
    assert handed.json()["to"] == TEXT

    look = (await scene.done("GET", path))["follow_ups"][0]["id"]
    done = f"{path}/follow-ups/{look}/done"
    finished = await scene.call("POST", done, {"words": TEXT}, headers=await seen(scene, path))
    assert warned(finished) == both("words")


async def test_a_consent_and_its_revocation(scene: Scene) -> None:
    id = new_id()
    spoken = {"method": "verbal-witnessed", "witness": TEXT, "interpreter": "Born in Mexico"}
    given = await scene.call("PUT", f"/v1/consents/{id}", scene.consent(**spoken))
    assert warned(given) == both("witness") | {("interpreter", "birthplace")}
    assert warned(await scene.revoke(id, words=TEXT)) == both("words")


async def test_a_protection_report_is_the_place_for_one_concern_and_for_no_papers(
    scene: Scene,
) -> None:
    id = new_id()
    body = {"student": scene.student, "words": f"Bruises on her arm; {TEXT}"}
    path = f"/v1/protection-reports/{id}"
    assert warned(await scene.call("PUT", path, body)) == both("words")
    called = {"at": "2026-10-13T16:00:00Z", "reference": TEXT}
    assert warned(await scene.call("POST", f"{path}/called", called)) == both("reference")


async def test_a_request_that_was_handled_another_way(scene: Scene) -> None:
    id = new_id()
    asked = {"student": scene.student, "words": "Needs glasses"}
    await scene.done("PUT", f"/v1/help-requests/{id}", asked, who="nurse")
    path = f"/v1/help-requests/{id}"
    headers = await seen(scene, path)
    handled = await scene.call("POST", f"{path}/handled", {"words": TEXT}, headers=headers)
    assert warned(handled) == both("words")


async def test_why_the_glass_was_broken_and_what_was_found(scene: Scene) -> None:
    path = f"/v1/break-glass/{new_id()}"
    body = {"student": scene.student, "reason": f"An emergency in the night; {TEXT}"}
    assert warned(await scene.call("PUT", path, body, who="denise")) == both("reason")
    review = {"justified": True, "words": TEXT}
    assert warned(await scene.call("POST", f"{path}/review", review)) == both("words")


async def test_why_a_child_of_many_is_referred_again(scene: Scene) -> None:
    body = {
        "category": "dental",
        "need": "A check-up",
        "candidate": {"service": "svc-smiles", "agency": "agy-smiles"},
        "rows": [{"referral": new_id(), "student": scene.student, "despite_duplicate": TEXT}],
    }
    sent = await scene.call("POST", "/v1/bulk-referrals", body)
    assert warned(sent) == both("rows.0.despite_duplicate")


@pytest.mark.parametrize("name", ["Born in Mexico", "Sin papeles"])
async def test_what_is_no_name_is_told_wherever_a_name_stands(scene: Scene, name: str) -> None:
    what = "birthplace" if name.startswith("Born") else "immigration-status"
    contact = {"id": new_id(), "relation": "mother", "given_name": name, "reads": "es"}
    home = {"site": "site-01", "contacts": [contact]}
    entered = await scene.call("PUT", f"/v1/families/{new_id()}", home)
    assert warned(entered) == {("contacts.0.given_name", what)}

    path = f"/v1/families/{scene.family}"
    other = {**contact, "id": new_id(), "given_name": "Nora", "family_name": name}
    added = await scene.call(
        "PUT", f"{path}/contacts/{other['id']}", other, headers=await seen(scene, path)
    )
    assert warned(added) == {("family_name", what)}

    child = {"given_name": "Leo", "family_name": name}
    there = {**child, "site": "site-01", "family": scene.family}
    assert warned(await scene.call("PUT", f"/v1/students/{new_id()}", there)) == {
        ("family_name", what)
    }
    own = f"/v1/students/{scene.student}"
    details = await scene.call("PUT", f"{own}/details", child, headers=await seen(scene, own))
    assert warned(details) == {("family_name", what)}

    team = f"{own}/care-team/{new_id()}"
    member = await scene.call("PUT", team, {"name": name, "role": "teacher"})
    assert warned(member) == {("name", what)}
    meeting = {
        "student": scene.student,
        "held_on": "2026-10-13",
        "participants": [{"name": name, "role": "teacher"}],
        "decided": "x",
    }
    held = await scene.call("PUT", f"/v1/meetings/{new_id()}", meeting)
    assert warned(held) == {("participants.0", what)}


async def test_a_name_that_sounds_like_harm_is_a_name(scene: Scene) -> None:
    child = {
        "site": "site-01",
        "family": scene.family,
        "given_name": "Ana",
        "family_name": "Moretón",
    }
    assert warned(await scene.call("PUT", f"/v1/students/{new_id()}", child)) == set()


async def test_asking_for_help_warns_wherever_words_are_taken(scene: Scene) -> None:
    asked = {
        "site": "site-01",
        "child": f"The boy of the {TEXT} mother",
        "grade": "3, undocumented",
        "reach": f"Ask her; {TEXT}",
        "words": TEXT,
    }
    received = await scene.call("PUT", f"/v1/help-requests/{new_id()}", asked, who="nurse")
    in_grade = {("grade", "immigration-status")}
    assert warned(received) == both("child", "reach", "words") | in_grade
