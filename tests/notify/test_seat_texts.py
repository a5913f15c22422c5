"""Figures of seats by text: of which service they are, and what is no figure."""

from tests.notify.build import created, opened
from tests.notify.test_offer_texts import OTHER, offered_by_text
from tests.notify.world import World


async def test_seats_without_a_number_are_those_of_the_one_service(notify: World) -> None:
    contact, _ = await offered_by_text(notify)
    await notify.answers("CUPOS 4")
    (replied,) = await notify.events("message.offer-replied")
    assert (replied["reply"], replied["seats"]) == ("seats", 4)
    await notify.happens(created(OTHER), opened(OTHER, "somebody-else", contact))
    await notify.work()
    await notify.answers("CUPOS 5")
    await notify.work(2)
    assert len(await notify.events("message.offer-replied")) == 1, "of two services, which?"
    assert "Which family" in notify.texts()[-1]


async def test_a_figure_of_seats_that_is_none_is_asked_about(notify: World) -> None:
    _, _ = await offered_by_text(notify)
    await notify.answers("cupos: -2")
    await notify.work(2)
    assert not await notify.events("message.offer-replied")
    assert len(notify.texts()) == 2
    assert "Which family do you mean?" in notify.texts()[-1]
