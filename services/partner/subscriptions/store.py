"""Reading and indexing what subscriptions keep. Changes go through `Store.update` alone."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.chassis.store import Store
from services.partner.subscriptions.model.attempt import Attempt, Outcome
from services.partner.subscriptions.model.endpoint import Endpoint, State
from services.partner.subscriptions.model.entry import Entry
from services.partner.subscriptions.model.key import ApiKey
from services.partner.subscriptions.model.lane import Lane

_DAY = 24 * 3600
_KEPT_SECONDS = 31 * _DAY
"""By the server's own time: a little longer than what is promised."""


async def create_indexes(store: Store) -> None:
    """Make what the queries below need, and let old rows go."""
    entries, attempts = store.collection(Entry), store.collection(Attempt)
    lanes = store.collection(Lane)
    await entries.create_index([("agency", 1), ("number", 1)], unique=True)
    await entries.create_index([("agency", 1), ("time", 1)])
    await entries.create_index([("agency", 1), ("event", 1)])
    await attempts.create_index([("endpoint", 1), ("_id", -1)])
    for rows in (entries, attempts):
        await rows.create_index("changed_at", expireAfterSeconds=_KEPT_SECONDS)
    await lanes.create_index(
        "changed_at", expireAfterSeconds=_KEPT_SECONDS, partialFilterExpression={"idle": True}
    )
    await lanes.create_index([("endpoint", 1), ("next_due", 1)])
    await store.collection(Endpoint).create_index("agency")
    await store.collection(ApiKey).create_index("agency")
    await store.collection(ApiKey).create_index("hash", unique=True)


async def endpoints_of(store: Store, agencies: Iterable[str]) -> list[Endpoint]:
    """Return the agencies' endpoints that are not deleted."""
    query = {
        "agency": {"$in": sorted(set(agencies))},
        "state": {"$ne": State.DELETED.value},
    }
    return [each async for each in store.find(Endpoint, query)]


async def enabled(store: Store) -> list[Endpoint]:
    """Return every endpoint that is sent to."""
    return [each async for each in store.find(Endpoint, {"state": State.ENABLED.value})]


async def with_work(store: Store, now: datetime) -> set[str]:
    """Return the ids of endpoints for which something is due."""
    return set(await store.collection(Lane).distinct("endpoint", {"next_due": {"$lte": now}}))


async def due_lanes(store: Store, endpoint: str, now: datetime, limit: int) -> list[str]:
    """Return the ids of an endpoint's lanes that are due, the longest first."""
    query = {"endpoint": endpoint, "next_due": {"$lte": now}}
    rows = store.collection(Lane).find(
        query, projection={"_id": 1}, sort=[("next_due", 1)], limit=limit
    )
    return [row["_id"] async for row in rows]


async def lanes_waiting(store: Store, endpoint: str, limit: int) -> list[str]:
    """Return the ids of an endpoint's lanes in which something waits."""
    query = {"endpoint": endpoint, "idle": False}
    rows = store.collection(Lane).find(query, projection={"_id": 1}, limit=limit)
    return [row["_id"] async for row in rows]


async def count_waiting(store: Store, endpoint: str) -> int:
    """Return how many deliveries wait for an endpoint."""
    pipeline: list[dict[str, Any]] = [
        {"$match": {"endpoint": endpoint, "idle": False}},
        {"$group": {"_id": None, "n": {"$sum": {"$size": "$queue"}}}},
    ]
    rows = await store.collection(Lane).aggregate(pipeline)
    return sum([row["n"] async for row in rows])


async def count_due(store: Store, now: datetime) -> int:
    """Return how many lanes of endpoints that are sent to are due."""
    ids = [each.id for each in await enabled(store)]
    query = {"endpoint": {"$in": ids}, "next_due": {"$lte": now}}
    return await store.collection(Lane).count_documents(query)


async def entries_after(store: Store, agency: str, after: int, limit: int) -> list[Entry]:
    """Return the next entries of a feed, in order."""
    query = {"agency": agency, "number": {"$gt": after}}
    rows = store.find(Entry, query, sort=[("number", 1)], limit=limit)
    return [each async for each in rows]


async def first_number(store: Store, agency: str) -> int | None:
    """Return the number of the oldest entry that is still kept."""
    rows = store.find(Entry, {"agency": agency}, sort=[("number", 1)], limit=1)
    return next(iter([each.number async for each in rows]), None)


async def entry_of(store: Store, agency: str, event: str) -> Entry | None:
    """Return the entry that an event id stands for."""
    rows = store.find(Entry, {"agency": agency, "event": event}, limit=1)
    return next(iter([each async for each in rows]), None)


async def entries_since(
    store: Store, agency: str, since: datetime, after: int, limit: int
) -> list[Entry]:
    """Return entries that happened at a time or later, in the feed's order."""
    query = {"agency": agency, "number": {"$gt": after}, "time": {"$gte": since}}
    rows = store.find(Entry, query, sort=[("number", 1)], limit=limit)
    return [each async for each in rows]


async def attempts_of(
    store: Store,
    endpoint: str,
    before: str | None,
    limit: int,
    outcome: Outcome | None = None,
) -> list[Attempt]:
    """Return an endpoint's delivery log, newest first; `outcome`: those alone."""
    query: dict[str, object] = {"endpoint": endpoint}
    if outcome is not None:
        query["outcome"] = outcome.value
    if before is not None:
        query["_id"] = {"$lt": before}
    rows = store.find(Attempt, query, sort=[("_id", -1)], limit=limit)
    return [each async for each in rows]


async def keys_of(store: Store, agency: str) -> list[ApiKey]:
    """Return an agency's keys, oldest first."""
    return [each async for each in store.find(ApiKey, {"agency": agency})]


async def key_by_hash(store: Store, kept: str) -> ApiKey | None:
    """Return a key by what is kept of it."""
    return next(iter([each async for each in store.find(ApiKey, {"hash": kept}, limit=1)]), None)
