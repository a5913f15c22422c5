"""A notice: something has happened of which somebody is to be told.

It stands between an event and its messages, because who is to be told may not be known yet: topics
arrive in any order. Each look at it makes messages for the recipients that are known by then.
"""

from datetime import datetime, timedelta
from typing import ClassVar

from contracts.agencies import PaperKind
from contracts.codes import Audience, Channel, Language, Template
from contracts.messages import MessageQueued
from contracts.referrals import QuestionAnswer
from contracts.sealed import Sealed
from services.chassis.aggregate import Aggregate
from services.notify.model.cause import LinkSource, Many
from services.notify.model.contact import Book, Reach
from services.notify.model.message import Message, conversation_of, message_id
from services.notify.model.rules import Priority, rule_of

GATHER = timedelta(minutes=10)
"""How long a notice waits for further contacts of a family after it has found the first."""

_FIRST_WAIT = timedelta(seconds=1)
_LONGEST_WAIT = timedelta(minutes=1)


class Notice(Aggregate):
    """What an event asks to be told.

    Attributes:
        cause: id of the event.
        at: when it happened; how fresh it is counts from here.
        expires: after that it is no news.
        person: the recipient, where the event names one; otherwise the family's contacts.
        claim: the recipient is whoever made this claim.
        round: of asking agencies, which it tells of; one that was taken back is told to nobody.
        audience: who of the family may be told.
        links: from what the recipient's links are derived.
        paper: of an agreement, which it speaks of.
        many: how many offers it speaks of, where they were made at once.
        answer: to the agency's question, which it tells.
        appointment: which it speaks of; once that has moved, nobody is told of it any more.
        language: of the words, where it is not what the person reads.
        channel: on which they have just written; None: the one that they prefer.
        choices: when the questions were asked of which one is to be named.
        said: a colleague's name, and in the next line their words, sealed.
        told: persons who have their message.
        first_told: when the first one was found.
        priority: what goes before it.
        outcome: why nobody is looked for any more.
        trace: W3C trace context of the change that it tells of.
    """

    COLLECTION: ClassVar[str] = "notices"

    cause: str
    template: Template
    at: datetime
    expires: datetime
    book: Book
    referral: str | None = None
    site: str | None = None
    person: str | None = None
    claim: str | None = None
    round: int | None = None
    audience: Audience | None = None
    links: tuple[LinkSource, ...] = ()
    paper: PaperKind | None = None
    many: Many | None = None
    answer: QuestionAnswer | None = None
    appointment: datetime | None = None
    answer_by: datetime | None = None
    language: Language | None = None
    channel: Channel | None = None
    choices: tuple[datetime, ...] = ()
    said: Sealed | None = None
    told: tuple[str, ...] = ()
    first_told: datetime | None = None
    priority: int = Priority.USUAL
    looks: int = 0
    outcome: str | None = None
    trace: str | None = None
    next_due: datetime | None = None


def notice_for(
    template: Template,
    *,
    cause: str,
    at: datetime,
    now: datetime,
    book: Book,
    id: str | None = None,
    until: datetime | None = None,
) -> Notice | None:
    """Return a notice that is looked at when its cause is there; None for one that is no news.

    Args:
        template: what is to be said.
        cause: id of the event.
        at: when it happened, or will: of a reminder, when it is to go out.
        now: the present.
        book: where the recipient stands.
        id: where one event asks for several.
        until: an earlier end than the template's own.
    """
    expires = at + rule_of(template).max_age
    if until is not None:
        expires = min(expires, until)
    if expires <= now:
        return None
    return Notice(
        id=id or f"{cause}-{template}",
        cause=cause,
        template=template,
        at=at,
        expires=expires,
        book=book,
        priority=rule_of(template).priority,
        next_due=max(at, now),
    )


def after_look(notice: Notice, found: tuple[str, ...], now: datetime, *, over: bool) -> Notice:
    """Return the notice after a look that found these persons; `over` ends it."""
    told = (*notice.told, *(each for each in found if each not in notice.told))
    first = notice.first_told or (now if told else None)
    wait = min(_FIRST_WAIT * (1 << min(notice.looks, 10)), _LONGEST_WAIT)
    outcome: str | None = None
    if told and (over or (first is not None and now - first >= GATHER)):
        outcome = "told"
    elif over:
        outcome = "nobody-to-tell"
    elif now >= notice.expires:
        outcome = "told" if told else "nobody-was-known-in-time"
    return notice.having(
        told=told,
        first_told=first,
        looks=notice.looks + 1,
        outcome=outcome,
        next_due=None if outcome else now + wait,
    )


def message_for(  # noqa: PLR0917 - the cause, the recipient and the moment
    notice: Notice,
    person: str,
    reach: Reach,
    language: Language,
    links: tuple[LinkSource, ...],
    now: datetime,
    *,
    also: Language | None = None,
) -> tuple[Message, MessageQueued] | None:
    """Return one recipient's message, queued; None for somebody who has no address.

    `language` is the one that it is written in, and `also` a second one.
    """
    wrote_on = notice.channel if notice.channel and reach.address(notice.channel) else None
    channel = wrote_on or reach.channel
    if channel is None:
        return None
    message = Message(
        id=message_id(notice.cause, person, channel),
        cause=notice.cause,
        template=notice.template,
        person=person,
        book=notice.book,
        channel=channel,
        conversation=conversation_of(person, channel),
        language=language,
        reads=reach.reads,
        also=also,
        referral=notice.referral,
        round=notice.round,
        claim=notice.claim,
        site=notice.site,
        links=links,
        paper=notice.paper,
        many=notice.many,
        answer=notice.answer,
        appointment=notice.appointment,
        answer_by=notice.answer_by,
        choices=notice.choices,
        said=notice.said,
        caused_at=notice.at,
        expires=notice.expires,
        created_at=now,
        since=now,
        trace=notice.trace,
        priority=notice.priority,
        next_due=now,
    )
    queued = MessageQueued(
        conversation=message.conversation,
        message=message.id,
        cause=message.cause,
        template=message.template,
        channel=message.channel,
        person=message.person,
        referral=message.referral,
    )
    return message, queued
