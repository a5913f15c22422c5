"""Where attendance codes are all that an agency returns, its pages ask for no more."""

import httpx2

from tests.portal.running import OWN, Portal
from tests.portal.samples import TOKEN

CARD = f"/a/{TOKEN}"
CAME = {"progress": "completed", "outcome": "attended"}


def test_where_attendance_is_all_that_is_told_the_pages_ask_for_no_more(
    anybody: httpx2.Client, portal: Portal
) -> None:
    portal.services.card |= {"codes_alone": True}
    why = anybody.get(f"{CARD}/decline").text
    assert "<textarea" not in why
    how = anybody.get(f"{CARD}/progress").text
    assert "They came, and it is done" in how
    assert "<select" not in how
    assert "Solo anotamos si vino" in anybody.get(f"{CARD}/progress?lang=es").text
    anybody.post(f"{CARD}/progress", data=CAME, headers=OWN)
    assert portal.services.posted == [("/v1/answers/progress", CAME)]
