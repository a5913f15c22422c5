"""Deliveries to real receivers of this machine: in order, again, once too often, never too long."""

from datetime import UTC, datetime, timedelta

import httpx2
from cloudevents.v1.http import from_http
from standardwebhooks import Webhook

from contracts.agencies import WebhookDisabled
from services.chassis.ids import new_id
from services.chassis.tasks import end
from tests.partner.district import Provider
from tests.partner.subscriptions.receiver import Receiver, receiving
from tests.partner.subscriptions.subscribed import Hook, Subscribed, bodies, kinds


async def rotate(district: Subscribed, hook: Hook, seen: int) -> httpx2.Response:
    """Make a fresh secret on the version that was seen."""
    headers = {**district.service.as_("admin"), "If-Match": f'"{seen}"'}
    path = f"/v1/webhooks/{hook.id}/rotate-secret"
    return await district.http.post(path, json={}, headers=headers)


class TestDelivery:
    async def test_each_delivery_is_verified_by_the_standards_library_and_read_as_a_cloudevent(
        self, district: Subscribed, receiver: Receiver
    ) -> None:
        smiles = await district.provider("Smiles", seats=1)
        hook = await district.hook(smiles, receiver.url)
        referral = await district.offer(smiles)
        await district.answer(smiles, "claim")
        await district.pump()
        await district.accept(referral)
        await district.push()
        assert kinds(bodies(receiver)) == ["opened", "claimed", "accepted"]
        for request in receiver.requests:
            event = Webhook(hook.secret).verify(request.body, request.headers)
            assert request.headers["webhook-id"] == event["id"]
            read = from_http(request.headers, request.body)
            assert (read["type"], read.data["offer"]) == (event["type"], event["subject"])
        assert bodies(receiver)[-1]["data"]["referral"] == referral
        log = await district.log(hook)
        assert [(each["outcome"], each["status"]) for each in log] == [("delivered", 200)] * 3
        assert [each["body"] for each in log][::-1] == [
            each.body.decode() for each in receiver.requests
        ]

    async def test_the_pushed_and_the_pulled_are_the_same(
        self, district: Subscribed, receiver: Receiver
    ) -> None:
        smiles = await district.provider("Smiles", seats=1)
        await district.hook(smiles, receiver.url)
        await district.offer(smiles)
        await district.answer(smiles, "claim")
        await district.push()
        assert (await district.feed(await district.key(smiles)))["items"] == bodies(receiver)

    async def test_only_what_was_asked_for_is_sent(
        self, district: Subscribed, receiver: Receiver
    ) -> None:
        smiles, bus = await district.provider("Smiles", seats=1), await district.provider("Bus")
        await district.hook(
            smiles, receiver.url, types=["org.enlace.offer.claimed.v1"], services=[smiles.service]
        )
        await district.hook(bus, receiver.url, services=[smiles.service])
        await district.offer(smiles, bus)
        await district.answer(smiles, "claim")
        await district.push()
        assert kinds(bodies(receiver)) == ["claimed"]

    async def test_what_is_about_is_looked_at_again_at_the_delivery(
        self, district: Subscribed, receiver: Receiver
    ) -> None:
        smiles, bus = await district.provider("Smiles", seats=1), await district.provider("Bus")
        await district.hook(bus, receiver.url)
        await district.offer(smiles, bus)
        await district.answer(smiles, "claim")
        await district.push()  # opened and withdrawn before anything was sent
        first, second = bodies(receiver)
        assert first["data"] == {
            "offer": first["subject"],
            "service": bus.service,
            "withheld": True,
        }
        assert second["data"]["reason"] == "taken"

    async def test_an_agency_that_has_left_is_sent_nothing(
        self, district: Subscribed, receiver: Receiver
    ) -> None:
        smiles = await district.provider("Smiles")
        await district.hook(smiles, receiver.url)
        await district.offer(smiles)
        await district.pump()
        retired = {"name": "Smiles", "retired": True}
        await district.put(f"/v1/agencies/{smiles.agency}", retired, if_match='"1"')
        await district.push()
        assert receiver.requests == []
        assert await district.pusher.due() == 0

    async def test_who_rotates_twice_is_still_verified_by_what_the_receiver_has(
        self, district: Subscribed, receiver: Receiver
    ) -> None:
        smiles = await district.provider("Smiles")
        hook = await district.hook(smiles, receiver.url)
        for version in (1, 2, 3):
            rotated = await rotate(district, hook, version)
            assert rotated.json()["live_secrets"] == version + 1
        refused = await rotate(district, hook, 4)
        assert refused.json()["type"].endswith("too-many-secrets")
        await district.command(hook, "test")
        last = rotated.json()["secret"]
        for secret in (hook.secret, last):
            Webhook(secret).verify(receiver.requests[-1].body, receiver.requests[-1].headers)
        district.clock.advance(timedelta(days=1))
        assert (await district.view(hook))["live_secrets"] == 1
        assert (await rotate(district, hook, 4)).status_code == 200

    async def test_for_a_day_after_a_rotation_both_secrets_verify(
        self, district: Subscribed, receiver: Receiver
    ) -> None:
        smiles = await district.provider("Smiles")
        hook = await district.hook(smiles, receiver.url)
        rotated = await rotate(district, hook, 1)
        fresh = rotated.json()["secret"]
        assert (rotated.json()["live_secrets"], fresh != hook.secret) == (2, True)
        await district.offer(smiles)
        await district.push()
        for secret in (fresh, hook.secret):
            Webhook(secret).verify(receiver.requests[-1].body, receiver.requests[-1].headers)
        district.clock.advance(timedelta(days=1))
        await district.offer(smiles)
        await district.push()
        last = receiver.requests[-1]
        assert len(last.headers["webhook-signature"].split()) == 1
        Webhook(fresh).verify(last.body, last.headers)


async def test_after_an_erasure_the_log_tells_no_more_what_was_sent(
    district: Subscribed, receiver: Receiver
) -> None:
    smiles = await district.provider("Smiles")
    hook = await district.hook(smiles, receiver.url)
    referral = await district.offer(smiles)
    await district.push()
    (line,) = await district.log(hook)
    assert '"7-9"' in line["body"]
    await district.happened(referral, "ReferralErased")
    (line,) = await district.log(hook)
    one = await district.get(f"/v1/webhooks/{hook.id}/deliveries/{line['id']}", "admin")
    assert one.json() == line
    assert '"7-9"' not in line["body"]
    assert '"withheld": true' in line["body"]
    other = await district.get(f"/v1/webhooks/{hook.id}/deliveries/{new_id()}", "admin")
    assert other.status_code == 404


class TestFailure:
    async def test_it_is_tried_again_under_the_same_id_and_a_fresh_signature(
        self, district: Subscribed, receiver: Receiver
    ) -> None:
        smiles = await district.provider("Smiles")
        hook = await district.hook(smiles, receiver.url)
        receiver.status, receiver.body = 503, b"not now"
        await district.offer(smiles)
        for wait in (timedelta(), timedelta(seconds=6), timedelta(minutes=6)):
            district.clock.advance(wait)
            await district.push()
            await district.push()  # not due again yet
        assert len(receiver.requests) == 3
        receiver.status = 200
        district.clock.advance(timedelta(minutes=36))
        await district.push()
        await district.push()
        assert len(receiver.requests) == 4
        assert len({each.headers["webhook-id"] for each in receiver.requests}) == 1
        Webhook(hook.secret).verify(receiver.requests[-1].body, receiver.requests[-1].headers)
        now = datetime.now(UTC).timestamp()
        assert abs(now - int(receiver.requests[-1].headers["webhook-timestamp"])) < 60
        log = await district.log(hook)
        assert [each["outcome"] for each in log] == ["delivered", "failed", "failed", "failed"]
        assert log[1]["response"] == "not now"
        assert log[1]["next_try"] is not None
        assert (await district.view(hook))["failing_since"] is None

    async def test_one_that_fails_holds_up_its_own_referral_and_no_other(
        self, district: Subscribed
    ) -> None:
        async with receiving() as picky:
            smiles = await district.provider("Smiles", seats=2)
            hook = await district.hook(smiles, picky.url)
            picky.status = 500
            await district.offer(smiles)
            await district.push()
            await district.answer(smiles, "claim")
            picky.status = 200
            await district.offer(smiles)
            await district.push()
            assert kinds(bodies(picky)) == ["opened", "opened"]
            district.clock.advance(timedelta(seconds=6))
            await district.push()
            assert kinds(bodies(picky)) == ["opened", "opened", "opened", "claimed"]
            assert bodies(picky)[2]["id"] == bodies(picky)[0]["id"]
            assert len(await district.log(hook)) == 4

    async def test_who_asks_to_be_left_alone_is(
        self, district: Subscribed, receiver: Receiver
    ) -> None:
        smiles = await district.provider("Smiles")
        await district.hook(smiles, receiver.url)
        receiver.status, receiver.headers = 429, {"Retry-After": "3600"}
        await district.offer(smiles)
        await district.push()
        district.clock.advance(timedelta(minutes=59))
        await district.push()
        assert len(receiver.requests) == 1
        district.clock.advance(timedelta(minutes=1))
        await district.push()
        assert len(receiver.requests) == 2

    async def test_after_the_last_try_it_is_given_up_and_the_next_one_goes(
        self, district: Subscribed, receiver: Receiver
    ) -> None:
        smiles = await district.provider("Smiles", seats=1)
        hook = await district.hook(smiles, receiver.url)
        receiver.status = 500
        await district.offer(smiles)
        await district.push()
        await district.answer(smiles, "claim")
        for _ in range(9):
            district.clock.advance(timedelta(hours=29))
            await district.command(hook, "enable")  # a person who keeps trying
            await district.push()
        await district.push()
        outcomes = [each["outcome"] for each in await district.log(hook)]
        assert outcomes[:2] == ["failed", "given-up"]
        assert outcomes[2:] == ["failed"] * 9
        assert kinds(bodies(receiver)) == ["opened"] * 10 + ["claimed"]

    async def test_gone_disables_at_once_and_its_agency_is_told(
        self, district: Subscribed, receiver: Receiver
    ) -> None:
        smiles = await district.provider("Smiles")
        hook = await district.hook(smiles, receiver.url)
        receiver.status = 410
        await district.offer(smiles)
        await district.push()
        view = await district.view(hook)
        assert (view["state"], view["reason"]) == ("disabled", "gone")
        await district.offer(smiles)
        district.clock.advance(timedelta(days=1))
        await district.push()
        assert len(receiver.requests) == 1
        (told,) = await district.told("WebhookDisabled")
        assert isinstance(told, WebhookDisabled)
        assert (told.agency, told.endpoint, told.reason) == (smiles.agency, hook.id, "gone")
        assert told.contact == await _contact(district, smiles)

    async def test_five_days_of_failure_disable_it_and_its_agency_is_told(
        self, district: Subscribed, receiver: Receiver
    ) -> None:
        smiles = await district.provider("Smiles")
        hook = await district.hook(smiles, receiver.url)
        receiver.status = 500
        await district.offer(smiles)
        await district.push()
        assert (await district.view(hook))["failing_since"] is not None
        district.clock.advance(timedelta(days=5) - timedelta(seconds=1))
        await district.sweep()
        assert (await district.view(hook))["state"] == "enabled"
        district.clock.advance(timedelta(seconds=1))
        await district.sweep()
        await district.sweep()
        view = await district.view(hook)
        assert (view["state"], view["reason"]) == ("disabled", "failing")
        (told,) = await district.told("WebhookDisabled")
        assert told.contact == await _contact(district, smiles)

    async def test_one_success_begins_the_five_days_anew(
        self, district: Subscribed, receiver: Receiver
    ) -> None:
        smiles = await district.provider("Smiles")
        hook = await district.hook(smiles, receiver.url)
        receiver.status = 500
        await district.offer(smiles)
        await district.push()
        district.clock.advance(timedelta(days=4))
        receiver.status = 200
        await district.push()
        district.clock.advance(timedelta(days=2))
        await district.sweep()
        assert (await district.view(hook))["state"] == "enabled"

    async def test_another_address_begins_without_failures(
        self, district: Subscribed, receiver: Receiver
    ) -> None:
        async with receiving() as mended:
            smiles = await district.provider("Smiles")
            hook = await district.hook(smiles, receiver.url)
            receiver.status = 500
            await district.offer(smiles)
            await district.push()
            body = {"agency": smiles.agency, "url": mended.url}
            version = (await district.view(hook))["version"]
            path = f"/v1/webhooks/{hook.id}"
            changed = await district.put(path, body, if_match=f'"{version}"')
            assert changed.json()["failing_since"] is None
            district.clock.advance(timedelta(days=5))
            await district.sweep()
            await district.push()
            assert (await district.view(hook))["state"] == "enabled"
            assert kinds(bodies(mended)) == ["opened", "expired"]

    async def test_enabled_again_it_is_sent_what_waited(
        self, district: Subscribed, receiver: Receiver
    ) -> None:
        smiles = await district.provider("Smiles")
        hook = await district.hook(smiles, receiver.url)
        await district.offer(smiles)
        await district.pump()
        for _ in range(2):
            assert (await district.command(hook, "disable")).json()["state"] == "disabled"
        await district.push()
        assert receiver.requests == []
        assert (await district.command(hook, "enable")).json()["state"] == "enabled"
        await district.push()
        assert kinds(bodies(receiver)) == ["opened"]
        assert await district.told("WebhookDisabled") == []

    async def test_what_was_under_way_in_a_crash_is_sent_again_under_the_same_id(
        self, district: Subscribed, receiver: Receiver
    ) -> None:
        smiles = await district.provider("Smiles")
        await district.hook(smiles, receiver.url)
        receiver.hangs = True
        await district.offer(smiles)
        await district.pump()
        await district.pusher.start()
        await receiver.got(1)
        await end(district.pusher._serving.values())  # the worker dies with the request out
        receiver.hangs = False
        await district.push()
        assert len(receiver.requests) == 1  # held: another worker may have it in hand
        district.clock.advance(timedelta(seconds=60))
        await district.push()
        first, second = receiver.requests
        assert first.headers["webhook-id"] == second.headers["webhook-id"]


async def _contact(district: Subscribed, provider: Provider) -> str:
    agency = await district.get(f"/v1/agencies/{provider.agency}", "admin")
    found: str = agency.json()["contacts"][0]["id"]
    return found
