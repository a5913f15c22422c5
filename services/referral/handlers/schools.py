"""What is open of a child goes with the child to another school, in the transaction of the move.

The queue asks by the school, and so does whoever may act: what stayed behind would be seen by staff
who may not know of the child any more, and by nobody who may. What has ended stays where it ended.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from services.chassis.store import Change, Found, Ref, Store
from services.referral.model.consent import ConsentBook
from services.referral.model.deletion import DeletionRequest, DeletionState
from services.referral.model.help_request import HelpRequest, schools_of
from services.referral.model.people import Family, Student

_ASKED = {"$in": [DeletionState.OPEN.value, DeletionState.OVERDUE.value]}


async def follow_to_school(store: Store, schools: Mapping[str, str]) -> None:
    """Take consents, requests to delete and requests for help to the schools of their children.

    Versions move on, so that nobody who has loaded one of them writes the old school back.

    Args:
        store: where things are kept; in a transaction, it is part of it.
        schools: the school of each child, by the child's id.
    """
    children: dict[str, list[str]] = {}
    for student, site in schools.items():
        children.setdefault(site, []).append(student)
    for site, students in children.items():
        change = {"$set": {"site": site}, "$inc": {"version": 1}}
        ids, elsewhere = {"$in": students}, {"$ne": site}
        await store.collection(ConsentBook).update_many({"_id": ids, "site": elsewhere}, change)
        open_ = {"student": ids, "site": elsewhere, "state": _ASKED}
        await store.collection(DeletionRequest).update_many(open_, change)
    await _follow_requests(store, list(schools))


async def _follow_requests(store: Store, students: Sequence[str]) -> None:
    """Let open requests for help be seen at the schools of those whom they may be about."""
    if not students:
        return
    ids = {"_id": {"$in": list(students)}}
    homes = await store.collection(Student).distinct("family", ids)
    theirs = [{"student": {"$in": list(students)}}, {"families": {"$in": await _all(store, homes)}}]
    query = {"handled": None, "$or": theirs}
    for request in [each async for each in store.find(HelpRequest, query)]:
        first, sites = schools_of(await _schools(store, request))
        site = request.site if request.site in sites else first
        if set(sites) != set(request.sites):
            await _move(store, Ref(HelpRequest, request.id), site, sites)


async def _move(
    store: Store, ref: Ref[HelpRequest], site: str | None, sites: tuple[str, ...]
) -> None:
    def move(found: Found) -> Change[None]:
        known = found.get(ref)
        if known is None or known.handled is not None:
            return Change(None)
        return Change(None, [known.having(site=site, sites=sites)])

    await store.update([ref], move)


async def _schools(store: Store, request: HelpRequest) -> list[str]:
    """Return the schools of whom a request may be about, the likeliest first."""
    if request.student is not None:
        child = await store.get(Student, request.student)
        return [child.site] if child else list(request.sites)
    found: list[str] = []
    for home in request.families:
        into = await _into(store, home)
        query: dict[str, Any] = {"family": into, "erased_at": None}
        children = [each async for each in store.find(Student, query)]
        family = await store.get(Family, into)
        of_home = [each.site for each in children if each.attends] or [x.site for x in children]
        found += of_home or ([family.site] if family else [])
    return found or list(request.sites)


async def _all(store: Store, homes: Sequence[str]) -> list[str]:
    """Return households with those that were merged into them: a request names either."""
    found = set(homes)
    async for each in store.find(Family, {"_id": {"$in": list(homes)}}):
        found.update(each.absorbed)
    return sorted(found)


async def _into(store: Store, home: str) -> str:
    """Return the household that one was merged into, or itself."""
    seen = {home}
    while True:
        family = await store.get(Family, home)
        if family is None or family.merged_into is None or family.merged_into in seen:
            return home
        home = family.merged_into
        seen.add(home)
