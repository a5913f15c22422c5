"""Endpoints over HTTP: made, changed, ended; who may; what is refused and how."""

import pytest
from standardwebhooks import Webhook

from services.chassis.ids import new_id
from tests.partner.district import PEOPLE
from tests.partner.subscriptions.receiver import Receiver
from tests.partner.subscriptions.subscribed import Subscribed
from tests.running import person

URL = "https://hooks.agency.example/enlace"


async def test_a_secret_is_shown_once_and_kept_sealed(district: Subscribed) -> None:
    smiles = await district.provider("Smiles")
    id, body = new_id(), {"agency": smiles.agency, "url": URL}
    first = (await district.put(f"/v1/webhooks/{id}", body)).json()
    assert first["secret"].startswith("whsec_")
    again = (await district.put(f"/v1/webhooks/{id}", body)).json()
    assert (again["secret"], again["version"], again["live_secrets"]) == (None, 1, 1)
    assert (await district.get(f"/v1/webhooks/{id}", "admin")).json()["secret"] is None
    (row,) = await district.rows("webhook_endpoints")
    assert first["secret"] not in repr(row)
    other = await district.put(f"/v1/webhooks/{id}", {**body, "url": URL + "/2"})
    assert other.json()["type"].endswith("id-taken")


async def test_it_is_changed_by_the_version_seen(district: Subscribed) -> None:
    smiles = await district.provider("Smiles")
    hook = await district.hook(smiles, URL)
    body = {"agency": smiles.agency, "url": URL + "/2", "types": ["org.enlace.offer.opened.v1"]}
    changed = await district.put(f"/v1/webhooks/{hook.id}", body, if_match='"1"')
    assert (changed.status_code, changed.json()["url"]) == (200, URL + "/2")
    late = await district.put(f"/v1/webhooks/{hook.id}", body, if_match='"1"')
    assert late.status_code == 412
    bus = await district.provider("Bus")
    moved = {**body, "agency": bus.agency}
    elsewhere = await district.put(f"/v1/webhooks/{hook.id}", moved, if_match='"2"')
    assert elsewhere.status_code == 404


@pytest.mark.parametrize(
    ("url", "slug"),
    [
        ("http://10.0.0.1/", "not-loopback"),
        ("https://10.0.0.1/", "not-public"),
        ("https://169.254.169.254/latest/meta-data", "not-public"),
        ("https://user:word@hooks.agency.example/", "credentials-in-url"),
        ("ftp://hooks.agency.example/", "malformed-url"),
    ],
)
async def test_an_address_that_leads_inside_is_refused_with_what_to_do(
    district: Subscribed, url: str, slug: str
) -> None:
    smiles = await district.provider("Smiles")
    body = {"agency": smiles.agency, "url": url}
    answer = await district.put(f"/v1/webhooks/{new_id()}", body)
    assert (answer.status_code, answer.json()["type"].rsplit("/")[-1]) == (422, slug)
    assert answer.json()["detail_es"]
    assert await district.rows("webhook_endpoints") == []


async def test_a_type_that_is_none_is_told_by_its_field(district: Subscribed) -> None:
    smiles = await district.provider("Smiles")
    body = {"agency": smiles.agency, "url": URL, "types": ["org.enlace.offer.sold.v1"]}
    answer = await district.put(f"/v1/webhooks/{new_id()}", body)
    assert answer.status_code == 422
    assert answer.json()["fields"][0]["field"] == "body.types.0"


async def test_there_are_never_more_than_ten(district: Subscribed) -> None:
    smiles = await district.provider("Smiles")
    hooks = [await district.hook(smiles, URL) for _ in range(10)]
    body = {"agency": smiles.agency, "url": URL}
    refused = await district.put(f"/v1/webhooks/{new_id()}", body)
    assert refused.json()["type"].endswith("too-many-endpoints")
    gone = await district.http.delete(
        f"/v1/webhooks/{hooks[0].id}", headers=district.service.as_("admin")
    )
    assert gone.status_code == 204
    assert (await district.put(f"/v1/webhooks/{new_id()}", body)).status_code == 200


async def test_who_is_not_the_agency_learns_nothing_of_its_endpoints(district: Subscribed) -> None:
    smiles, bus = await district.provider("Smiles"), await district.provider("Bus")
    hook = await district.hook(smiles, URL)
    own, other = await district.key(smiles), await district.key(bus)
    assert (await district.http.get(f"/v1/webhooks/{hook.id}", headers=own)).status_code == 200
    fresh = new_id()
    for method, path, body in (
        ("GET", "", None),
        ("GET", "/deliveries", None),
        ("DELETE", "", None),
        ("POST", "/rotate-secret", {}),
        ("POST", "/disable", {}),
        ("POST", "/enable", {}),
        ("POST", "/test", {}),
        ("POST", "/replay", {"after": 0}),
    ):
        answers = [
            await district.http.request(
                method,
                f"/v1/webhooks/{id}{path}",
                json=body,
                headers={**other, "If-Match": '"1"'},
            )
            for id in (hook.id, fresh)
        ]
        assert [each.status_code for each in answers] == [404, 404]
        assert answers[0].json() == answers[1].json()
    taken = await district.http.put(f"/v1/webhooks/{hook.id}", json={"url": URL}, headers=other)
    assert taken.status_code == 404
    named = await district.http.put(
        f"/v1/webhooks/{fresh}", json={"agency": smiles.agency, "url": URL}, headers=other
    )
    assert named.status_code == 404
    listed = await district.http.get(
        "/v1/webhooks", params={"agency": smiles.agency}, headers=other
    )
    assert listed.status_code == 404
    assert (await district.http.get("/v1/webhooks", headers=other)).json() == {"items": []}


async def test_an_agencys_staff_may_and_leadership_may_not(district: Subscribed) -> None:
    smiles = await district.provider("Smiles")
    PEOPLE["agent"] = person("agent", f"agency-admin:{smiles.agency}")
    made = await district.put(f"/v1/webhooks/{new_id()}", {"url": URL}, who="agent")
    assert (made.status_code, made.json()["agency"]) == (200, smiles.agency)
    refused = await district.put(f"/v1/webhooks/{new_id()}", {"url": URL}, who="lead")
    assert refused.status_code == 403
    unsaid = await district.put(f"/v1/webhooks/{new_id()}", {"url": URL}, who="admin")
    assert unsaid.json()["type"].endswith("agency-missing")


async def test_a_test_event_tells_at_once_what_came_of_it(
    district: Subscribed, receiver: Receiver
) -> None:
    smiles = await district.provider("Smiles")
    hook = await district.hook(smiles, receiver.url)
    answer = (await district.command(hook, "test")).json()
    assert (answer["outcome"], answer["status"], answer["response"]) == ("delivered", 200, "ok")
    (request,) = receiver.requests
    event = Webhook(hook.secret).verify(request.body, request.headers)
    assert event["type"] == "org.enlace.test.v1"
    assert [each["number"] for each in await district.log(hook)] == [0]
    receiver.status, receiver.body = 500, b"no"
    failed = (await district.command(hook, "test")).json()
    assert (failed["outcome"], failed["status"], failed["response"]) == ("failed", 500, "no")
    assert (await district.view(hook))["state"] == "enabled"


async def test_what_was_deleted_stays_so_and_nobody_can_read_its_secrets(
    district: Subscribed, receiver: Receiver
) -> None:
    smiles = await district.provider("Smiles")
    hook = await district.hook(smiles, receiver.url)
    await district.offer(smiles)
    await district.pump()
    headers = district.service.as_("admin")
    for _ in range(2):
        gone = await district.http.delete(f"/v1/webhooks/{hook.id}", headers=headers)
        assert gone.status_code == 204
    await district.push()
    assert receiver.requests == []
    assert (await district.get(f"/v1/webhooks?agency={smiles.agency}", "admin")).json() == {
        "items": []
    }
    refused = await district.command(hook, "enable")
    assert refused.json()["type"].endswith("endpoint-deleted")
    assert (await district.command(hook, "test")).status_code == 404
    (row,) = await district.rows("webhook_endpoints")
    assert (row["url"], row["secrets"]) == ("", [])
