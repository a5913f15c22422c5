"""An offer that is closed to its agency: told no more of, and acted on no more, by any door."""

from datetime import timedelta
from typing import Any

import pytest

from tests.partner.district import District
from tests.partner.test_batches import Page, asked


async def close(district: District, how: str) -> dict[str, Any]:
    """Close an offer that a question was asked of; returns its card as it is then."""
    smiles, bus = await district.provider("Smiles", seats=3), await district.provider("Bus")
    await district.offer(smiles, bus)
    await district.answer(smiles, "question", {"topics": ["age"]})
    before = await district.show(smiles)
    assert before["bands"] is not None
    assert before["questions"]
    if how == "taken":
        await district.answer(bus, "claim")
    elif how == "declined":
        await district.answer(smiles, "decline", {"reason": "no-capacity"})
    else:
        district.clock.advance(timedelta(days=3))
    seats = {"available": 9, "version": before["seats"]["version"]}
    refused = await district.post(smiles, "seats", seats)
    assert refused.status_code == 409
    slug = "taken" if how == "taken" else "offer-closed"
    assert refused.json()["type"].endswith(slug)
    return await district.show(smiles)


@pytest.mark.parametrize("how", ["taken", "declined", "expired"])
async def test_its_link_tells_no_more_of_the_family_and_takes_no_seats(
    district: District, how: str
) -> None:
    card = await close(district, how)
    assert (card["state"], card["bands"], card["questions"]) == (how, None, [])
    assert card["seats"]["available"] == 3, "the figure stands"


async def test_the_page_of_many_tells_no_more_of_those_that_are_closed(district: District) -> None:
    smiles = await district.provider("Smiles", seats=9)
    await asked(district, smiles, 2)
    page = await Page.told(district)
    taken = await district.http.post(
        "/v1/batch-answers/take", json={"take": 1, "turn": 0}, headers=page.link
    )
    assert taken.status_code == 200, taken.text
    district.clock.advance(timedelta(days=3))
    shown = (await district.http.get("/v1/batch-answers", headers=page.link)).json()
    assert {each["ours"]: each["bands"] is not None for each in shown["rows"]} == {
        True: True,
        False: False,
    }
