"""Emergency access and copies in a real browser: both widths, both languages, axe."""

import pytest

from tests.portal.samples import referral_id
from tests.portal.test_browser import WIDTHS, Opened, browser, faults_of, opened, shot

__all__ = ["browser", "opened"]

ANA, ELENA = referral_id(80), referral_id(86)
PAGES = {
    "openings": "/openings",
    "openings-new": "/openings/new",
    "opened": f"/openings/children/{referral_id(52)}",
    "copies": "/copies",
    "copies-of": f"/copies/{ANA}",
}


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_and_fits(name: str, size: str, opened: Opened) -> None:
    for language in ("en", "es"):
        page = opened(PAGES[name], who="coordinator-01", size=size, language=language)
        shot(page, f"{name}-{size}-{language}")
        assert faults_of(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        small = page.evaluate(
            """[...document.querySelectorAll('a.btn,button,.tap,.choose label')]
            .filter(e => e.offsetParent && e.getBoundingClientRect().height < 44)
            .map(e => e.outerHTML)"""
        )
        assert size == "desk" or small == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_copy_and_the_list_of_readings_are_accessible_and_styled(
    language: str, opened: Opened
) -> None:
    for what in ("record", "readings"):
        path = f"/copies/{ANA}/{what}?reader={ELENA}&language={language}"
        page = opened(path, who="coordinator-01", size="phone", language=language)
        shot(page, f"copy-{what}-{language}")
        assert faults_of(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        # The page's own styles are let through, and nothing else is.
        assert page.evaluate("getComputedStyle(document.body).color") == "rgb(27, 36, 48)"


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_record_is_found_and_opened_in_two_steps(language: str, opened: Opened) -> None:
    page = opened("/openings/new", who="coordinator-01", size="phone", language=language)
    page.locator("#reason").fill("Her grandmother stands at our door with a fever")
    page.locator("#name").fill("Luis Prado")
    page.locator("form[action='/openings/find'] button").click()
    page.wait_for_selector("input[name=student]")
    assert faults_of(page) == []
    shot(page, f"openings-found-{language}")
    page.locator("input[name=student]").check()
    page.locator("form[action='/openings/new'] button").click()
    page.wait_for_url("**/openings/children/*")
    assert faults_of(page) == []
