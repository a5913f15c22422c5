"""Reading and indexing what the care team wrote. Changes go through `Store.update` alone."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from services.chassis.store import Aggregate, Store
from services.referral.model.attempts import ContactAttempt
from services.referral.model.meeting import Meeting, TaskState
from services.referral.model.notes import Note, Visibility

SHARED = [Visibility.CARE_TEAM.value, Visibility.PARTNER.value]


async def create_care_indexes(store: Store) -> None:
    """Make what the queries below need."""
    await store.collection(Note).create_index([("student", 1), ("_id", -1)])
    await store.collection(Note).create_index("referral", sparse=True)
    attempts = store.collection(ContactAttempt)
    await attempts.create_index([("student", 1), ("happened_at", -1), ("_id", -1)])
    await attempts.create_index([("referral", 1), ("happened_at", 1)])
    await store.collection(Meeting).create_index([("student", 1), ("_id", -1)])
    await store.collection(Meeting).create_index([("site", 1), ("tasks.state", 1), ("_id", 1)])


async def referrals_named(store: Store, kind: type[Aggregate], student: str) -> list[str]:
    """Return the referrals that a student's notes or attempts name."""
    found = await store.collection(kind).distinct("referral", {"student": student})
    return [str(each) for each in found if each is not None]


async def list_notes(
    store: Store,
    student: str,
    *,
    reader: str,
    referrals: Sequence[str | None],
    before: str | None,
    limit: int,
) -> list[Note]:
    """Return a student's notes that somebody reads, newest first.

    Args:
        store: where they are.
        student: whose.
        reader: subject; their *only me* notes are among them, those of others never.
        referrals: whose notes they may see; None among them stands for notes on none.
        before: id of the last one of the page before.
        limit: how many.
    """
    query: dict[str, Any] = {
        "student": student,
        "referral": {"$in": list(referrals)},
        "$or": [{"visibility": {"$in": SHARED}}, {"author": reader}],
    }
    if before is not None:
        query["_id"] = {"$lt": before}
    found = store.find(Note, query, sort=[("_id", -1)], limit=limit)
    return [note async for note in found]


async def partner_notes(store: Store, referral: str) -> list[Note]:
    """Return the notes on a referral that are for its partner, oldest first."""
    query = {"referral": referral, "visibility": Visibility.PARTNER.value}
    return [note async for note in store.find(Note, query, limit=200)]


async def list_attempts(
    store: Store,
    student: str,
    *,
    referrals: Sequence[str | None],
    before: tuple[datetime, str] | None,
    limit: int,
) -> list[ContactAttempt]:
    """Return a student's contact attempts, the latest to happen first."""
    query: dict[str, Any] = {"student": student, "referral": {"$in": list(referrals)}}
    if before is not None:
        at, id = before
        query["$or"] = [
            {"happened_at": {"$lt": at}},
            {"happened_at": at, "_id": {"$lt": id}},
        ]
    order = [("happened_at", -1), ("_id", -1)]
    found = store.find(ContactAttempt, query, sort=order, limit=limit)
    return [attempt async for attempt in found]


async def list_meetings(
    store: Store, student: str, *, before: str | None, limit: int
) -> list[Meeting]:
    """Return a student's meetings, newest first."""
    query: dict[str, Any] = {"student": student}
    if before is not None:
        query["_id"] = {"$lt": before}
    found = store.find(Meeting, query, sort=[("_id", -1)], limit=limit)
    return [meeting async for meeting in found]


async def meetings_with_tasks(
    store: Store,
    sites: frozenset[str],
    states: Sequence[TaskState],
    *,
    owner: str | None,
    after: str | None,
    limit: int,
) -> list[Meeting]:
    """Return meetings with a task in one of these states; `*` among the sites means all."""
    task: dict[str, Any] = {"state": {"$in": [each.value for each in states]}}
    if owner is not None:
        task["owner"] = owner
    query: dict[str, Any] = {"tasks": {"$elemMatch": task}}
    if "*" not in sites:
        query["site"] = {"$in": sorted(sites)}
    if after is not None:
        query["_id"] = {"$gt": after}
    return [meeting async for meeting in store.find(Meeting, query, limit=limit)]
