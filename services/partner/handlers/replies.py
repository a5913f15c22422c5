"""Agencies' answers by text: the same decisions as behind their links, told back by a text."""

from collections.abc import Awaitable
from dataclasses import dataclass
from datetime import datetime

from contracts.codes import DeclineReason, OfferReply, OfferReplyResult, Progress
from contracts.messages import OfferReplied
from contracts.offerings import OfferReplySettled
from services.chassis.clock import Clock
from services.chassis.district import DistrictCopy
from services.chassis.errors import EnlaceError, Kind, unknown
from services.chassis.store import Change, Store
from services.partner.handlers import attendance, capacities, offers, questions
from services.partner.handlers.moments import Moments
from services.partner.model import answers
from services.partner.model.agency import Agency
from services.partner.model.offering import Offer, Offering
from services.partner.model.progress import Report
from services.partner.model.service import Service
from services.partner.store import AgencyLink

_PROGRESS = {
    OfferReply.STARTED: Progress.STARTED,
    OfferReply.COMPLETED: Progress.COMPLETED,
    OfferReply.NO_SHOW: Progress.NO_SHOW,
    OfferReply.COULD_NOT_CONTACT: Progress.COULD_NOT_CONTACT,
}
_RESULTS = {"taken": OfferReplyResult.TAKEN, "no-seat": OfferReplyResult.NO_SEAT}
_REFUSALS = frozenset({Kind.RULE, Kind.UNKNOWN})


async def answer(store: Store, event: OfferReplied, moments: Moments) -> None:
    """Do what an agency's text says, and tell what came of it; a refusal changes nothing.

    A text holds as long as the offer's link does: one that was revoked answers nothing any more.
    It counts as of when it came in: who answered in time is not late since we read it late.
    """
    offering = await store.get(Offering, event.referral)
    offer = offering.offer(event.offer) if offering else None
    if offering is None or offer is None or offer.contact != event.person:
        return  # no text of ours has told this number
    result = OfferReplyResult.NOTED
    came = _CameIn(min(event.at, moments.clock.now()))
    try:
        await _need_link(store, offer, came)
        await _do(store, offering, offer, event, moments, came)
    except EnlaceError as refusal:
        if refusal.kind not in _REFUSALS:
            raise
        result = _RESULTS.get(refusal.slug, OfferReplyResult.NOT_DONE)
    if result is OfferReplyResult.NOTED and event.reply is OfferReply.YES:
        return  # the claim's own way tells the agency
    settled = OfferReplySettled(
        referral=offering.id,
        offer=offer.id,
        agency=offer.agency,
        contact=offer.contact,
        reply=event.reply,
        result=result,
    )
    await store.update([], lambda _: Change(None, [], [settled], offering.site))


@dataclass(frozen=True, slots=True)
class _CameIn:
    """The clock of a text: it stands at the moment at which the text came in."""

    at: datetime

    def now(self) -> datetime:
        """Return that moment."""
        return self.at


def _do(  # noqa: PLR0917 - what an answer is made of
    store: Store,
    offering: Offering,
    offer: Offer,
    event: OfferReplied,
    moments: Moments,
    clock: Clock,
) -> Awaitable[object]:
    """Return what is to be done, by the word of the text, as of when it came in."""
    match event.reply:
        case OfferReply.YES:
            return offers.claim(store, offering, offer, clock)
        case OfferReply.NO:
            return _decline(store, offering, offer, event, clock)
        case OfferReply.WAIT:
            return offers.wait(store, offering.id, offer.id, clock)
        case OfferReply.QUESTION:
            return _ask(store, offering, offer, event, clock)
        case OfferReply.SEATS:
            return _count(store, offer, event, moments)
        case _ if event.reply in _PROGRESS:
            said = Report(_PROGRESS[event.reply])
            return _tell(store, offering, offer, said, clock)
        case _:
            raise unknown("offer")  # of a later release


async def _decline(
    store: Store, offering: Offering, offer: Offer, event: OfferReplied, clock: Clock
) -> None:
    """Say no, with the reason where the text names one."""
    no = answers.No(await reason_of(store, event.reason))
    await offers.decline(store, offering.id, offer.id, no, clock)


async def _ask(
    store: Store, offering: Offering, offer: Offer, event: OfferReplied, clock: Clock
) -> None:
    """Ask for what the text wants to know; its words stay with notify."""
    needs = await DistrictCopy(store).needs()
    await questions.ask(store, (offering, offer), questions.Asked(event.topics), needs, clock)


async def _tell(store: Store, offering: Offering, offer: Offer, said: Report, clock: Clock) -> None:
    """Tell how it goes, in the codes that the agency may return."""
    needs = await DistrictCopy(store).needs()
    coded = await attendance.in_codes(store, offering, offer, said, needs)
    await offers.report_progress(store, offering.id, offer.id, coded, clock)


async def _count(store: Store, offer: Offer, event: OfferReplied, moments: Moments) -> None:
    """Take a figure of seats as of when the text came in."""
    service = await store.get(Service, offer.service)
    if service is None or service.agency != offer.agency or event.seats is None:
        raise unknown("offer")
    figure = capacities.Figure(
        available=event.seats, as_of=event.at, fingerprint=f"text:{event.offer}:{event.at}"
    )
    needs = await DistrictCopy(store).needs()
    await capacities.report(store, service, offer.site, figure, moments.now(), needs=needs)


async def _need_link(store: Store, offer: Offer, clock: Clock) -> None:
    """Let nobody answer whose link is worth nothing any more.

    Raises:
        EnlaceError: it was revoked, has expired, its holder has left the agency, or the agency the
            network.
    """
    agency = await store.get(Agency, offer.agency)
    links = [link async for link in store.find(AgencyLink, {"offer": offer.id})]
    live = [link for link in links if not link.revoked and link.expires > clock.now()]
    if agency is None or not agency.answers_by(offer.contact) or not live:
        raise unknown("offer")


async def reason_of(store: Store, reason: DeclineReason | None) -> DeclineReason:
    """Return why not, as a text says it; one that the district has retired counts as not said."""
    if reason is None:
        return DeclineReason.NOT_SAID
    try:
        await DistrictCopy(store).need_reason(reason)
    except EnlaceError:
        return DeclineReason.NOT_SAID
    return reason
