"""Keeps which consents are in doubt, whenever who is around a child changes."""

from collections.abc import Collection

from services.chassis.store import Change, Found, Ref
from services.referral.handlers.consents import honour_consents
from services.referral.handlers.desk import Desk
from services.referral.handlers.waves import stop_waves
from services.referral.model.consent import ConsentBook
from services.referral.model.doubt import in_doubt, looked_at, refused
from services.referral.model.follow_up import local_date
from services.referral.model.people import Family, Student
from services.referral.model.referral import Referral


async def look(desk: Desk, families: Collection[str]) -> None:
    """Look at the consents for the children of these households; let what waited go on.

    To be asked in the transaction that has changed who is around them.
    """
    store, now = desk.store, desk.clock.now()
    homes = {
        each.id: Ref(Family, each.family)
        async for each in store.find(Student, {"family": {"$in": sorted(families)}})
    }
    query = {"_id": {"$in": sorted(homes)}}
    known = [each async for each in store.find(ConsentBook, query)]
    if not known:
        return
    books = [Ref(ConsentBook, each.id) for each in known]

    def mark(found: Found) -> Change[None]:
        save = []
        for ref in books:
            book = found.get(ref)
            if book is None:
                continue
            after = looked_at(book, found.get(homes[ref.id]), now)
            # Written though one is still in doubt: a claim at the same instant runs again.
            if after is not book or book.doubted:
                save.append(after)
        return Change(None, save)

    await store.update([*books, *dict.fromkeys(homes.values())], mark)
    for each in known:
        if each.doubted:
            await honour_consents(desk, each.id)
        else:
            await stop_waves(desk, each.id)


async def need_undoubted(desk: Desk, referral: Referral) -> None:
    """Let a referral be offered unless every consent on which it stands is in doubt.

    One without any consent passes: its claim waits for one.

    Raises:
        EnlaceError: it stands on such consents alone.
    """
    book = await desk.store.get(ConsentBook, referral.student)
    family = await desk.store.get(Family, referral.family)
    today = local_date(desk.clock.now(), referral.zone)
    if book is not None and in_doubt(book, family, referral, today):
        raise refused()
