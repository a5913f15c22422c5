"""What stands in place of a form that was refused, or was warned of, in a real browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.portal.running import Portal
from tests.portal.samples import referral_id
from tests.portal.test_browser import WIDTHS, Opened, browser, faults_of, opened, shot

__all__ = ["browser", "opened"]

NOTES = f"/referrals/{referral_id(2)}/notes"
WORDS = "Shy; comes with her sister, whose number is 123-45-6789"


def write(page: Page) -> None:
    page.locator("#words").fill(WORDS)
    page.locator("form", has=page.locator("#words")).locator("button").click()


def fits(page: Page, size: str, name: str) -> None:
    shot(page, name)
    assert faults_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    small = page.evaluate(
        """[...document.querySelectorAll('main a.btn,main button')]
        .filter(e => e.offsetParent && e.getBoundingClientRect().height < 44)
        .map(e => e.outerHTML)"""
    )
    assert size == "desk" or small == []


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize(("language", "again"), [("en", "Send it again"), ("es", "Enviarlo otra")])
def test_words_that_met_a_part_which_does_not_answer_are_sent_again(
    size: str, language: str, again: str, opened: Opened, portal: Portal
) -> None:
    page = opened(NOTES, who="coordinator-01", size=size, language=language)
    portal.services.refuse = (503, "unavailable")
    write(page)
    expect(page.get_by_text(WORDS)).to_be_visible()
    fits(page, size, f"lost-{size}-{language}")
    portal.services.refuse = None
    page.get_by_role("button", name=again).click()
    page.wait_for_url("**/notes?done=note")
    assert portal.services.parts.puts[-1][1]["words"] == WORDS


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("language", ["en", "es"])
def test_words_that_are_warned_of_are_read_before_the_page_goes_on(
    size: str, language: str, opened: Opened, portal: Portal
) -> None:
    portal.services.warnings = [{"en": "Take the number out.", "es": "Quite el número."}]
    page = opened(NOTES, who="coordinator-01", size=size, language=language)
    write(page)
    expect(page.get_by_text(portal.services.warnings[0][language])).to_be_visible()
    fits(page, size, f"warned-{size}-{language}")
