"""What an agency's engineers play reaches nobody, and goes as it would with a child."""

import asyncio
from datetime import timedelta

from services.partner.fhir.codes import BUSINESS
from services.partner.sandbox.entering import SEATS
from services.partner.sandbox.parts import SOURCE
from tests.partner.district import Provider
from tests.partner.fhir.test_tasks import coded
from tests.partner.sandbox.played import Played, enter
from tests.partner.subscriptions.receiver import Receiver
from tests.partner.subscriptions.subscribed import Subscribed, bodies, kinds


async def test_an_invented_referral_goes_round_the_loop_by_fhir_and_webhook(
    played: Played, receiver: Receiver
) -> None:
    hook = f"/v1/webhooks/{played.provider.agreement}"
    await played.done("PUT", hook, {"url": receiver.url})
    referral = await played.invent(urgency="urgent")
    assert (referral["stage"], referral["state"]) == ("asked", "open")

    task = await played.task(referral)
    assert task["status"] == "requested"
    assert task["requester"]["display"] == "Invented School"
    await played.fhir.answer(task, status="accepted")
    assert await played.stage(referral) == "accepted"
    begun = await played.fhir.answer(await played.task(referral), status="in-progress")
    assert (await played.says(referral, "pauses"))["stage"] == "on-hold"
    assert (await played.says(referral, "resumes"))["stage"] == "accepted"
    await played.fhir.answer(begun, status="completed")
    assert await played.stage(referral) == "completed"
    assert (await played.says(referral, "confirms"))["stage"] == "ended"

    loop = ["opened", "claimed", "accepted", "progress-reported", "on-hold", "resumed"]
    loop += ["progress-reported", "completed"]
    assert await played.told() == loop
    for _ in loop:
        await played.pusher.start()
        await played.pusher.settled()
    sent = bodies(receiver)
    assert kinds(sent) == loop
    assert {each["source"] for each in sent} == {SOURCE}


async def test_nothing_that_is_played_reaches_the_district(
    district: Subscribed, played: Played
) -> None:
    before = [each async for each in district.service.chassis.log.all()]
    real = await district.key(played.provider, "feed", "performance")
    referral = await played.invent()
    await played.fhir.answer(await played.task(referral), status="accepted")
    assert await played.stage(referral) == "accepted"

    assert [each async for each in district.service.chassis.log.all()] == before
    assert await district.rows("offerings") == []
    assert (await district.feed(real))["items"] == []
    own = f"/v1/agencies/{played.provider.agency}/performance"
    told = await district.http.get(own, headers=real)
    assert told.json()["now"]["total"]["asked"] == 0
    seats = await district.get(f"/v1/capacities/{played.provider.service}", "rosa")
    assert referral["id"] not in seats.text


async def test_a_key_works_on_its_own_side_alone(district: Subscribed, played: Played) -> None:
    real = await district.key(played.provider, "feed", "keys")
    assert (await district.http.get("/v1/feed", headers=played.key)).status_code == 401
    assert (await district.http.get("/sandbox/v1/feed", headers=real)).status_code == 401
    again = await enter(district, real)
    assert again.status_code == 200
    without = await district.key(played.provider, "feed")
    assert (await enter(district, without)).status_code == 403


async def test_a_consent_that_is_missing_is_given_or_refused(played: Played) -> None:
    given, refused = [await played.invent(consent="missing") for _ in range(2)]
    never = await played.invent(consent="refused")
    for each in (given, refused, never):
        await played.fhir.answer(await played.task(each), status="accepted")
    assert [await played.stage(each) for each in (given, refused, never)] == [
        *("awaiting-consent", "awaiting-consent", "ended")
    ]
    assert (await played.says(given, "consents"))["stage"] == "accepted"
    assert (await played.says(refused, "refuses"))["stage"] == "ended"
    about = {each["subject"]: each["type"].split(".")[3] for each in await played.feed()}
    assert [about[each["offer"]] for each in (given, refused, never)] == [
        *("accepted", "withdrawn", "withdrawn")
    ]


async def test_what_cannot_come_now_says_what_can(played: Played) -> None:
    referral = await played.invent()
    early = await played.call("POST", f"/v1/referrals/{referral['id']}/says", {"says": "confirms"})
    assert early.status_code == 409
    assert "now may come cancels" in early.json()["detail"]
    assert "cabe cancels" in early.json()["detail_es"]
    odd = await played.call("POST", f"/v1/referrals/{referral['id']}/says", {"says": "sings"})
    assert odd.status_code == 422
    assert (await played.says(referral, "cancels"))["stage"] == "ended"


async def test_a_full_service_has_a_waitlist_and_a_seat_that_comes_free_goes_on(
    played: Played,
) -> None:
    taken = [await played.invent() for _ in range(SEATS)]
    for each in taken:
        await played.fhir.answer(await played.task(each), status="accepted")
    last = await played.invent()
    full = await played.fhir.put(await played.task(last), status="accepted")
    assert full.status_code == 409
    waits = coded(BUSINESS, "waitlisted")
    await played.fhir.answer(await played.task(last), status="received", businessStatus=waits)
    assert await played.stage(taken[0]) == "accepted"
    await played.fhir.answer(await played.task(taken[0]), status="completed")
    assert await played.stage(last) == "accepted"
    assert "promoted" in await played.told()


async def test_an_offer_that_nobody_answers_runs_out(played: Played) -> None:
    referral = await played.invent(minutes=30)
    played.district.clock.advance(timedelta(hours=1))
    await played.district.sweep()
    assert await played.stage(referral) == "ended"
    assert await played.told() == ["opened", "expired"]


async def test_another_agency_plays_for_itself(district: Subscribed, played: Played) -> None:
    bus = await district.provider("Bus")
    other = await Played.of(district, bus)
    referral = await played.invent()
    path = f"/v1/referrals/{referral['id']}"
    assert (await other.call("GET", path)).status_code == 404
    assert (await other.call("POST", f"{path}/says", {"says": "cancels"})).status_code == 404
    body = {"service": played.provider.service}
    assert (await other.call("PUT", path, body)).status_code == 404
    assert await other.feed() == []


async def test_players_at_the_same_instant_hand_each_event_on_once(played: Played) -> None:
    async def play(_: int) -> None:
        referral = await played.invent()
        await played.fhir.answer(await played.task(referral), status="accepted")
        await played.world.play()

    async with asyncio.timeout(120):
        await asyncio.gather(*(play(each) for each in range(SEATS)))
    feed = await played.feed()
    assert [each["feednumber"] for each in feed] == list(range(1, 3 * SEATS + 1))
    assert len({each["id"] for each in feed}) == len(feed)


async def test_a_repeat_asks_once_and_another_body_is_refused(played: Played) -> None:
    referral = await played.invent()
    path = f"/v1/referrals/{referral['id']}"
    again = await played.done("PUT", path, {"service": played.provider.service})
    assert again["offer"] == referral["offer"]
    other = {"service": played.provider.service, "consent": "missing"}
    assert (await played.call("PUT", path, other)).status_code == 409


async def test_services_follow_and_what_was_played_stays(
    district: Subscribed, played: Played
) -> None:
    referral = await played.invent()
    smiles: Provider = played.provider
    service = await district.get(f"/v1/services/{smiles.service}", "admin")
    renamed = {
        "agency": smiles.agency,
        "name": "Brighter smiles",
        "category": "vision",
        "sites": [],
    }
    version = service.headers["etag"]
    changed = await district.put(f"/v1/services/{smiles.service}", renamed, if_match=version)
    assert changed.status_code == 200, changed.text
    assert (await enter(district, await district.key(smiles, "keys"))).status_code == 200
    named = await played.fhir.read(f"HealthcareService/{smiles.service}")
    assert named["name"] == "Brighter smiles"
    assert await played.stage(referral) == "asked"
