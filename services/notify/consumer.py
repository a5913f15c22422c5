"""What notify does when something happens elsewhere: it remembers, and opens notices."""

from datetime import UTC, datetime, time, timedelta
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
from contracts.codes import Audience, LinkPurpose, Template
from contracts.follow_ups import FollowUpDue, FollowUpKind
from contracts.help_requests import HelpRequestHandled, HelpRequestReceived
from contracts.offerings import (
    DeletionAsked,
    IdentityCodeRequested,
    OfferClaimed,
    OfferDeclined,
    OfferingOpened,
    OfferReminded,
    OfferReplySettled,
    OfferWithdrawn,
)
from contracts.referrals import (
    ReferralAccepted,
    ReferralAwaitingConsent,
    ReferralOffered,
    ReferralQuestionAnswered,
    ReferralRequested,
    ReferralScheduled,
)
from services.chassis.clock import Clock
from services.chassis.consumer.reactions import Reactions
from services.chassis.store import Store
from services.notify.model.cause import (
    KnownReferral,
    LinkSource,
)
from services.notify.model.contact import Book
from services.notify.offer_notices import OfferNotices
from services.notify.opener import Opener
from services.notify.remembering import remember
from services.notify.store import answers_for

REMINDED = (timedelta(hours=48), timedelta(hours=2))
"""How long before an appointment somebody is reminded of it."""

_HOUR = timedelta(hours=1)
_ON_THE_WAY = timedelta(minutes=15)
"""So shortly before it nobody needs to hear of it any more."""


def reactions(store: Store, clock: Clock) -> Reactions:
    """Return the consumer's table: event, and what is done about it."""
    table = Reactions()
    remember(table, store)  # first: what is told of an event may speak of what it has brought
    notices, offers = _Notices(store, clock), OfferNotices(store, clock)
    table.on(ReferralOffered, notices.asked)
    table.on(ReferralRequested, notices.asked)
    table.on(ReferralAccepted, notices.accepted)
    table.on(ReferralScheduled, notices.scheduled)
    table.on(FollowUpDue, notices.follow_up_due)
    table.on(OfferingOpened, offers.offered)
    table.on(OfferReminded, offers.reminded)
    table.on(OfferWithdrawn, offers.withdrawn)
    table.on(ReferralQuestionAnswered, offers.question_answered)
    table.on(OfferReplySettled, offers.reply_settled)
    table.on(ReferralAwaitingConsent, offers.awaiting_consent)
    table.on(OfferClaimed, offers.recorded)
    table.on(OfferDeclined, offers.recorded)
    table.on(IdentityCodeRequested, offers.code_requested)
    table.on(DeletionAsked, notices.asked_to_delete)
    table.on(OffersBatched, offers.offered_many)
    table.on(OffersTaken, offers.taken_many)
    table.on(EntriesAsked, notices.entries_asked)
    table.on(WebhookDisabled, notices.webhook_disabled)
    table.on(AgreementPaperDue, notices.paper_due)
    table.on(AgreementMilestoneOverdue, notices.milestone_overdue)
    table.on(HelpRequestReceived, notices.help_request_received)
    table.on(HelpRequestHandled, notices.help_request_handled)
    return table


class _Notices(Opener):
    """Turns what is not about an offer into notices."""

    async def asked(self, event: ReferralOffered | ReferralRequested, envelope: Envelope) -> None:
        known = await self.store.get(KnownReferral, event.referral)
        # After a sending that was undone the next one is the first that the family hears of.
        undone = known is not None and known.recalled == event.round - 1
        if event.round == 1 or undone:
            await self._family(Template.FAMILY_ASKED, event.referral, envelope, round=event.round)

    async def accepted(self, event: ReferralAccepted, envelope: Envelope) -> None:
        await self._family(Template.FAMILY_ACCEPTED, event.referral, envelope)
        await self.claimant(Template.AGENCY_ACCEPTED, event.referral, event.claim, envelope)

    async def scheduled(self, event: ReferralScheduled, envelope: Envelope) -> None:
        """Tell of an appointment, and remind of it; one that has moved is told anew.

        Reminders of the time before are held back by referral, which knows the present one.
        """
        about: dict[str, Any] = {
            "referral": event.referral,
            "appointment": event.appointment,
            "until": event.appointment - _ON_THE_WAY,
        }
        await self.open(Book.PEOPLE, Template.FAMILY_APPOINTMENT, envelope, **about)
        for before in REMINDED:
            at = event.appointment - before
            if at > self.clock.now():
                reminder = envelope._replace(id=f"{envelope.id}-{before // _HOUR}h", time=at)
                template = Template.FAMILY_APPOINTMENT_REMINDER
                await self.open(Book.PEOPLE, template, reminder, **about)

    async def follow_up_due(self, event: FollowUpDue, envelope: Envelope) -> None:
        if event.kind is FollowUpKind.DID_HELP_ARRIVE:
            template = Template.FAMILY_DID_HELP_ARRIVE
            await self._family(template, event.referral, envelope, audience=event.audience)

    async def asked_to_delete(self, event: DeletionAsked, envelope: Envelope) -> None:
        """Send the link to the page of the confirmation; no message says which child it was."""
        page = LinkSource(
            purpose=LinkPurpose.AGENCY_DELETION, subject=event.request, nonce=event.nonce
        )
        await self.open(
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
        await self.open(
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
            await self.open(Book.AGENCIES, template, envelope, person=event.contact)

    async def paper_due(self, event: AgreementPaperDue, envelope: Envelope) -> None:
        """Tell an agency that a paper of its agreement runs out."""
        contact = await answers_for(self.store, event.agency)
        if contact is None:
            return
        await self.open(
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
        contact = await answers_for(self.store, event.agency)
        if contact is None:
            return
        await self.open(
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

    async def _asker(self, template: Template, person: str | None, envelope: Envelope) -> None:
        """Tell whoever asked for help, in the name of the school; without one nobody could."""
        if person is not None and envelope.site is not None:
            await self.open(Book.PEOPLE, template, envelope, person=person, site=envelope.site)

    async def _family(
        self,
        template: Template,
        referral: str,
        envelope: Envelope,
        *,
        round: int | None = None,
        audience: Audience | None = None,
    ) -> None:
        await self.open(
            Book.PEOPLE, template, envelope, referral=referral, round=round, audience=audience
        )
