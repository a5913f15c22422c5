"""What an agency is asked once it may not keep what it read: delete it, and say so.

After a consent was taken back, or a referral turned out to be a mistake.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import ClassVar, TypedDict
from uuid import NAMESPACE_URL, uuid5

from pydantic import BaseModel, ConfigDict

from contracts.consents import (
    DeletionConfirmed,
    DeletionOverdue,
    DeletionRequested,
    ReceiptMethod,
)
from contracts.event import Event
from contracts.sealed import Sealed
from services.chassis.aggregate import Aggregate
from services.referral.model.calendar import moment
from services.referral.model.consent import Consent, ConsentBook, Disclosure
from services.referral.model.follow_up import local_date
from services.referral.model.referral import Referral
from services.referral.model.rules import Rules


class DeletionState(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    OVERDUE = "overdue"
    CONFIRMED = "confirmed"


class Receipt(BaseModel):
    """An agency's word that it has deleted what it read.

    Attributes:
        recorded_by: the agency's id, or the subject of the member of staff who was told.
        told_by: name of the person at the agency, sealed under the student's key.
    """

    model_config = ConfigDict(frozen=True)

    at: datetime
    method: ReceiptMethod
    recorded_by: str
    told_by: Sealed | None = None


class DeletionRequest(Aggregate):
    """One agency's deletion after one revocation, or after one referral entered in error.

    Attributes:
        consent: the one taken back; None where the referral was a mistake.
        referrals: those for which it read who the child is.
        restricted: the need is restricted or a student's confidence: the agency's id tells it.
        due_on: the last day for the receipt, local to `zone`.
    """

    COLLECTION: ClassVar[str] = "deletion_requests"

    consent: str | None
    family: str
    student: str
    site: str
    zone: str
    agency: str
    referrals: tuple[str, ...]
    restricted: bool
    asked_at: datetime
    due_on: date
    state: DeletionState = DeletionState.OPEN
    receipt: Receipt | None = None
    next_due: datetime | None = None

    def requested(self) -> DeletionRequested:
        """Return what the agency is told."""
        return DeletionRequested(
            request=self.id,
            family=self.family,
            consent=self.consent,
            agency=self.agency,
            referrals=self.referrals,
            due_on=self.due_on,
        )

    def confirm(self, receipt: Receipt) -> tuple["DeletionRequest", Sequence[Event]]:
        """Return it with its receipt; a repeat is no event, and the first receipt stays."""
        if self.receipt is not None:
            return self, ()
        event = DeletionConfirmed(
            request=self.id,
            family=self.family,
            consent=self.consent,
            agency=self.agency,
            receipt=receipt.method,
        )
        after = self.having(state=DeletionState.CONFIRMED, receipt=receipt, next_due=None)
        return after, (event,)

    def tick(self) -> tuple["DeletionRequest", Sequence[Event]]:
        """Return it as overdue, told once; called when its day has passed."""
        event = DeletionOverdue(
            request=self.id, family=self.family, consent=self.consent, agency=self.agency
        )
        return self.having(state=DeletionState.OVERDUE, next_due=None), (event,)


def ask_for_deletion(
    book: ConsentBook,
    consent: Consent,
    disclosures: Iterable[Disclosure],
    now: datetime,
    rules: Rules,
) -> list[DeletionRequest]:
    """Return one request for each agency that read under a consent.

    Args:
        book: the student's.
        consent: the one taken back.
        disclosures: readings under it that no other consent covers now.
        now: when it was taken back.
        rules: how long agencies have.
    """
    restricted = book.confided(consent) or bool(rules.restricted.intersection(consent.categories))
    read: dict[str, set[str]] = {}
    for each in disclosures:
        read.setdefault(each.agency, set()).add(each.referral)
    days = _days(now, book.zone, rules)
    return [
        DeletionRequest(
            id=request_id(consent.id, agency),
            consent=consent.id,
            family=book.family,
            student=book.id,
            site=book.site,
            zone=book.zone,
            agency=agency,
            referrals=tuple(sorted(referrals)),
            restricted=restricted,
            asked_at=now,
            **days,
        )
        for agency, referrals in sorted(read.items())
    ]


def ask_after_error(
    referral: Referral,
    disclosures: Iterable[Disclosure],
    asked: Sequence[DeletionRequest],
    now: datetime,
    rules: Rules,
    *,
    home: tuple[str, str] | None = None,
    confidential: bool = False,
) -> list[DeletionRequest]:
    """Return one request for each agency that read who the child is for a referral in error.

    Whatever other consent there is: none is for a referral that should never have been.

    Args:
        referral: the one that should never have been.
        disclosures: all readings for it.
        asked: the requests about it that were made before: what was read until then is asked for.
        now: when it was entered in error.
        rules: how long agencies have.
        home: the child's household and school now, whose staff wait for the receipts; None: those
            of the referral, which stays where it was once it has ended.
        confidential: the need is the student's own affair.
    """
    before: dict[str, datetime] = {}
    for one in asked:
        before[one.agency] = max(one.asked_at, before.get(one.agency, one.asked_at))
    agencies = {
        each.agency
        for each in disclosures
        if each.agency not in before or before[each.agency] < each.recorded_at
    }
    days = _days(now, referral.zone, rules)
    family, site = home or (referral.family, referral.site)
    return [
        DeletionRequest(
            id=request_id(referral.id, agency),
            consent=None,
            family=family,
            student=referral.student,
            site=site,
            zone=referral.zone,
            agency=agency,
            referrals=(referral.id,),
            restricted=confidential or referral.category in rules.restricted,
            asked_at=now,
            **days,
        )
        for agency in sorted(agencies)
    ]


class _Days(TypedDict):
    due_on: date
    next_due: datetime


def _days(now: datetime, zone: str, rules: Rules) -> _Days:
    """Return the last day of a request that is made now, and when it is overdue.

    School days, as every deadline here: who calls the agency on the morning after is there.
    """
    latest = local_date(now, zone) + timedelta(days=rules.deletion_days)
    due_on = rules.calendar.next_school_day(latest)
    overdue_on = rules.calendar.next_school_day(due_on + timedelta(days=1))
    return {"due_on": due_on, "next_due": moment(overdue_on, rules.morning_hour, zone)}


def request_id(cause: str, agency: str) -> str:
    """Return the one id that a request to an agency can have, by what it follows from.

    Args:
        cause: id of the consent that was taken back, or of the referral that was a mistake.
        agency: who is asked.
    """
    return str(uuid5(NAMESPACE_URL, f"https://enlace.org/deletion-requests/{cause}/{agency}"))
