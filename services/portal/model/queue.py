"""The queue of today as the referral service tells it, and how the page groups it.

Order, reasons and next steps are the referral service's: this page only puts them into words.
"""

from collections.abc import Mapping
from datetime import datetime

from pydantic import BaseModel, ConfigDict

from services.portal.model.situation import Group

_READ = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)

GROUPS: Mapping[str, Group] = {
    "crisis-texted": Group.CRISIS,
    "crisis-unclaimed": Group.CRISIS,
    "protection-report": Group.PROTECTION,
    "family-said-no": Group.FAMILY_NO,
    "asked-for-help": Group.ASKED,
    "family-wrote": Group.ASKED,
    "offer-ending": Group.ENDING,
    "awaiting-consent": Group.CONSENT,
    "scan-missing": Group.CONSENT,
    "consent-in-doubt": Group.CONSENT,
    "overdue-follow-up": Group.FOLLOW_UP,
    "no-coordinator": Group.NOBODY,
    "answer-contested": Group.SILENT,
    "nobody-took-it": Group.NOBODY,
    "no-help-came": Group.NOBODY,
    "agency-silent": Group.SILENT,
    "waitlist-moved": Group.FOLLOW_UP,
    "receipt-missing": Group.SILENT,
    "another-channel": Group.MESSAGE,
    "wrong-number": Group.MESSAGE,
    "message-failed": Group.MESSAGE,
    "message-unknown": Group.MESSAGE,
    "overdue-task": Group.TASK,
    "due-follow-up": Group.FOLLOW_UP,
    "consent-expiring": Group.CONSENT,
    "glass-broken": Group.REVIEW,
    "told-without-consent": Group.REVIEW,
    "not-sent": Group.NOT_SENT,
}


_RECORDS: Mapping[str, str] = {
    "call-hotline": "/protection/{record}",
    "file-report": "/protection/{record}",
    "review-opening": "/openings/{record}",
    "do-task": "/meetings/{record}/tasks/{task}",
    "take-next-step": "/next-steps/{record}",
}
"""Where a step about a record beside the referrals is taken."""

_PARTS: Mapping[str, str] = {
    "answer-family": "/reply",
    "send": "/ask",
    "get-consent": "/consent",
    "renew-consent": "/consent",
    "store-scan": "/consent",
    "take-over": "/do/hand-over",
    "call-agency": "/offers",
    "review-disclosure": "/hand-off",
}
"""The part of a referral on which a step is taken; otherwise what stands on top of all of them."""


class Call(BaseModel):
    """Why a child is in the queue, by codes.

    Attributes:
        referral: absent for a request for help, which has `help_request` instead.
        agencies: who has taken it, otherwise who was asked; ids.
        referral, category: None where a record beside the referrals calls.
        follow_up: which one waits.
        record: what waits beside the referrals; `task`: which one of a meeting.
        owner: the account of who sees to it, and `covering_for` whose it is otherwise; None:
            anybody's of the school.
        level: whom it has gone up to.
        withheld: it has gone up to the reader, who may not see the need: no page shows it to them;
            what was told without a consent they look at without child and need.
    """

    model_config = _READ

    reason: str
    step: str
    since: datetime
    deadline: datetime | None = None
    referral: str | None = None
    help_request: str | None = None
    site: str | None = None
    category: str | None = None
    urgency: str | None = None
    owner: str | None = None
    covering_for: str | None = None
    level: str | None = None
    agencies: tuple[str, ...] = ()
    follow_up: str | None = None
    record: str | None = None
    task: str | None = None
    withheld: bool = False

    @property
    def path(self) -> str:
        """The page on which it is settled; empty where there is none."""
        if self.withheld and self.step != "review-disclosure":
            return ""
        if self.help_request is not None:
            return f"/asked/{self.help_request}"
        if self.record is not None and self.step in _RECORDS:
            return _RECORDS[self.step].format(record=self.record, task=self.task)
        if self.record is not None and self.reason == "receipt-missing":
            return f"/receipts/{self.record}"
        if self.referral is None:
            return ""
        home = f"/referrals/{self.referral}"
        if self.follow_up is not None and self.step != "answer-family":
            return f"{home}/follow-ups#f-{self.follow_up}"
        return home + _PARTS.get(self.step, "")

    @property
    def home(self) -> str:
        """The referral that it is about, with everything; empty where there is none."""
        return f"/referrals/{self.referral}" if self.referral and not self.withheld else ""

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
