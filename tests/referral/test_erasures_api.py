"""Erasure on a real database: what holds it back, what it empties, what no restore undoes."""

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.chassis.ids import new_id
from services.referral.model.consent import ConsentBook
from services.referral.model.erasure import CONFIRMING, Erasure
from services.referral.model.people import Family, Student
from services.referral.model.referral import Referral
from tests.referral.consents.scene import Scene, scene_in, slug
from tests.servers import Cell


@pytest.fixture
async def scene(cell: Cell, tmp_path: Path) -> Any:
    async with scene_in(cell, tmp_path) as found:
        yield found


async def erase(scene: Scene, id: str = "", reason: str = "family-asked") -> Any:
    body = {"family": scene.family, "reason": reason}
    return await scene.call("PUT", f"/v1/erasures/{id or new_id()}", body, who="admin")


async def test_everything_that_names_the_family_is_emptied_and_nothing_else(scene: Scene) -> None:
    await scene.give()
    referral, claim = await scene.taken()
    await scene.read(referral, claim)

    done = await erase(scene)

    assert done.status_code == 200, done.text
    assert done.json()["state"] == "forgotten"
    assert done.json()["missing"] == list(CONFIRMING)
    store = scene.service.chassis.store
    family, child = await store.get(Family, scene.family), await store.get(Student, scene.student)
    assert family is not None
    assert child is not None
    assert {each.profile for each in family.contacts} == {child.record}
    assert (await scene.call("GET", f"/v1/students/{scene.student}")).status_code == 404
    assert (await scene.call("GET", f"/v1/families/{scene.family}")).status_code == 404
    listed = (await scene.done("GET", "/v1/referrals"))["items"]
    assert [(each["name"], each["state"]) for each in listed] == [("-", "cancelled")]
    assert (await scene.call("GET", "/v1/today")).status_code == 200


async def test_what_was_consented_to_ends_and_agencies_are_asked_to_delete(scene: Scene) -> None:
    consent = await scene.give()
    referral, claim = await scene.taken()
    await scene.read(referral, claim)

    await erase(scene)

    book = await scene.service.chassis.store.get(ConsentBook, scene.student)
    assert book is not None
    assert book.need(consent).revocation is not None
    told = await scene.told(scene.family)
    assert told[-3:] == ["consent.revoked", "consent.deletion-requested", "consent.family-erased"]
    assert await scene.told(scene.mother) == ["person.changed", "person.erased"]


async def test_no_key_of_the_family_is_left_and_none_is_made_again(scene: Scene) -> None:
    await erase(scene)
    household = {
        "site": "site-01",
        "contacts": [{"id": scene.mother, "relation": "mother", "given_name": "E", "reads": "es"}],
    }
    child = {
        "site": "site-01",
        "family": scene.family,
        "given_name": "Ana",
        "family_name": "Ramírez",
    }
    again = await scene.call("PUT", f"/v1/families/{new_id()}", household)
    back = await scene.call("PUT", f"/v1/students/{scene.student}", child)
    sibling = await scene.call("PUT", f"/v1/students/{new_id()}", child)
    consent = await scene.call("PUT", f"/v1/consents/{new_id()}", scene.consent())

    assert {slug(each) for each in (again, back, sibling, consent)} == {"erased"}
    keys = scene.service.chassis.mongo[scene.service.chassis.settings.database("keys_people")]
    names = [name async for key in keys["keys"].find() for name in key["keyAltNames"]]
    assert not {scene.student, scene.mother, scene.father} & set(names)


async def test_a_repeat_is_the_same_erasure_and_a_second_one_is_refused(scene: Scene) -> None:
    id = new_id()
    first, again, other = await erase(scene, id), await erase(scene, id), await erase(scene)
    assert (first.status_code, again.json()["id"]) == (200, id)
    assert slug(other) == "erased"


async def test_a_hold_keeps_it_back_and_says_why_until_it_is_lifted(scene: Scene) -> None:
    hold = new_id()
    body = {"family": scene.family, "reason": "litigation"}
    await scene.done("PUT", f"/v1/holds/{hold}", body, who="admin")

    held = await erase(scene)
    check = await scene.done("GET", f"/v1/families/{scene.family}/erasure-check", who="admin")
    await scene.done("POST", f"/v1/holds/{hold}/lift", who="admin")
    lifted = await erase(scene)

    assert slug(held) == "erasure-held"
    assert "a legal hold" in held.json()["detail"]
    assert check["blocked_by"] == ["legal-hold"]
    assert lifted.status_code == 200


async def test_a_hold_ends_by_itself_after_its_last_day(scene: Scene) -> None:
    body = {"family": scene.family, "reason": "audit", "until": "2026-10-13"}
    await scene.done("PUT", f"/v1/holds/{new_id()}", body, who="admin")
    assert (await erase(scene)).status_code == 409, "on its last day it holds"
    scene.clock.advance(timedelta(days=1))
    assert (await erase(scene)).status_code == 200


async def test_an_open_crisis_keeps_it_back(scene: Scene) -> None:
    body = {
        "student": scene.student,
        "category": "food",
        "need": "Nothing to eat",
        "urgency": "crisis",
    }
    await scene.done("PUT", f"/v1/referrals/{new_id()}", body)
    held = await erase(scene)
    assert slug(held) == "erasure-held"
    assert "crisis" in held.json()["detail"]


async def test_an_open_protection_matter_keeps_it_back_without_saying_what_it_is(
    scene: Scene,
) -> None:
    report = {"student": scene.student, "words": "Something a teacher saw"}
    await scene.done("PUT", f"/v1/protection-reports/{new_id()}", report)
    held = await erase(scene)
    assert slug(held) == "erasure-held"
    assert "protection" not in held.json()["detail"]


async def test_of_a_hold_and_an_erasure_at_one_instant_one_sees_the_other(scene: Scene) -> None:
    body = {"family": scene.family, "reason": "litigation"}
    put_hold = scene.call("PUT", f"/v1/holds/{new_id()}", body, who="admin")
    hold, erasure = await asyncio.gather(put_hold, erase(scene))
    assert sorted((hold.status_code, erasure.status_code)) in ([200, 404], [200, 409])


async def test_one_that_stopped_half_way_is_carried_to_its_end(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    vault = type(scene.service.service.parts.tasks[0].__self__._vault)  # type: ignore[attr-defined] # the worker's

    async def away(*_: object) -> bool:
        raise OSError("the vault is away")

    monkeypatch.setattr(vault, "destroy_key", away)
    id = new_id()
    ordered = await erase(scene, id)
    monkeypatch.undo()
    assert ordered.status_code == 200
    assert await scene.service.service._due() == 1

    await scene.service.service.parts.tasks[0].__self__.once()  # type: ignore[attr-defined] # as its loop does

    after = await scene.done("GET", f"/v1/erasures/{id}", who="admin")
    assert after["keys_destroyed_at"] is not None


async def test_the_ledger_erases_again_what_a_restore_brought_back(
    cell: Cell, tmp_path: Path
) -> None:
    async with scene_in(cell, tmp_path) as scene:
        store = scene.service.chassis.store
        kept = {
            kind: [row async for row in store.collection(kind).find()]
            for kind in (Family, Student, ConsentBook, Referral)
        }
        keys = scene.service.chassis.mongo[f"{cell.name}_keys_people"]["keys"]
        vault = [row async for row in keys.find()]
        assert (await erase(scene)).status_code == 200
        # A restore to a moment before the erasure: documents and keys are all back.
        await store.collection(Erasure).delete_many({})
        for kind, rows in kept.items():
            await store.collection(kind).delete_many({})
            if rows:
                await store.collection(kind).insert_many(rows)
        await keys.delete_many({})
        await keys.insert_many(vault)
        assert (await scene.call("GET", f"/v1/students/{scene.student}")).status_code == 200
        back = scene

    async with scene_in(cell, tmp_path) as scene:
        await scene.service.service.parts.tasks[0].__self__.once()  # type: ignore[attr-defined] # as its loop does
        gone = await scene.call("GET", f"/v1/students/{back.student}")
        found = await scene.done("GET", "/v1/erasures", who="admin")
        names = [name async for key in keys_of(scene).find() for name in key["keyAltNames"]]

    assert gone.status_code == 404
    assert [each["state"] for each in found["items"]] == ["forgotten"]
    assert not {back.student, back.mother, back.father} & set(names)


def keys_of(scene: Scene) -> Any:
    chassis = scene.service.chassis
    return chassis.mongo[chassis.settings.database("keys_people")]["keys"]


async def test_only_the_district_erases(scene: Scene) -> None:
    body = {"family": scene.family, "reason": "family-asked"}
    answer = await scene.call("PUT", f"/v1/erasures/{new_id()}", body)
    assert answer.status_code == 403
