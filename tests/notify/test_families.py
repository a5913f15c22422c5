"""One timeline of all that was said with a family, for whoever may know of it."""

from typing import Any

from contracts.categories import WITHHELD
from contracts.consents import FamilyErased
from services.chassis.ids import new_id
from tests.notify.build import asked, clinic, created, mother, offered, opened
from tests.notify.world import World

REF = "019ab000-0000-7000-8000-000000000001"
OTHER = "019ab000-0000-7000-8000-000000000002"
HIDDEN = "019ab000-0000-7000-8000-000000000003"
FAMILY = "019ab000-0000-7000-8000-00000000fa01"
PATH = f"/v1/families/{FAMILY}/conversation"


async def read(notify: World, who: str = "rosa", query: str = "") -> list[dict[str, Any]]:
    answer = await notify.get(PATH + query, who)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["items"])


async def told(notify: World, referral: str, **changes: Any) -> None:
    await notify.happens(created(referral, family=FAMILY, **changes), offered(referral))
    await notify.work()


async def test_both_directions_of_all_referrals_stand_in_one_timeline_newest_first(
    notify: World,
) -> None:
    first = await notify.person(mother(), family=FAMILY)
    await told(notify, REF)
    await notify.reaches("delivered", referral=REF)
    await notify.answers("Gracias, ¿cuándo?")
    await notify.happens(created(OTHER, family=FAMILY), asked(OTHER))
    await notify.work()
    await notify.answers("Sí")
    lines = await read(notify)
    assert [(each["outgoing"], each["referral"]) for each in lines] == [
        (False, OTHER),
        (True, OTHER),
        (False, REF),
        (True, REF),
    ]
    assert {each["person"] for each in lines} == {first}
    assert (lines[0]["reply"], lines[3]["state"]) == ("yes", "delivered")
    assert lines[2]["text"] == "Gracias, ¿cuándo?"


async def test_another_familys_and_an_agencys_messages_are_not_in_it(notify: World) -> None:
    await notify.person(mother(), family=FAMILY)
    await notify.person(mother(given_name="Nora", phone="+15105550124"), family="fam-2")
    await told(notify, REF)
    await notify.happens(created(OTHER, family="fam-2"), offered(OTHER))
    (contact,) = await notify.agency(clinic())
    await notify.happens(opened(REF, contact))
    await notify.work(2)
    assert len(await notify.messages()) == 3
    assert [each["referral"] for each in await read(notify)] == [REF]


async def test_it_is_for_the_staff_of_the_childs_school_alone(notify: World) -> None:
    await notify.person(mother(), family=FAMILY)
    await told(notify, REF)
    assert len(await read(notify, "nurse")) == 1
    statuses = {"denise": 404, "lead": 403, "farah": 403}
    for who, status in statuses.items():
        assert (await notify.get(PATH, who)).status_code == status
    assert (await notify.get(f"/v1/families/{new_id()}/conversation", "rosa")).status_code == 404


async def test_what_is_about_a_restricted_need_is_for_those_alone_who_may_see_it(
    notify: World,
) -> None:
    await notify.person(mother(), family=FAMILY)
    await told(notify, REF)
    await told(notify, HIDDEN, category=WITHHELD)
    notify.referral.sighted = {"rosa"}
    assert {each["referral"] for each in await read(notify)} == {REF, HIDDEN}
    assert {each["referral"] for each in await read(notify, "nurse")} == {REF}
    notify.referral.away = True
    assert (await notify.get(PATH, "nurse")).status_code == 503, "not shown while nobody can tell"


async def test_of_a_referral_at_another_school_nothing_is_shown(notify: World) -> None:
    await notify.person(mother(), family=FAMILY)
    await told(notify, REF)
    await told(notify, OTHER, site="site-02")
    assert {each["referral"] for each in await read(notify)} == {REF}
    assert {each["referral"] for each in await read(notify, "denise")} == {OTHER}


async def test_words_are_found_whatever_their_accents(notify: World) -> None:
    await notify.person(mother(), family=FAMILY)
    await told(notify, REF)
    await notify.answers("La camioneta está DESCOMPUESTA")
    await notify.answers("¿Hay autobús?")
    assert [each["text"] for each in await read(notify, query="?q=autobus")] == ["¿Hay autobús?"]
    assert len(await read(notify, query="?q=esta descompuesta")) == 1
    assert await read(notify, query="?q=avion") == []
    assert len(await read(notify, query="?q=%C2%BF")) == 3, "no word is no search"


async def test_it_is_read_page_by_page(notify: World) -> None:
    await notify.person(mother(), family=FAMILY)
    await told(notify, REF)
    for index in range(4):
        await notify.answers(f"mensaje {index}")
    seen: list[str] = []
    query = "?limit=2"
    for _ in range(3):
        answer = (await notify.get(PATH + query, "rosa")).json()
        seen += [each["text"] for each in answer["items"]]
        query = f"?limit=2&cursor={answer['next']}"
    assert answer["next"] is None
    assert seen[:4] == [f"mensaje {index}" for index in (3, 2, 1, 0)]
    assert len(seen) == 5


async def test_of_an_erased_person_no_words_are_left(notify: World) -> None:
    person = await notify.person(mother(), family=FAMILY)
    await told(notify, REF)
    await notify.answers("Vivo en la calle Oak")
    erasure = FamilyErased(erasure=new_id(), family=FAMILY, persons=(person,), referrals=(REF,))
    await notify.happens(erasure)
    assert [each["text"] for each in await read(notify)] == [None, None]
    assert await read(notify, query="?q=oak") == []
