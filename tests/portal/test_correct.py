"""Putting a draft right from the referral's page."""

import httpx2
import pytest
from playwright.sync_api import Page, expect

from tests.portal.running import Portal
from tests.portal.samples import referral_id
from tests.portal.test_browser import Opened, browser, opened
from tests.portal.test_parts import post

__all__ = ["browser", "opened"]

HOME = f"/referrals/{referral_id(4)}"
PAGE = f"{HOME}/correct"
API = f"/v1{HOME}/correct"


@pytest.fixture(autouse=True)
def written(portal: Portal) -> None:
    """A draft whose words are known."""
    known = portal.services.find(referral_id(4))
    assert known is not None
    known |= {"category": "dental", "urgency": "routine", "need": "Pain when chewing"}


def test_only_what_is_other_than_it_was_is_sent_on_the_version_that_was_seen(
    rosa: httpx2.Client, portal: Portal
) -> None:
    assert PAGE in rosa.get(HOME).text
    page = rosa.get(PAGE).text
    assert "Pain when chewing" in page

    typed = {"category": "dental", "urgency": "crisis", "need": "Pain when chewing"}
    done = post(rosa, PAGE, seen="3", **typed)

    assert done.headers["location"] == f"{HOME}?done=correct"
    assert "Corrected." in rosa.get(done.headers["location"]).text
    assert portal.services.posted == [(API, {"urgency": "crisis"})]
    assert portal.services.parts.seen == [(API, '"3"')]


def test_where_nothing_was_changed_nothing_is_sent(rosa: httpx2.Client, portal: Portal) -> None:
    typed = {"category": "dental", "urgency": "routine", "need": "Pain when chewing\r\n"}
    assert post(rosa, PAGE, seen="3", **typed).status_code == 303
    assert portal.services.posted == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"category": "juggling"}, "Choose what is needed."),
        ({"urgency": "yesterday"}, "Choose how soon it is needed."),
        ({"need": " "}, "Say in a few words what is needed."),
    ],
)
def test_what_lacks_is_said_and_what_was_typed_stays(
    rosa: httpx2.Client, portal: Portal, change: dict[str, str], said: str
) -> None:
    typed = {"category": "dental", "urgency": "soon", "need": "A swollen cheek", **change}
    answer = post(rosa, PAGE, seen="3", **typed)
    assert answer.status_code == 422
    assert said in answer.text
    assert "A swollen cheek" in answer.text or not typed["need"].strip()
    assert portal.services.posted == []


def test_a_need_that_is_open_already_asks_for_the_reason(
    rosa: httpx2.Client, portal: Portal
) -> None:
    portal.services.refuse = (409, "duplicate")
    typed = {"category": "vision", "urgency": "routine", "need": "Cannot read the board"}
    asked = post(rosa, PAGE, seen="3", **typed)
    assert asked.status_code == 409
    assert 'name="despite"' in asked.text
    portal.services.refuse = None

    done = post(rosa, PAGE, seen="3", **typed, despite="Her other eye")

    assert done.status_code == 303
    wanted = {"category": "vision", "need": "Cannot read the board"}
    assert portal.services.posted[-1] == (API, {**wanted, "despite_duplicate": "Her other eye"})


@pytest.mark.parametrize("language", ["en", "es"])
def test_what_was_sent_meanwhile_is_told_and_what_was_typed_is_there(
    rosa: httpx2.Client, portal: Portal, language: str
) -> None:
    portal.services.refuse = (409, "wrong-state")
    typed = {"category": "dental", "urgency": "urgent", "need": "A swollen cheek"}
    answer = post(rosa, f"{PAGE}?lang={language}", seen="2", **typed)
    assert answer.status_code == 409
    assert "A swollen cheek" in answer.text
    assert {"en": "Nothing was changed", "es": "No se cambió nada"}[language] in answer.text


def test_what_was_sent_says_the_way_back_and_has_no_form(rosa: httpx2.Client) -> None:
    sent = f"/referrals/{referral_id(2)}"
    assert f"{sent}/correct" not in rosa.get(sent).text
    page = rosa.get(f"{sent}/correct")
    assert "Take it back first" in page.text
    assert 'name="need"' not in page.text


def test_nobody_but_a_coordinator_corrects(anybody: httpx2.Client, portal: Portal) -> None:
    portal.sign_in(anybody, "nurse-01")
    assert anybody.get(PAGE).status_code == 403


@pytest.mark.parametrize(
    ("language", "more", "title", "crisis", "save"),
    [
        ("en", "More", "Correct what was written down", "Crisis", "Save"),
        ("es", "Más", "Corregir lo anotado", "Crisis", "Guardar"),
    ],
)
def test_on_a_phone_a_draft_becomes_a_crisis_and_the_procedure_shows_at_once(
    language: str, more: str, title: str, crisis: str, save: str, opened: Opened, portal: Portal
) -> None:
    page: Page = opened(HOME, who="coordinator-01", size="phone", language=language)
    page.get_by_text(more, exact=True).last.click()
    page.get_by_role("link", name=title).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    procedure = page.locator(".emergency")
    expect(procedure).to_be_hidden()

    page.get_by_label(crisis, exact=True).check()

    expect(procedure).to_be_visible()
    page.get_by_role("button", name=save).click()
    page.wait_for_url(f"**{HOME}?done=correct*")
    assert portal.services.posted == [(API, {"urgency": "crisis"})]
