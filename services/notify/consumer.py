"""What notify does when something happens elsewhere: it remembers, and opens notices."""

from datetime import UTC, datetime, time
from typing import Any

from contracts.agencies import (
    AgreementMilestoneOverdue,
    AgreementPaperDue,
    EntriesAsked,
    OffersBatched,
    OffersTaken,
    WebhookDisabled,
)
from contracts.cloudevents import Envelope
from contracts.codes import Audience, LinkPurpose, OfferReplyResult, Template
from contracts.follow_ups import FollowUpDue, FollowUpKind
from contracts.help_requests import HelpRequestHandled, HelpRequestReceived
from contracts.offerings import (
    DeletionAsked,
    IdentityCodeRequested,
    OfferClaimed,
    OfferDeclined,
    OfferingOpened,
    OfferReplySettled,
    OfferWithdrawn,
    WithdrawalReason,
)
from contracts.referrals import (
    ReferralAccepted,
    ReferralAwaitingConsent,
    ReferralOffered,
    ReferralRequested,
)
from services.chassis.clock import Clock
from services.chassis.consumer.reactions import Reactions
from services.chassis.store import Store
from services.notify.handlers import open_notice
from services.notify.model.cause import (
    IDENTITY,
    KnownOffering,
    KnownReferral,
    LinkSource,
    Many,
)
from services.notify.model.contact import Book
from services.notify.model.notice import notice_for
from services.notify.offer_texts import number_batch
from services.notify.remembering import remember
from services.notify.store import answers_for

_SETTLED = {
    OfferReplyResult.NOTED: Template.AGENCY_TEXT_NOTED,
    OfferReplyResult.TAKEN: Template.AGENCY_TAKEN,
    OfferReplyResult.NO_SEAT: Template.AGENCY_TEXT_NO_SEAT,
    OfferReplyResult.NOT_DONE: Template.AGENCY_TEXT_NOT_DONE,
}


def reactions(store: Store, clock: Clock) -> Reactions:
    """Return the consumer's table: event, and what is done about it."""
    table = Reactions()
    remember(table, store)  # first: what is told of an event may speak of what it has brought
    notices = _Notices(store, clock)
    table.on(ReferralOffered, notices.asked)
    table.on(ReferralRequested, notices.asked)
    table.on(ReferralAccepted, notices.accepted)
    table.on(FollowUpDue, notices.follow_up_due)
    table.on(OfferingOpened, notices.offered)
    table.on(OfferWithdrawn, notices.withdrawn)
    table.on(OfferReplySettled, notices.reply_settled)
    table.on(ReferralAwaitingConsent, notices.awaiting_consent)
    table.on(OfferClaimed, notices.recorded)
    table.on(OfferDeclined, notices.recorded)
    table.on(IdentityCodeRequested, notices.code_requested)
    table.on(DeletionAsked, notices.asked_to_delete)
    table.on(OffersBatched, notices.offered_many)
    table.on(OffersTaken, notices.taken_many)
    table.on(EntriesAsked, notices.entries_asked)
    table.on(WebhookDisabled, notices.webhook_disabled)
    table.on(AgreementPaperDue, notices.paper_due)
    table.on(AgreementMilestoneOverdue, notices.milestone_overdue)
    table.on(HelpRequestReceived, notices.help_request_received)
    table.on(HelpRequestHandled, notices.help_request_handled)
    return table


class _Notices:
    """Turns events into notices; what is no news any more is left."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def asked(self, event: ReferralOffered | ReferralRequested, envelope: Envelope) -> None:
        known = await self._store.get(KnownReferral, event.referral)
        # After a sending that was undone the next one is the first that the family hears of.
        undone = known is not None and known.recalled == event.round - 1
        if event.round == 1 or undone:
            await self._family(Template.FAMILY_ASKED, event.referral, envelope, round=event.round)

    async def accepted(self, event: ReferralAccepted, envelope: Envelope) -> None:
        await self._family(Template.FAMILY_ACCEPTED, event.referral, envelope)
        await self._claimant(Template.AGENCY_ACCEPTED, event.referral, event.claim, envelope)

    async def follow_up_due(self, event: FollowUpDue, envelope: Envelope) -> None:
        if event.kind is FollowUpKind.DID_HELP_ARRIVE:
            template = Template.FAMILY_DID_HELP_ARRIVE
            await self._family(template, event.referral, envelope, audience=event.audience)

    async def offered(self, event: OfferingOpened, envelope: Envelope) -> None:
        """Tell each contact once, with a link for each of its offers.

        Of many that were made at once it is told when all of them are there.
        """
        if event.batch is not None:
            return
        known = await self._store.get(KnownOffering, event.referral)
        made = [known.offers[offer.offer] for offer in event.offers] if known else []
        for contact in dict.fromkeys(each.contact for each in made):
            links = tuple(each.link for each in made if each.contact == contact)
            await self._open(
                Book.AGENCIES,
                Template.AGENCY_OFFER,
                envelope,
                id=f"{envelope.id}-{contact}",
                until=event.answer_by,
                referral=event.referral,
                round=event.round,
                site=event.site,
                person=contact,
                links=links,
                answer_by=event.answer_by,
            )

    async def offered_many(self, event: OffersBatched, envelope: Envelope) -> None:
        """Tell a contact of many offers in one message, with one number and one link."""
        page = LinkSource(
            purpose=LinkPurpose.AGENCY_BATCH,
            subject=event.batch,
            nonce=event.nonce,
            number=await number_batch(self._store, event, envelope.time),
        )
        await self._open(
            Book.AGENCIES,
            Template.AGENCY_OFFERS,
            envelope,
            until=event.answer_by,
            site=event.site,
            person=event.contact,
            links=(page,),
            many=Many(count=event.count),
            answer_by=event.answer_by,
        )

    async def taken_many(self, event: OffersTaken, envelope: Envelope) -> None:
        """Tell what came of an agency's word on many offers."""
        page = LinkSource(purpose=LinkPurpose.AGENCY_BATCH, subject=event.batch, nonce=event.nonce)
        many = Many(
            count=event.asked, taken=event.taken, left=event.left, result=event.result.value
        )
        await self._open(
            Book.AGENCIES,
            Template.AGENCY_OFFERS_TAKEN,
            envelope,
            site=event.site,
            person=event.contact,
            links=(page,),
            many=many,
        )

    async def withdrawn(self, event: OfferWithdrawn, envelope: Envelope) -> None:
        if event.reason is not WithdrawalReason.TAKEN:
            return
        await self._open(
            Book.AGENCIES,
            Template.AGENCY_TAKEN,
            envelope,
            referral=event.referral,
            site=envelope.site,
            person=event.contact,
        )

    async def awaiting_consent(self, event: ReferralAwaitingConsent, envelope: Envelope) -> None:
        """Tell an agency that its yes is kept: otherwise it would hear nothing for days."""
        await self._claimant(Template.AGENCY_CONSENT_ASKED, event.referral, event.claim, envelope)

    async def reply_settled(self, event: OfferReplySettled, envelope: Envelope) -> None:
        """Answer an agency's text."""
        template = _SETTLED.get(event.result)
        if template is not None:
            await self._holder(template, event.referral, event.offer, envelope)

    async def recorded(self, event: OfferClaimed | OfferDeclined, envelope: Envelope) -> None:
        """Give an agency its link again, to see and contest what the school recorded for it."""
        if event.recorded_by is not None:
            template = Template.AGENCY_ANSWER_RECORDED
            await self._holder(template, event.referral, event.offer, envelope)

    async def code_requested(self, event: IdentityCodeRequested, envelope: Envelope) -> None:
        code = LinkSource(purpose=IDENTITY, subject=event.offer, nonce=event.nonce)
        await self._open(
            Book.AGENCIES,
            Template.AGENCY_IDENTITY_CODE,
            envelope,
            until=event.expires,
            referral=event.referral,
            site=envelope.site,
            person=event.contact,
            links=(code,),
        )

    async def asked_to_delete(self, event: DeletionAsked, envelope: Envelope) -> None:
        """Send the link to the page of the confirmation; no message says which child it was."""
        page = LinkSource(
            purpose=LinkPurpose.AGENCY_DELETION, subject=event.request, nonce=event.nonce
        )
        await self._open(
            Book.AGENCIES,
            Template.AGENCY_DELETE_AGAIN if event.again else Template.AGENCY_DELETE,
            envelope,
            site=envelope.site,
            person=event.contact,
            links=(page,),
            # Noon: the same day in every state.
            answer_by=datetime.combine(event.due_on, time(12), UTC),
        )

    async def entries_asked(self, event: EntriesAsked, envelope: Envelope) -> None:
        """Ask an agency whether its entries in the directory still hold."""
        page = LinkSource(
            purpose=LinkPurpose.AGENCY_ENTRIES, subject=event.agency, nonce=event.nonce
        )
        await self._open(
            Book.AGENCIES,
            Template.AGENCY_ENTRIES,
            envelope,
            person=event.contact,
            links=(page,),
        )

    async def webhook_disabled(self, event: WebhookDisabled, envelope: Envelope) -> None:
        """Tell an agency that its own system hears nothing any more."""
        if event.contact is not None:
            template = Template.AGENCY_WEBHOOK_DISABLED
            await self._open(Book.AGENCIES, template, envelope, person=event.contact)

    async def paper_due(self, event: AgreementPaperDue, envelope: Envelope) -> None:
        """Tell an agency that a paper of its agreement runs out."""
        contact = await answers_for(self._store, event.agency)
        if contact is None:
            return
        await self._open(
            Book.AGENCIES,
            Template.AGENCY_PAPER_DUE,
            envelope,
            site=event.site,
            person=contact.id,
            paper=event.paper,
            answer_by=datetime.combine(event.until, time(20), UTC),
        )

    async def milestone_overdue(self, event: AgreementMilestoneOverdue, envelope: Envelope) -> None:
        """Tell an agency that nobody has said that a milestone of its agreement is reached."""
        contact = await answers_for(self._store, event.agency)
        if contact is None:
            return
        await self._open(
            Book.AGENCIES,
            Template.AGENCY_MILESTONE_OVERDUE,
            envelope,
            site=event.site,
            person=contact.id,
            answer_by=datetime.combine(event.by, time(20), UTC),
        )

    async def help_request_received(self, event: HelpRequestReceived, envelope: Envelope) -> None:
        await self._asker(Template.FAMILY_REQUEST_RECEIVED, event.person, envelope)

    async def help_request_handled(self, event: HelpRequestHandled, envelope: Envelope) -> None:
        await self._asker(Template.FAMILY_REQUEST_HANDLED, event.person, envelope)

    async def _claimant(
        self, template: Template, referral: str, claim: str, envelope: Envelope
    ) -> None:
        """Write to whoever has made a claim, once that is known."""
        await self._open(Book.AGENCIES, template, envelope, referral=referral, claim=claim)

    async def _holder(
        self, template: Template, referral: str, offer: str, envelope: Envelope
    ) -> None:
        """Write to the person whom an offer went to, with its link; nobody where it is unknown."""
        known = await self._store.get(KnownOffering, referral)
        made = known.offers.get(offer) if known else None
        if made is None:
            return
        await self._open(
            Book.AGENCIES,
            template,
            envelope,
            referral=referral,
            site=envelope.site,
            person=made.contact,
            links=(made.link,),
        )

    async def _asker(self, template: Template, person: str | None, envelope: Envelope) -> None:
        """Tell whoever asked for help, in the name of the school; without one nobody could."""
        if person is not None and envelope.site is not None:
            await self._open(Book.PEOPLE, template, envelope, person=person, site=envelope.site)

    async def _family(
        self,
        template: Template,
        referral: str,
        envelope: Envelope,
        *,
        round: int | None = None,
        audience: Audience | None = None,
    ) -> None:
        await self._open(
            Book.PEOPLE, template, envelope, referral=referral, round=round, audience=audience
        )

    async def _open(
        self,
        book: Book,
        template: Template,
        envelope: Envelope,
        *,
        id: str | None = None,
        until: datetime | None = None,
        **about: Any,
    ) -> None:
        """Open a notice unless it is no news any more; `about` are fields of `Notice`."""
        notice = notice_for(
            template,
            cause=envelope.id,
            at=envelope.time,
            now=self._clock.now(),
            book=book,
            id=id,
            until=until,
        )
        await open_notice(self._store, notice and notice.having(**about))
