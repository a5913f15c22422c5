"""Mails in a real browser, as a mail program shows them: both languages and widths, light and dark.

`ENLACE_SHOTS` names a folder to leave pictures in.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, Request, sync_playwright

from contracts.codes import Channel, Language
from deploy.local import browser as chromium
from deploy.local.node import AXE
from services.notify.api.mail_stops import _ASK, _DONE, _PAGE
from services.notify.wording import compose, samples
from services.notify.wording.html import page as page_of
from services.notify.wording.preview import Size, examples
from services.notify.wording.source import LANGUAGES, shipped

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
STOP = "https://enlace.example.org/notify/v1/mail-stops/per-1/kJ8_x0Qz-7mWvR3nT5bYcA"
SHOWN = ("family-asked", "family-did-help-arrive", "agency-offer", "agency-offers-taken")
WIDTHS = {"phone": (390, 844), "desk": (1280, 900)}


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


def opened(
    browser: Browser,
    html: str,
    size: str,
    scheme: Literal["light", "dark"],
    asked: list[str] | None = None,
) -> Page:
    """Show a mail; `asked` collects every address that it fetches."""
    width, height = WIDTHS[size]
    page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)

    def hear(request: Request) -> None:
        if asked is not None:
            asked.append(request.url)

    page.on("request", hear)
    page.set_content(html)
    return page


def faults_of(page: Page) -> list[dict[str, Any]]:
    page.evaluate(AXE.read_text())
    found: list[dict[str, Any]] = page.evaluate(
        """async rules => (await axe.run({runOnly: rules})).violations
        .map(v => ({rule: v.id, where: v.nodes.map(n => n.html + ' ' + n.failureSummary)}))""",
        RULES,
    )
    return found


def mail_of(name: str, language: Language) -> str:
    source = shipped()[name]
    values = samples.extreme(source, language, Channel.EMAIL, longest=True)
    return page_of(compose.mail(source, [(language, values)]), STOP)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", list(WIDTHS))
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", SHOWN)
def test_a_mail_has_no_fault_that_axe_finds_and_is_one_column(
    browser: Browser, name: str, language: Language, size: str, scheme: Literal["light", "dark"]
) -> None:
    page = opened(browser, mail_of(name, language), size, scheme)
    assert faults_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "nothing runs out"
    assert page.locator("html").get_attribute("lang") == language
    button = page.locator("a.button").first.bounding_box()
    assert button is not None
    assert button["height"] >= 44
    if folder := os.environ.get("ENLACE_SHOTS"):
        page.screenshot(path=Path(folder) / f"mail-{name}-{language}-{size}-{scheme}.png")
    page.close()


@pytest.mark.parametrize("name", sorted(shipped()))
def test_every_mail_is_whole_as_a_page_and_fetches_nothing(browser: Browser, name: str) -> None:
    mails = [each for each in examples(shipped()[name]) if each.channel is Channel.EMAIL]
    for each in (each for each in mails if each.size is Size.LONGEST):
        asked: list[str] = []
        page = opened(browser, each.html, "phone", "light", asked)
        assert faults_of(page) == []
        assert page.locator("h1").inner_text() == each.subject
        assert page.locator("img, script, link, iframe").count() == 0
        assert asked == []
        page.close()


def test_a_mail_in_two_languages_says_which_is_which(browser: Browser) -> None:
    source = shipped()["family-asked"]
    spoken = [
        (each, samples.extreme(source, each, Channel.EMAIL, longest=False))
        for each in reversed(LANGUAGES)
    ]
    page = opened(browser, page_of(compose.mail(source, spoken), STOP), "phone", "light")
    assert faults_of(page) == []
    assert page.locator("section[lang=es] h2").inner_text() == "Ya pedimos la ayuda para su familia"
    page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", list(WIDTHS))
@pytest.mark.parametrize("words", [_ASK, _DONE], ids=["asked", "done"])
def test_the_page_that_stops_mail_has_no_fault_that_axe_finds(
    browser: Browser, words: str, size: str, scheme: Literal["light", "dark"]
) -> None:
    page = opened(browser, _PAGE.format(title="No más correos", words=words), size, scheme)
    assert faults_of(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.close()
