"""The copy of a family's records and the list of readings, made on the pages."""

import httpx2
import pytest

from tests.portal.running import OWN, Portal
from tests.portal.samples import DENTAL, referral_id

ANA, ELENA, FAMILY = referral_id(80), referral_id(86), referral_id(85)


def test_a_family_is_found_by_a_child_s_name_that_stands_in_no_address(
    rosa: httpx2.Client, portal: Portal
) -> None:
    assert 'href="/copies"' in rosa.get("/").text
    page = rosa.post("/copies/find", data={"q": "ana"}, headers=OWN).text
    assert f'href="/copies/{ANA}"' in page
    assert rosa.post("/copies/find", data={"q": "a"}, headers=OWN).status_code == 422
    assert not any("ana" in path for path, _ in portal.services.asked)


def test_each_reader_has_their_own_first_in_their_language(rosa: httpx2.Client) -> None:
    page = rosa.get(f"/copies/{ANA}").text
    assert "Elena (mother)" in page
    assert "Mateo" not in page, "who may not be told has no copy"
    spanish = page.index(f"/copies/{ANA}/record?reader={ELENA}&amp;language=es")
    english = page.index(f"/copies/{ANA}/record?reader={ELENA}&amp;language=en")
    assert spanish < english
    assert f"/copies/{ANA}/readings?reader={ANA}" not in page, "the list is for a guardian"


@pytest.mark.parametrize(
    ("language", "title", "outcome"),
    [
        ("es", "Los datos que guardamos de su familia", "se logró en parte"),
        ("en", "The records we hold on your family", "partly"),
    ],
)
def test_a_copy_is_a_page_to_print_with_the_names_of_agencies(
    rosa: httpx2.Client, portal: Portal, language: str, title: str, outcome: str
) -> None:
    answer = rosa.get(f"/copies/{ANA}/record?reader={ELENA}&language={language}")
    assert answer.status_code == 200
    assert title in answer.text
    assert outcome in answer.text
    assert "Sonrisa Dental" in answer.text or DENTAL not in answer.text
    assert answer.headers["content-language"] == language
    assert "script" not in answer.headers["content-security-policy"]
    assert answer.headers["cache-control"] == "no-store"
    ((path, asked),) = portal.services.parts.made
    assert path == f"/v1/families/{FAMILY}/export"
    assert ("reader", ELENA) in asked
    assert ("format", "html") in asked
    assert any(name == "name" and value.startswith(f"{DENTAL}:") for name, value in asked)


def test_the_list_of_readings_is_made_for_a_guardian(rosa: httpx2.Client, portal: Portal) -> None:
    answer = rosa.get(f"/copies/{ANA}/readings?reader={ELENA}&language=es")
    assert "Con quién se compartieron" in answer.text
    ((path, asked),) = portal.services.parts.made
    assert path == f"/v1/families/{FAMILY}/disclosure-report"
    assert ("contact", ELENA) in asked


def test_only_who_may_make_one_is_let_in(anybody: httpx2.Client, portal: Portal) -> None:
    path = f"/copies/{ANA}/record?reader={ELENA}"
    assert anybody.get(path).status_code == 303
    portal.sign_in(anybody, "nurse-01")
    for each in (path, "/copies", f"/copies/{ANA}"):
        assert anybody.get(each).status_code == 403
    assert portal.services.parts.made == []
