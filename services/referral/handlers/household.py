"""Everything of a child names the child's household: who is told, who reads, how long it is kept.

A child comes into another household by a merge, its undoing, or a roster that groups children anew.
"""

from collections.abc import Mapping, Sequence

from pymongo import UpdateMany

from services.chassis.aggregate import Aggregate
from services.chassis.store import Store
from services.referral.model.attempts import ContactAttempt
from services.referral.model.care import CareTeam
from services.referral.model.consent import ConsentBook, Disclosure
from services.referral.model.deletion import DeletionRequest
from services.referral.model.meeting import Meeting
from services.referral.model.notes import Note
from services.referral.model.people import Family, Student
from services.referral.model.referral import Referral

OF_A_STUDENT: tuple[type[Aggregate], ...] = (
    *(Referral, Disclosure, DeletionRequest, Note, ContactAttempt, Meeting),
)
"""What names its student beside the family, and follows the student into another one."""

BY_STUDENT: tuple[type[Aggregate], ...] = (ConsentBook, CareTeam)
"""The same, where the id is the student's."""


async def create_indexes(store: Store) -> None:
    """Make what finding everything of a child needs."""
    for kind in OF_A_STUDENT:
        await store.collection(kind).create_index("student")


async def follow(store: Store, homes: Mapping[str, str]) -> None:
    """Let everything of these children name their household.

    Versions move on, so that nobody who has loaded one of them writes the old household back.

    Args:
        store: where things are kept; in a transaction, it is part of it.
        homes: the household of each child, by the child's id.
    """
    children: dict[str, list[str]] = {}
    for student, family in homes.items():
        children.setdefault(family, []).append(student)
    if not children:
        return
    named = [*((kind, "_id") for kind in BY_STUDENT), *((kind, "student") for kind in OF_A_STUDENT)]
    for kind, student in named:
        await store.collection(kind).bulk_write(
            [
                UpdateMany(
                    {student: {"$in": ids}, "family": {"$ne": family}},
                    {"$set": {"family": family}, "$inc": {"version": 1}},
                )
                for family, ids in children.items()
            ]
        )


async def all_in(store: Store, family: Family) -> Sequence[str]:
    """Return the ids of a household and of all that were merged into it, and into those."""
    ids, looking = [family.id], list(family.absorbed)
    while looking:
        ids += looking
        found = store.find(Family, {"_id": {"$in": looking}})
        looking = [id async for each in found for id in each.absorbed if id not in ids]
    return ids


async def erased_with(store: Store, family: str) -> list[Family]:
    """Return the household that is erased, and those of which nobody else is left to ask.

    They are those merged into it, and those that its children were the last to leave.
    """
    own = await store.get(Family, family)
    if own is None:
        return []
    ids = list(await all_in(store, own))
    children = [each async for each in store.find(Student, {"family": family})]
    left = {each.family for child in children for each in child.former} - set(ids)
    if left:
        query = {"family": {"$in": sorted(left)}}
        left -= set(await store.collection(Student).distinct("family", query))
        empty = {"_id": {"$in": sorted(left)}, "merged_into": None}
        for each in [each async for each in store.find(Family, empty)]:
            ids += await all_in(store, each)
    found = store.find(Family, {"_id": {"$in": ids}})
    return sorted([each async for each in found], key=lambda each: each.id != family)
