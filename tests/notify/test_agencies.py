"""Agencies are written to by mail or text, with links that only they hold."""

from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from contracts.agencies import (
    AgreementMilestoneOverdue,
    EntriesAsked,
    WebhookDisabled,
    WebhookEnd,
)
from contracts.codes import Channel, DeclineReason
from contracts.offerings import (
    DeletionAsked,
    IdentityCodeRequested,
    OfferDeclined,
    OfferWithdrawn,
    WithdrawalReason,
)
from deploy.local.servers.mail import MailServer
from services.chassis.ids import new_id
from services.chassis.links import derive_code, derive_token, read_link_key
from tests.local.carrier.running import Carrier
from tests.notify.build import accepted, claimed, clinic, created, opened
from tests.notify.world import World, world
from tests.servers import Cell

REF = "019ab000-0000-7000-8000-000000000001"


@pytest.fixture
async def notify(
    cell: Cell, tmp_path: Path, carrier: Carrier, mail: MailServer
) -> AsyncIterator[World]:
    async with world(cell, tmp_path, carrier, smtp_port=mail.smtp_port) as here:
        yield here


def address() -> str:
    return f"{new_id()}@agency.example.org"


def mails(sink: MailServer, to: str) -> list[dict[str, Any]]:
    answer = httpx2.get(f"{sink.url}/api/messages", params={"to": to}, trust_env=False)
    found: list[dict[str, Any]] = answer.raise_for_status().json()["messages"]
    return found


def link(notify: World, contact: str, index: int = 1) -> str:
    token = derive_token(
        read_link_key(notify.chassis.settings.keys_dir),
        purpose="agency-answer",
        subject=f"offer-{index}-{REF}",
        recipient=contact,
        nonce=f"offer-nonce-{index}",
    )
    return f"http://127.0.0.1:8400/a/{token}"


async def test_each_contact_of_an_offering_gets_its_own_link(
    notify: World, mail: MailServer
) -> None:
    to, phone = address(), "+15105550188"
    first, second = await notify.agency(
        clinic(email=to), clinic(preferred=Channel.SMS, phone=phone, email=None)
    )
    await notify.happens(created(REF), opened(REF, first, second))
    await notify.work()
    (letter,) = mails(mail, to)
    assert letter["subject"] == "Can you take a family from Lincoln Elementary?"
    assert link(notify, first) in letter["text"]
    assert "Please answer by Thursday, November 26" in letter["text"]
    assert "dental" not in letter["text"]
    (text,) = notify.texts(phone)
    assert link(notify, second, 2) in text
    sent = await notify.message(channel="email")
    assert sent.state == "sent"
    assert sent.provider_id == f"<{sent.id}@example.org>"


async def test_a_contact_with_two_offers_gets_one_mail_with_both_links(
    notify: World, mail: MailServer
) -> None:
    to = address()
    (contact,) = await notify.agency(clinic(email=to))
    await notify.happens(opened(REF, contact, contact))
    await notify.work()
    (letter,) = mails(mail, to)
    assert link(notify, contact, 1) in letter["text"]
    assert link(notify, contact, 2) in letter["text"]


async def test_the_claimant_is_told_although_the_topics_come_in_any_order(
    notify: World, mail: MailServer
) -> None:
    to = address()
    (contact,) = await notify.agency(clinic(email=to))
    await notify.happens(accepted(REF))
    await notify.work()
    notify.advance(timedelta(seconds=5))
    await notify.happens(claimed(REF, contact), created(REF))
    await notify.work()
    (letter,) = mails(mail, to)
    assert letter["subject"] == "Thank you for taking the family from Lincoln Elementary"
    assert link(notify, contact) in letter["text"]
    assert len(notify.referral.asked) == 1


async def test_an_agency_gets_its_link_to_see_what_was_recorded_for_it_and_not_what_it_said_itself(
    notify: World, mail: MailServer
) -> None:
    to = address()
    (contact,) = await notify.agency(clinic(email=to))
    yes = claimed(REF, contact)
    no = OfferDeclined(
        referral=REF,
        round=1,
        offer=yes.offer,
        agency="agy-1",
        reason=DeclineReason.NO_CAPACITY,
        last=True,
    )
    await notify.happens(created(REF), opened(REF, contact), yes, no)
    await notify.work(2)
    assert len(mails(mail, to)) == 1, "the offer alone"
    for event in (yes, no):
        await notify.happens(event.model_copy(update={"recorded_by": "rosa"}))
    await notify.work(2)
    letters = [each for each in mails(mail, to) if each["subject"].startswith("We wrote down")]
    assert len(letters) == 2
    assert all(link(notify, contact) in each["text"] for each in letters)


async def test_the_code_goes_to_the_registered_address_even_at_night(
    notify: World, mail: MailServer
) -> None:
    to = address()
    (contact,) = await notify.agency(clinic(email=to))
    notify.advance(timedelta(hours=12))
    event = IdentityCodeRequested(
        referral=REF,
        offer="offer-1",
        agency="agy-1",
        contact=contact,
        nonce="code-nonce",
        expires=notify.now + timedelta(minutes=10),
    )
    await notify.happens(event)
    await notify.work()
    code = derive_code(
        read_link_key(notify.chassis.settings.keys_dir),
        purpose="identity",
        subject="offer-1",
        recipient=contact,
        nonce="code-nonce",
    )
    (letter,) = mails(mail, to)
    assert f"Your code is {code}." in letter["text"]


async def test_a_code_that_has_run_out_is_not_sent(notify: World, mail: MailServer) -> None:
    to = address()
    (contact,) = await notify.agency(clinic(email=to))
    notify.referral.away = True
    expires = notify.now + timedelta(minutes=10)
    await notify.happens(
        IdentityCodeRequested(
            referral=REF, offer="o", agency="agy-1", contact=contact, nonce="n", expires=expires
        )
    )
    await notify.work()
    notify.referral.away = False
    notify.advance(timedelta(minutes=11))
    await notify.work()
    assert mails(mail, to) == []
    assert (await notify.message()).reason == "too-late"


@pytest.mark.parametrize(
    ("reason", "count"), [(WithdrawalReason.TAKEN, 1), (WithdrawalReason.CANCELLED, 0)]
)
async def test_losers_are_told_that_another_agency_took_it(
    notify: World, mail: MailServer, reason: WithdrawalReason, count: int
) -> None:
    to = address()
    (contact,) = await notify.agency(clinic(email=to))
    await notify.happens(
        OfferWithdrawn(referral=REF, offer="o", agency="agy-1", contact=contact, reason=reason)
    )
    await notify.work()
    assert len(mails(mail, to)) == count


async def test_a_message_waits_for_the_name_of_the_school_that_speaks(
    notify: World, mail: MailServer
) -> None:
    to = address()
    (contact,) = await notify.agency(clinic(email=to))
    taken = OfferWithdrawn(
        referral=REF, offer="o", agency="agy-1", contact=contact, reason=WithdrawalReason.TAKEN
    )
    await notify.happens(taken, site=None)
    await notify.work()
    assert mails(mail, to) == []
    await notify.happens(created(REF))
    notify.advance(timedelta(seconds=2))
    await notify.work()
    (letter,) = mails(mail, to)
    assert "Lincoln Elementary" in letter["subject"]


async def test_a_mail_server_that_is_away_is_tried_again(
    cell: Cell, tmp_path: Path, carrier: Carrier
) -> None:
    async with world(cell, tmp_path, carrier, smtp_port=9) as notify:
        (contact,) = await notify.agency(clinic(email=address()))
        await notify.happens(opened(REF, contact))
        await notify.work()
        held = await notify.message()
        assert (held.state, held.waits_for) == ("waiting", "provider")


@pytest.mark.parametrize(
    ("again", "subject"),
    [
        (False, "Please delete what you read about a family from Lincoln Elementary"),
        (
            True,
            "Still to be confirmed: deleted what you read about a family from Lincoln Elementary",
        ),
    ],
)
async def test_an_agency_is_asked_to_delete_by_a_link_and_no_name(
    notify: World, mail: MailServer, subject: str, *, again: bool
) -> None:
    to = address()
    (contact,) = await notify.agency(clinic(email=to))
    event = DeletionAsked(
        referral=REF,
        request="request-1",
        agency="agy-1",
        contact=contact,
        nonce="nonce-1",
        due_on=date(2026, 12, 8),
        again=again,
    )
    await notify.happens(event)
    await notify.work()
    (letter,) = mails(mail, to)
    token = derive_token(
        read_link_key(notify.chassis.settings.keys_dir),
        purpose="agency-deletion",
        subject="request-1",
        recipient=contact,
        nonce="nonce-1",
    )
    assert letter["subject"] == subject
    assert f"http://127.0.0.1:8400/d/{token}" in letter["text"]
    assert "by Tuesday, December 8" in letter["text"]
    assert notify.referral.asked == [], "it speaks of no child"


async def test_an_agency_is_told_that_its_own_system_cannot_be_reached(
    notify: World, mail: MailServer
) -> None:
    to = address()
    (contact,) = await notify.agency(clinic(email=to))
    event = WebhookDisabled(
        agency="agy-1", endpoint="end-1", reason=WebhookEnd.FAILING, contact=contact
    )
    await notify.happens(event, site=None)
    await notify.work()
    (letter,) = mails(mail, to)
    assert letter["subject"] == "Enlace cannot reach your system any more"
    assert "the last 30 days sent anew" in letter["text"]
    assert notify.referral.asked == [], "it speaks of no child"


async def test_an_agency_is_asked_by_a_link_whether_its_entries_hold(
    notify: World, mail: MailServer
) -> None:
    to = address()
    (contact,) = await notify.agency(clinic(email=to))
    event = EntriesAsked(agency="agy-1", contact=contact, nonce="asking-1")
    await notify.happens(event, site=None)
    await notify.work()
    (letter,) = mails(mail, to)
    token = derive_token(
        read_link_key(notify.chassis.settings.keys_dir),
        purpose="agency-entries",
        subject="agy-1",
        recipient=contact,
        nonce="asking-1",
    )
    assert letter["subject"] == "Does our directory still say it right?"
    assert f"http://127.0.0.1:8400/e/{token}" in letter["text"]
    assert notify.referral.asked == [], "it speaks of no child"


async def test_an_agency_hears_that_a_milestone_of_its_agreement_is_late(
    notify: World, mail: MailServer
) -> None:
    to = address()
    await notify.agency(clinic(email=to))
    event = AgreementMilestoneOverdue(
        agency="agy-1", agreement="mou-1", by=date(2026, 9, 1), site="site-01"
    )
    await notify.happens(event, site=None)
    await notify.work()
    (letter,) = mails(mail, to)
    assert "was to be reached by Tuesday, September 1" in letter["subject"]
    assert "nobody has said that it is reached" in letter["text"]
    assert notify.referral.asked == [], "it speaks of no child"


async def test_where_nobody_at_the_agency_can_be_reached_nothing_is_sent(notify: World) -> None:
    await notify.happens(
        WebhookDisabled(agency="agy-1", endpoint="end-1", reason=WebhookEnd.GONE), site=None
    )
    await notify.work()
    assert await notify.messages() == []
