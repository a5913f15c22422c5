"""One line of the delivery log: what was sent, and what came back. Pure."""

from datetime import datetime
from typing import ClassVar

from contracts.code import Code
from contracts.sealed import Sealed
from services.chassis.aggregate import Aggregate

MOST_RESPONSE = 2 * 1024
"""Bytes of a response that are read and kept."""


class Outcome(Code):
    """What came of an attempt."""

    DELIVERED = "delivered"
    FAILED = "failed"
    GIVEN_UP = "given-up"


class Attempt(Aggregate):
    """One attempt.

    Attributes:
        number: of the feed's entry; 0 for a test event.
        tries: which try of this delivery it was, from 1 on.
        event: id that stood in `webhook-id`.
        status: of the response; None where there was none.
        error: why there was none, as a slug.
        took: milliseconds.
        body: as it was sent; it names nobody.
        response: the first 2 KiB, sealed under the endpoint's key: a stranger wrote it.
        next_try: when it is tried again; None where it is not.
    """

    COLLECTION: ClassVar[str] = "webhook_attempts"
    STAMPED: ClassVar[bool] = True

    endpoint: str
    agency: str
    number: int
    tries: int = 1
    event: str
    type: str
    at: datetime
    outcome: Outcome
    status: int | None = None
    error: str | None = None
    took: int = 0
    body: str = ""
    response: Sealed | None = None
    next_try: datetime | None = None
