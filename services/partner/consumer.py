"""What partner does when something happens to a referral, or a consent is taken back."""

from datetime import datetime

from contracts.cloudevents import Envelope
from contracts.consents import DeletionConfirmed, DeletionOverdue, DeletionRequested
from contracts.messages import BatchReplied, OfferReplied
from contracts.referrals import (
    ReferralAccepted,
    ReferralAwaitingConsent,
    ReferralCancelled,
    ReferralClaimRefused,
    ReferralCompleted,
    ReferralDisputed,
    ReferralEnteredInError,
    ReferralFailed,
    ReferralOffered,
    ReferralQuestionAnswered,
    ReferralRecalled,
    ReferralRequested,
    ReferralTransferred,
    ReferralVerified,
    ReferralWaveAdded,
    ReferralWavesStopped,
)
from services.chassis.consumer.reactions import Reactions
from services.chassis.store import Store
from services.partner.handlers import batches, deletions, offers, questions, replies, waves
from services.partner.handlers.moments import Moments
from services.partner.handlers.offers import Links
from services.partner.model import outcomes
from services.partner.model.board import Board
from services.partner.model.offering import OfferState
from services.partner.model.opening import Round, priority_of
from services.partner.model.waves import stop as stop_waves


def reactions(store: Store, moments: Moments, links: Links) -> Reactions:
    """Return the consumer's table: event, and what is done about it."""
    table = Reactions()
    subscriber = _Subscriber(store, moments, links)
    table.on(ReferralOffered, subscriber.offered)
    table.on(ReferralRequested, subscriber.requested)
    table.on(ReferralWaveAdded, subscriber.wave_added)
    table.on(ReferralQuestionAnswered, subscriber.question_answered)
    table.on(ReferralWavesStopped, subscriber.waves_stopped)
    table.on(ReferralAccepted, subscriber.accepted)
    table.on(ReferralAwaitingConsent, subscriber.awaiting_consent)
    table.on(ReferralClaimRefused, subscriber.claim_refused)
    table.on(ReferralCancelled, subscriber.cancelled)
    table.on(ReferralEnteredInError, subscriber.entered_in_error)
    table.on(ReferralRecalled, subscriber.cancelled)
    table.on(ReferralTransferred, subscriber.transferred)
    table.on(ReferralCompleted, subscriber.completed)
    table.on(ReferralFailed, subscriber.failed)
    table.on(ReferralVerified, subscriber.verified)
    table.on(ReferralDisputed, subscriber.disputed)
    table.on(OfferReplied, subscriber.replied)
    table.on(BatchReplied, subscriber.batch_replied)
    table.on(DeletionRequested, subscriber.deletion_requested)
    table.on(DeletionOverdue, subscriber.deletion_overdue)
    table.on(DeletionConfirmed, subscriber.deletion_confirmed)
    return table


class _Subscriber:
    """Turns events into decisions. An event on an offering that is not known changes nothing."""

    def __init__(self, store: Store, moments: Moments, links: Links) -> None:
        self._store = store
        self._moments = moments
        self._clock = moments.clock
        self._links = links

    async def offered(self, event: ReferralOffered, envelope: Envelope) -> None:
        wish = Round(
            referral=event.referral,
            round=event.round,
            site=event.site,
            category=event.category,
            bands=event.bands,
            priority=priority_of(event.urgency),
            candidates=event.candidates,
            answer_by=event.answer_by,
            meant=envelope.time,
            waits=event.waits,
        )
        await offers.open_offering(self._store, wish, self._links, self._moments)

    async def requested(self, event: ReferralRequested, envelope: Envelope) -> None:
        wish = Round(
            referral=event.referral,
            round=event.round,
            site=event.site,
            category=event.category,
            bands=event.bands,
            priority=event.priority,
            candidates=(event.candidate,),
            answer_by=event.answer_by,
            meant=envelope.time,
            waits=event.waits,
            batch=event.batch,
        )
        going = await offers.open_offering(self._store, wish, self._links, self._moments)
        await batches.add(self._store, wish, going, self._clock.now())

    async def wave_added(self, event: ReferralWaveAdded, envelope: Envelope) -> None:
        await waves.add(self._store, event, envelope.time, self._links, self._moments)

    async def question_answered(self, event: ReferralQuestionAnswered, envelope: Envelope) -> None:
        del envelope
        await questions.settle(self._store, event, self._clock)

    async def waves_stopped(self, event: ReferralWavesStopped, envelope: Envelope) -> None:
        del envelope
        await offers.on_offering(
            self._store,
            event.referral,
            lambda board: stop_waves(board, event.referral, event.round),
        )

    async def accepted(self, event: ReferralAccepted, envelope: Envelope) -> None:
        del envelope
        await offers.on_offering(
            self._store,
            event.referral,
            lambda board: outcomes.accept(board, event.referral, event.claim, self._clock.now()),
        )

    async def awaiting_consent(self, event: ReferralAwaitingConsent, envelope: Envelope) -> None:
        del envelope
        await offers.on_offering(
            self._store,
            event.referral,
            lambda board: outcomes.await_consent(board, event.referral, event.claim),
        )

    async def claim_refused(self, event: ReferralClaimRefused, envelope: Envelope) -> None:
        del envelope
        at = self._moments.now()
        await offers.on_offering(
            self._store,
            event.referral,
            lambda board: outcomes.refuse(board, event.referral, event.claim, event.reason, at),
        )

    async def cancelled(
        self, event: ReferralCancelled | ReferralRecalled, envelope: Envelope
    ) -> None:
        del envelope
        at = self._moments.now()
        await offers.on_offering(
            self._store,
            event.referral,
            lambda board: outcomes.cancel(board, event.referral, at),
        )

    async def entered_in_error(self, event: ReferralEnteredInError, envelope: Envelope) -> None:
        del envelope
        at = self._moments.now()

        def undo(board: Board) -> None:
            outcomes.cancel(board, event.referral, at)
            outcomes.set_aside(board, event.referral)

        await offers.on_offering(self._store, event.referral, undo)

    async def transferred(self, event: ReferralTransferred, envelope: Envelope) -> None:
        del envelope
        await offers.on_offering(
            self._store,
            event.referral,
            lambda board: outcomes.move(board, event.referral, event.site),
        )

    async def completed(self, event: ReferralCompleted, envelope: Envelope) -> None:
        del envelope
        await self._end(event, OfferState.COMPLETED)

    async def failed(self, event: ReferralFailed, envelope: Envelope) -> None:
        del envelope
        await self._end(event, OfferState.FAILED)

    async def verified(self, event: ReferralVerified, envelope: Envelope) -> None:
        await self._verify(event.referral, envelope.time)

    async def disputed(self, event: ReferralDisputed, envelope: Envelope) -> None:
        del envelope
        await self._verify(event.referral, None)

    async def _verify(self, referral: str, at: datetime | None) -> None:
        await offers.on_offering(
            self._store, referral, lambda board: outcomes.verify(board, referral, at)
        )

    async def replied(self, event: OfferReplied, envelope: Envelope) -> None:
        del envelope
        await replies.answer(self._store, event, self._moments)

    async def batch_replied(self, event: BatchReplied, envelope: Envelope) -> None:
        del envelope
        await batches.reply(self._store, event, self._clock.now())

    async def deletion_requested(self, event: DeletionRequested, envelope: Envelope) -> None:
        await deletions.ask(self._store, event, envelope.site, self._links, self._clock)

    async def deletion_overdue(self, event: DeletionOverdue, envelope: Envelope) -> None:
        del envelope
        await deletions.remind(self._store, event, self._links, self._clock)

    async def deletion_confirmed(self, event: DeletionConfirmed, envelope: Envelope) -> None:
        del envelope
        await deletions.settle(self._store, event, self._clock)

    async def _end(self, event: ReferralCompleted | ReferralFailed, state: OfferState) -> None:
        at = self._moments.now()
        how = outcomes.End(state, event.outcome)
        await offers.on_offering(
            self._store,
            event.referral,
            lambda board: outcomes.end(board, event.referral, event.claim, how, at),
        )
