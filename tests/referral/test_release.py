"""What leaves the school, on a real database: identity, a family's page, leave to send."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from contracts.cloudevents import Envelope
from contracts.codes import LinkPurpose
from contracts.offerings import OfferClaimed
from services.chassis.auth import ServiceIdentity
from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.chassis.links import derive_token, read_link_key
from services.chassis.store import Change, Found, Ref
from services.referral.consumer import _Subscriber
from services.referral.handlers.consents import honour_consents
from services.referral.handlers.desk import Desk
from services.referral.main import build
from services.referral.model.consent import Disclosure
from services.referral.model.referral import BusinessStatus, Referral, State
from services.referral.model.rules import Rules
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.referral.test_api import OFFER, PEOPLE, Family
from tests.running import Running, running
from tests.servers import Cell

AGENCY = {"service": "svc-smiles", "agency": "agy-smiles"}


class Scene:
    """A referral that an agency has claimed."""

    def __init__(self, service: Running, keys: Path, clock: FixedClock) -> None:
        self.service, self.keys, self.clock = service, keys, clock
        self.family = Family(service)
        self.id, self.claim = new_id(), new_id()

    @property
    def desk(self) -> Desk:
        return Desk(self.service.chassis.store, self.clock, Rules)

    async def claimed(self) -> "Scene":
        await self.family.entered()
        await self.family.referral(self.id)
        rosa = {**self.service.as_("rosa"), "If-Match": '"1"'}
        await self.service.http.post(f"/v1/referrals/{self.id}/offer", json=OFFER, headers=rosa)
        event = OfferClaimed(
            referral=self.id,
            round=1,
            offer="off-1",
            claim=self.claim,
            contact="con-9",
            nonce="n",
            **AGENCY,
        )
        envelope = Envelope("e", "enlace/partner", event.TYPE, self.id, NOW, 1)
        subscriber = _Subscriber(self.desk)
        await subscriber.claimed(event, envelope)
        return self

    def token(self, **changes: str) -> str:
        vouched = {
            "referral": self.id,
            "claim": self.claim,
            "agency": "agy-smiles",
            "meets": "dental",
            **changes,
        }
        return ServiceIdentity("partner", self.keys).token("referral", **vouched)

    async def link(self, person: str) -> str:
        """Return the token in a text to somebody of the family."""
        referral = await self.service.chassis.store.get(Referral, self.id)
        assert referral is not None
        return derive_token(
            read_link_key(self.keys),
            purpose=LinkPurpose.FAMILY_STATUS,
            subject=self.id,
            recipient=person,
            nonce=referral.nonce,
        )

    async def checked(self, person: str) -> dict[str, object]:
        """Ask as notify does before a text goes out."""
        token = ServiceIdentity("notify", self.keys).token("referral")
        answer = await self.service.http.post(
            "/v1/message-checks",
            json={"referral": self.id, "template": "family-accepted", "person": person},
            headers={"Authorization": f"Bearer {token}"},
        )
        verdict: dict[str, object] = answer.json()
        return verdict

    async def read(self, token: str) -> tuple[int, dict[str, object]]:
        answer = await self.service.http.get(
            f"/v1/referrals/{self.id}/identity", headers={"Authorization": f"Bearer {token}"}
        )
        return answer.status_code, answer.json()


@pytest.fixture
async def scene(cell: Cell, tmp_path: Path) -> AsyncIterator[Scene]:
    clock = FixedClock(NOW)
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, PEOPLE, clock=clock
    ) as service:
        yield await Scene(service, tmp_path, clock).claimed()


async def test_the_agency_that_took_a_child_reads_what_the_consent_names(scene: Scene) -> None:
    status, identity = await scene.read(scene.token())
    assert status == 200
    assert identity["name"] == "Ana Ramírez"
    assert identity["need"] == "Le duele al masticar"
    assert identity["grade"] is None, "the consent does not name it"


async def test_every_reading_is_a_disclosure(scene: Scene) -> None:
    await scene.read(scene.token())
    await scene.read(scene.token())
    store = scene.service.chassis.store
    made = [each async for each in store.find(Disclosure, {"referral": scene.id})]
    assert [(each.agency, each.claim) for each in made] == [("agy-smiles", scene.claim)] * 2
    rows = scene.service.chassis.database["event_log"]
    assert await rows.count_documents({"type": "org.enlace.consent.disclosure-made.v1"}) == 2


async def test_by_an_account_it_is_written_down_who_read(scene: Scene) -> None:
    assert (await scene.read(scene.token(account="carmen")))[0] == 200
    assert (await scene.read(scene.token()))[0] == 200
    store = scene.service.chassis.store
    made = [each async for each in store.find(Disclosure, {}, sort=[("_id", 1)])]
    assert [each.reader for each in made] == ["carmen", None]
    rows = scene.service.chassis.database["event_log"]
    told = [row async for row in rows.find({"type": "org.enlace.consent.disclosure-made.v1"})]
    acted = [(row["by"]["subject"], row["by"]["via"]) for row in told]
    assert acted == [("agy-smiles", "api"), ("agy-smiles", "agency-link")]
    assert "carmen" not in repr([row["data"] for row in told])


async def test_a_consent_that_names_no_agency_is_for_those_that_meet_the_need(
    scene: Scene,
) -> None:
    for meets in ("food clothing", ""):
        status, _ = await scene.read(scene.token(meets=meets))
        assert status == 404, meets
    store = scene.service.chassis.store
    assert [each async for each in store.find(Disclosure, {})] == []

    named = {**scene.family.consent_body(), "agencies": ["agy-smiles"], "parts": ["name"]}
    assert (await scene.family.put(f"/v1/consents/{new_id()}", named)).status_code == 200
    status, identity = await scene.read(scene.token(meets="food"))
    assert (status, identity["name"]) == (200, "Ana Ramírez")
    assert identity["need"] is None, "by the consent that names it, and by no other"


async def test_a_claim_that_waits_for_a_consent_reads_nothing_until_it_is_accepted(
    scene: Scene,
) -> None:
    ref = Ref(Referral, scene.id)

    def held(found: Found) -> Change[None]:
        """Bring back the moment between the consent and what follows from its event."""
        known = found.get(ref)
        assert known is not None
        assert known.claim is not None
        claim = known.claim.model_copy(update={"held_until": NOW + timedelta(days=3)})
        waits = {"business": BusinessStatus.AWAITING_CONSENT, "state": State.REQUESTED}
        return Change(None, [known.having(claim=claim, **waits)])

    store = scene.service.chassis.store
    await store.update([ref], held)
    assert (await scene.read(scene.token()))[0] == 404
    assert [each async for each in store.find(Disclosure, {})] == []

    await honour_consents(scene.desk, scene.family.student)
    assert (await scene.read(scene.token()))[0] == 200


async def test_a_revoked_consent_shuts_the_door_at_once(scene: Scene) -> None:
    consents = await scene.service.chassis.database["consents"].find_one({})
    assert consents is not None
    path = f"/v1/students/{scene.family.student}/consents/{consents['consents'][0]['id']}/revoke"
    assert (
        await scene.service.http.post(path, json={}, headers=scene.service.as_("rosa"))
    ).status_code == 200
    assert (await scene.read(scene.token()))[0] == 404
    store = scene.service.chassis.store
    assert [each async for each in store.find(Disclosure, {})] == []


@pytest.mark.parametrize(
    "changes", [{"claim": "another"}, {"agency": "agy-bus"}, {"referral": "another"}]
)
async def test_a_token_for_something_else_reads_nothing(
    scene: Scene, changes: dict[str, str]
) -> None:
    assert (await scene.read(scene.token(**changes)))[0] == 404


async def test_staff_and_other_services_cannot_use_the_agencys_door(scene: Scene) -> None:
    assert (await scene.read("rosa"))[0] == 403
    notify = ServiceIdentity("notify", scene.keys)
    assert (await scene.read(notify.token("referral")))[0] == 403
    forged = notify.token("referral", referral=scene.id, claim=scene.claim, agency="agy-smiles")
    assert (await scene.read(forged))[0] == 404


async def test_a_family_reads_its_page_by_its_link_until_it_runs_out(scene: Scene) -> None:
    headers = {"X-Enlace-Link": await scene.link(scene.family.mother)}
    early = await scene.service.http.get("/v1/family-status", headers=headers)
    assert early.status_code == 404, "no text has it yet"
    assert (await scene.checked(scene.family.mother))["may_send"]
    page = await scene.service.http.get("/v1/family-status", headers=headers)
    assert (page.status_code, page.json()["greeting"], page.json()["child"]) == (
        200,
        "Elena",
        "Ana",
    )
    assert "dental" not in page.text
    wrong = await scene.service.http.get("/v1/family-status", headers={"X-Enlace-Link": "x" * 22})
    assert wrong.status_code == 404
    scene.clock.advance(timedelta(days=100))
    assert (await scene.checked(scene.family.mother))["may_send"]
    scene.clock.advance(timedelta(days=100))
    again = await scene.service.http.get("/v1/family-status", headers=headers)
    assert again.status_code == 200, "it was told anew since"
    scene.clock.advance(timedelta(days=81))
    late = await scene.service.http.get("/v1/family-status", headers=headers)
    assert late.status_code == 404


async def test_who_may_be_told_only_after_the_need_was_written_reads_their_page_too(
    scene: Scene,
) -> None:
    father, path = new_id(), f"/v1/families/{scene.family.family}"
    seen = await scene.service.http.get(path, headers=scene.service.as_("rosa"))
    contact = {
        "id": father,
        "relation": "father",
        "given_name": "Mateo",
        "reads": "es",
        "phone": "(510) 555-0166",
        "may_be_told": True,
    }
    entered = await scene.service.http.put(
        f"{path}/contacts/{father}",
        json=contact,
        headers={**scene.service.as_("rosa"), "If-Match": seen.headers["ETag"]},
    )
    assert entered.status_code == 200, entered.text

    assert (await scene.checked(father))["may_send"]

    headers = {"X-Enlace-Link": await scene.link(father)}
    page = await scene.service.http.get("/v1/family-status", headers=headers)
    assert (page.status_code, page.json()["greeting"], page.json()["reads"]) == (
        200,
        "Mateo",
        "es",
    )


async def test_notify_is_told_whether_a_message_may_go(scene: Scene) -> None:
    token = ServiceIdentity("notify", scene.keys).token("referral")
    ask = {"referral": scene.id, "template": "family-accepted", "person": scene.family.mother}
    headers = {"Authorization": f"Bearer {token}"}
    good = await scene.service.http.post("/v1/message-checks", json=ask, headers=headers)
    assert good.json() == {"may_send": True, "reason": None, "wait_until": None}
    gone = await scene.service.http.post(
        "/v1/message-checks", json={**ask, "template": "family-asked"}, headers=headers
    )
    assert gone.json() == {"may_send": False, "reason": "cause-gone", "wait_until": None}
    staff = await scene.service.http.post(
        "/v1/message-checks", json=ask, headers=scene.service.as_("rosa")
    )
    assert staff.status_code == 403
