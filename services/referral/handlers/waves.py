"""Waves that are to be asked later, and why they no longer may be."""

from typing import Any

from services.chassis.store import Change, Found, Ref
from services.referral.handlers.desk import Desk
from services.referral.handlers.referrals import changed
from services.referral.model import commands
from services.referral.model.consent import ConsentBook
from services.referral.model.doubt import in_doubt
from services.referral.model.follow_up import local_date
from services.referral.model.people import Family, Student
from services.referral.model.referral import Referral, State


async def stop_waves(desk: Desk, student: str) -> None:
    """Let nobody further be asked for a child's needs whose every consent is in doubt now.

    Nothing new begins on such a consent, and a wave whose hour comes is new: its agencies hear of
    a child for the first time. Asked whenever the consents, or who is around the child, change.
    """
    planned: dict[str, Any] = {
        "student": student,
        "state": State.REQUESTED.value,
        "planned.0": {"$exists": True},
    }
    for referral in [each.id async for each in desk.store.find(Referral, planned)]:
        await _stop(desk, referral, student)


async def _stop(desk: Desk, referral: str, student: str) -> None:
    own, book_ref = Ref(Referral, referral), Ref(ConsentBook, student)

    async def all_at_once() -> None:
        """Look for the household in the transaction that decides by it: a child may just move."""
        child = await desk.store.get(Student, student)
        home = Ref(Family, child.family if child else "")

        def stop(found: Found) -> Change[None]:
            known, book = found.get(own), found.get(book_ref)
            if known is None or book is None:
                return Change(None)
            now = desk.clock.now()
            if not in_doubt(book, found.get(home), known, local_date(now, known.zone)):
                return Change(None)
            return changed(desk, known, commands.StopWaves(), now)

        await desk.store.update([own, book_ref, home], stop)

    await desk.store.database.transact(all_at_once)
