"""The page of many families that one school asks for at once."""

import httpx2

from tests.portal.running import OWN, Portal
from tests.portal.samples import TOKEN

PAGE = f"/b/{TOKEN}"


def test_it_shows_the_list_without_a_name_and_a_number_to_take(anybody: httpx2.Client) -> None:
    answer = anybody.get(PAGE)
    assert answer.headers["referrer-policy"] == "no-referrer", "the address holds the link"
    page = answer.text
    assert "2 families need a dentist. How many can you take?" in page
    assert 'name="take"' in page
    assert 'max="2"' in page
    assert "Ana" not in page
    assert f"/a/{'B' * 22}" in page, "those that are its own open their own page"
    assert "¿A cuántas pueden atender?" in anybody.get(f"{PAGE}?lang=es").text


def test_opening_it_takes_nobody_and_the_button_does(
    anybody: httpx2.Client, portal: Portal
) -> None:
    anybody.get(PAGE)
    assert portal.services.posted == []
    answer = anybody.post(f"{PAGE}/take", headers=OWN, data={"take": "2", "turn": "1"})
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}?done=take")
    why = anybody.get(f"{PAGE}/decline").text
    assert "It counts for all families that are still open" in why
    assert 'name="turn" value="1"' in why
    said = {"turn": "1", "reason": "no-capacity"}
    none = anybody.post(f"{PAGE}/decline", headers=OWN, data=said)
    assert (none.status_code, none.headers["location"]) == (303, f"{PAGE}?done=decline")
    assert portal.services.posted == [
        ("/v1/batch-answers/take", {"take": 2, "turn": 1}),
        ("/v1/batch-answers/decline", {"turn": 1, "reason": "no-capacity"}),
    ]


def test_it_says_how_many_of_those_that_were_wanted_are_theirs(anybody: httpx2.Client) -> None:
    assert "1 of 3 families are yours" in anybody.get(f"{PAGE}?done=take").text
    page = anybody.get(f"{PAGE}?done=take&lang=es").text
    assert "1 de 3 familias son suyas" in page


def test_where_none_is_open_there_is_no_button(anybody: httpx2.Client, portal: Portal) -> None:
    portal.services.batch |= {"open": 0, "rows": []}
    page = anybody.get(PAGE).text
    assert "No family is open any more" in page
    assert "/take" not in page


def test_a_link_that_is_none_of_ours_is_a_sentence(anybody: httpx2.Client) -> None:
    assert anybody.get("/b/another-token-altogether").status_code == 404


def test_a_no_without_a_reason_is_asked_for_one(anybody: httpx2.Client, portal: Portal) -> None:
    for said in ({}, {"reason": "no-such"}, {"reason": "other", "words": " "}):
        page = anybody.post(f"{PAGE}/decline", headers=OWN, data={"turn": "1", **said})
        assert page.status_code == 422
        assert "Why not this time?" in page.text
    assert portal.services.posted == []


def test_where_codes_are_all_that_is_told_no_words_are_asked_for(
    anybody: httpx2.Client, portal: Portal
) -> None:
    assert "<textarea" in anybody.get(f"{PAGE}/decline").text
    portal.services.batch |= {"codes_alone": True}
    page = anybody.get(f"{PAGE}/decline").text
    assert "<textarea" not in page
    assert "a reason from the list is enough" in page
    assert "basta un motivo de la lista" in anybody.get(f"{PAGE}/decline?lang=es").text
