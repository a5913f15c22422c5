"""The words of messages and what texts cost, as the district's administrators read them."""

import re
from collections.abc import Iterator
from html import unescape

import httpx2
import pytest

from services.notify.wording.source import shipped
from tests.portal.running import Portal
from tests.portal.test_browser import WIDTHS, Opened, browser, faults_of, opened, shot

__all__ = ["browser", "opened"]


@pytest.fixture
def admin(portal: Portal) -> Iterator[httpx2.Client]:
    with portal.client() as client:
        portal.sign_in(client, "admin")
        yield client


def text_of(answer: httpx2.Response) -> str:
    assert answer.status_code == 200, answer.text
    body = answer.text.partition("<main")[2]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def test_what_texts_cost_is_told_by_school_with_its_budget(admin: httpx2.Client) -> None:
    page = text_of(admin.get("/messages"))
    assert "Texts of November 2026" in page
    assert "Lincoln Elementary : 412 texts; parts billed: 655 of 800" in page
    assert "More than 80 of 100 parts" in page
    assert "The budget of this month is spent." in page
    assert "Cedar Hollow Elementary : 0 texts; parts billed: 0" in page
    spanish = text_of(admin.get("/messages?lang=es"))
    assert "Mensajes de noviembre 2026" in spanish.replace(" de 2026", " 2026")
    assert "partes cobradas: 655 de 800" in spanish


def test_every_message_is_listed_and_says_whose_words_it_has(admin: httpx2.Client) -> None:
    answer = admin.get("/messages")
    assert answer.text.count('href="/messages/') == len(shipped())
    assert "To the family, that help is looked for worded by your district" in text_of(answer)


def test_a_message_is_shown_as_a_phone_and_a_mailbox_do(admin: httpx2.Client) -> None:
    page = text_of(admin.get("/messages/family-asked"))
    assert "Soy Li Wu, de Roosevelt K-8. Ya pedimos la ayuda para su familia." in page
    assert "This is Li Wu from Roosevelt K-8. We asked for help for your family." in page
    assert "shortest names · 2 parts" in page
    assert "longest names · 1 part" in page
    assert "Buenos días, Bartholomew-James:" in page
    alone = admin.get("/messages/family-asked/email?language=es&size=longest")
    assert alone.text.startswith("<!doctype html>")
    assert "script-src" not in alone.headers["content-security-policy"]
    assert "style-src 'unsafe-inline'" in alone.headers["content-security-policy"]


def test_a_message_that_is_none_is_not_there(admin: httpx2.Client) -> None:
    for name in ("none", "..%2Ftext-costs", "x" * 65):
        assert admin.get(f"/messages/{name}").status_code == 404
    assert admin.get("/messages/stop-confirmed/email").status_code == 404
    assert admin.get("/messages/family-asked/email?language=fr").status_code in {400, 404, 422}


@pytest.mark.parametrize("who", ["coordinator-01", "principal-01"])
def test_the_words_are_the_districts_to_read(portal: Portal, who: str) -> None:
    with portal.client() as client:
        portal.sign_in(client, who)
        for path in ("/messages", "/messages/family-asked", "/messages/family-asked/email"):
            assert client.get(path).status_code == 403


PAGES = {
    "messages": "/messages",
    "message": "/messages/family-asked",
    "message-offer": "/messages/agency-offer",
    "message-text-only": "/messages/stop-confirmed",
}


@pytest.mark.parametrize("size", WIDTHS)
@pytest.mark.parametrize("name", PAGES)
def test_the_pages_are_accessible_and_fit(name: str, size: str, opened: Opened) -> None:
    for language in ("en", "es"):
        page = opened(PAGES[name], who="admin", size=size, language=language)
        shot(page, f"{name}-{size}-{language}")
        assert faults_of(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        small = page.evaluate(
            """[...document.querySelectorAll('a.btn,button,summary,.tap')]
            .filter(e => e.offsetParent && e.getBoundingClientRect().height < 44)
            .map(e => e.outerHTML)"""
        )
        assert size == "desk" or small == []
