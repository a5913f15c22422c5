"""Staff put an entry of the directory right: its service, its hours, its people and phones."""

from typing import Any

import httpx2
import pytest

from services.partner.api.agencies import AgencyBody
from services.partner.api.services import ServiceBody
from services.portal.model.entry_draft import draft_of
from tests.portal.running import OWN, Portal
from tests.portal.samples import DENTAL, referral_id
from tests.portal.samples_partners import CLINIC, sample_services
from tests.portal.test_ask import text_of

PAGE = f"/partners/services/{CLINIC}/change"
AGENCY = f"/partners/agencies/{DENTAL}/change"
WEEK = ["08:30", "08:30", "08:30", "", "", "", ""], ["17:00", "17:00", "17:00", "", "", "", ""]
TYPED: dict[str, Any] = {
    "seen": "1",
    "name": "Children's dental clinic",
    "description": "Check-ups, fillings and pain.\nNo judgement.",
    "category": "dental",
    "also": ["medical"],
    "sites": ["site-01"],
    "languages": ["es", "en"],
    "youngest": "2",
    "oldest": "18",
    "insurance": ["medi-cal", "none", "kaiser"],
    "zips": "94601, 94606",
    "interpreter": "yes",
    "cost": "sliding-scale",
    "opens": WEEK[0],
    "closes": WEEK[1],
    "phones": [""],
}


def sent(portal: Portal) -> tuple[str, Any, str]:
    ((path, body, seen),) = portal.services.partners.puts
    return path, body, seen


def test_the_form_begins_with_what_is_known(rosa: httpx2.Client) -> None:
    page = rosa.get(PAGE)
    assert "Put right: Children's dental clinic" in text_of(page)
    assert "It came from san-mateo. What you change here stays" in text_of(page)
    assert 'name="opens" value="08:30"' in page.text
    assert 'name="zips" maxlength="3500" value="94601, 94606"' in page.text
    assert f'{PAGE}"' in rosa.get(f"/partners/services/{CLINIC}").text


def test_what_was_not_changed_is_not_sent(rosa: httpx2.Client, portal: Portal) -> None:
    done = rosa.post(PAGE, data=TYPED, headers=OWN)
    assert done.headers["location"] == f"/partners/services/{CLINIC}?done=entry"
    path, body, seen = sent(portal)
    assert (path, seen) == (f"/v1/services/{CLINIC}", '"1"')
    assert "terms" not in body
    assert "locations" not in body
    known = next(each for each in sample_services() if each["id"] == CLINIC)
    assert {name: known[name] for name in body} == body
    ServiceBody.model_validate(body)


def test_hours_languages_eligibility_and_phones_are_put_right(
    rosa: httpx2.Client, portal: Portal
) -> None:
    typed = {
        **TYPED,
        "name": "  Dental clinic for children ",
        "languages": ["es", "vi"],
        "oldest": "12.5",
        "last_grade": "06",
        "opens": [*WEEK[0][:2], "10:00", "", "", "09:00", ""],
        "closes": [*WEEK[1][:2], "12:00", "", "", "13:00", ""],
        "phones": ["+1 510 555 0188, (510) 555-0189"],
    }
    assert rosa.post(PAGE, data=typed, headers=OWN).status_code == 303
    _, body, _ = sent(portal)
    read = ServiceBody.model_validate(body)
    assert (read.name, read.languages, read.maximum_age) == (
        "Dental clinic for children",
        ("es", "vi"),
        12.5,
    )
    assert read.terms is not None
    assert (read.terms.last_grade, read.terms.zips) == ("06", ("94601", "94606"))
    hours = [(each.day, each.opens_at, each.closes_at) for each in read.terms.hours]
    assert hours == [
        ("MO", "08:30", "17:00"),
        ("TU", "08:30", "17:00"),
        ("WE", "10:00", "12:00"),
        ("SA", "09:00", "13:00"),
    ]
    assert read.locations is not None
    (place,) = read.locations
    assert (place.name, place.lines) == ("Main office", ("12 Alder Street",))
    assert place.phones == ("+15105550188", "+15105550189")


def test_a_second_span_of_a_day_stays() -> None:
    known = sample_services()[0]
    later = {"day": "MO", "opens_at": "18:00", "closes_at": "20:00"}
    known["terms"]["hours"].append(later)
    body = draft_of({**known, "name": "Another"}).body(known)
    assert "terms" not in body
    known["terms"]["cost"] = "free"
    draft = draft_of(known)
    changed = draft.body({**known, "terms": {**known["terms"], "cost": None}})
    assert later in changed["terms"]["hours"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": " "}, "Write a name of at most 200 characters"),
        ({"youngest": "19"}, "Write ages in years from 0 to 130"),
        ({"oldest": "old"}, "Write ages in years from 0 to 130"),
        ({"first_grade": "06", "last_grade": "KG"}, "The highest grade is below the lowest one"),
        ({"zips": "946, 94606"}, "Write ZIP codes of five figures"),
        ({"opens": ["18:00"], "closes": ["17:00"]}, "Write for each day when it opens"),
        ({"opens": ["08:00"], "closes": [""]}, "Write for each day when it opens"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    typed: dict[str, Any], said: str, rosa: httpx2.Client, portal: Portal
) -> None:
    page = rosa.post(PAGE, data={**TYPED, "description": "Typed", **typed}, headers=OWN)
    assert page.status_code == 422
    assert said in text_of(page)
    assert "Typed</textarea>" in page.text
    assert portal.services.partners.puts == []


def test_a_refusal_is_told_on_the_form_in_the_readers_language(
    rosa: httpx2.Client, portal: Portal
) -> None:
    portal.services.refuse = (412, "stale-version")
    page = rosa.post(f"{PAGE}?lang=es", data={**TYPED, "name": "Otro nombre"}, headers=OWN)
    assert page.status_code == 412
    assert 'value="Otro nombre"' in page.text
    assert "Corregir: Children" in text_of(page)


PEOPLE: dict[str, Any] = {
    "seen": "3",
    "name": "Riverbend Family Dental",
    "description": "Dentists for children since 1998.",
    "website": "https://riverbend.example.org",
    "who": [referral_id(25), referral_id(26), referral_id(27)],
    "person": ["Dana Frost", "Lee Sample", ""],
    "phone": ["(510) 555-0100", "", ""],
    "email": ["dana@example.org", "lee@example.org", ""],
    "reads": ["en", "es", "en"],
    "preferred": ["sms", "email", "email"],
}


def test_an_agencys_people_and_their_phones_are_put_right(
    rosa: httpx2.Client, portal: Portal
) -> None:
    page = rosa.get(AGENCY)
    assert 'value="+15105550177"' in page.text
    done = rosa.post(AGENCY, data=PEOPLE, headers=OWN)
    assert done.headers["location"] == f"/partners/agencies/{DENTAL}?done=entry"
    path, body, seen = sent(portal)
    assert (path, seen) == (f"/v1/agencies/{DENTAL}", '"3"')
    read = AgencyBody.model_validate(body)
    people = [(each.name, each.phone, each.email, each.reads) for each in read.contacts]
    assert people == [
        ("Dana Frost", "+15105550100", "dana@example.org", "en"),
        ("Lee Sample", None, "lee@example.org", "es"),
    ]


def test_a_phone_without_a_name_is_asked_whose_it_is(rosa: httpx2.Client, portal: Portal) -> None:
    page = rosa.post(AGENCY, data={**PEOPLE, "person": ["", "", ""]}, headers=OWN)
    assert page.status_code == 422
    assert "Write each person\u2019s name" in text_of(page)
    assert portal.services.partners.puts == []


def test_somebody_is_taken_out_by_emptying_the_lines(rosa: httpx2.Client, portal: Portal) -> None:
    none = {**PEOPLE, "person": ["", "", ""], "phone": ["", "", ""], "email": ["", "", ""]}
    assert rosa.post(AGENCY, data=none, headers=OWN).status_code == 303
    assert sent(portal)[1]["contacts"] == []


def test_only_who_leads_puts_entries_right(anybody: httpx2.Client, portal: Portal) -> None:
    portal.sign_in(anybody, "nurse-01")
    for page in (PAGE, AGENCY):
        assert anybody.get(page).status_code == 403
        assert page not in anybody.get(page.removesuffix("/change")).text
