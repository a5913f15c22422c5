"""Topic `staff`: who may act for the district. Key: register entry. Owner: referral.

Ids, codes and dates only: what somebody is called stays encrypted in referral. Every service reads
this topic, so that whoever leaves is let in nowhere within a minute.
"""

from datetime import date

from pydantic import AwareDatetime

from contracts.code import Code
from contracts.event import Event, Part
from contracts.topic import STAFF

REGISTER = "register"
"""The key of what concerns the register itself."""

RETENTION = "retention"
"""The key of what concerns the district's retention of records."""


class StaffRole(Code):
    """What a member of staff may be. Agencies' people are not in the district's register."""

    COORDINATOR = "coordinator"
    CARE_TEAM = "care-team"
    LEADERSHIP = "leadership"
    STAFF = "staff"
    ADMIN = "admin"
    AUDITOR = "auditor"
    OPERATOR = "operator"


class StaffGrant(Part):
    """A role for a time.

    Attributes:
        role: what they may be.
        scope: a school, `*` for all of them, or empty for a role of the district.
        since: first day, local to the district.
        until: last day; none while it is open.
    """

    role: StaffRole
    scope: str
    since: date
    until: date | None = None


class StaffChanged(Event, topic=STAFF, type="org.enlace.staff.changed.v1"):
    """The full present state of one member of staff.

    Attributes:
        entry: id of the entry in the register.
        subject: how the identity provider calls the person.
        grants: every role, past and to come too.
        ended: off-boarded: nothing is allowed any more, whatever their token says.
    """

    entry: str
    subject: str
    grants: tuple[StaffGrant, ...]
    ended: bool = False


class RegisterSwitched(Event, topic=STAFF, type="org.enlace.staff.register-switched.v1"):
    """Whether staff who are not in the register are still let in by their token alone.

    Attributes:
        entry: always `register`.
        in_force: they are not.
    """

    entry: str
    in_force: bool


class BreakGlassOpened(Event, topic=STAFF, type="org.enlace.staff.break-glass-opened.v1"):
    """Somebody opened what was out of their sight; the school's lead and the district look at it.

    Attributes:
        entry: id of the opening.
        subject: who did.
        student: whose record.
        referral: the one referral that was opened; none for the child's whole record.
        closes_at: when it closes by itself.
    """

    entry: str
    subject: str
    site: str
    student: str
    referral: str | None = None
    closes_at: AwareDatetime


class BreakGlassReviewed(Event, topic=STAFF, type="org.enlace.staff.break-glass-reviewed.v1"):
    """The school's lead or the district has looked at an opening.

    Attributes:
        entry: id of the opening.
        by: subject of who looked.
        justified: whether it was right.
    """

    entry: str
    by: str
    justified: bool


class RetentionAsked(Event, topic=STAFF, type="org.enlace.staff.retention-asked.v1"):
    """The time has come to look at the records that are due to be erased; a person decides.

    Attributes:
        entry: always `retention`.
        closed_before: day before which all of a record was closed that is due.
    """

    entry: str
    closed_before: date
