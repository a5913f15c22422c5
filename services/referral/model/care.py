"""The care team around a student, and the tier of support with its history. Pure."""

from datetime import date, datetime
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from contracts.code import Code
from contracts.sealed import Sealed
from services.chassis.aggregate import Aggregate
from services.chassis.errors import rule, unknown

MAX_MEMBERS = 100
MAX_TIER_CHANGES = 300

Tier = Literal[1, 2, 3]
"""Multi-tiered system of supports: 1 for all students, 2 targeted, 3 intensive."""


class TeamRole(Code):
    """What somebody is on a child's care team."""

    COUNSELLOR = "counsellor"
    NURSE = "nurse"
    PRINCIPAL = "principal"
    TEACHER = "teacher"
    PSYCHOLOGIST = "psychologist"
    SOCIAL_WORKER = "social-worker"
    ATTENDANCE_CLERK = "attendance-clerk"
    OTHER = "other"


class Member(BaseModel):
    """Somebody on the team.

    Attributes:
        name: sealed under the student's key.
        subject: how they sign in; None for one who doesn't.
        since: first day, local to the school.
        until: last day; None while it is open.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    role: TeamRole
    name: Sealed
    subject: str | None
    since: date
    until: date | None
    fingerprint: str

    def serves(self, today: date) -> bool:
        """Tell whether they are on the team today."""
        return self.since <= today and (self.until is None or today <= self.until)


class TierChange(BaseModel):
    """The team set or confirmed a tier.

    Attributes:
        why: sealed under the student's key.
        by: subject of who entered it.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    tier: Tier
    why: Sealed
    by: str
    at: datetime
    fingerprint: str


class CareTeam(Aggregate):
    """Who looks after a student; its id is the student's."""

    COLLECTION: ClassVar[str] = "care_teams"

    family: str
    site: str
    members: tuple[Member, ...] = ()
    tiers: tuple[TierChange, ...] = ()

    @property
    def tier(self) -> Tier | None:
        """The present tier; None where none was ever set."""
        return self.tiers[-1].tier if self.tiers else None

    def member(self, id: str) -> Member | None:
        """Return one member, present or past."""
        return next((each for each in self.members if each.id == id), None)

    def tier_change(self, id: str) -> TierChange | None:
        """Return one entry of the history."""
        return next((each for each in self.tiers if each.id == id), None)

    def add(self, member: Member) -> "CareTeam":
        """Return the team with one more member.

        Raises:
            EnlaceError: it is full.
        """
        if len(self.members) >= MAX_MEMBERS:
            raise rule(
                "team-full",
                f"A child's team holds {MAX_MEMBERS} members, past ones included. Nothing was "
                "changed: tell your district's administrator.",
                es=f"El equipo de un estudiante admite {MAX_MEMBERS} integrantes, contando los "
                "anteriores. No se cambió nada: avise a la administración de su distrito.",
            )
        return self.having(members=(*self.members, member))

    def end(self, id: str, until: date) -> "CareTeam":
        """Return the team with a member's last day set; the same day again changes nothing.

        Raises:
            EnlaceError: there is no such member, or the day is before their first.
        """
        member = self.member(id)
        if member is None:
            raise unknown("member of the care team")
        if until < member.since:
            raise rule(
                "ends-before-it-begins",
                f"This member joined on {member.since.isoformat()}: give that day or a later one.",
                es=f"Esta persona se integró el {member.since.isoformat()}: dé ese día o uno "
                "posterior.",
            )
        if member.until == until:
            return self
        ended = member.model_copy(update={"until": until})
        return self.having(members=tuple(ended if each.id == id else each for each in self.members))

    def set_tier(self, change: TierChange) -> "CareTeam":
        """Return the team with a tier set; the same tier again is a review and is kept too.

        Raises:
            EnlaceError: the history is full.
        """
        if len(self.tiers) >= MAX_TIER_CHANGES:
            raise rule(
                "history-full",
                f"The history holds {MAX_TIER_CHANGES} entries. Nothing was changed: tell your "
                "district's administrator.",
                es=f"El historial admite {MAX_TIER_CHANGES} entradas. No se cambió nada: avise a "
                "la administración de su distrito.",
            )
        return self.having(tiers=(*self.tiers, change))
