"""Agencies answer offers by text, with the number that stood in ours."""

import re
from datetime import timedelta

import pytest

from contracts.agencies import OffersBatched, OffersTaken
from contracts.codes import BatchResult, Channel, DeclineReason, OfferReply, OfferReplyResult
from contracts.offerings import OfferReplySettled
from contracts.referrals import ReferralAwaitingConsent
from services.chassis.links import derive_token, read_link_key
from services.notify.model.offer_texts import KEPT, Numbered, OfferCodes, read_offer_text
from tests.notify.build import NOW, PHONE, SITE, accepted, claimed, clinic, created, opened
from tests.notify.world import World

REF = "019ab000-0000-7000-8000-000000000001"
OTHER = "019ab000-0000-7000-8000-000000000002"


@pytest.mark.parametrize(
    ("text", "reply", "code", "seats"),
    [
        ("YES 4821", OfferReply.YES, "4821", None),
        ("Sí, 4821!", OfferReply.YES, "4821", None),
        ("si4821", OfferReply.YES, "4821", None),
        ("4821 yes", OfferReply.YES, "4821", None),
        ("Si 4821 gracias", OfferReply.YES, "4821", None),
        ("NO 4821", OfferReply.NO, "4821", None),
        ("no 14821", OfferReply.NO, "14821", None),
        ("Espera 4821", OfferReply.WAIT, "4821", None),
        ("LISTO 4821.", OfferReply.COMPLETED, "4821", None),
        ("Done 4821", OfferReply.COMPLETED, "4821", None),
        ("Empezó 4821", OfferReply.STARTED, "4821", None),
        ("no vino 4821", OfferReply.NO_SHOW, "4821", None),
        ("No-show 4821", OfferReply.NO_SHOW, "4821", None),
        ("no contesta 4821", OfferReply.COULD_NOT_CONTACT, "4821", None),
        ("CUPOS 4", OfferReply.SEATS, None, 4),
        ("seats 0 4821", OfferReply.SEATS, "4821", 0),
        ("12 cupos", OfferReply.SEATS, None, 12),
        ("CUPOS cuatro", OfferReply.SEATS, None, 4),
        ("two seats 4821", OfferReply.SEATS, "4821", 2),
        ("Cupos - 3", OfferReply.SEATS, None, 3),
        ("cupos-3", OfferReply.SEATS, None, 3),
    ],
)
def test_a_text_says_one_thing(
    text: str, reply: OfferReply, code: str | None, seats: int | None
) -> None:
    found = read_offer_text(text)
    assert found is not None
    assert (found.reply, found.code, found.seats) == (reply, code, seats)


@pytest.mark.parametrize(
    "text",
    ["YES", "Sí", "STOP 4821", "yes 4821 but only after June", "yes 4821 4822", "seats 4821",
     "cupos varios", "cupos: -2", "-2 seats", "seats 2.5", "4821", "no es el 4821",
     "call 510 555 0123", "", "👍"],
)  # fmt: skip
def test_what_could_mean_two_things_is_not_guessed(text: str) -> None:
    assert read_offer_text(text) is None


@pytest.mark.parametrize(
    ("text", "take"),
    [
        ("YES 4821 20", 20),
        ("SI 4821 20", 20),
        ("Sí, 4821: 20", 20),
        ("4821 yes 20", 20),
        ("20 yes 4821", 20),
        ("si 14821 100 gracias", 100),
        ("YES 4821", None),
    ],
)
def test_a_yes_says_how_many_of_those_behind_a_number(text: str, take: int | None) -> None:
    found = read_offer_text(text)
    assert found is not None
    assert (found.reply, found.take) == (OfferReply.YES, take)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("NO 4821 FULL", DeclineReason.NO_CAPACITY),
        ("no, 4821: lleno", DeclineReason.NO_CAPACITY),
        ("NO LEJOS 4821", DeclineReason.OUT_OF_AREA),
        ("No 4821 requisitos.", DeclineReason.NOT_ELIGIBLE),
        ("NO 4821", None),
    ],
)
def test_a_no_says_why_in_one_word(text: str, reason: DeclineReason | None) -> None:
    found = read_offer_text(text)
    assert found is not None
    assert (found.reply, found.code, found.reason) == (OfferReply.NO, "4821", reason)


@pytest.mark.parametrize(
    "text",
    [
        "NO 4821 BUS",
        "YES 4821 FULL",
        "NO 4821 FULL 3",
        "YES 4821 0",
        "YES 4821 20 5",
        "NO 4821 20",
        "DONE 4821 3",
        "yes 20",
        "yes 4821 2000",
    ],
)
def test_a_number_of_families_that_is_not_clear_is_not_guessed(text: str) -> None:
    assert read_offer_text(text) is None


def numbered(offer: str, service: str = "svc-1") -> Numbered:
    return Numbered(offer=offer, referral=f"ref-of-{offer}", service=service, site=SITE, at=NOW)


def test_every_offer_of_a_contact_has_its_own_number_and_keeps_it() -> None:
    first = [numbered(f"offer-{index}") for index in range(3_000)]
    book = OfferCodes(id="con-1").number(first, NOW)
    assert len(book.codes) == 3_000
    assert all(re.fullmatch(r"[1-9]\d{3}", code) for code in book.codes)
    more = [numbered(f"late-{index}") for index in range(3_000)]
    after = book.number([*first, *more], NOW)
    assert len(after.codes) == 6_000
    assert {each.offer for each in after.codes.values()} == {each.offer for each in (*first, *more)}
    assert all(after.code_of(each.offer) == book.code_of(each.offer) for each in first)


def test_a_number_is_free_again_after_half_a_year() -> None:
    book = OfferCodes(id="con-1").number([numbered("old")], NOW)
    later = book.number([numbered("new").model_copy(update={"at": NOW + KEPT})], NOW + KEPT)
    assert [each.offer for each in later.codes.values()] == ["new"]


def number_in(text: str) -> str:
    return str(re.findall(r"YES (\d{4})", text)[0])


async def offered_by_text(notify: World, referral: str = REF) -> tuple[str, str]:
    """Let an agency be offered a child by text; returns its contact and the number."""
    (contact,) = await notify.agency(clinic(preferred=Channel.SMS, phone=PHONE, email=None))
    await notify.happens(created(referral), opened(referral, contact))
    await notify.work()
    return contact, number_in(notify.texts()[-1])


async def test_an_offer_by_text_is_answered_by_its_number(notify: World) -> None:
    contact, number = await offered_by_text(notify)
    (text,) = notify.texts()
    assert f"Reply YES {number} or NO {number} by Thu, Nov 26" in text
    await notify.answers(f"yes {number}")
    (replied,) = await notify.events("message.offer-replied")
    assert replied | {"at": ""} == {
        "conversation": f"{contact}-sms",
        "person": contact,
        "referral": REF,
        "offer": f"offer-1-{REF}",
        "reply": "yes",
        "topics": [],
        "at": "",
    }
    assert not await notify.events("message.replied"), "it is an answer to the offer alone"
    row = await notify.chassis.database["replies"].find_one({})
    assert row is not None
    assert row["reply"] == "offer"


async def many_by_text(notify: World) -> tuple[str, str, str]:
    """Let an agency be offered three at once by text; returns contact, batch and the number."""
    (contact,) = await notify.agency(clinic(preferred=Channel.SMS, phone=PHONE, email=None))
    for n in range(3):
        referral = f"019ab000-0000-7000-8000-00000000009{n}"
        await notify.happens(created(referral), opened(referral, contact, batch="batch-1"))
    told = OffersBatched(
        agency="agy-1",
        batch="batch-1",
        contact=contact,
        nonce="nonce-b",
        site=SITE,
        count=3,
        answer_by=NOW + timedelta(days=2),
    )
    await notify.happens(told)
    await notify.work()
    (text,) = notify.texts()
    assert "Take up to 3 families?" in text, "one message for all of them"
    return contact, text, str(re.findall(r"YES (\d{4,5}) 3", text)[0])


async def test_many_offers_come_as_one_message_and_are_taken_by_number(notify: World) -> None:
    contact, text, number = await many_by_text(notify)
    token = derive_token(
        read_link_key(notify.chassis.settings.keys_dir),
        purpose="agency-batch",
        subject="batch-1",
        recipient=contact,
        nonce="nonce-b",
    )
    assert f"/b/{token}" in text
    await notify.answers(f"SI {number} 2")
    (replied,) = await notify.events("message.batch-replied")
    assert (replied["batch"], replied["person"], replied["reply"], replied["take"]) == (
        "batch-1",
        contact,
        "yes",
        2,
    )
    assert not await notify.events("message.offer-replied")


async def test_a_yes_to_many_that_does_not_say_how_many_is_not_guessed(notify: World) -> None:
    _, _, number = await many_by_text(notify)
    await notify.answers(f"YES {number}")
    assert not await notify.events("message.batch-replied")
    await notify.work()
    assert "Which family do you mean?" in notify.texts()[-1]
    await notify.answers(f"NO {number}")
    (replied,) = await notify.events("message.batch-replied")
    assert (replied["reply"], "take" in replied) == ("no", False)


async def test_what_came_of_it_is_told_once_and_each_claim_of_it_is_not(notify: World) -> None:
    contact, _, _ = await many_by_text(notify)
    referral = "019ab000-0000-7000-8000-000000000090"
    await notify.happens(claimed(referral, contact), accepted(referral))
    told = OffersTaken(
        agency="agy-1",
        batch="batch-1",
        contact=contact,
        nonce="nonce-b",
        site=SITE,
        asked=3,
        taken=2,
        left=1,
        result=BatchResult.NO_SEAT,
    )
    await notify.happens(told)
    await notify.work()
    texts = [each for each in notify.texts() if "thank you. See who it is" in each]
    assert texts == []
    assert "You took 2 of 3. No seat is left in our count." in notify.texts()[-1]
    assert "Still open: 1." in notify.texts()[-1]


async def test_a_number_counts_from_the_contacts_own_telephone_alone(notify: World) -> None:
    _, number = await offered_by_text(notify)
    await notify.answers(f"YES {number}", number="+15105550177")
    assert not await notify.events("message.offer-replied")


async def test_what_is_not_clear_is_asked_about_once_an_hour(notify: World) -> None:
    _, number = await offered_by_text(notify)
    wrong = "1000" if number != "1000" else "1001"
    await notify.answers(f"YES {wrong}")
    await notify.answers(f"yes {number} but only after June")
    await notify.work(2)
    assert len(notify.texts()) == 2
    assert notify.texts()[1].startswith("Which family do you mean?")
    notify.advance(timedelta(hours=1))
    await notify.answers(f"NO {wrong}")
    await notify.work(2)
    assert len(notify.texts()) == 3
    assert not await notify.events("message.offer-replied")


async def test_an_ordinary_sentence_of_an_agency_is_no_answer(notify: World) -> None:
    await offered_by_text(notify)
    await notify.answers("Who may we call about this?")
    await notify.work(2)
    assert len(notify.texts()) == 1
    (replied,) = await notify.events("message.replied")
    assert replied["reply"] == "other"


async def test_stop_is_stop_for_an_agency_too(notify: World) -> None:
    await offered_by_text(notify)
    await notify.answers("STOP")
    assert len(await notify.events("message.opted-out")) == 1


@pytest.mark.parametrize(
    ("result", "words"),
    [
        (OfferReplyResult.NOTED, "Thank you, it is noted."),
        (OfferReplyResult.TAKEN, "Another agency is helping"),
        (OfferReplyResult.NO_SEAT, "you have no free seat"),
        (OfferReplyResult.NOT_DONE, "nothing has changed. See why: http"),
    ],
)
async def test_an_agency_hears_what_came_of_its_text(
    notify: World, result: OfferReplyResult, words: str
) -> None:
    contact, number = await offered_by_text(notify)
    settled = OfferReplySettled(
        referral=REF,
        offer=f"offer-1-{REF}",
        agency="agy-1",
        contact=contact,
        reply=OfferReply.NO,
        result=result,
    )
    await notify.happens(settled)
    await notify.work(2)
    assert words in notify.texts()[-1]
    if result is OfferReplyResult.NO_SEAT:
        assert f"SEATS 1 {number}" in notify.texts()[-1]


async def test_a_yes_is_confirmed_with_the_word_for_its_end(notify: World) -> None:
    contact, number = await offered_by_text(notify)
    await notify.happens(claimed(REF, contact), accepted(REF))
    await notify.work(2)
    assert f"reply DONE {number}" in notify.texts()[-1]


async def test_a_yes_that_waits_for_the_family_is_not_left_without_a_word(notify: World) -> None:
    contact, _ = await offered_by_text(notify)
    waiting = ReferralAwaitingConsent(
        referral=REF,
        claim="claim-1",
        service="svc-1",
        agency="agy-1",
        held_until=NOW + timedelta(days=2),
    )
    await notify.happens(claimed(REF, contact), waiting)
    await notify.work(2)
    assert "We ask the family first" in notify.texts()[-1]
