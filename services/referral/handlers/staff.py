"""The staff register: entries made, changed and ended, and what nobody is left to look after."""

from collections.abc import Callable, Collection, Sequence
from datetime import date, datetime

from pymongo.errors import DuplicateKeyError

from contracts.event import Event
from contracts.staff import REGISTER, RegisterSwitched
from services.chassis.auth import Role
from services.chassis.errors import rule, unknown
from services.chassis.http.commands import check_version
from services.chassis.staff import RegisterState, StaffAccess, StaffRegister
from services.chassis.store import Change, Found, Ref, Store
from services.referral.handlers.audit import line, note
from services.referral.handlers.desk import Desk
from services.referral.model.audit import Action, Actor
from services.referral.model.referral import NOBODY, Referral
from services.referral.model.staff import StaffMember
from services.referral.store import needs_owner


async def create_indexes(store: Store) -> None:
    """Make what the register needs: one entry a subject."""
    await store.collection(StaffMember).create_index("subject", unique=True)
    await store.collection(Referral).create_index(
        [("coordinator", 1), ("site", 1), ("state", 1)], name="owner"
    )
    await store.collection(Referral).create_index(
        "follow_ups.owner",
        partialFilterExpression={"follow_ups.owner": {"$gt": ""}},
        name="given",
    )


async def put_member(
    desk: Desk, fresh: StaffMember, actor: Actor, *, expected: int | None
) -> StaffMember:
    """Enter somebody, or change their entry; the very body again changes nothing.

    Raises:
        EnlaceError: the account has another entry, it has changed since `expected`, or a rule.
    """

    def put(known: StaffMember | None) -> tuple[StaffMember, Action]:
        if known is None:
            return fresh, Action.STAFF_ENTERED
        if known.ended_at is None and known.fingerprint == fresh.fingerprint:
            return known, Action.STAFF_CHANGED
        check_version(0 if expected is None else expected, known.version)
        return known.changed(fresh), Action.STAFF_CHANGED

    try:
        return await _change(desk, fresh.id, put, actor)
    except DuplicateKeyError:
        raise rule(
            "account-taken",
            "This account has an entry in the register already. Nothing was entered: look it up "
            "with GET /v1/staff?subject=… and change that one.",
            es="Esta cuenta ya está en el registro. No se guardó nada: búsquela con GET "
            "/v1/staff?subject=… y cambie esa entrada.",
        ) from None


async def off_board(
    desk: Desk, id: str, last_day: date | None, actor: Actor, *, expected: int
) -> StaffMember:
    """End somebody's access, at once or after a last day; who has none stays as they are.

    Raises:
        EnlaceError: no such entry, it has changed since, or it is one's own.
    """

    def end(known: StaffMember | None) -> tuple[StaffMember, Action]:
        if known is None:
            raise unknown("member of staff")
        if known.subject == actor.subject:
            raise rule(
                "own-access",
                "Nobody ends their own access: the district would be left without an "
                "administrator. Nothing was changed: let another administrator do it.",
                es="Nadie termina su propio acceso: el distrito se quedaría sin administración. "
                "No se cambió nada: que lo haga otra persona de la administración.",
            )
        after = known.off_boarded(desk.clock.now(), actor.subject, last_day)
        if after is not known:
            check_version(expected, known.version)
        return after, Action.STAFF_OFF_BOARDED

    return await _change(desk, id, end, actor)


async def reinstate(desk: Desk, id: str, actor: Actor, *, expected: int) -> StaffMember:
    """Open an ended entry again, without a role.

    Raises:
        EnlaceError: no such entry, or it has changed since.
    """

    def open_again(known: StaffMember | None) -> tuple[StaffMember, Action]:
        if known is None:
            raise unknown("member of staff")
        after = known.reinstated(desk.clock.now(), actor.subject)
        if after is not known:
            check_version(expected, known.version)
        return after, Action.STAFF_REINSTATED

    return await _change(desk, id, open_again, actor)


async def _change(
    desk: Desk,
    id: str,
    decide: Callable[[StaffMember | None], tuple[StaffMember, Action]],
    actor: Actor,
) -> StaffMember:
    """Write an entry, what the services read of it, and the line that tells of it, together."""
    ref, access = Ref(StaffMember, id), Ref(StaffAccess, id)

    def change(found: Found) -> Change[StaffMember]:
        known = found.get(ref)
        after, action = decide(known)
        if after is known:
            return Change(after)
        told = after.told()
        before = found.get(access)
        about = {"entry": id, "subject": after.subject, "version": str(after.version + 1)}
        return Change(
            after.having(version=after.version + 1),
            [
                after,
                StaffAccess.of(told, before.version if before else 0),
                line(actor, action, desk.clock.now(), about=about),
            ],
            [told],
        )

    return await desk.store.update([ref, access], change)


async def switch_register(desk: Desk, actor: Actor, *, in_force: bool) -> RegisterState:
    """Put the register in force, or out of it; where it stands so already nothing changes."""
    ref = Ref(RegisterState, REGISTER)

    def switch(found: Found) -> Change[RegisterState]:
        known = found.get(ref) or RegisterState(id=REGISTER)
        if known.in_force == in_force:
            return Change(known)
        after = known.having(in_force=in_force)
        about = {"in_force": "yes" if in_force else "no"}
        told: Sequence[Event] = (RegisterSwitched(entry=REGISTER, in_force=in_force),)
        noted = line(actor, Action.REGISTER_SWITCHED, desk.clock.now(), about=about)
        return Change(after, [after, noted], told)

    return await desk.store.update([ref], switch)


async def need_role(
    register: StaffRegister, subject: str, site: str, *roles: Role, what: str
) -> None:
    """Let only those take work over whom the register has in a role at the school.

    Raises:
        EnlaceError: it has not; nothing was handed over.
    """
    for role in roles:
        said = await register.may_be(subject, role, site)
        if said is None or said:
            return
    raise rule(
        "not-in-the-register",
        f"The staff register does not have this person as {what} at this school today. Nothing "
        "was changed: choose somebody who is, or let your district's administrator enter them.",
        es=f"Hoy el registro de personal no tiene a esta persona como {what} en esta "
        "escuela. No se cambió nada: elija a alguien que lo sea, o pida a la "
        "administración del distrito que la registre.",
    )


async def note_conflict(
    desk: Desk, actor: Actor, referral: Referral, agencies: Collection[str]
) -> None:
    """Write down that somebody asks an agency in which they have an interest.

    Which one is left out: of a restricted need the agency's id tells it.
    """
    rows = desk.store.find(StaffMember, {"subject": actor.subject}, limit=1)
    if any([bool(set(each.conflicts) & set(agencies)) async for each in rows]):
        about = {"referral": referral.id}
        await note(desk, actor, Action.ASKED_IN_CONFLICT, site=referral.site, about=about)


async def caseloads(
    store: Store, query: dict[str, object], now: datetime
) -> dict[tuple[str, str], list[str]]:
    """Return ids of the referrals that coordinators see to, by them and school, oldest first."""
    rows = store.collection(Referral).find(
        {**query, **needs_owner(now)},
        projection={"coordinator": 1, "site": 1},
        sort=[("_id", 1)],
    )
    found: dict[tuple[str, str], list[str]] = {}
    async for row in rows:
        found.setdefault((row["coordinator"], row["site"]), []).append(row["_id"])
    return found


async def without_owner(
    store: Store, register: StaffRegister, sites: frozenset[str], now: datetime
) -> dict[tuple[str, str], list[str]]:
    """Return what needs an owner and whose coordinator is none at its school, by the register.

    While the register is not in force, only of those who are in it.
    """
    query: dict[str, object] = {} if "*" in sites else {"site": {"$in": sorted(sites)}}
    owned = await caseloads(store, query, now)
    return {
        (subject, site): ids
        for (subject, site), ids in owned.items()
        if subject == NOBODY or await register.may_be(subject, Role.COORDINATOR, site) is False
    }


async def not_listed(store: Store, now: datetime) -> list[str]:
    """Return the subjects who see to referrals and are not in the register."""
    owners = sorted({subject for subject, _ in await caseloads(store, {}, now)} - {NOBODY})
    rows = store.collection(StaffMember).find({"subject": {"$in": owners}}, {"subject": 1})
    listed = {row["subject"] async for row in rows}
    return [each for each in owners if each not in listed]
