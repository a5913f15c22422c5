"""Given a history, when a command comes, then these events: the whole life of a referral."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from contracts.categories import Category
from contracts.codes import (
    Audience,
    CancelReason,
    DeclineReason,
    HoldReason,
    Outcome,
    Progress,
    ReplyCode,
    Urgency,
)
from services.chassis.errors import EnlaceError
from services.referral.model import commands
from services.referral.model.decide import decide
from services.referral.model.evolve import evolve_all
from services.referral.model.referral import BusinessStatus, Referral, State
from services.referral.model.rules import Rules
from tests.referral.build import BANDS, NOW, SMILES, TOOTH_BUS, referral

RULES = Rules()
OFFER = commands.Offer((SMILES, TOOTH_BUS), BANDS, NOW + timedelta(days=2))
CLAIM = commands.Claim("clm-1", "svc-smiles", "agy-smiles", round=1, consented=True)
SCHEDULED = commands.Report("clm-1", Progress.SCHEDULED, NOW + timedelta(days=3))
STARTED = commands.Report("clm-1", Progress.STARTED)
COMPLETED = commands.Report("clm-1", Progress.COMPLETED, outcome=Outcome.NEED_MET)


def given(*history: commands.Command, start: Referral | None = None) -> Referral:
    state = start or referral()
    for command in history:
        state = evolve_all(state, decide(state, command, NOW, RULES), NOW)
    return state


def when(state: Referral, command: commands.Command, days: float = 0) -> Sequence[str]:
    happened = decide(state, command, NOW + timedelta(days=days), RULES)
    return [type(event).__name__ for event in happened]


STATES: dict[str, Referral] = {
    "draft": given(),
    "requested": given(OFFER),
    "awaiting consent": given(
        OFFER, commands.Claim("clm-1", "svc-smiles", "agy-smiles", round=1, consented=False)
    ),
    "accepted": given(OFFER, CLAIM),
    "in-progress": given(OFFER, CLAIM, STARTED),
    "completed": given(OFFER, CLAIM, COMPLETED),
    "rejected": given(OFFER, commands.NobodyTookIt(1, DeclineReason.NO_CAPACITY)),
    "failed": given(OFFER, CLAIM, commands.Report("clm-1", Progress.NO_SHOW)),
    "cancelled": given(commands.Cancel(CancelReason.OTHER)),
    "in error": given(commands.EnterInError()),
}
OTHER_CLAIM = commands.Claim("clm-2", "svc-bus", "agy-bus", round=1, consented=True)
OTHER_OFFER = commands.Offer((TOOTH_BUS,), BANDS, NOW + timedelta(days=1))
REFUSED = "refused"
ACCEPTED = ["ReferralAccepted", "FollowUpScheduled", "FollowUpScheduled"]
CLAIM_REFUSED = ["ReferralClaimRefused"]
WATCHES_DONE = ["FollowUpDone", "FollowUpDone"]

TABLE: dict[str, dict[str, object]] = {
    "offer": {
        "draft": ["ReferralOffered"],
        "requested": REFUSED,
        "awaiting consent": REFUSED,
        "accepted": REFUSED,
        "in-progress": REFUSED,
        "completed": REFUSED,
        "rejected": REFUSED,
        "failed": REFUSED,
        "cancelled": REFUSED,
        "in error": REFUSED,
    },
    "hand over": {
        "draft": ["ReferralHandedOff", "FollowUpScheduled"],
        "requested": REFUSED,
        "awaiting consent": REFUSED,
        "accepted": REFUSED,
        "in-progress": REFUSED,
        "completed": REFUSED,
        "rejected": REFUSED,
        "failed": REFUSED,
        "cancelled": REFUSED,
        "in error": REFUSED,
    },
    "claim": {
        "draft": CLAIM_REFUSED,
        "requested": ACCEPTED,
        "awaiting consent": CLAIM_REFUSED,
        "accepted": CLAIM_REFUSED,
        "in-progress": CLAIM_REFUSED,
        "completed": CLAIM_REFUSED,
        "rejected": CLAIM_REFUSED,
        "failed": CLAIM_REFUSED,
        "cancelled": CLAIM_REFUSED,
        "in error": CLAIM_REFUSED,
    },
    "honour consent": {
        "draft": [],
        "requested": [],
        "awaiting consent": ACCEPTED,
        "accepted": [],
        "in-progress": [],
        "completed": [],
        "rejected": [],
        "failed": [],
        "cancelled": [],
        "in error": [],
    },
    "nobody took it": {
        "draft": [],
        "requested": ["ReferralRejected", "ReferralUnmet"],
        "awaiting consent": [],
        "accepted": [],
        "in-progress": [],
        "completed": [],
        "rejected": [],
        "failed": [],
        "cancelled": [],
        "in error": [],
    },
    "expire": {
        "draft": [],
        "requested": ["ReferralExpired"],
        "awaiting consent": [],
        "accepted": [],
        "in-progress": [],
        "completed": [],
        "rejected": [],
        "failed": [],
        "cancelled": [],
        "in error": [],
    },
    "report completed": {
        "draft": [],
        "requested": [],
        "awaiting consent": [],
        "accepted": ["ReferralCompleted", *WATCHES_DONE, "FollowUpScheduled"],
        "in-progress": ["ReferralCompleted", "FollowUpDone", "FollowUpScheduled"],
        "completed": [],
        "rejected": [],
        "failed": [],
        "cancelled": [],
        "in error": [],
    },
    "lose consent": {
        "draft": [],
        "requested": ["ReferralCancelled"],
        "awaiting consent": ["ReferralClaimRefused", "ReferralCancelled"],
        "accepted": ["ReferralCancelled", *WATCHES_DONE],
        "in-progress": ["ReferralCancelled", "FollowUpDone"],
        "completed": [],
        "rejected": [],
        "failed": [],
        "cancelled": [],
        "in error": [],
    },
    "cancel": {
        "draft": ["ReferralCancelled"],
        "requested": ["ReferralCancelled"],
        "awaiting consent": ["ReferralCancelled"],
        "accepted": ["ReferralCancelled", *WATCHES_DONE],
        "in-progress": ["ReferralCancelled", "FollowUpDone"],
        "completed": REFUSED,
        "rejected": REFUSED,
        "failed": REFUSED,
        "cancelled": [],
        "in error": REFUSED,
    },
    "enter in error": {
        "draft": ["ReferralEnteredInError"],
        "requested": ["ReferralEnteredInError"],
        "awaiting consent": ["ReferralEnteredInError"],
        "accepted": ["ReferralEnteredInError", *WATCHES_DONE],
        "in-progress": ["ReferralEnteredInError", "FollowUpDone"],
        "completed": ["ReferralEnteredInError", "FollowUpDone"],
        "rejected": ["ReferralEnteredInError"],
        "failed": ["ReferralEnteredInError"],
        "cancelled": ["ReferralEnteredInError"],
        "in error": [],
    },
}
COMMANDS: dict[str, commands.Command] = {
    "offer": OTHER_OFFER,
    "hand over": commands.HandOver("hand-1"),
    "claim": OTHER_CLAIM,
    "honour consent": commands.HonourConsent(),
    "lose consent": commands.LoseConsent(),
    "nobody took it": commands.NobodyTookIt(1, DeclineReason.NO_CAPACITY),
    "expire": commands.Expire(1),
    "report completed": COMPLETED,
    "cancel": commands.Cancel(CancelReason.FAMILY_WITHDREW),
    "enter in error": commands.EnterInError(),
}
CASES = [
    (command, state, expected) for command, row in TABLE.items() for state, expected in row.items()
]


@pytest.mark.parametrize(("command", "state", "expected"), CASES)
def test_every_state_answers_every_command_as_the_table_says(
    command: str, state: str, expected: object
) -> None:
    if expected == REFUSED:
        with pytest.raises(EnlaceError, match="wrong-state"):
            when(STATES[state], COMMANDS[command])
    else:
        assert when(STATES[state], COMMANDS[command]) == expected


def test_the_table_knows_every_state() -> None:
    assert all(set(row) == set(STATES) for row in TABLE.values())


def test_the_same_command_again_changes_nothing() -> None:
    histories: tuple[tuple[commands.Command, ...], ...] = (
        (OFFER,),
        (OFFER, CLAIM),
        (OFFER, CLAIM, SCHEDULED),
        (OFFER, CLAIM, STARTED),
    )
    for history in histories:
        assert when(given(*history), history[-1]) == []


def test_nobody_says_that_a_consent_was_taken_back_but_who_takes_it_back() -> None:
    said = commands.Cancel(CancelReason.CONSENT_REVOKED)
    for state in ("draft", "requested", "accepted", "in-progress"):
        with pytest.raises(EnlaceError, match="reason-by-itself"):
            when(STATES[state], said)
    lost = decide(STATES["accepted"], commands.LoseConsent(), NOW, RULES)[0]
    assert lost.model_dump()["reason"] == "consent-revoked"


def test_a_restricted_need_is_never_offered_to_several() -> None:
    draft = referral(category=Category.MENTAL_HEALTH)
    with pytest.raises(EnlaceError, match="restricted-offer"):
        decide(draft, OFFER, NOW, RULES)


def test_a_restricted_need_is_not_named_on_the_topic() -> None:
    draft = referral(category=Category.MENTAL_HEALTH)
    asked = decide(draft, commands.Request(SMILES, BANDS, NOW + timedelta(days=1)), NOW, RULES)[0]
    assert asked.model_dump()["category"] == "restricted"


def test_a_claim_of_an_older_round_is_refused() -> None:
    late = commands.Claim("clm-9", "svc-smiles", "agy-smiles", round=0, consented=True)
    refused = decide(STATES["requested"], late, NOW, RULES)[0]
    assert refused.model_dump()["reason"] == "older-round"


def test_a_claim_without_consent_holds_the_seat_for_three_days_and_then_lets_it_go() -> None:
    waiting = STATES["awaiting consent"]
    assert (waiting.state, waiting.business) == (State.REQUESTED, BusinessStatus.AWAITING_CONSENT)
    assert when(waiting, commands.Tick(), days=2.9) == []
    assert when(waiting, commands.Tick(), days=3) == ["ReferralClaimRefused"]


def test_the_family_is_asked_a_week_after_completion_once() -> None:
    done = STATES["completed"]
    assert when(done, commands.Tick(), days=6) == []
    assert when(done, commands.Tick(), days=7.1) == ["FollowUpDue"]
    asked = given(commands.Tick(), start=done.having())
    assert asked == done
    later = NOW + timedelta(days=8)
    due = evolve_all(done, decide(done, commands.Tick(), later, RULES), later)
    assert decide(due, commands.Tick(), later, RULES) == []


def test_a_follow_up_that_was_done_never_falls_due() -> None:
    cancelled = given(commands.Cancel(CancelReason.OTHER), start=STATES["accepted"])
    assert when(cancelled, commands.Tick(), days=400) == []
    assert cancelled.next_due is None


def test_a_question_unanswered_for_three_days_goes_up_the_queue_on_the_next_school_day() -> None:
    later = NOW + timedelta(days=8)
    due = evolve_all(
        STATES["completed"], decide(STATES["completed"], commands.Tick(), later, RULES), later
    )
    assert when(due, commands.Tick(), days=11.5) == [], "a Saturday"
    assert when(due, commands.Tick(), days=13) == ["FollowUpOverdue"]


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (ReplyCode.YES, ["ReferralVerified", "FollowUpDone"]),
        (ReplyCode.NO, ["ReferralDisputed", "FollowUpDone"]),
        (ReplyCode.NOT_YET, ["ReferralDisputed", "FollowUpDone", "FollowUpScheduled"]),
        (ReplyCode.OTHER, ["ReferralDisputed", "FollowUpDone"]),
        (ReplyCode.STOP, []),
        (ReplyCode.HELP, []),
    ],
)
def test_the_family_has_the_last_word(reply: ReplyCode, expected: list[str]) -> None:
    later = NOW + timedelta(days=8)
    due = evolve_all(
        STATES["completed"], decide(STATES["completed"], commands.Tick(), later, RULES), later
    )
    assert when(due, commands.Answer(reply), days=8) == expected


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        (ReplyCode.YES, []),
        (ReplyCode.NO, ["ReferralDisputed"]),
        (ReplyCode.NOT_YET, ["ReferralDisputed", "FollowUpScheduled"]),
        (ReplyCode.OTHER, ["FollowUpScheduled"]),
        (ReplyCode.STOP, []),
    ],
)
def test_what_a_family_says_after_its_yes_reaches_somebody(
    reply: ReplyCode, expected: list[str]
) -> None:
    later = NOW + timedelta(days=8)
    verified = STATES["completed"]
    for step in (commands.Tick(), commands.Answer(ReplyCode.YES)):
        verified = evolve_all(verified, decide(verified, step, later, RULES), later)
    assert verified.business is BusinessStatus.FAMILY_VERIFIED
    assert when(verified, commands.Answer(reply), days=8) == expected


def test_words_after_a_yes_call_once_until_somebody_has_read_them() -> None:
    later = NOW + timedelta(days=8)
    state = STATES["completed"]
    for reply in (None, ReplyCode.YES, ReplyCode.OTHER):
        step = commands.Answer(reply) if reply else commands.Tick()
        state = evolve_all(state, decide(state, step, later, RULES), later)
    assert when(state, commands.Answer(ReplyCode.OTHER), days=8) == []
    assert state.business is BusinessStatus.FAMILY_VERIFIED


def test_a_yes_before_anybody_asked_verifies_nothing() -> None:
    assert when(STATES["completed"], commands.Answer(ReplyCode.YES)) == []


def test_a_report_on_another_claim_changes_nothing() -> None:
    assert when(STATES["accepted"], commands.Report("clm-2", Progress.STARTED)) == []


def test_an_appointment_without_a_date_is_refused() -> None:
    with pytest.raises(EnlaceError, match="progress-unclear"):
        when(STATES["accepted"], commands.Report("clm-1", Progress.SCHEDULED))


def test_a_silent_agency_is_looked_at_after_ten_days() -> None:
    assert when(STATES["accepted"], commands.Tick(), days=9) == []
    assert when(STATES["accepted"], commands.Tick(), days=10.1) == ["FollowUpDue"]


@pytest.mark.parametrize("name", [*STATES, "unanswered"])
def test_a_refusal_names_what_can_be_done_now_and_nothing_else(name: str) -> None:
    """Every way on that the words name works, and no other does."""
    state = {**STATES, "unanswered": given(OFFER, commands.Expire(1))}[name]
    ways: dict[str, commands.Command] = {
        "correct it": commands.Correct(
            Category.FOOD, Urgency.SOON, Audience.GUARDIAN, reworded=False
        ),
        "send it": OTHER_OFFER,
        "take it back": commands.Recall(acted=False),
        "put it on hold": commands.Hold(HoldReason.OTHER),
        "go on": commands.Resume(),
        "hand it over": commands.Transfer("hugo", "site-01"),
        "cancel it": commands.Cancel(CancelReason.OTHER),
    }
    works, refused = set(), []
    for way, wish in ways.items():
        try:
            works |= {way} if decide(state, wish, NOW, RULES) else set()  # empty: it is so already
        except EnlaceError as error:
            refused += [error] if error.slug == "wrong-state" else []
    assert refused, "something is always refused"
    for refusal in refused:
        named = refusal.detail.partition("What can be done now: ")[2]
        assert state.state.value in refusal.detail
        assert {way for way in ways if way in named} == works
        assert "No se cambió nada. Ahora se puede: " in refusal.es
