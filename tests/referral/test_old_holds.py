"""Holds that an earlier build stored without a time of waking, on a real database."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from services.referral.handlers.referrals import wake_forgotten
from services.referral.model.referral import Referral, State
from tests.referral.consents.scene import Scene, scene_in
from tests.servers import Cell

WEEK = timedelta(days=7)


@pytest.fixture
async def scene(cell: Cell, tmp_path: Path) -> AsyncIterator[Scene]:
    async with scene_in(cell, tmp_path) as scene:
        yield scene


async def resting(scene: Scene, **stored: Any) -> str:
    """Let a referral rest for two days, and store it as an earlier build did."""
    await scene.give()
    referral, _ = await scene.taken()
    answer = await scene.act(referral, "hold", {"reason": "other", "until": "2026-10-15"})
    assert answer.status_code == 200, answer.text
    rows = scene.service.chassis.store.collection(Referral)
    await rows.update_one({"_id": referral}, {"$set": {"wakes_at": None, **stored}})
    return referral


async def test_one_that_is_due_wakes_though_no_time_of_waking_was_stored(scene: Scene) -> None:
    referral = await resting(scene, next_due=scene.clock.now())
    await scene.sweep()
    assert (await scene.state(referral)).state is State.ON_HOLD
    assert (await scene.state(referral)).wakes_at is not None, "its day is still to come"
    await scene.sweep(WEEK)
    assert (await scene.state(referral)).state is State.IN_PROGRESS


async def test_one_that_no_sweep_would_find_is_found_at_the_start(scene: Scene) -> None:
    referral = await resting(scene, next_due=None)
    assert await scene.sweep(WEEK) == 0
    for _ in range(2):
        await wake_forgotten(scene.desk)
    await scene.sweep()
    woken = await scene.state(referral)
    assert (woken.state, woken.held_until, woken.wakes_at) == (State.IN_PROGRESS, None, None)


async def test_one_without_a_last_day_rests_on(scene: Scene) -> None:
    referral = await resting(scene, held_until=None, next_due=None)
    await wake_forgotten(scene.desk)
    await scene.sweep(WEEK)
    assert (await scene.state(referral)).state is State.ON_HOLD
