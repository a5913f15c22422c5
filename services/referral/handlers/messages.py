"""What notify tells of messages that did not arrive, and of people who want none.

Each becomes a call for somebody to make, on the referral that the message was about.
"""

from contracts.codes import Audience, NotSentReason, ReplyCode, Template
from contracts.follow_ups import FollowUpCause, FollowUpKind
from contracts.messages import (
    MessageCancelled,
    MessageDelivered,
    MessageFailed,
    MessageQueued,
    MessageReplied,
    MessageSent,
    MessageUnknown,
    NumberWrong,
    PersonOptedIn,
    PersonOptedOut,
)
from services.chassis.errors import unknown
from services.chassis.store import Change, Found, Ref
from services.referral.handlers import referrals
from services.referral.handlers.desk import Desk
from services.referral.model.commands import Answer
from services.referral.model.follow_up_commands import AskForCall, CallNotNeeded
from services.referral.model.people import Family
from services.referral.model.referral import Referral
from services.referral.model.telling import may_not_be_told
from services.referral.model.told import ToldMessage

_NEED_READING = {ReplyCode.OTHER, ReplyCode.NO, ReplyCode.NOT_YET}
_ANSWERS = _NEED_READING | {ReplyCode.YES}
_UNREACHABLE = {NotSentReason.OPTED_OUT, NotSentReason.NO_ADDRESS}


async def keep_queued(desk: Desk, event: MessageQueued) -> None:
    """Remember what a message is about, to know whom to call should it fail."""
    if event.referral is None:
        return
    ref = Ref(ToldMessage, event.message)
    fresh = ToldMessage(id=event.message, referral=event.referral, template=event.template)

    def keep(found: Found) -> Change[None]:
        return Change(None, [] if found.get(ref) else [fresh])

    await desk.store.update([ref], keep)


async def did_not_arrive(
    desk: Desk, event: MessageFailed | MessageUnknown | MessageCancelled
) -> None:
    """Have somebody called instead."""
    match event:
        case MessageCancelled() if event.reason not in _UNREACHABLE:
            return
        case MessageCancelled():
            cause = FollowUpCause.ANOTHER_CHANNEL
        case MessageFailed():
            cause = FollowUpCause.MESSAGE_FAILED
        case MessageUnknown():
            cause = FollowUpCause.MESSAGE_UNKNOWN
    told = await _set_trouble(desk, event.message, cause)
    if told is not None:
        await _run(desk, told.referral, AskForCall(told.call, cause))


async def arrived(desk: Desk, event: MessageSent | MessageDelivered) -> None:
    """Take back the call for a message that has arrived after all."""
    told = await desk.store.get(ToldMessage, event.message)
    trouble = told.trouble if told else None
    if told is None or trouble is None:
        return
    if isinstance(event, MessageSent) and trouble is not FollowUpCause.MESSAGE_UNKNOWN:
        return
    await _set_trouble(desk, event.message, None)
    others = {"referral": told.referral, "trouble": trouble.value}
    if not [each async for each in desk.store.find(ToldMessage, others, limit=1)]:
        await _run(desk, told.referral, CallNotNeeded(trouble))


async def opted_out(desk: Desk, event: PersonOptedOut) -> None:
    """Ask for another way to every referral of which this person is told."""
    wish = AskForCall(FollowUpKind.CALL_FAMILY, FollowUpCause.ANOTHER_CHANNEL)
    for referral in await _told_to(desk, event.person):
        await _run(desk, referral, wish)


async def opted_in(desk: Desk, event: PersonOptedIn) -> None:
    """No other way is needed any more."""
    for referral in await _told_to(desk, event.person):
        await _run(desk, referral, CallNotNeeded(FollowUpCause.ANOTHER_CHANNEL))


async def wrote(desk: Desk, event: MessageReplied) -> None:
    """Have somebody read and answer what was no plain answer, or a no to what was no question.

    After the question whether the help arrived, words are an answer of their own: a dispute.
    """
    asked = event.template is Template.FAMILY_DID_HELP_ARRIVE
    if event.referral is not None and event.reply in _NEED_READING and not asked:
        wish = AskForCall(FollowUpKind.CALL_FAMILY, FollowUpCause.FAMILY_WROTE)
        await _run(desk, event.referral, wish)


async def answered(desk: Desk, event: MessageReplied) -> None:
    """Take an answer to whether the help arrived from who may be told of it, as of now.

    Whoever may not any more settles nothing by it, neither with a yes nor with a no: it is for the
    coordinator to read.

    Raises:
        EnlaceError: no such referral.
    """
    if event.referral is None:
        return
    known = await desk.store.get(Referral, event.referral)
    if known is None:
        raise unknown("referral")
    own, home = Ref(Referral, known.id), Ref(Family, known.family)

    def take(found: Found) -> Change[None]:
        current = found.get(own)
        if current is None:
            raise unknown("referral")
        wish: Answer | AskForCall = Answer(ReplyCode(event.reply))
        if may_not_be_told(current, found.get(home), event.person) is not None:
            if event.reply not in _ANSWERS:
                return Change(None)
            wish = AskForCall(FollowUpKind.CALL_FAMILY, FollowUpCause.FAMILY_WROTE)
        return referrals.changed(desk, current, wish, desk.clock.now())

    await desk.store.update([own, home], take)


async def staff_replied(desk: Desk, event: MessageSent) -> None:
    """Take what the family wrote as answered once a colleague's words have gone out."""
    if event.template is Template.STAFF_REPLY and event.referral is not None:
        await _run(desk, event.referral, CallNotNeeded(FollowUpCause.FAMILY_WROTE))


async def number_wrong(desk: Desk, event: NumberWrong) -> None:
    """Ask for the right number wherever this person is told."""
    wish = AskForCall(FollowUpKind.CALL_FAMILY, FollowUpCause.WRONG_NUMBER)
    for referral in await _told_to(desk, event.person):
        await _run(desk, referral, wish)


async def _set_trouble(desk: Desk, message: str, cause: FollowUpCause | None) -> ToldMessage | None:
    ref = Ref(ToldMessage, message)

    def mark(found: Found) -> Change[ToldMessage | None]:
        known = found.get(ref)
        if known is None or known.trouble is cause:
            return Change(known)
        return Change(known, [known.having(trouble=cause)])

    return await desk.store.update([ref], mark)


async def _told_to(desk: Desk, person: str) -> list[str]:
    families = [each.id async for each in desk.store.find(Family, {"contacts.id": person})]
    told = {
        "$or": [
            {"family": {"$in": families}, "audience": Audience.GUARDIAN.value},
            {"student": person, "audience": Audience.STUDENT.value},
        ],
        # What calls for nobody and waits for nothing is over.
        "state": {"$nin": ["cancelled", "entered-in-error", "rejected", "failed"]},
    }
    return [each.id async for each in desk.store.find(Referral, told)]


async def _run(desk: Desk, referral: str, wish: AskForCall | CallNotNeeded) -> None:
    if await desk.store.get(Referral, referral) is not None:
        await referrals.command(desk, referral, wish)
