"""Who may act for an agency: whose keys, whose people, and where one-time codes go."""

from typing import Any

import httpx2
import pytest

from services.chassis.ids import new_id
from tests.partner.district import PEOPLE, District, Provider
from tests.running import person

MINE = "mine@example.org"


async def entry(district: District, provider: Provider, who: str = "admin") -> dict[str, Any]:
    answer = await district.get(f"/v1/agencies/{provider.agency}", who)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def readdress(
    district: District, provider: Provider, who: str, email: str = MINE, **changes: Any
) -> httpx2.Response:
    """Write another address of the person whom offers go to."""
    known = await entry(district, provider)
    (contact,) = known["contacts"]
    body = {"name": known["name"], "contacts": [{**contact, "email": email}], **changes}
    path, seen = f"/v1/agencies/{provider.agency}", f'"{known["version"]}"'
    return await district.put(path, body, who, seen)


async def confirm(district: District, provider: Provider, who: str) -> httpx2.Response:
    known = await entry(district, provider)
    return await district.http.post(
        f"/v1/agencies/{provider.agency}/contacts/{known['contacts'][0]['id']}/confirm",
        json={},
        headers={**district.service.as_(who), "If-Match": f'"{known["version"]}"'},
    )


async def taken(district: District) -> Provider:
    """Let an agency of the first school's take a child."""
    smiles = await district.provider("Smiles", seats=3)
    referral = await district.offer(smiles)
    await district.answer(smiles, "claim")
    await district.accept(referral)
    return smiles


def slug(answer: httpx2.Response) -> str:
    return str(answer.json()["type"].rsplit("/")[-1])


@pytest.mark.parametrize("who", ["rosa", "denise"])
async def test_no_coordinator_makes_a_key_or_an_endpoint_of_an_agencys(
    district: District, who: str
) -> None:
    smiles = await district.provider("Smiles")
    key = {"agency": smiles.agency, "name": "Hers", "scopes": ["fhir", "feed", "performance"]}
    hook = {"agency": smiles.agency, "url": "https://example.org/hook"}
    sandbox = {"agency": smiles.agency, "name": "Hers"}
    for path, body in (
        (f"/v1/api-keys/{new_id()}", key),
        (f"/v1/webhooks/{new_id()}", hook),
        (f"/v1/sandbox-keys/{new_id()}", sandbox),
    ):
        assert (await district.put(path, body, who)).status_code == 403, path
    for path in ("/v1/api-keys", "/v1/webhooks"):
        assert (await district.get(f"{path}?agency={smiles.agency}", who)).status_code == 403
    assert await district.rows("api_keys") == []


async def test_an_agencys_entry_is_kept_by_the_schools_it_works_with(district: District) -> None:
    smiles = await district.provider("Smiles")
    refused = await readdress(district, smiles, "denise")
    assert (refused.status_code, slug(refused)) == (403, "not-your-agency")
    assert (await entry(district, smiles))["contacts"][0]["email"] == "marked@example.org"
    assert (await entry(district, smiles, "denise"))["version"] == 1, "she reads it"
    assert (await readdress(district, smiles, "rosa")).status_code == 200


async def test_an_agency_that_works_with_no_school_yet_is_anybodys_to_enter(
    district: District,
) -> None:
    path, body = f"/v1/agencies/{new_id()}", {"name": "Food bank"}
    assert (await district.put(path, body, "rosa")).status_code == 200
    assert (await district.put(path, {"name": "Foodbank"}, "denise", '"1"')).status_code == 200


async def test_an_agencys_own_staff_keep_its_people_and_not_its_name(district: District) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    district.as_agency(smiles.agency)
    assert (await readdress(district, smiles, "agent")).status_code == 200
    for change in ({"name": "Frowns"}, {"retired": True}):
        refused = await readdress(district, smiles, "agent", **change)
        assert (refused.status_code, slug(refused)) == (403, "entry-of-district")
    theirs = await district.put(f"/v1/agencies/{bus.agency}", {"name": "Bus"}, "agent", '"1"')
    assert theirs.status_code == 404
    new = await district.put(f"/v1/agencies/{new_id()}", {"name": "Own"}, "agent")
    assert new.status_code == 404


@pytest.mark.parametrize("who", ["rosa", "admin", "agent"])
async def test_no_code_goes_to_an_address_that_one_person_alone_has_entered(
    district: District, who: str
) -> None:
    smiles = await taken(district)
    district.as_agency(smiles.agency)
    assert (await readdress(district, smiles, who)).status_code == 200
    refused = await district.post(smiles, "code")
    assert (refused.status_code, slug(refused)) == (409, "address-unconfirmed")
    assert "escuela" in refused.json()["detail_es"]
    assert await district.told("IdentityCodeRequested") == []
    (contact,) = (await entry(district, smiles))["contacts"]
    assert (await entry(district, smiles))["unconfirmed"] == [contact["id"]]


async def test_somebody_else_says_that_it_is_right(district: District) -> None:
    smiles = await taken(district)
    assert (await readdress(district, smiles, "rosa")).status_code == 200
    own = await confirm(district, smiles, "rosa")
    assert (own.status_code, slug(own)) == (409, "own-entry")
    assert (await confirm(district, smiles, "denise")).status_code == 403
    said = await confirm(district, smiles, "admin")
    assert (said.status_code, said.json()["unconfirmed"]) == (200, [])
    assert (await district.post(smiles, "code")).status_code == 202
    again = await confirm(district, smiles, "admin")
    assert again.json()["version"] == said.json()["version"]


async def test_a_code_that_is_out_is_worth_nothing_once_the_address_has_changed(
    district: District,
) -> None:
    smiles = await taken(district)
    assert (await district.post(smiles, "code")).status_code == 202
    assert (await readdress(district, smiles, "rosa")).status_code == 200
    typed = {"code": await district.code_of(smiles)}
    refused = await district.post(smiles, "identity-token", typed)
    assert (refused.status_code, slug(refused)) == (409, "address-unconfirmed")
    await confirm(district, smiles, "admin")
    assert (await district.post(smiles, "identity-token", typed)).status_code == 200


async def test_who_leaves_and_comes_back_with_another_address_is_new(district: District) -> None:
    smiles = await taken(district)
    (contact,) = (await entry(district, smiles))["contacts"]
    path = f"/v1/agencies/{smiles.agency}"
    assert (await district.put(path, {"name": "Smiles"}, "rosa", '"1"')).status_code == 200
    back = {"name": "Smiles", "contacts": [{**contact, "email": MINE}]}
    assert (await district.put(path, back, "rosa", '"2"')).status_code == 200
    assert slug(await district.post(smiles, "code")) == "address-unconfirmed"


async def test_another_name_at_the_same_address_is_no_other_address(district: District) -> None:
    smiles = await taken(district)
    known = await entry(district, smiles)
    (contact,) = known["contacts"]
    renamed = {"name": "Smiles", "contacts": [{**contact, "name": "Married Person"}]}
    path = f"/v1/agencies/{smiles.agency}"
    assert (await district.put(path, renamed, "rosa", '"1"')).status_code == 200
    assert (await entry(district, smiles))["unconfirmed"] == []
    assert (await district.post(smiles, "code")).status_code == 202


async def test_a_yes_holds_for_the_version_that_was_seen(district: District) -> None:
    PEOPLE["ines"] = person("ines", "coordinator:site-01")
    smiles = await taken(district)
    assert (await readdress(district, smiles, "rosa")).status_code == 200
    known = await entry(district, smiles)
    assert (await readdress(district, smiles, "rosa", "other@example.org")).status_code == 200
    late = await district.http.post(
        f"/v1/agencies/{smiles.agency}/contacts/{known['contacts'][0]['id']}/confirm",
        json={},
        headers={**district.service.as_("ines"), "If-Match": f'"{known["version"]}"'},
    )
    assert late.status_code == 412
    assert (await confirm(district, smiles, "ines")).status_code == 200
