"""Retention: which families' records are due to be erased, and the erasing of those confirmed.

A record is due once everything of it was closed the district's number of years ago: every referral,
every note, attempt and meeting, every consent; and none of its children is on a school's roll.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from contracts.staff import RETENTION
from services.chassis.store import Change, Found, Ref, Store
from services.referral.handlers.audit import line
from services.referral.handlers.desk import Desk
from services.referral.model.attempts import ContactAttempt
from services.referral.model.audit import Action, Actor
from services.referral.model.consent import ConsentBook
from services.referral.model.meeting import Meeting
from services.referral.model.notes import Note
from services.referral.model.people import Family, Student
from services.referral.model.referral import OPEN, Referral
from services.referral.model.retention import RetentionPlan, closed_before

_GROUP = 500


@dataclass(frozen=True, slots=True)
class Due:
    """A family whose record is due, and its school."""

    family: str
    site: str


async def begin(desk: Desk, zone: str) -> None:
    """Lay the next due time down, as the rules are now: at the start, and when they change."""
    ref = Ref(RetentionPlan, RETENTION)

    def lay_down(found: Found) -> Change[None]:
        known = found.get(ref)
        now = desk.clock.now()
        if known is None:
            return Change(None, [RetentionPlan.first(zone, now, desk.rules())])
        after = known.under(desk.rules(), now)
        return Change(None, [] if after == known else [after])

    await desk.store.update([ref], lay_down)


def tick(desk: Desk, plan: RetentionPlan, now: datetime) -> Change[None]:
    """Ask, for the sweep."""
    after, events = plan.tick(now, desk.rules())
    return Change(None, [after], events)


def limit_of(desk: Desk, zone: str) -> datetime | None:
    """Return the moment before which everything must have been closed; None: nothing is due."""
    years = desk.rules().retention_years
    if years is None:
        return None
    day = closed_before(desk.clock.now(), years, zone)
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def day_of(limit: datetime | None, zone: str) -> date | None:
    """Return the day that a limit begins, local to the district."""
    return None if limit is None else limit.astimezone(ZoneInfo(zone)).date()


async def due_families(store: Store, limit: datetime, zone: str) -> list[Due]:
    """Return every family whose record is due, by id; nothing is changed."""
    stages: list[dict[str, Any]] = [
        {
            "$group": {
                "_id": "$family",
                "last": {"$max": "$since"},
                "site": {"$first": "$site"},
                "open": {"$sum": {"$cond": [{"$in": ["$state", _open()]}, 1, 0]}},
            }
        },
        {"$match": {"last": {"$lt": limit}, "open": 0}},
        {"$sort": {"_id": 1}},
    ]
    cursor = await store.collection(Referral).aggregate(stages)
    closed = [Due(row["_id"], row["site"]) async for row in cursor]
    found: list[Due] = []
    for start in range(0, len(closed), _GROUP):
        group = closed[start : start + _GROUP]
        kept = await _kept(store, [each.family for each in group], limit, zone)
        found += [each for each in group if each.family not in kept]
    return found


async def _kept(store: Store, families: Sequence[str], limit: datetime, zone: str) -> set[str]:
    """Return those of these families of whom anything was done, or holds, since the limit."""
    ids: dict[str, Any] = {"family": {"$in": list(families)}}
    day = limit.astimezone(ZoneInfo(zone)).date().isoformat()
    lately: Sequence[tuple[Any, dict[str, Any]]] = (
        (Note, {"written_at": {"$gte": limit}}),
        (ContactAttempt, {"happened_at": {"$gte": limit}}),
        (Meeting, {"recorded_at": {"$gte": limit}}),
        (ConsentBook, {"consents": {"$elemMatch": {"revocation": None, "until": {"$gte": day}}}}),
        (Student, {"roster": {"$type": "string"}}),
    )
    kept: set[str] = set()
    for kind, query in lately:
        kept |= set(await store.collection(kind).distinct("family", {**ids, **query}))
    gone = {"_id": {"$in": list(families)}, "erasing": {"$ne": None}}
    kept |= {row["_id"] async for row in store.collection(Family).find(gone, {"_id": 1})}
    return kept


async def note_run(desk: Desk, actor: Actor, families: int) -> None:
    """Keep that somebody has erased what was due: the asking has its answer."""
    ref = Ref(RetentionPlan, RETENTION)

    def keep(found: Found) -> Change[None]:
        known = found.get(ref)
        now = desk.clock.now()
        noted = line(actor, Action.RETENTION_RUN, now, about={"families": str(families)})
        return Change(None, [noted, *([known.run(now)] if known else [])])

    await desk.store.update([ref], keep)


def erasure_id(family: str) -> str:
    """Return the one id that a family's erasure by retention has, so that a repeat is the same."""
    return str(uuid5(NAMESPACE_URL, f"https://enlace.org/retention/{family}"))


def _open() -> list[str]:
    return sorted(state.value for state in OPEN)
