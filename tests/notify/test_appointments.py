"""A family hears when its visit is, and is reminded; what has moved or begun reminds nobody."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from contracts.codes import Channel, Language
from contracts.referrals import ReferralScheduled
from deploy.local.servers.mail import MailServer
from services.chassis.ids import new_id
from tests.local.carrier.running import Carrier
from tests.notify.build import created, mother
from tests.notify.world import World, world
from tests.servers import Cell

REF = "019ab000-0000-7000-8000-000000000091"
VISIT = datetime(2026, 12, 3, 23, 30, tzinfo=UTC)
"""A Thursday, 15:30 in California, nine days after the tests' present."""


@pytest.fixture
async def notify(
    cell: Cell, tmp_path: Path, carrier: Carrier, mail: MailServer
) -> AsyncIterator[World]:
    async with world(cell, tmp_path, carrier, smtp_port=mail.smtp_port) as here:
        yield here


def scheduled(at: datetime = VISIT) -> ReferralScheduled:
    return ReferralScheduled(referral=REF, claim="claim-1", appointment=at)


async def told(notify: World, at: datetime = VISIT, **about: Any) -> None:
    await notify.person(mother(**about))
    await notify.happens(created(REF), scheduled(at))
    await notify.work()


async def at(notify: World, moment: datetime) -> list[str]:
    notify.set_time(moment)
    await notify.work()
    return notify.texts()


async def test_a_visit_is_told_at_once_and_reminded_two_days_and_two_hours_before(
    notify: World,
) -> None:
    await told(notify)
    (first,) = notify.texts()
    assert "Tienen una cita el jueves 3 de diciembre a las 3:30 de la tarde." in first
    assert notify.referral.asked[-1]["appointment"] == VISIT.isoformat()
    before = VISIT - timedelta(hours=48)
    assert len(await at(notify, before - timedelta(minutes=1))) == 1
    assert len(await at(notify, before + timedelta(minutes=1))) == 2
    assert "Recuerde su cita: el jueves 3 de diciembre" in notify.texts()[-1]
    assert len(await at(notify, VISIT - timedelta(hours=2, minutes=1))) == 2
    assert len(await at(notify, VISIT - timedelta(hours=1, minutes=59))) == 3
    assert len(await at(notify, VISIT + timedelta(days=1))) == 3


async def test_a_visit_that_moves_is_told_anew_and_its_reminders_move_with_it(
    notify: World,
) -> None:
    await told(notify)
    moved = VISIT + timedelta(days=7)
    await notify.happens(scheduled(moved))
    await notify.work()
    assert "el jueves 10 de diciembre" in notify.texts()[-1]
    # Referral knows the present one: of the old one it lets nothing out.
    notify.referral.verdict = {"may_send": False, "reason": "cause-gone"}
    assert len(await at(notify, VISIT - timedelta(hours=47))) == 2
    notify.referral.verdict = {"may_send": True, "reason": None}
    texts = await at(notify, moved - timedelta(hours=47))
    assert len(texts) == 3
    assert "Recuerde su cita: el jueves 10 de diciembre" in texts[-1]


async def test_a_visit_tomorrow_is_told_once_and_reminded_two_hours_before_alone(
    notify: World,
) -> None:
    soon = notify.now + timedelta(hours=30)
    await told(notify, soon)
    assert len(notify.texts()) == 1
    assert len(await at(notify, soon - timedelta(hours=3))) == 1
    assert len(await at(notify, soon - timedelta(hours=1, minutes=50))) == 2


async def test_nobody_is_woken_by_a_reminder_nor_told_when_it_is_too_late(notify: World) -> None:
    early = datetime(2026, 12, 3, 17, 0, tzinfo=UTC)  # 9:00 in California
    await told(notify, early)
    assert len(await at(notify, early - timedelta(hours=47))) == 2
    assert len(await at(notify, early - timedelta(hours=1, minutes=50))) == 2, "it is ten past 7"
    assert len(await at(notify, early - timedelta(minutes=55))) == 3, "at eight in the morning"
    await notify.happens(scheduled(early + timedelta(minutes=10)))
    assert len(await at(notify, early)) == 3


async def test_what_comes_a_second_time_tells_nobody_again(notify: World) -> None:
    await notify.person(mother())
    cause = new_id()
    await notify.happens(created(REF))
    for _ in range(2):
        await notify.happens(scheduled(), id=cause)
        await notify.work()
    assert len(notify.texts()) == 1
    assert len(await at(notify, VISIT - timedelta(hours=47))) == 2


async def test_appointments_count_towards_no_week(notify: World) -> None:
    await notify.person(mother(reads=Language.ENGLISH))
    await notify.happens(created(REF))
    for day in range(3):
        await notify.happens(scheduled(VISIT + timedelta(days=day)))
        await notify.work()
    assert len(notify.texts()) == 3
    assert "You have a visit on Sat, Dec 5 at 3:30 PM." in notify.texts()[-1]


async def test_a_mail_of_a_visit_carries_it_for_the_readers_calendar(
    notify: World, mail: MailServer
) -> None:
    to = f"{new_id()}@family.example.org"
    await told(notify, preferred=Channel.EMAIL, email=to, phone=None)
    answer = httpx2.get(f"{mail.url}/api/messages", params={"to": to}, trust_env=False)
    (letter,) = answer.raise_for_status().json()["messages"]
    assert "El archivo de este correo la pone en su calendario." in letter["text"]
    assert "sin contraseña" in letter["html"]
    (stored,) = await notify.messages()
    assert stored.appointment == VISIT
