"""The pages about partners in a real browser: both widths, both languages, axe, and printed."""

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.portal.running import Portal
from tests.portal.samples import DENTAL, referral_id
from tests.portal.samples_partners import (
    CLINIC,
    DRAFT,
    LIVE,
    REVIEW,
    STOPPED,
    nothing_fits,
)
from tests.portal.test_browser import WIDTHS, Opened, browser, faults_of, opened, shot

__all__ = ["browser", "opened"]

ASK = f"/referrals/{referral_id(4)}/ask"


def without_a_place(portal: Portal) -> None:
    portal.services.partners.matches = nothing_fits(recorded=True)


def with_counselling(portal: Portal) -> None:
    portal.services.partners.agreements[1] |= {"live": True, "lacking": []}


def nothing_to_settle(portal: Portal) -> None:
    portal.services.partners.differences = {"services": [], "agencies": []}


PAGES: dict[str, tuple[str, Callable[[Portal], None] | None]] = {
    "ask": (ASK, None),
    "ask-nothing": (ASK, without_a_place),
    "seats": ("/partners/seats", with_counselling),
    "waiting": (f"/partners/seats/{CLINIC}/waitlist", None),
    "directory": ("/partners?q=e", None),
    "service": (f"/partners/services/{CLINIC}", None),
    "agency-entry": (f"/partners/agencies/{DENTAL}", None),
    "service-change": (f"/partners/services/{CLINIC}/change", None),
    "agency-change": (f"/partners/agencies/{DENTAL}/change", None),
    "to-settle": ("/partners/to-settle", None),
    "to-settle-nothing": ("/partners/to-settle", nothing_to_settle),
    "agreements": ("/partners/agreements", None),
    "agreement": (f"/partners/agreements/{LIVE}", None),
    "agreement-review": (f"/partners/agreements/{REVIEW}", None),
    "agreement-new": (f"/partners/agreements/new?agency={DENTAL}", None),
    "agreement-change": (f"/partners/agreements/{DRAFT}/change", None),
    "agreement-stopped": (f"/partners/agreements/{STOPPED}", None),
}


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_about_partners_is_accessible_and_fits(
    name: str, size: str, opened: Opened, portal: Portal
) -> None:
    path, change = PAGES[name]
    if change is not None:
        change(portal)
    for language in ("en", "es"):
        page = opened(path, who="coordinator-01", size=size, language=language)
        shot(page, f"{name}-{size}-{language}")
        for details in page.locator("main details").all():
            details.evaluate("d => { d.open = true }")
        shot(page, f"{name}-{size}-{language}-open")
        assert faults_of(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        small = page.evaluate(
            """[...document.querySelectorAll('a.btn,button,summary,.tap,.tabs a,.choose label')]
            .filter(e => e.offsetParent && e.getBoundingClientRect().height < 44)
            .map(e => e.outerHTML)"""
        )
        assert size == "desk" or small == []


def test_the_pages_about_partners_are_as_readable_in_the_dark(opened: Opened) -> None:
    for name in ("ask", "seats", "to-settle", "agreement"):
        page = opened(PAGES[name][0], who="coordinator-01", color_scheme="dark")
        shot(page, f"{name}-dark")
        assert faults_of(page) == []


def test_somebody_asks_why_not_and_then_sends_with_the_thumb_alone(
    opened: Opened, portal: Portal
) -> None:
    page = opened(ASK, who="coordinator-01", size="phone")
    page.get_by_role("checkbox", name="Riverbend Family Dental").check()
    page.get_by_label("Name of the place you expected").fill("puente")
    page.get_by_role("button", name="Why not?").click()
    expect(page.get_by_text("No live agreement for this school").first).to_be_visible()
    expect(page.get_by_role("checkbox", name="Riverbend Family Dental")).to_be_checked()
    shot(page, "ask-why-phone-en")
    assert faults_of(page) == []
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Sent. You see here who answers.")).to_be_visible()
    ((_, body),) = portal.services.posted
    assert body == {"candidates": [{"service": CLINIC, "agency": DENTAL}]}


def test_a_telephoned_figure_is_recorded_with_the_thumb_alone(
    opened: Opened, portal: Portal
) -> None:
    page = opened("/partners/seats", who="coordinator-01", size="phone")
    row = page.locator(f"#s-{CLINIC}")
    row.locator("summary").click()
    row.get_by_label("Free now").fill("4")
    row.get_by_role("button", name="Record it").click()
    expect(page.get_by_role("status").first).to_contain_text("Recorded.")
    ((_, body, seen),) = portal.services.partners.puts
    assert (body["available"], seen) == (4, '"4"')


def test_a_refused_figure_is_told_in_its_row(opened: Opened, portal: Portal) -> None:
    portal.services.refuse = (412, "stale-version")
    page = opened("/partners/seats", who="coordinator-01", size="phone", language="es")
    row = page.locator(f"#s-{CLINIC}")
    row.locator("summary").click()
    row.get_by_label("Libres ahora").fill("4")
    row.get_by_role("button", name="Anotarlo").click()
    expect(row.get_by_role("alert")).to_be_visible()
    expect(row.get_by_label("Libres ahora")).to_have_value("4")
    shot(page, "seats-refused-phone-es")
    assert faults_of(page) == []


def test_an_agreement_prints_on_one_page_without_its_buttons(opened: Opened) -> None:
    page = opened(f"/partners/agreements/{LIVE}", who="coordinator-01")
    page.emulate_media(media="print")
    expect(page.get_by_text("For the school: name, signature, day")).to_be_visible()
    expect(page.get_by_role("button")).to_have_count(0)
    expect(page.get_by_role("link", name="Seats", exact=True)).to_have_count(0)
    pdf = page.pdf(format="Letter")
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") == 1


def test_pages_about_partners_work_without_scripts(opened: Opened) -> None:
    page = opened("/", who="coordinator-01", java_script_enabled=False, size="phone")
    page.get_by_role("link", name="Partners").click()
    page.get_by_label("Name of a service or an agency").fill("tooth")
    page.get_by_role("button", name="Find").click()
    page.get_by_role("link", name="Tooth bus").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tooth bus")
    page.get_by_role("link", name="Agreements", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("agreements need something")
