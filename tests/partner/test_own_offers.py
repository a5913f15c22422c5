"""An agency's staff who have signed in: their offers, their answers, and who a child is."""

from datetime import timedelta
from typing import Any

import httpx2

from services.chassis.ids import new_id
from tests.partner.district import PEOPLE, District, Provider
from tests.partner.test_batches import Page, asked
from tests.running import person


def signed_in(provider: Provider, *roles: str, name: str = "desk") -> str:
    """Let somebody sign in as staff of an agency; returns who."""
    PEOPLE[name] = person(name, *(f"{role}:{provider.agency}" for role in roles or ("agency",)))
    return name


async def act(
    district: District, who: str, path: str, body: dict[str, Any] | None = None
) -> httpx2.Response:
    headers = district.service.as_(who)
    return await district.http.post(path, json=body or {}, headers=headers)


async def shelf(district: District, who: str, name: str, **query: Any) -> list[dict[str, Any]]:
    answer = await district.http.get(
        "/v1/offers", params={"shelf": name, **query}, headers=district.service.as_(who)
    )
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


def slug(answer: httpx2.Response) -> str:
    return str(answer.json()["type"]).rpartition("/")[2]


async def test_what_waits_is_answered_by_an_account_and_then_it_is_theirs(
    district: District,
) -> None:
    smiles = await district.provider("Smiles", seats=1)
    who = signed_in(smiles)
    referral = await district.offer(smiles)
    (row,) = await shelf(district, who, "open")
    assert (row["service_name"], row["category"], row["state"]) == ("Smiles", "dental", "open")
    assert row["bands"]["age"] == "7-9"
    assert referral not in repr(row)
    place = f"/v1/offers/{row['offer']}"
    actions = (await district.get(place, who)).json()["next_actions"]
    assert actions == ["claim", "decline", "question", "seats"]
    taken = (await act(district, who, f"{place}/claim")).json()
    assert (taken["state"], taken["seats"]["available"]) == ("claimed", 0)
    assert await shelf(district, who, "open") == []
    await district.accept(referral)
    date = "2026-10-20T17:00:00Z"
    said = {"progress": "scheduled", "appointment": date}
    assert (await act(district, who, f"{place}/progress", said)).json()["appointment"] == date
    (ours,) = await shelf(district, who, "ours")
    assert (ours["state"], ours["progress"], ours["appointment"]) == ("accepted", "scheduled", date)
    done = {"progress": "completed", "outcome": "need-met"}
    assert (await act(district, who, f"{place}/progress", done)).json()["state"] == "completed"
    assert await shelf(district, who, "ours") == []
    assert [each["state"] for each in await shelf(district, who, "over")] == ["completed"]


async def test_a_no_with_words_waiting_and_seats_go_by_an_account_too(district: District) -> None:
    smiles = await district.provider("Smiles", seats=0)
    who = signed_in(smiles)
    await district.offer(smiles)
    (row,) = await shelf(district, who, "open")
    place = f"/v1/offers/{row['offer']}"
    assert (await act(district, who, f"{place}/claim")).status_code == 409
    assert (await act(district, who, f"{place}/waitlist")).json()["state"] == "waitlisted"
    assert [each["offer"] for each in await shelf(district, who, "waiting")] == [row["offer"]]
    no = {"reason": "other", "words": "We are moving house"}
    card = (await act(district, who, f"{place}/decline", no)).json()
    assert (card["state"], card["decline_reason"]) == ("declined", "other")
    (row,) = await district.rows("offerings")
    assert "moving house" not in repr(row)
    seats = {"available": 4, "version": card["seats"]["version"]}
    assert (await act(district, who, f"{place}/seats", seats)).json()["seats"]["available"] == 4


async def test_only_who_answers_for_the_agency_sees_and_answers(district: District) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    await district.offer(smiles)
    own = district.offers[smiles.agency].offer
    office = signed_in(smiles, "agency-admin", name="office")
    for who in (office, "admin", "rosa", "lead"):
        for path in ("/v1/offers", f"/v1/offers/{own}", "/v1/batches"):
            assert (await district.get(path, who)).status_code == 403, (who, path)
    other = signed_in(bus, name="other")
    for path in (f"/v1/offers/{own}", f"/v1/offers?agency={smiles.agency}"):
        assert (await district.get(path, other)).status_code == 404
    assert (await act(district, other, f"/v1/offers/{own}/claim")).status_code == 404
    PEOPLE["both"] = person("both", f"agency-admin:{smiles.agency}", f"agency:{bus.agency}")
    assert (await district.get(f"/v1/offers/{own}", "both")).status_code == 404


async def test_an_account_of_every_agency_is_of_none(district: District) -> None:
    smiles = await district.provider("Smiles")
    await district.offer(smiles)
    PEOPLE["all"] = person("all", "agency:*", "agency:", "agency-admin:*")
    assert (await district.get("/v1/offers", "all")).status_code == 403
    assert (await district.get(f"/v1/agencies/{smiles.agency}", "all")).status_code == 403


async def test_whoever_answers_for_two_agencies_says_for_which(district: District) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    await district.offer(smiles, bus)
    PEOPLE["two"] = person("two", f"agency:{smiles.agency}", f"agency:{bus.agency}")
    assert slug(await district.get("/v1/offers", "two")) == "agency-missing"
    for each in (smiles, bus):
        (row,) = await shelf(district, "two", "open", agency=each.agency)
        assert row["service"] == each.service
        assert (await district.get(f"/v1/offers/{row['offer']}", "two")).status_code == 200


async def test_who_was_late_and_what_another_took_tell_no_more_what_it_was_about(
    district: District,
) -> None:
    smiles, bus = await district.provider("Smiles", seats=2), await district.provider("Bus")
    late = signed_in(bus)
    await district.offer(smiles, bus)
    await district.answer(smiles, "claim")
    (gone,) = await shelf(district, late, "over")
    assert (gone["state"], gone["bands"]) == ("taken", None)
    await district.offer(bus)
    district.clock.advance(timedelta(days=3))
    # Nobody has swept yet: the time is over all the same.
    assert await shelf(district, late, "open") == []
    assert [each["state"] for each in await shelf(district, late, "over")] == ["expired", "taken"]


async def test_what_never_went_out_stands_nowhere(district: District) -> None:
    lapsed = await district.provider("Lapsed", until="2026-09-01")
    who = signed_in(lapsed)
    await district.offer(lapsed, expect_open=False)
    (row,) = await district.rows("offerings")
    (offer,) = row["offers"]
    for name in ("open", "waiting", "ours", "over"):
        assert await shelf(district, who, name) == []
    assert (await district.get(f"/v1/offers/{offer['id']}", who)).status_code == 404


async def test_pages_hold_every_offer_once(district: District) -> None:
    smiles = await district.provider("Smiles")
    who = signed_in(smiles)
    for _ in range(5):
        await district.offer(smiles)
    seen: list[str] = []
    cursor = None
    while True:
        query = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        headers = district.service.as_(who)
        page = (await district.http.get("/v1/offers", params=query, headers=headers)).json()
        seen += [each["offer"] for each in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 5


async def test_an_account_reads_who_it_is_without_a_code_once_the_school_has_confirmed(
    district: District,
) -> None:
    smiles = await district.provider("Smiles", seats=1)
    who = signed_in(smiles)
    referral = await district.offer(smiles)
    place = f"/v1/offers/{district.offers[smiles.agency].offer}"
    assert (await act(district, who, f"{place}/identity-token")).status_code == 409
    await act(district, who, f"{place}/claim")
    early = await act(district, who, f"{place}/identity-token")
    assert slug(early) == "not-confirmed"
    claim = await district.accept(referral)
    found = await act(district, who, f"{place}/identity-token")
    assert found.json()["referral"] == referral
    claims = district.read_token(found.json()["token"])
    vouched = {name: claims[name] for name in ("referral", "claim", "agency", "account", "meets")}
    assert vouched == {
        "referral": referral,
        "claim": claim,
        "agency": smiles.agency,
        "account": who,
        "meets": "dental",
    }
    assert await district.told("IdentityCodeRequested") == []


async def test_who_administers_a_system_and_a_key_read_no_child(district: District) -> None:
    smiles = await district.provider("Smiles", seats=1)
    referral = await district.offer(smiles)
    await district.answer(smiles, "claim")
    await district.accept(referral)
    path = f"/v1/offers/{district.offers[smiles.agency].offer}/identity-token"
    office = signed_in(smiles, "agency-admin", name="office")
    assert (await act(district, office, path)).status_code == 403
    scopes = ["feed", "webhooks", "keys", "fhir", "performance", "capacity"]
    body = {"agency": smiles.agency, "name": "System", "scopes": scopes}
    key = (await district.put(f"/v1/api-keys/{new_id()}", body, office)).json()["key"]
    headers = {"Authorization": f"Bearer {key}"}
    refused = await district.http.post(path, json={}, headers=headers)
    assert refused.status_code in {401, 503}, "asked of a sign-in service that is not here"
    assert "token" not in refused.json()


async def test_of_many_at_once_so_many_are_taken_by_an_account(district: District) -> None:
    clinic = await district.provider("Clinic", seats=5)
    who = signed_in(clinic)
    batch, _ = await asked(district, clinic, 3)
    assert (await district.get("/v1/batches", who)).json() == {"items": []}, "not told yet"
    await Page.told(district)
    (row,) = (await district.get("/v1/batches", who)).json()["items"]
    assert (row["id"], row["open"], row["service_name"]) == (batch, 3, "Clinic")
    assert {each["batch"] for each in await shelf(district, who, "open")} == {batch}
    page = (await act(district, who, f"/v1/batches/{batch}/take", {"take": 2, "turn": 0})).json()
    assert (page["open"], page["taken"], page["last"]) == (1, 2, {"wants": 2, "got": 2})
    assert [each["token"] for each in page["rows"]] == [None] * 3, "nobody else's link"
    again = await act(district, who, f"/v1/batches/{batch}/take", {"take": 2, "turn": 0})
    assert again.json()["taken"] == 2
    rest = {"reason": "no-capacity", "turn": 1}
    none = (await act(district, who, f"/v1/batches/{batch}/decline", rest)).json()
    assert (none["open"], none["taken"]) == (0, 2)
    assert (await district.get("/v1/batches", who)).json() == {"items": []}
    other = signed_in(await district.provider("Other"), name="other")
    assert (await district.get(f"/v1/batches/{batch}", other)).status_code == 404
