"""Break-glass: opened, read under, reviewed. Nothing of it is silent."""

from collections.abc import Mapping
from typing import Any

from services.chassis.auth import Principal
from services.chassis.errors import unknown
from services.chassis.http.commands import check_repeat
from services.chassis.store import Change, Found, Ref, Store
from services.referral.handlers.audit import actor_of, line, note
from services.referral.handlers.desk import Desk
from services.referral.model.audit import Action, Actor
from services.referral.model.glass import GlassOpening, Review


async def create_indexes(store: Store) -> None:
    """Make what the queries below need."""
    rows = store.collection(GlassOpening)
    await rows.create_index([("by", 1), ("student", 1), ("closes_at", -1)])
    await rows.create_index([("site", 1), ("_id", -1)])


async def open_record(desk: Desk, fresh: GlassOpening, actor: Actor) -> GlassOpening:
    """Open a record, and tell of it, in one transaction; a repeat is the same answer.

    Raises:
        EnlaceError: the id was used with another body.
    """
    ref = Ref(GlassOpening, fresh.id)

    def open_it(found: Found) -> Change[GlassOpening]:
        known = found.get(ref)
        if known is not None:
            check_repeat(known.fingerprint, fresh.fingerprint)
            return Change(known)
        noted = line(
            actor,
            Action.BREAK_GLASS_OPENED,
            desk.clock.now(),
            site=fresh.site,
            about=_about(fresh),
        )
        return Change(fresh.having(version=1), [fresh, noted], [fresh.told()], fresh.site)

    return await desk.store.update([ref], open_it)


async def looked(desk: Desk, actor: Actor, found: Mapping[str, str]) -> None:
    """Write down that somebody looked for a child of any school, before they are told.

    Args:
        desk: where it is kept.
        actor: who looked.
        found: the schools of the children who are named to them, by the children's ids.
    """
    now, about = desk.clock.now(), {"found": str(len(found))}
    noted = [
        line(actor, Action.BREAK_GLASS_SEARCHED, now, site=site, about={**about, "student": id})
        for id, site in found.items()
    ] or [line(actor, Action.BREAK_GLASS_SEARCHED, now, about=about)]
    await desk.store.update([], lambda _: Change(None, noted))


async def opened(desk: Desk, caller: Principal, student: str, referral: str | None) -> bool:
    """Tell whether the caller reads a record that they have opened; each reading is written down.

    Commands are never let through: who may not see may not change.
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
    about = _about(found[0]) | {"read": referral or student}
    await note(desk, actor_of(caller), Action.BREAK_GLASS_READ, site=found[0].site, about=about)
    return True


async def review(desk: Desk, id: str, given: Review, actor: Actor) -> GlassOpening:
    """Keep what the lead or the district found.

    Raises:
        EnlaceError: no such opening, one's own, or reviewed already.
    """
    ref = Ref(GlassOpening, id)

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
        return Change(after.having(version=known.version + 1), [after, noted], [told], known.site)

    return await desk.store.update([ref], keep)


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


def _about(opening: GlassOpening) -> dict[str, str]:
    about = {"opening": opening.id, "student": opening.student}
    return about | ({"referral": opening.referral} if opening.referral else {})
