"""The page on which an agency tells how it goes with a child that it has taken."""

import httpx2
import pytest

from tests.portal.running import OWN, Portal
from tests.portal.samples import TOKEN, accepted_card

CARD = f"/a/{TOKEN}"


@pytest.mark.parametrize(
    ("told", "outcome"), [("completed", "partly-met"), ("failed", "client-declined")]
)
def test_help_that_was_given_ends_apart_from_help_that_was_not(
    anybody: httpx2.Client, portal: Portal, told: str, outcome: str
) -> None:
    portal.services.card = accepted_card()
    page = anybody.get(f"{CARD}/progress").text
    form = next(each for each in page.split("<form")[1:] if f'value="{told}"' in each)
    assert f'value="{outcome}"' in form
    anybody.post(f"{CARD}/progress", data={"progress": told, "outcome": outcome}, headers=OWN)
    assert portal.services.posted == [
        ("/v1/answers/progress", {"progress": told, "outcome": outcome})
    ]


def test_an_end_without_its_outcome_is_asked_again(anybody: httpx2.Client, portal: Portal) -> None:
    portal.services.card = accepted_card()
    for outcome in ("", "client-declined"):
        body = {"progress": "completed", "outcome": outcome}
        answer = anybody.post(f"{CARD}/progress", data=body, headers=OWN)
        assert answer.status_code == 422
        assert "Choose how it ended" in answer.text
    assert portal.services.posted == []
