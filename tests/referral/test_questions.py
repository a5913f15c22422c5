"""An agency asks for more before it answers: a row of today, and an answer that names nobody."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from contracts.cloudevents import Envelope
from contracts.codes import DeclineReason, QuestionTopic
from contracts.event import Event
from contracts.offerings import (
    OfferDeclined,
    OfferExpired,
    OfferingExpired,
    OfferQuestionAsked,
    OfferWithdrawn,
    WithdrawalReason,
)
from services.chassis.clock import FixedClock
from services.chassis.consumer.incoming import Incoming
from services.chassis.ids import new_id
from services.referral.consumer import reactions
from services.referral.handlers.desk import Desk
from services.referral.main import build
from services.referral.model.rules import Rules
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.referral.test_api import PEOPLE, slug
from tests.referral.test_moves_api import sent, types_of
from tests.running import Running, running
from tests.servers import Cell

AGE_TIMES = (QuestionTopic.AGE, QuestionTopic.TIMES)
ASKED = ("agency-asks", "answer-agency")


class Office:
    """A school that has asked two agencies."""

    def __init__(self, service: Running, clock: FixedClock, id: str) -> None:
        self.service = service
        self.clock = clock
        self.id = id
        self._table = reactions(Desk(service.chassis.store, clock, Rules))
        self._count = 0

    async def tell(self, event: Event) -> None:
        """Let an event of partner arrive."""
        self._count += 1
        at = self.clock.now()
        envelope = Envelope(
            f"e-{self._count}", "enlace/partner", event.TYPE, event.key, at, self._count
        )
        record = Incoming(
            "t.offerings", 0, self._count, event.key, envelope, event, None, (), None, None
        )
        await self.service.chassis.database.transact(lambda: self._table.apply([record]))

    async def asks(self, *topics: QuestionTopic, offer: str = "off-1", round: int = 1) -> str:
        question = new_id()
        event = OfferQuestionAsked(
            referral=self.id,
            round=round,
            offer=offer,
            agency="agy-smiles",
            contact="c-1",
            question=question,
            topics=topics or AGE_TIMES,
            answer_by=NOW + timedelta(days=2),
        )
        await self.tell(event)
        await self.tell(event)  # delivered twice
        return question

    async def today(self) -> list[dict[str, Any]]:
        answer = await self.service.http.get("/v1/today", headers=self.service.as_("rosa"))
        return [call for row in answer.json()["items"] for call in (row, *row["more"])]

    async def here(self) -> list[tuple[str, str]]:
        return [(each["reason"], each["step"]) for each in await self.today()]

    async def shown(self, who: str = "rosa") -> dict[str, Any]:
        path = f"/v1/referrals/{self.id}/questions"
        answer = await self.service.http.get(path, headers=self.service.as_(who))
        found: dict[str, Any] = answer.json()
        return found

    async def answer(
        self, question: str, who: str = "rosa", version: int | None = None, **said: Any
    ) -> httpx2.Response:
        seen = (await self.shown())["version"] if version is None else version
        return await self.service.http.post(
            f"/v1/referrals/{self.id}/questions/{question}/answer",
            json=said,
            headers={**self.service.as_(who), "If-Match": f'"{seen}"'},
        )


@pytest.fixture
async def office(cell: Cell, tmp_path: Path) -> AsyncIterator[Office]:
    clock = FixedClock(NOW)
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, PEOPLE, clock=clock
    ) as service:
        yield Office(service, clock, await sent(service))


async def test_a_question_is_a_row_of_today_until_it_is_answered(office: Office) -> None:
    question = await office.asks()
    (call,) = await office.today()
    assert (call["reason"], call["step"]) == ASKED
    assert call["deadline"], "its time runs on"
    shown = await office.shown()
    assert [each["topics"] for each in shown["items"]] == [["age", "times"]]
    assert shown["known"]["age"], "what is known is there to be told"
    done = await office.answer(question, age="7-9", times=["evening"])
    assert done.status_code == 200, done.text
    assert await office.here() == []
    assert "question-answered" in await types_of(office.service, office.id)
    (known,) = (await office.shown())["items"]
    assert (known["answer"]["age"], known["answered_by"]) == ("7-9", "rosa")
    again = await office.answer(question, age="7-9", times=["evening"])
    assert (again.status_code, again.json()["version"]) == (200, done.json()["version"])
    other = await office.answer(question, age="5-6", times=["evening"])
    assert (other.status_code, slug(other)) == (409, "question-answered")


async def test_nothing_is_told_but_what_was_asked_and_all_of_that(office: Office) -> None:
    question = await office.asks()
    refusals: tuple[tuple[dict[str, Any], int, str], ...] = (
        ({"age": "7-9"}, 409, "answer-incomplete"),
        ({}, 409, "answer-incomplete"),
        ({"age": "7-9", "times": ["evening"], "insurance": "public"}, 409, "not-asked"),
        ({"age": "8"}, 422, "malformed"),
        ({"age": "7-9", "times": ["evening"], "words": "Ana Reyes"}, 422, "malformed"),
        ({"age": "7-9", "times": ["evening"], "language": "tlh"}, 409, "language-unknown"),
    )
    for said, status, why in refusals:
        answer = await office.answer(question, **said)
        assert answer.status_code in {status, 422}, (said, answer.text)
        assert answer.json()["detail_es"], why
    assert await office.here() == [ASKED]
    assert (await office.answer(question, age="7-9", word="after-yes")).status_code == 200


async def test_two_agencies_ask_and_each_is_answered(office: Office) -> None:
    first = await office.asks()
    second = await office.asks(QuestionTopic.URGENCY, offer="off-2")
    third = await office.asks(QuestionTopic.OTHER, offer="off-2")
    assert await office.here() == [ASKED, ASKED]
    assert (await office.answer(first, word="school-calls")).status_code == 200
    assert await office.here() == [ASKED]
    assert (await office.answer(second, urgency="soon")).status_code == 200
    assert await office.here() == [ASKED], "another question of it waits"
    assert (await office.answer(third, word="yes")).status_code == 200
    assert await office.here() == []


async def test_more_time_is_granted_within_the_districts_limit(office: Office) -> None:
    question = await office.asks(QuestionTopic.AGE)
    far = await office.answer(question, age="7-9", answer_by="2199-01-01T09:00:00Z")
    assert (far.status_code, slug(far)) == (409, "answer-by-too-far")
    until = (NOW + timedelta(days=5)).isoformat()
    assert (await office.answer(question, age="7-9", answer_by=until)).status_code == 200
    row = await office.service.chassis.database["referrals"].find_one({"_id": office.id})
    assert row is not None
    assert row["answer_by"] == NOW + timedelta(days=5)


@pytest.mark.parametrize("end", ["declined", "late", "withdrawn", "round"])
async def test_nobody_answers_an_agency_that_may_answer_no_longer(office: Office, end: str) -> None:
    await office.asks()
    of_offer: dict[str, Any] = {"referral": office.id, "offer": "off-1", "agency": "agy-smiles"}
    match end:
        case "declined":
            reason = DeclineReason.NO_CAPACITY
            await office.tell(OfferDeclined(**of_offer, round=1, reason=reason, last=False))
        case "late":
            await office.tell(OfferExpired(**of_offer, round=1))
        case "withdrawn":
            taken = WithdrawalReason.TAKEN
            await office.tell(OfferWithdrawn(**of_offer, contact="c-1", reason=taken, round=1))
        case _:
            await office.tell(OfferingExpired(referral=office.id, round=1))
    assert ASKED not in await office.here()


async def test_a_question_of_an_older_round_calls_nobody(office: Office) -> None:
    await office.asks(round=0)
    assert await office.here() == []
    assert (await office.shown())["items"] == []


async def test_an_old_page_answers_nothing_and_other_schools_see_nothing(office: Office) -> None:
    question = await office.asks(QuestionTopic.AGE)
    stale = await office.answer(question, version=1, age="7-9")
    assert (stale.status_code, slug(stale)) == (412, "stale-version")
    assert (await office.answer(question, who="denise", age="7-9")).status_code == 404
    unknown = await office.answer(new_id(), age="7-9")
    assert unknown.status_code == 404
