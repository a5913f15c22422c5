"""Break-glass: looked for, opened, read under, reviewed. Nothing of it is silent."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from services.chassis.aggregate import Aggregate
from services.chassis.auth import Principal
from services.chassis.errors import unknown
from services.chassis.http.commands import check_repeat
from services.chassis.store import Change, Found, Ref, Store
from services.referral.handlers.audit import actor_of, line, note
from services.referral.handlers.desk import Desk
from services.referral.model.audit import Action, Actor
from services.referral.model.glass import GlassOpening, Review
from services.referral.model.glass_use import (
    COUNTED,
    GlassUse,
    Look,
    need_not_suspended,
    too_often,
)


async def create_indexes(store: Store) -> None:
    """Make what the queries below need."""
    rows = store.collection(GlassOpening)
    await rows.create_index([("by", 1), ("student", 1), ("closes_at", -1)])
    await rows.create_index([("site", 1), ("_id", -1)])
    uses = store.collection(GlassUse)
    await uses.create_index([("looks.at", -1)])
    await uses.create_index([("looks.sites", 1)])


async def open_record(desk: Desk, fresh: GlassOpening, actor: Actor) -> GlassOpening:
    """Open a record, and tell of it, in one transaction; a repeat is the same answer.

    Raises:
        EnlaceError: the id was used with another body, or they are suspended.
    """
    ref, use = Ref(GlassOpening, fresh.id), _use_of(fresh.by)

    def open_it(found: Found) -> Change[GlassOpening]:
        known = found.get(ref)
        if known is not None:
            check_repeat(known.fingerprint, fresh.fingerprint)
            return Change(known)
        need_not_suspended(found.get(use), fresh.opened_at)
        noted = line(
            actor,
            Action.BREAK_GLASS_OPENED,
            desk.clock.now(),
            site=fresh.site,
            about=_about(fresh),
        )
        return Change(fresh.having(version=1), [fresh, noted], [fresh.told()], fresh.site)

    return await desk.store.update([ref, use], open_it)


async def need_standing(desk: Desk, subject: str) -> None:
    """Pass who may look for a child now.

    Raises:
        EnlaceError: they are suspended.
    """
    use = await desk.store.get(GlassUse, GlassUse.id_of(subject))
    need_not_suspended(use, desk.clock.now())


async def looked(desk: Desk, actor: Actor, found: Mapping[str, str]) -> None:
    """Count and write down that somebody looked for a child of any school, before they are told.

    The count and the lines are one transaction, so that any number of processes count together.

    Args:
        desk: where it is kept.
        actor: who looked.
        found: the schools of the children who are named to them, by the children's ids.

    Raises:
        EnlaceError: they are suspended, or have looked too often: then that is written down.
    """
    now, rules, use = desk.clock.now(), desk.rules(), _use_of(actor.subject)
    about = {"found": str(len(found))}

    def count(held: Found) -> Change[bool]:
        known = held.get(use) or GlassUse.none_yet(actor.subject)
        need_not_suspended(known, now)
        if not known.may_look(now, rules):
            refused = line(actor, Action.BREAK_GLASS_TURNED_AWAY, now)
            return Change(False, [known.turning_away(now), refused])
        noted = [
            line(actor, Action.BREAK_GLASS_SEARCHED, now, site=site, about={**about, "student": id})
            for id, site in found.items()
        ] or [line(actor, Action.BREAK_GLASS_SEARCHED, now, about=about)]
        look = Look(at=now, sites=tuple(sorted(set(found.values()))))
        return Change(True, [known.looked(look), *noted])

    if not await desk.store.update([use], count):
        raise too_often(rules)


async def opened(desk: Desk, caller: Principal, student: str, referral: str | None) -> bool:
    """Tell whether the caller reads a record that they have opened; each reading is written down.

    Commands are never let through: who may not see may not change. Nor is anything of somebody
    who is suspended, whatever they had opened beside.
    """
    if not caller.origin.reading:
        return False
    whole: dict[str, Any] = {"referral": None}
    query: dict[str, Any] = {
        "by": caller.subject,
        "student": student,
        "closes_at": {"$gt": desk.clock.now()},
        "$or": [whole, {"referral": referral}],
    }
    found = [each async for each in desk.store.find(GlassOpening, query, limit=1)]
    if not found:
        return False
    use = await desk.store.get(GlassUse, GlassUse.id_of(caller.subject))
    if use is not None and use.suspended(desk.clock.now()):
        return False
    about = _about(found[0]) | {"read": referral or student}
    await note(desk, actor_of(caller), Action.BREAK_GLASS_READ, site=found[0].site, about=about)
    return True


async def review(desk: Desk, id: str, given: Review, actor: Actor) -> GlassOpening:
    """Keep what the lead or the district found; not justified, who opened it is suspended.

    Raises:
        EnlaceError: no such opening, one's own, or reviewed already.
    """
    ref = Ref(GlassOpening, id)
    opening = await desk.store.get(GlassOpening, id)
    if opening is None:
        raise unknown("opening")
    use = _use_of(opening.by)

    def keep(found: Found) -> Change[GlassOpening]:
        known = found.get(ref)
        if known is None:
            raise unknown("opening")
        after = known.reviewed(given)
        told = after.verdict()
        if after is known or told is None:
            return Change(known)
        about = _about(known) | {"justified": "yes" if given.justified else "no"}
        noted = line(actor, Action.BREAK_GLASS_REVIEWED, given.at, site=known.site, about=about)
        save: list[Aggregate] = [after, noted]
        if not given.justified:
            standing = found.get(use) or GlassUse.none_yet(known.by)
            save.append(standing.suspending(known.id, given.at, desk.rules()))
        return Change(after.having(version=known.version + 1), save, [told], known.site)

    return await desk.store.update([ref, use], keep)


async def let_again(desk: Desk, opening: GlassOpening, actor: Actor) -> None:
    """Lift the suspension of who opened a record; there being none is a success.

    Raises:
        EnlaceError: it is one's own.
    """
    use = _use_of(opening.by)

    def lift(found: Found) -> Change[None]:
        known = found.get(use)
        after = None if known is None else known.lifted(actor.subject)
        if after is None or after is known:
            return Change(None)
        now, about = desk.clock.now(), _about(opening) | {"subject": opening.by}
        noted = line(actor, Action.BREAK_GLASS_LET_AGAIN, now, site=opening.site, about=about)
        return Change(None, [after, noted])

    await desk.store.update([use], lift)


async def uses_of(store: Store, subjects: Collection[str]) -> dict[str, GlassUse]:
    """Return how these people use it, by account; who never did is left out."""
    ids = sorted({GlassUse.id_of(each) for each in subjects})
    return {each.by: each async for each in store.find(GlassUse, {"_id": {"$in": ids}})}


async def lookers(store: Store, sites: frozenset[str], now: datetime, limit: int) -> list[GlassUse]:
    """Return who looked lately for children of these schools, the last first; `*`: for anybody."""
    query: dict[str, Any] = {"looks.at": {"$gt": now - COUNTED}}
    if "*" not in sites:
        named = {"at": {"$gt": now - COUNTED}, "sites": {"$in": sorted(sites)}}
        query = {"looks": {"$elemMatch": named}}
    found = store.find(GlassUse, query, sort=[("looks.at", -1), ("_id", 1)], limit=limit)
    return [each async for each in found]


async def openings(
    store: Store,
    sites: frozenset[str],
    *,
    waiting: bool | None,
    before: str | None,
    limit: int,
) -> list[GlassOpening]:
    """Return the openings of these schools' children, newest first; `*` means all schools."""
    query: dict[str, Any] = {} if "*" in sites else {"site": {"$in": sorted(sites)}}
    if waiting is not None:
        query["review"] = None if waiting else {"$ne": None}
    if before is not None:
        query["_id"] = {"$lt": before}
    found = store.find(GlassOpening, query, sort=[("_id", -1)], limit=limit)
    return [each async for each in found]


def _use_of(subject: str) -> Ref[GlassUse]:
    return Ref(GlassUse, GlassUse.id_of(subject))


def _about(opening: GlassOpening) -> dict[str, str]:
    about = {"opening": opening.id, "student": opening.student}
    return about | ({"referral": opening.referral} if opening.referral else {})
