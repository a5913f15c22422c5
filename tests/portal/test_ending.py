"""What of agreements runs out, on the list of today of those who answer for a school."""

import httpx2

from tests.portal.running import Portal
from tests.portal.samples_partners import LIVE, deadline
from tests.portal.test_ask import text_of

SOON = deadline("insurance", "2026-12-03", 10)
LATE = deadline("Rooms are <ready>", "2026-11-01", -22, "milestone")


def test_what_runs_out_stands_on_the_list_of_today(rosa: httpx2.Client, portal: Portal) -> None:
    assert "runs out soon" not in rosa.get("/").text
    portal.services.partners.deadlines = [LATE, SOON]
    page = rosa.get("/")
    said = text_of(page)
    assert "2 papers and milestones of agreements run out soon" in said
    assert "Riverbend Family Dental: liability insurance runs out on 3 December" in said
    assert "“Rooms are <ready>” was for 1 November" in said
    assert "<ready>" not in page.text
    assert f'href="/partners/agreements/{LIVE}"' in page.text


def test_a_schools_lead_sees_it_without_a_way_to_pages_that_are_not_theirs(
    anybody: httpx2.Client, portal: Portal
) -> None:
    portal.services.partners.deadlines = [SOON]
    portal.sign_in(anybody, "principal-01")
    page = anybody.get("/")
    assert "insurance runs out on 3 December" in text_of(page)
    assert "/partners/agreements" not in page.text


def test_it_is_told_in_spanish(rosa: httpx2.Client, portal: Portal) -> None:
    portal.services.partners.deadlines = [SOON]
    said = text_of(rosa.get("/?lang=es"))
    assert "1 documento o hito de convenios vence pronto" in said
    assert "vence el 3 de diciembre" in said
