"""A referral's full history, read from where each part of it is kept."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from services.chassis.acting import Acting
from services.chassis.store import Store
from services.referral.care_store import SHARED
from services.referral.model.attempts import ContactAttempt
from services.referral.model.audit import AuditEntry
from services.referral.model.consent import Disclosure
from services.referral.model.history import (
    Line,
    Position,
    of_attempt,
    of_audit,
    of_event,
    of_note,
    of_reading,
    of_told,
    page,
)
from services.referral.model.notes import Note
from services.referral.model.referral import Referral
from services.referral.store import TimelineEntry, said_in, short

_MOST_NOTES = 1_000

_OWN_TOPICS = ("referrals", "follow-ups")


async def create_indexes(store: Store) -> None:
    """Make what the queries below need."""
    await store.collection(Disclosure).create_index([("referral", 1), ("recorded_at", -1)])


async def history(
    store: Store, referral: Referral, *, reader: str, before: Position | None, limit: int
) -> list[Line]:
    """Return what was done with a referral, newest first.

    Args:
        store: where everything is kept.
        referral: which.
        reader: subject; of *only me* notes their own alone are told.
        before: the last line of the page before.
        limit: how many.
    """
    return page(
        [
            await _own(store, referral, before, limit),
            await _told(store, referral, before, limit),
            await _readings(store, referral.id, before, limit),
            await _audited(store, referral.id, before, limit),
            await _attempts(store, referral.id, before, limit),
            await _notes(store, referral.id, reader, before, limit),
        ],
        limit,
    )


async def _own(
    store: Store, referral: Referral, before: Position | None, limit: int
) -> Sequence[Line]:
    """Return this service's own events; there since their command's transaction."""
    query: dict[str, Any] = {"key": referral.id, "topic": {"$in": list(_OWN_TOPICS)}}
    if before is not None:
        at, id = before
        us = round(at.timestamp() * 1_000_000)
        query["$or"] = [{"time_us": {"$lt": us}}, {"time_us": us, "_id": {"$lt": id}}]
    rows = store.database["event_log"].find(query, sort=[("time_us", -1), ("_id", -1)], limit=limit)
    return [
        of_event(
            row["_id"],
            datetime.fromtimestamp(row["time_us"] / 1_000_000, UTC),
            short(row["type"]),
            Acting.of(row.get("by")),
            about=said_in(row["data"]),
            duplicate_of=referral.duplicate_of,
        )
        async for row in rows
    ]


async def _told(
    store: Store, referral: Referral, before: Position | None, limit: int
) -> Sequence[Line]:
    query = {"referral": referral.id, **_older("at", before)}
    found = store.find(TimelineEntry, query, sort=[("at", -1), ("_id", -1)], limit=limit)
    agency = referral.claim.agency if referral.claim else None
    return [of_told(each.id, each.at, each.what, each.about, agency) async for each in found]


async def _readings(
    store: Store, referral: str, before: Position | None, limit: int
) -> Sequence[Line]:
    query = {"referral": referral, **_older("recorded_at", before)}
    found = store.find(Disclosure, query, sort=[("recorded_at", -1), ("_id", -1)], limit=limit)
    return [of_reading(each) async for each in found]


async def _audited(
    store: Store, referral: str, before: Position | None, limit: int
) -> Sequence[Line]:
    about = {"$or": [{"about.referral": referral}, {"about.read": referral}]}
    query = {"$and": [about, _older("at", before)]}
    found = store.find(AuditEntry, query, sort=[("at", -1), ("_id", -1)], limit=limit)
    return [of_audit(each) async for each in found]


async def _attempts(
    store: Store, referral: str, before: Position | None, limit: int
) -> Sequence[Line]:
    query = {"referral": referral, **_older("recorded_at", before)}
    order = [("recorded_at", -1), ("_id", -1)]
    found = store.find(ContactAttempt, query, sort=order, limit=limit)
    return [of_attempt(each) async for each in found]


async def _notes(
    store: Store, referral: str, reader: str, before: Position | None, limit: int
) -> Sequence[Line]:
    """Return what was done with notes: a referral has few, and each stands at several moments."""
    readable = {"$or": [{"visibility": {"$in": SHARED}}, {"author": reader}]}
    found = store.find(Note, {"referral": referral, **readable}, limit=_MOST_NOTES)
    lines = [line async for note in found for line in of_note(note)]
    return page([[each for each in lines if before is None or each.position < before]], limit)


def _older(field: str, before: Position | None) -> dict[str, Any]:
    if before is None:
        return {}
    at, id = before
    return {"$or": [{field: {"$lt": at}}, {field: at, "_id": {"$lt": id}}]}
