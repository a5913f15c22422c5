"""The pages in a real browser: both widths, both languages, axe, and what happens while one looks.

`ENLACE_SHOTS` names a folder to leave pictures in.
"""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright

from deploy.local import browser as chromium
from deploy.local.node import AXE
from tests.portal.running import Portal
from tests.portal.samples import (
    DENTAL,
    REQUEST,
    TOKEN,
    accepted_card,
    ago,
    asked_row,
    call,
    entry,
    referral_id,
    row,
    sample_card,
    sample_request,
)

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTHS = {"phone": (390, 844), "desk": (1280, 900)}

Opened = Callable[..., Page]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = chromium.find()
    if found is None:
        pytest.skip("not run: there is no Chromium here (python -m deploy.local.browser)")
    if not AXE.exists():
        pytest.skip("not run: axe-core is not there (python -m deploy.local.node)")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def opened(browser: Browser, portal: Portal) -> Iterator[Opened]:
    """Open a page of the portal; at the end its console must have stayed empty."""
    faults: list[str] = []
    contexts = []

    def open_page(
        path: str,
        *,
        who: str | None = None,
        size: str = "desk",
        language: str = "en",
        late: str | None = None,
        **more: Any,
    ) -> Page:
        width, height = WIDTHS[size]
        context = browser.new_context(
            viewport={"width": width, "height": height},
            base_url=portal.url,
            locale=f"{language}-US",
            has_touch=size == "phone",
            **more,
        )
        contexts.append(context)
        if who is not None:
            context.add_cookies(
                [{"name": "enlace", "value": portal.cookie(who), "url": portal.url}]
            )
        if late is not None:
            context.route(f"**/*{late}*", _after_a_while)
        page = context.new_page()
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text))
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    # A refusal is a page like any other; the local provider's own page wants a font from outside.
    expected = (
        "status of 4",
        "status of 503",
        "ERR_NAME_NOT_RESOLVED",
        "ERR_INTERNET_DISCONNECTED",
    )
    assert [fault for fault in faults if not any(each in fault for each in expected)] == []


def _after_a_while(route: Route) -> None:
    time.sleep(1)
    route.continue_()


def card(**changes: Any) -> Callable[[Portal], None]:
    """Return what sets the card behind an agency's link."""

    def change(portal: Portal) -> None:
        portal.services.card = sample_card(**changes)

    return change


def taken_by_us(portal: Portal) -> None:
    portal.services.card = accepted_card()


def deleted(portal: Portal) -> None:
    portal.services.asked_deletion["confirmed_at"] = "2026-11-24T18:00:00Z"


def entries_confirmed(portal: Portal) -> None:
    portal.services.asked_entries["done"] = True


def without_referral(portal: Portal) -> None:
    beside = {"referral": None, "category": None}
    report = call(
        70, "protection-report", "file-report", ago(hours=1), deadline=ago(hours=-2), **beside
    )
    task = call(71, "overdue-task", "do-task", ago(days=1), **beside)
    glass = call(72, "glass-broken", "review-opening", ago(days=2), **beside)
    receipt = call(2, "receipt-missing", "call-agency", ago(days=2), DENTAL)
    portal.services.today = [
        row(70, "Pilar Q.", report, task),
        row(71, "Mateo S.", receipt),
        row(72, "Vera N.", glass, grade=None),
        *portal.services.today,
    ]


def was_handled(portal: Portal) -> None:
    done = {"how": "other-way", "at": ago(hours=1), "by": "rosa", "words": "Brought groceries"}
    portal.services.asked_for = sample_request(state="handled", handled={**done, "referral": None})


def handed_off(portal: Portal) -> None:
    known = portal.services.find(referral_id(4))
    assert known is not None
    known |= {"state": "accepted", "hand_off": referral_id(62)}


def recorded_by_hand(portal: Portal) -> None:
    said = {"by": "rosa", "said_by": "Dana Frost", "said_at": ago(hours=1)}
    portal.services.card = sample_card(
        state="claimed",
        claim_state="pending",
        by_hand={**said, "recorded_at": ago(hours=1), "contested_at": None},
        next_actions=["seats", "contest"],
    )


def somebody_asked(portal: Portal) -> None:
    portal.services.today.insert(0, asked_row())


PAGES = {
    "today-records": ("/", "coordinator-01", without_referral),
    "delete": (f"/d/{TOKEN}", None, None),
    "batch": (f"/b/{TOKEN}", None, None),
    "batch-taken": (f"/b/{TOKEN}?done=take", None, None),
    "entries": (f"/e/{TOKEN}", None, None),
    "entries-done": (f"/e/{TOKEN}", None, entries_confirmed),
    "delete-done": (f"/d/{TOKEN}", None, deleted),
    "today": ("/", "coordinator-01", None),
    "under-way": ("/?show=under-way", "coordinator-01", None),
    "referral": (f"/referrals/{referral_id(1)}", "coordinator-01", None),
    "disputed": (f"/referrals/{referral_id(2)}", "coordinator-01", None),
    "ask": (f"/referrals/{referral_id(4)}/ask", "coordinator-01", None),
    "new": ("/referrals/new", "coordinator-01", None),
    "new-child": (f"/referrals/new?student={referral_id(80)}", "coordinator-01", None),
    "ask-for-help": ("/ask-for-help", "teacher-01", None),
    "paper": ("/ask-for-help?paper=yes", "coordinator-01", None),
    "asked": (f"/asked/{REQUEST}", "coordinator-01", None),
    "asked-handled": (f"/asked/{REQUEST}", "coordinator-01", was_handled),
    "messages": (f"/referrals/{referral_id(1)}/messages", "coordinator-01", None),
    "reply": (f"/referrals/{referral_id(1)}/reply", "coordinator-01", None),
    "today-asked": ("/", "coordinator-01", somebody_asked),
    "hand-off": (f"/referrals/{referral_id(4)}/hand-off", "coordinator-01", None),
    "handed-off": (f"/referrals/{referral_id(4)}/hand-off", "coordinator-01", handed_off),
    "phone": (f"/referrals/{referral_id(8)}/phone", "coordinator-01", None),
    "agency-by-hand": (f"/a/{TOKEN}", None, recorded_by_hand),
    "help": ("/help/site-01", None, None),
    "help-receipt": (f"/h/{TOKEN}", None, None),
    "help-sheet": ("/help/site-01/sheet", None, None),
    "reports": ("/reports", "principal-01", None),
    "nothing": ("/", "auditor", None),
    "welcome": ("/welcome", None, None),
    "agency": (f"/a/{TOKEN}", None, None),
    "agency-taken": (f"/a/{TOKEN}", None, card(state="taken", next_actions=[])),
    "agency-accepted": (f"/a/{TOKEN}", None, taken_by_us),
    "decline": (f"/a/{TOKEN}/decline", None, None),
    "decline-many": (f"/b/{TOKEN}/decline", None, None),
    "progress": (f"/a/{TOKEN}/progress", None, taken_by_us),
    "progress-codes": (f"/a/{TOKEN}/progress", None, card(codes_alone=True)),
    "who": (f"/a/{TOKEN}/who", None, taken_by_us),
    "family": (f"/f/{TOKEN}", None, None),
    "error": ("/f/unknown", None, None),
}


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_and_fits(
    name: str, size: str, opened: Opened, portal: Portal
) -> None:
    path, who, change = PAGES[name]
    if change is not None:
        change(portal)
    for language in ("en", "es"):
        page = opened(path, who=who, size=size, language=language)
        shot(page, f"{name}-{size}-{language}")
        assert faults_of(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_dark_scheme_is_as_readable(opened: Opened) -> None:
    for name in ("today", "referral", "agency", "family", "reports"):
        path, who, _ = PAGES[name]
        page = opened(path, who=who, color_scheme="dark")
        shot(page, f"{name}-dark")
        assert faults_of(page) == []


def test_every_target_fits_a_thumb(opened: Opened) -> None:
    for name in (
        "today",
        "referral",
        "new",
        "new-child",
        "agency",
        "family",
        "decline",
        "delete",
        "ask-for-help",
        "asked",
        "reply",
        "help",
    ):
        path, who, _ = PAGES[name]
        page = opened(path, who=who, size="phone")
        small = page.evaluate(
            """[...document.querySelectorAll('a.btn,button,summary,a.chip,.tap,.tabbar a')]
            .filter(e => e.offsetParent && e.getBoundingClientRect().height < 44)
            .map(e => e.outerHTML)"""
        )
        assert small == []


def test_the_timeline_grows_while_somebody_looks(opened: Opened, portal: Portal) -> None:
    page = opened(f"/referrals/{referral_id(1)}", who="coordinator-01")
    expect(page.get_by_text("said no: they have no seats")).to_be_visible()
    portal.services.timeline = [
        *portal.services.timeline,
        entry("e9", "offering.claimed", agency=DENTAL),
    ]
    expect(page.get_by_text("Riverbend Family Dental said yes.")).to_be_visible(timeout=20_000)


def test_nothing_moves_under_a_finger_while_nothing_happens(opened: Opened) -> None:
    page = opened(f"/referrals/{referral_id(1)}", who="coordinator-01", size="phone")
    page.locator("article details.menu summary").click()
    page.wait_for_timeout(3_000)  # the watch has begun, and looked again
    expect(page.get_by_role("link", name="Give it up")).to_be_visible()


@pytest.mark.parametrize("late", ["htmx", "hx-sse"])
def test_the_timeline_grows_however_slowly_its_scripts_come(
    late: str, opened: Opened, portal: Portal
) -> None:
    page = opened(f"/referrals/{referral_id(1)}", who="coordinator-01", late=late)
    portal.services.timeline = [
        *portal.services.timeline,
        entry("e9", "offering.claimed", agency=DENTAL),
    ]
    expect(page.get_by_text("Riverbend Family Dental said yes.")).to_be_visible(timeout=20_000)


def test_nobody_is_asked_once_the_reader_has_left(opened: Opened, portal: Portal) -> None:
    page = opened(f"/referrals/{referral_id(1)}", who="coordinator-01")
    page.wait_for_timeout(1_500)
    page.goto("/welcome")
    page.wait_for_timeout(1_500)
    before = len(portal.services.asked)
    page.wait_for_timeout(2_500)
    assert len(portal.services.asked) == before


def test_pages_work_without_scripts(opened: Opened) -> None:
    page = opened("/", who="coordinator-01", java_script_enabled=False, size="phone")
    page.get_by_role("link", name="Ana R.", exact=True).click()
    expect(page.get_by_role("heading", name="What happened")).to_be_visible()


def test_a_need_is_written_down_with_the_thumb_alone(opened: Opened, portal: Portal) -> None:
    page = opened("/", who="coordinator-01", size="phone")
    page.get_by_role("link", name="New referral").click()
    page.get_by_label("The child's name").fill("ana")
    page.get_by_role("button", name="Find").click()
    shot(page, "new-found-phone-en")
    assert faults_of(page) == []
    page.get_by_role("link", name="Ana Ramírez").click()
    page.get_by_role("radio", name="Dentist").check()
    page.get_by_label("In your words").fill("Pain when chewing")
    page.get_by_role("radio", name="Soon").check()
    shot(page, "new-filled-phone-en")
    page.get_by_role("button", name="Choose the places").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Whom do we ask for Ana R.?")
    (written,) = portal.services.posted
    assert written[1] == {
        "student": referral_id(80),
        "category": "dental",
        "urgency": "soon",
        "need": "Pain when chewing",
    }


def test_a_family_asks_for_help_without_scripts(opened: Opened, portal: Portal) -> None:
    page = opened("/help/site-01", size="phone", language="es", java_script_enabled=False)
    page.get_by_label("Nombre del niño o de la niña").fill("Leo")
    page.get_by_label("¿Qué necesita?").fill("Comida para el fin de semana")
    page.get_by_role("button", name="Enviar a la escuela").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Recibido")
    (written,) = portal.services.posted
    assert written[1] == {
        "site": "site-01",
        "child": "Leo",
        "words": "Comida para el fin de semana",
    }


def test_a_request_becomes_a_referral_with_the_thumb_alone(opened: Opened, portal: Portal) -> None:
    somebody_asked(portal)
    page = opened("/", who="coordinator-01", size="phone")
    page.get_by_role("link", name="Leo, 3rd", exact=True).click()
    page.get_by_role("link", name="Write a referral").click()
    page.get_by_role("link", name="Ana Ramírez").click()
    expect(page.get_by_label("In your words")).to_have_value(sample_request()["words"])
    page.get_by_role("radio", name="Food").check()
    page.get_by_role("button", name="Choose the places").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Whom do we ask for Ana R.?")
    assert portal.services.posted[-1][0] == f"/v1/help-requests/{REQUEST}/take-up"


def test_an_agency_says_yes_with_one_press(opened: Opened, portal: Portal) -> None:
    page = opened(f"/a/{TOKEN}", size="phone")
    page.get_by_role("button", name="We can take it").click()
    expect(page.get_by_text("Thank you: we have your yes.")).to_be_visible()
    assert portal.services.posted == [("/v1/answers/claim", {})]


def test_the_code_shows_who_it_is_once(opened: Opened, portal: Portal) -> None:
    taken_by_us(portal)
    page = opened(f"/a/{TOKEN}/who", size="phone")
    page.get_by_role("button", name="Send me the code").click()
    page.get_by_label("The six digits").fill("123456")
    page.get_by_role("button", name="Show who it is").click()
    expect(page.get_by_role("heading", name="Ana Ramírez")).to_be_visible()
    shot(page, "identity-phone-en")
    assert faults_of(page) == []


def test_the_keyboard_reaches_the_content_first(opened: Opened) -> None:
    page = opened("/", who="coordinator-01")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()


def test_signing_in_through_the_provider(opened: Opened) -> None:
    page = opened("/")
    page.get_by_role("link", name="Sign in").click()
    page.locator("input[name=sub]").fill("coordinator-01")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("7 children need you today")
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("status")).to_have_text("You have signed out.")


def faults_of(page: Page) -> list[dict[str, Any]]:
    """Return what axe finds on a page."""
    page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(
        """async rules => (await axe.run({runOnly: rules})).violations
        .map(v => ({rule: v.id, where: v.nodes.map(n => n.html + ' ' + n.failureSummary)}))""",
        RULES,
    )
    return found


def shot(page: Page, name: str) -> None:
    """Leave a picture, where somebody asked for it."""
    folder = os.environ.get("ENLACE_SHOTS")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
