"""What notify tells of messages becomes a call to make, and goes when it is settled."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from contracts.cloudevents import Envelope
from contracts.codes import Channel, NotSentReason, Outcome, Progress, ReplyCode, Template
from contracts.event import Event
from contracts.messages import (
    FailureKind,
    MessageCancelled,
    MessageDelivered,
    MessageFailed,
    MessageQueued,
    MessageReplied,
    MessageSent,
    MessageUnknown,
    NumberWrong,
    PersonOptedIn,
    PersonOptedOut,
)
from contracts.offerings import OfferContested
from services.chassis.clock import FixedClock
from services.chassis.consumer.incoming import Incoming
from services.chassis.store import Change, Found, Ref
from services.referral.consumer import reactions
from services.referral.handlers import referrals
from services.referral.handlers.desk import Desk
from services.referral.main import build
from services.referral.model import commands
from services.referral.model.people import Family
from services.referral.model.referral import BusinessStatus, Referral
from services.referral.model.rules import Rules
from services.referral.settings import ReferralSettings
from tests.referral.build import NOW
from tests.referral.test_api import PEOPLE
from tests.referral.test_release import Scene
from tests.running import running
from tests.servers import Cell


class Post:
    """Notify's events about a referral that an agency has taken."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        self._table = reactions(Desk(scene.service.chassis.store, scene.clock, Rules))
        self._count = 0

    async def tell(self, event: Event) -> None:
        self._count += 1
        at = NOW + timedelta(seconds=self._count)
        envelope = Envelope(
            f"e-{self._count}", "enlace/notify", event.TYPE, event.key, at, self._count
        )
        record = Incoming(
            "t.messages", 0, self._count, event.key, envelope, event, None, (), None, None
        )
        database = self.scene.service.chassis.database
        await database.transact(lambda: self._table.apply([record]))

    async def queued(self, message: str, template: Template) -> None:
        await self.tell(
            MessageQueued(
                conversation="conv-1",
                message=message,
                cause="e",
                template=template,
                channel=Channel.SMS,
                person=self.scene.family.mother,
                referral=self.scene.id,
            )
        )

    async def about(self, happened: Callable[..., Event], message: str, **fields: Any) -> None:
        await self.tell(
            happened(conversation="conv-1", message=message, referral=self.scene.id, **fields)
        )

    async def here(self) -> list[tuple[str, str]]:
        """Return why the child is in the queue, and what is next."""
        service = self.scene.service
        answer = await service.http.get("/v1/today", headers=service.as_("rosa"))
        return [
            (each["reason"], each["step"])
            for row in answer.json()["items"]
            for each in (row, *row["more"])
        ]


@pytest.fixture
async def post(cell: Cell, tmp_path: Path) -> AsyncIterator[Post]:
    clock = FixedClock(NOW)
    async with running(
        "referral", build, ReferralSettings, cell, tmp_path, PEOPLE, clock=clock
    ) as service:
        yield Post(await Scene(service, tmp_path, clock).claimed())


FAILED = {"kind": FailureKind.PERMANENT, "code": "30005"}


async def test_a_text_to_the_family_that_failed_is_a_call_to_the_family(post: Post) -> None:
    await post.queued("m-1", Template.FAMILY_ACCEPTED)
    await post.about(MessageFailed, "m-1", **FAILED)
    await post.about(MessageFailed, "m-1", **FAILED)
    assert await post.here() == [("message-failed", "call-family")]


async def test_a_mail_to_the_agency_that_failed_is_a_call_to_the_agency(post: Post) -> None:
    await post.queued("m-1", Template.AGENCY_ACCEPTED)
    await post.about(MessageFailed, "m-1", **FAILED)
    assert await post.here() == [("message-failed", "call-agency")]


async def test_an_unknown_one_that_arrived_after_all_calls_nobody(post: Post) -> None:
    for message in ("m-1", "m-2"):
        await post.queued(message, Template.FAMILY_ACCEPTED)
        await post.about(MessageUnknown, message)
    sent = {
        "template": Template.FAMILY_ACCEPTED,
        "channel": Channel.SMS,
        "person": "p",
    }
    await post.about(MessageSent, "m-1", **sent)
    assert await post.here() == [("message-unknown", "call-family")], "the other is still unknown"
    await post.about(MessageDelivered, "m-2")
    assert await post.here() == []


async def test_a_failed_one_is_not_taken_back_by_a_late_report_that_it_was_sent(post: Post) -> None:
    await post.queued("m-1", Template.FAMILY_ACCEPTED)
    await post.about(MessageFailed, "m-1", **FAILED)
    sent = {
        "template": Template.FAMILY_ACCEPTED,
        "channel": Channel.SMS,
        "person": "p",
    }
    await post.about(MessageSent, "m-1", **sent)
    assert await post.here() == [("message-failed", "call-family")]


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        (NotSentReason.OPTED_OUT, [("another-channel", "call-family")]),
        (NotSentReason.NO_ADDRESS, [("another-channel", "call-family")]),
        (NotSentReason.CAUSE_GONE, []),
        (NotSentReason.MAY_NOT_BE_TOLD, []),
    ],
)
async def test_a_message_that_had_nowhere_to_go_asks_for_another_channel(
    post: Post, reason: NotSentReason, expected: list[tuple[str, str]]
) -> None:
    await post.queued("m-1", Template.FAMILY_ACCEPTED)
    await post.about(MessageCancelled, "m-1", reason=reason)
    assert await post.here() == expected


async def test_a_stop_asks_for_another_channel_until_a_start(post: Post) -> None:
    mother = post.scene.family.mother
    stop = PersonOptedOut(conversation="conv-1", person=mother, channel=Channel.SMS)
    await post.tell(stop)
    await post.tell(stop)
    assert await post.here() == [("another-channel", "call-family")]
    start = PersonOptedIn(conversation="conv-1", person=mother, channel=Channel.SMS)
    await post.tell(start)
    assert await post.here() == []


async def test_a_stop_of_somebody_else_and_news_of_other_referrals_call_nobody(post: Post) -> None:
    await post.tell(PersonOptedOut(conversation="c", person="per-else", channel=Channel.SMS))
    await post.about(MessageFailed, "m-never-queued", **FAILED)
    await post.tell(
        MessageQueued(
            conversation="c",
            message="m-9",
            cause="e",
            template=Template.AGENCY_OFFER,
            channel=Channel.EMAIL,
            person="p",
            referral="ref-unknown",
        )
    )
    await post.tell(
        MessageFailed(
            conversation="c",
            message="m-9",
            kind=FailureKind.TECHNICAL,
            code="1",
            referral="ref-unknown",
        )
    )
    assert await post.here() == []


async def test_an_agency_that_contests_a_recorded_answer_is_called_once(post: Post) -> None:
    contested = OfferContested(
        referral=post.scene.id,
        round=1,
        offer="off-1",
        agency="agy-smiles",
        claim=post.scene.claim,
    )
    await post.tell(contested)
    await post.tell(contested)
    assert await post.here() == [("answer-contested", "call-agency")]


async def test_a_no_to_what_asked_nothing_is_in_the_queue(post: Post) -> None:
    mother = post.scene.family.mother
    no = {"person": mother, "reply": ReplyCode.NO, "template": Template.FAMILY_ACCEPTED}
    await post.about(MessageReplied, "m-1", **no)
    assert await post.here() == [("family-wrote", "answer-family")]


async def test_what_the_family_wrote_is_in_the_queue_until_it_is_answered(post: Post) -> None:
    mother = post.scene.family.mother
    wrote = {"person": mother, "reply": ReplyCode.OTHER, "template": Template.FAMILY_ACCEPTED}
    for _ in range(2):
        await post.about(MessageReplied, "m-1", **wrote)
    assert await post.here() == [("family-wrote", "answer-family")]
    answer = {"template": Template.STAFF_REPLY, "channel": Channel.SMS, "person": mother}
    await post.about(MessageSent, "m-2", **answer)
    assert await post.here() == []


@pytest.mark.parametrize("reply", [ReplyCode.YES, ReplyCode.NO, ReplyCode.OTHER])
async def test_an_answer_of_whoever_may_be_told_no_more_settles_nothing(
    post: Post, reply: ReplyCode
) -> None:
    scene, store = post.scene, post.scene.desk.store
    report = commands.Report(scene.claim, Progress.COMPLETED, outcome=Outcome.NEED_MET)
    await referrals.command(scene.desk, scene.id, report)
    scene.clock.advance(timedelta(days=8))
    await referrals.command(scene.desk, scene.id, commands.Tick())
    before = await store.get(Referral, scene.id)
    assert before is not None
    home = Ref(Family, before.family)

    def leave_alone(found: Found) -> Change[None]:
        family = found.get(home)
        assert family is not None
        contacts = [each.model_copy(update={"do_not_contact": True}) for each in family.contacts]
        return Change(None, [family.having(contacts=tuple(contacts))])

    await store.update([home], leave_alone)
    said = {
        "person": scene.family.mother,
        "reply": reply,
        "template": Template.FAMILY_DID_HELP_ARRIVE,
    }
    for _ in range(2):
        await post.about(MessageReplied, "m-1", **said)
    after = await store.get(Referral, scene.id)
    assert after is not None
    assert after.business is BusinessStatus.AWAITING_FAMILY, "the family has not answered"
    assert [each.because for each in after.follow_ups if each.because] == ["family-wrote"]
    scene.clock.advance(timedelta(days=1))
    assert ("family-wrote", "answer-family") in await post.here()


@pytest.mark.parametrize("reply", [ReplyCode.THANKS, ReplyCode.YES, ReplyCode.WRONG_NUMBER])
async def test_a_plain_answer_needs_nobody_to_read_it(post: Post, reply: ReplyCode) -> None:
    mother = post.scene.family.mother
    plain = {"person": mother, "reply": reply, "template": Template.FAMILY_ACCEPTED}
    await post.about(MessageReplied, "m-1", **plain)
    assert await post.here() == []


async def test_a_wrong_number_asks_for_the_right_one(post: Post) -> None:
    mother = post.scene.family.mother
    wrong = NumberWrong(conversation="conv-1", person=mother, channel=Channel.SMS)
    await post.tell(wrong)
    await post.tell(wrong)
    assert await post.here() == [("wrong-number", "call-family")]
