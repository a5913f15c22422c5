"""What came of a referral, and why it ended, wherever a person or a program reads it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from contracts.cloudevents import Envelope
from contracts.codes import Outcome, Progress
from contracts.offerings import ProgressReported
from services.referral.consumer import _Subscriber
from tests.referral.build import NOW
from tests.referral.consents.scene import SMILES, Scene, scene_in
from tests.servers import Cell


@pytest.fixture
async def scene(cell: Cell, tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_in(cell, tmp_path) as found:
        yield found


async def reported(scene: Scene, category: str, outcome: Outcome) -> str:
    """Let Smiles take a referral, and say how it ended."""
    await scene.give(categories=[category])
    referral, claim = await scene.taken(category)
    event = ProgressReported(
        referral=referral,
        offer="off-1",
        claim=claim,
        progress=Progress.COMPLETED,
        outcome=outcome,
    )
    envelope = Envelope("e-2", "enlace/partner", event.TYPE, referral, NOW, 2)
    await _Subscriber(scene.desk).reported(event, envelope)
    return referral


async def listed(scene: Scene, path: str, who: str = "rosa") -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = (await scene.done("GET", path, who=who))["items"]
    return found


async def test_the_agencys_outcome_is_in_the_view_the_list_the_timeline_and_the_history(
    scene: Scene,
) -> None:
    referral = await reported(scene, "dental", Outcome.PARTLY_MET)
    path = f"/v1/referrals/{referral}"

    one = await scene.done("GET", path)
    assert (one["state"], one["outcome"], one["reason"]) == ("completed", "partly-met", None)
    assert one["business"] == "awaiting-family", "the family's answer is another fact"
    assert [each["outcome"] for each in await listed(scene, "/v1/referrals")] == ["partly-met"]
    for part in ("timeline", "history"):
        (told,) = [
            each
            for each in await listed(scene, f"{path}/{part}")
            if each["what"] == "referral.completed"
        ]
        assert told["about"]["outcome"] == "partly-met", part


async def test_why_it_rests_or_ended_is_there_too_and_is_gone_once_it_goes_on(
    scene: Scene,
) -> None:
    await scene.give()
    referral, _ = await scene.taken()
    path = f"/v1/referrals/{referral}"
    held = await scene.act(
        referral, "hold", {"reason": "waiting-for-documents", "until": "2026-10-20"}
    )
    assert held.status_code == 200, held.text
    assert (await scene.done("GET", path))["reason"] == "waiting-for-documents"
    assert (await scene.act(referral, "resume")).status_code == 200
    assert (await scene.done("GET", path))["reason"] is None

    assert (await scene.act(referral, "cancel", {"reason": "moved-away"})).status_code == 200
    assert [each["reason"] for each in await listed(scene, "/v1/referrals")] == ["moved-away"]
    for part in ("timeline", "history"):
        (told,) = [
            each
            for each in await listed(scene, f"{path}/{part}")
            if each["what"] == "referral.cancelled"
        ]
        assert told["about"] == {"reason": "moved-away"}, part


async def test_a_reason_to_rest_is_none_of_how_it_ended(scene: Scene) -> None:
    await scene.give()
    referral, claim = await scene.taken()
    await scene.act(referral, "hold", {"reason": "family-asked", "until": "2026-10-20"})
    event = ProgressReported(
        referral=referral,
        offer="off-1",
        claim=claim,
        progress=Progress.COMPLETED,
        outcome=Outcome.NEED_MET,
    )
    envelope = Envelope("e-3", "enlace/partner", event.TYPE, referral, NOW, 3)
    await _Subscriber(scene.desk).reported(event, envelope)
    one = await scene.done("GET", f"/v1/referrals/{referral}")
    assert (one["outcome"], one["reason"]) == ("need-met", None)


async def test_of_a_restricted_need_nobody_else_learns_what_came_of_it(scene: Scene) -> None:
    referral = await reported(scene, "mental-health", Outcome.PARTLY_MET)
    assert await listed(scene, "/v1/referrals", "nurse") == []
    for part in ("", "/timeline", "/history"):
        answer = await scene.call("GET", f"/v1/referrals/{referral}{part}", who="nurse")
        assert answer.status_code == 404
    assert SMILES["agency"] == (await scene.done("GET", f"/v1/referrals/{referral}"))["agency"]
