"""The page on which an agency confirms that it has deleted what it read."""

import httpx2

from tests.portal.running import OWN, Portal
from tests.portal.samples import TOKEN

PAGE = f"/d/{TOKEN}"


def test_it_says_what_is_asked_by_when_and_which_referral_without_a_name(
    anybody: httpx2.Client,
) -> None:
    answer = anybody.get(PAGE)
    assert answer.headers["referrer-policy"] == "no-referrer", "the address holds the link"
    page = answer.text
    assert "Please delete what you read" in page
    assert "by 8 December 2026" in page
    assert "We have deleted it" in page
    assert "000109" in page
    assert "Ana" not in page


def test_opening_it_posts_nothing_and_the_button_does(
    anybody: httpx2.Client, portal: Portal
) -> None:
    anybody.get(PAGE)
    assert portal.services.posted == []
    answer = anybody.post(f"{PAGE}/confirm", headers=OWN)
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert portal.services.posted == [("/v1/deletion-answers/confirm", {})]


def test_what_is_confirmed_has_no_button_and_says_since_when(
    anybody: httpx2.Client, portal: Portal
) -> None:
    portal.services.asked_deletion["confirmed_at"] = "2026-11-24T18:00:00Z"
    page = anybody.get(f"{PAGE}?lang=es").text
    assert "Gracias, quedó confirmado" in page
    assert "/confirm" not in page


def test_a_link_that_is_none_of_ours_is_a_sentence(anybody: httpx2.Client) -> None:
    answer = anybody.get("/d/another-token-altogether")
    assert answer.status_code == 404
    assert "There is no such page" in answer.text
