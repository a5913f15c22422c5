"""The queue of today as the referral service tells it, and how the page groups it.

Order, reasons and next steps are the referral service's: this page only puts them into words.
"""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from services.portal.model.situation import Group

_READ = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

GROUPS: Mapping[str, Group] = {
    "crisis-unclaimed": Group.CRISIS,
    "protection-report": Group.PROTECTION,
    "family-said-no": Group.FAMILY_NO,
    "asked-for-help": Group.ASKED,
    "offer-ending": Group.ENDING,
    "awaiting-consent": Group.CONSENT,
    "scan-missing": Group.CONSENT,
    "overdue-follow-up": Group.FOLLOW_UP,
    "no-coordinator": Group.NOBODY,
    "answer-contested": Group.SILENT,
    "nobody-took-it": Group.NOBODY,
    "no-help-came": Group.NOBODY,
    "agency-silent": Group.SILENT,
    "waitlist-moved": Group.FOLLOW_UP,
    "receipt-missing": Group.SILENT,
    "another-channel": Group.MESSAGE,
    "message-failed": Group.MESSAGE,
    "message-unknown": Group.MESSAGE,
    "overdue-task": Group.TASK,
    "due-follow-up": Group.FOLLOW_UP,
    "consent-expiring": Group.CONSENT,
    "glass-broken": Group.REVIEW,
    "not-sent": Group.NOT_SENT,
}


class Call(BaseModel):
    """Why a child is in the queue, by codes.

    Attributes:
        referral: absent for a request for help, which has `help_request` instead.
        agencies: who has taken it, otherwise who was asked; ids.
        referral, category: None where a record beside the referrals calls.
    """

    model_config = _READ

    reason: str
    step: str
    since: datetime
    deadline: datetime | None = None
    referral: str | None = None
    help_request: str | None = None
    category: str | None = None
    agencies: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """The page on which it is seen to; empty where there is none."""
        if self.help_request is not None:
            return f"/asked/{self.help_request}"
        if self.referral is None:
            return ""
        return f"/referrals/{self.referral}"

    @property
    def group(self) -> Group:
        """The filter that shows it; a reason of a later release is a follow-up."""
        return GROUPS.get(self.reason, Group.FOLLOW_UP)


class TodayRow(Call):
    """One child, with the first reason; `more` has the others."""

    name: str
    grade: str | None = None
    more: tuple[Call, ...] = ()

    @property
    def groups(self) -> frozenset[Group]:
        """The filters that show the child."""
        return frozenset(each.group for each in (self, *self.more))


class Today(BaseModel):
    """A page of the queue.

    Attributes:
        total: children in the queue.
        open: referrals that are under way, whether they call for somebody or not.
    """

    model_config = _READ

    items: tuple[TodayRow, ...]
    total: int
    open: int
    next: str | None = None
