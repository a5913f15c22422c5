"""An agency's feed: what it is told, numbered 1, 2, 3 … without a gap. Pure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, ClassVar

from services.chassis.aggregate import Aggregate
from services.partner.model.told import to_the_minute
from services.partner.subscriptions.model.kinds import TEST, Kind
from services.partner.subscriptions.model.thread import Draft, Thread

KEPT = timedelta(days=30)
"""How far back a replay goes."""

SOURCE = "enlace/partner"
CONTENT_TYPE = "application/cloudevents+json"

_ALWAYS = frozenset({"claim", "reason", "recorded_by_school", "progress", "outcome"})
"""What is about the agency's own acts alone: it stays when an offer is closed to it."""


class Feed(Aggregate):
    """How far an agency's feed has come; the id is the agency's."""

    COLLECTION: ClassVar[str] = "subscription_feeds"

    last: int = 0


class Entry(Aggregate):
    """One entry of an agency's feed.

    Attributes:
        number: its place in the feed, which is the feed's cursor.
        event: id of the event as the agency receives it.
        data: JSON values, as they were when it happened.
    """

    COLLECTION: ClassVar[str] = "subscription_entries"
    STAMPED: ClassVar[bool] = True

    agency: str
    number: int
    event: str
    kind: Kind
    time: datetime
    referral: str
    offer: str
    service: str
    data: dict[str, Any]


def entry_id(agency: str, number: int) -> str:
    """Return the id of an entry."""
    return f"{agency}@{number}"


def number(feed: Feed, drafts: Sequence[Draft]) -> tuple[Feed, tuple[Entry, ...]]:
    """Give an agency's drafts the next numbers, in order."""
    entries = tuple(
        Entry(
            id=entry_id(feed.id, place),
            agency=feed.id,
            number=place,
            event=each.id,
            kind=each.kind,
            time=each.time,
            referral=each.referral,
            offer=each.offer,
            service=each.service,
            data=dict(each.data),
        )
        for place, each in enumerate(drafts, start=feed.last + 1)
    )
    return feed.having(last=feed.last + len(entries)), entries


def cloud_event(entry: Entry, thread: Thread | None, source: str = SOURCE) -> dict[str, Any]:
    """Return an entry in CloudEvents' JSON format, as its agency may see it now.

    What an offer is about (school, kind of need, bands, referral) is left out once the offer is
    closed to the agency, or the referral is gone; `withheld` says that it was.
    """
    open_to_it = thread is not None and thread.may_see(entry.agency, entry.offer)
    seen = {name: value for name, value in entry.data.items() if open_to_it or name in _ALWAYS}
    withheld = {} if len(seen) == len(entry.data) else {"withheld": True}
    return {
        "specversion": "1.0",
        "id": entry.event,
        "source": source,
        "type": entry.kind.value,
        "subject": entry.offer,
        "time": to_the_minute(entry.time).isoformat(),
        "datacontenttype": "application/json",
        "feednumber": entry.number,
        "data": {"offer": entry.offer, "service": entry.service, **seen, **withheld},
    }


def test_event(id: str, endpoint: str, agency: str, now: datetime, source: str) -> dict[str, Any]:
    """Return an event that only proves that deliveries arrive."""
    return {
        "specversion": "1.0",
        "id": id,
        "source": source,
        "type": TEST,
        "subject": endpoint,
        "time": now.isoformat(),
        "datacontenttype": "application/json",
        "data": {"agency": agency, "message": "Your endpoint receives events from Enlace."},
    }
