"""Reading and indexing referral's documents. Changes go through `Store.update` alone."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar

from contracts.codes import Audience
from services.chassis.database import Document
from services.chassis.store import Aggregate, Store
from services.referral.model.attempts import ContactAttempt
from services.referral.model.consent import ConsentBook, Disclosure
from services.referral.model.deletion import DeletionRequest
from services.referral.model.people import Family, Student
from services.referral.model.protection import ProtectionReport
from services.referral.model.referral import ASKING, OPEN, BusinessStatus, Referral, State
from services.referral.model.roster_run import RosterRun


class FamilyLink(Aggregate):
    """A family's link to its status page; the id is the token's hash."""

    COLLECTION: ClassVar[str] = "links"

    referral: str
    contact: str
    expires: datetime


class TimelineEntry(Aggregate):
    """What another service reported on a referral, for its timeline.

    Attributes:
        id: of the event.
        what: the event's type, without prefix and version.
        about: ids and codes that the sentence needs.
    """

    COLLECTION: ClassVar[str] = "timeline"

    referral: str
    at: datetime
    what: str
    about: dict[str, str]


_MAYBE_UNASKED: Document = {"state": {"$in": [State.DRAFT.value, State.REQUESTED.value]}}
_ANSWERS = ("offering.claimed", "offering.declined", "offering.waitlisted")


async def create_indexes(store: Store) -> None:
    """Make what the queries below need."""
    referrals = store.collection(Referral)
    await referrals.create_index([("site", 1), ("state", 1), ("_id", -1)])
    await referrals.create_index("student")
    await referrals.create_index(
        "wakes_at",
        name="held",
        partialFilterExpression={"held_until": {"$type": "string"}},
    )
    await store.collection(Student).create_index("family")
    await store.collection(Student).create_index([("site", 1), ("changed_at", 1)])
    # Of the whole district: one school system gives an id once.
    await store.collection(Student).create_index(
        "sis_key",
        unique=True,
        partialFilterExpression={"sis_key": {"$type": "string"}},
    )
    await store.collection(TimelineEntry).create_index([("referral", 1), ("at", 1)])
    await store.collection(Disclosure).create_index([("family", 1), ("made_at", 1)])
    await store.collection(Disclosure).create_index([("student", 1), ("_id", -1)])
    await store.collection(Disclosure).create_index("consent")
    await store.collection(DeletionRequest).create_index([("site", 1), ("due_on", 1)])
    await store.collection(DeletionRequest).create_index([("agency", 1), ("state", 1)])
    await store.collection(ConsentBook).create_index("family")
    await store.collection(Family).create_index("site")
    await store.collection(RosterRun).create_index([("sites", 1), ("_id", -1)])
    await store.collection(ProtectionReport).create_index([("site", 1), ("_id", -1)])
    await store.collection(ProtectionReport).create_index([("reporter", 1), ("_id", -1)])
    await store.collection(Family).create_index("contacts.id")
    await store.collection(Family).create_index("former.id", sparse=True)


async def list_referrals(
    store: Store,
    seen: dict[str, Any],
    *,
    states: Sequence[State] = (),
    before: str | None = None,
    limit: int = 50,
) -> list[Referral]:
    """Return referrals, newest first; `seen` is the query for those that the caller may see."""
    query: dict[str, Any] = dict(seen)
    if states:
        query["state"] = {"$in": [state.value for state in states]}
    if before is not None:
        query["_id"] = {"$lt": before}
    found = store.find(Referral, query, sort=[("_id", -1)], limit=limit)
    return [referral async for referral in found]


async def list_protection_reports(
    store: Store, reporter: str, sites: frozenset[str], *, before: str | None, limit: int
) -> list[ProtectionReport]:
    """Return reports of these schools (`*` for all) and the reporter's own, newest first."""
    query: dict[str, Any] = {}
    if "*" not in sites:
        query["$or"] = [{"site": {"$in": sorted(sites)}}, {"reporter": reporter}]
    if before is not None:
        query["_id"] = {"$lt": before}
    found = store.find(ProtectionReport, query, sort=[("_id", -1)], limit=limit)
    return [report async for report in found]


def needs_owner(now: datetime) -> Document:
    """Return the question for referrals that somebody has to see to now."""
    return {
        "$or": [
            {"state": {"$in": sorted(state.value for state in OPEN)}},
            {"business": {"$in": sorted(each.value for each in ASKING)}},
            {"calls_until": {"$gt": now}},
        ]
    }


async def caseload_of(store: Store, site: str, coordinator: str, now: datetime) -> list[str]:
    """Return ids of the referrals that a coordinator sees to at a school, oldest first."""
    query: Document = {"site": site, "coordinator": coordinator, **needs_owner(now)}
    found = store.find(Referral, query, sort=[("_id", 1)])
    return [referral.id async for referral in found]


async def given_to(store: Store, subject: str, site: str | None = None) -> list[Referral]:
    """Return others' referrals with follow-ups given to somebody that wait, oldest first.

    Args:
        store: where they are kept.
        subject: to whom.
        site: of one school; None: of all.
    """
    query: Document = {"follow_ups.owner": subject, **({} if site is None else {"site": site})}
    found = store.find(Referral, query, sort=[("_id", 1)])
    return [referral async for referral in found if referral.given_to(subject)]


async def open_alike(store: Store, student: str, category: str, but: str) -> str | None:
    """Return the id of an open referral of the same child and category, or None."""
    query = {
        "student": student,
        "category": category,
        "state": {"$in": sorted(state.value for state in OPEN)},
        "_id": {"$ne": but},
    }
    async for referral in store.find(Referral, query, limit=1):
        return referral.id
    return None


async def has_answered(store: Store, referral: str, since: datetime) -> bool:
    """Tell whether an agency has answered a referral since it was sent."""
    query = {"referral": referral, "at": {"$gte": since}, "what": {"$in": list(_ANSWERS)}}
    async for _ in store.find(TimelineEntry, query, limit=1):
        return True
    return False


async def awaiting_consent(store: Store, student: str) -> list[str]:
    """Return ids of a child's referrals whose claim waits for a consent."""
    query = {"student": student, "business": BusinessStatus.AWAITING_CONSENT.value}
    return [referral.id async for referral in store.find(Referral, query)]


async def following_consents(store: Store, student: str) -> list[str]:
    """Return ids of a child's referrals whose audience may follow the consents that come and go.

    Those of which nobody of the family may be told yet, and those that no agency is asked for.
    """
    told_to_nobody: Document = {
        "audience": Audience.NOBODY.value,
        "state": {"$nin": [State.CANCELLED.value, State.ENTERED_IN_ERROR.value]},
    }
    query: Document = {"student": student, "$or": [told_to_nobody, _MAYBE_UNASKED]}
    return [referral.id async for referral in store.find(Referral, query)]


async def unasked_of(store: Store, student: str) -> list[str]:
    """Return ids of a child's referrals among which are all that no agency is asked for."""
    query: Document = {"student": student, **_MAYBE_UNASKED}
    return [referral.id async for referral in store.find(Referral, query)]


async def students_of(store: Store, ids: Sequence[str]) -> dict[str, Student]:
    """Return students by id."""
    query = {"_id": {"$in": list(set(ids))}}
    return {student.id: student async for student in store.find(Student, query)}


async def timeline(
    store: Store, referral: str, *, after: tuple[datetime, str] | None = None, limit: int = 0
) -> list[TimelineEntry]:
    """Return what happened to a referral, oldest first.

    Own events are read from the event log, where they stand since the command's transaction; the
    other services' were folded in by the consumer.

    Args:
        store: where everything is kept.
        referral: which.
        after: the last entry of the page before.
        limit: how many; 0: all.
    """
    theirs: Document = {"key": referral, "topic": {"$in": ["referrals", "follow-ups"]}}
    micros = None if after is None else (round(after[0].timestamp() * 1_000_000), after[1])
    own = store.database["event_log"].find(
        theirs | _later("time_us", micros), sort=[("time_us", 1), ("_id", 1)], limit=limit
    )
    entries = [
        TimelineEntry(
            id=row["_id"],
            referral=referral,
            at=datetime.fromtimestamp(row["time_us"] / 1_000_000, tz=UTC),
            what=short(row["type"]),
            about=said_in(row["data"]),
        )
        async for row in own
    ]
    told = {"referral": referral, **_later("at", after)}
    order = [("at", 1), ("_id", 1)]
    entries += [entry async for entry in store.find(TimelineEntry, told, sort=order, limit=limit)]
    tried = {"referral": referral, **_later("happened_at", after)}
    order = [("happened_at", 1), ("_id", 1)]
    entries += [
        TimelineEntry(
            id=attempt.id,
            referral=referral,
            at=attempt.happened_at,
            what="contact-attempt.made",
            about=attempt.about(),
        )
        async for attempt in store.find(ContactAttempt, tried, sort=order, limit=limit)
    ]
    return sorted(entries, key=lambda entry: (entry.at, entry.id))[: limit or None]


def said_in(data: bytes) -> dict[str, str]:
    """Return the reason and the outcome that an event names, for the sentence about it."""
    said = json.loads(data)
    return {name: said[name] for name in ("reason", "outcome") if isinstance(said.get(name), str)}


def _later(field: str, after: tuple[object, str] | None) -> Document:
    if after is None:
        return {}
    at, id = after
    return {"$or": [{field: {"$gt": at}}, {field: at, "_id": {"$gt": id}}]}


def short(type_name: str) -> str:
    """Return `referral.created` for `org.enlace.referral.created.v1`."""
    return type_name.removeprefix("org.enlace.").rsplit(".", 1)[0]
