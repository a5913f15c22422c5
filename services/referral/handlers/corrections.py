"""A draft that was written down wrongly is put right."""

from dataclasses import dataclass

from contracts.categories import Category
from contracts.codes import Audience, Urgency
from contracts.sealed import Sealed
from services.chassis.errors import unknown
from services.chassis.http.commands import check_version
from services.chassis.store import Change, Found, Ref
from services.referral.handlers.desk import Desk
from services.referral.model import commands
from services.referral.model.consent import ConsentBook
from services.referral.model.decide import decide
from services.referral.model.evolve import evolve_all
from services.referral.model.follow_up import local_date
from services.referral.model.referral import Referral


@dataclass(frozen=True, slots=True)
class Correction:
    """What is right; None where what stands there is.

    Attributes:
        need: the words, sealed under the student's key.
        duplicate_of: the referral of the same need that is open already.
        despite_duplicate: why it is wanted all the same, sealed.
    """

    category: Category | None = None
    urgency: Urgency | None = None
    need: Sealed | None = None
    duplicate_of: str | None = None
    despite_duplicate: Sealed | None = None


async def correct(desk: Desk, id: str, right: Correction, *, expected: int | None) -> Referral:
    """Put a draft right; who may be told follows from the consents for what it is now.

    Raises:
        EnlaceError: there is none, it was sent already, or it has changed since `expected`.
    """
    known = await desk.store.get(Referral, id)
    if known is None:
        raise unknown("referral")
    ref, book_ref = Ref(Referral, id), Ref(ConsentBook, known.student)

    def put(found: Found) -> Change[Referral]:
        before, book = found.get(ref), found.get(book_ref)
        if before is None:
            raise unknown("referral")
        now, rules = desk.clock.now(), desk.rules()
        category = right.category or before.category
        today = local_date(now, before.zone)
        wish = commands.Correct(
            category,
            right.urgency or before.urgency,
            book.audience(category, today) if book else Audience.NOBODY,
            reworded=right.need is not None,
        )
        events = decide(before, wish, now, rules)
        if not events:
            return Change(before)
        if expected is not None:
            check_version(expected, before.version)
        meant = before.having(category=category, need=right.need or before.need)
        if right.category is not None:
            meant = meant.having(
                duplicate_of=right.duplicate_of, despite_duplicate=right.despite_duplicate
            )
        after = evolve_all(meant, events, now)
        # A need that the student confides at the same instant must find this draft.
        held = [book] if book and wish.audience is Audience.GUARDIAN else []
        shown = after.having(version=before.version + 1)
        return Change(shown, [*held, after], events, after.site)

    return await desk.store.update([ref, book_ref], put)
