"""Bodies and answers of the staff register."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from contracts.staff import StaffRole
from services.chassis.fields import Day
from services.chassis.http.commands import Body

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
Subject = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
AgencyKey = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=36)]


class GrantBody(Body):
    """A role for a time: `scope` is a school or `*`, and empty for a role of the district."""

    role: StaffRole
    scope: str = Field(default="", max_length=64)
    since: Day
    until: Day | None = None


class StaffBody(Body):
    """Somebody of the district's staff.

    Attributes:
        subject: how the identity provider calls them.
        employer: the organisation that employs them; left out: the district.
        conflict_of_interest: they or their employer gain by referrals; said of, never hidden.
        conflicts: ids of the agencies that it is about.
    """

    subject: Subject
    name: Text
    employer: Text | None = None
    conflict_of_interest: bool = False
    conflicts: tuple[AgencyKey, ...] = Field(default=(), max_length=20)
    roles: tuple[GrantBody, ...] = Field(default=(), max_length=50)


class OffBoardBody(Body):
    """The last day of access, local to the district; left out: it ends at once."""

    last_day: Day | None = None


class Caseload(Body):
    """Open referrals of somebody at a school; hand them over with POST /v1/caseloads/hand-over."""

    subject: str
    site: str
    referrals: tuple[str, ...]


class GivenFollowUp(Body):
    """A follow-up that waits and was given to somebody, of a referral that somebody else leads."""

    referral: str
    follow_up: str


class LeftBehind(Caseload):
    """What somebody who leaves a school leaves there.

    Attributes:
        follow_ups: of others' referrals; until they are handed over, they are seen to by those
            referrals' coordinators as soon as the access has ended.
    """

    follow_ups: tuple[GivenFollowUp, ...]


class VersionView(Body):
    """How an entry stood, and who had made it so."""

    version: int
    at: datetime
    by: str
    roles: tuple[GrantBody, ...]
    conflicts: tuple[str, ...]
    ended: bool


class StaffView(Body):
    """An entry of the register. `name` is null where its key was destroyed."""

    id: str
    version: int
    subject: str
    name: str | None
    employer: str | None
    outside: bool
    conflict_of_interest: bool
    conflicts: tuple[str, ...]
    roles: tuple[GrantBody, ...]
    changed_at: datetime
    changed_by: str
    ended_at: datetime | None


class OffBoarded(Body):
    """An entry that has ended, and what somebody else must take."""

    member: StaffView
    to_hand_over: tuple[LeftBehind, ...]


class RegisterBody(Body):
    """Whether only those who are in the register are let in."""

    in_force: bool


class RegisterView(Body):
    """Where the register stands.

    Attributes:
        not_listed: subjects who own open referrals and have no entry: enter them first.
    """

    in_force: bool
    not_listed: tuple[str, ...]
