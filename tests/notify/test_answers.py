"""What people text back: their answers, and their wish to be left alone."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import httpx2
import pytest
from twilio.request_validator import (  # type: ignore[import-untyped] # it publishes no types
    RequestValidator,
)

from contracts.categories import WITHHELD
from contracts.codes import Language
from services.chassis.ids import new_id
from services.notify.providers.twilio import sign
from tests.local.carrier.running import LINE, TOKEN
from tests.notify.build import PHONE, asked, created, mother, offered
from tests.notify.world import World

REF = "019ab000-0000-7000-8000-000000000001"
OTHER = "019ab000-0000-7000-8000-000000000002"

Post = Callable[..., Awaitable[httpx2.Response]]


async def texted(notify: World, referral: str = REF) -> None:
    await notify.happens(created(referral), offered(referral))
    await notify.work()


@pytest.mark.parametrize("word", ["ALTO", "¡Alto!", "parar", "Cancelar", "BASTA", "no más", "Baja"])
async def test_stop_in_spanish_is_confirmed_once_and_holds_from_the_next_send_on(
    notify: World, word: str
) -> None:
    person = await notify.person(mother())
    await texted(notify)
    await notify.answers(word)
    await notify.answers(word)
    await notify.work(2)
    texts = notify.texts()
    assert len(texts) == 2
    assert texts[1].startswith("Listo: ya no le enviaremos mensajes de texto.")
    await texted(notify, OTHER)
    assert len(notify.texts()) == 2
    gone = await notify.message(referral=OTHER, template="family-asked")
    assert (gone.state, gone.reason) == ("cancelled", "opted-out")
    (event,) = await notify.events("message.opted-out")
    assert (event["person"], event["channel"]) == (person, "sms")


@pytest.mark.parametrize("word", ["STOP", "Unsubscribe", "END"])
async def test_stop_in_english_is_confirmed_by_the_carrier_alone(notify: World, word: str) -> None:
    await notify.person(mother(reads=Language.ENGLISH))
    await texted(notify)
    await notify.answers(word)
    await notify.work(2)
    await texted(notify, OTHER)
    texts = notify.texts()
    assert len(texts) == 2
    assert texts[1].startswith("You have successfully been unsubscribed.")
    refused = await notify.message(template="stop-confirmed")
    assert (refused.state, refused.code) == ("permanent-failure", "21610")
    assert len(await notify.events("message.opted-out")) == 1


async def test_stop_belongs_to_the_number_and_outlives_the_contact(notify: World) -> None:
    await notify.person(mother())
    await texted(notify)
    await notify.answers("ALTO")
    await notify.work()
    await notify.person(mother(given_name="Nora", phone="(510) 555-0123"), family="fam-2")
    await notify.happens(created(OTHER, family="fam-2"), offered(OTHER))
    await notify.work()
    gone = await notify.message(referral=OTHER)
    assert (gone.state, gone.reason) == ("cancelled", "opted-out")


async def test_start_lets_texts_out_again(notify: World) -> None:
    await notify.person(mother())
    await texted(notify)
    await notify.answers("ALTO")
    await notify.answers("ALTA")
    await texted(notify, OTHER)
    # The carrier's word that it arrived may be here already.
    assert (await notify.message(referral=OTHER)).state in {"sent", "delivered"}
    assert len(await notify.events("message.opted-in")) == 1


async def test_a_number_that_the_carrier_knows_to_have_opted_out_is_suppressed(
    notify: World,
) -> None:
    notify.carrier.rules({"action": "fail", "code": 21610, "times": 1})
    await notify.person(mother())
    await texted(notify)
    await texted(notify, OTHER)
    states = [(each.state, each.code, each.reason) for each in await notify.messages()]
    assert states == [("permanent-failure", "21610", None), ("cancelled", None, "opted-out")]
    assert len(await notify.events("message.opted-out")) == 1


async def test_yes_answers_the_question_and_is_thanked_once(notify: World) -> None:
    person = await notify.person(mother())
    await notify.happens(created(REF), asked(REF))
    await notify.work()
    question = await notify.message()
    await notify.answers("Sí")
    await notify.work(2)
    await notify.answers("SI")
    await notify.work(2)
    replied = await notify.events("message.replied")
    assert replied[0] == {
        "conversation": f"{person}-sms",
        "message": question.id,
        "person": person,
        "reply": "yes",
        "template": "family-did-help-arrive",
        "referral": REF,
    }
    assert len(notify.texts()) == 2
    assert notify.texts()[1].startswith("Gracias por responder.")


async def test_an_answer_is_to_the_question_even_when_another_text_came_between(
    notify: World,
) -> None:
    await notify.person(mother())
    await notify.happens(created(REF), asked(REF))
    await notify.work()
    await texted(notify, OTHER)
    await notify.answers("todavía no")
    await notify.answers("¿Quién es?")
    first, second = await notify.events("message.replied")
    assert (first["referral"], first["reply"]) == (REF, "not-yet")
    assert (second["referral"], second["reply"]) == (OTHER, "other")


async def test_of_several_people_on_a_number_the_newest_conversation_answers(
    notify: World,
) -> None:
    await notify.person(mother())
    await texted(notify)
    notify.advance(timedelta(minutes=1))
    other = await notify.person(mother(given_name="Nora"), family="fam-2")
    await notify.happens(created(OTHER, family="fam-2"), offered(OTHER))
    await notify.work()
    await notify.answers("Gracias")
    (replied,) = await notify.events("message.replied")
    assert (replied["person"], replied["referral"]) == (other, OTHER)


async def test_a_number_that_nobody_has_can_stop_too(notify: World) -> None:
    stranger = "+15105550177"
    await notify.answers("ALTO", stranger)
    await notify.person(mother(phone=stranger))
    await texted(notify)
    assert notify.texts(stranger) == []


@pytest.fixture
def post(notify: World) -> Post:
    """Post a form as the carrier does, signed by Twilio's own library."""

    async def send(path: str, form: dict[str, str], *, signature: str | None = None) -> object:
        url = f"{notify.chassis.settings.callbacks}{path}"
        right = RequestValidator(TOKEN).compute_signature(url, form)
        headers = {"X-Twilio-Signature": right if signature is None else signature}
        return await notify.http.post(path, data=form, headers=headers)

    return send  # type: ignore[return-value] # httpx2's response


INBOUND = "/v1/callbacks/twilio/inbound"


def inbound(sid: str, body: str) -> dict[str, str]:
    return {"MessageSid": sid, "From": PHONE, "To": LINE, "Body": body, "NumMedia": "0"}


async def test_a_text_that_is_handed_over_twice_counts_once(notify: World, post: Post) -> None:
    await notify.person(mother())
    await texted(notify)
    for _ in range(3):
        answer = await post(INBOUND, inbound("SM1", "¿Cuándo?"))
        assert (answer.status_code, answer.text) == (200, "<Response></Response>")
    assert len(await notify.events("message.replied")) == 1


@pytest.mark.parametrize("signature", ["", "wrong", "ñ"])
async def test_a_wrong_signature_changes_nothing(notify: World, post: Post, signature: str) -> None:
    await notify.person(mother())
    await texted(notify)
    sent = await notify.message()
    answer = await post(INBOUND, inbound("SM1", "ALTO"), signature=signature.encode("latin-1"))
    assert answer.status_code == 403
    status = f"/v1/callbacks/twilio/status/{sent.id}"
    form = {"MessageSid": "SM9", "MessageStatus": "failed", "ErrorCode": "30007"}
    assert (await post(status, form, signature=signature.encode("latin-1"))).status_code == 403
    assert await notify.events("message.opted-out") == []
    assert await notify.events("message.failed") == []


async def test_a_status_of_a_message_that_is_not_here_is_left_alone(post: Post) -> None:
    form = {"MessageSid": "SM9", "MessageStatus": "delivered"}
    answer = await post(f"/v1/callbacks/twilio/status/{new_id()}", form)
    assert answer.status_code == 204


async def test_a_webhook_without_its_fields_is_refused(post: Post) -> None:
    answer = await post(INBOUND, {"Body": "Hola"})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "form",
    [
        {"Body": "¿Sí? a+b & c=d", "From": "+15105550123", "MessageSid": "SM1"},
        {"b": "2", "a": "1", "B": "", "A": "x"},
        {},
    ],
)
def test_our_signature_is_twilios(form: dict[str, str]) -> None:
    url = "https://enlace.example.org/v1/callbacks/twilio/inbound?x=1"
    assert sign(TOKEN, url, form.items()) == RequestValidator(TOKEN).compute_signature(url, form)


async def test_the_staff_of_the_school_read_the_conversation_and_nobody_else(
    notify: World,
) -> None:
    await notify.person(mother())
    await notify.happens(created(REF), asked(REF))
    await notify.work()
    await notify.answers("Todavía no, llamen por favor")
    path = f"/v1/referrals/{REF}/conversation"
    for who in ("rosa", "nurse"):
        answer = await notify.get(path, who)
        assert answer.status_code == 200, answer.text
        question, reply = answer.json()["lines"]
        assert question["text"].startswith("Rosa M., Lincoln Elementary: ¿Recibieron")
        assert "/f/… " in question["text"]
        assert (reply["text"], reply["reply"]) == ("Todavía no, llamen por favor", "other")
        assert (question["outgoing"], reply["outgoing"]) == (True, False)
    assert (await notify.get(path, "denise")).status_code == 404
    assert (await notify.get(path, "lead")).status_code == 403
    assert (await notify.get(path, "farah")).status_code == 403


async def test_of_a_restricted_need_those_alone_read_the_conversation_who_may_see_it(
    notify: World,
) -> None:
    await notify.person(mother())
    await notify.happens(created(REF, category=WITHHELD), asked(REF))
    notify.referral.sighted = {"rosa"}
    path = f"/v1/referrals/{REF}/conversation"
    assert (await notify.get(path, "rosa")).status_code == 200
    assert (await notify.get(path, "nurse")).status_code == 404
    notify.referral.away = True
    assert (await notify.get(path, "rosa")).status_code == 503


async def test_the_list_shows_no_words_and_each_coordinator_their_own(notify: World) -> None:
    await notify.person(mother())
    await texted(notify)
    for who, count in (("rosa", 1), ("farah", 1), ("denise", 0)):
        items = (await notify.get("/v1/messages", who)).json()["items"]
        assert len(items) == count
        assert all("text" not in each for each in items)
    assert (await notify.get("/v1/messages", "nurse")).status_code == 403
    assert (await notify.get("/v1/outgoing", "rosa")).status_code == 403


async def test_the_list_is_read_page_by_page(notify: World) -> None:
    await notify.person(mother())
    for index in range(3):
        await texted(notify, f"{REF[:-1]}{index}")
    first = (await notify.get("/v1/messages?limit=2", "rosa")).json()
    rest = (await notify.get(f"/v1/messages?limit=2&cursor={first['next']}", "rosa")).json()
    seen = [each["referral"] for each in [*first["items"], *rest["items"]]]
    assert sorted(seen) == [f"{REF[:-1]}{index}" for index in range(3)]
    assert rest["next"] is None
