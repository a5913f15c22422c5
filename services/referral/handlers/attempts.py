"""Attempts to reach a family: entered once, however often and however late they are sent."""

from services.chassis.errors import unknown
from services.chassis.http.commands import check_repeat
from services.chassis.store import Change, Found, Ref
from services.referral.handlers.desk import Desk
from services.referral.model.attempts import ContactAttempt
from services.referral.model.people import Student


async def put_attempt(desk: Desk, attempt: ContactAttempt) -> ContactAttempt:
    """Enter an attempt, or change nothing where its maker sent this very body before.

    Raises:
        EnlaceError: no such student, or the id was used for something else.
    """
    ref, person = Ref(ContactAttempt, attempt.id), Ref(Student, attempt.student)

    def enter(found: Found) -> Change[ContactAttempt]:
        known = found.get(ref)
        if known is not None:
            check_repeat(f"{known.by} {known.fingerprint}", f"{attempt.by} {attempt.fingerprint}")
            return Change(known)
        if found.get(person) is None:
            raise unknown("student")
        return Change(attempt.having(version=1), [attempt])

    return await desk.store.update([ref, person], enter)
