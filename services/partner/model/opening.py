"""Opening a round: who can be asked, and why somebody cannot. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from contracts.categories import Category
from contracts.codes import DeclineReason, Urgency
from contracts.offerings import Offer as TellOffer
from contracts.offerings import OfferDeclined, OfferingOpened, WithdrawalReason
from contracts.referrals import Bands, Candidate, Waits
from services.partner.model.agency import Agency, Contact
from services.partner.model.agreement import Agreement
from services.partner.model.board import Board
from services.partner.model.offering import Offer, Offering, OfferState
from services.partner.model.seats import Moment, withdraw
from services.partner.model.service import Service

_PRIORITY = {Urgency.CRISIS: 0, Urgency.URGENT: 1, Urgency.SOON: 2}
_LEAST = 3
_PROMPT = timedelta(minutes=5)
"""Asked within this time of when it was meant, a round keeps the hour that the school chose."""

NOTHING_KNOWN = Waits()


def priority_of(urgency: Urgency) -> int:
    """Return the class in which a referral waits; 0 goes first."""
    return _PRIORITY.get(urgency, _LEAST)


def in_full(answer_by: datetime, meant: datetime, now: datetime) -> datetime:
    """Return until when agencies may answer who are asked now.

    Asked late, since everything was down, they have as long as was meant: what nobody could see is
    no silence of theirs.

    Args:
        answer_by: until when they were to answer.
        meant: when they were to be asked.
        now: when they are.
    """
    return answer_by if now - meant <= _PROMPT else now + (answer_by - meant)


@dataclass(frozen=True, slots=True)
class Round:
    """A round as referral asks for it, or a later wave of it.

    Attributes:
        meant: when it was to be asked.
    """

    referral: str
    round: int
    site: str
    category: Category
    bands: Bands
    priority: int
    candidates: tuple[Candidate, ...]
    answer_by: datetime
    meant: datetime
    waits: Waits = NOTHING_KNOWN
    batch: str | None = None
    wave: int = 1


@dataclass(frozen=True, slots=True)
class Asked:
    """A candidate, and what is known of it here."""

    candidate: Candidate
    service: Service | None
    agency: Agency | None
    agreements: Sequence[Agreement]

    def obstacle(self, site: str, now: datetime) -> DeclineReason | None:
        """Return why no offer can go to it; None lets it go."""
        service, agency = self.service, self.agency
        if service is None or service.retired or service.agency != self.candidate.agency:
            return DeclineReason.SERVICE_NOT_PROVIDED
        if agency is None or agency.retired:
            return DeclineReason.OTHER
        if agency.answers is None and not self.candidate.by_phone:
            return DeclineReason.OTHER
        if not any(each.covers(site, now, service.id) for each in self.agreements):
            return DeclineReason.OTHER
        if not service.serves(site):
            return DeclineReason.OUT_OF_AREA
        return None

    @property
    def contact(self) -> Contact | None:
        """Whom the offer goes to."""
        return self.agency.answers if self.agency else None


def open_round(board: Board, wish: Round, asked: Sequence[Asked], at: Moment) -> tuple[Offer, ...]:
    """Open a round, in place of an older one; returns the offers that go out.

    A candidate that no offer can go to is declined at once, with its reason.
    """
    known = board.offering(wish.referral)
    if known is not None and known.round >= wish.round:
        return ()
    wish = replace(wish, answer_by=in_full(wish.answer_by, wish.meant, at.now))
    if known is None:
        offering = Offering(
            id=wish.referral,
            site=wish.site,
            category=wish.category,
            bands=wish.bands,
            round=wish.round,
            priority=wish.priority,
            tier=wish.waits.tier,
            answer_by=wish.answer_by,
        )
    else:
        older = withdraw(board, known, known.pending, WithdrawalReason.OTHER)
        offering = older.having(
            site=wish.site,
            bands=wish.bands,
            round=wish.round,
            priority=wish.priority,
            tier=wish.waits.tier,
            answer_by=wish.answer_by,
            expired=False,
            wave=1,
        ).planning()
    return ask(board, offering, wish, asked, at)


def ask(
    board: Board, offering: Offering, wish: Round, asked: Sequence[Asked], at: Moment
) -> tuple[Offer, ...]:
    """Ask these beside whoever is asked already; returns the offers that go out."""
    offers = tuple(_offer(wish, each, at) for each in asked)
    after = offering.with_new(offers=offers).hurried(at.now)
    board.put(after)
    going = tuple(offer for offer in offers if offer.state is OfferState.OPEN)
    if going:
        board.tell(_opened(wish, going))
    refused = [offer for offer in offers if offer.state is OfferState.DECLINED]
    for offer in refused:
        board.tell(
            OfferDeclined(
                referral=wish.referral,
                round=wish.round,
                offer=offer.id,
                agency=offer.agency,
                reason=offer.reason or DeclineReason.OTHER,
                last=after.over and offer is refused[-1],
                wave=after.wave,
            )
        )
    return going


def _offer(wish: Round, asked: Asked, at: Moment) -> Offer:
    obstacle = asked.obstacle(wish.site, at.now)
    contact = asked.contact
    # Of many that were made at once the agency hears in one message: it has a time of its own.
    # Nor does a message go to whom somebody calls.
    by_phone = asked.candidate.by_phone
    reminded = obstacle is None and wish.batch is None and not by_phone
    return Offer(
        id=at.new_id(),
        round=wish.round,
        service=asked.candidate.service,
        agency=asked.candidate.agency,
        site=wish.site,
        contact=contact.id if contact else "",
        sibling=asked.candidate.service in wish.waits.siblings,
        nonce=at.new_id(),
        state=OfferState.OPEN if obstacle is None else OfferState.DECLINED,
        reason=obstacle,
        asked_at=at.now if obstacle is None else None,
        answer_by=wish.answer_by,
        wave=wish.wave,
        remind_at=at.now + (wish.answer_by - at.now) / 2 if reminded else None,
        by_phone=by_phone,
    )


def _opened(wish: Round, offers: Sequence[Offer]) -> OfferingOpened:
    return OfferingOpened(
        referral=wish.referral,
        round=wish.round,
        site=wish.site,
        category=wish.category,
        bands=wish.bands,
        offers=tuple(
            TellOffer(
                offer=offer.id,
                service=offer.service,
                agency=offer.agency,
                contact=offer.contact,
                nonce=offer.nonce,
                by_phone=offer.by_phone,
            )
            for offer in offers
        ),
        answer_by=wish.answer_by,
        batch=wish.batch,
        wave=wish.wave,
    )
