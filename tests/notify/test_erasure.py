"""What notify forgets of an erased family, what stays, and what it tells referral."""

from contracts.consents import FamilyErased
from contracts.people import PersonErased
from services.chassis.auth import ServiceIdentity
from services.chassis.ids import new_id
from services.notify.erasure import holds_family
from tests.notify.build import PHONE, created, mother, offered
from tests.notify.world import World

REF = "019ab000-0000-7000-8000-000000000011"


def erased(person: str, erasure: str) -> FamilyErased:
    return FamilyErased(erasure=erasure, family="fam-1", persons=(person,), referrals=(REF,))


async def asked(notify: World, erasure: str, by: str = "referral") -> dict[str, object]:
    token = ServiceIdentity(by, notify.chassis.settings.keys_dir).token("notify")
    headers = {"Authorization": f"Bearer {token}"}
    answer = await notify.http.get(f"/v1/erasures/{erasure}", headers=headers)
    return dict(answer.json()) | {"status": answer.status_code}


async def test_words_numbers_and_addresses_are_gone_and_it_says_so(notify: World) -> None:
    person = await notify.person(mother())
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    await notify.answers("sí")
    erasure = new_id()
    assert (await asked(notify, erasure))["forgotten"] is False

    await notify.happens(erased(person, erasure))

    message = await notify.message(template="family-asked")
    assert (message.text, message.number, message.body_hash, message.provider_id) == (None,) * 4
    replies = [row async for row in notify.chassis.database["replies"].find()]
    assert [row["text"] for row in replies] == [None]
    contact = await notify.chassis.database["contacts"].find_one({"_id": person})
    assert contact is not None
    assert (contact["profile"], contact["number"]) == (None, None)
    assert (await asked(notify, erasure))["forgotten"] is True


async def test_it_says_so_only_once_nobody_can_be_reached_though_topics_cross(
    notify: World,
) -> None:
    person = new_id()
    erasure = new_id()
    await notify.happens(erased(person, erasure))
    await notify.person(mother(), id=person)
    assert await holds_family(notify.chassis.store, "fam-1")
    assert (await asked(notify, erasure))["forgotten"] is False

    await notify.happens(PersonErased(person=person, family="fam-1"))

    assert (await asked(notify, erasure))["forgotten"] is True


async def test_a_number_s_wish_to_be_left_alone_outlives_the_erasure(notify: World) -> None:
    person = await notify.person(mother())
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    await notify.answers("ALTO")
    await notify.happens(erased(person, new_id()))
    rows = [row async for row in notify.chassis.database["suppressions"].find()]
    assert [row["on"] for row in rows] == [True]


async def test_only_referral_asks_for_receipts_and_for_what_is_held(notify: World) -> None:
    assert (await asked(notify, new_id(), by="partner"))["status"] == 403
    token = ServiceIdentity("partner", notify.chassis.settings.keys_dir).token("notify")
    body: dict[str, list[str]] = {"persons": [], "referrals": []}
    refused = await notify.http.post(
        "/v1/person-records", json=body, headers={"Authorization": f"Bearer {token}"}
    )
    assert refused.status_code == 403


async def test_what_is_held_on_somebody_is_told_to_referral_in_order(notify: World) -> None:
    person = await notify.person(mother())
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    await notify.answers("sí, gracias")
    token = ServiceIdentity("referral", notify.chassis.settings.keys_dir).token("notify")
    body = {"persons": [person], "referrals": [REF]}
    answer = await notify.http.post(
        "/v1/person-records", json=body, headers={"Authorization": f"Bearer {token}"}
    )
    lines = answer.json()
    assert [each["outgoing"] for each in lines] == [True, False]
    assert {each["person"] for each in lines} == {person}
    assert lines[0]["text"].startswith(notify.texts(PHONE)[0][:20])
    assert lines[1]["text"] == "sí, gracias"
    other = await notify.http.post(
        "/v1/person-records",
        json={"persons": [person], "referrals": []},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert other.json() == []
