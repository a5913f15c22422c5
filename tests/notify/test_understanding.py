"""What is done about what people write: danger, doubt, other people's numbers, floods."""

import asyncio
from datetime import timedelta
from functools import partial
from typing import Any

import httpx2
import pytest
from twilio.request_validator import (  # type: ignore[import-untyped] # it publishes no types
    RequestValidator,
)

from contracts.codes import Channel, Language
from contracts.help_requests import Asked
from contracts.sealed import Sealed
from services.chassis.ids import new_id
from services.notify.model.redaction import TAKEN_OUT
from tests.local.carrier.running import LINE, TOKEN
from tests.notify.build import PHONE, asked, created, mother, offered
from tests.notify.world import World, until

REF = "019ab000-0000-7000-8000-000000000001"
OTHER = "019ab000-0000-7000-8000-000000000002"
STRANGER = "+15105550177"
NIGHT = timedelta(hours=12)


async def questioned(notify: World, *referrals: str) -> None:
    for each in referrals:
        await notify.happens(created(each), asked(each))
        await notify.work()


async def conversation(notify: World, referral: str = REF) -> list[dict[str, object]]:
    answer = await notify.get(f"/v1/referrals/{referral}/conversation", "rosa")
    assert answer.status_code == 200, answer.text
    return list(answer.json()["lines"])


# danger


@pytest.mark.parametrize(
    ("words", "numbers"),
    [
        ("Mi esposo me pega", "llame al 911"),
        ("My husband hits me", "call 911"),
        ("Tengo miedo de mi esposo, no conozco a nadie aqui", "llame al 911"),
    ],
)
async def test_words_of_danger_are_answered_with_numbers_at_once_and_a_person_is_told(
    notify: World, words: str, numbers: str
) -> None:
    person = await notify.person(mother())
    await questioned(notify, REF)
    notify.advance(NIGHT)
    await notify.answers(words)
    await notify.answers(words)
    await notify.work(2)
    emergency = [each for each in notify.texts() if "988" in each]
    assert len(emergency) == 1, "in the night too, and once"
    assert numbers in emergency[0]
    alerts = await notify.events("texted-request.received")
    assert [each["crisis"] for each in alerts] == [True, True]
    assert alerts[0]["people"] == [person]
    told = await notify.opened("people").open_as(Asked, Sealed(alerts[0]["asked"]))
    assert told.words == words
    assert [each["crisis"] for each in await conversation(notify) if not each["outgoing"]] == [
        True,
        True,
    ]


@pytest.mark.parametrize(
    "changes",
    [
        {"may_be_told": False},
        {"preferred": Channel.EMAIL, "email": "elena@family.example.org"},
    ],
)
async def test_whoever_writes_of_danger_has_the_numbers_on_the_phone_in_their_hand(
    notify: World, changes: dict[str, Any]
) -> None:
    await notify.person(mother(**changes))
    await notify.answers("Mi esposo me pega")
    await notify.work(2)
    (said,) = notify.texts()
    assert "llame al 911" in said
    assert len(await notify.events("texted-request.received")) == 1


async def test_after_a_stop_danger_is_told_to_a_person_and_the_number_is_left_alone(
    notify: World,
) -> None:
    await notify.person(mother())
    await notify.answers("ALTO")
    await notify.work(2)
    before = len(notify.texts())
    await notify.answers("Mi esposo me pega")
    await notify.work(2)
    assert len(notify.texts()) == before
    (alert,) = await notify.events("texted-request.received")
    assert alert["crisis"] is True


async def test_a_stranger_in_danger_gets_the_numbers_and_a_person_is_told(notify: World) -> None:
    await notify.answers("auxilio, tiene una pistola", STRANGER)
    (alert,) = await notify.events("texted-request.received")
    assert (alert["people"], alert["crisis"]) == ([], True)
    told = await notify.opened("askers").open_as(Asked, Sealed(alert["asked"]))
    assert told.reach == STRANGER
    (said,) = await until(lambda: asyncio.to_thread(notify.texts, STRANGER), seconds=60)
    assert "llame al 911" in said


# which question


async def test_of_two_open_questions_it_is_asked_which_and_answered_by_number(
    notify: World,
) -> None:
    await notify.person(mother())
    await questioned(notify, REF)
    notify.advance(timedelta(days=1))
    await questioned(notify, OTHER)
    await notify.answers("Sí")
    await notify.work(2)
    assert await notify.events("message.replied") == [], "nothing is guessed"
    which = notify.texts()[-1]
    assert which == (
        "Gracias. Preguntamos por varias ayudas. Responda 1 por la del martes 24 de noviembre, "
        "2 por la del miércoles 25 de noviembre."
    )
    await notify.answers("2")
    await notify.answers("no")
    told = [(each["referral"], each["reply"]) for each in await notify.events("message.replied")]
    assert told == [(OTHER, "yes"), (REF, "no")], "one question is left, and needs no number"


async def test_a_number_with_a_word_says_both(notify: World) -> None:
    await notify.person(mother())
    await questioned(notify, REF, OTHER)
    await notify.answers("todavía no")
    await notify.answers("1 sí, gracias")
    (told,) = await notify.events("message.replied")
    assert (told["referral"], told["reply"]) == (REF, "yes")
    await notify.work(2)
    assert "24 de noviembre (2)" in next(each for each in notify.texts() if "Responda 1" in each)


async def test_the_same_question_asked_again_is_one_question(notify: World) -> None:
    await notify.person(mother())
    await questioned(notify, REF)
    notify.advance(timedelta(days=4))
    await questioned(notify, REF)
    await notify.answers("Sí")
    (told,) = await notify.events("message.replied")
    assert (told["referral"], told["reply"]) == (REF, "yes")


# a person reads


async def test_what_is_about_no_referral_goes_to_the_coordinator_as_it_was_written(
    notify: World,
) -> None:
    person = await notify.person(mother())
    await notify.work()
    words = "Buenas, ¿hay despensa esta semana?"
    await notify.answers(words)
    (event,) = await notify.events("texted-request.received")
    assert (event["people"], event.get("crisis")) == ([person], None)
    told = await notify.opened("people").open_as(Asked, Sealed(event["asked"]))
    assert told.words == words


async def test_thanks_are_no_answer_and_call_nobody(notify: World) -> None:
    await notify.person(mother())
    await questioned(notify, REF)
    await notify.answers("ok gracias")
    (told,) = await notify.events("message.replied")
    assert told["reply"] == "thanks"
    await notify.answers("si")
    assert [each["reply"] for each in await notify.events("message.replied")] == ["thanks", "yes"]
    assert await notify.events("texted-request.received") == []


async def test_help_says_who_writes_and_how_to_stop_once_an_hour(notify: World) -> None:
    await notify.person(mother())
    await questioned(notify, REF)
    for _ in range(3):
        await notify.answers("AYUDA")
    await notify.work(2)
    said = [each for each in notify.texts() if "ALTO para terminar" in each and "costo" in each]
    assert len(said) == 1
    assert said[0].startswith("Soy Rosa M., de Lincoln Elementary.")
    assert "(510) 555-0100" in said[0]


# numbers that must not be kept


async def test_a_card_or_social_security_number_is_kept_nowhere(notify: World) -> None:
    await notify.person(mother())
    await questioned(notify, REF)
    await notify.answers("mi seguro es 078-05-1120 y la tarjeta 4111 1111 1111 1111")
    lines = await conversation(notify)
    assert lines[-1]["text"] == f"mi seguro es {TAKEN_OUT} y la tarjeta {TAKEN_OUT}"


# other people's numbers


@pytest.mark.parametrize("words", ["Wrong number", "Número equivocado"])
async def test_a_wrong_number_is_stopped_for_that_contact_and_the_coordinator_is_asked(
    notify: World, words: str
) -> None:
    person = await notify.person(mother())
    await questioned(notify, REF)
    await notify.answers(words)
    await notify.answers(words)
    (event,) = await notify.events("message.number-wrong")
    assert (event["person"], event["channel"]) == (person, "sms")
    await notify.happens(created(OTHER), offered(OTHER))
    await notify.work()
    assert len(notify.texts()) == 1, "not even to say that we do not know them"
    await notify.answers("¿Cuándo nos ven?")
    lines = await conversation(notify)
    assert len([each for each in lines if not each["outgoing"]]) == 1, "a stranger's words"
    await notify.person(mother(phone="+15105550188"), id=person)
    await notify.happens(created(f"{REF[:-1]}9"), offered(f"{REF[:-1]}9"))
    await notify.work()
    assert len(notify.texts("+15105550188")) == 1, "their new number is theirs"


async def test_a_wrong_number_with_an_address_goes_on_by_mail(notify: World) -> None:
    person = await notify.person(mother(email="elena@example.org"))
    await questioned(notify, REF)
    await notify.answers("wrong number")
    await notify.happens(created(OTHER), offered(OTHER))
    await notify.work()
    queued = await notify.message(referral=OTHER, person=person)
    assert queued.channel == "email"


async def test_start_from_a_number_that_was_said_to_be_wrong_lets_texts_out_again(
    notify: World,
) -> None:
    await notify.person(mother())
    await questioned(notify, REF)
    await notify.answers("wrong number")
    await notify.answers("INICIO")
    await notify.happens(created(OTHER), offered(OTHER))
    await notify.work()
    assert len(notify.texts()) == 2


async def test_a_shared_number_is_wrong_for_the_household_that_was_written_to_alone(
    notify: World,
) -> None:
    await notify.person(mother())
    await notify.person(mother(given_name="Nora"), family="fam-2")
    await questioned(notify, REF)
    await notify.answers("wrong number")
    await notify.happens(created(OTHER, family="fam-2"), offered(OTHER))
    await notify.work()
    assert len(notify.texts()) == 2


@pytest.mark.parametrize(("code", "times"), [(30005, 1), (30006, 1), (21614, 1), (30003, 3)])
async def test_a_number_that_takes_no_texts_is_given_up(
    notify: World, code: int, times: int
) -> None:
    notify.carrier.rules({"action": "fail", "code": code, "times": times})
    person = await notify.person(mother())
    for index in range(times):
        referral = f"{REF[:-1]}{index + 4}"
        await notify.happens(created(referral, urgency="urgent"), offered(referral))
        await notify.work()
        failed = partial(notify.messages, referral=referral, code=str(code))
        await until(failed, seconds=60)
    (event,) = await until(lambda: notify.events("message.number-wrong"), seconds=60)
    assert (event["person"], event["code"]) == (person, str(code))
    await notify.happens(created(OTHER), offered(OTHER))
    await notify.work()
    gone = await notify.message(referral=OTHER)
    assert (gone.state, gone.reason) == ("cancelled", "no-address")


# floods, pictures, strangers


async def test_a_flood_from_one_number_is_kept_and_acted_upon_no_more_than_ten_times(
    notify: World,
) -> None:
    await notify.person(mother())
    await questioned(notify, REF)
    for index in range(20):
        await notify.answers(f"hola {index} ¿me oye?")
    assert len(await notify.events("message.replied")) == 10
    lines = await conversation(notify)
    assert len([each for each in lines if not each["outgoing"]]) == 20, "nothing is lost"
    await notify.answers("ALTO")
    assert len(await notify.events("message.opted-out")) == 1, "STOP is STOP"
    await notify.answers("me quiero morir")
    await notify.answers("me quiero morir")
    assert len(await notify.events("texted-request.received")) == 1, "danger is passed on, once"
    notify.advance(timedelta(minutes=2))
    await notify.answers("¿Me oye?")
    assert len(await notify.events("message.replied")) == 12


async def test_a_picture_is_not_fetched_and_the_coordinator_is_told_that_there_was_one(
    notify: World,
) -> None:
    await notify.person(mother())
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    form = {
        "MessageSid": "MM1",
        "From": PHONE,
        "To": LINE,
        "Body": "",
        "NumMedia": "2",
        "MediaUrl0": "http://127.0.0.1:9/never",
    }
    assert (await post(notify, form)).status_code == 200
    (told,) = await notify.events("message.replied")
    assert told["reply"] == "other"
    line = (await conversation(notify))[-1]
    assert (line["pictures"], line["text"]) == (2, "[foto · picture]")


async def test_a_number_that_nobody_knows_is_told_how_to_ask_once_a_day(notify: World) -> None:
    await notify.answers("Hola, ¿quién es?", STRANGER)
    await notify.answers("Hello?", STRANGER)
    said = await until(lambda: asyncio.to_thread(notify.texts, STRANGER), seconds=60)
    assert len(said) == 1
    assert "escriba NECESITO" in said[0]
    assert "text NEED" in said[0]
    assert await notify.events("texted-request.received") == []
    kept = [row async for row in notify.chassis.database["replies"].find({})]
    assert [row["text"] for row in kept] == [None, None], "a stranger's words are kept by no key"
    notify.advance(timedelta(hours=25))
    await notify.answers("Hola", STRANGER)
    await until(lambda: _count(notify, 2), seconds=60)


async def _count(notify: World, wanted: int) -> bool:
    return len(await asyncio.to_thread(notify.texts, STRANGER)) == wanted


async def post(notify: World, form: dict[str, str]) -> httpx2.Response:
    path = "/v1/callbacks/twilio/inbound"
    url = f"{notify.chassis.settings.callbacks}{path}"
    signature = RequestValidator(TOKEN).compute_signature(url, form)
    return await notify.http.post(path, data=form, headers={"X-Twilio-Signature": signature})


# a colleague answers


async def put(notify: World, who: str, id: str, body: object) -> httpx2.Response:
    path = f"/v1/referrals/{REF}/staff-replies/{id}"
    return await notify.http.put(path, json=body, headers={"Authorization": f"Bearer {who}"})


async def test_a_colleague_answers_under_the_own_name_and_once(notify: World) -> None:
    person = await notify.person(mother())
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    await notify.answers("¿A qué hora es?")
    id, body = new_id(), {"words": "  A las diez,\nen la escuela. "}
    for _ in range(2):
        answer = await put(notify, "nurse", id, body)
        assert answer.status_code == 200, answer.text
        assert answer.json() == {"id": id, "referral": REF, "person": person}
    await notify.work(2)
    assert notify.texts()[1:] == ["Nurse, Lincoln Elementary: A las diez, en la escuela."]
    assert (await put(notify, "nurse", id, {"words": "Otra"})).status_code == 409
    lines = await conversation(notify)
    assert lines[-1]["text"] == "Nurse, Lincoln Elementary: A las diez, en la escuela."
    rows = [row async for row in notify.chassis.database["notices"].find({})]
    assert "escuela" not in str(rows), "a colleague's words are sealed"
    sent = await notify.events("message.sent")
    assert sent[-1]["template"] == "staff-reply"


async def test_an_answer_waits_for_the_morning_unless_they_are_writing(notify: World) -> None:
    await notify.person(mother())
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    notify.advance(NIGHT)
    await notify.answers("¿Sigue ahí?")
    await put(notify, "rosa", new_id(), {"words": "Sí, aquí estoy."})
    await notify.work(2)
    assert len(notify.texts()) == 2, "she wrote a minute ago"
    notify.advance(timedelta(hours=1))
    await put(notify, "rosa", new_id(), {"words": "Mañana le llamo."})
    await notify.work(2)
    assert len(notify.texts()) == 2
    notify.advance(timedelta(hours=10))
    await notify.work(2)
    assert notify.texts()[2].endswith("Mañana le llamo.")


async def test_who_may_answer_and_whom(notify: World) -> None:
    await notify.person(mother())
    other = await notify.person(mother(given_name="Nora", phone="+15105550124"), family="fam-2")
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    nobody = await put(notify, "rosa", new_id(), {"words": "Hola"})
    assert (nobody.status_code, nobody.json()["type"].rsplit("/", 1)[-1]) == (409, "nobody-wrote")
    await notify.answers("¿Cuándo?")
    assert (await put(notify, "denise", new_id(), {"words": "Hola"})).status_code == 404
    assert (await put(notify, "lead", new_id(), {"words": "Hola"})).status_code == 403
    for body in ({"words": " \n"}, {"words": "x" * 481}, {}, {"words": "Hola", "person": "x"}):
        assert (await put(notify, "rosa", new_id(), body)).status_code == 422
    stranger = await put(notify, "rosa", new_id(), {"words": "Hola", "person": other})
    assert stranger.status_code == 404


async def test_who_said_stop_is_not_answered_by_text(notify: World) -> None:
    await notify.person(mother())
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    await notify.answers("¿Cuándo?")
    await notify.answers("ALTO")
    await put(notify, "rosa", new_id(), {"words": "Mañana."})
    await notify.work(2)
    gone = await notify.message(template="staff-reply")
    assert (gone.state, gone.reason) == ("cancelled", "opted-out")
    assert gone.language is Language.SPANISH
