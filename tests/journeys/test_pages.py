"""The running system in a real browser: a coordinator watches, an agency answers, a family texts.

And afterwards: nothing that tells who these people are stands where it must not.
"""

import asyncio
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from aiokafka import AIOKafkaConsumer, ConsumerRecord
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pymongo import MongoClient

from contracts.topic import TOPICS
from deploy.local import browser as chromium
from deploy.local.client import Client
from deploy.local.demo.cast import Asked, Child
from deploy.local.demo.letters import Letters
from deploy.local.demo.loop import UNDO
from deploy.local.demo.people import fresh_child, give_consent
from deploy.local.demo.supply import Supply
from deploy.local.node import AXE, SERVED, VENDOR
from deploy.local.servers.infra import mongo_server
from deploy.local.system import clock
from deploy.local.system.places import CELL, SERVICES, Home
from deploy.local.system.state import State, read
from services.chassis.ids import new_id
from services.portal.words import LANGUAGES
from tests.journeys import coordinator, partners
from tests.local.running import Up
from tests.portal.test_browser import ARGUMENTS, WIDTHS

SITE = "site-01"
NEED = "Marked-as-secret: pain on the left side"


@dataclass(frozen=True, slots=True)
class Scene:
    """A referral that two agencies were asked to take, with each one's answer link."""

    up: Up
    system: State
    home: Home
    child: Child
    asked: tuple[Asked, Asked]
    referral: str
    links: tuple[str, str]


async def set_up(up: Up) -> Scene:
    home = Home(up.home)
    system = read(home)
    async with Client(system.ports) as client:
        letters = Letters(client)
        supply = Supply(client, home, lambda _: None)
        asked = (await supply.sample(0, SITE), await supply.sample(2, SITE))
        child = await fresh_child(client, SITE)
        await give_consent(client, child, asked[0].category, clock.now(home).date())
        referral = new_id()
        path = f"/v1/referrals/{referral}"
        body = {"student": child.id, "category": asked[0].category, "need": NEED}
        who = child.coordinator
        await client.put("referral", path, body, who=who)
        seen = await client.call("GET", "referral", path, who=who)
        candidates = [{"service": each.service, "agency": each.agency} for each in asked]
        offer = {"candidates": candidates}
        await client.post("referral", f"{path}/offer", offer, who=who, etag=seen.etag)
        first, second = [await letters.link("links", each.address, 0) for each in asked]
        clock.advance(home, UNDO)
        await letters.text("family-asked", child.phone, 0)
    return Scene(up, system, home, child, asked, referral, (first, second))


def off_loop(work: Any) -> Any:
    """Run a coroutine to its end on a thread: this one's loop belongs to the test runner."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    up = Up(tmp_path_factory.mktemp("pages") / "home").ready()
    try:
        yield off_loop(set_up(up))
    finally:
        code = up.stop()
    assert code == 0


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = chromium.find()
    if found is None:
        pytest.skip("not run: there is no Chromium here (python -m deploy.local.browser)")
    if not AXE.exists() or not all((VENDOR / file.name).exists() for file in SERVED):
        pytest.skip("not run: the pages' scripts are not there (python -m deploy.local.node)")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture(scope="module")
def watched(scene: Scene, browser: Browser) -> Iterator[Page]:
    """The coordinator's page of the referral, opened from her list after signing in."""
    page = browser.new_page(
        base_url=f"http://127.0.0.1:{scene.system.ports.portal}", locale="en-US"
    )
    page.goto("/")
    page.get_by_role("link", name="Sign in").click()
    page.locator("input[name=sub]").fill("coordinator-01")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible(timeout=150_000)
    page.goto("/?show=under-way")
    given = scene.child.name.split()[0]
    expect(page.get_by_text(given).first).to_be_visible()
    page.goto(f"/referrals/{scene.referral}")
    expect(page.get_by_role("heading", name="What happened")).to_be_visible()
    yield page
    page.context.close()


def test_the_coordinator_sees_the_agencies_yes_arrive_without_touching_her_page(
    scene: Scene, browser: Browser, watched: Page
) -> None:
    yes = f"{scene.asked[0].agency_name} said yes."
    expect(watched.get_by_text(yes)).to_have_count(0)
    agency = browser.new_page(viewport={"width": 390, "height": 844}, locale="en-US")
    agency.goto(f"http://127.0.0.1:{scene.system.ports.portal}/a/{scene.links[0]}")
    expect(agency.get_by_text(scene.child.name.split()[0])).to_have_count(0)
    agency.get_by_role("button", name="We can take it").click()
    expect(agency.get_by_text("Thank you: we have your yes.")).to_be_visible()
    expect(watched.get_by_text(yes).first).to_be_visible(timeout=150_000)
    agency.context.close()


def test_she_writes_a_need_down_sends_it_and_takes_it_back(scene: Scene, watched: Page) -> None:
    watched.goto("/")
    watched.get_by_role("link", name="New referral").click()
    watched.get_by_label("The child's name").fill(scene.child.name.split()[-1])
    watched.get_by_role("button", name="Find").click()
    watched.get_by_role("link", name=scene.child.name).first.click()
    watched.get_by_role("radio", name="Dentist").check()
    watched.get_by_label("In your words").fill(NEED)
    watched.get_by_role("button", name="Choose the places").click()
    expect(watched.get_by_text("This need of the child is open already.")).to_be_visible()
    watched.get_by_label("Why another one is wanted").fill("Another tooth")
    watched.get_by_role("button", name="Choose the places").click()
    expect(watched.get_by_role("heading", level=1)).to_contain_text("Whom do we ask")
    watched.get_by_role("checkbox").first.check()
    watched.get_by_role("button", name="Send").click()
    expect(watched.get_by_text("Sent. You see here who answers.")).to_be_visible()
    watched.get_by_role("button", name="Undo").click()
    expect(watched.get_by_text("Taken back. Nobody is asked any more.")).to_be_visible()
    expect(watched.get_by_text("It was taken back before anybody had answered.")).to_be_visible(
        timeout=150_000
    )
    watched.goto(f"/referrals/{scene.referral}")


def test_the_second_agency_reads_that_it_is_taken(
    scene: Scene, browser: Browser, watched: Page
) -> None:
    del watched
    late = browser.new_page(viewport={"width": 390, "height": 844}, locale="en-US")
    late.goto(f"http://127.0.0.1:{scene.system.ports.portal}/a/{scene.links[1]}")
    expect(late.get_by_role("button", name="We can take it")).to_have_count(0)
    late.context.close()


def test_the_family_reads_its_text_on_the_phone_and_answers(scene: Scene, browser: Browser) -> None:
    phone = browser.new_page(viewport={"width": 390, "height": 844})
    number = quote(scene.child.phone)
    phone.goto(f"http://127.0.0.1:{scene.system.ports.carrier}/phones/{number}")
    expect(phone.get_by_text("Ya pedimos la ayuda").first).to_be_visible()
    phone.locator("textarea[name=body]").fill("Gracias, Rosa")
    phone.get_by_role("button", name="Send", exact=True).click()
    expect(phone.get_by_text("Gracias, Rosa").first).to_be_visible()
    link = re.search(r"/f/[A-Za-z0-9_-]{22}", phone.content())
    assert link is not None
    phone.goto(f"http://127.0.0.1:{scene.system.ports.portal}{link.group()}")
    expect(phone.locator("html")).to_have_attribute("lang", "es")
    expect(phone.get_by_text("dental")).to_have_count(0)
    phone.context.close()


HUNGER = "Marked-hunger since Monday"


async def asked_by_text(scene: Scene) -> list[str]:
    """Let the family ask by text and the coordinator handle it; returns what it was told."""
    async with Client(scene.system.ports) as client:
        letters, phone = Letters(client), scene.child.phone
        known = len(await letters.texts(phone))
        await letters.answer(phone, f"NECESITO comida {HUNGER}")
        told = [await letters.text("request-received", phone, known)]
        who = scene.child.coordinator
        found = await client.call(
            "GET", "referral", "/v1/help-requests", who=who, query={"state": "received"}
        )
        (request,) = [each for each in found.body["items"] if HUNGER in (each["words"] or "")]
        path = f"/v1/help-requests/{request['id']}"
        seen = await client.call("GET", "referral", path, who=who)
        await client.post("referral", f"{path}/handled", {}, who=who, etag=seen.etag)
        told.append(await letters.text("request-handled", phone, known + 1))
        return told


def test_a_family_asks_for_help_by_text_and_hears_received_and_handled(scene: Scene) -> None:
    received, handled = off_loop(asked_by_text(scene))
    assert "Recibimos su mensaje." in received
    assert "Su mensaje ya fue atendido." in handled
    assert "comida" not in received + handled


def test_a_family_asks_on_the_page_of_its_school(scene: Scene, browser: Browser) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 844}, locale="es-US")
    page.goto(f"http://127.0.0.1:{scene.system.ports.portal}/help/{SITE}")
    page.get_by_label("Nombre del niño o de la niña").fill("Marked-stranger")
    page.get_by_label("¿Qué necesita?").fill(HUNGER)
    page.get_by_role("button", name="Enviar a la escuela").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recibido", timeout=60_000)
    page.context.close()


async def another_child(scene: Scene) -> Child:
    async with Client(scene.system.ports) as client:
        return await fresh_child(client, SITE)


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_coordinator_goes_her_whole_way_on_the_pages(
    language: str, size: str, scene: Scene, browser: Browser
) -> None:
    child = off_loop(another_child(scene))
    way = coordinator.walk(browser, f"http://127.0.0.1:{scene.system.ports.portal}", language, size)
    coordinator.sign_in(way, "coordinator-01")
    referral = coordinator.write_down(way, child, scene.asked[0].category, NEED)
    coordinator.record_consent(way, child)
    coordinator.send(way, scene.asked[1])
    coordinator.log_contact(way, NEED)
    coordinator.write_note(way, NEED)
    coordinator.finish_follow_up(way, referral)
    coordinator.see_who_did_what(way)
    coordinator.give_up(way)
    way.page.context.close()


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_partners_are_found_counted_and_renewed_on_the_pages(
    language: str, size: str, scene: Scene, browser: Browser
) -> None:
    url = f"http://127.0.0.1:{scene.system.ports.portal}"
    way = coordinator.walk(browser, url, language, size)
    coordinator.sign_in(way, "coordinator-01")
    partners.find_service(way, scene.asked[0])
    partners.record_seats(way, scene.asked[0], free=7)
    partners.choose_who_goes_first(way, scene.asked[0])
    way.page.context.close()
    way = coordinator.walk(browser, url, language, size)
    coordinator.sign_in(way, "admin")
    partners.renew_agreement(way, scene.asked[0])
    way.page.context.close()


async def records(system: State) -> list["ConsumerRecord[bytes, bytes]"]:
    """Return every record of every topic."""
    consumer = AIOKafkaConsumer(
        *[f"{CELL}.{topic.name}" for topic in TOPICS],
        bootstrap_servers=system.kafka,
        auto_offset_reset="earliest",
    )
    await consumer.start()
    found = []
    try:
        while batch := await consumer.getmany(timeout_ms=3_000):
            found += [record for some in batch.values() for record in some]
    finally:
        await consumer.stop()
    return found


def everything_in(record: "ConsumerRecord[bytes, bytes]") -> bytes:
    return b"".join([record.value or b"", record.key or b"", *(each for _, each in record.headers)])


def test_one_trace_goes_from_the_request_to_the_text_message(scene: Scene) -> None:
    traces: dict[str, set[bytes]] = {}
    for record in off_loop(records(scene.system)):
        headers = dict(record.headers)
        if scene.referral.encode() in everything_in(record):
            kind = headers["ce_type"].decode()
            traces.setdefault(kind, set()).add(headers["ce_traceparent"].split(b"-")[1])
    asked = traces["org.enlace.referral.offered.v1"]
    assert asked <= traces["org.enlace.offering.opened.v1"]
    assert asked <= traces["org.enlace.message.queued.v1"]
    assert asked <= traces["org.enlace.message.sent.v1"]


def test_no_event_of_a_referral_tells_who_is_asked_to_help(scene: Scene) -> None:
    told = [each for each in off_loop(records(scene.system)) if each.key]
    ours = [each for each in told if scene.referral.encode() in everything_in(each)]
    assert len(ours) > 10
    for asked in scene.asked:
        needles = (asked.service.encode(), asked.agency.encode())
        assert not any(needle in everything_in(each) for each in ours for needle in needles)


def test_nothing_that_tells_who_they_are_leaves_the_encrypted_fields(scene: Scene) -> None:
    given, family = scene.child.name.split()[0], scene.child.name.split()[1]
    marked = [given, family, "Marked-as-secret", scene.child.phone.lstrip("+"), "2018-03-14"]
    marked += [*scene.links, "Gracias, Rosa", "Marked-hunger", "Marked-stranger"]
    topics = [everything_in(each) for each in off_loop(records(scene.system))]
    assert len(topics) > 10
    logs = [Path(scene.system.parts[name].log).read_bytes() for name in SERVICES]
    assert any(logs)
    client: MongoClient[dict[str, Any]] = MongoClient(
        mongo_server(scene.home.part("mongod"), scene.system.ports.mongod).admin_uri
    )
    with client:
        documents = [
            str(row).encode()
            for name in client.list_database_names()
            if name.startswith(f"{CELL}_")
            for collection in client[name].list_collection_names()
            for row in client[name][collection].find()
        ]
    assert len(documents) > 100
    for word in marked:
        needle = word.encode()
        for place, texts in (("topics", topics), ("logs", logs), ("databases", documents)):
            assert not any(needle in text for text in texts), f"{word!r} stands in the {place}"
