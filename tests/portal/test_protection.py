"""Child-protection reports on the pages: written down, called, sent; and seen nowhere else."""

import httpx2
import pytest

from tests.portal.running import OWN, Portal
from tests.portal.samples import ago, referral_id
from tests.portal.samples_records import REPORT, report

WORDS = "She told me about bruises on her arm."
CHILD = referral_id(80)


def post(browser: httpx2.Client, path: str, **fields: str) -> httpx2.Response:
    return browser.post(path, data=fields, headers=OWN)


def test_what_was_seen_is_written_down_once_and_the_hotline_stands_first(
    rosa: httpx2.Client, portal: Portal
) -> None:
    assert "County line, (510) 555-0199" in rosa.get("/protection/new").text
    found = post(rosa, "/protection/find", q="ana")
    assert f'href="/protection/new?student={CHILD}"' in found.text
    assert post(rosa, "/protection/new", report=REPORT, student=CHILD, words=" ").status_code == 422
    done = post(rosa, "/protection/new", report=REPORT, student=CHILD, words=WORDS)
    assert done.headers["location"] == f"/protection/{REPORT}?done=reported"
    assert portal.services.parts.puts == [
        (f"/v1/protection-reports/{REPORT}", {"student": CHILD, "words": WORDS})
    ]


def test_the_call_then_the_written_report_are_entered_with_their_times(
    rosa: httpx2.Client, portal: Portal
) -> None:
    assert "Call the hotline now" in rosa.get(f"/protection/{REPORT}").text
    post(rosa, f"/protection/{REPORT}/called", at="2026-11-24T09:00", reference="A-7")
    portal.services.parts.report = report(
        next_step="file-the-written-report", called_at=ago(hours=1), due_at=ago(hours=-35)
    )
    page = rosa.get(f"/protection/{REPORT}").text
    assert "It must be in by Wednesday 25 November, 9:00 PM." in page
    post(rosa, f"/protection/{REPORT}/filed", at="2026-11-24T09:30")
    post(rosa, f"/protection/{REPORT}/called", at="2026-11-24T08:30", correct="yes")
    path = f"/v1/protection-reports/{REPORT}"
    assert portal.services.posted == [
        (f"{path}/called", {"at": "2026-11-24T09:00:00-08:00", "reference": "A-7"}),
        (f"{path}/filed", {"at": "2026-11-24T09:30:00-08:00"}),
        (f"{path}/called", {"at": "2026-11-24T08:30:00-08:00", "correct": True}),
    ]


def test_a_time_that_is_missing_is_asked_for_again(rosa: httpx2.Client, portal: Portal) -> None:
    page = post(rosa, f"/protection/{REPORT}/called", at="")
    assert page.status_code == 422
    assert "Enter when it was. Nothing was recorded." in page.text
    assert portal.services.posted == []


def test_nothing_of_it_stands_on_a_referral_or_the_familys_page(
    rosa: httpx2.Client, portal: Portal
) -> None:
    for part in ("", "/contacts", "/follow-ups", "/consent", "/notes", "/seen"):
        page = rosa.get(f"/referrals/{referral_id(2)}{part}").text
        assert "bruises" not in page
        assert "/protection/" not in page
    asked = [path for path, _ in portal.services.asked]
    assert not any("protection" in path for path in asked)


@pytest.mark.parametrize("who", ["principal-01", "dental-desk", "teacher-01"])
def test_it_is_not_open_to_other_roles(who: str, portal: Portal) -> None:
    with portal.client() as other:
        portal.sign_in(other, who)
        for path in ("/protection", "/protection/new", f"/protection/{REPORT}"):
            assert other.get(path).status_code == 403
