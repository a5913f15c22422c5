"""Mails as they arrive: two parts with the same words, who writes, and the way to get no more."""

from collections.abc import AsyncIterator
from datetime import timedelta
from email.utils import parseaddr
from pathlib import Path
from typing import Any

import httpx2
import pytest

from contracts.codes import Channel, Language
from contracts.offerings import IdentityCodeRequested
from deploy.local.servers.mail import MailServer
from services.chassis.ids import new_id
from tests.local.carrier.running import Carrier
from tests.notify.build import clinic, created, mother, offered, opened
from tests.notify.world import World, world
from tests.servers import Cell

REF = "019ab000-0000-7000-8000-00000000006"


@pytest.fixture
async def notify(
    cell: Cell, tmp_path: Path, carrier: Carrier, mail: MailServer
) -> AsyncIterator[World]:
    async with world(cell, tmp_path, carrier, smtp_port=mail.smtp_port) as here:
        yield here


async def family_by_mail(notify: World, to: str, **changes: Any) -> str:
    """Let a mother who is written to by mail hear of a referral; returns her id."""
    about = {"preferred": Channel.EMAIL, "email": to, "phone": None, **changes}
    person = await notify.person(mother(**about))
    await notify.happens(created(f"{REF}1"), offered(f"{REF}1"))
    await notify.work()
    return person


def arrived(sink: MailServer, to: str) -> list[dict[str, Any]]:
    answer = httpx2.get(f"{sink.url}/api/messages", params={"to": to}, trust_env=False)
    found: list[dict[str, Any]] = answer.raise_for_status().json()["messages"]
    return found


def raw(sink: MailServer, to: str) -> dict[str, str]:
    (only,) = arrived(sink, to)
    return {name.lower(): value for name, value in only["headers"].items()}


def address(label: str) -> str:
    return f"{label}-{new_id()}@family.example.org"


async def test_a_mail_has_the_same_words_as_plain_text_and_as_a_page(
    notify: World, mail: MailServer
) -> None:
    to = address("elena")
    await family_by_mail(notify, to)
    (letter,) = arrived(mail, to)
    assert letter["subject"] == "Ya pedimos la ayuda para su familia"
    assert letter["text"].startswith("Buenos días, Elena:\n\nSoy Rosa M., de Lincoln Elementary.\n")
    assert '<html lang="es">' in letter["html"]
    assert "<h1>Ya pedimos la ayuda para su familia</h1>" in letter["html"]
    (link,) = [each for each in letter["text"].split() if "/f/" in each]
    assert f'<a class="button" href="{link}">Abrir la página</a>' in letter["html"]


async def test_a_mail_says_who_writes_in_which_language_and_how_to_get_no_more(
    notify: World, mail: MailServer
) -> None:
    to = address("elena")
    person = await family_by_mail(notify, to)
    headers = raw(mail, to)
    assert parseaddr(headers["from"])[0] == "Rosa M., Lincoln Elementary"
    assert headers["content-language"] == "es"
    stop = notify.tools.mail_stops.address(person)
    assert headers["list-unsubscribe"] == f"<{stop}>"
    assert headers["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    assert {"date", "message-id", "subject", "to", "mime-version"} <= set(headers)
    (letter,) = arrived(mail, to)
    assert f"No quiero recibir más correos: {stop}" in letter["text"]
    assert f'<a href="{stop}">No quiero recibir más correos</a>' in letter["html"]


async def test_opening_the_way_out_changes_nothing_and_pressing_it_stops_mail_for_good(
    notify: World, mail: MailServer
) -> None:
    to = address("elena")
    person = await family_by_mail(notify, to)
    stop = notify.tools.mail_stops.address(person).removeprefix(notify.chassis.settings.callbacks)
    shown = await notify.http.get(stop)
    assert (shown.status_code, "text/html" in shown.headers["content-type"]) == (200, True)
    assert "No more mail" in shown.text
    assert "message.opted-out" not in await notify.told()
    for _ in range(2):  # a mail program may press it again
        pressed = await notify.http.post(stop, data={"List-Unsubscribe": "One-Click"})
        assert pressed.status_code == 200
    (gone,) = await notify.events("message.opted-out")
    assert (gone["person"], gone["channel"]) == (person, "email")
    await notify.happens(created(f"{REF}2"), offered(f"{REF}2"))
    await notify.work()
    refused = await notify.message(referral=f"{REF}2")
    assert (refused.state, refused.reason) == ("cancelled", "opted-out")
    # The wish is the address's: another contact with it is not written to either.
    same = mother(preferred=Channel.EMAIL, email=to.upper(), phone=None)
    await notify.person(same, family="fam-2")
    await notify.happens(created(f"{REF}3", family="fam-2"), offered(f"{REF}3"))
    await notify.work()
    other = await notify.message(referral=f"{REF}3")
    assert (other.state, other.reason) == ("cancelled", "opted-out")
    assert len(arrived(mail, to)) == 1


async def test_a_way_out_that_was_not_made_for_somebody_is_not_there(notify: World) -> None:
    person = await notify.person(mother())
    token = notify.tools.mail_stops.address("another").rpartition("/")[2]
    for place in (f"/v1/mail-stops/{person}/{token}", f"/v1/mail-stops/{person}/x"):
        assert (await notify.http.get(place)).status_code == 404
        assert (await notify.http.post(place)).status_code == 404


async def test_a_code_goes_to_who_wants_no_more_mail_and_has_no_way_out_in_it(
    notify: World, mail: MailServer
) -> None:
    to = address("dana")
    (contact,) = await notify.agency(clinic(email=to))
    await notify.happens(created(f"{REF}4"), opened(f"{REF}4", contact))
    await notify.work()
    stop = notify.tools.mail_stops.address(contact).removeprefix(notify.chassis.settings.callbacks)
    assert (await notify.http.post(stop)).status_code == 200
    asked = IdentityCodeRequested(
        referral=f"{REF}4",
        offer=f"offer-1-{REF}4",
        agency="agy-1",
        contact=contact,
        nonce="n",
        expires=notify.now + timedelta(minutes=10),
    )
    await notify.happens(asked)
    await notify.work()
    codes = [each for each in arrived(mail, to) if each["subject"] == "Your code"]
    assert len(codes) == 1
    assert "list-unsubscribe" not in {name.lower() for name in codes[0]["headers"]}


async def test_who_reads_neither_language_gets_a_mail_with_both(
    notify: World, mail: MailServer
) -> None:
    to = address("pa")
    await family_by_mail(notify, to, reads=Language("hmn"))
    (letter,) = arrived(mail, to)
    assert "Dear Elena," in letter["text"]
    assert "Buenos días, Elena:" in letter["text"]
    assert '<section lang="es">' in letter["html"]
    assert raw(mail, to)["content-language"] == "en, es"
