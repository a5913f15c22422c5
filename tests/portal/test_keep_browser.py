"""A contact is logged without a signal: kept on the phone, sent again, entered once."""

import pytest
from playwright.sync_api import Page, expect

from tests.portal.running import Portal
from tests.portal.samples import referral_id
from tests.portal.test_browser import Opened, browser, faults_of, opened, shot

__all__ = ["browser", "opened"]

CONTACTS = f"/referrals/{referral_id(2)}/contacts"


def log(page: Page, words: str, *, no: str = "No", press: str = "Record it") -> None:
    page.locator("label", has_text=no).get_by_role("radio").first.check()
    page.locator("#words").fill(words)
    page.get_by_role("button", name=press, exact=True).click()


def entered(portal: Portal) -> list[tuple[str, str]]:
    return [(path, str(body.get("words", ""))) for path, body in portal.services.parts.puts]


def test_with_a_signal_a_contact_goes_at_once_and_nothing_stays_on_the_phone(
    opened: Opened, portal: Portal
) -> None:
    page = opened(CONTACTS, who="coordinator-01", size="phone")
    log(page, "At the door")
    expect(page.get_by_text("Recorded.")).to_be_visible()
    assert [words for _, words in entered(portal)] == ["At the door"]
    assert page.evaluate("localStorage.getItem('enlace.kept')") in {None, "[]"}


@pytest.mark.parametrize(
    ("language", "no", "press", "kept", "sent"),
    [
        ("en", "No", "Record it", "1 contact waits on this phone", "has been sent."),
        ("es", "No", "Anotarlo", "1 contacto espera en este teléfono", "ya se envió."),
    ],
)
def test_without_a_signal_it_is_kept_and_sent_once_when_it_is_back(
    language: str,
    no: str,
    press: str,
    kept: str,
    sent: str,
    opened: Opened,
    portal: Portal,
) -> None:
    page = opened(CONTACTS, who="coordinator-01", size="phone", language=language)
    page.context.set_offline(True)
    log(page, "Nobody at home", no=no, press=press)
    expect(page.get_by_text(kept)).to_be_visible()
    shot(page, f"kept-phone-{language}")
    assert faults_of(page) == []
    assert entered(portal) == []
    page.context.set_offline(False)
    expect(page.get_by_text(sent)).to_be_visible(timeout=60_000)
    page.reload()
    expect(page.get_by_text("Nobody at home")).to_have_count(0)
    (only,) = entered(portal)
    assert only[1] == "Nobody at home"
    assert page.evaluate("localStorage.getItem('enlace.kept')") == "[]"


def test_two_that_were_kept_are_two_and_an_answer_that_was_lost_makes_no_third(
    opened: Opened, portal: Portal
) -> None:
    page = opened(CONTACTS, who="coordinator-01", size="phone")
    page.route("**/contacts", lambda route: route.fetch() and route.abort("internetdisconnected"))
    log(page, "First")
    expect(page.get_by_text("1 contact waits on this phone")).to_be_visible()
    log(page, "Second")
    expect(page.get_by_text("2 contacts wait on this phone")).to_be_visible()
    page.unroute("**/contacts")
    page.get_by_role("button", name="Send now").click()
    expect(page.get_by_text("has been sent.")).to_be_visible(timeout=60_000)
    assert {words for _, words in entered(portal)} == {"First", "Second"}
    assert len({path for path, _ in entered(portal)}) == 2


def test_what_somebody_kept_is_never_sent_as_somebody_else(opened: Opened, portal: Portal) -> None:
    page = opened(CONTACTS, who="coordinator-01", size="phone")
    page.context.set_offline(True)
    log(page, "Rosa's")
    expect(page.get_by_text("1 contact waits on this phone")).to_be_visible()
    page.context.clear_cookies()
    page.context.add_cookies(
        [{"name": "enlace", "value": portal.cookie("nurse-01"), "url": portal.url}]
    )
    with page.expect_response("**/contacts") as answer:  # the page that is still open tries
        page.context.set_offline(False)
    assert answer.value.status == 401
    page.goto("/")
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.get_by_text("waits on this phone")).to_have_count(0)
    assert entered(portal) == []


def test_one_that_is_refused_later_is_said_and_its_words_are_there(
    opened: Opened, portal: Portal
) -> None:
    page = opened(CONTACTS, who="coordinator-01", size="phone")
    page.context.set_offline(True)
    log(page, "Her words")
    expect(page.get_by_text("1 contact waits on this phone")).to_be_visible()
    portal.services.refuse = (409, "impossible-date")
    page.context.set_offline(False)
    expect(page.get_by_text("was not accepted")).to_be_visible(timeout=60_000)
    expect(page.locator("#kept").get_by_text("Her words")).to_be_visible()
    page.get_by_role("button", name="Delete from this phone").click()
    expect(page.locator("#kept")).to_be_hidden()


def test_without_scripts_the_form_is_sent_as_any_other(opened: Opened, portal: Portal) -> None:
    page = opened(CONTACTS, who="coordinator-01", size="phone", java_script_enabled=False)
    log(page, "Plain")
    expect(page.get_by_text("Recorded.")).to_be_visible()
    assert [words for _, words in entered(portal)] == ["Plain"]
