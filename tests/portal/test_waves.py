"""Asking more places of an open round, and asking one of them no more."""

import httpx2
import pytest

from tests.portal.running import OWN, Portal
from tests.portal.samples import AGENCIES, DENTAL, referral_id
from tests.portal.samples_partners import BUS, CLINIC
from tests.portal.test_ask import text_of

KIM = f"/referrals/{referral_id(8)}"
ASK = f"{KIM}/ask"
OFFERS = f"{KIM}/offers"
PLACE = f"{CLINIC}@{DENTAL}"


def test_the_page_says_who_was_asked_already_and_offers_the_others(
    rosa: httpx2.Client, portal: Portal
) -> None:
    assert f'href="{ASK}"' in rosa.get(OFFERS).text
    page = text_of(rosa.get(ASK))
    assert "Whom else do we ask for Kim L.?" in page
    assert f"Asked already, and still may answer: {AGENCIES[DENTAL]}" in page
    assert f'value="{PLACE}"' in rosa.get(ASK).text
    known = portal.services.find(referral_id(8))
    assert known is not None
    known["candidates"] = [{"service": CLINIC, "agency": DENTAL}]
    assert f'value="{PLACE}"' not in rosa.get(ASK).text, "it is asked already"


def test_more_places_are_asked_now(rosa: httpx2.Client, portal: Portal) -> None:
    form = {"seen": "3", "more": "yes", "later": "", "opens": "2026-11-25T09:00", "only": PLACE}
    done = rosa.post(ASK, data=form, headers=OWN)
    assert done.headers["location"] == f"{OFFERS}?done=waves"
    assert portal.services.posted == [
        (
            f"/v1/referrals/{referral_id(8)}/waves",
            {"candidates": [{"service": CLINIC, "agency": DENTAL}]},
        )
    ]
    assert "Those you asked before still may answer." in rosa.get(done.headers["location"]).text


def test_more_places_are_asked_later_at_the_schools_own_hour(
    rosa: httpx2.Client, portal: Portal
) -> None:
    form = {"seen": "3", "more": "yes", "later": "yes", "opens": "2026-11-25T09:00"}
    done = rosa.post(ASK, data={**form, "place": [PLACE, f"{BUS}@{DENTAL}"]}, headers=OWN)
    assert done.headers["location"] == f"{OFFERS}?done=wave-later"
    ((path, body),) = portal.services.posted
    assert path.endswith("/waves")
    assert body["opens_at"] == "2026-11-25T09:00:00-08:00"
    assert len(body["candidates"]) == 2


def test_an_hour_that_is_none_is_asked_for_with_the_choice_still_there(
    rosa: httpx2.Client, portal: Portal
) -> None:
    form = {"seen": "3", "more": "yes", "later": "yes", "opens": "soon", "place": PLACE}
    page = rosa.post(ASK, data=form, headers=OWN)
    assert page.status_code == 422
    assert "Say on which day and at what hour" in text_of(page)
    assert f'value="{PLACE}" id="p-1" checked' in page.text
    assert portal.services.posted == []


def test_the_offers_tell_each_ones_time_its_reminder_and_what_is_planned(
    rosa: httpx2.Client,
) -> None:
    page = text_of(rosa.get(OFFERS))
    assert "Reminded " in page
    assert "To be asked " in page
    assert "Harbour Dental" in page
    assert "Se preguntará " in text_of(rosa.get(f"{OFFERS}?lang=es"))


def test_one_place_is_asked_no_more(rosa: httpx2.Client, portal: Portal) -> None:
    offer = referral_id(70)
    assert f"{OFFERS}/{offer}/withdraw" in rosa.get(OFFERS).text
    done = rosa.post(f"{OFFERS}/{offer}/withdraw", data={"seen": "4"}, headers=OWN)
    assert done.headers["location"] == f"{OFFERS}?done=withdrawn"
    path = f"/v1/offerings/{referral_id(8)}/offers/{offer}/withdraw"
    assert portal.services.parts.seen == [(path, '"4"')]
    portal.services.refuse = (409, "offer-claimed")
    refused = rosa.post(f"{OFFERS}/{offer}/withdraw", data={"seen": "4"}, headers=OWN)
    assert refused.status_code == 409
    assert "Nothing was changed" in text_of(refused)


def test_a_plan_is_taken_back_alone(rosa: httpx2.Client, portal: Portal) -> None:
    back = f"/referrals/{referral_id(8)}/waves/2/take-back"
    assert f'action="{back}"' in rosa.get(OFFERS).text
    done = rosa.post(back, data={"seen": "4"}, headers=OWN)
    assert done.headers["location"] == f"{OFFERS}?done=planned-back"
    assert "These are not asked." in text_of(rosa.get(done.headers["location"]))
    path = f"/v1/offerings/{referral_id(8)}/waves/2/take-back"
    assert portal.services.parts.seen == [(path, '"4"')]
    portal.services.refuse = (409, "wave-asked")
    refused = rosa.post(back, data={"seen": "4"}, headers=OWN)
    assert refused.status_code == 409
    assert "They were asked already" in text_of(refused)


def test_a_kind_of_need_that_goes_to_one_place_only_has_no_more(
    rosa: httpx2.Client, portal: Portal, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = portal.services.find(referral_id(8))
    assert known is not None
    monkeypatch.setitem(known, "category", "mental-health")
    assert f'href="{ASK}"' not in rosa.get(OFFERS).text
