"""The board of seats: what is shown first, and that a telephoned figure erases nobody's seat."""

import re

import httpx2
import pytest

from tests.portal.running import OWN, Portal
from tests.portal.samples import DENTAL
from tests.portal.samples_partners import BUS, CLINIC, FAMILY
from tests.portal.test_ask import text_of

SEATS = "/partners/seats"
TOLD = {"site": "site-01", "available": "4", "maximum": "6", "unit": "seats", "status": "capacity"}


def test_who_was_not_asked_for_long_comes_first_with_the_age_of_its_figure(
    rosa: httpx2.Client, portal: Portal
) -> None:
    portal.services.partners.agreements[1] |= {"live": True, "lacking": []}
    page = text_of(rosa.get(SEATS))
    order = ["Ask them first", "Family counselling", "Tooth bus", "Seats free", "Children's dental"]
    assert [page.index(each) for each in order] == sorted(page.index(each) for each in order)
    assert "They never told how many they have" in page
    assert "Told 14 October : ask before you count on it" in page
    assert "3 children wait" in page
    assert "1 held for a child" in page


def test_only_what_the_school_could_ask_stands_on_it(rosa: httpx2.Client) -> None:
    page = rosa.get(SEATS).text
    assert FAMILY not in page, "its agreement lacks a paper, and it never told its seats"
    assert CLINIC in page
    assert BUS in page


def test_of_a_whole_countys_directory_only_the_schools_agencies_are_read(
    rosa: httpx2.Client, portal: Portal
) -> None:
    portal.services.partners.more = True
    page = rosa.get(SEATS).text
    assert CLINIC in page
    assert FAMILY not in page


def test_a_telephoned_figure_goes_with_the_version_that_was_seen(
    rosa: httpx2.Client, portal: Portal
) -> None:
    done = rosa.post(f"{SEATS}/{CLINIC}", data={**TOLD, "seen": "4"}, headers=OWN)
    assert done.headers["location"] == f"{SEATS}?site=site-01&done=seats-told#s-{CLINIC}"
    told = {"available": 4, "maximum": 6, "unit": "seats", "status": "capacity", "notes": None}
    assert portal.services.partners.puts == [(f"/v1/capacities/{CLINIC}/site-01", told, '"4"')]
    first = rosa.post(f"{SEATS}/{FAMILY}", data=TOLD, headers=OWN)
    assert first.status_code == 303
    assert portal.services.partners.puts[-1][2] == "", "nobody had told them before"


def test_who_was_slower_sees_the_new_number_and_keeps_what_was_typed(
    rosa: httpx2.Client, portal: Portal
) -> None:
    portal.services.refuse = (412, "stale-version")
    page = rosa.post(f"{SEATS}/{CLINIC}", data={**TOLD, "seen": "3"}, headers=OWN)
    assert page.status_code == 412
    assert "Somebody was faster" in page.text
    (row,) = re.findall(
        rf'<li class="box seat-row[^"]*" id="s-{CLINIC}">(.*?)</li>', page.text, re.DOTALL
    )
    assert 'name="available"' in row
    assert 'value="4"' in row
    assert 'name="seen" value="4"' in row, "what is there now is what the next try is based on"
    assert "Somebody was faster" in row


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"available": "many"}, "with digits"),
        ({"available": "-1"}, "with digits"),
        ({"available": "10000", "maximum": "10000"}, "with digits"),
        ({"available": "7"}, "More are free than there are in all"),
    ],
)
def test_a_figure_that_cannot_be_is_told_in_its_row(
    typed: dict[str, str], said: str, rosa: httpx2.Client, portal: Portal
) -> None:
    page = rosa.post(f"{SEATS}/{CLINIC}", data={**TOLD, **typed}, headers=OWN)
    assert page.status_code == 422
    assert said in page.text
    assert portal.services.partners.puts == []


def test_nothing_free_and_nobody_taken_are_two_things(rosa: httpx2.Client, portal: Portal) -> None:
    full = {"available": 0, "status": "no-capacity"}
    portal.services.partners.capacities[0] |= full
    page = rosa.get(SEATS).text
    assert 'value="no-capacity" selected' not in page, "a new number would close the service"
    portal.services.partners.capacities[0] |= {"available": 2}
    assert 'value="no-capacity" selected' in rosa.get(SEATS).text


def test_the_board_is_narrowed_to_a_need(rosa: httpx2.Client, portal: Portal) -> None:
    portal.services.partners.agreements[1] |= {"live": True, "lacking": []}
    page = rosa.get(f"{SEATS}?need=mental-health").text
    assert FAMILY in page
    assert f"s-{CLINIC}" not in page


def test_another_schools_board_is_not_found(rosa: httpx2.Client, portal: Portal) -> None:
    assert rosa.get(f"{SEATS}?site=site-99").status_code == 404
    posted = rosa.post(f"{SEATS}/{CLINIC}", data={**TOLD, "site": "site-99"}, headers=OWN)
    assert posted.status_code == 404
    assert portal.services.partners.puts == []


def test_the_care_team_reads_it_and_changes_nothing(anybody: httpx2.Client, portal: Portal) -> None:
    portal.sign_in(anybody, "nurse-01")
    page = anybody.get(SEATS)
    assert CLINIC in page.text
    assert "They told me a number" not in page.text
    refused = anybody.post(f"{SEATS}/{CLINIC}", data=TOLD, headers=OWN)
    assert refused.status_code == 403
    assert "This is not open to your role" in refused.text


def test_an_agencys_staff_have_no_board(anybody: httpx2.Client, portal: Portal) -> None:
    portal.sign_in(anybody, "dental-desk")
    assert anybody.get(SEATS).status_code == 403
    assert DENTAL in anybody.get("/partners?q=riverbend").text
