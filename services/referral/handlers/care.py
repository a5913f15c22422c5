"""The care team: members come and go, the tier is set."""

from collections.abc import Callable
from datetime import date

from services.chassis.errors import unknown
from services.chassis.http.commands import check_repeat, check_version
from services.chassis.store import Change, Found, Ref
from services.referral.handlers.desk import Desk
from services.referral.model.care import CareTeam, Member, TierChange
from services.referral.model.people import Student


async def put_member(desk: Desk, student: str, member: Member) -> CareTeam:
    """Add a member to a child's team, or change nothing where this very body was sent before.

    Raises:
        EnlaceError: no such student, the id was used with another body, or the team is full.
    """

    def add(team: CareTeam) -> CareTeam:
        known = team.member(member.id)
        if known is None:
            return team.add(member)
        check_repeat(known.fingerprint, member.fingerprint)
        return team

    return await _change(desk, student, add)


async def put_tier(desk: Desk, student: str, change: TierChange) -> CareTeam:
    """Set a child's tier, or change nothing where this very body was sent before.

    Raises:
        EnlaceError: no such student, the id was used with another body, or the history is full.
    """

    def set_tier(team: CareTeam) -> CareTeam:
        known = team.tier_change(change.id)
        if known is None:
            return team.set_tier(change)
        check_repeat(known.fingerprint, change.fingerprint)
        return team

    return await _change(desk, student, set_tier)


async def end_member(
    desk: Desk, student: str, member: str, until: date, *, expected: int
) -> CareTeam:
    """Set a member's last day; `expected` is the version that the caller saw.

    Raises:
        EnlaceError: no such member, an impossible day, or the team has changed since.
    """
    return await _change(desk, student, lambda team: team.end(member, until), expected)


async def _change(
    desk: Desk, student: str, wish: Callable[[CareTeam], CareTeam], expected: int | None = None
) -> CareTeam:
    person, ref = Ref(Student, student), Ref(CareTeam, student)

    def change(found: Found) -> Change[CareTeam]:
        child = found.get(person)
        if child is None:
            raise unknown("student")
        team = found.get(ref) or CareTeam(id=student, family=child.family, site=child.site)
        after = wish(team)
        if after is team:
            return Change(team)
        if expected is not None:
            check_version(expected, team.version)
        # The team goes with the child to another school or household.
        after = after.having(family=child.family, site=child.site)
        return Change(after.having(version=team.version + 1), [after])

    return await desk.store.update([person, ref], change)
