"""Every state x every command: what happens, against a table that is written by hand.

Who may give a command stands below it: the address, and the roles of `tests/test_access.py`. What
comes from an agency, the family, a consent or the clock comes by an event, and no role gives it.
"""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import get_args

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
from contracts.follow_ups import FollowUpCause, FollowUpKind, SnoozeReason
from contracts.referrals import Candidate, QuestionAnswer
from services import referral as referral_service
from services.chassis.errors import EnlaceError
from services.referral.model import commands, follow_up_commands
from services.referral.model.decide import decide
from services.referral.model.evolve import evolve_all
from services.referral.model.referral import BusinessStatus, Referral, State
from tests.referral.build import BANDS, NOW, SMILES, TOOTH_BUS
from tests.referral.story import CLAIM, COMPLETED, OFFER, RULES, STARTED, TICK, Story
from tests.test_access import TABLE as ENDPOINTS

MOLARS = Candidate(service="svc-molars", agency="agy-molars")
LATER = timedelta(days=8)
UNSURE = commands.Claim("clm-1", "svc-smiles", "agy-smiles", round=1, consented=False)
FIRST = "first"
"""Stands for the id of a referral's first follow-up."""
HELD = commands.Hold(HoldReason.SCHOOL_BREAK)


def after(*history: commands.Command) -> Referral:
    return Story(*history).state


def asked() -> Referral:
    """Completed, and the family was asked a week later."""
    state = after(OFFER, CLAIM, COMPLETED)
    return evolve_all(state, decide(state, TICK, NOW + LATER, RULES), NOW + LATER)


def answered(reply: ReplyCode) -> Referral:
    state = asked()
    return evolve_all(state, decide(state, commands.Answer(reply), NOW + LATER, RULES), NOW + LATER)


def never_answered() -> Referral:
    story = Story(OFFER, CLAIM, COMPLETED)
    for day in range(90):
        story.until(NOW + timedelta(days=day))
    return story.state


STATES: dict[str, Referral] = {
    "draft": after(),
    "requested": after(OFFER),
    "awaiting": after(OFFER, UNSURE),
    "accepted": after(OFFER, CLAIM),
    "started": after(OFFER, CLAIM, STARTED),
    "on-hold": after(OFFER, CLAIM, HELD),
    "handed-off": after(commands.HandOver("hand-1")),
    "completed": after(OFFER, CLAIM, COMPLETED),
    "asked": asked(),
    "disputed": answered(ReplyCode.NO),
    "verified": answered(ReplyCode.YES),
    "unverified": never_answered(),
    "rejected": after(OFFER, commands.NobodyTookIt(1, DeclineReason.NO_CAPACITY)),
    "failed": after(OFFER, CLAIM, commands.Report("clm-1", Progress.NO_SHOW)),
    "cancelled": after(commands.Cancel(CancelReason.OTHER)),
    "in-error": after(commands.EnterInError()),
}
COMMANDS: dict[str, commands.Command] = {
    "offer": commands.Offer((TOOTH_BUS, SMILES), BANDS, NOW + timedelta(days=9)),
    "request": commands.Request(TOOTH_BUS, BANDS, NOW + timedelta(days=9)),
    "ask-more": commands.AskMore((MOLARS,), NOW + timedelta(days=3)),
    "withdraw-offer": commands.WithdrawOffer(SMILES, round=1, wave=1, last=False),
    "answer-question": commands.AnswerQuestion(
        "que-1", "off-1", SMILES.agency, QuestionAnswer(age="7-9"), "rosa"
    ),
    "stop-waves": commands.StopWaves(),
    "drop-wave": commands.DropWave((TOOTH_BUS,), round=1, wave=2, latest=2, last=False),
    "correct": commands.Correct(Category.FOOD, Urgency.CRISIS, Audience.GUARDIAN, reworded=False),
    "claim": commands.Claim("clm-2", "svc-bus", "agy-bus", round=1, consented=True),
    "honour-consent": commands.HonourConsent(),
    "inform": commands.Inform(Audience.STUDENT),
    "lose-consent": commands.LoseConsent(),
    "nobody-took-it": commands.NobodyTookIt(1, DeclineReason.NO_CAPACITY),
    "expire": commands.Expire(1),
    "report-started": STARTED,
    "report-completed": COMPLETED,
    "hand-over": commands.HandOver("hand-2"),
    "close-hand-off": commands.CloseHandOff(Outcome.PARTLY_MET),
    "answer-yes": commands.Answer(ReplyCode.YES),
    "answer-no": commands.Answer(ReplyCode.NO),
    "cancel": commands.Cancel(CancelReason.FAMILY_WITHDREW),
    "recall": commands.Recall(acted=False),
    "hold": commands.Hold(HoldReason.FAMILY_ASKED, date(2026, 10, 20)),
    "resume": commands.Resume(),
    "transfer": commands.Transfer("hugo", "site-01"),
    "enter-in-error": commands.EnterInError(),
    "tick": TICK,
    "finish-follow-up": follow_up_commands.FinishFollowUp(FIRST, "rosa"),
    "snooze-follow-up": follow_up_commands.SnoozeFollowUp(
        FIRST, date(2026, 10, 20), SnoozeReason.OTHER, "rosa"
    ),
    "reassign-follow-up": follow_up_commands.ReassignFollowUp(FIRST, "hugo", "rosa"),
    "ask-for-call": follow_up_commands.AskForCall(
        FollowUpKind.CALL_AGENCY, FollowUpCause.OFFERS_EXPIRED
    ),
    "call-not-needed": follow_up_commands.CallNotNeeded(FollowUpCause.OFFERS_EXPIRED),
}


TABLE = """
                   dra req awa acc sta on- han com ask dis ver unv rej fai can in-
offer              +   x   x   x   x   x   x   x   x   x   x   x   x   x   x   x
request            +   x   x   x   x   x   x   x   x   x   x   x   x   x   x   x
ask-more           x   +   x   x   x   x   x   x   x   x   x   x   x   x   x   x
withdraw-offer     .   +   .   .   .   .   .   .   .   .   .   .   .   .   .   .
answer-question    x   +   x   x   x   x   x   x   x   x   x   x   x   x   x   x
stop-waves         .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .
drop-wave          .   +   .   .   .   .   .   .   .   .   .   .   .   .   .   .
correct            +   x   x   x   x   x   x   x   x   x   x   x   x   x   x   x
claim              R   A   R   R   R   R   R   R   R   R   R   R   R   R   R   R
honour-consent     .   .   A   .   .   .   .   .   .   .   .   .   .   .   .   .
inform             +   +   +   +   +   +   +   +   +   +   +   +   +   +   +   +
lose-consent       .   +   R   +   +   +   +   .   .   .   .   .   .   .   .   .
nobody-took-it     .   +   .   .   .   .   .   .   .   .   .   .   .   .   .   .
expire             .   +   .   .   .   .   .   .   .   .   .   .   .   .   .   .
report-started     .   .   .   +   .   +   .   .   .   .   .   .   .   .   .   .
report-completed   .   .   .   +   +   +   .   .   .   .   .   .   .   .   .   .
hand-over          +   x   x   x   x   x   x   x   x   x   x   x   x   x   x   x
close-hand-off     h   h   h   h   h   h   +   h   h   h   h   h   h   h   h   h
answer-yes         .   .   .   .   .   .   .   .   +   +   .   +   .   .   .   .
answer-no          .   .   .   .   .   .   .   .   +   .   +   +   .   .   .   .
cancel             +   +   +   +   +   +   +   x   x   x   x   x   x   x   .   x
recall             x   +   a   x   x   x   x   x   x   x   x   x   x   x   x   x
hold               x   x   x   +   +   +   +   x   x   x   x   x   x   x   x   x
resume             x   x   x   .   .   +   .   x   x   x   x   x   x   x   x   x
transfer           +   +   +   +   +   +   +   +   +   +   x   x   +   +   x   x
enter-in-error     +   +   +   +   +   +   +   +   +   +   +   +   +   +   +   .
tick               .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .
finish-follow-up   n   n   n   +   o   +   +   o   o   o   o   o   n   o   n   n
snooze-follow-up   n   n   n   +   o   +   +   o   o   o   o   o   n   o   n   n
reassign-follow-up n   n   n   +   o   +   +   o   o   o   o   o   n   o   n   n
ask-for-call       +   +   +   +   +   +   +   +   +   +   .   .   .   .   .   .
call-not-needed    .   .   .   .   .   .   .   .   .   .   .   .   .   .   .   .
"""
"""The columns are the states above, in their order. What stands for what:

`+` it happens, as `EVENTS` names it; `A` accepted and `R` claim refused, where it may be either;
`.` nothing, for it is so already or no longer matters; refused: `x` in this state, `a` somebody has
acted on it, `h` it was never handed off, `n` no such follow-up, `o` the follow-up is over.
"""
EVENTS = {
    "offer": "ReferralOffered",
    "request": "ReferralRequested",
    "ask-more": "ReferralWaveAdded",
    "withdraw-offer": "ReferralOfferWithdrawn",
    "answer-question": "ReferralQuestionAnswered",
    "drop-wave": "ReferralWaveDropped",
    "correct": "ReferralCorrected",
    "inform": "ReferralAudienceChanged",
    "lose-consent": "ReferralCancelled",
    "nobody-took-it": "ReferralRejected",
    "expire": "ReferralExpired",
    "report-started": "ReferralStarted",
    "report-completed": "ReferralCompleted",
    "hand-over": "ReferralHandedOff",
    "close-hand-off": "ReferralCompleted",
    "answer-yes": "ReferralVerified",
    "answer-no": "ReferralDisputed",
    "cancel": "ReferralCancelled",
    "recall": "ReferralRecalled",
    "hold": "ReferralOnHold",
    "resume": "ReferralResumed",
    "transfer": "ReferralTransferred",
    "enter-in-error": "ReferralEnteredInError",
    "finish-follow-up": "FollowUpDone",
    "snooze-follow-up": "FollowUpSnoozed",
    "reassign-follow-up": "FollowUpReassigned",
    "ask-for-call": "FollowUpScheduled",
}
MARKS = {
    "A": "ReferralAccepted",
    "R": "ReferralClaimRefused",
    ".": "nothing",
    "x": "wrong-state",
    "a": "already-acted-on",
    "h": "not-handed-off",
    "n": "not-found",
    "o": "follow-up-over",
}
_ROWS = [line.split() for line in TABLE.strip("\n").splitlines()[1:]]
CASES = [
    (name, state, EVENTS[name] if mark == "+" else MARKS[mark])
    for name, *marks in _ROWS
    for state, mark in zip(STATES, marks, strict=True)
]


@pytest.mark.parametrize(("name", "state", "expected"), CASES)
def test_every_state_answers_every_command_as_the_table_says(
    name: str, state: str, expected: str
) -> None:
    assert happens(STATES[state], COMMANDS[name]) == expected


OnFollowUp = (
    follow_up_commands.FinishFollowUp
    | follow_up_commands.SnoozeFollowUp
    | follow_up_commands.ReassignFollowUp
)


def happens(state: Referral, command: commands.Command) -> str:
    """Return the first event, `nothing`, or why it is refused."""
    if isinstance(command, OnFollowUp) and state.follow_ups:
        command = replace(command, follow_up=state.follow_ups[0].id)
    try:
        events = decide(state, command, NOW, RULES)
    except EnlaceError as error:
        return error.slug
    return type(events[0]).__name__ if events else "nothing"


def test_the_table_has_every_command_and_the_states_every_state() -> None:
    assert [name for name, *_ in _ROWS] == list(COMMANDS)
    assert {type(each) for each in COMMANDS.values()} == set(get_args(commands.Command))
    assert {each.state for each in STATES.values()} == set(State)
    assert {each.business for each in STATES.values()} >= set(BusinessStatus) - {
        BusinessStatus.WAITLISTED,  # partner's to tell
        BusinessStatus.APPOINTMENT_SCHEDULED,  # in `test_decide`
    }


COORDINATOR, CARE_TEAM, ADMIN = "coordinator", "care-team", "admin"
WHO: dict[str, dict[str, set[str]]] = {
    "offer": {"POST /v1/referrals/{id}/offer": {COORDINATOR}},
    "request": {
        "POST /v1/referrals/{id}/offer": {COORDINATOR},
        "POST /v1/bulk-referrals": {COORDINATOR},
    },
    "ask-more": {"POST /v1/referrals/{id}/waves": {COORDINATOR}},
    "answer-question": {"POST /v1/referrals/{id}/questions/{question}/answer": {COORDINATOR}},
    "correct": {"POST /v1/referrals/{id}/correct": {COORDINATOR}},
    "hand-over": {"POST /v1/referrals/{id}/hand-off": {COORDINATOR}},
    "close-hand-off": {"POST /v1/referrals/{id}/hand-off/close": {COORDINATOR}},
    "cancel": {"POST /v1/referrals/{id}/cancel": {COORDINATOR}},
    "recall": {"POST /v1/referrals/{id}/recall": {COORDINATOR}},
    "hold": {"POST /v1/referrals/{id}/hold": {COORDINATOR}},
    "resume": {"POST /v1/referrals/{id}/resume": {COORDINATOR}},
    "transfer": {
        "POST /v1/referrals/{id}/transfer": {COORDINATOR, ADMIN},
        "POST /v1/caseloads/hand-over": {COORDINATOR, ADMIN},
    },
    "enter-in-error": {"POST /v1/referrals/{id}/enter-in-error": {COORDINATOR}},
    "finish-follow-up": {
        "POST /v1/referrals/{id}/follow-ups/{follow_up}/done": {COORDINATOR, CARE_TEAM}
    },
    "snooze-follow-up": {
        "POST /v1/referrals/{id}/follow-ups/{follow_up}/snooze": {COORDINATOR, CARE_TEAM}
    },
    "reassign-follow-up": {
        "POST /v1/referrals/{id}/follow-ups/{follow_up}/reassign": {COORDINATOR, ADMIN}
    },
}
BY_EVENT_OR_TIME = {
    *(
        "claim",
        "withdraw-offer",
        "drop-wave",
        "nobody-took-it",
        "expire",
        "report-started",
        "report-completed",
    ),  # partner
    *("honour-consent", "inform", "lose-consent", "stop-waves"),  # consents
    *("answer-yes", "answer-no", "ask-for-call", "call-not-needed"),  # the family's messages
    "tick",
}


def test_each_command_is_given_by_the_roles_that_may_or_by_what_happened() -> None:
    for addresses in WHO.values():
        for address, roles in addresses.items():
            assert ENDPOINTS["referral"][address] == roles, address
    assert {*WHO} | BY_EVENT_OR_TIME == {*COMMANDS}
    assert not {*WHO} & BY_EVENT_OR_TIME


def test_every_command_is_reached_from_outside_the_model() -> None:
    folder = Path(referral_service.__file__).parent
    edges = "".join(
        path.read_text("utf-8") for path in folder.rglob("*.py") if "model" not in path.parts
    )
    missing = [kind for kind in get_args(commands.Command) if f"{kind.__name__}(" not in edges]
    assert missing == []
