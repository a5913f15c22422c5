"""A conversation: one person on one channel. And the word that ends it, which is the number's."""

from datetime import datetime, timedelta
from typing import ClassVar

from pydantic import BaseModel, ConfigDict

from contracts.codes import Channel, ReplyCode, Template
from contracts.sealed import Sealed
from services.chassis.aggregate import Aggregate
from services.notify.model.contact import Book
from services.notify.model.message import Message
from services.notify.model.rules import rule_of

REMEMBERED = timedelta(days=8)
"""How long a sent text is kept for the week's count."""

QUESTION_OPEN = timedelta(days=14)

MOST_QUESTIONS = 3
"""Earlier questions that are kept open: a text that asks which one has room for no more."""

STOP_TOLD_FOR = timedelta(days=30)
"""How long it holds that somebody was told how to stop; then the next text says it again."""

ANSWERS = frozenset({ReplyCode.YES, ReplyCode.NO, ReplyCode.NOT_YET})


class Said(BaseModel):
    """A message that was sent, as an answer refers to it."""

    model_config = ConfigDict(frozen=True)

    message: str
    template: Template
    at: datetime
    referral: str | None
    site: str | None


class Counted(BaseModel):
    """A text that counts towards the week."""

    model_config = ConfigDict(frozen=True)

    message: str
    at: datetime


class Choosing(BaseModel):
    """Somebody said yes or no while several questions were open, and was asked which they meant.

    Attributes:
        reply: what they said.
        questions: in the order of the numbers that they were given.
    """

    model_config = ConfigDict(frozen=True)

    reply: ReplyCode
    questions: tuple[Said, ...]


class Conversation(Aggregate):
    """One person on one channel.

    Every sending writes it, so that two texts at the same moment cannot both be the last of the
    week.

    Attributes:
        number: keyed hash of the number that was last written to; None on other channels.
        last: the last message that an answer can be about.
        question: the last one that asked for yes or no.
        answered: whether the question was.
        earlier: questions about other referrals that were asked before and have no answer yet.
        choosing: which of several they meant was asked, and not said yet.
        heard: when the person last wrote.
        counted: texts of the last days.
        stop_told: when a text last said how to stop.
        at: of the newest message in either direction.
    """

    COLLECTION: ClassVar[str] = "conversations"

    person: str
    channel: Channel
    number: str | None = None
    last: Said | None = None
    question: Said | None = None
    answered: bool = False
    earlier: tuple[Said, ...] = ()
    choosing: Choosing | None = None
    heard: datetime | None = None
    counted: tuple[Counted, ...] = ()
    stop_told: datetime | None = None
    at: datetime | None = None

    def others(self, message: str) -> list[datetime]:
        """Return when the texts that count went out, but for this one."""
        return [each.at for each in self.counted if each.message != message]

    def owes_stop(self, now: datetime) -> bool:
        """Tell whether the next text must say how to stop: the first one, and once a month."""
        return self.stop_told is None or now - self.stop_told >= STOP_TOLD_FOR

    def after_sending(
        self, message: Message, number: str | None, now: datetime, *, tells_stop: bool = False
    ) -> "Conversation":
        """Return the conversation once a message is on its way; `tells_stop`: it says how to."""
        rule = rule_of(message.template)
        said = Said(
            message=message.id,
            template=message.template,
            at=now,
            referral=message.referral,
            site=message.site,
        )
        kept = tuple(
            each
            for each in self.counted
            if now - each.at < REMEMBERED and each.message != message.id
        )
        if rule.capped:
            kept = (*kept, Counted(message=message.id, at=now))
        question, answered, earlier = self.question, self.answered, self.earlier
        if rule.question:
            earlier = tuple(
                each for each in self.open_questions(now) if each.referral != said.referral
            )
            question, answered = said, False
        elif answered and not rule.aside:
            question, answered = None, False
        return self.having(
            number=number,
            last=self.last if rule.aside and self.last else said,
            question=question,
            answered=answered,
            earlier=earlier[-MOST_QUESTIONS:],
            counted=kept,
            stop_told=now if tells_stop else self.stop_told,
            at=now,
        )

    def open_questions(self, now: datetime) -> tuple[Said, ...]:
        """Return the questions that have no answer yet, the one asked first before the others."""
        last = () if self.question is None or self.answered else (self.question,)
        return tuple(each for each in (*self.earlier, *last) if now - each.at < QUESTION_OPEN)

    def about(self, reply: ReplyCode, now: datetime) -> Said | None:
        """Return what an answer is about: yes and no belong to the open question, if there is one.

        Another message may have come between; the answer would be lost on it.
        """
        waiting = self.open_questions(now)
        if reply in ANSWERS and waiting:
            return waiting[-1]
        asked = self.question
        if reply in ANSWERS and asked is not None and now - asked.at < QUESTION_OPEN:
            return asked
        return self.last

    def after_answer(self, reply: ReplyCode, about: Said | None, now: datetime) -> "Conversation":
        """Return the conversation once the person has written."""
        if about is None or reply not in ANSWERS:
            return self.having(at=now, heard=now)
        return self.having(
            answered=self.answered or about == self.question,
            earlier=tuple(each for each in self.earlier if each != about),
            choosing=None,
            at=now,
            heard=now,
        )

    def asking_which(self, reply: ReplyCode, now: datetime) -> "Conversation":
        """Return the conversation once it is asked which of several questions was answered."""
        choosing = Choosing(reply=reply, questions=self.open_questions(now))
        return self.having(choosing=choosing, at=now, heard=now)

    def chosen(self, number: int, now: datetime) -> Said | None:
        """Return the question behind a number that was given; None where it is none, or over."""
        given = self.choosing.questions if self.choosing else ()
        if not 1 <= number <= len(given):
            return None
        return given[number - 1] if given[number - 1] in self.open_questions(now) else None


class Suppression(Aggregate):
    """A number's wish for no texts; the id is its keyed hash, so that it outlives every contact.

    Attributes:
        by: `reply` where the person wrote it, `carrier` where the carrier refused.
    """

    COLLECTION: ClassVar[str] = "suppressions"

    on: bool
    since: datetime
    by: str


class Reply(Aggregate):
    """A text that came in; the id is the carrier's, so that a repeat changes nothing.

    Attributes:
        text: sealed under the person's key; None where nobody's key could seal it.
        crisis: the words sound like danger.
        pictures: how many came with it; they are never fetched.
    """

    COLLECTION: ClassVar[str] = "replies"

    person: str | None
    book: Book
    reply: ReplyCode
    at: datetime
    message: str | None = None
    referral: str | None = None
    text: Sealed | None = None
    crisis: bool = False
    pictures: int = 0


class Outgoing(Aggregate):
    """The one switch; its id is always `outgoing`. Off: everything waits."""

    COLLECTION: ClassVar[str] = "switches"

    on: bool = True
    by: str | None = None
    at: datetime | None = None


OUTGOING = "outgoing"
