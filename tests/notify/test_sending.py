"""A family is texted, by a real carrier, once, when it may be."""

import asyncio
import hashlib
from datetime import datetime, time, timedelta

from contracts.categories import Names
from contracts.codes import Audience, Channel, Language, Relation, Urgency
from contracts.people import PersonErased, PersonKind
from contracts.referrals import ReferralRecalled
from contracts.rules import DistrictLanguage, LanguagesChanged
from services.chassis.ids import new_id
from services.chassis.languages import SHIPPED_LANGUAGES
from services.chassis.links import derive_token, read_link_key
from tests.notify.build import PHONE, accepted, asked, created, mother, offered
from tests.notify.world import World, until

REF = "019ab000-0000-7000-8000-000000000001"
EVENING = datetime.fromisoformat("2026-11-24T20:30:00-08:00")
MORNING = datetime.fromisoformat("2026-11-25T08:00:00-08:00")


async def test_a_family_is_texted_in_spanish_once_although_the_event_comes_twice(
    notify: World,
) -> None:
    person = await notify.person(mother())
    cause = new_id()
    await notify.happens(created(REF))
    await notify.happens(offered(REF), id=cause)
    await notify.work()
    await notify.happens(offered(REF), id=cause)
    await notify.work(2)
    token = derive_token(
        read_link_key(notify.chassis.settings.keys_dir),
        purpose="family-status",
        subject=REF,
        recipient=person,
        nonce=f"nonce-of-{REF}",
    )
    (text,) = notify.texts()
    assert text.startswith("Soy Rosa M., de Lincoln Elementary. Ya pedimos la ayuda")
    assert f"http://127.0.0.1:8400/f/{token} " in text
    await notify.reaches("delivered")
    assert await notify.told() == ["message.queued", "message.sent", "message.delivered"]
    (sent,) = await notify.events("message.sent")
    assert (sent["referral"], sent["person"]) == (REF, person)
    assert notify.referral.asked == [
        {
            "referral": REF,
            "template": "family-asked",
            "person": person,
            "round": 1,
            "claim": None,
            "appointment": None,
        }
    ]


async def test_a_second_round_does_not_text_the_family_again(notify: World) -> None:
    await notify.person(mother())
    await notify.happens(created(REF), offered(REF, round=2))
    await notify.work()
    assert await notify.messages() == []


async def test_people_who_are_entered_after_the_referral_are_told_all_the_same(
    notify: World,
) -> None:
    await notify.happens(offered(REF))
    await notify.work()
    notify.advance(timedelta(minutes=2))
    await notify.happens(created(REF))
    await notify.work()
    assert notify.texts() == []
    notify.advance(timedelta(minutes=2))
    await notify.person(mother())
    await notify.work()
    assert len(notify.texts()) == 1


async def test_who_is_told_is_the_childs_household_as_it_is_by_now(notify: World) -> None:
    child = mother(given_name="Ana", relation=Relation.SELF, phone=None, may_be_told=False)
    await notify.person(child, id="stu-1", family="fam-1", kind=PersonKind.STUDENT)
    await notify.person(mother(phone="+15105550124"))
    await notify.happens(created(REF))
    await notify.person(child, id="stu-1", family="fam-9", kind=PersonKind.STUDENT)
    await notify.person(mother(), family="fam-9")
    await notify.happens(offered(REF))
    await notify.work()
    assert (len(notify.texts()), notify.texts("+15105550124")) == (1, [])


async def test_who_may_not_be_told_is_not(notify: World) -> None:
    await notify.person(mother(may_be_told=False, phone="+15105550124"))
    await notify.person(mother(), family="fam-2")
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    assert await notify.messages() == []


async def test_who_may_not_be_told_any_more_is_not_though_the_text_was_waiting(
    notify: World,
) -> None:
    notify.set_time(EVENING)
    person = await notify.person(mother())
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    await notify.person(mother(may_be_told=False), id=person)
    notify.set_time(MORNING)
    await notify.work()
    gone = await notify.message()
    assert (gone.state, gone.reason) == ("cancelled", "may-not-be-told")
    assert notify.texts() == []


async def test_an_audience_of_nobody_means_nobody(notify: World) -> None:
    await notify.person(mother())
    await notify.happens(created(REF, audience=Audience.NOBODY), offered(REF))
    await notify.work()
    assert await notify.messages() == []


async def test_quiet_hours_hold_a_text_until_eight_at_the_recipients_place(notify: World) -> None:
    notify.set_time(EVENING)
    await notify.person(mother())
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    held = await notify.message()
    assert (held.state, held.waits_for, held.next_due) == ("waiting", "quiet-hours", MORNING)
    notify.set_time(MORNING - timedelta(minutes=1))
    await notify.work()
    assert notify.texts() == []
    notify.set_time(MORNING)
    await notify.work()
    assert len(notify.texts()) == 1


async def test_a_contacts_own_hours_and_channel_are_kept(notify: World) -> None:
    after_work = MORNING + timedelta(hours=9, minutes=30)  # half past five in the afternoon
    notify.set_time(MORNING)
    await notify.person(mother(reach_from=time(17, 30)))
    await notify.person(mother(preferred=Channel.EMAIL, email="elena@example.org", phone=None))
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    assert notify.texts() == []
    held = await notify.message(channel="sms")
    assert (held.waits_for, held.next_due) == ("quiet-hours", after_work)
    assert (await notify.message(channel="email")).waits_for != "quiet-hours"
    notify.set_time(after_work)
    await notify.work()
    assert len(notify.texts()) == 1


async def test_own_hours_never_lose_a_message(notify: World) -> None:
    notify.set_time(MORNING)
    await notify.person(mother(reach_from=time(17, 30)))
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    messages = notify.chassis.database["messages"]
    soon = {"$set": {"expires": MORNING + timedelta(hours=2), "next_due": MORNING}}
    await messages.update_one({}, soon)
    await notify.work()
    assert len(notify.texts()) == 1


async def test_a_referral_service_that_is_away_makes_the_text_wait(notify: World) -> None:
    notify.referral.away = True
    await notify.person(mother())
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    held = await notify.message()
    assert (held.state, held.waits_for) == ("waiting", "referral")
    notify.referral.away = False
    notify.advance(timedelta(seconds=5))
    await notify.work()
    assert len(notify.texts()) == 1


async def test_a_cause_that_has_gone_cancels_the_text(notify: World) -> None:
    notify.referral.verdict = {"may_send": False, "reason": "cause-gone"}
    await notify.person(mother())
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    gone = await notify.message()
    assert (gone.state, gone.reason) == ("cancelled", "cause-gone")
    assert notify.texts() == []
    (cancelled,) = await notify.events("message.cancelled")
    assert cancelled["reason"] == "cause-gone"


async def test_a_stop_that_comes_while_referral_is_asked_holds_the_text(notify: World) -> None:
    await notify.person(mother())
    await notify.happens(created(REF), offered(REF))
    notify.referral.answering.clear()
    working = asyncio.create_task(notify.work())

    async def question() -> bool:
        return bool(notify.referral.asked)

    await until(question)
    await notify.answers("ALTO")
    notify.referral.answering.set()
    await working
    gone = await notify.message(template="family-asked")
    assert (gone.state, gone.reason) == ("cancelled", "opted-out")
    assert notify.texts() == []


async def test_a_profile_that_changes_while_referral_is_asked_is_looked_at_again(
    notify: World,
) -> None:
    mum = await notify.person(mother())
    await notify.happens(created(REF), offered(REF))
    notify.referral.answering.clear()
    working = asyncio.create_task(notify.work())

    async def question() -> bool:
        return bool(notify.referral.asked)

    await until(question)
    await notify.person(mother(may_be_told=False), id=mum)
    notify.referral.answering.set()
    await working
    assert notify.texts() == [], "it may not be told any more"


async def test_a_topic_that_is_read_again_much_later_texts_nobody(notify: World) -> None:
    await notify.person(mother())
    await notify.happens(created(REF))
    record = notify._record(offered(REF), new_id())
    notify.advance(timedelta(days=4))
    applier = notify.parts.groups[0].applier
    await notify.chassis.database.transact(lambda: applier.apply([record]))
    await notify.work()
    assert await notify.messages() == []


async def test_a_text_that_waited_too_long_is_given_up(notify: World) -> None:
    notify.referral.away = True
    await notify.person(mother())
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    notify.advance(timedelta(days=3, minutes=1))
    notify.referral.away = False
    await notify.work()
    gone = await notify.message()
    assert (gone.state, gone.reason) == ("cancelled", "too-late")


async def test_the_third_text_of_a_week_waits_and_an_urgent_one_does_not(notify: World) -> None:
    await notify.person(mother())
    for index in (1, 2, 3):
        referral = f"{REF[:-1]}{index}"
        await notify.happens(created(referral), offered(referral))
        await notify.work()
    assert len(notify.texts()) == 2
    (held,) = await notify.messages(state="cancelled")
    assert held.reason == "week-limit"
    urgent = f"{REF[:-1]}4"
    await notify.happens(created(urgent, urgency=Urgency.URGENT), offered(urgent))
    await notify.work()
    assert len(notify.texts()) == 3
    (sent,) = await notify.messages(referral=urgent)
    assert sent.bypassed == "week-limit"


async def test_seven_days_later_the_question_goes_out_although_two_texts_did(
    notify: World,
) -> None:
    await notify.person(mother())
    await notify.happens(created(REF), offered(REF), accepted(REF))
    await notify.work()
    notify.advance(timedelta(days=7) - timedelta(hours=1))
    await notify.happens(asked(REF))
    await notify.work()
    assert len(notify.texts()) == 3
    assert "SÍ o NO" in notify.texts()[-1]


async def test_who_reads_another_language_gets_english_and_it_is_noted(notify: World) -> None:
    await notify.person(mother(reads=Language.VIETNAMESE))
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    assert notify.texts()[0].startswith("Rosa M., Lincoln Elementary: We asked")
    sent = await notify.message()
    assert (sent.language, sent.reads) == ("en", "vi")


async def test_who_speaks_a_language_that_the_district_added_is_written_to_as_it_says(
    notify: World,
) -> None:
    mixteco = DistrictLanguage(
        code=Language("mix"),
        names=Names(en="Mixteco", es="mixteco"),
        retired=False,
        spoken_only=True,
        written=Language.SPANISH,
    )
    languages = (*SHIPPED_LANGUAGES.all, mixteco)
    await notify.lays_down(LanguagesChanged(part="languages", version=2, languages=languages))
    await notify.person(mother(reads=Language("mix")))
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    message = await notify.message()
    assert (message.language, message.reads) == (Language.SPANISH, "mix")


async def test_the_address_of_the_moment_counts(notify: World) -> None:
    notify.set_time(EVENING)
    person = await notify.person(mother())
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    await notify.person(mother(phone="+15105550199"), id=person)
    notify.set_time(MORNING)
    await notify.work()
    assert notify.texts() == []
    assert len(notify.texts("+15105550199")) == 1


async def test_an_erased_person_is_forgotten_and_the_waiting_text_with_them(notify: World) -> None:
    notify.set_time(EVENING)
    person = await notify.person(mother())
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    await notify.happens(PersonErased(person=person, family="fam-1"))
    notify.set_time(MORNING)
    await notify.work()
    gone = await notify.message()
    assert (gone.state, gone.reason) == ("cancelled", "erased")
    contact = await notify.chassis.database["contacts"].find_one({"_id": person})
    assert contact is not None
    assert (contact["profile"], contact["number"]) == (None, None)


async def test_the_switch_holds_everything(notify: World) -> None:
    headers = {"Authorization": "Bearer farah"}
    off = await notify.http.post("/v1/outgoing", json={"on": False}, headers=headers)
    assert off.json()["on"] is False
    await notify.person(mother())
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    held = await notify.message()
    assert (held.state, held.waits_for) == ("waiting", "switched-off")
    await notify.http.post("/v1/outgoing", json={"on": True}, headers=headers)
    notify.advance(timedelta(seconds=15))
    await notify.work()
    assert len(notify.texts()) == 1


async def test_two_workers_at_once_send_it_once(notify: World) -> None:
    await notify.person(mother())
    await notify.happens(created(REF), offered(REF))
    await asyncio.gather(*[notify.work(2) for _ in range(4)])
    assert len(notify.texts()) == 1


async def test_nothing_that_names_a_person_is_kept_or_told_in_the_clear(notify: World) -> None:
    await notify.person(mother(given_name="Marcadela"))
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    await notify.reaches("delivered")
    token = notify.texts()[0].partition("/f/")[2][:22]
    database = notify.chassis.database
    everything = ""
    for name in await database._database.list_collection_names():
        everything += str([row async for row in database[name].find({})])
    for secret in ("Marcadela", PHONE[2:], token, "Ya pedimos"):
        assert secret not in everything


async def test_a_text_waits_while_its_asking_can_be_undone_and_goes_once_somebody_acts(
    notify: World,
) -> None:
    await notify.person(mother())
    over = notify.now + timedelta(minutes=10)
    notify.referral.verdict = {
        "may_send": False,
        "reason": None,
        "wait_until": over.isoformat(),
    }
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    held = await notify.message()
    assert (held.state, held.waits_for) == ("waiting", "undo")
    assert held.next_due is not None
    assert held.next_due < over, "looked at again before: somebody may act"
    notify.referral.verdict = {"may_send": True, "reason": None, "wait_until": None}
    notify.advance(timedelta(seconds=30))
    await notify.work()
    assert len(notify.texts()) == 1


async def test_a_text_whose_asking_was_undone_is_never_sent_and_the_next_asking_has_its_own(
    notify: World,
) -> None:
    await notify.person(mother())
    over = notify.now + timedelta(minutes=10)
    notify.referral.verdict = {
        "may_send": False,
        "reason": None,
        "wait_until": over.isoformat(),
    }
    await notify.happens(created(REF), offered(REF))
    await notify.work()
    notify.referral.verdict = {"may_send": False, "reason": "cause-gone"}
    await notify.happens(ReferralRecalled(referral=REF, round=1))
    notify.advance(timedelta(minutes=11))
    await notify.work()
    gone = await notify.message()
    assert (gone.state, gone.reason) == ("cancelled", "cause-gone")
    notify.referral.verdict = {"may_send": True, "reason": None}
    await notify.happens(offered(REF, round=2))
    await notify.work()
    assert len(notify.texts()) == 1
    await notify.happens(offered(REF, round=3))
    await notify.work()
    assert len(notify.texts()) == 1, "a later round is no news"


async def test_an_urgent_asking_that_was_undone_and_made_again_is_told_once(notify: World) -> None:
    await notify.person(mother())
    await notify.happens(created(REF, urgency=Urgency.URGENT), offered(REF))
    await notify.work()
    await notify.reaches("delivered")
    await notify.happens(ReferralRecalled(referral=REF, round=1))
    await notify.happens(offered(REF, round=2))
    await notify.work(2)
    assert len(notify.texts()) == 1
    again = await notify.message(state="cancelled")
    assert (again.template, again.reason) == ("family-asked", "already-told")


async def test_what_a_number_is_found_by_cannot_be_guessed_from_the_number(notify: World) -> None:
    known = notify.tools.book.number_of(PHONE)
    assert known is not None
    for number in (PHONE, PHONE.removeprefix("+"), PHONE.removeprefix("+1")):
        assert known != hashlib.sha256(number.encode()).hexdigest()
    assert known != notify.tools.book.hash("another")
