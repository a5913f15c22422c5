"""A text as the carrier knows it. Pure: no clock, database or web."""

from dataclasses import dataclass
from enum import StrEnum
from typing import assert_never


class Direction(StrEnum):
    """Who sent it, in Twilio's words: the family, the product, or an automatic reply."""

    INBOUND = "inbound"
    OUTBOUND_API = "outbound-api"
    OUTBOUND_REPLY = "outbound-reply"


class Status(StrEnum):
    """Where a text is, in Twilio's words."""

    ACCEPTED = "accepted"  # by a messaging service, which has not chosen a sender yet
    QUEUED = "queued"
    SENT = "sent"
    DELIVERED = "delivered"
    UNDELIVERED = "undelivered"
    FAILED = "failed"
    RECEIVED = "received"


@dataclass(frozen=True, slots=True)
class Message:
    """One text. Times are seconds since the epoch on the product's clock.

    Attributes:
        seq: Order of acceptance; never used again.
        phone: The family's number.
        line: The product's number; assigned at once, shown to the API when no longer accepted.
        callback_url: Where status changes are told, if anywhere.
    """

    seq: int
    sid: str
    direction: Direction
    phone: str
    line: str
    service_sid: str | None
    body: str
    segments: int
    status: Status
    error_code: int | None
    callback_url: str | None
    created_at: float
    updated_at: float
    sent_at: float | None

    @property
    def to(self) -> str:
        """The number that it goes to."""
        match self.direction:
            case Direction.INBOUND:
                return self.line
            case Direction.OUTBOUND_API | Direction.OUTBOUND_REPLY:
                return self.phone
            case _:
                assert_never(self.direction)

    @property
    def from_(self) -> str:
        """The number that it comes from."""
        return self.phone if self.direction is Direction.INBOUND else self.line

    @property
    def finished(self) -> bool:
        """Whether no other status follows."""
        return self.status in {
            Status.DELIVERED,
            Status.UNDELIVERED,
            Status.FAILED,
            Status.RECEIVED,
        }
