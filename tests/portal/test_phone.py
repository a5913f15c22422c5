"""An agency's answer by telephone in the portal: recorded, told, contested."""

import httpx2
import pytest

from tests.portal.running import OWN, Portal
from tests.portal.samples import AGENCIES, DENTAL, TOKEN, entry, referral_id, sample_card

PAGE = f"/referrals/{referral_id(8)}/phone"
SAID = {
    "seen": "4",
    "offer": referral_id(70),
    "answer": "yes",
    "said_by": "Dana Frost",
    "said_at": "2026-11-24T09:55",
}


def test_a_yes_by_telephone_is_recorded_with_who_said_it_and_when(
    rosa: httpx2.Client, portal: Portal
) -> None:
    assert PAGE in rosa.get(f"/referrals/{referral_id(8)}").text
    form = rosa.get(PAGE).text
    assert AGENCIES[DENTAL] in form
    assert ">Other<" not in form, "who has answered is not asked"
    assert 'value="2026-11-24T10:00"' in form
    done = rosa.post(PAGE, data=SAID, headers=OWN)
    assert done.headers["location"] == f"/referrals/{referral_id(8)}?done=told"
    assert portal.services.posted == [
        (
            f"/v1/offerings/{referral_id(8)}/offers/{referral_id(70)}/told",
            {"answer": "yes", "said_by": "Dana Frost", "said_at": "2026-11-24T09:55:00-08:00"},
        )
    ]


def test_a_no_has_its_reason(rosa: httpx2.Client, portal: Portal) -> None:
    rosa.post(PAGE, data={**SAID, "answer": "no-capacity"}, headers=OWN)
    assert portal.services.posted[0][1]["reason"] == "no-capacity"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"offer": ""}, "Choose who answered."),
        ({"answer": "maybe"}, "Choose what they said."),
        ({"said_by": " "}, "Write the name of who said it"),
        ({"said_at": "yesterday"}, "Enter when they said it."),
    ],
)
def test_what_lacks_is_said_and_what_was_typed_stays(
    rosa: httpx2.Client, portal: Portal, change: dict[str, str], said: str
) -> None:
    answer = rosa.post(PAGE, data={**SAID, **change}, headers=OWN)
    assert answer.status_code == 422
    assert said in answer.text
    assert portal.services.posted == []


@pytest.mark.parametrize("slug", ["no-seat", "offer-closed", "time-said"])
def test_a_refusal_says_what_to_do(rosa: httpx2.Client, portal: Portal, slug: str) -> None:
    portal.services.refuse = (409, slug)
    answer = rosa.post(PAGE, data=SAID, headers=OWN)
    assert answer.status_code == 409
    assert "Dana Frost" in answer.text


def test_the_timeline_says_that_it_was_recorded_by_hand_and_by_whom(
    rosa: httpx2.Client, portal: Portal
) -> None:
    portal.services.timeline = [
        entry("e1", "offering.claimed", agency=DENTAL, recorded_by="rosa"),
    ]
    page = rosa.get(f"/referrals/{referral_id(8)}").text
    assert f"{AGENCIES[DENTAL]} said yes by phone; rosa wrote it down." in page


def test_the_agency_sees_it_and_contests_it(anybody: httpx2.Client, portal: Portal) -> None:
    hand = {
        "by": "rosa",
        "said_by": "Dana Frost",
        "said_at": "2026-11-24T17:55:00+00:00",
        "recorded_at": "2026-11-24T18:00:00+00:00",
        "contested_at": None,
    }
    portal.services.card = sample_card(
        state="claimed", claim_state="pending", by_hand=hand, next_actions=["seats", "contest"]
    )
    page = anybody.get(f"/a/{TOKEN}").text
    assert "Dana Frost" in page
    assert "We did not say that" in page
    done = anybody.post(f"/a/{TOKEN}/contest", headers=OWN)
    assert portal.services.posted == [("/v1/answers/contest", {})]
    assert "the school will call you" in anybody.get(done.headers["location"]).text
