"""A family asks for help by text, and hears that it was received and handled."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from contracts.codes import Language
from contracts.help_requests import (
    Asked,
    HelpRequestHandled,
    HelpRequestReceived,
    RequestSource,
)
from contracts.sealed import Sealed
from services.notify.help_words import HelpWordsCopy, help_words
from services.notify.model.asking import tells_of_crisis
from tests.notify.build import NOW, PHONE, SITE, clinic, mother
from tests.notify.world import World, until

STRANGER = "+15105550177"


async def asked(notify: World) -> list[dict[str, Any]]:
    return await notify.events("texted-request.received")


async def opened(notify: World, vault: str, event: dict[str, Any]) -> Asked:
    return await notify.opened(vault).open_as(Asked, Sealed(event["asked"]))


async def test_a_familys_text_goes_sealed_to_the_coordinator_once(notify: World) -> None:
    person = await notify.person(mother())
    await notify.work()
    await notify.answers("Necesito comida para mis hijos")
    (event,) = await asked(notify)
    assert event["people"] == [person]
    assert (await opened(notify, "people", event)).words == "Necesito comida para mis hijos"
    log = [row async for row in notify.chassis.database["event_log"].find({})]
    assert b"comida" not in b"".join(row["data"] for row in log)


async def test_it_is_told_received_at_once_at_night_too_and_handled_in_the_morning(
    notify: World,
) -> None:
    person = await notify.person(mother())
    notify.set_time(NOW + timedelta(hours=12))  # ten at night
    request = {"help_request": "req-1", "person": person}
    await notify.happens(HelpRequestReceived(source=RequestSource.TEXT, **request))
    await notify.work(2)
    (received,) = notify.texts()
    assert received.startswith("Soy Rosa M., de Lincoln Elementary. Recibimos su mensaje.")
    await notify.happens(HelpRequestHandled(**request))
    await notify.work(2)
    assert len(notify.texts()) == 1
    notify.set_time(NOW + timedelta(hours=23))
    await notify.work(2)
    handled = notify.texts()[1]
    assert "Su mensaje ya fue atendido." in handled
    assert await notify.messages(state="cancelled") == []


async def test_every_familys_number_is_named_and_the_likeliest_first(notify: World) -> None:
    first = await notify.person(mother())
    second = await notify.person(mother(given_name="Nora"), family="fam-2")
    await notify.work()
    await notify.answers("NEED")
    (event,) = await asked(notify)
    assert set(event["people"]) == {first, second}


@pytest.mark.parametrize(
    ("words", "said"),
    [("necesito ayuda", "Recibimos su mensaje."), ("Need help", "We have your message.")],
)
async def test_a_stranger_is_answered_and_called_back_and_nothing_is_lost(
    notify: World, words: str, said: str
) -> None:
    await notify.answers(words, STRANGER)
    (event,) = await asked(notify)
    assert event["people"] == []
    told = await opened(notify, "askers", event)
    assert (told.words, told.reach) == (words, STRANGER)
    (text,) = await until(lambda: asyncio.to_thread(notify.texts, STRANGER), seconds=60)
    assert text.startswith(said)
    kept = [row async for row in notify.chassis.database["replies"].find({})]
    assert STRANGER not in str(kept)


async def test_a_number_that_asks_on_and_on_is_told_once_and_a_crisis_always_comes_through(
    notify: World,
) -> None:
    for number in range(5):
        await notify.answers(f"Necesito ropa {number}", STRANGER)
    assert len(await asked(notify)) == 5
    await notify.answers("Necesito ropa otra vez", STRANGER)
    await notify.answers("Need clothes once more", STRANGER)
    assert len(await asked(notify)) == 5, "the coordinator's list has no row of them"
    said = await until(
        lambda: asyncio.to_thread(
            lambda: [each for each in notify.texts(STRANGER) if each.startswith("Ya tenemos")]
        ),
        seconds=60,
    )
    assert len(said) == 1
    await notify.answers("Necesito ayuda: mi hijo dice que se quiere matar", STRANGER)
    events = await asked(notify)
    assert len(events) == 6
    assert "matar" in (await opened(notify, "askers", events[-1])).words
    await notify.answers("NECESITO comida", "+15105550178")
    assert len(await asked(notify)) == 7, "another number has its own"
    notify.set_time(NOW + timedelta(hours=25))
    await notify.answers("Necesito ropa", STRANGER)
    assert len(await asked(notify)) == 8, "a new day"


async def test_a_known_familys_number_has_the_same_limit_and_its_words_are_kept(
    notify: World,
) -> None:
    await notify.person(mother())
    await notify.work()
    await asyncio.gather(*(notify.answers(f"Necesito comida {n}") for n in range(7)))
    assert len(await asked(notify)) == 5
    assert await notify.chassis.database["replies"].count_documents({"text": {"$ne": None}}) == 7


@pytest.mark.parametrize(
    ("words", "crisis"),
    [
        ("Necesito ayuda, me pega", True),
        ("NEED help he has a gun", True),
        ("necesito: ¡EMERGENCIA!", True),
        ("Necesito comida para mis hijos", False),
        ("need glasses", False),
    ],
)
def test_words_that_may_tell_of_danger(words: str, crisis: bool) -> None:  # noqa: FBT001 - a row
    assert tells_of_crisis(words) is crisis


async def test_stop_wins_over_everything(notify: World) -> None:
    person = await notify.person(mother())
    await notify.work()
    await notify.answers("ALTO")
    await notify.work()
    before = len(notify.texts())
    await notify.answers("NECESITO")
    assert len(await asked(notify)) == 1, "it is asked all the same"
    await notify.happens(
        HelpRequestReceived(help_request="req-1", source=RequestSource.TEXT, person=person)
    )
    await notify.work(2)
    assert len(notify.texts()) == before
    gone = await notify.message(template="family-request-received")
    assert (gone.state, gone.reason) == ("cancelled", "opted-out")
    await notify.answers("ALTO", STRANGER)
    await notify.answers("NECESITO", STRANGER)
    assert not [each for each in notify.texts(STRANGER) if each.startswith("Recibimos")]


async def test_an_agencys_sentence_is_no_familys_request(notify: World) -> None:
    await notify.agency(clinic(phone=PHONE))
    await notify.work()
    await notify.answers("Need the birth date please")
    assert await asked(notify) == []


async def test_a_district_has_its_own_words_and_keeps_them_while_referral_is_away(
    notify: World,
) -> None:
    chassis = notify.chassis
    copy = HelpWordsCopy(chassis.store, notify.referral.url, chassis.identity, chassis.http)
    notify.referral.help_words = {"es": ["apoyo"]}
    await copy.once()
    away = HelpWordsCopy(chassis.store, "http://127.0.0.1:9", chassis.identity, chassis.http)
    await away.once()
    assert await help_words(chassis.store) == {Language.SPANISH: ("apoyo",)}
    await notify.answers("Apoyo con la renta", STRANGER)
    await notify.answers("Necesito comida", STRANGER)
    assert len(await asked(notify)) == 1


async def test_who_asked_for_a_school_that_nobody_knows_is_not_written_to(notify: World) -> None:
    person = await notify.person(mother())
    event = HelpRequestReceived(help_request="req-1", source=RequestSource.TEXT, person=person)
    await notify.happens(event, site=None)
    await notify.happens(event.model_copy(update={"person": None}), site=SITE)
    await notify.work(2)
    assert await notify.messages() == []
