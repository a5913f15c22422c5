"""Which schools a household is of: those that its children are at, whoever entered it once."""

from collections.abc import Collection, Sequence

from services.chassis.store import Change, Store
from services.referral.model.people import Family, Student

_SLICE = 100
"""Households a transaction."""


async def schools_of(store: Store, families: Sequence[Family]) -> dict[str, frozenset[str]]:
    """Return the schools of households, by the household's id."""
    at = await _of_children(store, [each.id for each in families])
    return {each.id: each.schools(at.get(each.id, ())) for each in families}


async def settle(store: Store, families: Collection[str]) -> None:
    """Let households whose last child has left their school be of a school of their children.

    It is where a household is kept for once its last child is gone from it: not at a school that
    it had left before.
    """
    at = await _of_children(store, families)
    wanted = {"_id": {"$in": sorted(at)}}
    moved = [x.id async for x in store.find(Family, wanted) if x.settled(at[x.id]) is not x]

    def move(known: Family) -> Change[None]:
        after = known.settled(at[known.id])
        return Change(None, [] if after is known else [after])

    for start in range(0, len(moved), _SLICE):
        ids = moved[start : start + _SLICE]
        await store.update_each(Family, ids, move, name="settle a household")


async def _of_children(store: Store, families: Collection[str]) -> dict[str, set[str]]:
    """Return where the children of households are; one without a child is left out."""
    query = {"family": {"$in": sorted(families)}}
    rows = store.collection(Student).find(query, projection={"family": 1, "site": 1})
    found: dict[str, set[str]] = {}
    async for row in rows:
        found.setdefault(row["family"], set()).add(row["site"])
    return found
