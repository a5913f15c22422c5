"""A referral that should never have been: taken back, and what was read of it asked back.

Whoever was told who the child is keeps nothing of it: with the wrong child's name an agency has
read what nobody of that family ever agreed to. All of it is one transaction, as with a revocation
(`handlers.revocation`): a reading at the same instant is found, or comes too late to read.
"""

from services.chassis.errors import unknown
from services.chassis.http.commands import check_version
from services.chassis.store import Change, Found, Ref
from services.referral.handlers.desk import Desk
from services.referral.model.commands import EnterInError
from services.referral.model.consent import ConsentBook, Disclosure
from services.referral.model.decide import decide
from services.referral.model.deletion import DeletionRequest, ask_after_error
from services.referral.model.evolve import evolve_all
from services.referral.model.people import Student
from services.referral.model.referral import Referral


async def enter_in_error(
    desk: Desk, referral: str, wish: EnterInError, *, expected: int | None
) -> Referral:
    """Take a referral back that should never have been; a repeat changes nothing.

    Every agency that read who the child is for it, and every place outside the network that was
    told, is asked to delete that and to confirm it.

    Raises:
        EnlaceError: no such referral, or it has changed since `expected`.
    """

    async def all_at_once() -> Referral:
        """Look for the readings in the transaction that decides by them."""
        known = await desk.store.get(Referral, referral)
        if known is None:
            raise unknown("referral")
        ref, book_ref = Ref(Referral, referral), Ref(ConsentBook, known.student)
        child = await desk.store.get(Student, known.student)
        made = {"student": known.student, "referral": referral}
        disclosures = [each async for each in desk.store.find(Disclosure, made)]
        about = {"student": known.student, "referrals": referral}
        before = [each async for each in desk.store.find(DeletionRequest, about)]

        def run(found: Found) -> Change[Referral]:
            current, book = found.get(ref), found.get(book_ref)
            if current is None:
                raise unknown("referral")
            now, rules = desk.clock.now(), desk.rules()
            events = decide(current, wish, now, rules)
            if not events:
                return Change(current)
            if expected is not None:
                check_version(expected, current.version)
            after = evolve_all(current, events, now)
            confidential = book is not None and book.confidential(current.category)
            asked = ask_after_error(
                current,
                disclosures,
                before,
                now,
                rules,
                home=(child.family, child.site) if child else None,
                confidential=confidential,
            )
            # The consents as they are: a reading at the same instant runs before or after this.
            held = [book] if book else []
            told = [*events, *(each.requested() for each in asked)]
            shown = after.having(version=current.version + 1)
            return Change(shown, [*held, after, *asked], told, current.site)

        return await desk.store.update([ref, book_ref], run)

    return await desk.store.database.transact(all_at_once)
