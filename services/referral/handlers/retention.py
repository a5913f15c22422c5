"""Retention: which families' records are due to be erased, and the erasing of those confirmed.

A record is due once its last child left school the district's number of years ago, and all else of
it was closed by then too. Who still attends is never due, however old what was done for them, be
they brought by a roster or entered by hand. A household without a child is due once the last one
went to another household that long ago, or, where none ever came, once it was written down.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any
from uuid import NAMESPACE_URL, uuid5
from zoneinfo import ZoneInfo

from contracts.staff import RETENTION
from services.chassis.store import Change, Found, Ref, Store
from services.referral.handlers.audit import line
from services.referral.handlers.childless import Due, childless
from services.referral.handlers.desk import Desk
from services.referral.model.attempts import ContactAttempt
from services.referral.model.audit import Action, Actor
from services.referral.model.care import CareTeam
from services.referral.model.consent import ConsentBook, Disclosure
from services.referral.model.follow_up import FollowUpNote
from services.referral.model.hand_off import HandOff
from services.referral.model.help_request import HelpRequest
from services.referral.model.meeting import Meeting
from services.referral.model.notes import Note
from services.referral.model.people import LEFT, Family, Student
from services.referral.model.protection import ProtectionReport
from services.referral.model.referral import OPEN, Referral
from services.referral.model.retention import RetentionPlan, closed_before

_GROUP = 500


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
    attends = {"$not": [{"$in": ["$enrolment", sorted(each.value for each in LEFT)]}]}
    # A child of whom nobody knows when they left keeps the record: absent never means long ago.
    stays = {"$or": [attends, {"$eq": [{"$ifNull": ["$left_on", None]}, None]}]}
    stages: list[dict[str, Any]] = [
        {
            "$group": {
                "_id": "$family",
                "site": {"$min": "$site"},
                "left": {"$max": "$left_on"},
                "staying": {"$sum": {"$cond": [stays, 1, 0]}},
            }
        },
        {"$match": {"staying": 0, "left": {"$lt": _day(limit, zone)}}},
        {"$sort": {"_id": 1}},
    ]
    cursor = await store.collection(Student).aggregate(stages, allowDiskUse=True)
    gone = [Due(row["_id"], row["site"]) async for row in cursor]
    gone += await childless(store, limit, _day(limit, zone))
    gone.sort(key=lambda each: each.family)
    found: list[Due] = []
    for start in range(0, len(gone), _GROUP):
        group = gone[start : start + _GROUP]
        kept = await _kept(store, [each.family for each in group], limit, zone)
        found += [each for each in group if each.family not in kept]
    return found


async def _kept(store: Store, families: Sequence[str], limit: datetime, zone: str) -> set[str]:
    """Return those of these families of whom anything is open, was done, or holds since."""
    ids = list(families)
    since, day = {"$gte": limit}, _day(limit, zone)
    lately: Sequence[tuple[Any, list[dict[str, Any]]]] = (
        (Referral, [{"state": {"$in": _open()}}, {"since": since}]),
        (Note, [{"written_at": since}, {"edited_at": since}, {"amendments.at": since}]),
        (ContactAttempt, [{"happened_at": since}, {"recorded_at": since}]),
        (Meeting, [{"recorded_at": since}, {"tasks.done_at": since}, {"tasks.due_on": _from(day)}]),
        (CareTeam, [{"tiers.at": since}]),
        (Disclosure, [{"recorded_at": since}]),
        (
            ConsentBook,
            [
                {"consents": {"$elemMatch": {"revocation": None, "until": _from(day)}}},
                {"consents.revocation.at": since},
            ],
        ),
    )
    kept: set[str] = set()
    for kind, ways in lately:
        query = {"family": {"$in": ids}, "$or": ways}
        kept |= set(await store.collection(kind).distinct("family", query))
    asked = [{"asked_at": since}, {"handled": None, "forgotten_at": None}, {"handled.at": since}]
    requests = store.find(HelpRequest, {"families": {"$in": ids}, "$or": asked})
    kept |= {family async for each in requests for family in each.families}
    kept |= await _of_children(store, ids, limit)
    gone = {"_id": {"$in": ids}, "erasing": {"$ne": None}}
    kept |= {row["_id"] async for row in store.collection(Family).find(gone, {"_id": 1})}
    return kept


async def _of_children(store: Store, families: Sequence[str], limit: datetime) -> set[str]:
    """Return those of these families of whose children something was done or is owed since.

    A protection report that is open or late, a hand-off, or what a follow-up brought to light.
    """
    since = {"$gte": limit}
    query = {"family": {"$in": list(families)}}
    children = {each.id: each.family async for each in store.find(Student, query)}
    lately: Sequence[tuple[Any, list[dict[str, Any]]]] = (
        (ProtectionReport, [{"filed_at": None}, {"created_at": since}, {"filed_at": since}]),
        (HandOff, [{"handed_at": since}, {"closed_at": since}]),
        (FollowUpNote, [{"at": since}]),
    )
    kept: set[str] = set()
    for kind, ways in lately:
        found = {"student": {"$in": list(children)}, "$or": ways}
        rows = await store.collection(kind).distinct("student", found)
        kept |= {children[each] for each in rows}
    return kept


def _day(limit: datetime, zone: str) -> str:
    return limit.astimezone(ZoneInfo(zone)).date().isoformat()


def _from(day: str) -> dict[str, str]:
    return {"$gte": day}


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
