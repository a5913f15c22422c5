"""An agency that has not answered is reminded; one whose answer is not needed hears so."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from contracts.codes import Channel, DeclineReason, Template
from contracts.offerings import (
    OfferDeclined,
    OfferReminded,
    OfferWithdrawn,
    WithdrawalReason,
)
from deploy.local.servers.mail import MailServer
from tests.local.carrier.running import Carrier
from tests.notify.build import NOW, clinic, created, opened
from tests.notify.test_agencies import REF, address, link, mails
from tests.notify.world import World, world
from tests.servers import Cell

PHONE = "+15105550177"
NIGHT = timedelta(hours=12)  # from ten in the morning to ten at night, at the clinic


@pytest.fixture
async def notify(
    cell: Cell, tmp_path: Path, carrier: Carrier, mail: MailServer
) -> AsyncIterator[World]:
    async with world(cell, tmp_path, carrier, smtp_port=mail.smtp_port) as here:
        yield here


def reminded(contact: str) -> OfferReminded:
    return OfferReminded(
        referral=REF,
        round=1,
        offer=f"offer-1-{REF}",
        agency="agy-1",
        contact=contact,
        answer_by=NOW + timedelta(days=2),
    )


def declined() -> OfferDeclined:
    return OfferDeclined(
        referral=REF,
        round=1,
        offer=f"offer-1-{REF}",
        agency="agy-1",
        reason=DeclineReason.NO_CAPACITY,
        last=True,
    )


async def test_a_reminder_has_the_link_again_and_the_time_that_is_left(
    notify: World, mail: MailServer
) -> None:
    to = address()
    (contact,) = await notify.agency(clinic(email=to))
    await notify.happens(created(REF), opened(REF, contact))
    await notify.work()
    notify.advance(timedelta(days=1))
    await notify.happens(reminded(contact))
    await notify.work()
    _, letter = sorted(mails(mail, to), key=lambda each: "still waits" in each["subject"])
    assert letter["subject"] == "A family from Lincoln Elementary still waits for your answer"
    assert link(notify, contact) in letter["text"]
    assert "Please answer by Thursday, November 26" in letter["text"]
    assert notify.referral.asked[-1]["template"] == "agency-offer-reminder"
    assert notify.referral.asked[-1]["round"] == 1


async def test_a_reminder_waits_for_the_morning_and_goes_only_while_there_is_no_answer(
    notify: World,
) -> None:
    (contact,) = await notify.agency(clinic(preferred=Channel.SMS, phone=PHONE, email=None))
    await notify.happens(created(REF), opened(REF, contact))
    await notify.work()
    notify.advance(NIGHT)
    await notify.happens(reminded(contact))
    await notify.work()
    waiting = await notify.message(template=Template.AGENCY_OFFER_REMINDER.value)
    assert (waiting.state, waiting.waits_for) == ("waiting", "quiet-hours")
    await notify.happens(declined())
    notify.advance(timedelta(hours=11))
    await notify.work()
    after = await notify.message(template=Template.AGENCY_OFFER_REMINDER.value)
    assert (after.state, after.reason) == ("cancelled", "cause-gone")
    assert len(notify.texts(PHONE)) == 1, "the offer alone"


async def test_a_reminder_is_texted_in_the_morning_with_the_number(notify: World) -> None:
    (contact,) = await notify.agency(clinic(preferred=Channel.SMS, phone=PHONE, email=None))
    await notify.happens(created(REF), opened(REF, contact))
    await notify.work()
    notify.advance(NIGHT)
    await notify.happens(reminded(contact))
    await notify.work()
    notify.advance(timedelta(hours=11))
    await notify.work()
    text = notify.texts(PHONE)[-1]
    assert "A family still waits. Reply YES " in text
    assert link(notify, contact) in text


async def test_whoever_has_answered_is_not_reminded(notify: World, mail: MailServer) -> None:
    to = address()
    (contact,) = await notify.agency(clinic(email=to))
    await notify.happens(created(REF), opened(REF, contact), declined(), reminded(contact))
    await notify.work()
    assert [each["subject"] for each in mails(mail, to)] == [
        "Can you take a family from Lincoln Elementary?"
    ]


async def test_whose_answer_is_not_needed_hears_so_with_thanks(
    notify: World, mail: MailServer
) -> None:
    to = address()
    (contact,) = await notify.agency(clinic(email=to))
    await notify.happens(created(REF))
    for reason in (WithdrawalReason.CANCELLED, WithdrawalReason.NOT_NEEDED):
        await notify.happens(
            OfferWithdrawn(
                referral=REF,
                offer=f"offer-1-{REF}",
                agency="agy-1",
                contact=contact,
                reason=reason,
                round=1,
                service="svc-1",
            )
        )
        await notify.work()
    (letter,) = mails(mail, to)
    subject = "Thank you: your answer is no longer needed (Lincoln Elementary)"
    assert letter["subject"] == subject
    assert "Thank you" in letter["text"]
