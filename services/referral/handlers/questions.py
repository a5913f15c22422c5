"""Agencies' questions: they call for the coordinator, who answers in bands and codes."""

from datetime import datetime
from typing import Any

from contracts.follow_ups import FollowUpCause, FollowUpKind
from contracts.offerings import OfferQuestionAsked
from contracts.referrals import QuestionAnswer
from services.chassis.errors import rule, unknown
from services.chassis.http.commands import check_version
from services.chassis.store import Change, Found, Ref
from services.referral.handlers import referrals
from services.referral.handlers.desk import Desk
from services.referral.model import commands
from services.referral.model.decide import decide
from services.referral.model.evolve import evolve_all
from services.referral.model.follow_up_commands import AskForCall, CallNotNeeded
from services.referral.model.question import AgencyQuestion, need_answered
from services.referral.model.referral import Referral


async def asked(desk: Desk, event: OfferQuestionAsked, at: datetime) -> None:
    """Keep an agency's question, and have the coordinator answer it.

    Of a round that is asked no more nobody has to answer anything.
    """
    ref, own = Ref(Referral, event.referral), Ref(AgencyQuestion, event.question)

    def take(found: Found) -> Change[None]:
        known = found.get(ref)
        if known is None:
            raise unknown("referral")
        if found.get(own) is not None or known.round != event.round or not known.candidates:
            return Change(None)
        fresh = AgencyQuestion(
            id=event.question,
            referral=event.referral,
            offer=event.offer,
            agency=event.agency,
            topics=event.topics,
            asked_at=at,
            answer_by=event.answer_by,
        )
        call = AskForCall(FollowUpKind.ANSWER_AGENCY, FollowUpCause.AGENCY_ASKS, event.offer)
        change = referrals.changed(desk, known, call, desk.clock.now())
        return Change(None, [fresh, *change.save], change.events, known.site)

    await desk.store.update([ref, own], take)


async def over(desk: Desk, referral: str, offer: str) -> None:
    """Have nobody answer or call an agency that may answer its offer no longer."""
    known = await desk.store.get(Referral, referral)
    waits = {each.because for each in known.follow_ups if each.about == offer} if known else set()
    for cause in (FollowUpCause.AGENCY_ASKS, FollowUpCause.ASK_BY_PHONE):
        if cause in waits:
            await referrals.command(desk, referral, CallNotNeeded(cause, offer))


async def answer(
    desk: Desk,
    referral: str,
    question: str,
    said: QuestionAnswer,
    by: str,
    *,
    answer_by: datetime | None,
    expected: int,
) -> Referral:
    """Answer a question; the same answer again changes nothing.

    Raises:
        EnlaceError: there is no such question, it has another answer, nobody is asked any more,
            something is left open, or the referral has changed since.
    """
    ref = Ref(Referral, referral)
    asked = await of_referral(desk, referral)
    own = Ref(AgencyQuestion, question)
    beside = [Ref(AgencyQuestion, each.id) for each in asked if each.id != question]

    def run(found: Found) -> Change[Referral]:
        known, mine = found.get(ref), found.get(own)
        if known is None or mine is None or mine.referral != referral:
            raise unknown("question")
        if mine.answer is not None:
            return Change(_same(known, mine, said))
        need_answered(mine.topics, said)
        others = [each for one in beside if (each := found.get(one)) is not None]
        wish = commands.AnswerQuestion(
            question=question,
            offer=mine.offer,
            agency=mine.agency,
            answer=said,
            by=by,
            answer_by=answer_by,
            others_wait=any(each.offer == mine.offer and each.answer is None for each in others),
        )
        now = desk.clock.now()
        events = decide(known, wish, now, desk.rules())
        check_version(expected, known.version)
        after = evolve_all(known, events, now)
        answered = mine.having(answer=said, answered_by=by, answered_at=now)
        saved: list[Any] = [after, answered]
        return Change(after.having(version=known.version + 1), saved, events, known.site)

    return await desk.store.update([ref, own, *beside], run)


async def of_referral(desk: Desk, referral: str) -> list[AgencyQuestion]:
    """Return what agencies have asked about a referral, the oldest first."""
    found = desk.store.find(AgencyQuestion, {"referral": referral}, sort=[("asked_at", 1)])
    return [each async for each in found]


def _same(known: Referral, mine: AgencyQuestion, said: QuestionAnswer) -> Referral:
    if mine.answer == said:
        return known
    raise rule(
        "question-answered",
        "Somebody has answered this question already. Nothing was sent: read what the agency was "
        "told; if it was wrong, call the agency.",
        es="Alguien ya respondió esta pregunta. No se envió nada: lea qué se le dijo a la agencia; "
        "si no era correcto, llámela.",
    )
