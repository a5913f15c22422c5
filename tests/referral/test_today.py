"""Why a child is in the queue, since when, what to do next, and in which order. Pure."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from contracts.categories import Category
from contracts.codes import (
    Audience,
    CancelReason,
    DeclineReason,
    Outcome,
    Progress,
    ReplyCode,
    Urgency,
)
from contracts.follow_ups import FollowUpCause, FollowUpKind
from services.referral.model import commands
from services.referral.model.consent import ConsentBook
from services.referral.model.decide import decide
from services.referral.model.evolve import evolve_all, settled
from services.referral.model.follow_up_commands import AskForCall
from services.referral.model.referral import Referral
from services.referral.model.rules import Rules
from services.referral.model.today import calls, queue
from services.referral.model.today_rows import Row
from tests.referral.build import BANDS, NOW, REVOCATION, SMILES, TOOTH_BUS, consent, referral

RULES = Rules()
ENDS = NOW + timedelta(days=2)
OFFER = commands.Offer((SMILES, TOOTH_BUS), BANDS, ENDS)
CLAIM = commands.Claim("clm-1", "svc-smiles", "agy-smiles", round=1, consented=True)
UNCONSENTED = commands.Claim("clm-1", "svc-smiles", "agy-smiles", round=1, consented=False)
STARTED = commands.Report("clm-1", Progress.STARTED)
COMPLETED = commands.Report("clm-1", Progress.COMPLETED, outcome=Outcome.NEED_MET)
NO_SHOW = commands.Report("clm-1", Progress.NO_SHOW)


def at(day: str, hour: int = 17) -> datetime:
    return datetime.fromisoformat(f"{day}T{hour:02}:00:00+00:00")


def told(*history: commands.Command | datetime, **start: Any) -> Referral:
    """Return a referral after commands; a moment among them lets time pass until then."""
    state, now = settled(referral(**start)), NOW
    for step in history:
        if isinstance(step, datetime):
            now = step
            while state.next_due is not None and state.next_due <= now:
                state = evolve_all(state, decide(state, commands.Tick(), now, RULES), now)
        else:
            state = evolve_all(state, decide(state, step, now, RULES), now)
    return state


def rows(*referrals: Referral, now: datetime = NOW) -> list[Row]:
    return queue(referrals, (), now, consent_days=30)


def reasons(state: Referral, now: datetime = NOW) -> list[tuple[str, str]]:
    return [
        (each.reason.value, each.step.value) for row in rows(state, now=now) for each in row.calls
    ]


ANSWERED_NO = (OFFER, CLAIM, COMPLETED, at("2026-10-20"), commands.Answer(ReplyCode.NO))
EXPIRED_TWICE = (
    OFFER,
    commands.Expire(1),
    commands.Request(SMILES, BANDS, ENDS),
    commands.Expire(2),
)


@pytest.mark.parametrize(
    ("history", "start", "now", "expected"),
    [
        ((), {}, NOW, [("not-sent", "send")]),
        (
            (),
            {"urgency": Urgency.CRISIS},
            NOW,
            [("crisis-unclaimed", "follow-emergency-procedure"), ("not-sent", "send")],
        ),
        (
            (OFFER,),
            {"urgency": Urgency.CRISIS},
            NOW,
            [("crisis-unclaimed", "follow-emergency-procedure")],
        ),
        ((OFFER, CLAIM), {"urgency": Urgency.CRISIS}, NOW, []),
        ((OFFER,), {}, ENDS - timedelta(hours=4, seconds=1), []),
        ((OFFER,), {}, ENDS - timedelta(hours=4), [("offer-ending", "call-agency")]),
        ((OFFER,), {}, ENDS + timedelta(hours=9), [("offer-ending", "call-agency")]),
        ((OFFER, UNCONSENTED), {}, NOW, [("awaiting-consent", "get-consent")]),
        (
            (OFFER, commands.NobodyTookIt(1, DeclineReason.NO_CAPACITY)),
            {},
            NOW,
            [("nobody-took-it", "ask-another-agency")],
        ),
        (
            (OFFER, commands.NobodyTookIt(1, DeclineReason.NO_CAPACITY)),
            {},
            NOW + timedelta(days=30),
            [],
        ),
        (
            (OFFER, commands.NobodyTookIt(1, DeclineReason.NO_CAPACITY)),
            {"urgency": Urgency.CRISIS},
            NOW,
            [
                ("crisis-unclaimed", "follow-emergency-procedure"),
                ("nobody-took-it", "ask-another-agency"),
            ],
        ),
        (
            (OFFER, commands.NobodyTookIt(1, DeclineReason.NO_CAPACITY)),
            {"urgency": Urgency.CRISIS},
            NOW + timedelta(days=30),
            [("crisis-unclaimed", "follow-emergency-procedure")],
        ),
        (
            (OFFER, CLAIM, NO_SHOW),
            {"urgency": Urgency.CRISIS},
            NOW + timedelta(days=90),
            [("crisis-unclaimed", "follow-emergency-procedure")],
        ),
        ((OFFER, commands.Expire(1)), {}, NOW, [("nobody-took-it", "ask-another-agency")]),
        (
            EXPIRED_TWICE,
            {},
            NOW,
            [("nobody-took-it", "ask-another-agency"), ("agency-silent", "call-agency")],
        ),
        ((OFFER, CLAIM, NO_SHOW), {}, NOW, [("no-help-came", "ask-another-agency")]),
        ((OFFER, CLAIM), {}, at("2026-10-22"), []),
        ((OFFER, CLAIM), {}, at("2026-10-23"), [("agency-silent", "call-agency")]),
        (
            (OFFER, CLAIM, at("2026-10-23"), at("2026-10-26")),
            {},
            at("2026-10-26"),
            [("overdue-follow-up", "call-agency")],
        ),
        ((OFFER, CLAIM, STARTED), {}, at("2026-10-27"), [("due-follow-up", "look-in")]),
        ((OFFER, CLAIM, COMPLETED, at("2026-10-20")), {}, at("2026-10-20"), []),
        (
            (OFFER, CLAIM, COMPLETED, at("2026-10-20"), at("2026-10-23")),
            {},
            at("2026-10-23"),
            [("overdue-follow-up", "call-family")],
        ),
        (
            (OFFER, CLAIM, COMPLETED, at("2026-10-20"), at("2026-10-23")),
            {"audience": Audience.STUDENT},
            at("2026-10-23"),
            [("overdue-follow-up", "talk-to-student")],
        ),
        (ANSWERED_NO, {}, at("2026-10-20"), [("family-said-no", "call-family")]),
        (
            (OFFER, CLAIM, AskForCall(FollowUpKind.CALL_FAMILY, FollowUpCause.ANOTHER_CHANNEL)),
            {},
            NOW,
            [("another-channel", "call-family")],
        ),
        (
            (OFFER, CLAIM, AskForCall(FollowUpKind.CALL_AGENCY, FollowUpCause.MESSAGE_FAILED)),
            {},
            NOW,
            [("message-failed", "call-agency")],
        ),
        (
            (OFFER, CLAIM, AskForCall(FollowUpKind.CALL_FAMILY, FollowUpCause.MESSAGE_UNKNOWN)),
            {},
            NOW,
            [("message-unknown", "call-family")],
        ),
        ((commands.Cancel(CancelReason.OTHER),), {}, NOW, []),
        ((commands.EnterInError(),), {}, NOW, []),
    ],
)
def test_a_child_is_here_for_these_reasons_and_this_is_next(
    history: tuple[commands.Command | datetime, ...],
    start: dict[str, Any],
    now: datetime,
    expected: list[tuple[str, str]],
) -> None:
    assert reasons(told(*history, **start), now) == expected


def test_what_is_lost_when_nobody_acts_has_its_deadline() -> None:
    offer = rows(told(OFFER), now=ENDS)[0].calls[0]
    claim = rows(told(OFFER, UNCONSENTED))[0].calls[0]
    assert (offer.since, offer.deadline) == (ENDS - timedelta(hours=4), ENDS)
    assert (claim.since, claim.deadline) == (NOW, NOW + timedelta(days=3))


def test_a_child_has_one_row_with_every_reason_of_every_referral_the_first_one_first() -> None:
    dental = told(*ANSWERED_NO)
    vision = told(id="ref-2", category=Category.VISION)
    other = told(id="ref-3", student="stu-2")
    found = rows(vision, other, dental, now=at("2026-10-20"))
    assert [row.student for row in found] == ["stu-1", "stu-2"]
    assert [(each.referral, each.reason.value) for each in found[0].calls] == [
        ("ref-1", "family-said-no"),
        ("ref-2", "not-sent"),
    ]


def test_the_order_is_by_reason_then_urgency_then_the_longest_wait() -> None:
    hour = timedelta(hours=1)
    made = [
        told(id="1", student="fresh", created_at=NOW - hour),
        told(id="2", student="old", created_at=NOW - 9 * hour),
        told(id="3", student="urgent", urgency=Urgency.URGENT, created_at=NOW),
        told(OFFER, UNCONSENTED, id="4", student="consent"),
        told(id="5", student="crisis", urgency=Urgency.CRISIS),
        told(OFFER, commands.Expire(1), id="6", student="nobody"),
    ]
    assert [row.student for row in rows(*made)] == [
        "crisis",
        "consent",
        "nobody",
        "urgent",
        "old",
        "fresh",
    ]


@for_all(st.permutations(range(6)))
@settings(deadline=None)
def test_the_order_does_not_rest_on_the_order_in_which_they_were_found(places: list[int]) -> None:
    made = [
        told(id=str(each), student=f"stu-{each % 4}", urgency=list(Urgency)[each % 4])
        for each in range(6)
    ]
    found = rows(*(made[place] for place in places))
    assert found == rows(*made)
    assert len({row.place for row in found}) == len(found)


@for_all(days=st.integers(0, 60), hours=st.integers(0, 23), history=st.integers(0, 5))
@settings(deadline=None)
def test_the_stored_span_holds_every_moment_at_which_it_calls(
    days: int, hours: int, history: int
) -> None:
    histories: list[tuple[commands.Command | datetime, ...]] = [
        (),
        (OFFER,),
        (OFFER, UNCONSENTED),
        (OFFER, CLAIM),
        (OFFER, commands.NobodyTookIt(1, DeclineReason.NO_CAPACITY)),
        ANSWERED_NO,
    ]
    state = told(*histories[history])
    now = NOW + timedelta(days=days, hours=hours)
    span = calls(state)
    assert span == (None if span is None else (state.calls_from, state.calls_until))
    inside = span is not None and span[0] <= now < span[1]
    assert inside or not rows(state, now=now)


# Consents that end


def book(*consents: Any) -> ConsentBook:
    return ConsentBook(id="stu-1", family="fam-1", site="site-01", consents=consents)


def ending(state: Referral, now: datetime, *consents: Any) -> list[tuple[str, datetime | None]]:
    found = queue((), [(book(*consents), [state])], now, consent_days=30)
    return [(each.reason.value, each.deadline) for row in found for each in row.calls]


NOVEMBER = consent(until=date(2026, 11, 12))
LAST_MOMENT = datetime(2026, 11, 13, 8, tzinfo=UTC)


def test_a_consent_is_shown_from_thirty_days_before_its_end_until_its_last_day() -> None:
    state = told(OFFER, CLAIM)
    assert ending(state, datetime(2026, 10, 13, 6, 59, tzinfo=UTC), NOVEMBER) == []
    assert ending(state, NOW, NOVEMBER) == [("consent-expiring", LAST_MOMENT)]
    assert ending(state, LAST_MOMENT, NOVEMBER) == []


@pytest.mark.parametrize(
    "others",
    [
        [consent(id="con-2", until=date(2027, 6, 30))],
        [NOVEMBER.model_copy(update={"revocation": REVOCATION})],
    ],
)
def test_one_that_was_renewed_or_revoked_is_not_shown(others: list[Any]) -> None:
    consents = others if others[0].revocation else [NOVEMBER, *others]
    assert ending(told(OFFER, CLAIM), NOW, *consents) == []


def test_a_consent_that_names_another_agency_renews_nothing() -> None:
    other = consent(id="con-2", until=date(2027, 6, 30), agencies=("agy-other",))
    assert ending(told(OFFER, CLAIM), NOW, NOVEMBER, other) == [("consent-expiring", LAST_MOMENT)]


def test_a_consent_for_nothing_that_is_open_is_not_shown() -> None:
    assert ending(told(OFFER, CLAIM, NO_SHOW), NOW, NOVEMBER) == []
    assert ending(told(category=Category.VISION), NOW, NOVEMBER) == []
