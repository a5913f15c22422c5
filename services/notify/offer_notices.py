"""What agencies hear of their offers: asked, reminded, answered, and asked no more."""

from contracts.agencies import OffersBatched, OffersTaken
from contracts.cloudevents import Envelope
from contracts.codes import LinkPurpose, OfferReplyResult, Template
from contracts.offerings import (
    IdentityCodeRequested,
    OfferClaimed,
    OfferDeclined,
    OfferingOpened,
    OfferReminded,
    OfferReplySettled,
    OfferWithdrawn,
    WithdrawalReason,
)
from contracts.referrals import ReferralAwaitingConsent, ReferralQuestionAnswered
from services.notify.model.cause import IDENTITY, KnownOffering, LinkSource, Many
from services.notify.model.contact import Book
from services.notify.offer_texts import number_batch
from services.notify.opener import Opener

_SETTLED = {
    OfferReplyResult.NOTED: Template.AGENCY_TEXT_NOTED,
    OfferReplyResult.TAKEN: Template.AGENCY_TAKEN,
    OfferReplyResult.NO_SEAT: Template.AGENCY_TEXT_NO_SEAT,
    OfferReplyResult.NOT_DONE: Template.AGENCY_TEXT_NOT_DONE,
}
_WITHDRAWN = {
    WithdrawalReason.TAKEN: Template.AGENCY_TAKEN,
    WithdrawalReason.NOT_NEEDED: Template.AGENCY_NOT_NEEDED,
}


class OfferNotices(Opener):
    """Turns what happens to offers into notices."""

    async def offered(self, event: OfferingOpened, envelope: Envelope) -> None:
        """Tell each contact once, with a link for each of its offers.

        Of many that were made at once it is told when all of them are there.
        """
        if event.batch is not None:
            return
        known = await self.store.get(KnownOffering, event.referral)
        written = [each.offer for each in event.offers if each.contact and not each.by_phone]
        made = [known.offers[each] for each in written] if known else []
        for contact in dict.fromkeys(each.contact for each in made):
            links = tuple(each.link for each in made if each.contact == contact)
            await self.open(
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

    async def reminded(self, event: OfferReminded, envelope: Envelope) -> None:
        """Ask once more who has not answered yet."""
        made = await self.made(event.referral, event.offer)
        if made is None or made.answered:
            return
        await self.open(
            Book.AGENCIES,
            Template.AGENCY_OFFER_REMINDER,
            envelope,
            until=event.answer_by,
            referral=event.referral,
            round=event.round,
            site=envelope.site,
            person=made.contact,
            links=(made.link,),
            answer_by=event.answer_by,
        )

    async def withdrawn(self, event: OfferWithdrawn, envelope: Envelope) -> None:
        """Tell who need not answer any more; what was cancelled is not told."""
        template = _WITHDRAWN.get(event.reason)
        if template is None:
            return
        await self.open(
            Book.AGENCIES,
            template,
            envelope,
            referral=event.referral,
            site=envelope.site,
            person=event.contact,
        )

    async def awaiting_consent(self, event: ReferralAwaitingConsent, envelope: Envelope) -> None:
        """Tell an agency that its yes is kept: otherwise it would hear nothing for days."""
        await self.claimant(Template.AGENCY_CONSENT_ASKED, event.referral, event.claim, envelope)

    async def reply_settled(self, event: OfferReplySettled, envelope: Envelope) -> None:
        """Answer an agency's text."""
        template = _SETTLED.get(event.result)
        if template is not None:
            await self.holder(template, event.referral, event.offer, envelope)

    async def recorded(self, event: OfferClaimed | OfferDeclined, envelope: Envelope) -> None:
        """Give an agency its link again, to see and contest what the school recorded for it."""
        if event.recorded_by is not None:
            template = Template.AGENCY_ANSWER_RECORDED
            await self.holder(template, event.referral, event.offer, envelope)

    async def question_answered(self, event: ReferralQuestionAnswered, envelope: Envelope) -> None:
        """Tell an agency what the school answers to its question, with its link again."""
        await self.holder(
            Template.AGENCY_QUESTION_ANSWERED,
            event.referral,
            event.offer,
            envelope,
            answer=event.answer,
            answer_by=event.answer_by,
        )

    async def code_requested(self, event: IdentityCodeRequested, envelope: Envelope) -> None:
        """Send the code that opens who a child is."""
        code = LinkSource(purpose=IDENTITY, subject=event.offer, nonce=event.nonce)
        await self.open(
            Book.AGENCIES,
            Template.AGENCY_IDENTITY_CODE,
            envelope,
            until=event.expires,
            referral=event.referral,
            site=envelope.site,
            person=event.contact,
            links=(code,),
        )

    async def offered_many(self, event: OffersBatched, envelope: Envelope) -> None:
        """Tell a contact of many offers in one message, with one number and one link."""
        page = LinkSource(
            purpose=LinkPurpose.AGENCY_BATCH,
            subject=event.batch,
            nonce=event.nonce,
            number=await number_batch(self.store, event, envelope.time),
        )
        await self.open(
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
        await self.open(
            Book.AGENCIES,
            Template.AGENCY_OFFERS_TAKEN,
            envelope,
            site=event.site,
            person=event.contact,
            links=(page,),
            many=many,
        )
