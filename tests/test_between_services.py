"""What one service asks another, with both of them running."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from contracts.categories import WITHHELD
from contracts.referrals import Bands, Candidate
from services.chassis.clock import FixedClock
from services.chassis.ids import new_id
from services.partner.main import build as build_partner
from services.partner.settings import PartnerSettings
from services.referral.handlers import referrals, release
from services.referral.handlers.desk import Desk
from services.referral.main import build as build_referral
from services.referral.model import commands
from services.referral.model.deletion import DeletionRequest
from services.referral.model.referral import Referral
from services.referral.model.rules import Rules
from services.referral.settings import ReferralSettings
from tests.partner.district import District, Provider
from tests.referral.build import NOW
from tests.referral.test_api import Family
from tests.running import Running, Wires, person, running
from tests.servers import Cell

PEOPLE = {
    "admin": person("admin", "admin"),
    "rosa": person("rosa", "coordinator:site-01"),
    "nurse": person("nurse", "care-team:site-01"),
}
REFERRALS, PARTNERS = 8401, 8402


@dataclass(frozen=True, slots=True)
class Both:
    """Referral and partner, which reach each other."""

    referral: Running
    district: District
    wires: Wires

    async def offer(self, id: str, *to: Provider) -> httpx2.Response:
        body = {"candidates": [{"service": each.service, "agency": each.agency} for each in to]}
        headers = {**self.referral.as_("rosa"), "If-Match": '"1"'}
        return await self.referral.http.post(
            f"/v1/referrals/{id}/offer", json=body, headers=headers
        )

    async def offering(self, id: str, who: str) -> httpx2.Response:
        return await self.district.get(f"/v1/offerings/{id}", who)


@pytest.fixture
async def both(cell: Cell, tmp_path: Path) -> AsyncIterator[Both]:
    clock, wires = FixedClock(NOW), Wires()
    async with contextlib.AsyncExitStack() as stack:
        shared: dict[str, Any] = {"clock": clock, "wires": wires}
        referral = await stack.enter_async_context(
            running("referral", build_referral, ReferralSettings, cell, tmp_path, PEOPLE, **shared)
        )
        partner = await stack.enter_async_context(
            running("partner", build_partner, PartnerSettings, cell, tmp_path, PEOPLE, **shared)
        )
        yield Both(referral, District(partner, clock), wires)


async def drafted(both: Both, category: str = "dental") -> str:
    family, id = await Family(both.referral).entered(), new_id()
    body = {"student": family.student, "category": category, "need": "Palabras inventadas"}
    assert (await family.put(f"/v1/referrals/{id}", body)).status_code == 200
    return id


async def test_an_agency_without_an_agreement_is_not_asked_and_another_can_be(both: Both) -> None:
    lapsed = await both.district.provider("Lapsed Smiles", until="2026-10-01")
    good = await both.district.provider("Good Smiles")
    id = await drafted(both)

    refused = await both.offer(id, good, lapsed)
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("/cannot-be-asked")
    assert "Lapsed Smiles: The agreement has expired" in refused.json()["detail"]
    assert "Lapsed Smiles: El convenio ya venció" in refused.json()["detail_es"]
    kept = await both.referral.http.get(f"/v1/referrals/{id}", headers=both.referral.as_("rosa"))
    assert (kept.json()["state"], kept.json()["version"]) == ("draft", 1), "nothing was sent"

    assert (await both.offer(id, good)).status_code == 200


async def test_a_service_that_is_not_in_the_directory_is_not_asked(both: Both) -> None:
    good = await both.district.provider("Good Smiles")
    id = await drafted(both)
    swapped = Provider("Swapped", new_id(), good.service, "")
    refused = await both.offer(id, swapped)
    assert refused.json()["type"].endswith("/cannot-be-asked")
    assert "No longer in the directory" in refused.json()["detail"]


async def test_a_service_for_another_need_is_asked_where_the_family_named_its_agency(
    both: Both,
) -> None:
    smiles = await both.district.provider("Good Smiles")
    family, id = await Family(both.referral).entered(), new_id()
    body = {"student": family.student, "category": "food", "need": "Palabras inventadas"}
    assert (await family.put(f"/v1/referrals/{id}", body)).status_code == 200
    consent = {**family.consent_body(), "categories": ["food"]}
    assert (await family.put(f"/v1/consents/{new_id()}", consent)).status_code == 200

    refused = await both.offer(id, smiles)
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("/cannot-be-asked")
    assert "Good Smiles: Does not meet this need" in refused.json()["detail"]
    assert "with that agency named" in refused.json()["detail"]
    assert "con el nombre de esa agencia" in refused.json()["detail_es"]

    named = {**consent, "agencies": [smiles.agency]}
    assert (await family.put(f"/v1/consents/{new_id()}", named)).status_code == 200
    assert (await both.offer(id, smiles)).status_code == 200


async def test_who_was_let_in_by_name_alone_goes_once_that_consent_is_taken_back(
    both: Both,
) -> None:
    """One that names nobody stays; it is for those that meet the need, and was never for this."""
    smiles = await both.district.provider("Good Smiles")
    family, ids = await Family(both.referral).entered(), [new_id(), new_id()]
    kept, named = new_id(), new_id()
    consent = {**family.consent_body(), "categories": ["food"], "parts": ["name"]}
    for id, body in ((kept, consent), (named, {**consent, "agencies": [smiles.agency]})):
        assert (await family.put(f"/v1/consents/{id}", body)).status_code == 200
    desk = Desk(both.referral.chassis.store, both.district.clock, Rules)
    claims = []
    for id in ids:
        need = {"student": family.student, "category": "food", "need": "Palabras inventadas"}
        need |= {"despite_duplicate": "One test refers a child twice"}
        assert (await family.put(f"/v1/referrals/{id}", need)).status_code == 200
        assert (await both.offer(id, smiles)).status_code == 200
        claims.append(await claimed(desk, id, smiles))
    await release.disclose(desk, ids[0], claims[0], smiles.agency, frozenset({"dental"}))

    path = f"/v1/students/{family.student}/consents/{named}/revoke"
    headers = both.referral.as_("rosa")
    revoked = await both.referral.http.post(path, json={}, headers=headers)
    assert revoked.status_code == 200, revoked.text
    for id in ids:
        after = await desk.store.get(Referral, id)
        assert after is not None
        assert (after.state, after.reason) == ("cancelled", "consent-revoked")
    asked = [each async for each in desk.store.find(DeletionRequest, {})]
    assert [(each.agency, each.referrals) for each in asked] == [(smiles.agency, (ids[0],))]

    again, late = new_id(), Candidate(service=smiles.service, agency=smiles.agency)
    need = {"student": family.student, "category": "food", "need": "Palabras inventadas"}
    assert (await family.put(f"/v1/referrals/{again}", need)).status_code == 200
    marked = late.model_copy(update={"other_need": True})
    bands = Bands(age="7-9", language="es")
    await referrals.command(desk, again, commands.Request(marked, bands, NOW + timedelta(days=2)))
    await claimed(desk, again, smiles)
    waits = await desk.store.get(Referral, again)
    assert waits is not None
    assert waits.business == "awaiting-consent", "no consent that holds lets this agency in"


async def claimed(desk: Desk, referral: str, by: Provider) -> str:
    """Have an agency's claim answered."""
    claim = new_id()
    candidate = Candidate(service=by.service, agency=by.agency)

    def wish(consented: bool) -> commands.Claim:  # noqa: FBT001 - one flag, its only argument
        return commands.Claim(claim, by.service, by.agency, round=1, consented=consented)

    await referrals.claim(desk, referral, wish, candidate)
    return claim


async def test_a_consent_names_agencies_of_the_directory_alone(both: Both) -> None:
    smiles = await both.district.provider("Good Smiles")
    family = await Family(both.referral).entered()
    strange = {**family.consent_body(), "agencies": [smiles.agency, new_id()]}
    refused = await family.put(f"/v1/consents/{new_id()}", strange)
    assert refused.status_code == 409
    assert refused.json()["type"].endswith("/agency-not-there")
    assert "take each from the list of agencies" in refused.json()["detail"]
    assert "lista de agencias" in refused.json()["detail_es"]
    named = {**strange, "agencies": [smiles.agency]}
    assert (await family.put(f"/v1/consents/{new_id()}", named)).status_code == 200
    del both.wires.to[PARTNERS]
    assert (await family.put(f"/v1/consents/{new_id()}", strange)).status_code == 200


async def test_while_partner_is_away_an_offer_goes_its_way(both: Both) -> None:
    good = await both.district.provider("Good Smiles")
    id = await drafted(both)
    del both.wires.to[PARTNERS]
    assert (await both.offer(id, good)).status_code == 200


async def test_who_may_not_see_a_restricted_need_does_not_see_whom_it_was_offered_to(
    both: Both,
) -> None:
    counselors = await both.district.provider("Marked Counselors")
    id = await drafted(both, "mental-health")
    await both.district.happened(
        id,
        "ReferralOffered",
        round=1,
        site="site-01",
        category=WITHHELD,
        urgency="routine",
        bands=Bands(age="7-9", language="es"),
        candidates=(Candidate(service=counselors.service, agency=counselors.agency),),
        answer_by=NOW + timedelta(days=2),
    )
    assert (await both.offering(id, "rosa")).json()["offers"][0]["agency_name"] == counselors.name
    hidden = await both.offering(id, "nurse")
    assert hidden.status_code == 404
    assert "Marked" not in hidden.text

    del both.wires.to[REFERRALS]
    unsure = await both.offering(id, "rosa")
    assert unsure.status_code == 503, "who may see it cannot be looked up"
    assert unsure.json()["detail_es"]
