"""The page of what has gone up: for the lead of a school, and for the district."""

import re
from collections.abc import Iterator
from html import unescape

import httpx2
import pytest

from tests.portal.running import OWN, Portal
from tests.portal.samples import referral_id
from tests.portal.samples_parts import FOLLOW_UP, MARIA, short_follow_ups
from tests.portal.samples_up import shown, told, withheld

LUIS = f"/referrals/{referral_id(2)}"
MARISOL = f"/referrals/{referral_id(3)}"
TOLD = f"/referrals/{referral_id(4)}/hand-off"


@pytest.fixture
def principal(portal: Portal) -> Iterator[httpx2.Client]:
    """The lead of the first school, signed in."""
    with portal.client() as client:
        portal.sign_in(client, "principal-01")
        yield client


@pytest.fixture
def admin(portal: Portal) -> Iterator[httpx2.Client]:
    """An administrator of the district, signed in."""
    with portal.client() as client:
        portal.sign_in(client, "admin")
        yield client


def text_of(answer: httpx2.Response) -> str:
    assert answer.status_code == 200, answer.text
    body = answer.text.partition("<main")[2]
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", body)))


def test_a_schools_lead_reads_what_waits_since_when_and_whom_to_ask(
    principal: httpx2.Client, portal: Portal
) -> None:
    portal.services.today = [withheld(), withheld(6, "district", covering_for="coordinator-02")]
    answer = principal.get("/")
    page = text_of(answer)
    assert "2 matters have gone up to you" in page
    assert "Lincoln Elementary" in page
    assert "A child of this school" in page
    assert "gone up to the site" in page.replace("\u2019s lead", "")
    assert "gone up to the district" in page
    assert "Rosa Medina sees to it." in page
    assert "Rosa Medina sees to it while Denise Okafor is away." in page
    assert "Ask Rosa Medina where it stands" in page
    assert "/referrals/" not in answer.text, "what it is about is not theirs to open"
    assert "tel:" not in answer.text, "they are at the school"
    assert "Un niño de esta escuela" in text_of(principal.get("/?lang=es"))


def test_the_district_reads_child_and_owner_where_it_may_and_calls_the_school_where_not(
    admin: httpx2.Client, portal: Portal
) -> None:
    portal.services.today = [shown(), withheld(level="district"), withheld(6, owner=None)]
    answer = admin.get("/")
    page = text_of(answer)
    assert "Luis P." in page
    assert f'href="{LUIS}/follow-ups#f-{FOLLOW_UP}"' in answer.text
    assert "Call Rosa Medina and ask where it stands" in page
    assert "Nobody of the school sees to it now." in page
    assert 'href="tel:+15105550100"' in answer.text
    assert referral_id(3) not in answer.text


def test_where_nothing_has_gone_up_it_says_so(
    principal: httpx2.Client, admin: httpx2.Client, portal: Portal
) -> None:
    portal.services.today = []
    assert "What waits too long at Lincoln Elementary stands here" in text_of(principal.get("/"))
    assert "What a school leaves waiting too long stands here" in text_of(admin.get("/"))


def test_the_leadership_of_all_schools_leads_none(portal: Portal) -> None:
    with portal.client() as client:
        portal.sign_in(client, "leadership")
        assert "There is nothing here for your role" in text_of(client.get("/"))


def test_names_that_cannot_be_had_keep_nobody_from_reading(
    principal: httpx2.Client, portal: Portal
) -> None:
    portal.services.today = [withheld()]
    portal.services.away = {"colleagues"}
    assert "A colleague sees to it." in text_of(principal.get("/"))


def test_the_district_gives_a_follow_up_to_somebody_of_the_school_and_does_no_more(
    admin: httpx2.Client, portal: Portal
) -> None:
    known = portal.services.find(referral_id(2))
    assert known is not None
    known |= {"follow_ups": short_follow_ups(), "coordinator": "coordinator-01"}
    answer = admin.get(f"{LUIS}/follow-ups")
    page = text_of(answer)
    assert "María Quiroga" in page
    assert "/done" not in answer.text
    assert "/snooze" not in answer.text
    assert f'href="{LUIS}/contacts"' not in answer.text, "no tab that is not theirs"
    assert 'value="admin"' not in answer.text, "they take nothing over themselves"

    path = f"{LUIS}/follow-ups/{FOLLOW_UP}/reassign"
    done = admin.post(path, data={"seen": "3", "owner": MARIA}, headers=OWN)

    assert done.headers["location"] == f"{LUIS}/follow-ups?done=follow-reassign"
    assert portal.services.posted[-1] == (
        f"/v1/referrals/{referral_id(2)}/follow-ups/{FOLLOW_UP}/reassign",
        {"owner": MARIA},
    )
    refused = admin.post(f"{LUIS}/follow-ups/{FOLLOW_UP}/done", data={"seen": "3"}, headers=OWN)
    assert refused.status_code == 403


def test_the_district_hands_a_referral_over_and_gives_none_up(
    admin: httpx2.Client, portal: Portal
) -> None:
    page = text_of(admin.get(f"{MARISOL}/do/hand-over"))
    assert "Denise Okafor" in page
    assert "Me" not in page.split(), "they lead none themselves"
    done = admin.post(
        f"{MARISOL}/do/hand-over", data={"seen": "3", "coordinator": "coordinator-02"}, headers=OWN
    )
    assert done.headers["location"] == f"{MARISOL}?done=handed-over"
    assert portal.services.posted[-1][1] == {"coordinator": "coordinator-02"}
    assert admin.get(f"{MARISOL}/do/cancel").status_code == 403


@pytest.mark.parametrize("who", ["principal-01", "admin"])
def test_what_was_told_without_a_consent_is_looked_at_without_child_need_and_place(
    who: str, portal: Portal
) -> None:
    portal.services.today = [told()]
    portal.services.referrals = [
        each for each in portal.services.referrals if each["id"] != referral_id(4)
    ]
    portal.services.handed |= {
        "to": None,
        "consented": False,
        "without_consent": None,
        "withheld": True,
        "by": "coordinator-01",
    }
    with portal.client() as client:
        portal.sign_in(client, who)
        assert f'href="{TOLD}"' in client.get("/").text
        page = text_of(client.get(TOLD))
        assert "Rosa Medina told it" in page
        assert "They were told:" in page
        done = client.post(f"{TOLD}/seen", headers=OWN)
        assert done.headers["location"] == "/?done=settled"
        assert portal.services.posted[-1] == (f"/v1{TOLD}/seen", {})
        assert "It is off the list" in text_of(client.get("/?done=settled"))
        record = client.post(TOLD, data={"seen": "3"}, headers=OWN)
        assert record.status_code == 403, "they record none"
