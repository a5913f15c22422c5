"""Rules that are asked at the moment of sending: several in one, words that cannot be written."""

from datetime import datetime, timedelta

import pytest

from contracts.help_requests import HelpRequestHandled
from services.notify.model.cause import LinkSource
from tests.notify.build import accepted, asked, created, message, mother, offered
from tests.notify.world import World

EVENING = datetime.fromisoformat("2026-11-24T20:30:00-08:00")
MORNING = datetime.fromisoformat("2026-11-25T08:00:00-08:00")


def referral(index: int) -> str:
    return f"019ab000-0000-7000-8000-00000000000{index}"


async def held(notify: World, count: int) -> str:
    """Have so many texts wait for the morning; returns whose they are."""
    notify.set_time(EVENING)
    person = await notify.person(mother())
    for index in range(count):
        await notify.happens(created(referral(index)), offered(referral(index)))
        await notify.work()
    assert notify.texts() == []
    return person


async def test_three_that_the_night_has_held_are_one_text_in_the_morning(notify: World) -> None:
    await held(notify, 3)
    notify.set_time(MORNING)
    await notify.work(2)
    (text,) = notify.texts()
    assert text.startswith(
        "Soy Rosa M., de Lincoln Elementary. Hay 3 novedades sobre la ayuda para su familia: http"
    )
    assert text.count("/f/") == 2, "a third link would take a third part"
    messages = await notify.messages()
    (sent,) = [each for each in messages if each.state in {"sent", "delivered"}]
    merged = [each for each in messages if each.reason == "merged"]
    assert sorted(sent.merged) == sorted(each.id for each in merged)
    assert len(merged) == 2
    talk = await notify.chassis.database["conversations"].find_one({})
    assert talk is not None
    assert len(talk["counted"]) == 1, "of the week's two it is one"


async def test_two_are_two_texts(notify: World) -> None:
    await held(notify, 2)
    notify.set_time(MORNING)
    await notify.work(2)
    assert len(notify.texts()) == 2
    assert await notify.messages(reason="merged") == []


async def test_what_may_not_go_any_more_is_not_in_it(notify: World) -> None:
    await held(notify, 3)
    await notify.happens(created(referral(5)))
    notify.set_time(MORNING)
    notify.referral.refused = {referral(1)}
    await notify.work(2)
    assert len(notify.texts()) == 2, "two are left, and two are two"
    (gone,) = await notify.messages(referral=referral(1))
    assert (gone.state, gone.reason) == ("cancelled", "cause-gone")


async def test_a_question_asks_by_itself(notify: World) -> None:
    notify.set_time(EVENING)
    await notify.person(mother())
    for index in range(3):
        await notify.happens(created(referral(index), urgency="urgent"), asked(referral(index)))
        await notify.work()
    notify.set_time(MORNING)
    await notify.work(2)
    assert len([each for each in notify.texts() if "SÍ o NO" in each]) == 3


async def test_a_stop_in_the_night_holds_all_of_them(notify: World) -> None:
    await held(notify, 3)
    await notify.tools.book.index_new()
    await notify.answers("ALTO")
    await notify.work()
    notify.set_time(MORNING)
    await notify.work(2)
    assert [each for each in notify.texts() if "novedades" in each] == []
    reasons = {each.reason for each in await notify.messages(template="family-asked")}
    assert reasons == {"opted-out"}


async def test_answers_to_what_they_asked_are_in_it_too(notify: World) -> None:
    person = await held(notify, 1)
    await notify.happens(HelpRequestHandled(help_request="req-1", person=person))
    await notify.happens(accepted(referral(0)))
    await notify.work()
    notify.set_time(MORNING)
    await notify.work(2)
    (text,) = notify.texts()
    assert "Hay 3 novedades" in text
    assert text.count("/f/") == 1, "both are about one referral"


async def test_words_that_lack_a_value_are_parked_with_what_is_missing(notify: World) -> None:
    person = await notify.person(mother())
    await notify.happens(created(referral(1)))
    broken = message(
        person=person,
        conversation=f"{person}-sms",
        id="019ab000-0000-7000-8000-00000000abcd",
        referral=referral(1),
        links=(),
        created_at=notify.now,
        since=notify.now,
        next_due=notify.now,
    )
    await notify.stands(broken)
    await notify.work(3)
    parked = await notify.message()
    assert (parked.state, parked.next_due) == ("parked", None)
    assert parked.reason == "'link' is undefined"
    assert notify.texts() == []
    (failed,) = await notify.events("message.failed")
    assert (failed["kind"], failed["code"]) == ("technical-failure", "parked")
    (item,) = (await notify.get("/v1/messages?state=parked", "rosa")).json()["items"]
    assert item["reason"] == parked.reason, "a person sees why"
    # What was missing is put right; an operator lets it go on.
    link = LinkSource(purpose="family-status", subject=referral(1), nonce="n").model_dump()
    rows = notify.chassis.database["messages"]
    await rows.update_one({"_id": broken.id}, {"$set": {"links": [link]}})
    for who, status in (("rosa", 403), ("farah", 200), ("farah", 200)):
        answer = await notify.http.post(
            f"/v1/messages/{broken.id}/release", headers={"Authorization": f"Bearer {who}"}
        )
        assert answer.status_code == status, answer.text
    await notify.work(2)
    assert len(notify.texts()) == 1


@pytest.mark.parametrize("change", ["stop", "late"])
async def test_what_was_parked_is_asked_about_again_before_it_goes(
    notify: World, change: str
) -> None:
    person = await notify.person(mother())
    await notify.happens(created(referral(1)))
    await notify.tools.book.index_new()
    parked = message(
        person=person,
        conversation=f"{person}-sms",
        id="019ab000-0000-7000-8000-00000000abcd",
        referral=referral(1),
        state="parked",
        next_due=None,
    )
    await notify.stands(parked)
    if change == "stop":
        await notify.answers("ALTO")
    else:
        notify.advance(timedelta(days=5))
    await notify.http.post(
        f"/v1/messages/{parked.id}/release", headers={"Authorization": "Bearer farah"}
    )
    await notify.work(2)
    gone = await notify.message(template="family-asked")
    assert (gone.state, gone.reason) == (
        "cancelled",
        "opted-out" if change == "stop" else "too-late",
    )
