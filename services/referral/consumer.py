"""What referral does when something happens elsewhere."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from functools import partial
from typing import TypeVar

from contracts.cloudevents import Envelope
from contracts.codes import Template
from contracts.consents import ConsentExpired, ConsentGranted, ConsentStarted
from contracts.event import Event
from contracts.follow_ups import FollowUpCause, FollowUpKind
from contracts.help_requests import HelpTexted
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
from contracts.offerings import (
    DeletionAsked,
    DeletionReported,
    OfferClaimed,
    OfferContested,
    OfferDeclined,
    OfferExpired,
    OfferingExpired,
    OfferingOpened,
    OfferingWaveDropped,
    OfferPromoted,
    OfferQuestionAsked,
    OfferReminded,
    OfferWithdrawn,
    ProgressReported,
    WithdrawalReason,
)
from contracts.referrals import Candidate
from services.chassis.acting import Acting, ActorKind, Via, acting_as
from services.chassis.consumer.reactions import Reactions
from services.chassis.store import Change, Found, Ref, Store
from services.referral.handlers import (
    consents,
    deletions,
    help_requests,
    messages,
    questions,
    referrals,
)
from services.referral.handlers.desk import Desk
from services.referral.model import commands
from services.referral.model.follow_up_commands import AskForCall
from services.referral.model.referral import Referral
from services.referral.store import TimelineEntry, short

E = TypeVar("E", bound=Event)


def reactions(desk: Desk) -> Reactions:
    """Return the consumer's table: event, and what is done about it."""
    table = Reactions()
    told = _Timeline(desk.store)
    subscriber = _Subscriber(desk)
    _of_offerings(table, told, subscriber)
    _of_messages(table, told, subscriber, desk)
    table.on(ConsentGranted, subscriber.consented)
    table.on(ConsentStarted, subscriber.consented)
    table.on(ConsentExpired, subscriber.consented)
    table.on(HelpTexted, subscriber.asked_for_help)
    return table


def _of_offerings(table: Reactions, told: "_Timeline", subscriber: "_Subscriber") -> None:
    table.on(OfferingOpened, told.of_offering)
    table.on(OfferingOpened, subscriber.opened)
    table.on(OfferClaimed, told.of_offering)
    table.on(OfferClaimed, subscriber.claimed)
    table.on(OfferPromoted, told.of_offering)
    table.on(OfferPromoted, subscriber.promoted)
    table.on(OfferDeclined, told.of_offering)
    table.on(OfferDeclined, subscriber.declined)
    table.on(OfferContested, told.of_offering)
    table.on(OfferContested, subscriber.contested)
    table.on(OfferQuestionAsked, told.of_offering)
    table.on(OfferQuestionAsked, subscriber.question_asked)
    table.on(OfferClaimed, subscriber.question_over)
    table.on(OfferDeclined, subscriber.question_over)
    table.on(OfferExpired, subscriber.question_over)
    table.on(OfferWithdrawn, subscriber.question_over)
    table.on(OfferReminded, told.of_offering)
    table.on(OfferWithdrawn, told.of_offering)
    table.on(OfferWithdrawn, subscriber.withdrawn)
    table.on(OfferingWaveDropped, subscriber.wave_dropped)
    table.on(OfferExpired, told.of_offering)
    table.on(OfferingExpired, told.of_offering)
    table.on(OfferingExpired, subscriber.expired)
    table.on(ProgressReported, subscriber.reported)
    table.on(DeletionAsked, told.of_offering)
    table.on(DeletionReported, told.of_offering)
    table.on(DeletionReported, subscriber.deleted)


def _of_messages(
    table: Reactions, told: "_Timeline", subscriber: "_Subscriber", desk: Desk
) -> None:
    table.on(MessageSent, told.of_message)
    table.on(MessageDelivered, told.of_message)
    table.on(MessageFailed, told.of_message)
    table.on(MessageReplied, told.of_message)
    table.on(MessageReplied, subscriber.replied)
    table.on(MessageQueued, partial(_handle, desk, messages.keep_queued))
    table.on(MessageSent, partial(_handle, desk, messages.arrived))
    table.on(MessageDelivered, partial(_handle, desk, messages.arrived))
    table.on(MessageFailed, partial(_handle, desk, messages.did_not_arrive))
    table.on(MessageUnknown, partial(_handle, desk, messages.did_not_arrive))
    table.on(MessageCancelled, partial(_handle, desk, messages.did_not_arrive))
    table.on(PersonOptedOut, partial(_handle, desk, messages.opted_out))
    table.on(PersonOptedIn, partial(_handle, desk, messages.opted_in))
    table.on(MessageReplied, partial(_handle, desk, messages.wrote))
    table.on(MessageSent, partial(_handle, desk, messages.staff_replied))
    table.on(NumberWrong, partial(_handle, desk, messages.number_wrong))


async def _handle(
    desk: Desk, handler: Callable[[Desk, E], Awaitable[None]], event: E, envelope: Envelope
) -> None:
    del envelope
    await handler(desk, event)


class _Subscriber:
    """Turns events into commands."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def opened(self, event: OfferingOpened, envelope: Envelope) -> None:
        """Have somebody call those that no message asks."""
        del envelope
        for offer in event.offers:
            if offer.by_phone:
                cause = FollowUpCause.ASK_BY_PHONE
                call = AskForCall(FollowUpKind.ASK_AGENCY, cause, offer.offer)
                await self._run(event.referral, call)

    async def claimed(self, event: OfferClaimed, envelope: Envelope) -> None:
        del envelope
        with acting_as(_answered(event)):
            await self._claim(event)

    async def promoted(self, event: OfferPromoted, envelope: Envelope) -> None:
        del envelope
        await self._claim(event, held_until=event.answer_by)

    async def _claim(
        self, event: OfferClaimed | OfferPromoted, *, held_until: datetime | None = None
    ) -> None:
        def wish(consented: bool) -> commands.Claim:  # noqa: FBT001 - one flag, its only argument
            return commands.Claim(
                claim=event.claim,
                service=event.service,
                agency=event.agency,
                round=event.round,
                consented=consented,
                held_until=held_until,
            )

        by = Candidate(service=event.service, agency=event.agency)
        await referrals.claim(self._desk, event.referral, wish, by)

    async def declined(self, event: OfferDeclined, envelope: Envelope) -> None:
        del envelope
        if event.last:
            with acting_as(_answered(event)):
                await self._run(
                    event.referral, commands.NobodyTookIt(event.round, event.reason, event.wave)
                )

    async def contested(self, event: OfferContested, envelope: Envelope) -> None:
        del envelope
        with acting_as(_agency(event.agency)):
            await self._run(
                event.referral,
                AskForCall(FollowUpKind.CALL_AGENCY, FollowUpCause.ANSWER_CONTESTED),
            )

    async def question_asked(self, event: OfferQuestionAsked, envelope: Envelope) -> None:
        with acting_as(_agency(event.agency)):
            await questions.asked(self._desk, event, envelope.time)

    async def question_over(
        self,
        event: OfferClaimed | OfferDeclined | OfferExpired | OfferWithdrawn,
        envelope: Envelope,
    ) -> None:
        del envelope
        await questions.over(self._desk, event.referral, event.offer)

    async def expired(self, event: OfferingExpired, envelope: Envelope) -> None:
        del envelope
        await self._run(event.referral, commands.Expire(event.round, event.wave))

    async def withdrawn(self, event: OfferWithdrawn, envelope: Envelope) -> None:
        """Follow the school's own word on one offer; the other reasons come from here."""
        del envelope
        if event.reason is not WithdrawalReason.NOT_NEEDED:
            return
        if event.round is None or event.service is None:
            return
        candidate = Candidate(service=event.service, agency=event.agency)
        wish = commands.WithdrawOffer(candidate, event.round, event.wave, event.last)
        await self._run(event.referral, wish)

    async def wave_dropped(self, event: OfferingWaveDropped, envelope: Envelope) -> None:
        del envelope
        wish = commands.DropWave(
            event.candidates, event.round, event.wave, event.latest, event.last
        )
        await self._run(event.referral, wish)

    async def reported(self, event: ProgressReported, envelope: Envelope) -> None:
        del envelope
        wish = commands.Report(event.claim, event.progress, event.appointment, event.outcome)
        known = await self._desk.store.get(Referral, event.referral)
        agency = known.claim.agency if known and known.claim else ""
        with acting_as(_agency(agency)):
            await self._run(event.referral, wish)

    async def replied(self, event: MessageReplied, envelope: Envelope) -> None:
        del envelope
        if event.template is Template.FAMILY_DID_HELP_ARRIVE:
            with acting_as(Acting(ActorKind.FAMILY, event.person, Via.TEXT_MESSAGE)):
                await messages.answered(self._desk, event)

    async def deleted(self, event: DeletionReported, envelope: Envelope) -> None:
        with acting_as(_agency(event.agency)):
            await deletions.confirmed_by_agency(
                self._desk, event.request, event.agency, envelope.time
            )

    async def consented(
        self, event: ConsentGranted | ConsentStarted | ConsentExpired, envelope: Envelope
    ) -> None:
        del envelope
        await consents.honour_consents(self._desk, event.student)

    async def asked_for_help(self, event: HelpTexted, envelope: Envelope) -> None:
        await help_requests.texted(self._desk, event, envelope.time)

    async def _run(self, referral: str, wish: commands.Command) -> None:
        await referrals.command(self._desk, referral, wish)


def _agency(id: str) -> Acting:
    """Return an agency that has answered behind its link."""
    return Acting(ActorKind.AGENCY, id, Via.AGENCY_LINK)


def _answered(event: OfferClaimed | OfferDeclined) -> Acting:
    """Return who has answered: the agency, or staff who recorded what it said by telephone."""
    if event.recorded_by is None:
        return _agency(event.agency)
    return Acting(ActorKind.STAFF, event.recorded_by, Via.TELEPHONE)


_TOLD = (
    "agency",
    "service",
    "person",
    "template",
    "channel",
    "language",
    "reply",
    "reason",
    "progress",
    "recorded_by",
)


class _Timeline:
    """Folds the other services' events into the timeline of a referral."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def of_offering(self, event: Event, envelope: Envelope) -> None:
        await self._note(envelope.key, event, envelope.id, envelope.time)

    async def of_message(
        self,
        event: MessageSent | MessageDelivered | MessageFailed | MessageReplied,
        envelope: Envelope,
    ) -> None:
        if event.referral is not None:
            await self._note(event.referral, event, envelope.id, envelope.time)

    async def _note(self, referral: str, event: Event, id: str, at: datetime) -> None:
        ref = Ref(TimelineEntry, id)
        about = {
            name: str(value) for name in _TOLD if (value := getattr(event, name, None)) is not None
        }

        def note(found: Found) -> Change[None]:
            if found.get(ref) is not None:
                return Change(None)
            entry = TimelineEntry(
                id=id, referral=referral, at=at, what=short(event.TYPE), about=about
            )
            return Change(None, [entry])

        await self._store.update([ref], note)
