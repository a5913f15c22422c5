"""How to stop, and who reads neither language: said by texts that go out through the carrier."""

from datetime import timedelta

from contracts.codes import Language
from tests.notify.build import created, mother, offered
from tests.notify.world import World

REF = "019ab000-0000-7000-8000-00000000005"


async def text_about(notify: World, number: int) -> str:
    referral = f"{REF}{number}"
    await notify.happens(created(referral), offered(referral))
    await notify.work()
    return notify.texts()[-1]


async def test_how_to_stop_is_said_in_the_first_text_and_a_month_later(notify: World) -> None:
    await notify.person(mother())
    assert "responda ALTO" in await text_about(notify, 1)
    notify.advance(timedelta(days=8))
    assert "ALTO" not in await text_about(notify, 2)
    notify.advance(timedelta(days=22))
    assert "responda ALTO" in await text_about(notify, 3)
    notify.advance(timedelta(days=29))
    assert "ALTO" not in await text_about(notify, 4)
    assert len(notify.texts()) == 4


async def test_who_reads_a_language_that_nobody_knows_gets_both_of_ours(notify: World) -> None:
    await notify.person(mother(reads=Language("hmn")))
    text = await text_about(notify, 1)
    assert "We asked for help for your family." in text
    assert " / Ya pedimos la ayuda para su familia." in text
    sent = await notify.message()
    assert (sent.language, sent.also, sent.reads) == ("en", "es", "hmn")
