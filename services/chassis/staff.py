"""The staff register as every service reads it: what a token's roles are worth today.

Referral keeps the register and tells of it on the topic `staff`; here is the read model, one small
document a person, and the rule that narrows a token by it. Contract, with the tests named after it
in `docs/staff.md`:

1. Somebody who is in the register holds what token and register both give, for that school, today.
2. Somebody who was off-boarded holds nothing, whatever the token says.
3. Somebody who is not in the register holds what the token says while the register is not in force;
   once it is, only the two roles that the identity provider alone vouches for: `admin`, `operator`.
"""

import time
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import ClassVar
from zoneinfo import ZoneInfo

from contracts.cloudevents import Envelope
from contracts.staff import REGISTER, RegisterSwitched, StaffChanged, StaffGrant
from services.chassis.aggregate import Aggregate, Change, Found, Ref
from services.chassis.auth import OF_AGENCY, Grants, Principal, Role
from services.chassis.clock import Clock
from services.chassis.consumer.reactions import Reactions
from services.chassis.store import Store

REREAD_SECONDS = 10.0
"""How long what was read is taken for true; relay, broker, consumer take the rest of a minute."""

_REMEMBERED = 5_000

REGISTERED = frozenset(
    {
        Role.COORDINATOR,
        Role.CARE_TEAM,
        Role.LEADERSHIP,
        Role.STAFF,
        Role.ADMIN,
        Role.AUDITOR,
        Role.OPERATOR,
    }
)
"""Roles of the district's staff; agencies' people and services are not in the register."""

UNLISTED = frozenset({Role.ADMIN, Role.OPERATOR})
"""Held by whoever the identity provider says, so that no mistake in the register locks all out."""


class StaffAccess(Aggregate):
    """What the register has on one person; its id is the entry's."""

    COLLECTION: ClassVar[str] = "staff_access"

    subject: str
    grants: tuple[StaffGrant, ...]
    ended: bool = False

    @classmethod
    def of(cls, event: StaffChanged, version: int = 0) -> "StaffAccess":
        """Return what an event says."""
        return cls(
            id=event.entry,
            version=version,
            subject=event.subject,
            grants=event.grants,
            ended=event.ended,
        )

    def held(self, today: date) -> Grants:
        """Return the roles held today."""
        if self.ended:
            return frozenset()
        return frozenset(
            (Role(each.role.value), each.scope)
            for each in self.grants
            if each.role.listed and covers(each, today)
        )


class RegisterState(Aggregate):
    """Whether the register is in force; its id is `register`."""

    COLLECTION: ClassVar[str] = "staff_register"

    in_force: bool = False


def covers(grant: StaffGrant, today: date) -> bool:
    """Tell whether a role is held today."""
    return grant.since <= today and (grant.until is None or today <= grant.until)


def narrowed(token: Grants, entry: StaffAccess | None, today: date, *, in_force: bool) -> Grants:
    """Return what somebody may, of what their token says.

    Args:
        token: the roles of the token.
        entry: theirs in the register; None where there is none.
        today: local to the district.
        in_force: whether who is not in the register is let in by the token alone.
    """
    if entry is not None and entry.ended:
        return frozenset()
    others = frozenset(each for each in token if each[0] not in REGISTERED)
    staff = token - others
    if entry is None:
        kept = staff if not in_force else frozenset(each for each in staff if each[0] in UNLISTED)
        return others | kept
    return others | _common(staff, entry.held(today))


def _common(token: Iterable[tuple[Role, str]], register: Grants) -> Grants:
    """Return what both give; `*` takes in every school, and the narrower one stands."""
    found = set()
    for role, scope in token:
        for other, place in register:
            if role is not other:
                continue
            if place in {scope, "*"}:
                found.add((role, scope))
            elif scope == "*":
                found.add((role, place))
    return frozenset(found)


class StaffRegister:
    """Narrows principals by this service's copy of the register."""

    def __init__(
        self, store: Store, clock: Clock, zone: str, *, reread: float = REREAD_SECONDS
    ) -> None:
        self._store = store
        self._clock = clock
        self._zone = ZoneInfo(zone)
        self._reread = reread
        self._known: OrderedDict[str, tuple[float, StaffAccess | None, bool]] = OrderedDict()

    async def create_indexes(self) -> None:
        """Index what is asked at every request."""
        await self._store.collection(StaffAccess).create_index("subject")

    async def narrow(self, principal: Principal) -> Principal:
        """Return somebody with the roles that count now.

        Raises:
            PyMongoError: the database is away.
        """
        if not principal.has(*REGISTERED, *OF_AGENCY):
            return principal
        entry, in_force = await self._read(principal.subject)
        grants = narrowed(principal.grants, entry, self._today(), in_force=in_force)
        return principal if grants == principal.grants else replace(principal, grants=grants)

    async def may_be(self, subject: str, role: Role, site: str) -> bool | None:
        """Tell whether the register has somebody in a role at a school today.

        None where it cannot say: they are not in it, and it is not in force. Read anew each time.
        """
        entry, in_force = await self._look_up(subject)
        if entry is None:
            return False if in_force else None
        return bool({(role, site), (role, "*")} & entry.held(self._today()))

    async def held_on(self, subject: str, day: date) -> Grants | None:
        """Return the roles that the register gave somebody on a day; None: it does not know them.

        Read anew each time.
        """
        entry, _ = await self._look_up(subject)
        return None if entry is None else entry.held(day)

    async def absent(
        self, whom: Iterable[tuple[str, str]], *roles: Role
    ) -> frozenset[tuple[str, str]]:
        """Return those whom the register has in none of these roles at their school today.

        Whoever is not in it is left out while it is not in force: it cannot say. Read anew.

        Args:
            whom: subject and school.
            roles: any of them will do; those of the district count at every school.
        """
        wanted = set(whom)
        if not wanted:
            return frozenset()
        subjects = sorted({subject for subject, _ in wanted})
        rows = self._store.find(StaffAccess, {"subject": {"$in": subjects}})
        entries = {each.subject: each async for each in rows}
        state = await self._store.get(RegisterState, REGISTER)
        in_force, today = state is not None and state.in_force, self._today()

        def is_absent(subject: str, site: str) -> bool:
            entry = entries.get(subject)
            if entry is None:
                return in_force
            there = {(role, scope) for role in roles for scope in (site, "*", "")}
            return not there & entry.held(today)

        return frozenset(each for each in wanted if is_absent(*each))

    def _today(self) -> date:
        return self._clock.now().astimezone(self._zone).date()

    async def _read(self, subject: str) -> tuple[StaffAccess | None, bool]:
        known = self._known.get(subject)
        if known is not None and known[0] > time.monotonic():
            return known[1], known[2]
        entry, in_force = await self._look_up(subject)
        self._known[subject] = (time.monotonic() + self._reread, entry, in_force)
        self._known.move_to_end(subject)
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return entry, in_force

    async def _look_up(self, subject: str) -> tuple[StaffAccess | None, bool]:
        rows = self._store.find(StaffAccess, {"subject": subject}, limit=1)
        entry = next(iter([each async for each in rows]), None)
        state = await self._store.get(RegisterState, REGISTER)
        return entry, state is not None and state.in_force

    def forget(self) -> None:
        """Read everything anew: after a change in this very process."""
        self._known.clear()


def follow_register(store: Store) -> Reactions:
    """Return the consumer's table by which a service keeps its copy of the register."""
    table = Reactions()

    async def staff_changed(event: StaffChanged, envelope: Envelope) -> None:
        del envelope
        ref = Ref(StaffAccess, event.entry)

        def keep(found: Found) -> Change[None]:
            known = found.get(ref)
            return Change(None, [StaffAccess.of(event, known.version if known else 0)])

        await store.update([ref], keep)

    async def register_set(event: RegisterSwitched, envelope: Envelope) -> None:
        del envelope
        ref = Ref(RegisterState, event.entry)

        def keep(found: Found) -> Change[None]:
            known = found.get(ref) or RegisterState(id=event.entry)
            return Change(None, [known.having(in_force=event.in_force)])

        await store.update([ref], keep)

    table.on(StaffChanged, staff_changed)
    table.on(RegisterSwitched, register_set)
    return table
