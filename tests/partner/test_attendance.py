"""Mental-health and other restricted agencies return attendance codes alone, whichever way."""

from typing import Any

import pytest

from contracts.codes import OfferReply
from contracts.rules import CategoriesChanged
from services.chassis.needs import AS_SHIPPED
from tests.partner.district import District, Provider
from tests.partner.test_by_hand import slug
from tests.partner.test_replies import text


async def with_child(district: District, category: str = "mental-health") -> tuple[Provider, str]:
    """Enter an agency, and let it take a child; returns it with the referral."""
    calm = await district.provider("Calm", category=category)
    referral = await district.offer(calm)
    await district.answer(calm, "claim")
    await district.accept(referral)
    return calm, referral


async def told(district: District) -> list[tuple[str, str | None]]:
    reports = await district.told("ProgressReported")
    return [(each.progress, each.outcome) for each in reports]


@pytest.mark.parametrize("category", ["mental-health", "substance-use"])
async def test_that_they_came_is_all_that_is_told(category: str, district: District) -> None:
    calm, _ = await with_child(district, category)
    assert (await district.show(calm))["codes_alone"] is True
    ended = {"progress": "completed", "outcome": "partly-met"}
    refused = await district.post(calm, "progress", ended)
    assert (refused.status_code, slug(refused)) == (409, "attendance-only")
    assert "whether the child came" in refused.json()["detail"]
    assert await told(district) == [], "nothing was changed"
    for _ in range(2):
        await district.answer(calm, "progress", {"progress": "completed"})
    assert await told(district) == [("completed", "attended")]


async def test_an_end_without_the_help_is_told_without_why(district: District) -> None:
    calm, _ = await with_child(district)
    said = {"progress": "failed", "outcome": "client-declined"}
    refused = await district.post(calm, "progress", said)
    assert (refused.status_code, refused.json()["type"].rpartition("/")[2]) == (
        409,
        "attendance-only",
    )
    await district.answer(calm, "progress", {"progress": "failed", "outcome": "other"})
    assert await told(district) == [("failed", "other")]


async def test_by_text_it_is_the_same_code(district: District) -> None:
    calm, referral = await with_child(district)
    await text(district, referral, calm, OfferReply.COMPLETED)
    assert await told(district) == [("completed", "attended")]


@pytest.mark.parametrize("progress", ["no-show", "could-not-contact", "started"])
async def test_what_else_happened_is_a_code_of_its_own(progress: str, district: District) -> None:
    calm, _ = await with_child(district)
    await district.answer(calm, "progress", {"progress": progress})
    assert await told(district) == [(progress, None)]


@pytest.mark.parametrize(
    "body",
    [{"reason": "other", "words": "Marked words"}, {"reason": "no-capacity", "words": "Marked"}],
)
async def test_a_no_is_a_code_and_takes_no_words(body: dict[str, Any], district: District) -> None:
    calm = await district.provider("Calm", category="mental-health")
    await district.offer(calm)
    refused = await district.post(calm, "decline", body)
    assert (refused.status_code, slug(refused)) == (409, "attendance-only")
    assert (await district.answer(calm, "decline", {"reason": "no-capacity"}))[
        "state"
    ] == "declined"


async def test_what_is_restricted_is_the_districts_to_say(district: District) -> None:
    needs = tuple(
        each.model_copy(update={"restricted": each.restricted or each.code == "dental"})
        for each in AS_SHIPPED.values()
    )
    await district.lay_down(CategoriesChanged(part="categories", version=2, needs=needs))
    smiles, _ = await with_child(district, "dental")
    assert (await district.show(smiles))["codes_alone"] is True
    await district.answer(smiles, "progress", {"progress": "completed"})
    assert await told(district) == [("completed", "attended")]


async def test_an_agency_of_any_other_need_tells_how_it_ended(district: District) -> None:
    smiles, _ = await with_child(district, "dental")
    assert (await district.show(smiles))["codes_alone"] is False
    ended = {"progress": "completed", "outcome": "partly-met"}
    await district.answer(smiles, "progress", ended)
    assert await told(district) == [("completed", "partly-met")]
