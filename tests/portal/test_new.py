"""Writing a need down in the portal: who, what, and what is never lost or told."""

import re

import httpx2
import pytest

from tests.portal.running import OWN, Portal
from tests.portal.samples import referral_id

ANA = referral_id(80)
FORM = {"student": ANA, "category": "dental", "urgency": "soon", "need": "Pain when chewing"}


def fields(page: str) -> dict[str, str]:
    """Return the hidden fields of a form."""
    return dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))


def test_a_child_is_found_by_name_and_the_name_stands_in_no_address(
    rosa: httpx2.Client,
) -> None:
    assert "/referrals/new" in rosa.get("/").text
    found = rosa.post("/referrals/new/find", data={"q": "ramírez"}, headers=OWN)
    assert "2 children" in found.text
    assert f"/referrals/new?student={ANA}" in found.text
    assert "q=" not in str(found.url)
    letter = rosa.post("/referrals/new/find", data={"q": "r"}, headers=OWN)
    assert letter.status_code == 422
    nobody = rosa.post("/referrals/new/find", data={"q": "zzz"}, headers=OWN)
    assert "No child of your school has this name." in nobody.text


def test_a_child_who_has_left_the_school_is_shown_as_having_left(
    rosa: httpx2.Client, portal: Portal
) -> None:
    here = rosa.post("/referrals/new/find", data={"q": "ramírez"}, headers=OWN)
    assert "has left the school" not in here.text
    portal.services.left_on = "2026-08-31"
    gone = rosa.post("/referrals/new/find", data={"q": "ramírez"}, headers=OWN)
    assert "has left the school: 31 August 2026" in gone.text


def test_the_form_says_who_will_be_told_and_who_will_not(rosa: httpx2.Client) -> None:
    page = rosa.get(f"/referrals/new?student={ANA}").text
    assert "Mother Elena: told in Spanish by text" in page
    assert "Father Mateo: do not contact" in page


def test_a_need_is_written_down_once_and_the_places_follow(
    rosa: httpx2.Client, portal: Portal
) -> None:
    given = fields(rosa.get(f"/referrals/new?student={ANA}").text)
    answers = [rosa.post("/referrals/new", data={**given, **FORM}, headers=OWN) for _ in range(2)]
    path = f"/referrals/{given['id']}"
    assert [each.headers["location"] for each in answers] == [f"{path}/ask"] * 2
    assert portal.services.posted == [(f"/v1{path}", FORM)] * 2
    assert "Whom do we ask" in rosa.get(f"{path}/ask").text


def test_where_nobody_could_help_a_new_one_follows_with_what_is_known(
    rosa: httpx2.Client, portal: Portal
) -> None:
    earlier = next(each for each in portal.services.referrals if each["state"] == "rejected")
    earlier |= {"student": ANA, "need": "Pain when chewing, for weeks"}
    page = rosa.get(f"/referrals/{earlier['id']}").text
    assert f"/referrals/new?follows={earlier['id']}" in page
    form = rosa.get(f"/referrals/new?follows={earlier['id']}").text
    assert "Pain when chewing, for weeks" in form
    given = {**FORM, **fields(form)}
    rosa.post("/referrals/new", data=given, headers=OWN)
    ((_, body),) = portal.services.posted
    assert body["re_referral_of"] == earlier["id"]


def test_what_to_do_at_once_stands_where_a_crisis_is_written_and_on_its_own_page(
    rosa: httpx2.Client,
) -> None:
    form = rosa.get(f"/referrals/new?student={ANA}").text
    assert "<li>Stay with the child.</li>" in form
    assert "County line, (510) 555-0199" in form

    crisis = {**FORM, **fields(form), "urgency": "crisis"}
    sent = rosa.post("/referrals/new", data=crisis, headers=OWN)
    assert sent.headers["location"] == f"/referrals/{fields(form)['id']}", "no offer is waited for"
    page = rosa.get(f"/referrals/{referral_id(1)}").text
    assert page.index("What to do now") < page.index("What happened")
    assert "<li>Stay with the child.</li>" in page
    assert "<li>Quédese con el niño.</li>" in rosa.get(f"/referrals/{referral_id(1)}?lang=es").text
    assert "Stay with the child" not in rosa.get(f"/referrals/{referral_id(4)}?lang=en").text


def test_without_the_procedure_a_need_can_be_written_down(
    rosa: httpx2.Client, portal: Portal
) -> None:
    portal.services.away.add("emergency")
    assert "911" in rosa.get(f"/referrals/new?student={ANA}").text


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"category": ""}, "Choose what is needed."),
        ({"category": "astrology"}, "Choose what is needed."),
        ({"urgency": "whenever"}, "Choose how soon it is needed."),
        ({"need": "  "}, "Say in a few words what is needed."),
        ({"need": "x" * 2_001}, "more than 2,000 characters"),
    ],
)
def test_what_lacks_is_said_and_what_was_typed_stays(
    rosa: httpx2.Client, portal: Portal, change: dict[str, str], said: str
) -> None:
    given = fields(rosa.get(f"/referrals/new?student={ANA}").text)
    answer = rosa.post("/referrals/new", data={**given, **FORM, **change}, headers=OWN)
    assert answer.status_code == 422
    assert said in answer.text
    assert fields(answer.text)["id"] == given["id"]
    if "need" not in change:
        assert "Pain when chewing" in answer.text
    assert portal.services.posted == []


def test_an_open_duplicate_is_told_and_can_be_overridden(
    rosa: httpx2.Client, portal: Portal
) -> None:
    portal.services.refuse = (409, "duplicate")
    given = fields(rosa.get(f"/referrals/new?student={ANA}").text)
    warned = rosa.post("/referrals/new", data={**given, **FORM}, headers=OWN)
    assert warned.status_code == 409
    assert "This need of the child is open already." in warned.text
    assert "Pain when chewing" in warned.text
    again = {**given, **FORM, "despite": "Another tooth"}
    assert rosa.post("/referrals/new", data=again, headers=OWN).status_code == 303
    assert portal.services.posted[-1][1]["despite_duplicate"] == "Another tooth"


def test_a_child_of_another_school_is_no_page(rosa: httpx2.Client) -> None:
    assert rosa.get(f"/referrals/new?student={referral_id(99)}").status_code == 404
    assert rosa.get("/referrals/new?student=nonsense").status_code == 404


def test_what_was_just_sent_can_be_undone(rosa: httpx2.Client, portal: Portal) -> None:
    fresh = portal.services.find(referral_id(8))
    assert fresh is not None
    assert "Undo" not in rosa.get(f"/referrals/{referral_id(8)}").text, "sent two hours ago"
    fresh["since"] = portal.services.referrals[0]["since"].replace("17:20", "17:55")
    page = rosa.get(f"/referrals/{referral_id(8)}").text
    assert "Undo" in page
    done = rosa.post(f"/referrals/{referral_id(8)}/undo", data={"seen": "3"}, headers=OWN)
    assert done.headers["location"] == f"/referrals/{referral_id(8)}?done=undo"
    assert portal.services.posted == [(f"/v1/referrals/{referral_id(8)}/recall", {})]
    assert "Taken back." in rosa.get(done.headers["location"]).text


def test_an_answer_that_came_first_is_told(rosa: httpx2.Client, portal: Portal) -> None:
    portal.services.refuse = (409, "already-acted-on")
    answer = rosa.post(f"/referrals/{referral_id(8)}/undo", data={"seen": "3"}, headers=OWN)
    assert answer.status_code == 409
    assert "Somebody has answered already" in answer.text


def test_words_that_should_never_be_stored_are_told_of_before_the_places(
    rosa: httpx2.Client, portal: Portal
) -> None:
    portal.services.warnings = [
        {"field": "need", "what": "immigration-status", "en": "Take it out.", "es": "Quítelo."}
    ]
    given = fields(rosa.get(f"/referrals/new?student={ANA}").text)

    page = rosa.post("/referrals/new", data={**given, **FORM}, headers=OWN).text

    assert "Take it out." in page
    assert f'href="/referrals/{given["id"]}/ask"' in page
    assert f'href="/referrals/{given["id"]}/correct"' in page, "nobody was asked yet"
