"""What calls for somebody besides referrals: records of a child on which a day has passed. Pure.

Each becomes a call of the child's one row in the queue (`model.today`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import NamedTuple

from contracts.codes import Urgency
from contracts.follow_ups import EscalationLevel
from services.referral.model.attempts import ContactAttempt
from services.referral.model.calendar import moment
from services.referral.model.consent import ConsentBook
from services.referral.model.consent_terms import Consent
from services.referral.model.deletion import DeletionRequest, DeletionState
from services.referral.model.doubt import in_doubt
from services.referral.model.glass import GlassOpening
from services.referral.model.hand_off import HandOff
from services.referral.model.meeting import LATE_FROM, Meeting, TaskState
from services.referral.model.people import Family
from services.referral.model.protection import ProtectionReport, Step
from services.referral.model.referral import Referral, State
from services.referral.model.today import call_of
from services.referral.model.today_rows import Call, NextStep, Reason

MOVED_FOR = timedelta(days=7)
"""How long it is told that a seat came free for a child who waited."""

LOOKED_AT_WITHIN = timedelta(days=7)
"""How long the school has to look at what was told without a consent."""

NEXT_STEP_FOR = timedelta(days=30)
"""How long a next step that nobody took calls for somebody."""


_NOBODY: Mapping[str, str] = MappingProxyType({})


class ChildsCall(NamedTuple):
    """A call, and the child whose row it stands in."""

    student: str
    call: Call


def of_deletions(requests: Iterable[DeletionRequest]) -> Iterator[ChildsCall]:
    """Yield the agencies that have not confirmed in time that they deleted what they read."""
    for each in requests:
        if each.state is not DeletionState.OVERDUE:
            continue
        since = moment(each.due_on + timedelta(days=1), 0, each.zone)
        yield ChildsCall(
            each.student,
            Call(
                reason=Reason.RECEIPT_MISSING,
                step=NextStep.CALL_AGENCY,
                since=since,
                referral=each.referrals[0],
                site=each.site,
                agencies=(each.agency,),
                record=each.id,
            ),
        )


def of_papers(
    papers: Iterable[tuple[ConsentBook, Consent]], referrals: Sequence[Referral]
) -> Iterator[ChildsCall]:
    """Yield consents that hold only when their signed paper is stored.

    Args:
        papers: each with its child's book.
        referrals: open ones of these children. The first that the consent would let go on gives the
            row its urgency, and the moment at which a seat that waits for it is lost.
    """
    for book, each in papers:
        waiting = [
            one
            for one in referrals
            if one.student == book.id
            and one.category in each.categories
            and book.counts(each, one.category, one.audience)
        ]
        first = min(waiting, key=_soonest, default=None)
        yield ChildsCall(
            book.id,
            Call(
                reason=Reason.SCAN_MISSING,
                step=NextStep.STORE_SCAN,
                since=moment(each.given_on, 0, book.zone),
                until=moment(each.until + timedelta(days=1), 0, book.zone),
                site=book.site,
                owner=each.entered_by or None,
                record=each.id,
                referral=first.id if first else None,
                category=first.category if first else None,
                urgency=first.urgency if first else None,
                deadline=_lost_at(first) if first else None,
            ),
        )


def of_doubts(
    doubted: Iterable[tuple[ConsentBook, Family | None]], referrals: Sequence[Referral], today: date
) -> Iterator[ChildsCall]:
    """Yield the needs that stand on consents alone whose giver may no longer be told.

    Args:
        doubted: consents of which one may be in doubt, with the child's household as it is now.
        referrals: open ones of these children.
        today: local to the schools.
    """
    for book, family in doubted:
        for each in referrals:
            found = in_doubt(book, family, each, today) if each.student == book.id else ()
            since = [one.doubted_since for one in found if one.doubted_since is not None]
            if not since:
                continue
            # Until the last of them was in doubt, it stood on that one.
            call = call_of(each, Reason.CONSENT_IN_DOUBT, NextStep.GET_CONSENT, max(since))
            yield ChildsCall(book.id, replace(call, record=found[0].id))


def _soonest(referral: Referral) -> tuple[bool, str]:
    return _lost_at(referral) is None, referral.id


def _lost_at(referral: Referral) -> datetime | None:
    return referral.claim.held_until if referral.claim else None


def of_reports(reports: Iterable[ProtectionReport]) -> Iterator[ChildsCall]:
    """Yield child-protection reports that the hotline or the written report is still owed."""
    steps = {Step.CALL: NextStep.CALL_HOTLINE, Step.FILE: NextStep.FILE_REPORT}
    for each in reports:
        step = steps.get(each.step)
        if step is None:
            continue
        yield ChildsCall(
            each.student,
            Call(
                reason=Reason.PROTECTION_REPORT,
                step=step,
                since=each.called_at or each.created_at,
                site=each.site,
                urgency=Urgency.CRISIS,
                owner=each.reporter,
                deadline=each.due_at,
                record=each.id,
            ),
        )


def of_openings(openings: Iterable[GlassOpening]) -> Iterator[ChildsCall]:
    """Yield records opened by breaking the glass that nobody has reviewed."""
    for each in openings:
        if each.review is None:
            yield ChildsCall(
                each.student,
                Call(
                    reason=Reason.GLASS_BROKEN,
                    step=NextStep.REVIEW_OPENING,
                    since=each.opened_at,
                    referral=each.referral,
                    site=each.site,
                    record=each.id,
                ),
            )


def of_told(told: Iterable[tuple[HandOff, Referral]], now: datetime) -> Iterator[ChildsCall]:
    """Yield what a place outside the network was told without a consent, until a lead has looked.

    Where nobody at the school does, it goes up to the district.
    """
    for record, referral in told:
        if record.without_consent is None or record.seen_at is not None:
            continue
        late = now >= record.handed_at + LOOKED_AT_WITHIN
        level = EscalationLevel.DISTRICT if late else EscalationLevel.SITE_LEAD
        step = NextStep.REVIEW_DISCLOSURE
        call = call_of(referral, Reason.TOLD_WITHOUT_CONSENT, step, record.handed_at)
        yield ChildsCall(record.student, replace(call, record=record.id, level=level, owner=None))


def of_meetings(meetings: Iterable[Meeting], now: datetime) -> Iterator[ChildsCall]:
    """Yield what was agreed in a meeting and not done by its date."""
    for meeting in meetings:
        for task in meeting.tasks:
            late = task.late_at(meeting.zone)
            if task.state is TaskState.DONE or late > now:
                continue
            yield ChildsCall(
                meeting.student,
                Call(
                    reason=Reason.OVERDUE_TASK,
                    step=NextStep.DO_TASK,
                    since=late,
                    site=meeting.site,
                    owner=task.owner,
                    record=meeting.id,
                    task=task.id,
                ),
            )


def of_attempts(
    attempts: Iterable[ContactAttempt], zone: str, leads: Mapping[str, str] = _NOBODY
) -> Iterator[ChildsCall]:
    """Yield next steps whose day has passed; a later attempt about the same takes its place.

    Args:
        attempts: of these children, all that were made since the oldest of them.
        zone: of the schools (IANA).
        leads: coordinators by referral: a step goes with the referral of which it is.
    """
    newest: dict[tuple[str, str | None], ContactAttempt] = {}
    for each in attempts:
        key = (each.student, each.referral)
        if key not in newest or _made(newest[key]) < _made(each):
            newest[key] = each
    for each in newest.values():
        if each.next_on is None:
            continue
        lead = leads.get(each.referral) if each.referral else None
        since = late_from(each.next_on, zone)
        yield ChildsCall(
            each.student,
            Call(
                reason=Reason.OVERDUE_TASK,
                step=NextStep.TAKE_NEXT_STEP,
                since=since,
                until=since + NEXT_STEP_FOR,
                referral=each.referral,
                site=each.site,
                owner=each.owner or lead,
                lead=lead,
                record=each.id,
            ),
        )


def of_promotions(
    referrals: Sequence[Referral], promoted: dict[str, datetime]
) -> Iterator[ChildsCall]:
    """Yield those for whom a seat came free after a wait, until the agency tells how it goes.

    Args:
        referrals: those that may be meant.
        promoted: when, by referral.
    """
    for each in referrals:
        at = promoted.get(each.id)
        if at is None or each.state is not State.ACCEPTED:
            continue
        call = call_of(each, Reason.WAITLIST_MOVED, NextStep.CALL_FAMILY, at, until=at + MOVED_FOR)
        yield ChildsCall(each.student, call)


def late_from(day: date, zone: str) -> datetime:
    """Return from when on what was due on a day is late: the morning after, as with tasks."""
    return moment(day + timedelta(days=1), LATE_FROM.hour, zone)


def _made(attempt: ContactAttempt) -> tuple[datetime, str]:
    return attempt.happened_at, attempt.id
