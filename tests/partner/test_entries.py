"""Agencies confirm what the directory says of them: asked twice a year, with one tap, by link."""

from datetime import UTC, datetime, timedelta
from typing import Any

from contracts.codes import LinkPurpose
from services.chassis.links import derive_token, read_link_key
from services.partner.model.confirming import morning_after
from tests.partner.district import District, Provider

HALF_A_YEAR = timedelta(days=182)


async def asked(district: District) -> Any:
    """Return the last asking."""
    return (await district.told("EntriesAsked"))[-1]


async def link(district: District) -> dict[str, str]:
    """Return the header with the link that notify would send last."""
    event = await asked(district)
    token = derive_token(
        read_link_key(district.service.chassis.settings.keys_dir),
        purpose=LinkPurpose.AGENCY_ENTRIES,
        subject=event.agency,
        recipient=event.contact,
        nonce=event.nonce,
    )
    return {"X-Enlace-Link": token}


async def due(district: District) -> Provider:
    """Return an agency that has just been asked."""
    smiles = await district.provider("Smiles", seats=1)
    district.clock.advance(HALF_A_YEAR + timedelta(hours=12))
    await district.sweep()
    return smiles


async def test_an_agency_is_asked_twice_a_year_in_the_morning_and_once(
    district: District,
) -> None:
    await due(district)
    assert len(await district.told("EntriesAsked")) == 1
    await district.sweep()
    assert len(await district.told("EntriesAsked")) == 1
    for _ in range(4):
        district.clock.advance(timedelta(days=92))
        await district.sweep()
    assert len(await district.told("EntriesAsked")) == 3
    morning = morning_after(datetime(2026, 10, 13, 17, tzinfo=UTC), HALF_A_YEAR, "America/New_York")
    assert morning == datetime(2027, 4, 13, 13, tzinfo=UTC)


async def test_opening_the_link_shows_and_one_tap_confirms_once(district: District) -> None:
    smiles = await due(district)
    header = await link(district)
    shown = await district.http.get("/v1/entries-answers", headers=header)
    assert shown.status_code == 200, shown.text
    assert (shown.json()["done"], shown.json()["confirmed"]) == (False, None)
    assert [each["name"] for each in shown.json()["services"]] == ["Smiles"]
    before = (await district.get(f"/v1/services/{smiles.service}")).json()
    assert before["confirmed"]["by"] == "school"
    for _ in range(2):
        said = await district.http.post("/v1/entries-answers/confirm", json={}, headers=header)
        assert (said.status_code, said.json()["done"]) == (200, True)
        district.clock.advance(timedelta(hours=1))
    (event,) = await district.told("EntriesConfirmed")
    assert event.services == (smiles.service,)
    after = (await district.get(f"/v1/services/{smiles.service}")).json()
    assert after["confirmed"]["by"] == "agency"
    assert after["version"] == before["version"] + 1
    agency = (await district.get(f"/v1/agencies/{smiles.agency}")).json()
    assert agency["confirmed"] == after["confirmed"]
    exported = (await district.get(f"/v1/hsds/services/{smiles.service}")).json()
    assert exported["assured_date"] == after["confirmed"]["at"][:10]


async def test_a_link_that_is_none_of_ours_or_too_old_or_of_who_has_left_opens_nothing(
    district: District,
) -> None:
    smiles = await due(district)
    header = await link(district)
    guessed = {"X-Enlace-Link": "A" * 22}
    assert (await district.http.get("/v1/entries-answers", headers=guessed)).status_code == 404
    known = await district.get(f"/v1/agencies/{smiles.agency}")
    etag = known.headers["ETag"]
    path = f"/v1/agencies/{smiles.agency}"
    nobody: dict[str, Any] = {"name": "Smiles", "contacts": []}
    assert (await district.put(path, nobody, "admin", etag)).status_code == 200
    assert (await district.http.get("/v1/entries-answers", headers=header)).status_code == 404


async def test_the_link_of_an_asking_works_for_two_months(district: District) -> None:
    await due(district)
    header = await link(district)
    district.clock.advance(timedelta(days=59))
    assert (await district.http.get("/v1/entries-answers", headers=header)).status_code == 200
    district.clock.advance(timedelta(days=1))
    post = await district.http.post("/v1/entries-answers/confirm", json={}, headers=header)
    assert post.status_code == 404
    assert await district.told("EntriesConfirmed") == []


async def test_an_old_entry_says_so_and_is_not_hidden(district: District) -> None:
    smiles = await district.provider("Smiles", seats=1)
    path = "/v1/matches?category=dental&site=site-01"

    async def codes() -> set[str]:
        (match,) = (await district.get(path)).json()["matches"]
        return {each["code"] for each in match["reasons"]}

    assert "entry-old" not in await codes()
    district.clock.advance(timedelta(days=220))
    assert "entry-old" in await codes()
    assert (await district.get(f"/v1/services/{smiles.service}")).json()["entry_old"]
    await district.sweep()
    header = await link(district)
    await district.http.post("/v1/entries-answers/confirm", json={}, headers=header)
    assert "entry-old" not in await codes()
    assert not (await district.get(f"/v1/services/{smiles.service}")).json()["entry_old"]
