"""Absence cover: entered and ended."""

from datetime import date, datetime

from services.chassis.errors import unknown
from services.chassis.http.commands import check_repeat
from services.chassis.store import Aggregate, Change, Found, Ref, Store
from services.referral.handlers.audit import SERVICE, line
from services.referral.handlers.desk import Desk
from services.referral.model.audit import Action, Actor, AuditEntry
from services.referral.model.cover import Cover, Covers
from services.referral.model.follow_up import local_date


async def enter(desk: Desk, site: str, zone: str, cover: Cover, actor: Actor) -> Cover:
    """Enter a cover; the very same again changes nothing.

    Raises:
        EnlaceError: it cannot be; see `Covers.enter`.
    """
    ref = Ref(Covers, site)

    def run(found: Found) -> Change[Cover]:
        known = found.get(ref) or Covers(id=site, zone=zone)
        entered = known.cover(cover.id)
        if entered is not None:
            check_repeat(entered.fingerprint, cover.fingerprint)
            return Change(entered)
        now = desk.clock.now()
        after = known.enter(cover, local_date(now, zone))
        noted = _line(cover, site, Action.COVER_ENTERED, actor, now)
        return Change(cover, [after, noted], site=site)

    return await desk.store.update([ref], run)


async def end(desk: Desk, site: str, id: str, actor: Actor) -> None:
    """End a cover: from today on its referrals are their coordinator's again.

    Raises:
        EnlaceError: there is no such cover.
    """
    ref = Ref(Covers, site)

    def run(found: Found) -> Change[None]:
        known = found.get(ref)
        cover = known.cover(id) if known else None
        if known is None or cover is None:
            raise unknown("cover")
        now = desk.clock.now()
        after = known.end(id, local_date(now, known.zone))
        if after is known:
            return Change(None)
        noted = _line(cover, site, Action.COVER_ENDED, actor, now)
        return Change(None, [after, noted], site=site)

    await desk.store.update([ref], run)


def tick(covers: Covers, now: datetime) -> Change[None]:
    """Let time pass for a school's covers, for the sweep: each end is written down once."""
    after, ended = covers.over_by(now)
    noted: list[Aggregate] = [
        _line(each, covers.id, Action.COVER_ENDED, SERVICE, now) for each in ended
    ]
    return Change(None, [after, *noted], site=covers.id)


def _line(cover: Cover, site: str, action: Action, actor: Actor, now: datetime) -> AuditEntry:
    about = {"cover": cover.id, "from": cover.coordinator, "to": cover.by}
    return line(actor, action, now, site=site, about=about)


async def list_covers(store: Store, sites: frozenset[str], today: date) -> list[tuple[str, Cover]]:
    """Return the covers of these schools that hold or are still to come, the first to begin first.

    `*` among the schools means all.
    """
    query = {} if "*" in sites else {"_id": {"$in": sorted(sites)}}
    found = [
        (covers.id, each)
        async for covers in store.find(Covers, query)
        for each in covers.items
        if each.until >= today and not each.over
    ]
    return sorted(found, key=place)


def place(cover: tuple[str, Cover]) -> str:
    """Return where a school's cover stands in such a list."""
    site, each = cover
    return f"{each.since.isoformat()} {site} {each.id}"
