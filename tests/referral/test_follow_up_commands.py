"""Given a follow-up, when somebody acts or a message fails, then this happens to it."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from contracts.codes import DeclineReason, Progress, ReplyCode
from contracts.follow_ups import (
    FollowUpCause,
    FollowUpDue,
    FollowUpKind,
    SnoozeReason,
)
from services.chassis.errors import EnlaceError
from services.referral.model import commands
from services.referral.model.follow_up import FollowUpState
from services.referral.model.follow_up_commands import (
    AskForCall,
    CallNotNeeded,
    FinishFollowUp,
    ReassignFollowUp,
    SnoozeFollowUp,
)
from services.referral.model.referral import BusinessStatus
from tests.referral.build import BANDS, NOW, SMILES, TOOTH_BUS
from tests.referral.story import CLAIM, COMPLETED, OFFER, STARTED, Story, accepted

WROTE = FollowUpCause.FAMILY_WROTE
STOPS = FollowUpCause.ANOTHER_CHANNEL
WRONG = FollowUpCause.WRONG_NUMBER

# Seen to, put off, given away


def due_look() -> tuple[Story, str]:
    story = accepted()
    story.run(STARTED)
    story.on("2026-10-27")
    return story, story.find(FollowUpKind.LOOK_IN)[0].id


def test_one_that_was_seen_to_goes_no_further() -> None:
    story, id = due_look()
    assert story.run(FinishFollowUp(id, "rosa")) == ["FollowUpDone"]
    assert story.run(FinishFollowUp(id, "rosa")) == [], "its effect already holds"
    assert story.on("2027-06-01") == []


def test_the_family_answers_on_the_telephone() -> None:
    story = Story(OFFER, CLAIM, COMPLETED)
    story.on("2026-10-20")
    question = story.find(FollowUpKind.DID_HELP_ARRIVE)[0].id
    assert story.run(FinishFollowUp(question, "rosa", ReplyCode.YES)) == [
        "ReferralVerified",
        "FollowUpDone",
    ]
    assert story.run(FinishFollowUp(question, "rosa", ReplyCode.YES)) == []


def test_a_family_that_said_no_and_was_helped_later_is_verified_by_hand() -> None:
    story = Story(OFFER, CLAIM, COMPLETED)
    story.on("2026-10-20")
    story.run(commands.Answer(ReplyCode.NO))
    question = story.find(FollowUpKind.DID_HELP_ARRIVE)[0].id
    assert story.run(FinishFollowUp(question, "rosa", ReplyCode.NO)) == []
    assert story.run(FinishFollowUp(question, "rosa", ReplyCode.YES)) == ["ReferralVerified"]
    with pytest.raises(EnlaceError, match="follow-up-over"):
        story.run(FinishFollowUp(question, "rosa", ReplyCode.NO))


def test_somebody_else_who_sees_to_it_again_is_told_that_it_is_over() -> None:
    story, id = due_look()
    story.run(FinishFollowUp(id, "rosa"))
    with pytest.raises(EnlaceError, match="follow-up-over"):
        story.run(FinishFollowUp(id, "nurse"))


def test_a_question_that_is_given_up_by_hand_verifies_nothing() -> None:
    story = Story(OFFER, CLAIM, COMPLETED)
    story.run(FinishFollowUp(story.find(FollowUpKind.DID_HELP_ARRIVE)[0].id, "rosa"))
    assert story.state.business is BusinessStatus.NOT_VERIFIED


def test_a_reply_to_what_asks_nothing_is_refused() -> None:
    story, id = due_look()
    with pytest.raises(EnlaceError, match="no-question"):
        story.run(FinishFollowUp(id, "rosa", ReplyCode.YES))


def snooze(id: str, day: str) -> SnoozeFollowUp:
    return SnoozeFollowUp(id, date.fromisoformat(day), SnoozeReason.FAMILY_ASKED, "rosa")


def test_one_that_is_put_off_falls_due_again_on_its_new_date() -> None:
    story, id = due_look()
    assert story.run(snooze(id, "2026-11-05")) == ["FollowUpSnoozed"]
    assert story.run(snooze(id, "2026-11-05")) == []
    assert story.on("2026-11-04") == []
    assert story.on("2026-11-05") == ["FollowUpDue"]
    assert story.on("2026-11-06") == [], "its days begin anew"


def test_a_snooze_to_a_saturday_is_for_monday() -> None:
    story, id = due_look()
    story.run(snooze(id, "2026-11-07"))
    assert story.find(FollowUpKind.LOOK_IN)[0].due_on == date(2026, 11, 9)


@pytest.mark.parametrize("day", ["2026-10-26", "2026-10-27", "2026-11-27"])
def test_a_snooze_to_a_day_that_cannot_be_says_which_can(day: str) -> None:
    story, id = due_look()
    with pytest.raises(EnlaceError, match="from tomorrow until 2026-11-26"):
        story.run(snooze(id, day))


def test_one_that_went_up_comes_down_when_it_is_put_off() -> None:
    story, id = due_look()
    story.on("2026-10-30")
    story.on("2026-11-03")
    story.run(snooze(id, "2026-11-10"))
    look = story.find(FollowUpKind.LOOK_IN)[0]
    assert (look.state, look.level) == (FollowUpState.PENDING, None)


def test_it_is_given_to_somebody_else_once() -> None:
    story, id = due_look()
    give = ReassignFollowUp(id, "nurse", "rosa")
    assert story.run(give) == ["FollowUpReassigned"]
    assert story.run(give) == []
    assert story.find(FollowUpKind.LOOK_IN)[0].owner == "nurse"


def test_what_is_over_cannot_be_put_off_or_given_away() -> None:
    story, id = due_look()
    story.run(FinishFollowUp(id, "rosa"))
    for command in (snooze(id, "2026-11-05"), ReassignFollowUp(id, "nurse", "rosa")):
        with pytest.raises(EnlaceError, match="follow-up-over"):
            story.run(command)
    with pytest.raises(EnlaceError, match="not-found"):
        story.run(FinishFollowUp("fol-nobodys", "rosa"))


# Silence, and messages that did not arrive


def test_offers_that_expired_twice_make_a_call_to_the_agency_once() -> None:
    story = Story(OFFER)
    assert story.run(commands.Expire(1)) == ["ReferralExpired"]
    story.run(commands.Offer((TOOTH_BUS,), BANDS, NOW + timedelta(days=4)))
    assert story.run(commands.Expire(2)) == ["ReferralExpired", "FollowUpScheduled"]
    call = story.find(FollowUpKind.CALL_AGENCY)[0]
    assert (call.because, call.due_on) == (FollowUpCause.OFFERS_EXPIRED, date(2026, 10, 13))
    story.run(commands.Offer((SMILES,), BANDS, NOW + timedelta(days=6)))
    assert story.run(commands.Expire(3)) == ["ReferralExpired"], "the call still waits"


def test_an_agency_that_takes_it_need_not_be_called_any_more() -> None:
    story = Story(OFFER, commands.Expire(1))
    story.run(commands.Offer((TOOTH_BUS,), BANDS, NOW + timedelta(days=4)))
    story.run(commands.Expire(2))
    story.run(commands.Request(SMILES, BANDS, NOW + timedelta(days=6)))
    story.run(commands.Claim("clm-3", "svc-smiles", "agy-smiles", round=3, consented=True))
    assert not story.find(FollowUpKind.CALL_AGENCY)[0].waits


def test_an_agency_without_a_word_after_its_yes_is_to_be_called() -> None:
    story = accepted()
    assert story.on("2026-10-22") == []
    assert story.on("2026-10-23") == ["FollowUpDue"]
    assert isinstance(story.told[-1], FollowUpDue)
    assert story.told[-1].kind is FollowUpKind.AGENCY_SILENT


def test_a_need_that_nobody_takes_leaves_nothing_waiting() -> None:
    story = Story(OFFER, AskForCall(FollowUpKind.CALL_FAMILY, FollowUpCause.ANOTHER_CHANNEL))
    story.run(commands.NobodyTookIt(1, DeclineReason.NO_CAPACITY))
    assert not any(each.waits for each in story.state.follow_ups)


@pytest.mark.parametrize(
    ("ending", "kept"),
    [
        (COMPLETED, {WROTE, STOPS, WRONG}),
        (commands.Report("clm-1", Progress.NO_SHOW), {WROTE}),
        (commands.LoseConsent(), {WROTE}),
    ],
)
def test_what_a_family_waits_for_is_not_settled_by_what_an_agency_reports(
    ending: commands.Command, kept: set[FollowUpCause]
) -> None:
    story = accepted()
    for cause in (WROTE, STOPS, WRONG, FollowUpCause.MESSAGE_FAILED):
        story.run(AskForCall(FollowUpKind.CALL_FAMILY, cause))
    story.run(ending)
    left = {each.because for each in story.state.follow_ups if each.waits and each.because}
    assert left == kept


STOPPED = AskForCall(FollowUpKind.CALL_FAMILY, FollowUpCause.ANOTHER_CHANNEL)


def test_a_family_that_wants_no_texts_is_to_be_called_once_until_it_wants_them_again() -> None:
    story = accepted()
    assert story.run(STOPPED) == ["FollowUpScheduled"]
    assert story.run(STOPPED) == []
    assert story.run(CallNotNeeded(FollowUpCause.ANOTHER_CHANNEL)) == ["FollowUpDone"]
    assert story.run(CallNotNeeded(FollowUpCause.ANOTHER_CHANNEL)) == []
    assert story.run(STOPPED) == ["FollowUpScheduled"]


def test_nobody_is_called_about_a_referral_that_is_over() -> None:
    endings: Sequence[Sequence[commands.Command]] = (
        (OFFER, commands.NobodyTookIt(1, DeclineReason.NO_CAPACITY)),
        (commands.EnterInError(),),
        (OFFER, CLAIM, commands.Report("clm-1", Progress.NO_SHOW)),
    )
    for history in endings:
        assert Story(*history).run(STOPPED) == []
