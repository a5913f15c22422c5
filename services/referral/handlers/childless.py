"""Households that are without a child, and for how long: a roster, or a merge undone, left them so.

Their guardians' names and telephones are all that is left of them, and nobody's help depends on it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from contracts.topic import PEOPLE
from services.chassis.store import Store
from services.referral.model.consent import ConsentBook
from services.referral.model.merge import FamilyMerge
from services.referral.model.people import Family, Student

_GROUP = 500


@dataclass(frozen=True, slots=True)
class Due:
    """A family whose record is due, and its school."""

    family: str
    site: str


async def childless(store: Store, limit: datetime, day: str) -> list[Due]:
    """Return the households without a child of which nothing was heard since, by no order.

    One that was merged into another is kept with that one; one that names nobody holds nothing that
    could be erased.

    Args:
        store: where they are kept.
        limit: the moment before which the last child must have gone, and the last of its people
            been written down.
        day: the same as a local day.
    """
    query = {"merged_into": None, "erasing": None}
    shown = {"site": 1, "contacts.id": 1, "former.id": 1}
    found: list[Due] = []
    group: list[Mapping[str, Any]] = []
    async for row in store.collection(Family).find(query, projection=shown):
        group.append(row)
        if len(group) == _GROUP:
            found += await _of(store, group, limit, day)
            group = []
    return found + await _of(store, group, limit, day)


async def _of(
    store: Store, rows: Sequence[Mapping[str, Any]], limit: datetime, day: str
) -> list[Due]:
    """Return those of these households that are without a child and were left so before."""
    ids = [row["_id"] for row in rows]
    peopled = set(await store.collection(Student).distinct("family", {"family": {"$in": ids}}))
    empty = {row["_id"]: row for row in rows if row["_id"] not in peopled}
    if not empty:
        return []
    homes = {
        each["id"]: id
        for id, row in empty.items()
        for each in (*row.get("contacts", ()), *row.get("former", ()))
    }
    kept = await _left_since(store, list(empty), limit) | await _heard_since(
        store, homes, limit, day
    )
    due = set(homes.values()) - kept
    return [Due(id, row["site"]) for id, row in empty.items() if id in due]


async def _left_since(store: Store, families: Sequence[str], limit: datetime) -> set[str]:
    """Return those of these households that a child was still of, or that were merged, since."""
    there, since = set(families), {"$gte": limit}
    left = {"former": {"$elemMatch": {"family": {"$in": list(families)}, "until": since}}}
    kept = {
        each.family
        async for child in store.find(Student, left)
        for each in child.former
        if each.family in there and each.until >= limit
    }
    named = {"$or": [{"kept": {"$in": list(families)}}, {"absorbed": {"$in": list(families)}}]}
    lately = {"$or": [{"at": since}, {"undone_at": since}]}
    async for merge in store.find(FamilyMerge, {"$and": [named, lately]}):
        kept |= {merge.kept, merge.absorbed}
    return kept


async def _heard_since(
    store: Store, homes: Mapping[str, str], limit: datetime, day: str
) -> set[str]:
    """Return the households of whose people something was written since, or who still consent.

    Args:
        store: where it stands.
        homes: household by contact.
        limit: since when.
        day: the same as a local day.
    """
    people = {"$in": list(homes)}
    since = {"$gte": int(limit.timestamp() * 1_000_000)}
    told = {"topic": PEOPLE.name, "key": people, "time_us": since}
    kept = {homes[each] for each in await store.database["event_log"].distinct("key", told)}
    holds = {"given_by": people, "revocation": None, "until": {"$gte": day}}
    books = store.find(ConsentBook, {"consents": {"$elemMatch": holds}})
    return kept | {
        homes[each.given_by]
        async for book in books
        for each in book.consents
        if each.given_by in homes and each.revocation is None and each.until.isoformat() >= day
    }
