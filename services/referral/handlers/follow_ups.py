"""Follow-ups: seen to with what was learned, put off, given to somebody else."""

from collections.abc import Sequence

from services.chassis.errors import rule, unknown
from services.chassis.http.commands import check_version
from services.chassis.store import Aggregate, Change, Found, Ref
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
    note_ref = Ref(FollowUpNote, wish.follow_up)

    def run(found: Found) -> Change[Referral]:
        known = found.get(ref)
        if known is None:
            raise unknown("referral")
        now = desk.clock.now()
        events = decide(known, wish, now, desk.rules())
        written = found.get(note_ref)
        if not events:
            if note is not None:
                check_words(written, note)
            return Change(known)
        check_version(expected, known.version)
        after = evolve_all(known, events, now)
        save: list[Aggregate] = [after]
        if note is not None:
            # A second answer to one question takes the place of what was learned with the first.
            save.append(note.having(version=written.version if written else 0))
        return Change(after.having(version=known.version + 1), save, events, known.site)

    return await desk.store.update([ref, note_ref], run)


def check_words(written: FollowUpNote | None, note: FollowUpNote) -> None:
    """Accept words that were sent before; nobody's are dropped without a word.

    Raises:
        EnlaceError: the follow-up was seen to with other words, or without any.
    """
    if written is None or written.fingerprint != note.fingerprint:
        raise rule(
            "follow-up-over",
            "Somebody has seen to this follow-up already; your words were not kept. Read the "
            "referral again, and write them as a note on the child.",
            es="Alguien ya atendió este seguimiento; sus palabras no se guardaron. Vuelva a "
            "leer la derivación y escríbalas como nota del estudiante.",
        )


async def notes_of(desk: Desk, follow_ups: Sequence[str]) -> dict[str, FollowUpNote]:
    """Return what was learned, by follow-up."""
    found = desk.store.find(FollowUpNote, {"_id": {"$in": list(follow_ups)}})
    return {each.id: each async for each in found}
