"""How help ends: with the help, or without it, whoever tells it."""

import pytest

from contracts.codes import Outcome, Progress
from contracts.follow_ups import FollowUpKind
from services.chassis.ids import new_id
from services.referral.model import commands
from services.referral.model.decide import decide
from services.referral.model.evolve import evolve_all
from services.referral.model.referral import BusinessStatus, Referral, State
from tests.referral.build import NOW
from tests.referral.story import CLAIM, OFFER, RULES, Story


@pytest.mark.parametrize("outcome", list(Outcome))
@pytest.mark.parametrize("told", [Progress.COMPLETED, Progress.FAILED, "closed by hand"])
def test_an_end_is_completed_where_the_child_was_helped_and_failed_otherwise(
    told: Progress | str, outcome: Outcome
) -> None:
    """Whoever tells it, and whatever they call it: closed is not helped."""
    wish: commands.Command
    if isinstance(told, Progress):
        start, wish = taken(), commands.Report("clm-1", told, outcome=outcome)
    else:
        start, wish = after_hand_off(), commands.CloseHandOff(outcome)
    ended = evolve_all(start, decide(start, wish, NOW, RULES), NOW)
    asked = [each for each in ended.follow_ups if each.kind is FollowUpKind.DID_HELP_ARRIVE]
    helped = outcome in {Outcome.NEED_MET, Outcome.PARTLY_MET, Outcome.ATTENDED}
    assert (ended.state, ended.outcome, ended.business, len(asked)) == (
        (State.COMPLETED, outcome, BusinessStatus.AWAITING_FAMILY, 1)
        if helped
        else (State.FAILED, outcome, None, 0)
    )


def taken() -> Referral:
    return Story(OFFER, CLAIM).state


def after_hand_off() -> Referral:
    return Story(commands.HandOver(new_id())).state
