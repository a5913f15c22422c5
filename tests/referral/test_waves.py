"""Waves and withdrawn offers as referral keeps them: pure, and over HTTP on a real database."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from contracts.categories import Category
from contracts.codes import DeclineReason
from contracts.referrals import Candidate
from services.chassis.clock import FixedClock
from services.chassis.errors import EnlaceError
from services.referral.main import build
from services.referral.model import commands
from services.referral.model.referral import BusinessStatus, State
from services.referral.settings import ReferralSettings
from tests.referral.build import BANDS, NOW, SMILES, TOOTH_BUS
from tests.referral.story import CLAIM, OFFER, Story
from tests.referral.test_api import PEOPLE, slug
from tests.referral.test_moves_api import act, sent, types_of
from tests.running import Running, running
from tests.servers import Cell

MOLARS = Candidate(service="svc-molars", agency="agy-molars")
MORE = commands.AskMore((MOLARS,), NOW + timedelta(days=3))
ROOTS = Candidate(service="svc-roots", agency="agy-roots")
MORE_ROOTS = commands.AskMore((ROOTS,), NOW + timedelta(days=3))
LATER = commands.AskMore((MOLARS,), NOW + timedelta(days=3), NOW + timedelta(days=1))


def refused(story: Story, wish: commands.Command) -> str:
    with pytest.raises(EnlaceError) as error:
        story.run(wish)
    return error.value.slug


class TestAskingMore:
    def test_keeps_those_before_and_the_latest_time_to_answer(self) -> None:
        story = Story(OFFER, MORE)
        assert story.state.candidates == (SMILES, TOOTH_BUS, MOLARS)
        assert (story.state.round, story.state.wave) == (1, 2)
        assert story.state.answer_by == NOW + timedelta(days=3)

    def test_sent_again_asks_nobody_twice(self) -> None:
        story = Story(OFFER, MORE)
        assert story.run(MORE) == []
        both = commands.AskMore((SMILES, MOLARS), NOW + timedelta(days=3))
        assert story.run(both) == []
        assert story.run(OFFER) == [], "the first asking, sent again"

    def test_a_yes_of_any_wave_is_accepted(self) -> None:
        yes = commands.Claim("clm-9", MOLARS.service, MOLARS.agency, round=1, consented=True)
        assert Story(OFFER, MORE).run(yes)[0] == "ReferralAccepted"
        assert Story(OFFER, MORE).run(CLAIM)[0] == "ReferralAccepted"

    def test_the_end_of_a_round_that_a_wave_has_crossed_is_none(self) -> None:
        for end in (commands.Expire(1), commands.NobodyTookIt(1, DeclineReason.NO_CAPACITY)):
            assert Story(OFFER, MORE).run(end) == []
        assert Story(OFFER, MORE).run(commands.Expire(1, wave=2))[0] == "ReferralExpired"

    def test_what_was_answered_since_the_first_wave_still_counts(self) -> None:
        story = Story(commands.Request(SMILES, BANDS, NOW + timedelta(days=2)))
        story.now = NOW + timedelta(hours=2)
        story.run(MORE)
        assert story.state.since == NOW
        assert story.state.business is BusinessStatus.OFFERED

    @pytest.mark.parametrize(
        ("wish", "why"),
        [
            (commands.AskMore((MOLARS,), NOW), "answer-by-passed"),
            (commands.AskMore((MOLARS,), NOW + timedelta(days=400)), "answer-by-too-far"),
            (commands.AskMore((MOLARS,), NOW + timedelta(days=3), NOW), "opens-at-passed"),
            (
                commands.AskMore((MOLARS,), NOW + timedelta(days=401), NOW + timedelta(days=400)),
                "opens-at-too-far",
            ),
            (
                commands.AskMore((MOLARS,), NOW + timedelta(days=1), NOW + timedelta(days=2)),
                "answer-by-passed",
            ),
            (
                commands.AskMore(
                    tuple(Candidate(service=f"svc-{n}", agency="a") for n in range(39)),
                    NOW + timedelta(days=3),
                ),
                "too-many-asked",
            ),
        ],
    )
    def test_has_its_limits(self, wish: commands.AskMore, why: str) -> None:
        story = Story(OFFER)
        assert refused(story, wish) == why
        assert story.state.candidates == (SMILES, TOOTH_BUS)

    def test_a_restricted_need_is_asked_of_one_alone(self) -> None:
        one = commands.Request(SMILES, BANDS, NOW + timedelta(days=2))
        story = Story(one, category=Category.MENTAL_HEALTH)
        assert refused(story, MORE) == "restricted-offer"


class TestWithdrawing:
    GONE = commands.WithdrawOffer(SMILES, round=1, wave=1, last=False)
    LAST = commands.WithdrawOffer(SMILES, round=1, wave=1, last=True)

    def test_leaves_the_others_asked(self) -> None:
        story = Story(OFFER, self.GONE)
        assert (story.state.state, story.state.candidates) == (State.REQUESTED, (TOOTH_BUS,))
        assert story.run(self.GONE) == []

    def test_of_the_last_one_others_can_be_asked_and_nobody_was_silent(self) -> None:
        story = Story(OFFER, self.LAST)
        assert (story.state.candidates, story.state.silences) == ((), 0)
        again = commands.Request(SMILES, BANDS, NOW + timedelta(days=2))
        assert story.run(again) == ["ReferralRequested"]

    def test_a_yes_that_crosses_it_stands(self) -> None:
        assert Story(OFFER, self.LAST).run(CLAIM)[0] == "ReferralAccepted"
        assert Story(OFFER, CLAIM).run(self.GONE) == []

    def test_it_is_not_the_last_where_a_wave_has_crossed_it(self) -> None:
        story = Story(OFFER, MORE, self.LAST)
        assert story.state.candidates == (TOOTH_BUS, MOLARS)


class TestAPlanThatIsNot:
    DROPPED = commands.DropWave((MOLARS,), round=1, wave=2, latest=2, last=False)

    def test_its_candidates_are_asked_no_more_and_can_be_asked_again(self) -> None:
        story = Story(OFFER, LATER)
        assert list(story.state.planned) == [2]
        assert story.run(self.DROPPED) == ["ReferralWaveDropped"]
        assert (story.state.candidates, list(story.state.planned)) == ((SMILES, TOOTH_BUS), [])
        assert story.run(self.DROPPED) == []
        assert story.run(MORE) == ["ReferralWaveAdded"]
        assert story.state.wave == 3

    def test_of_the_last_one_others_can_be_asked(self) -> None:
        last = replace(self.DROPPED, last=True)
        story = Story(OFFER, LATER, last)
        assert (story.state.candidates, story.state.silences) == ((), 0)
        crossed = Story(OFFER, LATER, MORE_ROOTS, last)
        assert crossed.state.candidates == (SMILES, TOOTH_BUS, ROOTS)

    def test_it_is_stopped_while_it_is_to_come_and_once(self) -> None:
        stop = commands.StopWaves()
        assert Story(OFFER).run(stop) == []
        assert Story(OFFER, MORE).run(stop) == [], "these were asked at once"
        story = Story(OFFER, LATER)
        assert story.run(stop) == ["ReferralWavesStopped"]
        assert story.run(stop) == []
        assert Story(OFFER, LATER, CLAIM).run(stop) == []

    def test_a_yes_that_crosses_it_stands(self) -> None:
        assert Story(OFFER, LATER, commands.StopWaves()).run(CLAIM)[0] == "ReferralAccepted"
        assert Story(OFFER, LATER, CLAIM).run(self.DROPPED) == []


@pytest.fixture
async def office(cell: Cell, tmp_path: Path) -> AsyncIterator[Running]:
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, PEOPLE, clock=FixedClock(NOW)
    ) as service:
        yield service


async def widen(
    office: Running, id: str, *, version: int = 2, who: str = "rosa", **more: Any
) -> httpx2.Response:
    body = {"candidates": [{"service": "svc-molars", "agency": "agy-molars"}], **more}
    return await act(office, id, "waves", body, version=version, who=who)


async def test_a_coordinator_asks_more_agencies_of_an_open_round_and_a_repeat_asks_none(
    office: Running,
) -> None:
    id = await sent(office)
    done = await widen(office, id)
    assert done.status_code == 200, done.text
    asked = [each["service"] for each in done.json()["candidates"]]
    assert asked == ["svc-smiles", "svc-bus", "svc-molars"]
    again = await widen(office, id)
    assert (again.status_code, again.json()["version"]) == (200, done.json()["version"])
    assert (await types_of(office, id))[-2:] == ["offered", "wave-added"]


async def test_a_page_that_is_old_asks_nobody(office: Running) -> None:
    id = await sent(office)
    assert (await widen(office, id)).status_code == 200
    other = [{"service": "svc-roots", "agency": "agy-roots"}]
    stale = await widen(office, id, candidates=other)
    assert (stale.status_code, slug(stale)) == (412, "stale-version")


async def test_what_cannot_be_a_wave_is_refused_with_what_to_do(office: Running) -> None:
    id = await sent(office)
    refusals: tuple[tuple[dict[str, Any], str], ...] = (
        ({"opens_at": "2020-01-01T09:00:00Z"}, "opens-at-passed"),
        ({"opens_at": "2199-01-01T09:00:00Z"}, "opens-at-too-far"),
        ({"answer_by": "2020-01-01T09:00:00Z"}, "answer-by-passed"),
    )
    for more, why in refusals:
        answer = await widen(office, id, **more)
        assert (answer.status_code, slug(answer)) == (409, why)
        assert answer.json()["detail_es"]
    none = await widen(office, id, candidates=[])
    assert (none.status_code, slug(none)) == (422, "malformed")
    assert (await widen(office, id, who="denise")).status_code == 404
    assert (await widen(office, id, who="nurse")).status_code == 403
    await act(office, id, "recall", version=2)
    draft = await widen(office, id, version=3)
    assert (draft.status_code, slug(draft)) == (409, "wrong-state")
