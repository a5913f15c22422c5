"""Holds, and erasures: ordered, carried on step by step, confirmed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from contracts.codes import CancelReason
from contracts.referrals import ReferralErased
from services.chassis.errors import EnlaceError, Kind, unknown
from services.chassis.http.commands import check_repeat
from services.chassis.store import Aggregate, Change, Found, Ref, Store
from services.referral.handlers import help_requests, holds, referrals, revocation
from services.referral.handlers.audit import SERVICE, line
from services.referral.handlers.desk import Desk
from services.referral.handlers.household import erased_with
from services.referral.model import commands
from services.referral.model.audit import Action, Actor
from services.referral.model.consent import ConsentBook
from services.referral.model.consent_terms import Revocation, RevocationReason
from services.referral.model.erasure import (
    Erasure,
    ErasureReason,
    ErasureState,
    Hold,
    emptied,
    forgotten,
)
from services.referral.model.follow_up import local_date
from services.referral.model.people import Family, Student
from services.referral.model.referral import Referral
from services.referral.store import FamilyLink


async def create_indexes(store: Store) -> None:
    """Make what the queries below need."""
    await store.collection(Erasure).create_index("state")
    await store.collection(Erasure).create_index("persons")
    await store.collection(Erasure).create_index("family")


async def set_hold(desk: Desk, hold: Hold, actor: Actor, zone: str) -> Hold:
    """Put a hold on a family's records; a repeat is the same answer.

    Raises:
        EnlaceError: no such family, its erasure is under way, it was merged into another one, the
            last day has passed, or the id has another body.
    """
    ref, family_ref = Ref(Hold, hold.id), Ref(Family, hold.family)

    def put(found: Found) -> Change[Hold]:
        known, family = found.get(ref), found.get(family_ref)
        if known is not None:
            check_repeat(known.fingerprint, hold.fingerprint)
            return Change(known)
        if family is None:
            raise unknown("family")
        need_there(family)
        family.need_open()
        hold.need_to_come(local_date(hold.set_at, zone))
        about = {"hold": hold.id, "family": family.id, "reason": hold.reason.value}
        noted = line(actor, Action.HOLD_SET, hold.set_at, site=family.site, about=about)
        # The family is written too: of a hold and an erasure at one instant, one sees the other.
        placed = hold.having(site=family.site)
        return Change(placed.having(version=1), [placed, family, noted], site=family.site)

    return await desk.store.update([ref, family_ref], put)


async def lift_hold(desk: Desk, id: str, actor: Actor) -> Hold:
    """Lift a hold; one that was lifted stays so.

    Raises:
        EnlaceError: there is none.
    """
    ref = Ref(Hold, id)

    def lift(found: Found) -> Change[Hold]:
        known = found.get(ref)
        if known is None:
            raise unknown("hold")
        if known.lifted_at is not None:
            return Change(known)
        now = desk.clock.now()
        after = known.having(lifted_at=now, lifted_by=actor.subject)
        about = {"hold": id, "family": known.family}
        noted = line(actor, Action.HOLD_LIFTED, now, site=known.site, about=about)
        return Change(after.having(version=known.version + 1), [after, noted], site=known.site)

    return await desk.store.update([ref], lift)


async def need_not_erased(store: Store, persons: Sequence[str]) -> None:
    """Let nobody be entered under the id of somebody who was erased: no key of theirs comes back.

    Raises:
        EnlaceError: one of them was.
    """
    async for _ in store.find(Erasure, {"persons": {"$in": list(persons)}}, limit=1):
        raise erased()


def erased() -> EnlaceError:
    """Return the refusal of whatever concerns somebody who was erased."""
    return EnlaceError(
        "erased",
        Kind.UNKNOWN,
        "These records were erased, as was asked. Nothing was changed: a family that comes back is "
        "entered anew, under fresh ids.",
        es="Estos expedientes se borraron, como se pidió. No se cambió nada: a una "
        "familia que vuelve se le registra de nuevo, con identificadores nuevos.",
    )


def need_there(family: Family) -> None:
    """Let nothing more be done to a family that is being erased.

    Raises:
        EnlaceError: it is, or was.
    """
    if family.erasing is not None:
        raise erased()


async def order(desk: Desk, fresh: Erasure, actor: Actor, *, zone: str) -> Erasure:
    """Order an erasure: from now on nothing is entered on the family, and it goes on by itself.

    Raises:
        EnlaceError: no such family, it is held back, it was merged into another one, or it is being
            erased already.
    """
    ref, family_ref = Ref(Erasure, fresh.id), Ref(Family, fresh.family)

    async def all_at_once() -> Erasure:
        """Look for holds in the transaction that decides by them."""
        there = await desk.store.get(Family, fresh.family)
        held = await holds.standing(desk, there, zone) if there else None

        def put(found: Found) -> Change[Erasure]:
            known, family = found.get(ref), found.get(family_ref)
            if known is not None:
                check_repeat(known.fingerprint, fresh.fingerprint)
                return Change(known)
            if family is None:
                raise unknown("family")
            need_there(family)
            family.need_open()
            if held is not None and held.by:
                raise held.refusal()
            about = {"erasure": fresh.id, "family": family.id, "reason": fresh.reason.value}
            now = desk.clock.now()
            noted = line(actor, Action.ERASURE_ORDERED, now, site=family.site, about=about)
            ordered = fresh.having(site=family.site)
            save = [ordered, family.having(erasing=fresh.id), noted]
            return Change(ordered.having(version=1), save, site=family.site)

        return await desk.store.update([ref, family_ref], put)

    return await desk.store.database.transact(all_at_once)


async def order_again(desk: Desk, erasure: Erasure) -> None:
    """Order what the ledger has and a restored database does not know."""
    ref, family_ref = Ref(Erasure, erasure.id), Ref(Family, erasure.family)

    def put(found: Found) -> Change[None]:
        if found.get(ref) is not None:
            return Change(None)
        family = found.get(family_ref)
        marked = [family.having(erasing=erasure.id)] if family else []
        about = {"erasure": erasure.id, "family": erasure.family, "why": "ledger"}
        now = desk.clock.now()
        noted = line(SERVICE, Action.ERASURE_ORDERED, now, site=erasure.site, about=about)
        return Change(None, [erasure, *marked, noted], site=erasure.site)

    await desk.store.update([ref, family_ref], put)


async def wind_up(desk: Desk, erasure: Erasure) -> None:
    """Revoke what the family consented to, and give up what is open, as if they had asked for it.

    Agencies are asked to delete what they read, and offers are withdrawn.
    """
    now = desk.clock.now()
    students = [each async for each in desk.store.find(Student, {"family": erasure.family})]
    await help_requests.end_for_erasure(desk, erasure.family, [each.id for each in students])
    for student in students:
        book = await desk.store.get(ConsentBook, student.id)
        for consent in book.consents if book else ():
            if consent.revocation is None:
                ended = Revocation(
                    at=now,
                    by=None,
                    recorded_by=erasure.ordered_by,
                    reason=RevocationReason.OTHER,
                )
                await revocation.revoke_consent(desk, student, consent.id, ended)
        async for referral in desk.store.find(Referral, {"student": student.id}):
            if referral.open:
                reason = (
                    CancelReason.FAMILY_WITHDREW
                    if erasure.reason is ErasureReason.FAMILY_ASKED
                    else CancelReason.OTHER
                )
                await referrals.command(desk, referral.id, commands.Cancel(reason))


async def with_all(store: Store, erasure: Erasure) -> Erasure:
    """Return an erasure with everybody and everything that it is about."""
    families = await erased_with(store, erasure.family)
    students = [each.id async for each in store.find(Student, {"family": erasure.family})]
    of_children: dict[str, Any] = {"student": {"$in": students}}
    needs = [each.id async for each in store.find(Referral, of_children)]
    scans = [
        consent.scan.id
        async for book in store.find(ConsentBook, {"_id": {"$in": students}})
        for consent in book.consents
        if consent.scan is not None
    ]
    contacts = [each.id for home in families for each in (*home.contacts, *home.former)]
    return erasure.having(
        persons=_both(erasure.persons, [*students, *contacts]),
        referrals=_both(erasure.referrals, needs),
        scans=_both(erasure.scans, scans),
    )


async def forget(desk: Desk, erasure: Erasure) -> Erasure:
    """Empty the family's documents and tell the other services, in one transaction."""
    ref = Ref(Erasure, erasure.id)
    families = [Ref(Family, each.id) for each in await erased_with(desk.store, erasure.family)]
    students = [
        Ref(Student, each.id) async for each in desk.store.find(Student, {"family": erasure.family})
    ]
    query = {"referral": {"$in": list(erasure.referrals)}}
    links = [Ref(FamilyLink, each.id) async for each in desk.store.find(FamilyLink, query)]

    def empty(found: Found) -> Change[Erasure]:
        known = found.get(ref)
        if known is None or known.state is not ErasureState.ORDERED:
            return Change(known or erasure)
        now = desk.clock.now()
        after = known.having(
            state=ErasureState.FORGOTTEN,
            forgotten_at=now,
            persons=erasure.persons,
            referrals=erasure.referrals,
            scans=erasure.scans,
        )
        save: list[Aggregate] = [after]
        save += [emptied(each, now).having(erasing=erasure.id) for each in _there(found, families)]
        save += [forgotten(each, now) for each in _there(found, students)]
        save += [each.having(expires=now) for each in _there(found, links)]
        told = (*after.told(), *(ReferralErased(referral=each) for each in erasure.referrals))
        return Change(after.having(version=known.version + 1), save, told, erasure.site)

    return await desk.store.update([ref, *families, *students, *links], empty)


async def keys_destroyed(desk: Desk, id: str) -> Erasure:
    """Keep that every key is destroyed and every paper removed."""

    def keep(known: Erasure, now: datetime) -> Erasure:
        return known if known.keys_destroyed_at else known.having(keys_destroyed_at=now, scans=())

    return await _move(desk, id, keep)


async def confirm(desk: Desk, id: str, service: str) -> Erasure:
    """Keep a service's confirmation; the last one completes the erasure."""
    return await _move(desk, id, lambda known, now: known.confirmed(service, now))


async def _move(desk: Desk, id: str, step: Any) -> Erasure:
    ref = Ref(Erasure, id)

    def move(found: Found) -> Change[Erasure]:
        known = found.get(ref)
        if known is None:
            raise unknown("erasure")
        now = desk.clock.now()
        after: Erasure = step(known, now)
        if after is known:
            return Change(known)
        save: list[Aggregate] = [after]
        if after.state is ErasureState.COMPLETE:
            about = {"erasure": id, "family": known.family}
            save.append(line(SERVICE, Action.ERASURE_COMPLETED, now, site=known.site, about=about))
        return Change(after.having(version=known.version + 1), save, site=known.site)

    return await desk.store.update([ref], move)


def _there(found: Found, refs: Sequence[Ref[Any]]) -> list[Any]:
    return [each for ref in refs if (each := found.get(ref)) is not None]


def _both(known: Sequence[str], found: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*known, *found]))
