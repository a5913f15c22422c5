"""An agency's own pages in a real browser: both widths, both languages, axe, and by thumb alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.portal.running import Portal
from tests.portal.samples import DENTAL, accepted_card
from tests.portal.samples_own import BATCH, BROKEN, HOOK, KEY, LOST, OPEN, SECRET, TEST_LINE
from tests.portal.samples_partners import CLINIC
from tests.portal.test_browser import WIDTHS, Opened, browser, faults_of, opened, shot

__all__ = ["browser", "opened"]

HOME = f"/agency/{DENTAL}"
SYSTEM = f"{HOME}/system"
AT = f"{SYSTEM}/webhooks/{HOOK}"

Change = Callable[[Portal], None]


def nothing_waits(portal: Portal) -> None:
    portal.services.own.shelves = {name: [] for name in portal.services.own.shelves}
    portal.services.own.batches = []


def nothing_made(portal: Portal) -> None:
    portal.services.own.hooks, portal.services.own.keys = [], []


def taken(portal: Portal) -> None:
    portal.services.card = accepted_card()


PAGES: dict[str, tuple[str, Change | None]] = {
    "own": (HOME, None),
    "own-calm": (HOME, nothing_waits),
    "own-earlier": (f"{HOME}/earlier", None),
    "own-offer": (f"{HOME}/offers/{OPEN}", None),
    "own-batch": (f"{HOME}/batches/{BATCH}", None),
    "own-who": (f"{HOME}/offers/{OPEN}/who", taken),
    "own-seats": (f"{HOME}/seats", None),
    "own-does": (f"{HOME}/performance", None),
    "system": (SYSTEM, None),
    "system-empty": (SYSTEM, nothing_made),
    "hook": (AT, None),
    "hook-broken": (f"{SYSTEM}/webhooks/{BROKEN}", None),
    "hook-new": (f"{SYSTEM}/webhooks/new", None),
    "hook-change": (f"{SYSTEM}/webhooks/{BROKEN}/change", None),
    "delivery": (f"{AT}/deliveries/{LOST}", None),
    "delivery-test": (f"{AT}/deliveries/{TEST_LINE}", None),
    "key-new": (f"{SYSTEM}/keys/new?replaces={KEY}", None),
}


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_and_fits(
    name: str, size: str, opened: Opened, portal: Portal
) -> None:
    path, change = PAGES[name]
    if change is not None:
        change(portal)
    for language in ("en", "es"):
        page = opened(path, who="dental-desk", size=size, language=language)
        shot(page, f"{name}-{size}-{language}")
        for details in page.locator("main details").all():
            details.evaluate("d => { d.open = true }")
        assert faults_of(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        small = page.evaluate(
            """[...document.querySelectorAll('a.btn,button,summary,a.chip,.tap,.tabs a,.tabbar a')]
            .filter(e => e.offsetParent && e.getBoundingClientRect().height < 44)
            .map(e => e.outerHTML)"""
        )
        assert size == "desk" or small == []


def test_the_own_pages_are_as_readable_in_the_dark(opened: Opened) -> None:
    for name in ("own", "own-seats", "system", "hook-broken", "delivery"):
        page = opened(PAGES[name][0], who="dental-desk", color_scheme="dark")
        shot(page, f"{name}-dark")
        assert faults_of(page) == []


def test_an_offer_is_taken_and_the_child_read_with_the_thumb_alone(
    opened: Opened, portal: Portal
) -> None:
    page = opened("/", who="dental-desk", size="phone", java_script_enabled=False)
    page.locator(f"#o-{OPEN}").get_by_role("link", name="Answer").click()
    page.get_by_role("button", name="We can take it").click()
    expect(page.get_by_text("Thank you: we have your yes.")).to_be_visible()
    taken(portal)
    page.reload()
    page.get_by_role("link", name="See who it is").click()
    page.get_by_role("button", name="Show who it is").click()
    expect(page.get_by_role("heading", name="Ana Ramírez")).to_be_visible()
    assert portal.services.posted[0] == (f"/v1/offers/{OPEN}/claim", {})


def test_a_seat_more_is_one_tap(opened: Opened, portal: Portal) -> None:
    page = opened(f"{HOME}/seats", who="dental-desk", size="phone")
    row = page.locator(f"#s-{CLINIC}-site-01")
    now = int(row.locator("output").inner_text())
    row.get_by_role("button", name="one more").click()
    expect(page.get_by_role("status").first).to_contain_text("Thank you: the number is noted.")
    ((_, body, seen),) = portal.services.partners.puts
    assert (body["available"], seen) == (now + 1, '"4"')


def test_an_address_is_entered_and_its_secret_shown_without_scripts(
    opened: Opened, portal: Portal
) -> None:
    page = opened(SYSTEM, who="dental-systems", language="es", java_script_enabled=False)
    page.get_by_role("link", name="Dirección nueva").click()
    page.get_by_label("Dirección de su sistema").fill("https://x.example.org/in")
    page.get_by_role("checkbox", name="Una escuela pregunta").check()
    page.get_by_role("button", name="Crearla").click()
    expect(page.get_by_label("Secreto de firma")).to_have_value(SECRET)
    shot(page, "hook-shown-desk-es")
    page.get_by_role("link", name="Ya lo guardé").click()
    assert portal.services.posted[-1][1]["types"] == ["org.enlace.offer.opened.v1"]


def test_a_secret_and_a_key_that_are_shown_pass_axe_too(opened: Opened) -> None:
    for size in WIDTHS:
        page = opened(f"{SYSTEM}/keys/new", who="dental-desk", size=size)
        page.get_by_label("Name").fill("Case system")
        page.get_by_role("button", name="Make it").click()
        expect(page.get_by_label("The key")).to_be_visible()
        shot(page, f"key-shown-{size}-en")
        assert faults_of(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
