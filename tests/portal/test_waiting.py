"""Who waits for a seat: the order with its reasons, and by which policy it is."""

import httpx2
import pytest

from tests.portal.running import OWN, Portal
from tests.portal.samples import referral_id
from tests.portal.samples_partners import BUS, CLINIC
from tests.portal.test_ask import text_of

WAITS = f"/partners/seats/{CLINIC}/waitlist"


def test_each_who_waits_stands_in_order_with_the_reasons(rosa: httpx2.Client) -> None:
    page = text_of(rosa.get(WAITS))
    assert "3 children wait for a seat" in page
    assert "Usual wait: about 3 weeks, from 14 promotions" in page
    assert "Ana R. , grade 3 Urgent · Has waited 9 days" in page
    assert "2. Waits since 15 November A child whom you may not see Has waited 9 days" in page
    assert f"/referrals/{referral_id(3)}" in rosa.get(WAITS).text
    assert "Urgente · Espera desde hace 9 días" in text_of(rosa.get(f"{WAITS}?lang=es"))


def test_the_board_leads_to_it_and_tells_the_usual_wait(rosa: httpx2.Client) -> None:
    page = rosa.get("/partners/seats")
    assert f"{WAITS}?site=site-01" in page.text
    assert "usual wait: about 3 weeks, from 14 promotions" in text_of(page)


@pytest.mark.parametrize(("chosen", "sent"), [("sibling", "sibling"), ("district", None)])
def test_who_goes_first_is_chosen_on_the_version_that_was_seen(
    chosen: str, sent: str | None, rosa: httpx2.Client, portal: Portal
) -> None:
    typed = {"site": "site-01", "seen": "4", "policy": chosen}
    done = rosa.post(WAITS, data=typed, headers=OWN)
    assert done.headers["location"] == f"{WAITS}?site=site-01&done=policy"
    path = f"/v1/capacities/{CLINIC}/site-01/waitlist-policy"
    assert portal.services.partners.puts == [(path, {"policy": sent}, '"4"')]


def test_where_the_agreement_decides_nothing_is_offered(
    rosa: httpx2.Client, portal: Portal
) -> None:
    portal.services.partners.waitlist["chosen_by"] = "agreement"
    page = rosa.get(WAITS).text
    assert "The agreement says so." in page
    assert 'name="policy"' not in page
    portal.services.refuse = (409, "policy-agreed")
    typed = {"site": "site-01", "seen": "4", "policy": "tier"}
    refused = rosa.post(WAITS, data=typed, headers=OWN)
    assert refused.status_code == 409
    assert "Nothing was changed: choose another." in refused.text


def test_another_schools_waitlist_is_not_found(rosa: httpx2.Client) -> None:
    assert rosa.get(f"{WAITS}?site=site-99").status_code == 404
    assert rosa.get(f"/partners/seats/{BUS}/waitlist").status_code == 404
