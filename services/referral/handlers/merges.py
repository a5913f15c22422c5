"""Merging two households, and undoing it: everything of the children follows in one transaction."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

from contracts.people import PersonChanged, PersonKind
from contracts.sealed import Sealed
from contracts.topic import PEOPLE
from services.chassis.errors import unknown
from services.chassis.http.commands import check_repeat, check_version
from services.chassis.store import Change, Found, Ref, Store
from services.referral.handlers.desk import Desk
from services.referral.handlers.doubts import look
from services.referral.handlers.erasures import need_there
from services.referral.handlers.household import follow
from services.referral.model.merge import FamilyMerge, MergeReason, joined, merge, part
from services.referral.model.people import Contact, Family, Student


async def children_of(store: Store, family: str) -> tuple[str, ...]:
    """Return ids of a household's children, whether they attend or not."""
    query = {"family": family}
    return tuple([each.id async for each in store.find(Student, query)])


async def merge_families(
    desk: Desk, wish: FamilyMerge, *, expected: int, absorbed_version: int
) -> FamilyMerge:
    """Merge two households; the same command again changes nothing.

    Args:
        desk: where things are kept.
        wish: who, when, why and which; the rest of it is filled in.
        expected: the version of the kept one that the caller saw.
        absorbed_version: that of the other.

    Raises:
        EnlaceError: they cannot be one, or have changed since.
    """
    own, kept_ref = Ref(FamilyMerge, wish.id), Ref(Family, wish.kept)
    absorbed_ref = Ref(Family, wish.absorbed)

    async def work() -> FamilyMerge:
        there = await desk.store.get(FamilyMerge, wish.id)
        if there is not None:
            check_repeat(there.fingerprint, wish.fingerprint)
            return there
        children = {id: await children_of(desk.store, id) for id in (wish.kept, wish.absorbed)}
        profiles = await _profiles(desk.store, children[wish.absorbed])

        def join(found: Found) -> Change[FamilyMerge]:
            kept, absorbed = found.get(kept_ref), found.get(absorbed_ref)
            if kept is None or absorbed is None:
                raise unknown("family")
            need_there(kept)
            need_there(absorbed)
            check_version(expected, kept.version)
            check_version(absorbed_version, absorbed.version)
            record = wish.having(
                site=kept.site,
                absorbed_site=absorbed.site,
                students=children[absorbed.id],
                kept_before=kept.contacts,
                absorbed_before=absorbed.contacts,
                after=joined(kept, absorbed, children),
            )
            after = merge(kept, absorbed, record)
            told = [
                *_contacts(kept.id, record.absorbed_before),
                *_students(kept.id, profiles),
            ]
            return Change(record.having(version=1), after, told, kept.site)

        done = await desk.store.update([own, kept_ref, absorbed_ref], join)
        await _follow(desk.store, done.students, done.absorbed, done.kept)
        await look(desk, [done.kept])
        return done

    done = await desk.store.database.transact(work)
    # Once more: what somebody wrote at the very moment names the household that was.
    return await _followed(desk.store, done, done.absorbed, done.kept)


async def undo_merge(
    desk: Desk, id: str, *, by: str, reason: MergeReason, expected: int
) -> FamilyMerge:
    """Part two households again (`model.merge.part`); children who joined since stay.

    Raises:
        EnlaceError: there is no such merge, it has changed, a later one stands on it, or
            what it joined is being erased.
    """
    own = Ref(FamilyMerge, id)
    now = desk.clock.now()

    async def work() -> FamilyMerge:
        record = await desk.store.get(FamilyMerge, id)
        if record is None:
            raise unknown("merge")
        kept_ref, absorbed_ref = Ref(Family, record.kept), Ref(Family, record.absorbed)
        here = set(await children_of(desk.store, record.kept))
        back = [each for each in record.students if each in here]
        profiles = await _profiles(desk.store, back)

        def undo(found: Found) -> Change[FamilyMerge]:
            current = found.get(own)
            kept, absorbed = found.get(kept_ref), found.get(absorbed_ref)
            if current is None or kept is None or absorbed is None:
                raise unknown("merge")
            # What was erased with the household that keeps it must not come back by an undoing.
            need_there(kept)
            need_there(absorbed)
            check_version(expected, current.version)
            stays, goes = part(current, kept, absorbed, staying=here.difference(back), going=back)
            after = current.having(undone_at=now, undone_by=by, undone_reason=reason)
            save = [
                kept.having(
                    contacts=stays.contacts, former=stays.former, absorbed=kept.absorbed[:-1]
                ),
                absorbed.having(contacts=goes.contacts, former=goes.former, merged_into=None),
                after,
            ]
            told = [*_contacts(absorbed.id, goes.contacts), *_students(absorbed.id, profiles)]
            return Change(after.having(version=after.version + 1), save, told, kept.site)

        done = await desk.store.update([own, kept_ref, absorbed_ref], undo)
        await _follow(desk.store, back, record.kept, record.absorbed)
        await look(desk, [record.kept, record.absorbed])
        return done

    done = await desk.store.database.transact(work)
    return await _followed(desk.store, done, done.kept, done.absorbed)


async def _followed(store: Store, done: FamilyMerge, old: str, new: str) -> FamilyMerge:
    there = set(await children_of(store, new))
    await _follow(store, [each for each in done.students if each in there], old, new)
    return done


async def _follow(store: Store, students: Sequence[str], old: str, new: str) -> None:
    """Take these children, and everything of them, from one household into another."""
    there = {"_id": {"$in": list(students)}, "family": old}
    stamped = {"$set": {"family": new, "changed_at": datetime.now(UTC)}, "$inc": {"version": 1}}
    await store.collection(Student).update_many(there, stamped)
    await follow(store, dict.fromkeys(students, new))


async def _profiles(store: Store, students: Sequence[str]) -> dict[str, Sealed]:
    """Return the sealed profile of each child, as it was told last; none of the erased."""
    rows = store.database["event_log"].find(
        {"topic": PEOPLE.name, "key": {"$in": list(students)}}, sort=[("sequence", 1)]
    )
    last = {row["key"]: row async for row in rows}
    return {
        id: Sealed(json.loads(bytes(row["data"]))["profile"])
        for id, row in last.items()
        if row["type"] == PersonChanged.TYPE
    }


def _contacts(family: str, contacts: Sequence[Contact]) -> list[PersonChanged]:
    return [
        PersonChanged(person=each.id, kind=PersonKind.CONTACT, family=family, profile=each.profile)
        for each in contacts
    ]


def _students(family: str, profiles: dict[str, Sealed]) -> list[PersonChanged]:
    return [
        PersonChanged(person=id, kind=PersonKind.STUDENT, family=family, profile=profile)
        for id, profile in sorted(profiles.items())
    ]
