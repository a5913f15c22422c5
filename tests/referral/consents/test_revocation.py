"""Taking a consent back over HTTP on a real database: what ends, and who is asked to delete."""

from datetime import timedelta

import pytest

from contracts.cloudevents import Envelope
from contracts.offerings import DeletionReported
from services.chassis.ids import new_id
from services.referral.consumer import _Subscriber
from tests.referral.consents.scene import BUS, SMILES, Scene, slug

REQUESTS = "/v1/deletion-requests"


async def test_who_took_it_back_and_why_is_kept_and_words_are_sealed(scene: Scene) -> None:
    id = await scene.give()
    answer = await scene.revoke(
        id, by=scene.mother, reason="concern-about-agency", words="Llamaron a mi trabajo"
    )
    assert answer.status_code == 200
    revocation = answer.json()["revocation"]
    assert revocation["by"] == scene.mother
    assert (revocation["recorded_by"], revocation["reason"]) == ("rosa", "concern-about-agency")
    assert revocation["words"] == "Llamaron a mi trabajo"
    stored = await scene.service.chassis.database["consents"].find_one({})
    assert "Llamaron" not in str(stored)

    again = await scene.revoke(id, reason="other")
    assert again.json()["revocation"] == revocation, "the first one stays"
    assert (await scene.told(scene.family)).count("consent.revoked") == 1


async def test_open_offers_are_withdrawn(scene: Scene) -> None:
    id = await scene.give()
    referral = await scene.referral()
    await scene.offer(referral, SMILES, BUS)
    await scene.revoke(id, by=scene.mother)
    after = await scene.state(referral)
    assert (after.state, after.reason) == ("cancelled", "consent-revoked")
    assert (await scene.told(referral))[-1] == "referral.cancelled"
    await scene.claim(referral)
    assert (await scene.told(referral))[-1] == "referral.claim-refused", "one that was on its way"


async def test_a_claim_that_waits_is_refused_and_its_seat_free(scene: Scene) -> None:
    id = await scene.give(since="2026-10-20")
    referral, _ = await scene.taken()
    await scene.revoke(id)
    assert (await scene.told(referral))[-2:] == ["referral.claim-refused", "referral.cancelled"]
    assert (await scene.state(referral)).claim is None


async def test_a_referral_that_an_agency_has_taken_is_cancelled(scene: Scene) -> None:
    id = await scene.give()
    referral, claim = await scene.taken()
    await scene.revoke(id)
    after = await scene.state(referral)
    assert (after.state, after.reason) == ("cancelled", "consent-revoked")
    assert not [each for each in after.follow_ups if each.waits]
    assert (await scene.read(referral, claim)).status_code == 404
    await scene.give()
    assert (await scene.read(referral, claim)).status_code == 404, "a new consent revives no claim"


async def test_what_another_consent_covers_goes_on_and_nobody_is_asked_to_delete(
    scene: Scene,
) -> None:
    first = await scene.give()
    referral, claim = await scene.taken()
    await scene.read(referral, claim)
    await scene.give(agencies=["agy-smiles"])
    await scene.revoke(first, reason="entered-wrongly")
    assert (await scene.state(referral)).state == "accepted"
    assert (await scene.read(referral, claim)).status_code == 200
    assert (await scene.done("GET", REQUESTS))["items"] == []


async def test_what_stands_on_something_else_is_left_alone(scene: Scene) -> None:
    for_bus = await scene.give(agencies=["agy-bus"])
    eyes = await scene.give(categories=["vision"])
    referral, _ = await scene.taken("vision")
    draft = await scene.referral()
    await scene.revoke(for_bus)
    assert (await scene.state(referral)).state == "accepted"
    await scene.revoke(eyes)
    assert (await scene.state(draft)).state == "draft", "nobody knows of it"


async def test_a_guardian_neither_keeps_alive_nor_ends_what_a_student_confided(
    scene: Scene,
) -> None:
    mothers = await scene.give(categories=["mental-health"])
    own = await scene.confide()
    referral, claim = await scene.taken("mental-health")
    await scene.revoke(mothers, by=scene.mother)
    assert (await scene.read(referral, claim)).status_code == 200
    await scene.give(categories=["mental-health"])
    refused = await scene.revoke(own, by=scene.mother)
    assert (refused.status_code, slug(refused)) == (409, "may-not-revoke")
    assert (await scene.revoke(own, by=scene.student)).status_code == 200
    assert (await scene.state(referral)).state == "cancelled"
    assert (await scene.read(referral, claim)).status_code == 404


async def test_every_agency_that_read_under_it_is_asked_once_to_delete(scene: Scene) -> None:
    id = await scene.give()
    first, claim = await scene.taken()
    await scene.read(first, claim)
    await scene.read(first, claim)
    second, other = await scene.taken()
    await scene.read(second, other)
    third, never = await scene.taken()
    await scene.revoke(id)
    assert (await scene.read(third, never)).status_code == 404
    (asked,) = (await scene.done("GET", REQUESTS))["items"]
    assert (asked["agency"], asked["state"]) == ("agy-smiles", "open")
    assert asked["referrals"] == sorted([first, second])
    assert (asked["due_on"], asked["receipt"]) == ("2026-11-12", None)
    assert (await scene.told(scene.family))[-2:] == [
        "consent.revoked",
        "consent.deletion-requested",
    ]


@pytest.mark.parametrize(
    ("body", "status", "why"),
    [
        ({"by": "stranger"}, 409, "may-not-revoke"),
        ({"reason": "weather"}, 422, "malformed"),
        ({"words": "x" * 501}, 422, "malformed"),
        ({"by": "nobody-s-id"}, 422, "malformed"),
    ],
)
async def test_a_revocation_that_cannot_be_is_refused_and_changes_nothing(
    scene: Scene, body: dict[str, str], status: int, why: str
) -> None:
    id = await scene.give()
    given = {**body, "by": new_id()} if body.get("by") == "stranger" else body
    answer = await scene.revoke(id, **given)
    assert (answer.status_code, slug(answer)) == (status, why)
    assert (await scene.told(scene.family)) == ["consent.granted"]
    missing = await scene.revoke(new_id())
    assert (missing.status_code, slug(missing)) == (409, "no-such-consent")


class TestReceipts:
    async def asked(self, scene: Scene) -> str:
        id = await scene.give()
        referral, claim = await scene.taken()
        await scene.read(referral, claim)
        await scene.revoke(id)
        (asked,) = (await scene.done("GET", REQUESTS))["items"]
        return str(asked["id"])

    async def by_agency(self, scene: Scene, request: str, agency: str) -> None:
        """Let partner tell that an agency has confirmed behind its link."""
        event = DeletionReported(referral=new_id(), request=request, agency=agency)
        envelope = Envelope(new_id(), "enlace/partner", event.TYPE, event.key, scene.clock.now(), 1)
        await _Subscriber(scene.desk).deleted(event, envelope)

    async def test_staff_record_what_they_were_told_by_telephone(self, scene: Scene) -> None:
        id = await self.asked(scene)
        path = f"{REQUESTS}/{id}/confirm"
        nameless = await scene.call("POST", path, {"told_by": "  "})
        assert nameless.status_code == 422
        done = await scene.done("POST", path, {"told_by": "Dra. Inventada"})
        assert done["state"] == "confirmed"
        assert done["receipt"]["told_by"] == "Dra. Inventada"
        assert (done["receipt"]["method"], done["receipt"]["recorded_by"]) == ("told-staff", "rosa")
        again = await scene.done("POST", path, {"told_by": "Somebody Else"}, who="admin")
        assert again == done
        assert (await scene.told(scene.family)).count("consent.deletion-confirmed") == 1
        stored = await scene.service.chassis.database["deletion_requests"].find_one({})
        assert "Inventada" not in str(stored)

    async def test_the_agency_confirms_behind_its_link(self, scene: Scene) -> None:
        id = await self.asked(scene)
        await self.by_agency(scene, id, "agy-bus")
        await self.by_agency(scene, new_id(), "agy-smiles")
        assert [each["state"] for each in (await scene.done("GET", REQUESTS))["items"]] == ["open"]
        await self.by_agency(scene, id, "agy-smiles")
        await self.by_agency(scene, id, "agy-smiles")
        (kept,) = (await scene.done("GET", REQUESTS))["items"]
        assert kept["state"] == "confirmed"
        assert (kept["receipt"]["method"], kept["receipt"]["told_by"]) == ("by-agency", None)
        assert (await scene.told(scene.family)).count("consent.deletion-confirmed") == 1

    async def test_one_that_does_not_come_is_overdue_once(self, scene: Scene) -> None:
        id = await self.asked(scene)
        await scene.sweep(timedelta(days=29))
        assert (await scene.done("GET", f"{REQUESTS}?state=overdue"))["items"] == []
        await scene.sweep(timedelta(days=30))
        await scene.sweep(timedelta(days=30))
        (late,) = (await scene.done("GET", f"{REQUESTS}?state=overdue"))["items"]
        assert late["id"] == id
        assert (await scene.told(scene.family)).count("consent.deletion-overdue") == 1
        await scene.done("POST", f"{REQUESTS}/{id}/confirm", {"told_by": "Dra. Inventada"})
        assert (await scene.done("GET", f"{REQUESTS}?state=open&state=overdue"))["items"] == []

    async def test_another_school_neither_sees_nor_confirms_it(self, scene: Scene) -> None:
        id = await self.asked(scene)
        assert (await scene.done("GET", REQUESTS, who="denise"))["items"] == []
        path = f"{REQUESTS}/{id}/confirm"
        answer = await scene.call("POST", path, {"told_by": "X"}, who="denise")
        assert answer.status_code == 404

    async def test_a_restricted_one_is_for_those_alone_whom_the_district_names(
        self, scene: Scene
    ) -> None:
        own = await scene.confide()
        referral, claim = await scene.taken("mental-health")
        await scene.read(referral, claim)
        await scene.revoke(own, by=scene.student)
        assert (await scene.done("GET", REQUESTS, who="admin"))["items"] == []
        (asked,) = (await scene.done("GET", REQUESTS))["items"]
        path = f"{REQUESTS}/{asked['id']}/confirm"
        body = {"told_by": "Dra. Inventada"}
        assert (await scene.call("POST", path, body, who="admin")).status_code == 404
        assert (await scene.done("POST", path, body))["state"] == "confirmed"

    async def test_pages_follow_each_other_first_due_first(self, scene: Scene) -> None:
        for _ in range(3):
            id = await scene.give()
            referral, claim = await scene.taken()
            await scene.read(referral, claim)
            await scene.revoke(id)
            scene.clock.advance(timedelta(days=2))
        seen: list[str] = []
        cursor = ""
        while True:
            page = await scene.done("GET", f"{REQUESTS}?limit=1{cursor}")
            seen += [each["due_on"] for each in page["items"]]
            if page["next"] is None:
                break
            cursor = f"&cursor={page['next']}"
        assert seen == ["2026-11-12", "2026-11-16", "2026-11-16"], "a Saturday's is due on Monday"
