"""Consent on the pages: seen, read out in the family's language, recorded and taken back."""

import re
from datetime import date
from html import unescape

import httpx2
import pytest

from services.portal.pages.consent import until_when
from tests.portal.running import OWN, Portal
from tests.portal.samples import COUNSEL, DENTAL, PARENTS, referral_id
from tests.portal.samples_parts import CONSENT

LUIS = f"/referrals/{referral_id(2)}"
STUDENT = referral_id(52)
MOTHER = PARENTS[0]["id"]
FRESH = referral_id(44)


def form(**changes: object) -> dict[str, object]:
    return {
        "consent": FRESH,
        "given_by": MOTHER,
        "method": "verbal-witnessed",
        "read_in": "es",
        "witness": "Tomás Lee",
        "interpreter": "",
        "whom": "any",
        "until": "2027-06-30",
        "parts": ["name", "need"],
        **changes,
    }


def post(browser: httpx2.Client, path: str, fields: dict[str, object]) -> httpx2.Response:
    return browser.post(path, data=fields, headers=OWN)


def text_of(answer: httpx2.Response) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", answer.text)))


def test_consents_are_said_as_sentences_those_in_force_first(rosa: httpx2.Client) -> None:
    page = text_of(rosa.get(f"{LUIS}/consent"))
    holds = page.index("Elena (mother) agreed on 15 October to share")
    over = page.index("Elena (mother) took it back")
    assert holds < over
    assert "The signed paper is not here yet" in page
    assert "witness Tomás Lee" in page
    assert "She wants another clinic." in page


def test_what_is_agreed_is_read_out_in_the_familys_language(
    rosa: httpx2.Client, portal: Portal
) -> None:
    page = post(rosa, f"{LUIS}/consent/read", form())
    assert page.status_code == 200
    said = text_of(page)
    assert "Doy permiso para que Lincoln Elementary le cuente a lugares que ayudan con" in said
    assert "nombre y fecha de nacimiento y qué se necesita" in said
    assert "Hasta el 30 de junio de 2027." in said
    assert "Elena (mother) agreed aloud; Tomás Lee heard it." in said
    assert '<div class="step stack tight" lang="es">' in page.text
    assert portal.services.parts.puts == []


def test_what_was_read_out_is_what_is_recorded(rosa: httpx2.Client, portal: Portal) -> None:
    shown = post(rosa, f"{LUIS}/consent/read", form(whom="asked")).text
    hidden = re.findall(r'type="hidden" name="([a-z_]+)" value="([^"]*)"', shown)
    fields: dict[str, object] = {"parts": [value for name, value in hidden if name == "parts"]}
    fields |= {name: unescape(value) for name, value in hidden if name != "parts"}
    assert post(rosa, f"{LUIS}/consent", fields).status_code == 422
    done = post(rosa, f"{LUIS}/consent", {**fields, "agreed": "yes"})
    assert done.headers["location"] == f"{LUIS}/consent?done=consent"
    assert portal.services.parts.puts == [
        (
            f"/v1/consents/{FRESH}",
            {
                "student": STUDENT,
                "categories": ["dental"],
                "agencies": [DENTAL],
                "parts": ["name", "need"],
                "method": "verbal-witnessed",
                "given_by": MOTHER,
                "until": "2027-06-30",
                "read_in": "es",
                "witness": "Tomás Lee",
            },
        )
    ]


def test_a_student_who_agrees_alone_says_whether_a_guardian_may_know(
    rosa: httpx2.Client, portal: Portal
) -> None:
    alone = form(given_by=STUDENT, method="signed-on-screen", guardian_may_know="yes")
    page = text_of(post(rosa, f"{LUIS}/consent/read", alone))
    assert "Yo, Ana, doy permiso para que Lincoln Elementary" in page
    assert "Yo, Ana, estoy de acuerdo." in page
    post(rosa, f"{LUIS}/consent", {**alone, "agreed": "yes"})
    post(rosa, f"{LUIS}/consent", {**form(guardian_may_know="yes"), "agreed": "yes"})
    told = [body.get("guardian_may_know") for _, body in portal.services.parts.puts]
    assert told == [True, None]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"given_by": ""}, "Choose who agrees. Nothing was recorded."),
        ({"method": ""}, "Choose how they agree. Nothing was recorded."),
        ({"witness": " "}, "Write the name of the witness who hears it. Nothing was recorded."),
        ({"parts": []}, "Choose what may be told. Nothing was recorded."),
        ({"until": "soon"}, "Give the last day. Nothing was recorded."),
    ],
)
def test_a_consent_that_lacks_something_says_what(
    changes: dict[str, object], said: str, rosa: httpx2.Client, portal: Portal
) -> None:
    page = post(rosa, f"{LUIS}/consent/read", form(**changes))
    assert page.status_code == 422
    assert said in page.text
    assert portal.services.parts.puts == []


def test_why_somebody_may_not_consent_is_said_and_nothing_typed_is_lost(
    rosa: httpx2.Client, portal: Portal
) -> None:
    portal.services.refuse = (409, "not-a-guardian")
    page = post(rosa, f"{LUIS}/consent?lang=es", {**form(), "agreed": "yes"})
    assert page.status_code == 409
    assert "No se cambió nada: elija otro." in page.text
    assert 'value="Tomás Lee"' in page.text


def test_what_taking_back_will_do_is_said_before_it_is_done(
    rosa: httpx2.Client, portal: Portal
) -> None:
    known = portal.services.find(referral_id(2))
    assert known is not None
    known |= {"state": "in-progress", "business": None}
    path = f"{LUIS}/consent/{CONSENT}/take-back"
    page = text_of(rosa.get(path))
    assert "From now on nothing is told to anybody under it." in page
    assert "This referral with Riverbend Family Dental ends" in page
    assert "They are asked to delete what they read and to confirm it: Riverbend" in page
    assert portal.services.posted == []
    done = post(rosa, path, {"by": MOTHER, "reason": "changed-mind", "words": "Another clinic"})
    assert done.headers["location"] == f"{LUIS}/consent?done=taken-back"
    assert portal.services.posted == [
        (
            f"/v1/students/{STUDENT}/consents/{CONSENT}/revoke",
            {"reason": "changed-mind", "by": MOTHER, "words": "Another clinic"},
        )
    ]


def test_open_questions_that_stand_on_it_are_named_where_it_is_taken_back(
    rosa: httpx2.Client, portal: Portal
) -> None:
    portal.services.parts.disclosures = []
    page = text_of(rosa.get(f"/referrals/{referral_id(8)}/consent/{CONSENT}/take-back"))
    assert "open questions to Riverbend Family Dental and Puente Counseling Center" in page
    assert "No agency has read anything under it yet" in page
    portal.services.parts.consents[1]["agencies"] = [COUNSEL]
    page = text_of(rosa.get(f"{LUIS}/consent/{CONSENT}/take-back"))
    assert "This referral" not in page


def test_the_school_itself_takes_a_consent_back_in_nobodys_name(
    rosa: httpx2.Client, portal: Portal
) -> None:
    path = f"{LUIS}/consent/{CONSENT}/take-back"
    post(rosa, path, {"by": "school", "reason": "entered-wrongly"})
    assert portal.services.posted[0][1] == {"reason": "entered-wrongly"}


def test_the_signed_paper_is_kept_and_handed_out(rosa: httpx2.Client, portal: Portal) -> None:
    path = f"{LUIS}/consent/{CONSENT}/paper"
    photo = b"\xff\xd8\xff" + bytes(200_000)
    done = rosa.post(path, files={"paper": ("p.jpg", photo, "image/jpeg")}, headers=OWN)
    assert done.headers["location"] == f"{LUIS}/consent?done=paper"
    assert portal.services.parts.papers == [photo]
    kept = rosa.get(path)
    assert kept.content == b"%PDF-1.7"
    assert kept.headers["content-disposition"] == f'attachment; filename="{CONSENT}.pdf"'


def test_a_paper_that_is_too_large_is_a_sentence(rosa: httpx2.Client, portal: Portal) -> None:
    path = f"{LUIS}/consent/{CONSENT}/paper"
    photo = bytes(10 * 1024 * 1024 + 1)
    page = rosa.post(path, files={"paper": ("p.jpg", photo, "image/jpeg")}, headers=OWN)
    assert page.status_code in {413, 422}
    assert "Nothing was stored" in page.text
    assert portal.services.parts.papers == []


@pytest.mark.parametrize(
    ("today", "ends"),
    [("2027-05-01", "2027-06-30"), ("2026-06-15", "2027-06-30"), ("2026-11-24", "2027-06-30")],
)
def test_a_consent_is_given_until_the_end_of_the_school_year(today: str, ends: str) -> None:
    assert until_when(date.fromisoformat(today)) == date.fromisoformat(ends)
