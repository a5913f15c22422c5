"""Child-study meetings and their tasks."""

from collections.abc import Callable, Mapping
from datetime import datetime

from services.chassis.auth import Role
from services.chassis.errors import unknown
from services.chassis.http.commands import check_repeat, check_version
from services.chassis.staff import StaffRegister
from services.chassis.store import Change, Found, Ref
from services.referral.handlers.desk import Desk
from services.referral.handlers.staff import need_role
from services.referral.model.meeting import Meeting, Task
from services.referral.model.people import Student


async def put_meeting(desk: Desk, meeting: Meeting) -> Meeting:
    """Write a meeting down, or change nothing where this very body was sent before.

    Raises:
        EnlaceError: no such student, or the id was used for something else.
    """
    ref, person = Ref(Meeting, meeting.id), Ref(Student, meeting.student)

    def write(found: Found) -> Change[Meeting]:
        known = found.get(ref)
        if known is not None:
            check_repeat(known.fingerprint, meeting.fingerprint)
            return Change(known)
        if found.get(person) is None:
            raise unknown("student")
        fresh = meeting.scheduled()
        return Change(fresh.having(version=1), [fresh])

    return await desk.store.update([ref, person], write)


async def put_task(desk: Desk, meeting: str, task: Task) -> Meeting:
    """Add a task to a meeting, or change nothing where this very body was sent before.

    Raises:
        EnlaceError: no such meeting, too many tasks, or the id was used with another body.
    """

    def add(known: Meeting) -> Meeting:
        there = known.task(task.id)
        if there is None:
            return known.add(task)
        check_repeat(there.fingerprint, task.fingerprint)
        return known

    return await _change(desk, meeting, add)


async def do_task(desk: Desk, meeting: str, task: str, by: str, *, expected: int) -> Meeting:
    """Say that a task is done; one that is done already is a success.

    Raises:
        EnlaceError: no such task, or the meeting has changed since.
    """

    def do(known: Meeting) -> Meeting:
        after = known.do(task, by, desk.clock.now())
        if after is not known:
            check_version(expected, known.version)
        return after

    return await _change(desk, meeting, do)


def tick(known: Meeting, now: datetime) -> Change[None]:
    """Let time pass for a meeting's tasks, for the sweep."""
    return Change(None, [known.tick(now)])


async def _change(desk: Desk, id: str, wish: Callable[[Meeting], Meeting]) -> Meeting:
    ref = Ref(Meeting, id)

    def change(found: Found) -> Change[Meeting]:
        known = found.get(ref)
        if known is None:
            raise unknown("meeting")
        after = wish(known)
        if after is known:
            return Change(known)
        return Change(after.having(version=known.version + 1), [after])

    return await desk.store.update([ref], change)


_TEAM = (Role.COORDINATOR, Role.CARE_TEAM)


async def need_owners(
    register: StaffRegister, known: Meeting | None, owners: Mapping[str, str], site: str
) -> None:
    """Pass tasks, by id, whose owners work at the school: a task of nobody's is never done.

    Raises:
        EnlaceError: an owner of a task that is not there yet does not.
    """
    fresh = {owner for task, owner in owners.items() if known is None or known.task(task) is None}
    for owner in fresh:
        await need_role(register, owner, site, *_TEAM, what="staff")
