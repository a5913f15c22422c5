"""Topic `messages`: what was sent and answered. Key: conversation id. Owner: notify.

A conversation is one person on one channel. The text itself never leaves notify.
"""

from pydantic import AwareDatetime

from contracts.code import Code
from contracts.codes import Channel, DeclineReason, NotSentReason, OfferReply, ReplyCode, Template
from contracts.event import Event
from contracts.topic import MESSAGES


class FailureKind(Code):
    """How a message failed, as GOV.UK Notify names it."""

    TEMPORARY = "temporary-failure"
    PERMANENT = "permanent-failure"
    TECHNICAL = "technical-failure"


class MessageQueued(Event, topic=MESSAGES, type="org.enlace.message.queued.v1"):
    """Somebody is to be told, when the hour and the law allow it."""

    conversation: str
    message: str
    cause: str
    template: Template
    channel: Channel
    person: str
    referral: str | None = None


class MessageSent(Event, topic=MESSAGES, type="org.enlace.message.sent.v1"):
    """The carrier or mail server has taken it."""

    conversation: str
    message: str
    template: Template
    channel: Channel
    person: str
    referral: str | None = None


class MessageDelivered(Event, topic=MESSAGES, type="org.enlace.message.delivered.v1"):
    """The handset has it."""

    conversation: str
    message: str
    referral: str | None = None


class MessageFailed(Event, topic=MESSAGES, type="org.enlace.message.failed.v1"):
    """It did not arrive; `code` is the provider's own."""

    conversation: str
    message: str
    kind: FailureKind
    code: str
    referral: str | None = None


class MessageUnknown(Event, topic=MESSAGES, type="org.enlace.message.unknown.v1"):
    """The provider was asked and the answer was lost: it is never sent again blindly."""

    conversation: str
    message: str
    referral: str | None = None


class MessageCancelled(Event, topic=MESSAGES, type="org.enlace.message.cancelled.v1"):
    """Not sent, and why: its cause has gone, the person may not be told, or has said stop."""

    conversation: str
    message: str
    reason: NotSentReason
    referral: str | None = None


class MessageReplied(Event, topic=MESSAGES, type="org.enlace.message.replied.v1"):
    """The person answered; the code is what the answer means."""

    conversation: str
    message: str
    person: str
    reply: ReplyCode
    template: Template | None = None
    referral: str | None = None


class OfferReplied(Event, topic=MESSAGES, type="org.enlace.message.offer-replied.v1"):
    """An agency answered an offer by a text: partner decides what comes of it.

    Attributes:
        person: the contact at the agency, from whose number it came.
        referral: whose offer it is.
        offer: the one whose number the text names.
        reply: what the text says.
        seats: how many are free, of a text about seats.
        reason: why not, of a no that says so.
        at: when it came in: a figure of seats is true as of then.
    """

    conversation: str
    person: str
    referral: str
    offer: str
    reply: OfferReply
    seats: int | None = None
    reason: DeclineReason | None = None
    at: AwareDatetime


class BatchReplied(Event, topic=MESSAGES, type="org.enlace.message.batch-replied.v1"):
    """An agency answered by one text many offers that were made at once.

    Attributes:
        person: the contact at the agency, from whose number it came.
        batch: the one whose number the text names.
        reply: yes or no.
        take: how many it takes, of a yes.
        reason: why none, of a no that says so.
        inbound: id of the text that came in, so that it counts once.
    """

    conversation: str
    person: str
    batch: str
    reply: OfferReply
    take: int | None = None
    reason: DeclineReason | None = None
    inbound: str


class PersonOptedOut(Event, topic=MESSAGES, type="org.enlace.message.opted-out.v1"):
    """STOP in one of its forms. The coordinator is asked to find another way."""

    conversation: str
    person: str
    channel: Channel


class PersonOptedIn(Event, topic=MESSAGES, type="org.enlace.message.opted-in.v1"):
    """START: texts may go out again."""

    conversation: str
    person: str
    channel: Channel


class NumberWrong(Event, topic=MESSAGES, type="org.enlace.message.number-wrong.v1"):
    """A number is not this person's any more, or takes no texts: it gets none of theirs.

    Attributes:
        code: the carrier's word on the number; empty where whoever has it said so.
    """

    conversation: str
    person: str
    channel: Channel
    code: str | None = None
