"""Follow-ups: seen to with what was learned, put off, given to somebody else."""

from services.chassis.errors import unknown
from services.chassis.http.commands import check_version
from services.chassis.store import Change, Found, Ref
from services.referral.handlers.desk import Desk
from services.referral.model.decide import decide
from services.referral.model.evolve import evolve_all
from services.referral.model.follow_up import FollowUpNote
from services.referral.model.follow_up_commands import FinishFollowUp
from services.referral.model.referral import Referral


async def finish(
    desk: Desk, referral: str, wish: FinishFollowUp, note: FollowUpNote | None, *, expected: int
) -> Referral:
    """See to a follow-up, keeping the words in the same transaction.

    Raises:
        EnlaceError: no such follow-up, it is over, or the referral has changed since.
    """
    ref = Ref(Referral, referral)

    def run(found: Found) -> Change[Referral]:
        known = found.get(ref)
        if known is None:
            raise unknown("referral")
        now = desk.clock.now()
        events = decide(known, wish, now, desk.rules())
        if not events:
            return Change(known)
        check_version(expected, known.version)
        after = evolve_all(known, events, now)
        save = [after] if note is None else [after, note]
        return Change(after.having(version=known.version + 1), save, events, known.site)

    return await desk.store.update([ref], run)


async def notes_of(desk: Desk, referral: str) -> dict[str, FollowUpNote]:
    """Return what was learned, by follow-up."""
    found = desk.store.find(FollowUpNote, {"referral": referral})
    return {each.id: each async for each in found}
