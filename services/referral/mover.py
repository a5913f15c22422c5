"""Takes what is open of children who changed schools to their new school.

Whoever moves a child marks it in the same transaction, so that no crash between leaves a referral
with somebody who has no right there. The mark stays longer than any transaction can last: also a
referral that was written down at the same instant, for the old school, is found; and whatever was
written for the household from which a roster has taken the child.
"""

import asyncio
from datetime import UTC, datetime, timedelta

import structlog
from pymongo.errors import PyMongoError

from services.chassis.auth import Role
from services.chassis.errors import EnlaceError
from services.chassis.lease import Lease
from services.chassis.staff import StaffAccess, StaffRegister
from services.chassis.store import Change, Found, Ref, Store
from services.referral.handlers import referrals
from services.referral.handlers.desk import Desk
from services.referral.handlers.homes import settle
from services.referral.handlers.household import follow
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

BATCH = 200

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
        query = {"moved_at": {"$ne": None}}
        found = self._desk.store.find(Student, query, sort=[("moved_at", 1)], limit=BATCH)
        students = [each async for each in found]
        moved = 0
        for student in students:
            moved += await self._follow(student)
            await follow(self._desk.store, {student.id: student.family})
            await self._move_tasks(student)
            await self._move_next_steps(student)
            if student.moved_at and datetime.now(UTC) - student.moved_at > MARKED_FOR:
                await self._unmark(student)
        homes = {id for each in students for id in (each.family, *(x.family for x in each.former))}
        await settle(self._desk.store, homes)
        return moved

    async def _follow(self, student: Student) -> int:
        now = self._desk.clock.now()
        astray = {"student": student.id, "site": {"$ne": student.site}, **needs_owner(now)}
        moved = 0
        for referral in [each async for each in self._desk.store.find(Referral, astray)]:
            to = await self._coordinator(referral.coordinator, student.site)
            try:
                wish = commands.Transfer(to, student.site)
                await referrals.command(self._desk, referral.id, wish)
            except EnlaceError as error:  # it has ended meanwhile, or somebody moved it
                log.warning("mover.waiting", referral=referral.id, error=error.slug)
            else:
                moved += 1
        return moved

    async def _move_tasks(self, student: Student) -> None:
        """Take meetings in which something was agreed and is not done to the new school."""
        to_do = [TaskState.OPEN.value, TaskState.OVERDUE.value]
        there = {
            "student": student.id,
            "site": {"$ne": student.site},
            "tasks.state": {"$in": to_do},
        }
        refs = [Ref(Meeting, each.id) async for each in self._desk.store.find(Meeting, there)]

        def move(found: Found) -> Change[None]:
            known = [each for ref in refs if (each := found.get(ref)) is not None]
            return Change(None, [each.having(site=student.site) for each in known])

        if refs:
            await self._desk.store.update(refs, move)

    async def _move_next_steps(self, student: Student) -> None:
        """Take attempts whose next step may still call for somebody to the new school."""
        today = local_date(self._desk.clock.now(), self._zone)
        there = {
            "student": student.id,
            "site": {"$ne": student.site},
            "next_on": {"$gte": (today - NEXT_STEP_FOR - timedelta(days=1)).isoformat()},
        }
        found = self._desk.store.find(ContactAttempt, there)
        refs = [Ref(ContactAttempt, each.id) async for each in found]

        def move(found: Found) -> Change[None]:
            known = [each for ref in refs if (each := found.get(ref)) is not None]
            # Whoever was to take it has no right there: it is its referral's coordinator's now.
            return Change(None, [each.having(site=student.site, owner=None) for each in known])

        if refs:
            await self._desk.store.update(refs, move)

    async def _coordinator(self, present: str, site: str) -> str:
        """Return who takes it over.

        The present one, where the register has them there too; otherwise the school's coordinator
        with the fewest open ones; otherwise nobody yet.
        """
        if present and await self._register.may_be(present, Role.COORDINATOR, site):
            return present
        there = await self._of_school(site)
        if not there:
            return NOBODY
        owned = await caseloads(self._desk.store, {"site": site}, self._desk.clock.now())
        return min(there, key=lambda each: (len(owned.get((each, site), ())), each))

    async def _of_school(self, site: str) -> list[str]:
        """Return the subjects whom the register has as coordinators of a school today."""
        today = local_date(self._desk.clock.now(), self._zone)
        named = {"ended": False, "grants": {"$elemMatch": {"scope": site}}}
        found = self._desk.store.find(StaffAccess, named)
        return sorted(
            {each.subject async for each in found if (Role.COORDINATOR, site) in each.held(today)}
        )

    async def _unmark(self, student: Student) -> None:
        ref = Ref(Student, student.id)

        def clear(found: Found) -> Change[None]:
            known = found.get(ref)
            if known is None or known.moved_at != student.moved_at:
                return Change(None)
            return Change(None, [known.having(moved_at=None)])

        await self._desk.store.update([ref], clear)

    async def run(self) -> None:
        """Work until cancelled, in one worker at a time."""
        lease = Lease(self._desk.store.database, "mover")
        while True:
            try:
                if await lease.hold():
                    await self.once()
            except PyMongoError as error:
                log.warning("mover.away", error=type(error).__name__)
            await asyncio.sleep(EVERY_SECONDS)
