"""What the school answers to an agency that wants to know more before it says yes or no."""

from collections.abc import Sequence
from datetime import datetime

from contracts.event import Event
from contracts.follow_ups import FollowUpDone, FollowUpEnd, FollowUpKind
from contracts.referrals import ReferralQuestionAnswered
from services.referral.model.commands import AnswerQuestion
from services.referral.model.decide.asking import check_answer_by
from services.referral.model.decide.common import wrong_state
from services.referral.model.referral import Referral, State
from services.referral.model.rules import Rules


def answer(
    referral: Referral, command: AnswerQuestion, now: datetime, rules: Rules
) -> Sequence[Event]:
    """Answer in bands and codes, perhaps with more time to that one agency.

    Raises:
        EnlaceError: no agency of the round may answer any more, or the time cannot be.
    """
    asking = referral.state is State.REQUESTED and referral.claim is None
    if not asking or not referral.candidates:
        raise wrong_state(referral, "tell an agency more", es="contar más a una agencia")
    if command.answer_by is not None:
        check_answer_by(command.answer_by, now, rules)
    told = ReferralQuestionAnswered(
        referral=referral.id,
        offer=command.offer,
        agency=command.agency,
        question=command.question,
        answer=command.answer,
        answer_by=command.answer_by,
        by=command.by,
    )
    settled = [
        FollowUpDone(
            follow_up=each.id, referral=referral.id, end=FollowUpEnd.ANSWERED, by=command.by
        )
        for each in referral.follow_ups
        if each.waits
        and each.kind is FollowUpKind.ANSWER_AGENCY
        and each.about == command.offer
        and not command.others_wait
    ]
    return (told, *settled)
