"""Who sees to what today: by whom it was given to, who covers them, and who is still there.

Nothing is written for it: whoever leaves a school, on a day that was set long ago or within the
minute, owns nothing there from then on, also where nobody has handed anything over.
"""

from collections.abc import Iterable
from datetime import date

from services.chassis.auth import Role
from services.chassis.staff import StaffRegister
from services.referral.handlers.desk import Desk
from services.referral.model.cover import Covers

_STAFF = (Role.COORDINATOR, Role.CARE_TEAM, Role.ADMIN)
"""Who can see to anything of a child; administrators are of every school."""


class Owners:
    """Says who sees to somebody's work today; read once for a request."""

    def __init__(
        self,
        covers: dict[str, Covers],
        no_leads: frozenset[tuple[str, str]],
        left: frozenset[tuple[str, str]],
        today: date,
    ) -> None:
        self._covers = covers
        self._no_leads = no_leads
        self._left = left
        self._today = today

    def of(self, coordinator: str, site: str) -> str:
        """Return who sees to it: the last of the chain of covers who is there.

        Whoever covers and is a coordinator of the school no longer is passed over, so that the
        work is at worst its own coordinator's.
        """
        covers = self._covers.get(site)
        if covers is None:
            return coordinator
        there = [
            who
            for who in covers.chain(coordinator, self._today)
            if who == coordinator or (who, site) not in self._no_leads
        ]
        return there[-1]

    def today(
        self, owner: str | None, lead: str | None, site: str
    ) -> tuple[str | None, str | None]:
        """Return who sees to something today, and for whom where somebody is covered.

        None where whoever it is left to has left as well: it is anybody's of the school.

        Args:
            owner: to whom it was given; None: to nobody.
            lead: whose it is once they have left.
            site: its school.
        """
        whose = lead if owner is not None and (owner, site) in self._left else owner
        if not whose:
            return None, None
        by = self.of(whose, site)
        if by != whose:
            return by, whose
        return (None if (whose, site) in self._left else whose), None


async def gone(
    register: StaffRegister, given: Iterable[tuple[str, str]]
) -> frozenset[tuple[str, str]]:
    """Return those who are none of the school's staff any more, of these subjects and schools."""
    return await register.absent(given, *_STAFF)


async def owners(
    desk: Desk,
    register: StaffRegister,
    sites: Iterable[str],
    today: date,
    given: Iterable[tuple[str, str]] = (),
) -> Owners:
    """Read who covers whom today at these schools, and who is none of their staff any more.

    Args:
        desk: where covers are kept.
        register: who is where.
        sites: the schools.
        today: local to them.
        given: subject and school of those to whom something was given.
    """
    wanted = sorted(set(sites))
    found = {each.id: each async for each in desk.store.find(Covers, {"_id": {"$in": wanted}})}
    covering = {
        (each.by, site)
        for site, covers in found.items()
        for each in covers.items
        if each.holds(today)
    }
    return Owners(
        found,
        await register.absent(covering, Role.COORDINATOR),
        await gone(register, given),
        today,
    )
