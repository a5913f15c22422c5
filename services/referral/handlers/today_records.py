"""What calls for somebody besides referrals, as far as the caller may see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from contracts.consents import ConsentMethod
from services.chassis.store import Store
from services.referral.handlers.desk import Desk
from services.referral.model.attempts import ContactAttempt
from services.referral.model.consent import ConsentBook
from services.referral.model.consent_terms import Consent
from services.referral.model.deletion import DeletionRequest, DeletionState
from services.referral.model.follow_up import local_date
from services.referral.model.glass import GlassOpening
from services.referral.model.hand_off import HandOff
from services.referral.model.meeting import Meeting, TaskState
from services.referral.model.people import Family, Student
from services.referral.model.protection import ProtectionReport
from services.referral.model.referral import OPEN, Referral, State
from services.referral.model.today_records import (
    MOVED_FOR,
    NEXT_STEP_FOR,
    ChildsCall,
    of_attempts,
    of_deletions,
    of_doubts,
    of_meetings,
    of_openings,
    of_papers,
    of_promotions,
    of_reports,
    of_told,
)
from services.referral.model.today_rows import Call, Reason, withhold
from services.referral.store import TimelineEntry

PROMOTED = "offering.promoted"
_EVER = datetime(1970, 1, 1, tzinfo=UTC)
_UNCONSENTED = {"without_consent": {"$gt": ""}}


@dataclass(frozen=True, slots=True)
class Sight:
    """What a caller may see of the queue; `*` among schools means all.

    Attributes:
        subject: who it is.
        seen: the query for the referrals that they may see.
        sites: their schools.
        named: schools at which they may see what is restricted.
        leads: schools for which they answer, and review what was opened.
        led: schools whose lead they are; like whoever answers for a school, they look at what was
            told without a consent.
        unseen: the query for the referrals of those schools that they may not see: what calls for
            somebody who leads is told of these without the child and the need.
    """

    subject: str
    seen: dict[str, Any]
    sites: frozenset[str]
    named: frozenset[str]
    leads: frozenset[str]
    led: frozenset[str]
    unseen: dict[str, Any]


async def create_record_indexes(store: Store) -> None:
    """Make what the queries below need."""
    await store.collection(ContactAttempt).create_index([("site", 1), ("next_on", 1)])
    await store.collection(DeletionRequest).create_index([("site", 1), ("state", 1)])
    await store.collection(ProtectionReport).create_index([("site", 1), ("filed_at", 1)])
    await store.collection(ConsentBook).create_index(
        "site", partialFilterExpression={"consents.method": ConsentMethod.PAPER.value}, name="paper"
    )
    await store.collection(ConsentBook).create_index(
        "site",
        partialFilterExpression={"consents.doubted_since": {"$gt": _EVER}},
        name="doubted_consents",
    )
    await store.collection(TimelineEntry).create_index(
        [("what", 1), ("at", -1)], partialFilterExpression={"what": PROMOTED}
    )
    await store.collection(HandOff).create_index(
        "referral", partialFilterExpression={**_UNCONSENTED, "seen_at": None}, name="unconsented"
    )
    await store.collection(GlassOpening).create_index(
        "site", partialFilterExpression={"review": None}, name="unreviewed"
    )


async def calls_besides(desk: Desk, sight: Sight, *, zone: str) -> list[ChildsCall]:
    """Return every call that is none of a referral's own state, each with its child."""
    now = desk.clock.now()
    found = [
        *of_deletions(await _unconfirmed(desk.store, sight)),
        *of_reports(await _unfiled(desk.store, sight)),
        *await _unscanned(desk, sight, zone),
        *await _doubted(desk.store, sight, local_date(now, zone)),
        *of_openings(await _unreviewed(desk.store, sight)),
        *await _told_without_consent(desk.store, sight, now),
        *of_meetings(await _with_late_tasks(desk.store, sight), now),
        *of_attempts(*await _with_next_steps(desk.store, sight, now, zone)),
        *await _moved(desk.store, sight, now),
    ]
    children = await _children(desk.store, [each.student for each in found])
    return [each for each in found if _stays(each, children.get(each.student), sight)]


def _stays(each: ChildsCall, child: tuple[str, bool] | None, sight: Sight) -> bool:
    """Tell whether a call is the caller's.

    Of an erased child only what an agency still owes is left to be done; what was to be done with
    a child who is at another school now is that school's.
    """
    site, erased = child or (each.call.site, False)
    if erased:
        return each.call.reason is Reason.RECEIPT_MISSING
    at_home = bool({"*", site} & sight.sites)
    return at_home or each.call.reason is not Reason.OVERDUE_TASK


async def _unconfirmed(store: Store, sight: Sight) -> list[DeletionRequest]:
    query: dict[str, Any] = {"state": DeletionState.OVERDUE.value, **_at(sight.sites)}
    if "*" not in sight.named:
        query["$or"] = [{"restricted": False}, _at(sight.named)]
    return [each async for each in store.find(DeletionRequest, query)]


async def _unfiled(store: Store, sight: Sight) -> list[ProtectionReport]:
    mine = {"reporter": sight.subject, **_at(sight.sites)}
    query = {"filed_at": None, "$or": [_at(sight.named), mine]}
    return [each async for each in store.find(ProtectionReport, query)]


async def _unscanned(desk: Desk, sight: Sight, zone: str) -> list[ChildsCall]:
    """Return the consents whose paper is not stored, for those who may store it."""
    unscanned = {"method": ConsentMethod.PAPER.value, "scan": None, "revocation": None}
    query = {
        "consents.method": ConsentMethod.PAPER.value,
        "consents": {"$elemMatch": unscanned},
        **_at(sight.leads),
    }
    today, restricted = local_date(desk.clock.now(), zone), desk.rules().restricted

    def shown(book: ConsentBook, each: Consent) -> bool:
        private = book.confided(each) or bool(restricted.intersection(each.categories))
        return not private or bool({"*", book.site} & sight.named)

    found = [
        (book, each)
        async for book in desk.store.find(ConsentBook, query)
        for each in book.consents
        if each.scan_missing
        and each.revocation is None
        and each.until >= today
        and shown(book, each)
    ]
    if not found:
        return []
    children = sorted({book.id for book, _ in found})
    states = sorted(state.value for state in OPEN)
    wanted = {"student": {"$in": children}, "state": {"$in": states}}
    query = {"$and": [sight.seen, wanted]}
    referrals = [each async for each in desk.store.find(Referral, query)]
    return list(of_papers(found, referrals))


async def _doubted(store: Store, sight: Sight, today: date) -> list[ChildsCall]:
    """Return the open needs whose only consents are of somebody who may not be told any more."""
    query: dict[str, Any] = {"consents.doubted_since": {"$gt": _EVER}, **_at(sight.sites)}
    books = [each async for each in store.find(ConsentBook, query) if each.doubted]
    if not books:
        return []
    states = sorted(state.value for state in OPEN)
    wanted = {"student": {"$in": sorted(each.id for each in books)}, "state": {"$in": states}}
    found = store.find(Referral, {"$and": [sight.seen, wanted]})
    referrals = [each async for each in found]
    homes = {"_id": {"$in": sorted({each.family for each in books})}}
    families = {each.id: each async for each in store.find(Family, homes)}
    return list(of_doubts([(each, families.get(each.family)) for each in books], referrals, today))


async def _unreviewed(store: Store, sight: Sight) -> list[GlassOpening]:
    """Return what others opened: nobody reviews their own."""
    query = {"review": None, "by": {"$ne": sight.subject}, **_at(sight.leads)}
    return [each async for each in store.find(GlassOpening, query)]


async def _told_without_consent(store: Store, sight: Sight, now: datetime) -> list[ChildsCall]:
    """Return what others told without a consent: nobody looks at their own.

    That it was told is for whoever leads, also where the need is not: somebody looks at each.
    """
    schools = sight.leads | sight.led
    if not schools:
        return []
    unseen = {**_UNCONSENTED, "seen_at": None, "by": {"$ne": sight.subject}}
    told = [each async for each in store.find(HandOff, unseen)]
    if not told:
        return []
    # At the school of the referral, wherever the child has gone since.
    wanted = {"_id": {"$in": [each.referral for each in told]}, **_at(schools)}
    calls = []
    for query, shown in ((sight.seen, _as_it_is), (sight.unseen, withhold)):
        found = store.find(Referral, {"$and": [query, wanted]})
        known = {each.id: each async for each in found}
        pairs = [(each, known[each.referral]) for each in told if each.referral in known]
        calls += [ChildsCall(student, shown(call)) for student, call in of_told(pairs, now)]
    return calls


def _as_it_is(call: Call) -> Call:
    return call


async def _with_late_tasks(store: Store, sight: Sight) -> list[Meeting]:
    late = {"tasks": {"$elemMatch": {"state": TaskState.OVERDUE.value}}}
    return [each async for each in store.find(Meeting, {**late, **_at(sight.sites)})]


async def _with_next_steps(
    store: Store, sight: Sight, now: datetime, zone: str
) -> tuple[Sequence[ContactAttempt], str, dict[str, str]]:
    """Return attempts whose next step's day has passed, and whatever came after them.

    With the zone, and the coordinators of the referrals that they are about.
    """
    today = local_date(now, zone)
    oldest = today - NEXT_STEP_FOR - timedelta(days=1)
    span = {"$gte": oldest.isoformat(), "$lt": today.isoformat()}
    late = [
        each async for each in store.find(ContactAttempt, {"next_on": span, **_at(sight.sites)})
    ]
    if not late:
        return (), zone, {}
    named = sorted({each.referral for each in late if each.referral is not None})
    rows = store.collection(Referral).find(
        {"$and": [sight.seen, {"_id": {"$in": named}}]}, projection={"coordinator": 1}
    )
    leads = {row["_id"]: str(row["coordinator"]) async for row in rows}
    since = min(each.happened_at for each in late)
    children = sorted({each.student for each in late})
    query = {"student": {"$in": children}, "happened_at": {"$gte": since}}
    around = [each async for each in store.find(ContactAttempt, query)]
    seen = [each for each in around if each.referral is None or each.referral in leads]
    return seen, zone, leads


async def _moved(store: Store, sight: Sight, now: datetime) -> list[ChildsCall]:
    """Return the referrals for which a seat came free after a wait."""
    lately = {"what": PROMOTED, "at": {"$gte": now - MOVED_FOR}}
    promoted = {each.referral: each.at async for each in store.find(TimelineEntry, lately)}
    if not promoted:
        return []
    taken = {"_id": {"$in": sorted(promoted)}, "state": State.ACCEPTED.value}
    query = {"$and": [sight.seen, taken]}
    referrals = [each async for each in store.find(Referral, query)]
    return list(of_promotions(referrals, promoted))


async def _children(store: Store, students: Sequence[str]) -> dict[str, tuple[str, bool]]:
    """Return the school of each child, and whether the child was erased."""
    if not students:
        return {}
    query = {"_id": {"$in": sorted(set(students))}}
    rows = store.collection(Student).find(query, projection={"site": 1, "erased_at": 1})
    return {row["_id"]: (row["site"], row.get("erased_at") is not None) async for row in rows}


def _at(sites: frozenset[str]) -> dict[str, Any]:
    return {} if "*" in sites else {"site": {"$in": sorted(sites)}}
