"""Takes what is open of children who changed schools to their new school.

Whoever moves a child marks it in the same transaction, so that no crash between leaves a referral
with somebody who has no right there. What is theirs goes a hundred at a time, a transaction each:
what one has done is not done again, and what it has not done is found by the mark.

The mark stays longer than any transaction can last: also a referral that was written down at the
same instant, for the old school, is found; and whatever was written for the household from which a
roster has taken the child.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import structlog
from pymongo.errors import PyMongoError

from services.chassis.auth import Role
from services.chassis.database import Document
from services.chassis.errors import EnlaceError
from services.chassis.lease import Lease
from services.chassis.staff import StaffAccess, StaffRegister
from services.chassis.store import Aggregate, Change, Store
from services.referral.handlers import referrals
from services.referral.handlers.desk import Desk
from services.referral.handlers.homes import settle
from services.referral.handlers.household import follow
from services.referral.handlers.schools import follow_to_school
from services.referral.handlers.staff import caseloads
from services.referral.model import commands
from services.referral.model.attempts import ContactAttempt
from services.referral.model.follow_up import local_date
from services.referral.model.meeting import Meeting, TaskState
from services.referral.model.people import Student
from services.referral.model.referral import NOBODY, Referral
from services.referral.model.today_records import NEXT_STEP_FOR
from services.referral.store import needs_owner

EVERY_SECONDS = 1.0
MARKED_FOR = timedelta(seconds=90)
"""Longer than a transaction lasts: MongoDB ends one after 60 s."""

BATCH = 500
"""Children who are looked after together: a summer brings thousands."""
SLICE = 100
"""How many of what is theirs stand in one transaction, as of due times."""

A = TypeVar("A", bound=Aggregate)

log = structlog.get_logger()


async def create_indexes(store: Store) -> None:
    """Make what finding the marked needs."""
    await store.collection(Student).create_index("moved_at", sparse=True)


class Mover:
    """Moves referrals after their children.

    Args:
        zone: of the district (IANA), for the days on which roles hold.
    """

    def __init__(self, desk: Desk, register: StaffRegister, zone: str) -> None:
        self._desk = desk
        self._register = register
        self._zone = zone

    async def once(self) -> int:
        """Move what is to be moved; returns how many referrals went.

        One that cannot go keeps no other back, and is tried again.
        """
        return sum([moved async for moved in self._batches()])

    async def _batches(self) -> AsyncIterator[int]:
        """Look after every child that is marked, longest ago first; yields how many went."""
        rows = self._desk.store.collection(Student).find(
            {"moved_at": {"$ne": None}}, projection={"_id": 1}, sort=[("moved_at", 1)]
        )
        ids = [row["_id"] async for row in rows]
        for start in range(0, len(ids), BATCH):
            query = {"_id": {"$in": ids[start : start + BATCH]}, "moved_at": {"$ne": None}}
            yield await self._follow([each async for each in self._desk.store.find(Student, query)])

    async def _follow(self, students: Sequence[Student]) -> int:
        """Let what is open of these children follow them; the marks go last, once it has."""
        store = self._desk.store
        at: dict[str, list[str]] = {}
        for each in students:
            at.setdefault(each.site, []).append(each.id)
        moved = 0
        for site, ids in at.items():
            moved += await self._transfer(site, ids)
            await self._move_tasks(site, ids)
            await self._move_next_steps(site, ids)
        await follow_to_school(store, {each.id: each.site for each in students})
        await follow(store, {each.id: each.family for each in students if each.former})
        homes = {each.family for each in students}
        await settle(store, homes | {left.family for each in students for left in each.former})
        await self._unmark(students)
        return moved

    async def _transfer(self, site: str, students: Sequence[str]) -> int:
        """Take open referrals of these children to their school; returns how many went."""
        now = self._desk.clock.now()
        astray = {"student": {"$in": students}, "site": {"$ne": site}, **needs_owner(now)}
        owners = Owners(self._desk, self._register, self._zone, site)
        wishes = {
            each.id: commands.Transfer(await owners.instead_of(each.coordinator), site)
            async for each in self._desk.store.find(Referral, astray)
        }
        moved = 0
        for ids in batched(list(wishes)):
            moved += await self._hand_over(ids, wishes)
        return moved

    async def _hand_over(self, ids: Sequence[str], wishes: Mapping[str, commands.Transfer]) -> int:
        """Run these in one transaction; each by itself where they cannot be saved together."""
        moved: set[str] = set()
        refused: dict[str, str] = {}
        now = self._desk.clock.now()

        def go(referral: Referral) -> Change[None]:
            moved.discard(referral.id)
            try:
                change = referrals.changed(self._desk, referral, wishes[referral.id], now)
            except EnlaceError as error:  # it has ended meanwhile, or somebody moved it
                refused[referral.id] = error.slug
                return Change(None)
            if change.events:
                moved.add(referral.id)
            return change

        try:
            await self._desk.store.update_each(Referral, ids, go, name="follow a child")
        except EnlaceError as error:
            if len(ids) > 1:
                return sum([await self._hand_over([each], wishes) for each in ids])
            moved.clear()
            refused[ids[0]] = error.slug
        for id, slug in refused.items():
            log.warning("mover.waiting", referral=id, error=slug)
        return len(moved)

    async def _move_tasks(self, site: str, students: Sequence[str]) -> None:
        """Take meetings in which something was agreed and is not done to the new school."""
        to_do = [TaskState.OPEN.value, TaskState.OVERDUE.value]
        there = {
            "student": {"$in": students},
            "site": {"$ne": site},
            "tasks.state": {"$in": to_do},
        }
        await self._change(Meeting, there, lambda each: each.having(site=site))

    async def _move_next_steps(self, site: str, students: Sequence[str]) -> None:
        """Take attempts whose next step may still call for somebody to the new school."""
        today = local_date(self._desk.clock.now(), self._zone)
        there = {
            "student": {"$in": students},
            "site": {"$ne": site},
            "next_on": {"$gte": (today - NEXT_STEP_FOR - timedelta(days=1)).isoformat()},
        }
        # Whoever was to take it has no right there: it is its referral's coordinator's now.
        await self._change(ContactAttempt, there, lambda each: each.having(site=site, owner=None))

    async def _unmark(self, students: Sequence[Student]) -> None:
        """Take the marks off that are old enough, of children who have not moved again since."""
        before = datetime.now(UTC) - MARKED_FOR
        seen = {each.id: each.moved_at for each in students if each.moved_at}
        old = sorted(id for id, at in seen.items() if at < before)

        def clear(student: Student) -> Student:
            same = student.moved_at == seen[student.id]
            return student.having(moved_at=None) if same else student

        await self._change(Student, {"_id": {"$in": old}}, clear)

    async def _change(self, kind: type[A], query: Document, change: Callable[[A], A]) -> None:
        """Write what is found as it is to be now, slice by slice."""

        def write(known: A) -> Change[None]:
            after = change(known)
            return Change(None, [] if after is known else [after])

        store = self._desk.store
        rows = store.collection(kind).find(query, projection={"_id": 1})
        for ids in batched([row["_id"] async for row in rows]):
            await store.update_each(kind, ids, write, name="follow a child")

    async def run(self) -> None:
        """Work until cancelled, in one worker at a time; half of the time at most."""
        lease = Lease(self._desk.store.database, "mover")
        while True:
            began = time.monotonic()
            try:
                if await lease.hold():
                    async for _ in self._batches():
                        if not await lease.hold():
                            break  # it took too long, and another worker has taken over
            except PyMongoError as error:
                log.warning("mover.away", error=type(error).__name__)
            await asyncio.sleep(max(EVERY_SECONDS, time.monotonic() - began))


class Owners:
    """Who takes over at a school; the work is spread as it is given."""

    def __init__(self, desk: Desk, register: StaffRegister, zone: str, site: str) -> None:
        self._desk = desk
        self._register = register
        self._zone = zone
        self._site = site
        self._stays: dict[str, bool] = {}
        self._owned: dict[str, int] | None = None

    async def instead_of(self, present: str) -> str:
        """Return who takes over what somebody leads.

        The present one, where the register has them there too; otherwise the school's coordinator
        with the fewest open ones; otherwise nobody yet.
        """
        if present and present not in self._stays:
            there = await self._register.may_be(present, Role.COORDINATOR, self._site)
            self._stays[present] = bool(there)
        if present and self._stays[present]:
            return present
        if self._owned is None:
            self._owned = await self._of_school()
        if not self._owned:
            return NOBODY
        chosen = min(self._owned, key=lambda each: ((self._owned or {})[each], each))
        self._owned[chosen] += 1
        return chosen

    async def _of_school(self) -> dict[str, int]:
        """Return whom the register has as coordinators today, with how many open ones they have."""
        now = self._desk.clock.now()
        today = local_date(now, self._zone)
        named = {"ended": False, "grants": {"$elemMatch": {"scope": self._site}}}
        found = [each async for each in self._desk.store.find(StaffAccess, named)]
        there = {x.subject for x in found if (Role.COORDINATOR, self._site) in x.held(today)}
        if not there:
            return {}
        owned = await caseloads(self._desk.store, {"site": self._site}, now)
        return {each: len(owned.get((each, self._site), ())) for each in there}


def batched(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """Yield ids in slices of a transaction each."""
    for start in range(0, len(ids), SLICE):
        yield ids[start : start + SLICE]
