"""A warm hand-off outside the network in the portal: recorded and closed."""

import re
from typing import Any

import httpx2
import pytest

from tests.portal.running import OWN, Portal
from tests.portal.samples import HANDED, referral_id
from tests.portal.test_new import fields

ID = referral_id(4)
PAGE = f"/referrals/{ID}/hand-off"
GIVEN: dict[str, Any] = {
    "to": HANDED["to"],
    "how": "went-together",
    "handed_at": "2026-11-24T09:30",
    "released": ["name", "need"],
}


def test_a_hand_off_is_recorded_once_with_what_was_told(
    rosa: httpx2.Client, portal: Portal
) -> None:
    assert PAGE in rosa.get(f"/referrals/{ID}").text
    hidden = fields(rosa.get(PAGE).text)
    for _ in range(2):
        done = rosa.post(PAGE, data={**hidden, **GIVEN}, headers=OWN)
        assert done.headers["location"] == f"/referrals/{ID}?done=hand"
    wanted = {
        **GIVEN,
        "hand_off": hidden["hand_off"],
        "handed_at": "2026-11-24T09:30:00-08:00",
    }
    assert portal.services.posted == [(f"/v1/referrals/{ID}/hand-off", wanted)] * 2


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"to": " "}, "Write to whom"),
        ({"how": "by-pigeon"}, "Choose how."),
        ({"handed_at": "soon"}, "Enter when it was."),
    ],
)
def test_what_lacks_is_said_and_what_was_typed_stays(
    rosa: httpx2.Client, portal: Portal, change: dict[str, str], said: str
) -> None:
    hidden = fields(rosa.get(PAGE).text)
    answer = rosa.post(PAGE, data={**hidden, **GIVEN, **change}, headers=OWN)
    assert answer.status_code == 422
    assert said in answer.text
    assert re.search(r'value="need" checked', answer.text)
    assert portal.services.posted == []


@pytest.mark.parametrize(
    ("refused", "says"),
    [
        ("consent-missing", "Get one, or untick what you told."),
        ("consent-in-doubt", "Ask who cares for the child now, or untick what you told."),
    ],
)
def test_without_a_consent_it_says_the_way_out(
    rosa: httpx2.Client, portal: Portal, refused: str, says: str
) -> None:
    portal.services.refuse = (409, refused)
    hidden = fields(rosa.get(PAGE).text)
    answer = rosa.post(PAGE, data={**hidden, **GIVEN}, headers=OWN)
    assert answer.status_code == 409
    assert says in answer.text
    assert HANDED["to"] in answer.text
    assert "Was it told already?" in answer.text


def test_only_after_that_refusal_it_asks_whether_it_was_told_already(
    rosa: httpx2.Client, portal: Portal
) -> None:
    assert "without_consent" not in rosa.get(PAGE).text
    portal.services.refuse = (409, "consent-missing")
    hidden = fields(rosa.get(PAGE).text)
    page = rosa.post(PAGE, data={**hidden, **GIVEN}, headers=OWN).text
    assert "Was it told already?" in page
    portal.services.refuse = None
    why = "I phoned the clinic first"

    short = rosa.post(PAGE, data={**hidden, **GIVEN, "without_consent": "x"}, headers=OWN)
    done = rosa.post(PAGE, data={**hidden, **GIVEN, "without_consent": why}, headers=OWN)

    assert short.status_code == 422
    assert "Say in a few words why" in short.text
    assert done.headers["location"] == f"/referrals/{ID}?done=hand"
    assert portal.services.posted[-1][1]["without_consent"] == why


@pytest.mark.parametrize(
    ("by", "says"),
    [("coordinator-01", "You told it yourself"), ("coordinator-02", "I have looked at this")],
)
def test_what_was_told_without_a_consent_is_looked_at_by_somebody_else(
    rosa: httpx2.Client, portal: Portal, by: str, says: str
) -> None:
    known = portal.services.find(ID)
    assert known is not None
    known |= {"state": "accepted", "hand_off": referral_id(62)}
    portal.services.handed |= {"by": by, "consented": False, "without_consent": "In a hurry"}

    page = rosa.get(PAGE).text
    assert "This was told without a consent: In a hurry" in page
    assert says in page

    done = rosa.post(f"{PAGE}/seen", headers=OWN)
    assert done.status_code == 303
    assert portal.services.posted[-1] == (f"/v1/referrals/{ID}/hand-off/seen", {})


def test_it_is_closed_with_how_it_ended(rosa: httpx2.Client, portal: Portal) -> None:
    known = portal.services.find(ID)
    assert known is not None
    known |= {"state": "accepted", "hand_off": referral_id(62)}
    assert "outside the network" in rosa.get(f"/referrals/{ID}").text
    page = rosa.get(PAGE).text
    assert HANDED["to"] in page
    body = {**fields(page), "outcome": "need-met"}
    done = rosa.post(f"{PAGE}/close", data=body, headers=OWN)
    assert done.status_code == 303
    assert portal.services.posted == [
        (f"/v1/referrals/{ID}/hand-off/close", {"outcome": "need-met"})
    ]
    assert rosa.post(f"{PAGE}/close", data={"seen": "3"}, headers=OWN).status_code == 422


def test_nobody_but_a_coordinator_records_one(anybody: httpx2.Client, portal: Portal) -> None:
    portal.sign_in(anybody, "nurse-01")
    assert anybody.get(PAGE).status_code == 403
