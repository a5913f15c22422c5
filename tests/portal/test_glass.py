"""Emergency access on the pages: found by name, opened with a reason, reviewed by the lead."""

import httpx2
import pytest

from tests.portal.running import OWN, Portal
from tests.portal.samples import ago, referral_id
from tests.portal.samples_records import OPENING, opener

REASON = "Her grandmother stands at our door and asks for the appointment"
CHILD = referral_id(52)


def found(rosa: httpx2.Client, name: str = "Luis Prado", reason: str = REASON) -> httpx2.Response:
    return rosa.post("/openings/find", data={"name": name, "reason": reason}, headers=OWN)


def test_a_child_of_another_school_is_found_by_name_and_opened_with_the_reason(
    rosa: httpx2.Client, portal: Portal
) -> None:
    answer = found(rosa)
    assert answer.status_code == 200
    assert "Luis Prado · Cesar Chavez Elementary" in answer.text
    assert portal.services.posted == [
        ("/v1/break-glass/search", {"name": "Luis Prado", "reason": REASON})
    ]
    typed = {"student": CHILD, "opening": referral_id(70), "name": "Luis Prado", "reason": REASON}
    done = rosa.post("/openings/new", data=typed, headers=OWN)
    assert (done.status_code, done.headers["location"]) == (303, f"/openings/children/{CHILD}")
    assert portal.services.parts.puts == [
        (f"/v1/break-glass/{referral_id(70)}", {"student": CHILD, "reason": REASON})
    ]


def test_what_was_opened_shows_the_needs_with_the_way_to_each(rosa: httpx2.Client) -> None:
    page = rosa.get(f"/openings/children/{CHILD}").text
    assert "Each page that you open is written down." in page
    assert f'href="/referrals/{referral_id(2)}"' in page


def test_a_name_stands_in_no_address_and_what_was_typed_stays(
    rosa: httpx2.Client, portal: Portal
) -> None:
    answer = found(rosa, "Prado", "curious")
    assert answer.status_code == 422
    assert 'value="Prado"' in answer.text
    assert ">curious</textarea>" in answer.text
    assert "a sentence of 20 to 500 characters" in answer.text
    assert not any("Prado" in path for path, _ in portal.services.asked)
    nobody = found(rosa, "Nadie Conocida")
    assert "No child of the district has this name." in nobody.text


def test_whose_role_may_not_is_told_whom_to_call(rosa: httpx2.Client, portal: Portal) -> None:
    portal.services.refuse = (403, "forbidden")
    typed = {"student": CHILD, "name": "Luis Prado", "reason": REASON}
    assert rosa.post("/openings/new", data=typed, headers=OWN).status_code == 403


def test_the_lead_sees_what_nobody_has_reviewed_and_what_was_found(
    rosa: httpx2.Client, portal: Portal
) -> None:
    assert 'href="/openings"' in rosa.get("/").text
    page = rosa.get("/openings").text
    assert "Not reviewed yet" in page
    assert f'href="/openings/{OPENING}"' in page
    assert "Ana Ramírez" in rosa.get(f"/openings/{OPENING}").text
    portal.services.parts.opening["review"] = {"at": ago(hours=1), "by": "x", "justified": False}
    page = rosa.get("/openings?lang=es").text
    assert "Revisados" in page
    assert "Sin revisar" not in page


@pytest.mark.parametrize(
    ("status", "slug"), [(429, "break-glass-too-often"), (403, "break-glass-suspended")]
)
def test_who_is_turned_away_reads_what_to_do_next_on_the_form(
    rosa: httpx2.Client, portal: Portal, status: int, slug: str
) -> None:
    portal.services.refuse = (status, slug)
    answer = found(rosa)
    assert answer.status_code == 422
    assert "Nothing was changed: choose another." in answer.text, "the service's own words"
    assert 'value="Luis Prado"' in answer.text


def test_the_lead_sees_who_looked_how_often_and_who_is_suspended(
    rosa: httpx2.Client, portal: Portal
) -> None:
    page = rosa.get("/openings").text
    assert "María Quiroga" in page
    assert "Names looked up in 30 days: 3. Turned away: 1." in page
    review = {"at": ago(hours=1), "by": "x", "justified": False}
    held = opener(suspended=True, suspended_until="2026-12-22T17:00:00Z", suspended_for=OPENING)
    portal.services.parts.opening |= {"review": review, "opener": held}
    for path in ("/openings", f"/openings/{OPENING}"):
        assert "22" in rosa.get(path).text.split("opens no record in an emergency until")[1][:20]
    assert "/let-again" not in rosa.get(f"/openings/{OPENING}").text
    assert "hasta que la administración" in rosa.get("/openings?lang=es").text


def test_an_administrator_lets_somebody_open_records_again(
    anybody: httpx2.Client, portal: Portal
) -> None:
    review = {"at": ago(hours=1), "by": "x", "justified": False}
    held = opener(suspended=True, suspended_for=OPENING)
    portal.services.parts.opening |= {"review": review, "opener": held}
    portal.sign_in(anybody, "admin")
    path = f"/openings/{OPENING}/let-again"
    assert f'action="{path}"' in anybody.get(f"/openings/{OPENING}").text
    done = anybody.post(path, headers=OWN)
    assert (done.status_code, done.headers["location"]) == (303, f"/openings/{OPENING}")
    assert portal.services.posted == [(f"/v1/break-glass/{OPENING}/let-again", {})]
    assert "/let-again" not in anybody.get(f"/openings/{OPENING}").text


@pytest.mark.parametrize("path", ["/openings", "/openings/new", f"/openings/children/{CHILD}"])
def test_it_is_for_staff_who_are_signed_in(
    anybody: httpx2.Client, portal: Portal, path: str
) -> None:
    assert anybody.get(path).status_code == 303
    portal.sign_in(anybody, "lead-01")
    assert anybody.get(path).status_code == 403
