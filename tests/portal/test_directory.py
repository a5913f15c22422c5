"""The directory: found, read, and settled where it and staff say different things."""

import httpx2
import pytest

from tests.portal.running import OWN, Portal
from tests.portal.samples import COUNSEL, DENTAL, ago, referral_id
from tests.portal.samples_partners import CLINIC, ENDED, FAMILY, LIVE
from tests.portal.test_ask import text_of

SETTLE = "/partners/to-settle"


def test_services_are_found_by_name_need_and_school(rosa: httpx2.Client) -> None:
    assert "Tooth bus" in rosa.get("/partners").text
    named = rosa.get("/partners?q=famil").text
    assert FAMILY in named
    assert CLINIC not in named
    needed = rosa.get("/partners?need=medical&school=site-01").text
    assert CLINIC in needed
    assert FAMILY not in needed
    agency = rosa.get("/partners?q=riverbend").text
    assert f"/partners/agencies/{DENTAL}" in agency
    nothing = text_of(rosa.get("/partners?q=zzz"))
    assert "Nothing in the directory answers to this." in nothing


def test_a_services_page_says_what_somebody_asks_for(rosa: httpx2.Client) -> None:
    page = text_of(rosa.get(f"/partners/services/{CLINIC}"))
    for said in (
        "Ages 2 to 18",
        "Takes Medi-Cal, families without insurance, and kaiser",
        "Spanish and English",
        "Brings an interpreter",
        "Monday, Tuesday, and Wednesday: 8:30\u202fAM \u2013 5:00\u202fPM",
        "By income",
        "Free with Medi-Cal, otherwise 20 dollars",
        "Main office, 12 Alder Street, Oakland, CA 94601",
        "Bus 12 stops at the door",
        "Accessible: wheelchair and ramp",
        "Proof of address",
        "Call first",
        "Dana Frost",
        "(510) 555-0177",
        "25 December: closed",
        "29 March 2027 \u2013 2 April 2027: 9:00\u202fAM \u2013 12:00\u202fPM",
        "Nobody has confirmed this yet",
        "from the directory san-mateo",
        "1 August to 30 June 2027",
        "3 children wait",
    ):
        assert said in page.replace(" AM", "\u202fAM").replace(" PM", "\u202fPM"), said


def test_the_same_page_speaks_spanish(rosa: httpx2.Client) -> None:
    page = text_of(rosa.get(f"/partners/services/{CLINIC}?lang=es"))
    for said in ("De 2 a 18 años", "español e inglés", "lunes, martes y miércoles", "Qué llevar"):
        assert said in page, said


def test_when_it_was_last_confirmed_is_said(rosa: httpx2.Client, portal: Portal) -> None:
    said = {"at": ago(days=40), "by": "agency"}
    portal.services.partners.services[0] |= {"confirmed": said, "entry_old": False}
    page = text_of(rosa.get(f"/partners/services/{CLINIC}"))
    assert "Confirmed by the agency: 15 October" in page
    assert "Ask before you rely on it" not in page
    portal.services.partners.services[0]["entry_old"] = True
    assert "15 October . Ask before you rely on it." in text_of(rosa.get("/partners"))
    assert "Not confirmed yet" in text_of(rosa.get("/partners?q=tooth"))


def test_an_agencys_page_leads_to_its_services_and_its_agreement(rosa: httpx2.Client) -> None:
    page = rosa.get(f"/partners/agencies/{DENTAL}").text
    assert f"/partners/services/{CLINIC}" in page
    assert f"/partners/agreements/{LIVE}" in page
    assert "(510) 555-0177" in page
    assert rosa.get(f"/partners/agencies/{referral_id(99)}").status_code == 404
    assert rosa.get("/partners/services/none").status_code == 404
    assert ENDED in page, "of those that are over the newest alone"


def test_an_address_that_somebody_else_entered_is_confirmed_on_the_agencys_page(
    rosa: httpx2.Client, portal: Portal
) -> None:
    path, person = f"/partners/agencies/{DENTAL}", referral_id(25)
    assert "The address is right" not in rosa.get(path).text
    portal.services.partners.unconfirmed = [person]
    page = rosa.get(path).text
    assert "no one-time code goes there" in page
    assert f'action="{path}/contacts/{person}/confirm"' in page
    done = rosa.post(f"{path}/contacts/{person}/confirm", data={"seen": "3"}, headers=OWN)
    assert (done.status_code, done.headers["location"]) == (303, f"{path}?done=address-confirmed")
    assert "Codes go there from now on" in rosa.get(done.headers["location"]).text
    asked = f"/v1/agencies/{DENTAL}/contacts/{person}/confirm"
    assert portal.services.partners.puts == [(asked, {}, '"3"')]


def test_how_an_agency_does_is_said_beside_the_year_before(rosa: httpx2.Client) -> None:
    page = text_of(rosa.get(f"/partners/agencies/{DENTAL}"))
    for said in (
        "From 1 November 2025 until 1 November",
        "Asked 34 the year before: 12",
        "Answers in about 5 hours the year before: about 2 days",
        "Says yes 80 % of 30",
        "Families say it came 60 % of 20 the year before: too few to say",
        "Did not come too few to say",
        "What families say is of the school year from 1 July 2025 until 1 July",
    ):
        assert said in page, said
    assert "How it does" not in rosa.get(f"/partners/agencies/{COUNSEL}").text


def test_an_agencys_link_that_is_over_says_so_and_whom_to_call_in_every_language(
    anybody: httpx2.Client,
) -> None:
    page = anybody.get("/a/over")
    assert page.status_code == 404
    assert "<h1>This link works no longer" in page.text
    assert '<div class="stack" lang="es"><h2>Este enlace ya no funciona' in page.text
    assert "call the school for another" in page.text
    assert 'href="/"' not in page.text.partition("<main")[2], "it leads to no sign-in"
    assert "There is no such page" in anybody.get("/a/unknown").text


def test_what_was_entered_elsewhere_cannot_be_markup(rosa: httpx2.Client, portal: Portal) -> None:
    evil = "<script>alert(1)</script>"
    portal.services.partners.services[0] |= {"name": evil, "description": evil}
    for path in ("/partners", f"/partners/services/{CLINIC}", "/partners/seats"):
        assert evil not in rosa.get(path).text


def test_both_sides_and_what_was_before_stand_beside_each_other(rosa: httpx2.Client) -> None:
    page = text_of(rosa.get(SETTLE))
    assert "3 fields were changed here and in the directory" in page
    assert "Cost Ours Free of charge The directory There is a fee It said before nothing" in page
    assert "1, city Ours Oakland The directory Alameda It said before Oakland" in page
    assert "1, street Ours 12 Alder Street The directory 1 Old Street" in page
    assert "telephone Ours +15105550177 The directory +15105550199 " in page.replace(
        "Telephone", "telephone"
    )
    assert "source_id" not in page


@pytest.mark.parametrize("keep", ["ours", "source"])
def test_a_difference_is_settled_in_place_on_the_version_that_was_seen(
    keep: str, rosa: httpx2.Client, portal: Portal
) -> None:
    typed = {"seen": "7", "field": "terms.cost", "keep": keep}
    done = rosa.post(f"{SETTLE}/services/{CLINIC}", data=typed, headers=OWN)
    assert done.headers["location"] == f"{SETTLE}?done=settled-{keep}"
    path = f"/v1/directory-differences/services/{CLINIC}"
    assert portal.services.posted == [(path, {"field": "terms.cost", "keep": keep})]
    assert (path, '"7"') in portal.services.parts.seen


def test_what_changed_meanwhile_is_told_and_nothing_settled(
    rosa: httpx2.Client, portal: Portal
) -> None:
    portal.services.refuse = (412, "stale-version")
    typed = {"seen": "6", "field": "terms.cost", "keep": "ours"}
    page = rosa.post(f"{SETTLE}/services/{CLINIC}", data=typed, headers=OWN)
    assert page.status_code == 412
    assert "Somebody was faster" in page.text
    assert "There is a fee" in page.text
    unchosen = rosa.post(f"{SETTLE}/services/{CLINIC}", data={"seen": "7"}, headers=OWN)
    assert unchosen.status_code == 422


def test_that_nothing_waits_is_said(rosa: httpx2.Client, portal: Portal) -> None:
    portal.services.partners.differences = {"services": [], "agencies": []}
    assert "Nothing waits to be settled" in rosa.get(SETTLE).text


def test_who_may_see_what(anybody: httpx2.Client, portal: Portal) -> None:
    assert anybody.get("/partners").headers["location"] == "/welcome?to=%2Fpartners"
    portal.sign_in(anybody, "nurse-01")
    assert "To settle" not in anybody.get("/partners").text
    assert anybody.get(SETTLE).status_code == 403
    portal.sign_in(anybody, "principal-01")
    assert anybody.get("/partners").status_code == 403
    assert "/partners" not in anybody.get("/reports").text
