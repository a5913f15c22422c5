"""The page on which an agency confirms what the directory says of it."""

import httpx2

from tests.portal.running import OWN, Portal
from tests.portal.samples import TOKEN

PAGE = f"/e/{TOKEN}"


def test_it_shows_what_stands_in_the_directory_and_when_it_was_last_confirmed(
    anybody: httpx2.Client,
) -> None:
    answer = anybody.get(PAGE)
    assert answer.headers["referrer-policy"] == "no-referrer", "the address holds the link"
    page = answer.text
    for said in ("Does this still hold?", "Check-ups", "Main office, 12 Grove St, Oakland, 94601"):
        assert said in page
    for said in ("Mon 08:30", "5\u2013", "You last confirmed it", "One more service"):
        assert said in page
    assert "Todo es correcto" in anybody.get(f"{PAGE}?lang=es").text


def test_opening_it_confirms_nothing_and_the_button_does(
    anybody: httpx2.Client, portal: Portal
) -> None:
    anybody.get(PAGE)
    assert portal.services.posted == []
    answer = anybody.post(f"{PAGE}/confirm", headers=OWN)
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert portal.services.posted == [("/v1/entries-answers/confirm", {})]


def test_what_is_confirmed_has_no_button(anybody: httpx2.Client, portal: Portal) -> None:
    portal.services.asked_entries["done"] = True
    page = anybody.get(PAGE).text
    assert "Thank you, it is confirmed" in page
    assert "/confirm" not in page


def test_a_link_that_is_none_of_ours_is_a_sentence(anybody: httpx2.Client) -> None:
    assert anybody.get("/e/another-token-altogether").status_code == 404
