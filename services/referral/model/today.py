"""The today queue: whom to help first, why, since when, and what to do next. Pure.

The order is published in `docs/today.md`: what hurts a child if it waits comes first.
"""

from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import date, datetime, timedelta

from contracts.codes import Audience
from contracts.follow_ups import EscalationLevel, FollowUpCause, FollowUpKind
from services.referral.model.calendar import moment
from services.referral.model.consent import ConsentBook
from services.referral.model.follow_up import FollowUp, FollowUpState
from services.referral.model.help_request import HelpRequest
from services.referral.model.referral import NOBODY, OPEN, BusinessStatus, Referral, State
from services.referral.model.today_rows import (
    NO_END,
    REQUEST,
    Call,
    NextStep,
    Reason,
    Row,
    key_of,
    order,
    withhold,
)

OFFER_ENDS_SOON = timedelta(hours=4)
SHOWN_FOR = timedelta(days=30)
"""How long a referral that ended without help calls for somebody."""

_GOES_ON = {
    Reason.CRISIS_UNCLAIMED,
    Reason.FAMILY_SAID_NO,
    Reason.NOBODY_TOOK_IT,
    Reason.NO_HELP_CAME,
}


def queue(
    referrals: Iterable[Referral],
    books: Iterable[tuple[ConsentBook, Sequence[Referral]]],
    now: datetime,
    *,
    consent_days: int,
    re_referred: AbstractSet[str] = frozenset(),
    besides: Iterable[tuple[str, Call]] = (),
    requests: Iterable[HelpRequest] = (),
) -> list[Row]:
    """Return the rows of the queue in its order, one a child.

    Args:
        referrals: those that may call for somebody.
        books: consents that may end soon, each with its child's open referrals.
        now: the present moment.
        consent_days: how long before its end a consent is shown.
        re_referred: ids of referrals that a newer one goes on from: what they call for is done.
        besides: further calls, each with its child's id.
        requests: for help, that nobody has looked at yet.
    """
    found: dict[str, list[Call]] = {}
    for referral in referrals:
        found.setdefault(referral.student, []).extend(_calls(referral))
    for book, open_ones in books:
        found.setdefault(book.id, []).extend(_expiring(book, open_ones, consent_days))
    for student, call in besides:
        found.setdefault(key_of(student, call), []).append(call)
    for request in requests:
        key = request.student or f"{REQUEST}{request.id}"
        found.setdefault(key, []).append(_asked(request))
    rows = []
    for key, calls in found.items():
        current = [
            each
            for each in calls
            if each.since <= now < each.until
            and not (each.reason in _GOES_ON and each.referral in re_referred)
        ]
        if current:
            rows.append(Row(key, tuple(sorted(current, key=_within_a_row))))
    return sorted(rows, key=lambda row: row.place)


def withheld(referrals: Iterable[Referral]) -> Iterator[tuple[str, Call]]:
    """Yield what has gone up of needs that its reader may not see, each with its child's id."""
    for referral in referrals:
        for call in _calls(referral):
            if call.level is not None:
                yield referral.student, withhold(call)


def gone_up(rows: Iterable[Row], led: AbstractSet[str], *, district: bool) -> list[Row]:
    """Return what has gone up to somebody: those rows, with those calls alone.

    Args:
        rows: of the queue.
        led: the schools whose lead it is; from the first level on it has gone up to them.
        district: whether what has gone up to the district has gone up to them.
    """

    def theirs(call: Call) -> bool:
        beyond = district and call.level is EscalationLevel.DISTRICT
        return beyond or (call.level is not None and call.site in led)

    found = [Row(row.key, tuple(each for each in row.calls if theirs(each))) for row in rows]
    return [row for row in found if row.calls]


def _within_a_row(call: Call) -> tuple[int, int, str, str, str]:
    beside = call.referral or call.help_request or ""
    return (*order(call), beside, call.follow_up or call.task or call.record or "")


def _asked(request: HelpRequest) -> Call:
    return Call(
        reason=Reason.CRISIS_TEXTED if request.crisis else Reason.ASKED_FOR_HELP,
        step=NextStep.LOOK_AT_REQUEST,
        since=request.asked_at,
        site=request.site,
        help_request=request.id,
    )


def calls(referral: Referral) -> tuple[datetime, datetime] | None:
    """Return from when until when a referral calls for somebody as it stands; None: not at all."""
    found = list(_calls(referral))
    if not found:
        return None
    return min(each.since for each in found), max(each.until for each in found)


def _calls(referral: Referral) -> Iterator[Call]:
    yield from _of_state(referral)
    yield from _of_business(referral)
    for each in referral.follow_ups:
        if each.waits:
            yield from _of_follow_up(referral, each)


def call_of(
    referral: Referral,
    reason: Reason,
    step: NextStep,
    since: datetime,
    *,
    until: datetime = NO_END,
    deadline: datetime | None = None,
    each: FollowUp | None = None,
) -> Call:
    """Return a referral's call, with the family's or the agency's part as it stands."""
    if step is NextStep.CALL_FAMILY and referral.audience is Audience.STUDENT:
        step = NextStep.TALK_TO_STUDENT  # a minor's own consent never reaches a parent
    return Call(
        reason=reason,
        step=step,
        since=since,
        referral=referral.id,
        site=referral.site,
        category=referral.category,
        urgency=referral.urgency,
        audience=referral.audience,
        owner=(each.owner if each else None) or referral.coordinator or None,
        lead=referral.coordinator or None,
        agencies=_agencies(referral),
        until=until,
        deadline=deadline,
        follow_up=each.id if each else None,
        level=each.level if each else None,
    )


def _agencies(referral: Referral) -> tuple[str, ...]:
    if referral.handed_off:
        return ()
    if referral.claim is not None:
        return (referral.claim.agency,)
    return tuple(dict.fromkeys(each.agency for each in referral.candidates))


def _of_state(referral: Referral) -> Iterator[Call]:
    if referral.open and referral.coordinator == NOBODY:
        yield call_of(referral, Reason.NO_COORDINATOR, NextStep.TAKE_OVER, referral.since)
    asking = referral.state in {State.DRAFT, State.REQUESTED} and referral.claim is None
    if referral.crisis_unmet:
        step = NextStep.FOLLOW_EMERGENCY_PROCEDURE
        yield call_of(referral, Reason.CRISIS_UNCLAIMED, step, referral.created_at)
    ended = referral.since + SHOWN_FOR
    another = NextStep.ASK_ANOTHER_AGENCY
    match referral.state:
        case State.DRAFT:
            yield call_of(referral, Reason.NOT_SENT, NextStep.SEND, referral.created_at)
        case State.REJECTED:
            yield call_of(referral, Reason.NOBODY_TOOK_IT, another, referral.since, until=ended)
        case State.FAILED:
            yield call_of(referral, Reason.NO_HELP_CAME, another, referral.since, until=ended)
        case State.REQUESTED if asking and not referral.candidates:
            yield call_of(referral, Reason.NOBODY_TOOK_IT, another, referral.since)
        case State.REQUESTED if asking and referral.answer_by is not None:
            yield call_of(
                referral,
                Reason.OFFER_ENDING,
                NextStep.CALL_AGENCY,
                referral.answer_by - OFFER_ENDS_SOON,
                deadline=referral.answer_by,
            )
        case _:
            return


def _of_business(referral: Referral) -> Iterator[Call]:
    if referral.business is BusinessStatus.DISPUTED:
        yield call_of(referral, Reason.FAMILY_SAID_NO, NextStep.CALL_FAMILY, referral.since)
    if referral.business is BusinessStatus.AWAITING_CONSENT:
        yield call_of(
            referral,
            Reason.AWAITING_CONSENT,
            NextStep.GET_CONSENT,
            referral.since,
            deadline=referral.claim.held_until if referral.claim else None,
        )


_STEPS = {
    FollowUpKind.DID_HELP_ARRIVE: NextStep.CALL_FAMILY,
    FollowUpKind.CALL_FAMILY: NextStep.CALL_FAMILY,
    FollowUpKind.AGENCY_SILENT: NextStep.CALL_AGENCY,
    FollowUpKind.CALL_AGENCY: NextStep.CALL_AGENCY,
    FollowUpKind.ANSWER_AGENCY: NextStep.ANSWER_AGENCY,
    FollowUpKind.ASK_AGENCY: NextStep.CALL_AGENCY,
}

_CAUSES = {
    FollowUpCause.OFFERS_EXPIRED: Reason.AGENCY_SILENT,
    FollowUpCause.ANSWER_CONTESTED: Reason.ANSWER_CONTESTED,
    FollowUpCause.AGENCY_ASKS: Reason.AGENCY_ASKS,
    FollowUpCause.ASK_BY_PHONE: Reason.ASK_BY_PHONE,
    FollowUpCause.ANOTHER_CHANNEL: Reason.ANOTHER_CHANNEL,
    FollowUpCause.FAMILY_WROTE: Reason.FAMILY_WROTE,
    FollowUpCause.WRONG_NUMBER: Reason.WRONG_NUMBER,
    FollowUpCause.MESSAGE_FAILED: Reason.MESSAGE_FAILED,
    FollowUpCause.MESSAGE_UNKNOWN: Reason.MESSAGE_UNKNOWN,
}


def _of_follow_up(referral: Referral, each: FollowUp) -> Iterator[Call]:
    if referral.state is State.ON_HOLD and each.kind is FollowUpKind.AGENCY_SILENT:
        return  # nobody expects a word of the agency while it rests
    step = _STEPS.get(each.kind, NextStep.LOOK_IN)
    if each.because is FollowUpCause.FAMILY_WROTE:
        step = NextStep.ANSWER_FAMILY
    if each.state is FollowUpState.OVERDUE:
        yield call_of(referral, Reason.OVERDUE_FOLLOW_UP, step, each.due_at, each=each)
    elif each.asks_family:
        return  # the family was asked, and has time to answer
    elif each.because is not None and each.because in _CAUSES:
        # Until then the agency that asks, or is to be called, may answer.
        ends = referral.answer_by if each.about is not None else None
        reason = _CAUSES[each.because]
        yield call_of(referral, reason, step, each.due_at, each=each, deadline=ends)
    elif each.kind is FollowUpKind.AGENCY_SILENT:
        yield call_of(referral, Reason.AGENCY_SILENT, step, each.due_at, each=each)
    else:
        yield call_of(referral, Reason.DUE_FOLLOW_UP, step, each.due_at, each=each)


def _expiring(book: ConsentBook, referrals: Sequence[Referral], days: int) -> Iterator[Call]:
    """Yield the open referrals for which the last consent that covers them ends soon."""
    for referral in referrals:
        last = _last_day(book, referral)
        if referral.state not in OPEN or last is None:
            continue
        since = moment(last - timedelta(days=days), 0, referral.zone)
        ends = moment(last + timedelta(days=1), 0, referral.zone)
        yield call_of(
            referral,
            Reason.CONSENT_EXPIRING,
            NextStep.RENEW_CONSENT,
            since,
            until=ends,
            deadline=ends,
        )


def _last_day(book: ConsentBook, referral: Referral) -> date | None:
    agency = referral.claim.agency if referral.claim else None
    covering = (
        each.until
        for each in book.consents
        if each.revocation is None
        and not each.scan_missing
        and referral.category in each.categories
        and book.counts(each, referral.category, referral.audience)
        and (agency is None or not each.agencies or agency in each.agencies)
    )
    return max(covering, default=None)
