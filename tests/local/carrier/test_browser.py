"""The pages in a real browser: live texts, keyboard, narrow screens, both schemes, axe."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from deploy.local import browser as chromium
from tests.local.carrier.running import FAMILY, Carrier, Product

AXE = Path(chromium.__file__).parent / "web/node_modules/axe-core/axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE = f"/phones/{FAMILY}"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    found = chromium.find()
    if found is None:
        pytest.skip("not run: there is no Chromium here (python -m deploy.local.browser)")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def page(browser: Browser, carrier: Carrier) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 390, "height": 844}, base_url=carrier.url)
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    opened.on("console", lambda message: errors.append(message.text))
    yield opened
    context.close()
    assert errors == []


def test_a_text_arrives_while_somebody_writes(page: Page, carrier: Carrier) -> None:
    page.goto(PHONE)
    page.get_by_label("Answer as the family").fill("I am just")
    carrier.send("Hello Ana")
    expect(page.get_by_role("log")).to_contain_text("Hello Ana")
    expect(page.get_by_label("Answer as the family")).to_have_value("I am just")
    expect(page.get_by_text("No texts yet")).to_have_count(0)


def test_the_family_answers_with_the_keyboard(page: Page, carrier: Carrier) -> None:
    page.goto(PHONE)
    page.get_by_label("Answer as the family").fill("Two\nlines")
    page.keyboard.press("Enter")
    expect(page.get_by_role("log")).to_contain_text("Two")
    assert carrier.phone()[0]["body"] == "Two\nlines"


def test_a_stop_from_elsewhere_is_shown_at_once(page: Page, carrier: Carrier) -> None:
    page.goto(PHONE)
    carrier.family_texts("STOP")
    expect(page.get_by_text("This phone has answered STOP")).to_be_visible()
    carrier.family_texts("START")
    expect(page.get_by_text("This phone has answered STOP")).to_be_hidden()


def test_the_state_of_a_text_changes_in_place(page: Page, carrier: Carrier) -> None:
    carrier.http.put("/sim/settings", json={"latency_seconds": 0.4})
    page.goto(PHONE)
    carrier.send("Hello Ana")
    expect(page.get_by_text("On its way")).to_be_visible()
    expect(page.get_by_text("On its way")).to_have_count(0)
    expect(page.get_by_role("log").get_by_role("listitem")).to_have_count(1)


def test_the_newest_text_and_the_warning_are_in_sight(page: Page, carrier: Carrier) -> None:
    for number in range(30):
        carrier.family_texts(f"Text number {number}")
    page.goto(PHONE)
    expect(page.get_by_text("Text number 29")).to_be_in_viewport()
    expect(page.get_by_text("nobody is really texted")).to_be_in_viewport()
    carrier.send("The newest")
    expect(page.get_by_text("The newest")).to_be_in_viewport()
    expect(page.get_by_role("button", name="Send")).to_be_in_viewport()


def test_the_page_works_without_javascript(browser: Browser, carrier: Carrier) -> None:
    carrier.send("Hello Ana")
    context = browser.new_context(java_script_enabled=False, base_url=carrier.url)
    plain = context.new_page()
    plain.goto(PHONE)
    plain.get_by_label("Answer as the family").fill("Thank you")
    plain.get_by_role("button", name="Send").click()
    expect(plain.get_by_role("log")).to_contain_text("Thank you")
    carrier.send("One more")
    plain.get_by_role("link", name="Show new texts").click()
    plain.reload()
    expect(plain.get_by_role("log")).to_contain_text("One more")
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [(320, 256), (390, 844), (1280, 800)])
def test_axe_finds_nothing_and_nothing_is_cut_off(
    browser: Browser, carrier: Carrier, product: Product, scheme: Any, size: tuple[int, int]
) -> None:
    if not AXE.exists():
        pytest.skip("not run: axe-core is not there (python -m deploy.local.node)")
    carrier.send("Hello Ana: http://127.0.0.1:8400/f/" + "a" * 60)
    carrier.family_texts("STOP")
    carrier.http.delete("/sim/opt-outs")
    carrier.http.put("/sim/settings", json={"inbound_url": product.url})
    carrier.family_texts("Sí")
    carrier.rules({"action": "fail", "code": 30003})
    carrier.send("Lost")
    carrier.settled("undelivered")
    context = browser.new_context(
        viewport={"width": size[0], "height": size[1]}, color_scheme=scheme, base_url=carrier.url
    )
    opened = context.new_page()
    for path in ("/", PHONE, "/phones/+14155550199", "/phones?number=x"):
        opened.goto(path)
        assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        # evaluate goes past the page's own content security policy
        opened.evaluate(AXE.read_text())
        found = opened.evaluate("rules => axe.run({runOnly: rules})", RULES)
        assert [(one["id"], one["nodes"][0]["html"]) for one in found["violations"]] == [], path
    context.close()
