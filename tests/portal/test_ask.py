"""Whom to ask: what is asked with, why a place fits, why another does not, and that none does."""

import html
import re
from typing import Any

import httpx2
import pytest

from tests.portal.running import OWN, Portal
from tests.portal.samples import COUNSEL, DENTAL, PARENTS, ago, referral_id
from tests.portal.samples_partners import BUS, CLINIC, capacity, nothing_fits

DANIEL = referral_id(4)
ASK = f"/referrals/{DANIEL}/ask"
PLACE = f"{CLINIC}@{DENTAL}"


def text_of(page: httpx2.Response) -> str:
    """Return what a page says."""
    said = re.sub(r"<[^>]+>", " ", page.text)
    return re.sub(r"\s+", " ", html.unescape(said))


def chosen(page: httpx2.Response) -> list[str]:
    """Return the places that are ticked."""
    return re.findall(r'name="place" value="([^"]+)"[^>]* checked', page.text)


def test_places_are_asked_for_with_what_is_known_of_the_child_and_none_of_it_in_an_address(
    rosa: httpx2.Client, portal: Portal
) -> None:
    page = text_of(rosa.get(ASK))
    assert portal.services.partners.needs == [
        {
            "referral": DANIEL,
            "category": "dental",
            "site": "site-01",
            "age": 8,
            "grade": "3",
            "insurance": "medi-cal",
            "home_zip": "94601",
            "language": "es",
            "language_needed": False,
            "times": [],
        }
    ]
    assert "8 years old · grade 3 · Medi-Cal or Medicaid · ZIP 94601 · speaks Spanish" in page
    assert all("94601" not in path for path, _ in portal.services.asked)


def test_what_nobody_has_written_down_is_named_and_not_asked_with(
    rosa: httpx2.Client, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PARENTS[0], "may_be_told", False)
    referral = portal.services.find(DANIEL)
    assert referral is not None
    referral["student"] = referral_id(81)
    page = text_of(rosa.get(ASK))
    assert "Not written down: grade, insurance, home ZIP, and language." in page
    (need,) = portal.services.partners.needs
    assert not {"grade", "insurance", "home_zip", "language"} & need.keys()


def test_every_reason_is_read_in_the_readers_language(rosa: httpx2.Client) -> None:
    english, spanish = text_of(rosa.get(ASK)), text_of(rosa.get(f"{ASK}?lang=es"))
    for reason in ("2 seats free", "About 0.8 miles from home", "The agreement ends soon"):
        assert reason in english
    for reason in ("2 lugares libres", "A unas 0.8 millas de casa", "El convenio termina pronto"):
        assert reason in spanish


def test_old_seats_are_greyed_with_when_they_were_told_and_never_hidden(
    rosa: httpx2.Client,
) -> None:
    page = rosa.get(ASK)
    (bus,) = re.findall(r'<div class="match place stale">(.*?)</button>', page.text, re.DOTALL)
    assert "Tooth bus" in bus
    assert "<b>1?</b>" in bus
    assert "Last told us about seats 14 October." in bus


def test_a_place_without_a_seat_tells_how_long_it_usually_takes(
    rosa: httpx2.Client, portal: Portal
) -> None:
    full = {"seats": 0, "status": "waitlist", "wait": capacity(CLINIC, DENTAL)["wait"]}
    portal.services.partners.matches["matches"][0] |= full
    assert "usual wait: about 3 weeks, from 14 promotions" in text_of(rosa.get(ASK))


def test_one_place_is_asked_with_one_press_and_several_with_send(
    rosa: httpx2.Client, portal: Portal
) -> None:
    one = rosa.post(ASK, data={"seen": "3", "only": PLACE}, headers=OWN)
    both = {"seen": "3", "place": [PLACE, f"{BUS}@{COUNSEL}"]}
    assert rosa.post(ASK, data=both, headers=OWN).status_code == one.status_code == 303
    first, second = (body["candidates"] for _, body in portal.services.posted)
    assert first == [{"service": CLINIC, "agency": DENTAL}]
    assert [each["service"] for each in second] == [CLINIC, BUS]


def test_looking_again_keeps_what_was_chosen(rosa: httpx2.Client, portal: Portal) -> None:
    typed = {"seen": "3", "place": PLACE, "times": ["evening", "noon"], "needed": "yes"}
    page = rosa.post(f"{ASK}/look", data=typed, headers=OWN)
    assert chosen(page) == [PLACE]
    need = portal.services.partners.needs[-1]
    assert (need["times"], need["language_needed"]) == (["evening"], True)
    assert portal.services.posted == []
    assert rosa.get(f"{ASK}/look").headers["location"] == ASK


@pytest.mark.parametrize("name", ["Family couns", "puente"])
def test_why_not_this_place_is_told_of_any_service_by_its_name_or_its_agencys(
    name: str, rosa: httpx2.Client
) -> None:
    page = text_of(rosa.post(f"{ASK}/look", data={"seen": "3", "why": name}, headers=OWN))
    assert "Family counselling No live agreement for this school Takes children up to 5" in page


def test_a_place_that_fits_is_told_to_stand_in_the_list(rosa: httpx2.Client) -> None:
    page = text_of(rosa.post(f"{ASK}/look", data={"seen": "3", "why": "tooth"}, headers=OWN))
    assert "Tooth bus It fits: you can choose it in the list above." in page
    nobody = rosa.post(f"{ASK}/look", data={"seen": "3", "why": "zzz"}, headers=OWN)
    assert "No place called “zzz” is in the directory." in text_of(nobody)


@pytest.mark.parametrize(
    ("recorded", "said"),
    [(True, "It is recorded as an unmet need"), (False, "It could not be recorded")],
)
def test_that_nothing_fits_is_said_with_what_was_missing(
    recorded: bool,  # noqa: FBT001 - a case
    said: str,
    rosa: httpx2.Client,
    portal: Portal,
) -> None:
    portal.services.partners.matches = nothing_fits(recorded=recorded)
    page = text_of(rosa.get(ASK))
    missed = "no live agreement with your school; they take younger children"
    assert "No place fits just now" in page
    assert f"What was missing: {missed}" in page
    assert said in page
    assert f"/referrals/{DANIEL}/hand-off" in rosa.get(ASK).text


def test_a_refusal_is_told_on_the_form_with_the_choice_still_there(
    rosa: httpx2.Client, portal: Portal
) -> None:
    portal.services.refuse = (412, "stale-version")
    portal.services.parts.meanwhile = [{"what": "referral.offered", "at": ago(minutes=2)}]
    page = rosa.post(ASK, data={"seen": "2", "place": PLACE, "times": "morning"}, headers=OWN)
    assert page.status_code == 412
    assert "Somebody was faster" in page.text
    assert chosen(page) == [PLACE]
    assert re.search(r'value="morning" checked', page.text)


def test_places_are_shown_without_the_childs_facts_while_its_record_cannot_be_read(
    rosa: httpx2.Client, portal: Portal
) -> None:
    portal.services.away = {"families"}
    page = text_of(rosa.get(ASK))
    assert "The child\u2019s record cannot be read just now" in page
    assert "Riverbend Family Dental" in page


def test_without_partner_the_page_says_that_nothing_was_lost(
    rosa: httpx2.Client, portal: Portal
) -> None:
    portal.services.away = {"matches"}
    assert "The places cannot be looked up just now." in text_of(rosa.get(ASK))


def test_more_places_than_can_be_asked_at_once_are_refused(
    rosa: httpx2.Client, portal: Portal
) -> None:
    places: dict[str, Any] = {"seen": "3", "place": [f"{referral_id(n)}@{n}" for n in range(21)]}
    answer = rosa.post(ASK, data=places, headers=OWN)
    assert answer.status_code == 422
    assert "Choose at most 20 places at once." in answer.text
    assert portal.services.posted == []
