"""API keys: shown once, hashed, scoped, replaced, expiring, ended; when each was used last."""

from datetime import timedelta

import pytest

from services.chassis.ids import new_id
from tests.partner.build import SITE
from tests.partner.subscriptions.subscribed import Subscribed


async def test_a_key_is_shown_once_and_kept_as_a_hash(district: Subscribed) -> None:
    smiles = await district.provider("Smiles")
    id, body = new_id(), {"agency": smiles.agency, "name": "Case system", "scopes": ["feed"]}
    first = (await district.put(f"/v1/api-keys/{id}", body)).json()
    assert first["key"].startswith("enlk_")
    assert first["key"].startswith(first["shown"])
    assert (await district.put(f"/v1/api-keys/{id}", body)).json()["key"] is None
    (row,) = await district.rows("api_keys")
    assert first["key"] not in repr(row)
    listed = await district.get(f"/v1/api-keys?agency={smiles.agency}", "admin")
    assert [each["key"] for each in listed.json()["items"]] == [None]


async def test_a_key_opens_what_its_scopes_name_and_nothing_else(district: Subscribed) -> None:
    smiles = await district.provider("Smiles")
    feed, hooks = await district.key(smiles, "feed"), await district.key(smiles, "webhooks")
    assert (await district.http.get("/v1/feed", headers=feed)).status_code == 200
    assert (await district.http.get("/v1/webhooks", headers=hooks)).status_code == 200
    for path, key in (
        ("/v1/feed", hooks),
        ("/v1/webhooks", feed),
        ("/v1/api-keys", feed),
        ("/v1/api-keys", hooks),
    ):
        assert (await district.http.get(path, headers=key)).status_code == 403


async def test_a_key_is_good_for_no_other_address(district: Subscribed) -> None:
    smiles = await district.provider("Smiles")
    key = await district.key(smiles)
    for path in ("/v1/agencies", "/v1/services", f"/v1/agencies/{smiles.agency}"):
        assert (await district.http.get(path, headers=key)).status_code in {401, 503}


async def test_a_key_that_is_replaced_works_for_one_day_more(district: Subscribed) -> None:
    smiles = await district.provider("Smiles")
    old = await district.key(smiles, "feed", "keys")
    listed = (await district.http.get("/v1/api-keys", headers=old)).json()["items"]
    body = {"name": "Next", "scopes": ["feed", "keys"], "replaces": listed[0]["id"]}
    made = await district.http.put(f"/v1/api-keys/{new_id()}", json=body, headers=old)
    assert made.status_code == 200, made.text
    new = {"Authorization": f"Bearer {made.json()['key']}"}
    for key in (old, new):
        assert (await district.http.get("/v1/feed", headers=key)).status_code == 200
    district.clock.advance(timedelta(days=1))
    ended = await district.http.get("/v1/feed", headers=old)
    assert (ended.status_code, ended.json()["type"].rsplit("/")[-1]) == (401, "key-not-valid")
    assert (await district.http.get("/v1/feed", headers=new)).status_code == 200


async def test_a_key_makes_none_that_may_more_than_itself_or_is_anothers(
    district: Subscribed,
) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    key = await district.key(smiles, "keys")
    more = {"name": "More", "scopes": ["keys", "feed"]}
    path = f"/v1/api-keys/{new_id()}"
    assert (await district.http.put(path, json=more, headers=key)).status_code == 403
    theirs = {"agency": bus.agency, "name": "Theirs", "scopes": ["keys"]}
    assert (await district.http.put(path, json=theirs, headers=key)).status_code == 404
    (other,) = (await district.get(f"/v1/api-keys?agency={smiles.agency}", "admin")).json()["items"]
    foreign = await district.key(bus, "keys")
    revoke = await district.http.post(
        f"/v1/api-keys/{other['id']}/revoke", json={}, headers=foreign
    )
    assert revoke.status_code == 404
    replace = {"name": "Steal", "scopes": ["keys"], "replaces": other["id"]}
    stolen = await district.http.put(f"/v1/api-keys/{new_id()}", json=replace, headers=foreign)
    assert stolen.status_code == 404
    assert (await district.http.get("/v1/api-keys", headers=key)).status_code == 200


async def test_a_key_that_expired_was_revoked_or_is_made_up_opens_nothing(
    district: Subscribed,
) -> None:
    smiles = await district.provider("Smiles")
    short, long = await district.key(smiles, "feed", days=3), await district.key(smiles)
    district.clock.advance(timedelta(days=3))
    made_up = {"Authorization": "Bearer enlk_" + "A" * 43}
    for key in (short, made_up):
        answer = await district.http.get("/v1/feed", headers=key)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    (kept,) = [
        each
        for each in (await district.http.get("/v1/api-keys", headers=long)).json()["items"]
        if "keys" in each["scopes"]
    ]
    for _ in range(2):
        done = await district.http.post(
            f"/v1/api-keys/{kept['id']}/revoke", json={}, headers=district.service.as_("admin")
        )
        assert (done.status_code, done.json()["revoked"]) == (200, True)
    assert (await district.http.get("/v1/feed", headers=long)).status_code == 401


async def test_the_last_use_is_shown_to_the_minute(district: Subscribed) -> None:
    smiles = await district.provider("Smiles")
    key = await district.key(smiles, "feed")

    async def used() -> str | None:
        listed = await district.get(f"/v1/api-keys?agency={smiles.agency}", "admin")
        found: str | None = listed.json()["items"][0]["last_used"]
        return found

    assert await used() is None
    await district.feed(key)
    assert await used() == "2026-10-13T17:00:00Z"
    district.clock.advance(timedelta(seconds=59))
    await district.feed(key)
    assert await used() == "2026-10-13T17:00:00Z"
    district.clock.advance(timedelta(seconds=1))
    await district.feed(key)
    assert await used() == "2026-10-13T17:01:00Z"


async def test_the_keys_of_a_retired_agency_open_nothing(district: Subscribed) -> None:
    smiles = await district.provider("Smiles")
    key = await district.key(smiles, "feed")
    retired = {"name": "Smiles", "retired": True}
    done = await district.put(f"/v1/agencies/{smiles.agency}", retired, if_match='"1"')
    assert done.status_code == 200
    assert (await district.http.get("/v1/feed", headers=key)).status_code == 401


async def test_a_body_that_says_nothing_usable_is_told_what_may_be_in_two_languages(
    district: Subscribed,
) -> None:
    smiles = await district.provider("Smiles")
    body = {"agency": smiles.agency, "name": "Case system", "scopes": ["everything"]}
    refused = (await district.put(f"/v1/api-keys/{new_id()}", body)).json()["fields"][0]
    for said in (refused["what"], refused["what_es"]):
        assert all(scope in said for scope in ("feed", "webhooks", "keys", "fhir", "performance"))
    hook = await district.hook(smiles, "https://example.org/hook")
    nothing = (await district.command(hook, "replay")).json()["fields"][0]
    assert "either `event`, or `since`, `after` or both" in nothing["what"]
    assert "se debe entregar otra vez" in nothing["what_es"]


@pytest.fixture
def three_calls_a_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENLACE_KEY_CALLS_PER_MINUTE", "3")


@pytest.mark.usefixtures("three_calls_a_minute")
async def test_a_key_that_calls_too_often_is_told_when_to_try_again(district: Subscribed) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    often, other = await district.key(smiles, "feed", "fhir"), await district.key(bus, "feed")
    for _ in range(3):
        assert (await district.http.get("/v1/feed", headers=often)).status_code == 200
    refused = await district.http.get("/v1/feed", headers=often)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "20")
    assert refused.json()["type"].endswith("/too-many-calls")
    task = await district.http.get("/fhir/r4/Task", headers=often)
    assert (task.status_code, task.headers["retry-after"]) == (429, "20")
    assert task.json()["issue"][0]["code"] == "throttled"
    assert (await district.http.get("/v1/feed", headers=other)).status_code == 200
    assert (await district.get("/v1/webhooks?agency=" + smiles.agency, "admin")).status_code == 200
    district.clock.advance(timedelta(seconds=20))
    assert (await district.http.get("/v1/feed", headers=often)).status_code == 200


async def test_a_key_tells_seats_on_the_version_that_it_saw_and_erases_no_hold(
    district: Subscribed,
) -> None:
    smiles = await district.provider("Smiles", seats=3)
    key = await district.key(smiles, "capacity")
    path = f"/v1/capacities/{smiles.service}/{SITE}"
    seen = await district.http.get(path, headers=key)
    assert (seen.status_code, seen.json()["available"]) == (200, 3)
    await district.offer(smiles)
    await district.answer(smiles, "claim")  # a seat is held meanwhile
    body = {"maximum": 5, "available": 5}
    stale = {**key, "If-Match": seen.headers["ETag"]}
    blind = await district.http.put(path, json=body, headers=key)
    assert (blind.status_code, blind.json()["type"].rsplit("/")[-1]) == (409, "seats-known")
    told = await district.http.put(path, json=body, headers=stale)
    assert (told.status_code, told.json()["available"], told.json()["held"]) == (200, 4, 1)
    again = await district.http.put(path, json=body, headers=stale)
    assert again.json()["version"] == told.json()["version"], "sent twice it is told once"
    late = await district.http.put(path, json={**body, "available": 1}, headers=stale)
    assert late.status_code == 412
    listed = (await district.http.get("/v1/capacities", headers=key)).json()["items"]
    assert [each["service"] for each in listed] == [smiles.service]
    (changed,) = (await district.told("PartnerCapacityChanged"))[-1:]
    assert changed.available == 4
